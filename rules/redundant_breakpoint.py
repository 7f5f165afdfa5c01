"""CA304: breakpoints between which nothing can change separately."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from auditor.api import (
    Breakpoint,
    Category,
    Confidence,
    Effort,
    Example,
    Finding,
    Lifetime,
    ProjectView,
    ReplayView,
    Rule,
    RuleMeta,
    Severity,
    Verdict,
    describe,
    put_at,
    shares,
)


class RedundantBreakpoint(Rule):
    """Two breakpoints between which nothing can change separately.

    ## What it finds
    A marker in the tools, the system prompt or a fixed message, followed by another one in the same place of the request with
    the same lifetime, where everything up to the later one is fixed in the source: whoever reads the first entry could read
    the second.

    ## Why it costs
    A request takes four breakpoints. A slot that brings nothing is missing where it would: on the history, or in the middle of
    a long turn. The tokens themselves are paid once, whatever the number of markers.

    ## How to mend it
    Keep the later marker: it covers everything before it.

    ## When it stays quiet
    - Markers on tools and on the system prompt: each may change without the other.
    - Markers with a value of the user, the session or the environment between them.
    - Rolling markers of a conversation.
    - Prefixes that another call of the project sends only up to the first of the two.
    - Requests with more markers than are accepted (CA301).

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA304",
        name="redundant-breakpoint",
        summary="breakpoints between which nothing can change separately",
        category=Category.BREAKPOINTS,
        severity=Severity.LOW,
        effort=Effort.LOW,
        providers=("anthropic",),
    )
    bad = (
        Example(
            "Each part of a fixed system prompt has its own",
            """import anthropic

client = anthropic.Anthropic()
CACHE = {"type": "ephemeral"}
ROLE = "You answer the questions of people who rent out holiday homes. " * 200
RULES = "Never promise a refund before the host has agreed to it. " * 200


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {"type": "text", "text": ROLE, "cache_control": CACHE},
            {"type": "text", "text": RULES, "cache_control": CACHE},
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "Every tool of a fixed list is marked",
            """import anthropic


def tool(name: str, description: str) -> dict:
    schema = {"type": "object", "properties": {"query": {"type": "string"}}}
    return {"name": name, "description": description, "input_schema": schema, "cache_control": {"type": "ephemeral"}}


class Desk:
    TOOLS = [
        tool("find_booking", "Finds a booking by its number or by the guest's name. " * 150),
        tool("refund", "Sends money back to the guest, at most what was paid. " * 150),
    ]

    def __init__(self) -> None:
        self.client = anthropic.Anthropic()

    def ask(self, text: str):
        return self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=800, tools=self.TOOLS, messages=[{"role": "user", "content": text}]
        )
""",
        ),
        Example(
            "Examples that are fixed, marked one by one",
            """import anthropic

client = anthropic.AsyncAnthropic()
PAIRS = [("The heating is off. " * 300, "urgent"), ("Where is the key? " * 300, "soon")]


def shots() -> list[dict]:
    messages = []
    for text, label in PAIRS:
        block = {"type": "text", "text": text, "cache_control": {"type": "ephemeral", "ttl": "1h"}}
        messages.append({"role": "user", "content": [block]})
        messages.append({"role": "assistant", "content": label})
    return messages


async def classify(text: str) -> str:
    response = await client.messages.create(
        model="claude-sonnet-4-5", max_tokens=5, messages=[*shots(), {"role": "user", "content": text}]
    )
    return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "One on the tools, one on the system prompt",
            """import anthropic

client = anthropic.Anthropic()
CACHE = {"type": "ephemeral"}
TOOLS = [
    {
        "name": "find_booking",
        "description": "Finds a booking by its number or by the guest's name. " * 150,
        "input_schema": {"type": "object", "properties": {"query": {"type": "string"}}},
        "cache_control": CACHE,
    }
]
RULES = "Never promise a refund before the host has agreed to it. " * 200


def answer(question: str):
    return client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=TOOLS,
        system=[{"type": "text", "text": RULES, "cache_control": CACHE}],
        messages=[{"role": "user", "content": question}],
    )
""",
        ),
        Example(
            "What all users share, and what one user's session adds",
            """import anthropic

CACHE = {"type": "ephemeral"}
RULES = "Never promise a refund before the host has agreed to it. " * 200


class Session:
    def __init__(self, profile: str) -> None:
        self.client = anthropic.Anthropic()
        self.system = [
            {"type": "text", "text": RULES, "cache_control": CACHE},
            {"type": "text", "text": "About the guest: " + profile, "cache_control": CACHE},
        ]

    def ask(self, question: str) -> str:
        response = self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=500, system=self.system, messages=[{"role": "user", "content": question}]
        )
        return response.content[0].text
""",
        ),
        Example(
            "The first lives an hour, the second five minutes",
            """import anthropic

client = anthropic.Anthropic()
ROLE = "You answer the questions of people who rent out holiday homes. " * 200
NEWS = "This week the cleaning costs five euros less in every home. " * 200


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {"type": "text", "text": ROLE, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {"type": "text", "text": NEWS, "cache_control": {"type": "ephemeral"}},
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        views = [view for site in project.sites for view in site.views]
        for site in project.sites:
            for view in site.views:
                refused = any(view.rejections("too-many-breakpoints"))  # CA301 and CA307 say more
                pair = None if refused or site.site.context == "test" else self._pair(view)
                if pair is not None and not any(_stops_between(view, *pair, other) for other in views):
                    yield self._finding(view, *pair)

    @staticmethod
    def _pair(view: ReplayView) -> tuple[Breakpoint, Breakpoint] | None:
        """Two neighbouring breakpoints in fixed content of one section."""
        working = {Verdict.EFFECTIVE, Verdict.UNKNOWN}
        points = [bp for bp in view.breakpoints() if bp.verdict in working and bp.marker.written and not bp.marker.unknown]
        for first, second in pairwise(points):
            blocks = view.blocks[: second.block + 1]
            same = view.blocks[first.block].section is blocks[-1].section and first.marker.ttl == second.marker.ttl
            if same and all(block.lifetime is Lifetime.CONSTANT and not block.per_request for block in blocks):
                return first, second
        return None

    def _finding(self, view: ReplayView, first: Breakpoint, second: Breakpoint) -> Finding:
        return self.report(
            view,
            message=(
                f"Nothing between the markers on {describe(view.blocks[first.block])} and on"
                f" {describe(view.blocks[second.block])} can change by itself: the first one takes a slot and brings nothing."
            ),
            recommendation=f"Keep the marker on {describe(view.blocks[second.block])}: it covers everything before it.",
            subject=f"redundant marker on {view.blocks[first.block].label or view.blocks[first.block].section.value}",
            confidence=Confidence.HIGH,
            place=put_at(view, first.marker, view.blocks[first.block]),
        )


def _stops_between(view: ReplayView, first: Breakpoint, second: Breakpoint, other: ReplayView) -> bool:
    """Whether another request shares the prefix up to the first breakpoint, and not up to the second."""
    return shares(view, first.block, other) and not shares(view, second.block, other)
