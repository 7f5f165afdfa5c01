"""What rules look at first: one replay, consecutive requests of a call site with what the cache did with them.

Knows requests and simulations and answers the questions that several rules ask of them. Does not know source text, other rules or
findings. Token counts are intervals; "behind" and "ahead" follow the provider's order of the prefix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from auditor.cache.money import (
    SHORTEST,
    TURN_TOKENS,
    break_even_in_words,
    held_turns,
    history,
    premium,
    rewrites,
    saving,
)
from auditor.cache.outcome import ZERO, Breakpoint, Certainty, Rejection, Simulation, TokenCount
from auditor.cache.rejections import eligible
from auditor.cache.traffic import UNSTATED, Traffic, apart
from auditor.findings import Saving
from auditor.interp.marking import INSTRUCTING, Tested
from auditor.llm.request import Block, CallSite, Kind, Marker, Repetition, Replay, Request, Section
from auditor.places import Place
from auditor.rulekit.losses import after, against, before, scaled, total
from auditor.rulekit.repeats import first_conversation, holds, lost
from auditor.rulekit.spots import Spot
from auditor.values.lifetime import Evidence, Lifetime
from auditor.values.moment import Gap, between, seconds_of
from auditor.values.text import Hole, Literal, Text


@dataclass(frozen=True, eq=False)
class ReplayView:
    """One variant of a call site: consecutive requests and what the cache did with them."""

    site: CallSite
    replay: Replay
    simulation: Simulation
    traffic: Traffic = UNSTATED
    instead: bool = False  # whether the call site only sends where others have failed, or come to no end

    @property
    def request(self) -> Request:
        return self.replay.first

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.request.blocks

    @property
    def minimum(self) -> tuple[int, int] | None:
        return self.simulation.minimum

    @property
    def repeated(self) -> bool:
        """Whether the code certainly sends more than one such request."""
        return self.replay.repetition in {Repetition.HANDLER, Repetition.LOOP, Repetition.CONVERSATION}

    @property
    def growing(self) -> bool:
        return self.replay.repetition is Repetition.CONVERSATION

    @cached_property
    def seen_growing(self) -> bool:
        """Whether the conversation is known by more than a name: a later request has more messages than the first, or the code
        puts together what was said before."""
        counts = [sum(block.section is Section.MESSAGES for block in request.blocks) for request in self.replay.requests]
        return max(counts) > counts[0] or any(
            hole.lifetime is Lifetime.TURN and hole.reason is None and hole.evidence is not Evidence.NAME and self._room
            for block in self.blocks
            if block.section is Section.MESSAGES and block.kind is Kind.STRETCH
            for hole in block.text.holes()
        )

    @property
    def _room(self) -> bool:
        """Whether the conversation may grow: nothing cuts it, or what does leaves as much as one of usual length has."""
        kept = self.request.kept
        return self.request.trimmed is None or (kept is not None and kept >= 2 * self.traffic.turns)

    @cached_property
    def markers(self) -> tuple[tuple[int, Marker], ...]:
        """Breakpoints that the code asks for in the first request: block index and marker, the automatic one on the last block
        that can carry it."""
        return self.markers_of(self.request)

    def markers_of(self, request: Request) -> tuple[tuple[int, Marker], ...]:
        """The same of any request of the replay."""
        written = {index: block.marker for index, block in enumerate(request.blocks) if block.marker is not None}
        automatic = request.automatic
        if automatic is not None:
            facts = self.simulation.facts
            markers = facts.markers if facts is not None else None
            able = (index for index, block in enumerate(request.blocks) if markers is None or eligible(block, markers))
            last = max(able, default=None)
            if last is not None:
                written.setdefault(last, automatic)
        return tuple(sorted(written.items(), key=lambda item: item[0]))

    @cached_property
    def intended(self) -> bool:
        """Whether the author asked for caching anywhere in the replay."""
        return any(
            request.automatic is not None or any(block.marker is not None for block in request.blocks)
            for request in self.replay.requests
        )

    @cached_property
    def accumulating(self) -> bool:
        """Whether each request carries more markers on its messages than the one before, until there are too many."""
        counts = [
            sum(
                block.marker is not None and not block.marker.unknown
                for block in request.blocks
                if block.section is Section.MESSAGES
            )
            for request in self.replay.requests
        ]
        refused = next((rejection.request for rejection in self.rejections("too-many-breakpoints")), 0)
        # A window over the last messages grows until it is full: then the next request carries no more.
        full = counts[refused + 1 : refused + 2] == [counts[refused]]
        return refused > 0 and not full and all(one < other for one, other in pairwise(counts[: refused + 1]))

    @property
    def formed(self) -> bool:
        """Whether all blocks of every request are known one by one or as runs, whatever stands in their texts."""
        requests = self.replay.requests
        if any(request.opaque or any(name.startswith("**") for name, _ in request.unknown) for request in requests):
            return False
        blocks = [block for request in requests for block in request.blocks]
        open_kinds = {Kind.STRETCH, Kind.OTHER, Kind.TOOL}
        unread = any(block.kind in open_kinds and any(hole.reason for hole in block.text.holes()) for block in blocks)
        # A system prompt that is one unknown value may be a list of blocks as well as a string.
        whole = [block.text.pieces[0] for block in blocks if block.section is Section.SYSTEM and len(block.text.pieces) == 1]
        unread = unread or any(isinstance(piece, Hole) and piece.reason and piece.type is None for piece in whole)
        return not unread and not any(block.kind is Kind.STRETCH and block.role != "assistant" for block in blocks)

    def unreached(self, carried: Iterable[Place]) -> tuple[Place, ...]:
        """Where functions on the way would place a marker that no request of the project carries."""
        places = {place: None for request in self.replay.requests for place in request.meant}
        return tuple(place for place in places if not any(within(place, one) for one in carried))

    def unreached_in_turns(self, carried: Iterable[Place]) -> tuple[Place, ...]:
        """Those of `unreached` that may stand on a conversation's turns: left out is what only instructions are marked with."""
        apart = {place for request in self.replay.requests for place in request.apart}
        return tuple(place for place in self.unreached(carried) if not any(within(place, one) for one in apart))

    @property
    def of_instructions(self) -> bool:
        """Whether what is not known one by one is taken for the system's messages in this variant, which all of it never is."""
        return any(outcome and test.repeated and test.word in INSTRUCTING for test, outcome in self.replay.conditions)

    def wasted(self, carried: Iterable[Place]) -> tuple[Place, ...]:
        """Where a marker was written on the way, or before it by a function, that no request of the project carries."""
        found = {mark: None for request in self.replay.requests for mark in (*request.marked, *request.loaded)}
        kept = tuple(carried)
        return tuple(place for place, value in found if value not in kept and not any(within(place, one) for one in kept))

    def barred(self, carried: Iterable[Place]) -> tuple[Place, ...]:
        """Where a marker is written under a test that no request passes, each of them being tested alike; and none carries it.

        Left out is what somebody may have switched off: a test that only compares settings, and not the model, a length, a type
        or one of several.
        """
        kept = tuple(carried)
        found: dict[Place, None] = {}
        for key in {(test.at, test.place): None for request in self.replay.requests for test in request.tested}:
            each = [tuple(test for test in request.tested if (test.at, test.place) == key) for request in self.replay.requests]
            made = [tests for tests in each if tests]
            alike = all(tests == made[0] for tests in made) and not any(test.passed for test in made[0])
            if alike and self._worked_out(made[0]) and not any(within(key[1], one) for one in kept):
                found[key[1]] = None
        return tuple(found)

    def tests_of(self, marker: Place | None) -> tuple[Tested, ...]:
        """The tests that decide whether the marker at that place is written."""
        found = (test for request in self.replay.requests for test in request.tested)
        return tuple(test for test in found if marker is not None and (within(test.place, marker) or within(marker, test.place)))

    def _worked_out(self, tests: tuple[Tested, ...]) -> bool:
        model = self.request.model.known if self.request.model is not None else None
        late = [test for test in tests if not test.early]
        several = len({test.operands for test in late}) > 1
        return several or any(test.measures for test in late) or any(model is not None and model in test.texts for test in tests)

    @cached_property
    def concealed(self) -> int | None:
        """The last block of messages that are not known one by one and that may carry a marker written on the way; else None."""
        return self.conceals([self])

    def conceals(self, views: Iterable[ReplayView]) -> int | None:
        """The same, by the markers that the requests of all these views are seen to carry.

        One variant may leave out a block that another one sends, along with its marker.
        """
        runs = [
            index
            for index, block in enumerate(self.blocks)
            if block.section is Section.MESSAGES and block.kind is Kind.STRETCH and block.marker is None
        ]
        if not runs:
            return None
        written: dict[Place, set[Place]] = {}
        marks = (mark for request in self.replay.requests for mark in request.marked if mark[0] not in request.apart)
        for place, value in marks:
            if value is not None:
                written.setdefault(value, set()).add(place)
        carried: dict[Place | None, set[Place | None]] = {}
        for block in (block for view in views for request in view.replay.requests for block in request.blocks):
            if block.marker is not None:
                carried.setdefault(block.marker.place, set()).add(block.place)
        # One marker may be a constant that is written in several places.
        return runs[-1] if any(len(places) > len(carried.get(value, ())) for value, places in written.items()) else None

    @property
    def cached(self) -> bool:
        """Whether caching is on: asked for, or implicit at this provider."""
        return self.simulation.enabled or self.simulation.implicit or self.intended

    def tokens(self, index: int) -> TokenCount:
        counts = self.simulation.prefix_tokens
        return counts[index] if index < len(counts) else ZERO

    def certainty(self, tokens: TokenCount) -> Certainty:
        """Where the tokens stand against the model's minimum."""
        return against(tokens, self.minimum)

    # -- time ---------------------------------------------------------------------------------------------------------

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What lies between each request and the next, as far as the code tells: nothing where each is another schedule's."""
        moments = [request.moment for request in self.replay.requests]
        return tuple(between(one, other) for one, other in pairwise(moments) if one.lane == other.lane)

    # -- holes ---------------------------------------------------------------------------------------------------------

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """Every hole of the first request, in prefix order; deferred tools are no part of the prefix."""
        found: list[Spot] = []
        for index, block in enumerate(self.blocks):
            if block.deferred:
                continue
            if block.order is not None:
                found.append(Spot(index, block, -1, block.order))
            found.extend(Spot(index, block, at, piece) for at, piece in enumerate(block.text.pieces) if isinstance(piece, Hole))
        return tuple(found)

    def fixed(self, spot: Spot) -> bool:
        """Whether every later request of this replay that can tell repeats the very same value in this block."""
        later = [request for request in self.replay.requests[1:] if not lost(request, spot)]
        return bool(later) and all(holds(request, spot) for request in later)

    def untold(self, spot: Spot) -> bool:
        """Whether there are later requests, and none of them can tell."""
        later = self.replay.requests[1:]
        return bool(later) and all(lost(request, spot) for request in later)

    def kept(self, spot: Spot) -> bool:
        """Whether the requests of several runs of the code repeat the value: it was made once, and stays."""
        return len({request.run for request in self.replay.requests}) > 1 and self.fixed(spot)

    def renewed(self, spot: Spot) -> bool:
        """Whether no later request of this run repeats the value anywhere: each has its own. Another run over the same files
        has them all again."""
        first, *others = self.replay.requests
        later = [request for request in others if request.run == first.run] or others
        return bool(later) and not any(
            hole.identity == spot.hole.identity for request in later for block in request.blocks for hole in block.text.holes()
        )

    def fixed_in_run(self, spot: Spot) -> bool:
        """Whether the requests of one run of the code repeat the value: it is fixed, or made ahead of a loop that is run anew.

        The replay of a loop holds several runs of it. Between two of them another value stands here; within one, requests that
        go on differently behind the very same value show that it was made before the loop. Of a conversation, the next
        one begins with another message.
        """
        if self.fixed(spot):
            return True
        if self.growing:
            return len(self._of_conversation) > 1 and all(holds(request, spot) for request in self._of_conversation)
        within = any(divergence.block > spot.index for divergence in self.simulation.divergences)
        return self.replay.repetition is Repetition.LOOP and within

    def fixed_in_turn(self, spot: Spot) -> bool:
        """Whether what one turn sends, several requests with tools' results in between, has the value in common."""
        mine = [request for request in self.replay.requests if request.run == self.request.run]
        return len(mine) > 1 and all(holds(request, spot) for request in mine)

    @cached_property
    def _of_conversation(self) -> tuple[Request, ...]:
        return first_conversation(self.replay.requests)

    def stable(self, spot: Spot) -> bool:
        """Whether the value stays the same for as long as this replay's requests follow one another."""
        if self.fixed(spot):
            return True
        if spot.hole.reason is not None or spot.hole.lifetime is Lifetime.UNKNOWN:
            return False
        return spot.hole.lifetime <= Lifetime.SESSION

    # -- what stands where ---------------------------------------------------------------------------------------------

    def literal(self, index: int) -> TokenCount:
        """Known text of one block. The last user message is meant to differ: it counts as far as every request opens it alike."""
        block = self.blocks[index]
        if block.deferred or block.kind is Kind.STRETCH or (block.per_request and not self._repeated(index)):
            return ZERO
        return scaled(self.tokens(index), block.text, block.text.pieces)

    def _repeated(self, index: int) -> bool:
        """Whether a block of the last user message is fixed text that more of the message follows, the same in every request."""
        block, later = self.blocks[index], self.replay.requests[1:]
        more = index + 1 < len(self.blocks) and self.blocks[index + 1].per_request
        if not more or self.growing or any(not isinstance(piece, Literal) for piece in block.text.pieces):
            return False
        return all(index < len(request.blocks) and request.blocks[index].text == block.text for request in later) and bool(later)

    def literal_between(self, start: int, stop: int) -> TokenCount:
        """Known text of the blocks start … stop-1."""
        return total(self.literal(index) for index in range(max(start, 0), min(stop, len(self.blocks))))

    def behind(self, spot: Spot) -> TokenCount:
        """Known text behind the hole that every request repeats."""
        block = spot.block
        rest = ZERO if block.per_request else scaled(self.tokens(spot.index), block.text, after(block.text, spot.piece))
        return rest + self.literal_between(spot.index + 1, len(self.blocks))

    def ahead(self, spot: Spot) -> TokenCount:
        """Known text ahead of the hole."""
        return self.literal_between(0, spot.index) + (ZERO if spot.block.per_request else self.head(spot))

    def head(self, spot: Spot) -> TokenCount:
        """Known text of the hole's own block that stands ahead of it."""
        return scaled(self.tokens(spot.index), spot.block.text, before(spot.block.text, max(spot.piece, 0)))

    @cached_property
    def mended(self) -> TokenCount:
        """All known text that requests share: the prefix that could be cached if nothing short-lived stood in its way."""
        return self.literal_between(0, len(self.blocks))

    @cached_property
    def stable_prefix(self) -> TokenCount:
        """The prefix up to the first value that may differ from request to request.

        That of the last user message is meant to differ; the fixed text ahead of it is not.
        """
        return self.stable_from(0)

    def stable_from(self, start: int) -> TokenCount:
        """What of the stable prefix stands in block `start` and behind it."""
        end = self.first_changing
        if end is None:
            return self.literal_between(start, len(self.blocks))
        return self.literal_between(start, end.index) + self.head(end) if end.index >= start else ZERO

    @cached_property
    def first_changing(self) -> Spot | None:
        """The first value that is meant to differ from request to request, or may."""
        return next((spot for spot in self.spots if spot.block.per_request or not self.stable(spot)), None)

    def shared_with(self, other: Request) -> TokenCount:
        """The prefix of the first request that another one repeats, whatever their parameters."""
        count = ZERO
        for index, block in enumerate(self.blocks):
            text = other.blocks[index].text if index < len(other.blocks) else Text()
            if block.text == text:
                count += self.tokens(index)
                continue
            same = next(
                (at for at, (one, two) in enumerate(zip(block.text.pieces, text.pieces, strict=False)) if one != two),
                min(len(block.text.pieces), len(text.pieces)),
            )
            return count + scaled(self.tokens(index), block.text, block.text.pieces[:same])
        return count

    @property
    def marked_behind(self) -> int:
        """Index of the last block with a breakpoint, -1 without any."""
        return max((index for index, _ in self.markers), default=-1)

    def last_marker_before(self, index: int) -> int:
        """Index of the last block with a breakpoint ahead of block `index`, -1 without any."""
        return max((at for at, _ in self.markers if at < index), default=-1)

    def saving(self, lost: TokenCount, written: bool = False) -> Saving | None:
        """What 1,000 requests would save if `lost` tokens of each were read; `written`: they are written each time today."""
        personal = any(
            spot.hole.lifetime in {Lifetime.USER, Lifetime.SESSION}
            for spot in self.spots
            if spot.block.section is not Section.MESSAGES
        )
        return saving(lost, self.simulation.facts, self.replay.repetition, self._ttl, written, self.traffic, personal)

    def saving_shared(self, lost: TokenCount) -> Saving | None:
        """What 1,000 requests would save if all users shared `lost` tokens that each of them has for themselves today."""
        markers = self.simulation.facts.markers if self.simulation.facts is not None else None
        ttl = self._ttl
        lifetime = seconds_of(ttl or (markers.default_ttl if markers is not None else "")) or SHORTEST
        apart_now, assumption = apart(self.replay.repetition, lifetime, self.traffic)
        return rewrites(lost, self.simulation.facts, apart_now * 1000, assumption, ttl)

    def saving_turned(self, lost: TokenCount, *, earlier: bool = False) -> Saving | None:
        """What 1,000 requests would save if no change in the middle of a conversation lost `lost` tokens.

        `earlier`: the turns before it are lost as well.
        """
        assumption = f"one change in a conversation of {self.traffic.turns:g} turns"
        if earlier:
            lost, assumption = self._with_turns(lost, assumption)
        return rewrites(lost, self.simulation.facts, 1000 / max(1.0, self.traffic.turns), assumption, self._ttl)

    def saving_history(self, written: bool = False) -> Saving | None:
        """What 1,000 requests would save if a conversation's earlier turns were read; `written`: they are written today."""
        return history(self.simulation.facts, self.traffic.turns, self._ttl, written)

    def saving_renewed(self, lost: TokenCount, period: str, *, earlier: bool = False) -> Saving | None:
        """What 1,000 requests would save if `lost` tokens outlived a new day, process or deployment.

        `earlier`: the turns before it are lost as well.
        """
        assumption = f"one new {period} in 1,000 requests"
        if earlier:
            lost, assumption = self._with_turns(lost, assumption)
        return rewrites(lost, self.simulation.facts, 1, assumption, self._ttl)

    def _with_turns(self, lost: TokenCount, assumption: str) -> tuple[TokenCount, str]:
        """The tokens and those of the earlier turns of a conversation."""
        held = TokenCount(0, held_turns(self.traffic.turns), None)
        return total((lost, held)), f"{assumption}, {held.estimate:,} tokens of earlier turns at it ({TURN_TOKENS} tokens a turn)"

    @property
    def _ttl(self) -> str | None:
        return next((marker.ttl for _, marker in self.markers if marker.ttl), None)

    def premium(self, tokens: TokenCount, ttl: str | None = None) -> Saving | None:
        """What 1,000 requests pay for writing tokens that nobody reads."""
        return premium(tokens, self.simulation.facts, ttl)

    def break_even(self, ttl: str | None = None) -> str:
        """What writing with that lifetime costs and when it has paid, as the end of a sentence."""
        return break_even_in_words(self.simulation.facts, ttl)

    def longer_ttl(self, seconds: float) -> str | None:
        """The shortest lifetime on offer that is longer than that; None where there is none."""
        return min(((length, ttl) for length, ttl in self._lifetimes if length > seconds), default=(0.0, None))[1]

    @property
    def _lifetimes(self) -> tuple[tuple[float, str], ...]:
        markers = self.simulation.facts.markers if self.simulation.facts is not None else None
        return tuple((seconds_of(ttl) or 0.0, ttl) for ttl in (markers.ttls if markers is not None else ()))

    @property
    def waits(self) -> float:
        """Seconds that the code at least waits before each next request."""
        return min((gap.least for gap in self.gaps), default=0.0)

    @property
    def outlived(self) -> bool:
        """Whether before each next request the code waits longer than anything that is cached can live."""
        return bool(self._lifetimes) and self.longer_ttl(self.waits) is None

    # -- the simulation's answers --------------------------------------------------------------------------------------

    def rejections(self, *codes: str) -> Iterator[Rejection]:
        return (rejection for rejection in self.simulation.rejections if rejection.code in codes)

    def breakpoints(self) -> tuple[Breakpoint, ...]:
        return self.simulation.breakpoints

    @property
    def partial(self) -> bool:
        """Whether something of the request could not be read."""
        return (
            self.request.opaque
            or bool(self.request.unknown)
            or any(spot.block.kind is Kind.STRETCH and spot.hole.reason is not None for spot in self.spots)
        )


def within(place: Place, other: Place | None) -> bool:
    """Whether another place lies on the lines of this one."""
    return other is not None and other.path == place.path and place.line <= other.line <= place.end_line
