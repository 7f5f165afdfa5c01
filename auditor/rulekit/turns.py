"""Two consecutive requests of one conversation, and why the later one is not what the earlier one was.

They come from one call site in one variant, from one call site between two variants (a condition turns out differently), or from
two call sites (a conversation passes from one to the other). Knows requests and their differences. Does not know which of them
are defects.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass, replace

from auditor.cache.outcome import Certainty, Divergence
from auditor.findings import Confidence, Severity
from auditor.llm.request import Block, Kind, Repetition, Request, Section, Switch
from auditor.rulekit.arrivals import counts
from auditor.rulekit.project_views import ProjectView, SiteView
from auditor.rulekit.rule import confidence_of
from auditor.rulekit.views import ReplayView
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.text import Condition

# What comes out otherwise from one request of a conversation to the next. Data and clocks are read anew too, but turn seldom.
_RESTLESS = frozenset({Cause.RANDOM, Cause.SHUFFLE, Cause.UUID, Cause.RESPONSE, Cause.HISTORY, Cause.LOOP})
_FEW = 2  # tests that leave a handful of fixed ways, each of which many requests take


@dataclass(frozen=True, slots=True)
class Turn:
    """A request and the one before it in the same conversation. `changes` are where the two differ.

    `grown`: many turns may lie behind the earlier one. `passes`: the conversation passes from one call site, or one way to it, to
    another.
    """

    view: ReplayView
    number: int
    changes: tuple[Divergence, ...]
    switch: Switch | None = None
    grown: bool = True
    passes: bool = False

    @property
    def before(self) -> Request:
        return self.view.replay.requests[self.number - 1]

    @property
    def after(self) -> Request:
        return self.view.replay.requests[self.number]

    @property
    def elsewhere(self) -> bool:
        """Whether the earlier request is another call's."""
        return self.before.site != self.after.site

    @property
    def anytime(self) -> bool:
        """Whether the change can come with any turn, however long the history has become."""
        requests = self.view.replay.requests
        second = self.number == 1 or not follows(requests[self.number - 2], self.before)
        return self.switch is not None or self.passes or not second

    @property
    def once(self) -> bool:
        """Whether what decides can turn only once in a conversation: when its history passes some length."""
        hole = self.switch.condition.hole if self.switch is not None else None
        return hole is not None and hole.cause is Cause.HISTORY

    def counts(self, change: Divergence) -> bool:
        """Whether the two part at a number that goes up with every request."""
        return counts(self.after, change)

    @property
    def confidence(self) -> Confidence | None:
        """How sure it is that the two differ within one conversation; None where nothing says so."""
        return Confidence.HIGH if self.switch is None else confidence_of_switch(self.switch)


def turns(project: ProjectView) -> Iterator[Turn]:
    """All pairs of the project, those of the call sites first."""
    growing = {site.site for site in project.sites if any(view.growing for view in site.views)}
    for site in project.sites:
        yield from turns_of(site)
    for view in project.handovers:
        for turn in _pairs(view, None):
            yield replace(turn, grown=turn.before.site in growing, passes=True)


def turns_of(site: SiteView) -> Iterator[Turn]:
    """The pairs of one call site. What a condition explains is told of the condition alone."""
    turning = [turn for item in site.switches if not item.switch.held for turn in _pairs(item.view, item.switch)]
    explained = {kind_of(turn, change) for turn in turning for change in turn.changes}
    for view in site.views:
        for turn in _pairs(view, None):
            changes = tuple(change for change in turn.changes if kind_of(turn, change) not in explained)
            if changes:
                yield replace(turn, changes=changes)
    yield from turning


def kind_of(turn: Turn, change: Divergence) -> str:
    """What a change is one of: a parameter by its name, else the section where the two requests part."""
    if change.parameter is not None:
        return change.parameter
    found = [request.blocks[change.block].section for request in (turn.before, turn.after) if change.block < len(request.blocks)]
    return min(found, key=list(Section).index).value if found else Section.MESSAGES.value


def _pairs(view: ReplayView, switch: Switch | None) -> Iterator[Turn]:
    requests = view.replay.requests
    if view.replay.repetition is not Repetition.CONVERSATION or view.request.opaque or view.site.context == "test":
        return
    for number in range(1, len(requests)):
        before, after = requests[number - 1], requests[number]
        if not follows(before, after) or _tried_again(requests, number):
            continue
        changes = tuple(change for change in view.simulation.divergences if change.request == number)
        turn = Turn(view, number, changes, switch)
        if switch is not None:
            turn = replace(turn, changes=tuple(change for change in changes if kind_of(turn, change) in switch.decides))
        if turn.changes:
            yield turn


