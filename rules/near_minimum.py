"""CA202: a marked prefix of which it cannot be told offline whether it reaches the model's minimum."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Category,
    Effort,
    Example,
    Finding,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    Verdict,
    describe,
    minimum_in_words,
)


class NearMinimum(Rule):
    """A marked prefix so near to the model's minimum that it cannot be told offline whether it is cached.

    ## What it finds
    A breakpoint whose prefix counts, as an interval, on both sides of the minimum; or a model that is not known, where the
    possible models differ.

    ## Why it costs
    If the prefix is below the minimum, the marker is silently ignored; a small change of the prompt or of the model decides.

    ## How to mend it
    Count the prefix exactly with the provider's token-counting endpoint, and keep a margin.

    ## When it stays quiet
    - Where another breakpoint of the same request works.
    - In growing conversations.
    - Where a part of the prefix is not known at all.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://platform.claude.com/docs/en/build-with-claude/token-counting
    """

    meta = RuleMeta(
        code="CA202",
        name="near-minimum",
        summary="a marked prefix is near the model's minimum: whether it is cached cannot be told offline",
        category=Category.SIZE,
        severity=Severity.LOW,
        effort=Effort.LOW,
        providers=("anthropic", "gemini"),
    )
    bad = (
        Example(
            "A model that the caller chooses",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 120


def answer(question: str, model: str) -> str:
    response = client.messages.create(
        model=model,
        max_tokens=500,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "A model from the environment",
            """import os

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 120


def answer(question: str) -> str:
    response = client.messages.create(
        model=os.environ["MODEL"],
        max_tokens=500,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "Well above the minimum",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "No marker at all",
            """import anthropic

client = anthropic.Anthropic()


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system="Answer politely.",
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        breakpoints = view.breakpoints()
        if any(bp.verdict in {Verdict.EFFECTIVE, Verdict.UNKNOWN} for bp in breakpoints):
            return
        near = [bp for bp in breakpoints if bp.verdict is Verdict.NEAR_MINIMUM and not bp.marker.unknown and bp.marker.written]
        for bp in near[-1:]:
            block = view.blocks[bp.block]
            if bp.tokens.high is None or (view.growing and block.section is Section.MESSAGES):
                continue
            yield self.report(
                view,
                message=(
                    f"The prefix that ends at the marker on {describe(block)} is {bp.tokens.low:,} to {bp.tokens.high:,} tokens:"
                    f" whether it reaches {minimum_in_words(view.minimum)} cannot be told offline."
                ),
                recommendation="Count the prefix with the provider's token-counting endpoint, and keep a margin.",
                subject=f"marker on {block.label or block.section.value}",
                place=bp.marker.place or block.place,
            )
