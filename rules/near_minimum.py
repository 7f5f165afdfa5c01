"""CA202: a marked prefix of which it cannot be told offline whether it reaches the model's minimum."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Category,
    Effort,
    Example,
    Finding,
    Place,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    Verdict,
    describe,
    minimum_in_words,
    put_at,
    tokens_in_words,
)


class NearMinimum(Rule):
    """A marked prefix so near to the model's minimum that it cannot be told offline whether it is cached.

    ## What it finds
    A breakpoint whose prefix counts, as an interval, on both sides of the minimum; a model that is not known, where the possible
    models differ; several models that the code chooses from, of which some cache the prefix and others ignore the marker.

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

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        yield from super().check_site(site)
        # The same marker under several models: one of them caches what another ignores.
        found = [(view, bp) for view in site.views for bp in view.breakpoints()[-1:] if bp.marker.written and bp.marker.place]
        above = {bp.marker.place: view for view, bp in found if bp.verdict in {Verdict.EFFECTIVE, Verdict.NEVER_READ}}
        told: set[Place | None] = set()
        for view, bp in found:
            other = above.get(bp.marker.place)
            if bp.verdict is not Verdict.BELOW_MINIMUM or other is None or bp.marker.place in told or view.growing:
                continue
            if (
                (other.replay.entry, other.replay.way) != (view.replay.entry, view.replay.way)
                or bp.marker.unknown
                or _model(view) is None
                or _model(other) is None
                or other.minimum == view.minimum
            ):
                continue
            told.add(bp.marker.place)
            yield self.report(
                view,
                message=(
                    f"The prefix that ends at the marker on {describe(view.blocks[bp.block])} is cached by {_model(other)}, and"
                    f" by {_model(view)} it is not: {tokens_in_words(bp.tokens)} are below {minimum_in_words(view.minimum)}."
                ),
                recommendation="Let more stable content stand before the marker, or send these requests to the other model.",
                subject=f"marker on {view.blocks[bp.block].label or view.blocks[bp.block].section.value} by model",
                place=bp.marker.place,
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
                place=put_at(view, bp.marker, block) or block.place,
            )


def _model(view: ReplayView) -> str | None:
    return view.request.model.known if view.request.model is not None else None
