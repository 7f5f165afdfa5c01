"""CA402: the order or the content of the tool list differs between requests or processes."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    ORDER_CAUSES,
    Category,
    Cause,
    Certainty,
    Effort,
    Example,
    Finding,
    Lifetime,
    Repetition,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    Spot,
    confidence_of,
    tokens_in_words,
)

_WORDS = {
    Cause.SET_ORDER: "the order of a set, which differs from process to process",
    Cause.LISTING_ORDER: "the order of a directory listing, which is not fixed",
    Cause.KEY_ORDER: "the order of keys that the source does not fix",
    Cause.IDENTITY: "identities or hashes, which differ from process to process",
    Cause.CONCURRENCY: "the order of completion",
    Cause.SHUFFLE: "a random order",
}


class UnstableTools(Rule):
    """The order or content of the tool list differs between requests or processes.

    ## What it finds
    Tools gathered from a set, a directory listing or concurrent calls, shuffled tools, and definitions whose own bytes have
    no fixed order.

    ## Why it costs
    Tools stand first in the prefix. When two of them change places, tools, system prompt and the whole conversation are
    processed at full price.

    ## How to mend it
    Sort the list by name once, where it is put together, and serialise schemas with sorted keys.

    ## When it stays quiet
    - Fixed lists in any order, and sorted ones.
    - Prefixes that are below the model's minimum as a whole.

    ## Fix safety
    There is no automatic fix yet; sorting by name is nearly always safe.

    ## Sources
    https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-use-with-prompt-caching
    """

    meta = RuleMeta(
        code="CA402",
        name="unstable-tools",
        summary="the order or content of the tool list differs between requests or processes",
        category=Category.TOOLS,
        severity=Severity.HIGH,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "Tools from a set",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
ENABLED = {"archive", "lookup", "search"}


def answer(question: str) -> str:
    tools = [
        {"name": name, "description": f"Runs {name}.", "input_schema": {"type": "object", "properties": {}}}
        for name in ENABLED
    ]
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=tools,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "Shuffled tools",
            """import random

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
EMPTY = {"type": "object", "properties": {}}
TOOLS = [
    {"name": "archive", "description": "Archives.", "input_schema": EMPTY},
    {"name": "lookup", "description": "Looks up.", "input_schema": EMPTY},
    {"name": "search", "description": "Searches.", "input_schema": EMPTY},
]


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=random.sample(TOOLS, k=len(TOOLS)),
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "The set is sorted first",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
ENABLED = {"archive", "lookup", "search"}


def answer(question: str) -> str:
    tools = [
        {"name": name, "description": f"Runs {name}.", "input_schema": {"type": "object", "properties": {}}}
        for name in sorted(ENABLED)
    ]
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=tools,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "A dict keeps the order of the source",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
DESCRIPTIONS = {"archive": "Archives.", "lookup": "Looks up.", "search": "Searches."}


def answer(question: str) -> str:
    tools = [
        {"name": name, "description": text, "input_schema": {"type": "object", "properties": {}}}
        for name, text in DESCRIPTIONS.items()
    ]
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=tools,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        if view.replay.repetition is Repetition.ONCE and not view.intended:
            return
        for spot in view.spots:
            hole = spot.hole
            if spot.block.section is not Section.TOOLS or hole.cause not in ORDER_CAUSES or hole.reason is not None:
                continue
            yield from self._finding(view, spot)

    def _finding(self, view: ReplayView, spot: Spot) -> Iterator[Finding]:
        reach = view.certainty(view.mended)
        if reach is Certainty.BELOW and not view.growing:
            return
        history = " and the whole history" if view.growing else ""
        each = spot.hole.lifetime is Lifetime.CALL  # other orders stay for as long as the process lives
        yield self.report(
            view,
            message=(
                f"The tools depend on {_WORDS[spot.hole.cause]} (`{spot.expression}`). They stand first in the prefix:"
                f" {tokens_in_words(view.mended)}{history} behind them are lost whenever it differs."
            ),
            recommendation="Sort the tools by name where the list is put together.",
            subject=spot.expression,
            severity=Severity.HIGH if reach is Certainty.ABOVE or view.growing else Severity.MEDIUM,
            confidence=confidence_of(spot.hole.evidence),
            place=spot.place,
            trace=spot.trace,
            saving=view.saving(view.mended, view.intended) if each and reach is Certainty.ABOVE else None,
        )
