"""What a short-lived value costs: the stable tokens that it keeps from being served, and how grave that is.

Knows replays and their markers. Does not know why the value is short-lived; each rule decides whether that is its business.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.cache.outcome import UNTOLD_MINIMUM, Certainty, TokenCount
from auditor.findings import Severity
from auditor.llm.request import Repetition, Section
from auditor.rulekit.losses import scaled
from auditor.rulekit.spots import Spot
from auditor.rulekit.views import ReplayView
from auditor.rulekit.windows import little
from auditor.rulekit.wording import minimum_in_words, tokens_in_words
from auditor.values.lifetime import Cause, Lifetime

# Values that no reader of the code would call content: they are in the prompt by habit.
INCIDENTAL = frozenset({Cause.CLOCK, Cause.UUID, Cause.RANDOM})
# Fewer stable tokens than this behind a value are not worth a reviewer's time, unless a marker or a history stands there.
_NEGLIGIBLE = 100
# Requests that follow one another in one run of the code: a value that is read before the run is fixed for all of them.
_RUNS = frozenset({Repetition.CONVERSATION, Repetition.LOOP})


@dataclass(frozen=True, slots=True)
class Impact:
    """`lost` counts known text that the value keeps from being served (a history comes on top where `growing`).

    `reach` says where the whole mended prefix stands against the minimum, `hit` where the lost text does. `across` is set where
    the value is fixed within one conversation or one run of a loop, so that only the next one loses. `marked`: a breakpoint
    stands at or behind it.
    """

    lost: TokenCount
    reach: Certainty
    hit: Certainty
    growing: bool
    across: bool
    marked: bool


def impact(view: ReplayView, spot: Spot, slow: bool = False) -> Impact | None:
    """What the value at the spot costs; None where it costs nothing worth saying.

    `slow` values change while a conversation runs, now and then (a date), although the replayed requests repeat them.
    """
    if spot.block.per_request or spot.block.deferred:
        return None
    last = _last_marker(view)
    marked = last >= spot.index
    if last >= 0 and not marked:
        return None  # volatile text behind the last breakpoint is where it belongs
    if not marked and view.replay.repetition is Repetition.ONCE:
        return None
    if not marked and view.minimum is None and not view.simulation.implicit:
        return None  # nothing is cached here, or nothing is known of this provider's cache
    short = spot.hole.lifetime is Lifetime.CALL and view.replay.repetition is Repetition.HANDLER
    if short and not slow and view.fixed(spot):
        return None  # made once, when the program or the object was set up or first asked: every request has the same
    across = not slow and view.replay.repetition in _RUNS and view.fixed_in_run(spot)
    growing = view.growing and not across and (not marked or _in_messages(view, last))
    since = view.last_marker_before(spot.index) + 1
    lost = view.literal_between(since, last + 1) if marked else view.behind(spot)
    if (across or not marked) and not growing and lost.estimate < _NEGLIGIBLE:
        return None  # what each conversation or run writes for itself is its own value, hardly any text of all of them
    if marked and since and not growing and not lost.estimate and not _kept(view, since, last):
        return None  # what stays the same has a breakpoint of its own, and this one holds nothing of it
    reach = view.certainty(view.mended)
    if not marked and reach is Certainty.BELOW and not growing and spot.hole.cause not in INCIDENTAL:
        return None
    return Impact(lost, reach, view.certainty(lost), growing, across, marked)


def _kept(view: ReplayView, since: int, last: int) -> bool:
    """Whether a value in those blocks stays the same, or may: text of a length that only the running program knows."""
    held = (spot for spot in view.spots if since <= spot.index <= last)
    return any(view.stable(spot) or spot.hole.reason is not None or spot.hole.lifetime is Lifetime.UNKNOWN for spot in held)


def _last_marker(view: ReplayView) -> int:
    """The farthest breakpoint of any request of the replay: rolling markers may come with the second request only."""
    last = view.marked_behind
    for request in view.replay.requests[1:]:
        last = max([last, *(index for index, block in enumerate(request.blocks) if block.marker is not None)])
    return last


def _in_messages(view: ReplayView, index: int) -> bool:
    return index >= len(view.blocks) or view.blocks[index].section is Section.MESSAGES


def grave(view: ReplayView, impact: Impact) -> Severity:
    """The severity of a value that differs with every request."""
    if view.replay.repetition is Repetition.ONCE:
        return Severity.LOW if impact.reach is Certainty.BELOW else Severity.MEDIUM
    if impact.across:
        return Severity.MEDIUM if impact.hit is Certainty.ABOVE and view.growing else Severity.LOW
    if impact.hit is Certainty.ABOVE and view.repeated:
        return Severity.CRITICAL
    if impact.reach is Certainty.ABOVE or (impact.growing and (impact.marked or view.simulation.implicit)):
        severe = Severity.LOW if impact.reach is not Certainty.ABOVE and little(view) else Severity.HIGH
    elif impact.growing:
        # Nobody asked for caching, and only the history would make it pay: one that is not cut before it is long enough.
        severe = Severity.LOW if little(view) else Severity.MEDIUM
    elif impact.reach is Certainty.BELOW:
        # A marker is intent: what it writes is paid for with every request and never read.
        return Severity.MEDIUM if impact.marked and _may_be_written(view) else Severity.LOW
    elif not impact.marked and impact.lost.estimate < max(UNTOLD_MINIMUM, (view.minimum or (0,))[0]):
        # Nobody asked for caching, and values of unknown length would have to make it pay. A cache that begins at 64 tokens
        # may serve a paragraph, which saves next to nothing.
        severe = Severity.LOW
    else:
        severe = Severity.MEDIUM
    return severe if view.repeated or impact.marked else min(severe, Severity.MEDIUM)


def _may_be_written(view: ReplayView) -> bool:
    """Whether what stands up to some breakpoint can reach the minimum, values of unknown length included."""
    return any(view.certainty(bp.tokens) is not Certainty.BELOW for bp in view.breakpoints())


def marker_should_move(view: ReplayView, spot: Spot) -> bool:
    """Whether the mend is to put the breakpoint ahead of this block rather than to clean the block.

    So it is where the block carries the last breakpoint itself, most of the stable text stands in unmarked blocks before it, and
    no request repeats the value, as those of one turn may do: they read what the first of them wrote.
    """
    if spot.block.marker is None or _last_marker(view) > spot.index:
        return False
    if not view.renewed(spot):
        return False
    before = view.literal_between(view.last_marker_before(spot.index) + 1, spot.index)
    own = scaled(view.tokens(spot.index), spot.block.text, spot.block.text.pieces)
    return before.estimate > own.estimate


def loss_in_words(view: ReplayView, impact: Impact) -> str:
    """What is lost, as the end of a sentence."""
    amount = f"{tokens_in_words(impact.lost)} of fixed text"
    if impact.growing and impact.lost.estimate < _NEGLIGIBLE:
        return "the whole history is processed at full price in every turn"
    if impact.across:
        again = "conversation" if view.growing else "run of the loop"
        return f"{amount} are cached anew for every {again}"
    if impact.reach is Certainty.BELOW and impact.marked and _may_be_written(view):
        return "the text behind the breakpoint, of a length that only the running program knows, is written and never read"
    if impact.reach is Certainty.BELOW and not impact.growing:
        total = tokens_in_words(view.mended)
        return f"nothing can be cached: even without it the fixed text is {total}, below {minimum_in_words(view.minimum)}"
    if impact.growing:
        return f"{amount} and the whole history are processed at full price in every turn"
    again = "are written and never read" if impact.marked else "are processed at full price"
    return f"{amount} {again} with every request"
