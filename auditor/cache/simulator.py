"""The provider's cache over one replay: what diverges, what is written, read, rejected or missed.

Deterministic, and linear in the size of the texts: every text is put into its compared form once and counted once. Knows the
provider's published rules through `auditor.knowledge`. Of time it knows the waits that the code itself asks for: an entry has
expired only where these alone take longer than it lives.
"""

from __future__ import annotations

from dataclasses import replace

from auditor.cache import breakpoints, prefixes
from auditor.cache.atoms import Forms
from auditor.cache.breakpoints import Entries, Stop
from auditor.cache.divergence import Difference, Pair, Spot, compare
from auditor.cache.measure import Measure, stable_spot
from auditor.cache.options import explicit_mode
from auditor.cache.outcome import (
    ZERO,
    Billing,
    Breakpoint,
    Certainty,
    Divergence,
    Rejection,
    Simulation,
    TokenCount,
    Verdict,
)
from auditor.cache.rejections import placed
from auditor.cache.tokens import Counter, Precision, against, total
from auditor.knowledge.facts import Mode, ModelFacts
from auditor.knowledge.providers import Knowledge
from auditor.llm.request import Kind, Replay, Request
from auditor.values.lifetime import Cause
from auditor.values.moment import seconds_of
from auditor.values.text import Hole, Text


def simulate(replay: Replay, knowledge: Knowledge, counter: Counter) -> Simulation:
    """What the cache does with the requests of a replay, which are at least one."""
    request = replay.first
    facts = knowledge.lookup(request.provider, _model(request), request.surface)
    run = Run(replay, facts, counter)
    return run.simulation()


def _model(request: Request) -> str | None:
    """The model's id. One that the environment may name is the one that the code names for when it does not."""
    if request.model is None:
        return None
    pieces = request.model.pieces
    only = pieces[0] if len(pieces) == 1 else None
    if isinstance(only, Hole) and only.cause is Cause.ENVIRONMENT and only.content is not None:
        return only.content.known
    return request.model.known


