"""CA202: a marked prefix of which it cannot be told offline whether it reaches the model's minimum."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Breakpoint,
    Category,
    Effort,
    Example,
    Finding,
    Hole,
    Literal,
    Place,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    Text,
    Verdict,
    describe,
    minimum_in_words,
    put_at,
    tokens_in_words,
)

_OPEN = frozenset({Verdict.NEAR_MINIMUM, Verdict.NEVER_READ})
MOSTLY_KNOWN = 3
"""The share of the minimum that the fixed text has to bring: with less, the values are what the prefix is made of."""


class NearMinimum(Rule):
    """A marked prefix so near to the model's minimum that it cannot be told offline whether it is cached.

    ## What it finds
    A breakpoint whose prefix counts, as an interval, on both sides of the minimum; a model that is not known, where the possible
    models differ; several models that the code chooses from, of which some cache the prefix and others ignore the marker; fixed
    text that is too short by itself, where values of unknown length (a name, a count, a list) stand in its lines; a prompt that
    is too short as the code has it, where something unknown (a setting) may stand in its place or follow it.

    ## Why it costs
    If the prefix is below the minimum, the marker is silently ignored; a small change of the prompt or of the model decides.

    ## How to mend it
    Count the prefix exactly with the provider's token-counting endpoint, and keep a margin.

    ## When it stays quiet
    - Where another breakpoint of the same request works.
    - In growing conversations.
    - Where a part of the prefix is not known at all, whatever way the code takes, or is a text of its own (a document, a file).

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

        if not told:
            yield from self._without_the_unknown(site)

    def _without_the_unknown(self, site: SiteView) -> Iterator[Finding]:
        """A marker that is ignored with what the code itself brings, and of whose other prefixes a part is not known at all."""
        last = [
            (view, bp) for view in site.views for bp in view.breakpoints()[-1:] if bp.marker.written and not bp.marker.unknown
        ]
        for key in dict.fromkeys((bp.marker.place, view.replay.entry, view.replay.way) for view, bp in last):
            own = [(view, bp) for view, bp in last if (bp.marker.place, view.replay.entry, view.replay.way) == key]
            below = [(view, bp) for view, bp in own if bp.verdict is Verdict.BELOW_MINIMUM]
            others = [(view, bp) for view, bp in own if bp.verdict is not Verdict.BELOW_MINIMUM]
            if not below or not others or any(view.growing or _unknown(view, bp) is None for view, bp in others):
                continue
            view, bp = max(below, key=lambda one: one[1].tokens.estimate)
            missing = next(hole for hole in (_unknown(*one) for one in others) if hole is not None)
            marked = describe(view.blocks[bp.block])
            yield self.report(
                view,
                message=(
                    f"The prefix that ends at the marker on {marked} is {tokens_in_words(bp.tokens)} without"
                    f" `{missing.expression}`, of which nothing is known: whether it ever reaches"
                    f" {minimum_in_words(view.minimum)} cannot be told offline."
                ),
                recommendation="Count the prefix with the provider's token-counting endpoint, and keep a margin.",
                subject=f"marker on {view.blocks[bp.block].label or view.blocks[bp.block].section.value}",
                place=put_at(view, bp.marker, view.blocks[bp.block]) or view.blocks[bp.block].place,
            )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        breakpoints = view.breakpoints()
        if any(bp.verdict in {Verdict.EFFECTIVE, Verdict.UNKNOWN} for bp in breakpoints):
            return
        written = [bp for bp in breakpoints if not bp.marker.unknown and bp.marker.written]
        near = [(bp, told) for bp in written if (told := _interval(bp) or _with_values(view, bp)) is not None]
        for bp, told in near[-1:]:
            block = view.blocks[bp.block]
            if view.growing and block.section is Section.MESSAGES:
                continue
            yield self.report(
                view,
                message=(
                    f"The prefix that ends at the marker on {describe(block)} {told}: whether it reaches"
                    f" {minimum_in_words(view.minimum)} cannot be told offline."
                ),
                recommendation="Count the prefix with the provider's token-counting endpoint, and keep a margin.",
                subject=f"marker on {block.label or block.section.value}",
                place=put_at(view, bp.marker, block) or block.place,
            )


def _interval(bp: Breakpoint) -> str | None:
    if bp.verdict is not Verdict.NEAR_MINIMUM or bp.tokens.high is None:
        return None
    return f"is {bp.tokens.low:,} to {bp.tokens.high:,} tokens"


def _unknown(view: ReplayView, bp: Breakpoint) -> Hole | None:
    """The first part of a prefix of which nothing is known, where that decides whether it is long enough."""
    if bp.verdict is not Verdict.NEAR_MINIMUM:
        return None
    return next((hole for block in view.blocks[: bp.block + 1] for hole in block.text.holes() if hole.reason is not None), None)


def _with_values(view: ReplayView, bp: Breakpoint) -> str | None:
    """What is known of a prefix that is too short but for values in its lines, whose length only the running program knows."""
    texts = [block.text for block in view.blocks[: bp.block + 1]]
    values = dict.fromkeys(f"`{hole.expression}`" for text in texts for hole in text.holes())
    known = bp.tokens.low
    if bp.verdict not in _OPEN or view.minimum is None or not view.minimum[0] / MOSTLY_KNOWN <= known < view.minimum[0]:
        return None
    if not values or not all(_in_its_lines(text) for text in texts):
        return None
    first = next(iter(values))
    more = f" and {len(values) - 1} more" if len(values) > 1 else ""
    return f"is {known:,} tokens, and {first}{more} of unknown length"


def _in_its_lines(text: Text) -> bool:
    """Whether each value of a text is known for what it is, and stands in a line with fixed text."""
    pieces = text.pieces
    for at, piece in enumerate(pieces):
        if isinstance(piece, Literal):
            continue
        before = pieces[at - 1] if at else None
        after = pieces[at + 1] if at + 1 < len(pieces) else None
        line = before.text.rpartition("\n")[2] if isinstance(before, Literal) else ""
        rest = after.text.partition("\n")[0] if isinstance(after, Literal) else ""
        if not isinstance(piece, Hole) or piece.reason is not None or not (line + rest).strip():
            return False
    return True


def _model(view: ReplayView) -> str | None:
    return view.request.model.known if view.request.model is not None else None
