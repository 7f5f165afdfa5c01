"""Caches that hold only prefixes ending at breakpoints: what is written and read, and what becomes of each breakpoint.

Knows lookback windows, minimums and boundaries; does not know what a marker may be put on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from auditor.cache.atoms import Form
from auditor.cache.divergence import Pair
from auditor.cache.measure import Measure
from auditor.cache.outcome import Billing, Breakpoint, Certainty, TokenCount, Verdict
from auditor.cache.rejections import Placed
from auditor.cache.tokens import against, total
from auditor.knowledge.facts import Band
from auditor.llm.request import Kind, Repetition, Replay
from auditor.values.moment import START, Moment, between, in_words

Compare = Callable[[int, int], Pair]  # by the numbers of two requests


@dataclass(frozen=True, slots=True)
class Stop:
    """A breakpoint by its position among the blocks of the prefix, and the seconds that what it writes lives unread."""

    position: int
    unknown: bool = False  # whether it is there is not known
    lifetime: float | None = None  # None: not known


@dataclass(frozen=True, slots=True)
class Window:
    """How far back a breakpoint looks: positions from `sure` on certainly, from `maybe` on possibly."""

    sure: int
    maybe: int


def window(forms: Sequence[Form], position: int, lookback: int | None, run_kinds: frozenset[str]) -> Window:
    """The positions that a breakpoint finds entries at. A run of one kind counts once; a stretch of unknown length hides how
    far the rest is."""
    if lookback is None:
        return Window(0, 0)
    sure: int | None = None
    used = 1
    last = position
    for index in range(position - 1, -1, -1):
        kind, behind = forms[index].block.kind, forms[index + 1].block.kind
        if kind is Kind.STRETCH or behind is Kind.STRETCH:
            sure = last if sure is None else sure
        if kind is not Kind.STRETCH and not (kind in run_kinds and kind is behind):
            used += 1
        if used > lookback:
            break
        last = index
    return Window(last if sure is None else sure, last)


class Entries:
    """What the requests of a replay write and read. `writes[n]` and `reads[n]` are request n's breakpoints for either."""

    def __init__(
        self,
        forms: Sequence[Sequence[Form]],
        writes: Sequence[Sequence[Stop]],
        reads: Sequence[Sequence[Stop]],
        compare: Compare,
        lookback: int | None,
        run_kinds: frozenset[str] = frozenset(),
        moments: Sequence[Moment] = (),
    ) -> None:
        self.forms = forms
        self.moments = moments or [START] * len(forms)
        self.writes = writes
        self.reads = reads
        self.compare = compare
        self.windows = [
            [window(forms[number], stop.position, lookback, run_kinds) for stop in row] for number, row in enumerate(reads)
        ]

    def read(self, writer: int, position: int, reader: int) -> Certainty:
        """Whether a later request reads the entry that an earlier one wrote: ABOVE yes, BELOW no, NEAR unknown."""
        found = self.finds(writer, position, reader)
        return Certainty.BELOW if found is not Certainty.BELOW and self.expired(writer, position, reader) else found

    def expired(self, writer: int, position: int, reader: int) -> bool:
        """Whether an entry is certainly gone before a later request: each request that may read it in between keeps it alive."""
        lifetime = next((stop.lifetime for stop in self.writes[writer] if stop.position == position), None)
        if lifetime is None:
            return False
        used = self.moments[writer]
        for number in range(writer + 1, reader):
            if self.finds(writer, position, number) is Certainty.BELOW:
                continue
            if between(used, self.moments[number]).least > lifetime:
                return True
            used = self.moments[number]
        return between(used, self.moments[reader]).least > lifetime

    def apart(self, lifetime: float) -> bool:
        """Whether between any two requests that follow one another more time goes by than that."""
        return all(between(one, other).least > lifetime for one, other in pairwise(self.moments))

    def finds(self, writer: int, position: int, reader: int) -> Certainty:
        """Whether a later request looks for the entry that an earlier one wrote, however late it comes."""
        pair = self.compare(writer, reader)
        best = Certainty.BELOW
        for stop, reach in zip(self.reads[reader], self.windows[reader], strict=True):
            if position < pair.sure and reach.sure <= position <= stop.position and not stop.unknown:
                return Certainty.ABOVE
            if position < pair.maybe and reach.maybe <= position <= stop.position:
                best = Certainty.NEAR
        grown = pair.grown
        ahead = grown is not None and any(stop.position > grown for stop in self.reads[reader])
        if best is Certainty.BELOW and grown is not None and ahead and grown < position < pair.maybe:
            return Certainty.NEAR  # the history that grew may hold what was written, further on
        return best

    def longest(self, reader: int, counts: Callable[[int, int], bool]) -> int | None:
        """The longest entry that a request reads; `counts` says whether a prefix is long enough to have been written."""
        found = [
            stop.position
            for writer in range(reader)
            for stop in self.writes[writer]
            if counts(writer, stop.position) and self.read(writer, stop.position, reader) is not Certainty.BELOW
        ]
        return max(found, default=None)