class Run:
    """One replay under way: its forms, comparisons and counts are made once."""

    def __init__(self, replay: Replay, facts: ModelFacts | None, counter: Counter) -> None:
        self.replay = replay
        self.facts = facts
        self.counter = counter
        self.forms = Forms()
        self._pairs: dict[tuple[int, int], Pair] = {}
        marks = [placed(request, facts) for request in replay.requests]
        self.accepted = [accepted for accepted, _ in marks]
        self.rejections = tuple(at(number, rejection) for number, (_, found) in enumerate(marks) for rejection in found)
        self.measure = self.settle()

    def compare(self, earlier: int, later: int) -> Pair:
        pair = self._pairs.get((earlier, later))
        if pair is None:
            requests = self.replay.requests
            pair = self._pairs[earlier, later] = compare(requests[earlier], requests[later], self.forms, self.facts)
        return pair

    def settle(self) -> Measure:
        """Counts no more precise than the verdicts need: bytes where the whole text is certainly too short, the model's own
        tokenizer where a ratio leaves one open."""
        facts, minimum = self.facts, self.minimum
        if facts is None or minimum is None:
            return self.at(Precision.RATIO)
        rough = self.at(Precision.BYTES)
        if all(self.without_holes(rough, request) < minimum[0] for request in self.replay.requests):
            return rough
        measure = self.at(Precision.RATIO)
        if not self.counter.can_count(facts.tokenizer):
            return measure
        spots = [(request, position) for number, request in enumerate(self.replay.requests) for position in self.ends(number)]
        counts = [measure.prefix(request, position) for request, position in spots] + [self.cacheable(measure)]
        if any(against(doubtful(count), minimum) is Certainty.NEAR for count in counts):
            return self.at(Precision.EXACT)
        return measure

    def at(self, precision: Precision) -> Measure:
        return Measure(self.counter, self.facts, self.forms, precision)

    def without_holes(self, measure: Measure, request: Request) -> int:
        """Tokens of the known text at most."""
        literals = [
            measure.string(atom.text).high or 0 for form in self.forms.of(request) for atom in form.atoms if atom.hole is None
        ]
        contents = [
            hole.content for form in self.forms.of(request) for hole in form.block.text.holes() if hole.content is not None
        ]
        known = [measure.string(content.literal).high or 0 for content in contents]
        frame = self.counter.count_request(emptied(request), self.facts, Precision.BYTES)
        return sum(literals) + sum(known) + sum(count.high or 0 for count in frame)

    def ends(self, number: int) -> list[int]:
        position = {form.index: index for index, form in enumerate(self.forms.of(self.replay.requests[number]))}
        return [position[item.block] + 1 for item in self.accepted[number]]

    @property
    def minimum(self) -> tuple[int, int] | None:
        return self.facts.minimum if self.facts and self.facts.caching.mode is not Mode.NONE else None

    def simulation(self) -> Simulation:
        request = self.replay.first
        enabled, implicit = self.switched_on()
        fates, billing = self.outcome()
        return Simulation(
            replay=self.replay,
            minimum=self.minimum,
            prefix_tokens=self.measure.blocks(request),
            cacheable=ZERO if request.opaque else self.cacheable(self.measure),
            breakpoints=fates,
            divergences=tuple(self.divergences()),
            billing=billing,
            rejections=self.rejections,
            enabled=enabled,
            implicit=implicit,
            facts=self.facts,
        )

    def switched_on(self) -> tuple[bool, bool]:
        """Whether anything can be cached at all, and whether without being asked for."""
        mode = self.facts.caching.mode if self.facts else None
        marked = any(block.marker is not None for request in self.replay.requests for block in request.blocks)
        marked = marked or any(request.automatic is not None for request in self.replay.requests)
        match mode:
            case Mode.LONGEST_PREFIX:
                return True, True
            case Mode.BOUNDARIES:
                implicit = not all(explicit_mode(request) for request in self.replay.requests)
                return marked or implicit, implicit
            case Mode.NONE:
                return False, False
            case Mode.BREAKPOINTS | None:
                return marked, False

    def outcome(self) -> tuple[tuple[Breakpoint, ...], tuple[Billing, ...]]:
        mode = self.facts.caching.mode if self.facts else None
        refused = frozenset(rejection.request for rejection in self.rejections)
        if self.facts is None or mode is None or mode is Mode.NONE:
            return self.rejected_alone(), self.unserved(refused)
        if mode is Mode.LONGEST_PREFIX:
            billing = prefixes.bill_longest(self.replay, self.measure, self.compare, self.minimum, self.facts)
            return self.rejected_alone(), billing
        entries = self.entries(self.facts, mode)
        fates = breakpoints.judge(self.replay, self.accepted[0], self.surplus(), entries, self.measure, self.minimum)
        fates = tuple(sorted((*fates, *self.rejected_alone()), key=lambda item: item.block))
        return fates, breakpoints.bill(self.replay, entries, self.measure, self.minimum, refused)

    def entries(self, facts: ModelFacts, mode: Mode) -> Entries:
        forms = [self.forms.of(request) for request in self.replay.requests]
        moments = [request.moment for request in self.replay.requests]
        if mode is Mode.BOUNDARIES:
            stops = [
                prefixes.boundary_stops(request, forms[number], self.accepted[number], facts)
                for number, request in enumerate(self.replay.requests)
            ]
            return Entries(
                forms, [writes for writes, _ in stops], [reads for _, reads in stops], self.compare, 1, moments=moments
            )
        rows = [
            [
                Stop(end - 1, item.marker.unknown, seconds_of(item.ttl))
                for end, item in zip(self.ends(number), self.accepted[number], strict=True)
            ]
            for number in range(len(forms))
        ]
        return Entries(forms, rows, rows, self.compare, facts.caching.lookback, facts.caching.run_kinds, moments)

    def surplus(self) -> frozenset[int]:
        """Blocks of the first request whose markers are right by themselves but too many or out of order."""
        blocks: set[int] = set()
        for rejection in self.rejections:
            if rejection.request or rejection.block is None:
                continue
            if rejection.code == "too-many-breakpoints":
                blocks |= {item.block for item in self.accepted[0] if item.block >= rejection.block}
            elif rejection.code == "ttl-order":
                blocks.add(rejection.block)
        return frozenset(blocks)

    def rejected_alone(self) -> tuple[Breakpoint, ...]:
        """The first request's markers that are refused one by one."""
        held = {item.block for item in self.accepted[0]}
        position = {form.index: number for number, form in enumerate(self.forms.of(self.replay.first))}
        found = []
        for rejection in self.rejections:
            if rejection.request or rejection.block is None or rejection.marker is None or rejection.block in held:
                continue
            end = position.get(rejection.block, -1) + 1
            tokens = self.measure.prefix(self.replay.first, end)
            found.append(Breakpoint(rejection.block, rejection.marker, tokens, Verdict.REJECTED, rejection.message))
        return tuple(found)

    def unserved(self, refused: frozenset[int]) -> tuple[Billing, ...]:
        whole = [total(self.measure.blocks(request)) for request in self.replay.requests]
        return tuple(Billing(ZERO, ZERO, ZERO if number in refused else count) for number, count in enumerate(whole))

    def divergences(self) -> list[Divergence]:
        found = []
        for number in range(1, len(self.replay.requests)):
            pair = self.compare(number - 1, number)
            found += [self.describe(number, item) for item in pair.differences]
            if pair.grown is not None:
                found += self.behind_history(number, pair.grown)
        return found

    def describe(self, number: int, item: Difference) -> Divergence:
        before, after = self.replay.requests[number - 1], self.replay.requests[number]
        forms = self.forms.of(after)
        lost, static = self.measure.shared(before, after, item.spot, self.replay.first)
        block = forms[item.spot.block].index if item.spot.block < len(forms) else len(after.blocks)
        return Divergence(
            number,
            block,
            item.piece,
            item.hole,
            item.before,
            item.after,
            item.certain,
            item.lifetime,
            lost,
            static,
            item.parameter,
        )

    def behind_history(self, number: int, position: int) -> list[Divergence]:
        """A history of unknown length that grows ahead of fixed text moves that text on every turn."""
        after = self.replay.requests[number]
        form = self.forms.of(after)[position]
        hole: Hole | None = next(form.block.text.holes(), None)
        piece = form.block.text.pieces[0] if form.block.text.pieces else None
        item = Difference(Spot(position, 1), True, 0, hole, piece, piece, form.block.lifetime)
        found = self.describe(number, item)
        return [found] if found.lost_static.estimate > 0 else []

    def cacheable(self, measure: Measure) -> TokenCount:
        """The stable prefix of the first request."""
        request = self.replay.first
        forms = self.forms.of(request)
        if len(self.replay.requests) < 2:
            sure, likely = stable_spot(forms, True), stable_spot(forms, False)
        else:
            pairs = [self.compare(number - 1, number) for number in range(1, len(self.replay.requests))]
            every = [item for pair in pairs for item in pair.differences]
            end = Spot(len(forms))
            sure = min([end, *(item.spot for item in every)])
            likely = min([end, *(item.spot for item in every if item.certain)])
        least, most = measure.before(request, sure), measure.before(request, likely)
        return TokenCount(min(least.low, most.low), most.estimate, most.high, most.method)


def at(number: int, rejection: Rejection) -> Rejection:
    return replace(rejection, request=number)


def doubtful(count: TokenCount) -> TokenCount:
    """The interval that a ratio would need to hold for any text, and as if values of unknown length were as long as estimated:
    a better tokenizer is worth its time where a minimum lies in it."""
    high = count.high if count.high is not None else 2 * count.estimate - count.low
    return TokenCount(count.low * 3 // 4, count.estimate, max(high, count.estimate * 3 // 2), count.method)


def emptied(request: Request) -> Request:
    """The request's frame alone."""
    return replace(request, blocks=tuple(replace(block, text=Text(), kind=frame_kind(block.kind)) for block in request.blocks))


def frame_kind(kind: Kind) -> Kind:
    return kind if kind in (Kind.TOOL, Kind.TOOL_USE, Kind.TOOL_RESULT) else Kind.TEXT
