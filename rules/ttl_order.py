"""CA501: a one-hour breakpoint stands behind a five-minute one."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import Category, Effort, Example, Finding, Place, Rejection, ReplayView, Rule, RuleMeta, Severity, put_at


class TtlOrder(Rule):
    """A one-hour breakpoint stands behind a five-minute one.

    ## What it finds
    In the provider's order (tools, system prompt, messages) a marker with `"ttl": "1h"` behind one with `5m` or without a
    ttl. The order of the code does not matter: tools always come first.

    ## Why it costs
    The API answers 400 and the request fails.

    ## How to mend it
    Give the earlier markers the longer lifetime as well, or the later ones the shorter.

    ## When it stays quiet
    - Where a lifetime is not known.

    ## Fix safety
    There is no automatic fix: either change may be meant.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA501",
        name="ttl-order",
        summary="a one-hour breakpoint stands behind a five-minute one",
        category=Category.LIFETIME,
        severity=Severity.CRITICAL,
        effort=Effort.LOW,
        providers=("anthropic",),
    )
    bad = (
        Example(
            "Five minutes first, then an hour",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": "Examples. " + HANDBOOK, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "Tools stand first, wherever the code has them",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        messages=[{"role": "user", "content": question}],
        tools=[
            {
                "name": "search",
                "description": "Searches the archive. " + HANDBOOK,
                "input_schema": {"type": "object", "properties": {"query": {"type": "string"}}},
                "cache_control": {"type": "ephemeral"},
            }
        ],
    )
    return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "An hour first, then five minutes",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {"type": "text", "text": "Examples. " + HANDBOOK, "cache_control": {"type": "ephemeral"}},
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "An hour everywhere",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
HOUR = {"type": "ephemeral", "ttl": "1h"}


def answer(question: str, examples: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {"type": "text", "text": HANDBOOK, "cache_control": HOUR},
            {"type": "text", "text": "Examples. " + examples, "cache_control": HOUR},
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        for rejection in view.rejections("ttl-order"):
            yield self.report(
                view,
                message=f"{rejection.message.rstrip('.')}: the API answers 400.",
                recommendation="Give the earlier markers `1h` as well: lifetimes fall along tools, system prompt and messages.",
                subject="ttl order",
                place=_place(view, rejection),
            )
            return


def _place(view: ReplayView, rejection: Rejection) -> Place | None:
    """Where the later marker is put."""
    if rejection.block is None or rejection.marker is None:
        return None
    return put_at(view, rejection.marker, view.replay.requests[rejection.request].blocks[rejection.block])