def judge(
    replay: Replay, accepted: Sequence[Placed], rejected: frozenset[int], entries: Entries, measure: Measure, minimum: Band | None
) -> tuple[Breakpoint, ...]:
    """The fate of the first request's breakpoints. `rejected` holds blocks whose marker is surplus or out of order."""
    request = replay.first
    forms = measure.forms.of(request)
    position = {form.index: number for number, form in enumerate(forms)}
    found = []
    for item in accepted:
        tokens = measure.prefix(request, position[item.block] + 1)
        if item.block in rejected:
            verdict, why = Verdict.REJECTED, "the API refuses the request"
        else:
            verdict, why = fate(replay, position[item.block], item, tokens, entries, minimum)
        found.append(Breakpoint(item.block, item.marker, tokens, verdict, why))
    return tuple(found)


def fate(
    replay: Replay, position: int, item: Placed, tokens: TokenCount, entries: Entries, minimum: Band | None
) -> tuple[Verdict, str]:
    size = Certainty.ABOVE if minimum is None else against(tokens, minimum)
    if size is Certainty.BELOW and minimum is not None:
        return Verdict.BELOW_MINIMUM, f"at most {tokens.high:,} tokens, the minimum is {minimum[0]:,}"
    if item.marker.unknown:
        return Verdict.UNKNOWN, "whether the marker is there is not known"
    later = range(1, len(replay.requests))
    if not later:
        if size is Certainty.NEAR:
            return Verdict.NEAR_MINIMUM, "the estimate is too close to the minimum to tell"
        words = "sent once" if replay.repetition is Repetition.ONCE else "only one request was seen"
        return Verdict.UNKNOWN, words
    if all(stop.position != position for stop in entries.writes[0]):
        return Verdict.NEVER_READ, f"not written: a request writes its latest {len(entries.writes[0])} breakpoints only"
    reads = [entries.read(0, position, reader) for reader in later]
    if all(read is Certainty.BELOW for read in reads):
        lifetime = next((stop.lifetime for stop in entries.writes[0] if stop.position == position), None)
        if lifetime is not None and any(entries.finds(0, position, reader) is not Certainty.BELOW for reader in later):
            if not entries.apart(lifetime):
                return Verdict.UNKNOWN, "the next request comes too late, others follow one another sooner"
            gap = between(entries.moments[0], entries.moments[1])
            return Verdict.EXPIRED, f"lives {in_words(lifetime)}, and the next request comes {in_words(gap.least)} later"
        return Verdict.NEVER_READ, "no later request reads it"
    if size is Certainty.NEAR:
        return Verdict.NEAR_MINIMUM, "the estimate is too close to the minimum to tell"
    if Certainty.ABOVE in reads:
        return Verdict.EFFECTIVE, f"read by request {reads.index(Certainty.ABOVE) + 2}"
    return Verdict.UNKNOWN, "values of unknown lifetime stand in its prefix"


def bill(
    replay: Replay, entries: Entries, measure: Measure, minimum: Band | None, refused: frozenset[int]
) -> tuple[Billing, ...]:
    """Request by request: read, written and uncached tokens. `refused` requests cost nothing."""
    nothing = TokenCount(0, 0, 0, "exact")
    floor = minimum[0] if minimum else 0

    def long_enough(number: int, position: int) -> bool:
        return measure.prefix(replay.requests[number], position + 1).estimate >= floor

    found = []
    for number, request in enumerate(replay.requests):
        if number in refused:
            found.append(Billing(nothing, nothing, nothing))
            continue
        hit = entries.longest(number, long_enough)
        start = 0 if hit is None else hit + 1
        own = [stop.position for stop in entries.writes[number] if long_enough(number, stop.position)]
        end = max([start, *(position + 1 for position in own)])
        counts = [measure.blocks(request)[form.index] for form in entries.forms[number]]
        found.append(Billing(total(counts[:start]), total(counts[start:end]), total(counts[end:])))
    return tuple(found)
