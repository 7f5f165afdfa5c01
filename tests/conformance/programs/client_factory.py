# requests: 2
"""Clients come from a cached factory, askers from a closure."""

from functools import lru_cache

import anthropic


@lru_cache(maxsize=None)
def get_client(retries: int = 2) -> anthropic.Anthropic:
    return anthropic.Anthropic(max_retries=retries)


def make_asker(role: str, model: str = "claude-sonnet-5-5"):
    system = [{"type": "text", "text": f"You are {role}.", "cache_control": {"type": "ephemeral"}}]

    def ask(question: str) -> str:
        response = get_client().messages.create(
            model=model,
            max_tokens=200,
            system=system,
            messages=[{"role": "user", "content": question}],
        )
        return response.content[0].text

    return ask


gardener = make_asker("an experienced gardener")
print(gardener("When do I prune roses?"))
print(gardener("And lavender?"))