def keeps_history(view: ReplayView) -> bool:
    """Whether earlier turns can be read from the cache at all: it needs no breakpoints, or one stands behind some of them."""
    return view.simulation.implicit or any(
        request.automatic is not None
        or any(block.marker is not None and block.section is Section.MESSAGES for block in request.blocks)
        for request in view.replay.requests
    )


def gravity(turn: Turn, change: Divergence) -> Severity | None:
    """How bad it is that the later request finds nothing behind the change; None where hardly anything could be there.

    Fixed text counts by its size; a history, which grows, counts where the cache holds it and the change can come late.
    """
    view, lasting = turn.view, keeps_history(turn.view)
    least = view.minimum[0] if view.minimum is not None else 0
    small = view.certainty(change.lost_static) is Certainty.BELOW or change.lost_static.estimate < least
    if not view.cached or (small and not lasting):
        return None
    if turn.passes:
        again = len(view.replay.requests) > 2
        if small and not turn.grown:
            return None
        return Severity.MEDIUM if again or not small else Severity.LOW
    if not turn.anytime:
        return Severity.LOW if small else Severity.MEDIUM
    return Severity.MEDIUM if turn.once else Severity.HIGH


def messages(request: Request) -> tuple[Block, ...]:
    return tuple(block for block in request.blocks if block.section is Section.MESSAGES)


def follows(before: Request, after: Request) -> bool:
    """Whether the later request carries on the earlier one's conversation: it begins alike, and more was added."""
    one, two = messages(before), messages(after)
    if not one or not two or (one[0].role, one[0].kind) != (two[0].role, two[0].kind):
        return False
    if len(two) > len(one) and one[0].text == two[0].text:
        return True
    if one[0].kind is not Kind.STRETCH or two[0].kind is not Kind.STRETCH or one[0].lifetime is not Lifetime.TURN:
        return False
    # Behind tool calls, the next turn's first request is shorter than the last one of the turn before: what is asked differs.
    return [block.text for block in one[:2]] != [block.text for block in two[:2]]


def _tried_again(requests: tuple[Request, ...], number: int) -> bool:
    """Whether the earlier request only repeats what another one had asked before: a fallback or a second try."""
    before = messages(requests[number - 1])
    return any(messages(request) == before for request in requests[: number - 1])


_OF_FORM = re.compile(r"""\[["'](?:role|type)["']\]|\.get\(["'](?:role|type)["']\)|\.(?:role|type)\b|\bisinstance\(""")
"""Whose message it is and of what kind: how a request is put together, which is the same in every turn."""


def confidence_of_switch(switch: Switch) -> Confidence | None:
    """How sure it is that the condition turns within a conversation; None where it is a matter of mode, or not known."""
    if switch.held or _OF_FORM.search(switch.condition.expression):
        return None
    if about_the_message(switch):
        return Confidence.MEDIUM
    condition = switch.condition
    if condition.hole is None:
        # No open value takes part, and yet it was another test in a later turn: what it looks at has changed since.
        return {Lifetime.TURN: Confidence.MEDIUM, Lifetime.UNKNOWN: Confidence.LOW}.get(condition.lifetime)
    if condition.hole.reason is not None or condition.lifetime not in (Lifetime.CALL, Lifetime.TURN):
        return None
    if condition.hole.cause in _RESTLESS:
        return confidence_of(condition.hole.evidence)
    # Something that comes with each request chooses among fixed ways: a mode, which a conversation seldom changes.
    return Confidence.MEDIUM if switch.tests > _FEW else None


def measures(condition: Condition, said: Collection[Hashable]) -> bool:
    """Whether the condition tests how long something of what was said is; `said` are identities of holes."""
    if condition.hole is None:
        return False
    roots = {condition.hole.identity, *condition.hole.roots}
    return not roots.isdisjoint(said) and any(isinstance(root, tuple) and root[:1] == ("len",) for root in roots)


def about_the_message(switch: Switch) -> bool:
    """Whether the condition tests what this request says."""
    own = [
        hole
        for request in switch.replay.requests
        for block in request.blocks
        if block.per_request and block.kind is not Kind.STRETCH
        for hole in block.text.holes()
    ]
    tested = switch.condition.hole
    if tested is not None and not {tested.identity, *tested.roots}.isdisjoint(hole.identity for hole in own):
        return True
    written = [switch.condition.expression, *([tested.expression] if tested is not None else [])]
    names = {hole.expression for hole in own}
    return any(re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text) for name in names for text in written)
