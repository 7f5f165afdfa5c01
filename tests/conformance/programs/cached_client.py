# requests: 2
"""One client per process, made when first needed."""

from functools import cache, lru_cache

import anthropic


@lru_cache(maxsize=1)
def get_client() -> anthropic.Anthropic:
    return anthropic.Anthropic(max_retries=1)


@cache
def system_prompt(audience: str) -> str:
    lines = ["You explain physics.", f"Your readers are {audience}."]
    return "\n".join(lines)


def explain(term: str) -> str:
    response = get_client().messages.create(
        model="claude-sonnet-5-5",
        max_tokens=300,
        system=[{"type": "text", "text": system_prompt("children"), "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        messages=[{"role": "user", "content": term}],
    )
    return response.content[0].text


explain("gravity")
explain("heat")
