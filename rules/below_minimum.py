"""CA201: a marker whose whole prefix is certainly below the model's minimum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from auditor.api import (
    Breakpoint,
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


class BelowMinimum(Rule):
    """A cache marker whose whole prefix is certainly shorter than the model's minimum.

    ## What it finds
    A breakpoint for which tools, system prompt and messages up to it count fewer tokens than the model caches, in every variant
    of the call and for every model that it may be sent to; or for one caller of a helper, whose model asks for more than the
    others' models do. A marker in front of one that works, or that will once the conversation has grown, is told of at low
    severity: it loses nothing.

    ## Why it costs
    The provider ignores the marker without an error: nothing is written and nothing is read, although the code looks cached.

    ## How to mend it
    Remove the marker; or mark a later block, so that more stable text counts; or use a model with a smaller minimum; or add
    stable content that the task profits from anyway, such as examples.

    ## When it stays quiet
    - Where the count straddles the minimum (CA202 says so).
    - Where the marker moves with a growing conversation.
    - Where another variant of the call reaches the minimum, unless the choice of the model decides: one caller asks for a
      model with a larger minimum, and the helper's other models would cache the same prompt. A function that nothing in the
      program calls, with a prompt that only its callers would know, is no such variant.

    ## Fix safety
    There is no automatic fix: whether to remove or to extend is a decision.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA201",
        name="below-minimum",
        summary="a marked prefix is certainly below the model's minimum and silently ignored",
        category=Category.SIZE,
        severity=Severity.HIGH,
        effort=Effort.LOW,
        providers=("anthropic", "gemini"),
    )
    bad = (
        Example(
            "A one-line system prompt with a marker",
            """import anthropic

client = anthropic.Anthropic()


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {
                "type": "text",
                "text": "You are a polite assistant. Answer in one sentence.",
                "cache_control": {"type": "ephemeral"},
            }
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "Enough for Sonnet, too short for Haiku",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 120


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-haiku-4-5",
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
            "A long system prompt with a marker",
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
            "A short system prompt without a marker",
            """import anthropic

client = anthropic.Anthropic()


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system="You are a polite assistant. Answer in one sentence.",
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        # A marker that works in one variant is worth having, whatever the others send.
        working = {bp.marker.place for view in site.views for bp in view.breakpoints() if bp.verdict is not Verdict.BELOW_MINIMUM}
        below = {
            view: [bp for bp in view.breakpoints() if self._below(view, bp) and bp.marker.place not in working]
            for view in site.views
        }
        # So is one behind it: what caches is that one, as soon as enough stands before it.
        backed = {bp.marker.place for view, found in below.items() for bp in found if self._later(view, bp)}
        # One statement may mark many blocks: it is told of once, by the marker that comes closest.
        told: dict[object, tuple[bool, int, ReplayView, Breakpoint]] = {}
        for view, found in below.items():
            for number, bp in enumerate(found):
                grave = bp is found[-1] and bp.marker.place not in backed
                key = bp.marker.place or (view, number)
                if key not in told or told[key][:2] < (grave, bp.tokens.estimate):
                    told[key] = (grave, bp.tokens.estimate, view, bp)
        for grave, _, view, bp in told.values():
            yield self._finding(view, bp, Severity.HIGH if grave else Severity.LOW)
        yield from self._by_model(site)

    def _by_model(self, site: SiteView) -> Iterator[Finding]:
        """Callers of one helper whose prompt is too short for the model that they ask for, and not for the others' model."""
        minimums = {view.minimum for view in site.views if view.minimum is not None}
        told: set[Place | None] = set()
        for views in site.by_caller if len(site.by_caller) > 1 and len(minimums) > 1 else ():
            found = [(view, bp) for view in views for bp in view.breakpoints()[-1:]]
            if not found or not all(self._below(view, bp) and bp.marker.written for view, bp in found):
                continue
            view, bp = max(found, key=lambda one: one[1].tokens.estimate)
            enough = any(high < bp.tokens.low for _, high in minimums)
            elsewhere = [other for other in site.views if other not in views]
            others = {one.marker.place for other in elsewhere for one in other.breakpoints() if not self._below(other, one)}
            if enough and bp.marker.place in others - told:
                told.add(bp.marker.place)
                yield self._finding(view, bp, Severity.HIGH, _caller(view, elsewhere))

    @staticmethod
    def _below(view: ReplayView, bp: Breakpoint) -> bool:
        if bp.verdict is not Verdict.BELOW_MINIMUM or bp.marker.unknown:
            return False
        # What a growing conversation adds in front of a marker in its messages is not counted in the first request.
        return not (view.growing and view.blocks[bp.block].section is Section.MESSAGES)

    def _later(self, view: ReplayView, bp: Breakpoint) -> bool:
        """Whether a marker behind it is not below the minimum, or stands in a conversation that grows."""
        if view.concealed is not None and view.concealed > bp.block:
            return True
        return any(other.block > bp.block and not self._below(view, other) for other in view.breakpoints())

    def _finding(self, view: ReplayView, bp: Breakpoint, severity: Severity, caller: str = "") -> Finding:
        block = view.blocks[bp.block]
        model = f" of {view.request.model.render()}" if view.request.model is not None else ""
        who = f", in requests {caller}," if caller else ""
        rest = ": the marker is ignored" + (", and would not be with another model that this call is given." if caller else ".")
        return self.report(
            view,
            message=(
                f"The prefix that ends at the marker on {describe(block)}{who} is {tokens_in_words(bp.tokens)}, below"
                f" {minimum_in_words(view.minimum)}{model}{rest}"
            ),
            recommendation=(
                "Use the other model for these requests, or let more stable content stand before the marker."
                if caller
                else "Remove the marker, or let more stable content stand before it."
            ),
            subject=f"marker on {block.label or block.section.value}",
            severity=severity,
            place=put_at(view, bp.marker, block) or block.place,
        )


def _caller(view: ReplayView, others: Iterable[ReplayView]) -> str:
    """Who asks for a view's requests and not for the others': the call nearest to the one that sends, else the entry."""
    elsewhere = {place for other in others for place in other.replay.way}
    own = [place for place in view.replay.way if place not in elsewhere]
    return f"from {own[-1].path}:{own[-1].line}" if own else view.replay.variant.split(";", 1)[0]
