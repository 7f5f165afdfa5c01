"""Text with holes: what a prompt is made of.

Knows literal pieces, holes and conditional pieces, and how to compare two texts of consecutive requests. Does not know
where they come from (syntax trees, files) nor what they are for (requests).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from auditor.limits import ASKED_TESTS, TOLD_TESTS
from auditor.places import Place, Step
from auditor.values.lifetime import OWN_CAUSES, Cause, Evidence, Lifetime, Reason
from auditor.values.quick import quick, replace

COARSE = "coarse"
"""The type of a hole that has few values, or one for a while: what is left of a number by `//`, `%` and `/`."""
RAISED = "raised"
"""The type of a hole for which Python raises: `.format` without one of its fields. A request that holds it is never sent."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Known characters and the place where they are written.

    `counts`: they are a number that goes up from request to request, put there by this expression.
    """

    text: str
    place: Place | None = field(default=None, compare=False)
    counts: str | None = field(default=None, compare=False)


@quick
@dataclass(frozen=True, slots=True)
class Hole:
    """A value that the source does not spell out.

    Two holes with the same `identity` are certainly the same value: consecutive evaluations of a volatile expression get
    different identities, a value computed once keeps its own. Where `reason` is set nothing is known about the value.
    """

    identity: Hashable
    expression: str = field(compare=False)
    lifetime: Lifetime = field(compare=False)
    cause: Cause = field(default=Cause.VALUE, compare=False)
    evidence: Evidence = field(default=Evidence.FLOW, compare=False)
    reason: Reason | None = field(default=None, compare=False)
    place: Place | None = field(default=None, compare=False)
    trace: tuple[Step, ...] = field(default=(), compare=False)
    type: str | None = field(default=None, compare=False)  # dotted name of its type, where known
    characters: tuple[int, int | None] = field(default=(0, None), compare=False)  # bounds of its length as text
    content: Text | None = field(default=None, compare=False)  # a stretch whose repeated or re-ordered content is known
    entered: Step | None = field(default=None, compare=False)  # where it was first put into a text, and as what expression
    roots: tuple[Hashable, ...] = field(default=(), compare=False)  # identities of some of the values that it was computed from
    kept: int | None = field(default=None, compare=False)  # how many items a list keeps that lost its front, where that is known

    def entering(self, place: Place | None, expression: str) -> Hole:
        """The same value where it becomes a piece of a text."""
        return self if place is None or self.entered is not None else replace(self, entered=Step(place, expression))

    def told_of(self, source: Hole) -> Hole:
        """The same value, told of as the one that makes it change, where that is the program's own doing: there it is mended."""
        if source.cause not in OWN_CAUSES or source.reason is not None:
            return self
        return replace(self, expression=source.expression, place=source.place or self.place, trace=source.trace)

    def along(self, place: Place | None, message: str) -> Hole:
        """The same value, one step further on its way to a request."""
        if place is None or len(self.trace) >= 12 or (self.trace and self.trace[-1].place == place):
            return self
        born = self.place
        if not self.trace and born is not None and (born.path, born.line, born.column) == (place.path, place.line, place.column):
            return self  # where it is born is no step on its way
        return replace(self, trace=(*self.trace, Step(place, message)))


@quick
@dataclass(frozen=True, slots=True)
class Condition:
    """A test whose outcome is not known; the same identity always has the same outcome.

    `repeated`: it was made for an element of a stretch, so that it may come out otherwise for the next one. `named`: what was
    tested was compared with words of the source, or looked up in a table of them, so that it is one of a few. `entails`: for an
    outcome of its own, another test's identity and how that one has then come out. `denied`: the expression says the opposite of
    what is asked: `x is not None` of whether it is. `expected`: how it comes out where what is tested is there; with `lapse`, it
    is a test of how long ago something was, and comes out so while no time passes. `hangs`: of a test of one of two values, what
    chooses between them, and how it comes out for either. `word`: what the tested value is where it comes out true, by itself.
    `selective`: of elements, it tells those apart that have to do with what is asked.
    """

    identity: Hashable
    expression: str = field(compare=False)
    lifetime: Lifetime = field(compare=False)
    place: Place | None = field(default=None, compare=False)
    hole: Hole | None = field(default=None, compare=False)
    repeated: bool = field(default=False, compare=False)
    named: bool = field(default=False, compare=False)
    entails: tuple[tuple[bool, Hashable, bool], ...] = field(default=(), compare=False)
    denied: bool = field(default=False, compare=False)
    expected: bool | None = field(default=None, compare=False)
    lapse: bool = field(default=False, compare=False)
    hangs: tuple[Condition, Side, Side] | None = field(default=None, compare=False, repr=False)
    word: str | None = field(default=None, compare=False, repr=False)
    selective: bool = field(default=False, compare=False, repr=False)

    @property
    def told(self) -> str:
        """For people: what is tested; of a test that hangs on many others the first few of them."""
        asked = dict.fromkeys(self._asked())
        return ", ".join([*islice(asked, TOLD_TESTS), *(["..."] if len(asked) > TOLD_TESTS else [])])

    def _asked(self) -> Iterator[str]:
        """The expressions of the tests that it hangs on, its own where it hangs on none."""
        pending: list[Condition] = [self]
        for _ in range(ASKED_TESTS):
            if not pending:
                break
            condition = pending.pop()
            if condition.hangs is None:
                yield condition.expression
            else:
                which, *sides = condition.hangs
                pending += [*(side[0] for side in reversed(sides) if not isinstance(side, bool)), which]

    def holds(self, outcome: bool) -> bool:
        """Whether what the expression says is true, where the test came out that way."""
        return outcome is not self.denied

    def taken(self, outcome: bool) -> dict[Hashable, bool]:
        """What is known once it has come out that way."""
        if not self.entails:
            return {self.identity: outcome}
        known: dict[Hashable, bool] = {other: way for own, other, way in self.entails if own is outcome}
        known[self.identity] = outcome
        return known

    def follows(self, decided: Mapping[Hashable, bool], depth: int = 20) -> bool | None:
        """How it comes out where other tests came out so; None where that leaves it open."""
        if self.hangs is None or not depth:
            return None
        which, then, otherwise = self.hangs
        first = _outcome(which, decided, depth)
        if first is None:
            return None
        side = then if first else otherwise
        if isinstance(side, bool):
            return side
        found = _outcome(side[0], decided, depth)
        return None if found is None else found is side[1]


def _outcome(condition: Condition, decided: Mapping[Hashable, bool], depth: int) -> bool | None:
    found = condition.follows(decided, depth - 1)
    return found if found is not None else decided.get(condition.identity)


Side = bool | tuple[Condition, bool]
"""How a test comes out: so, or as another one does (true: alike, false: the other way)."""


@quick
@dataclass(frozen=True, slots=True)
class Alternative:
    """One of two texts, depending on a condition."""

    condition: Condition
    then: Text
    otherwise: Text


Piece = Literal | Hole | Alternative


def _merged(run: list[Literal], place: Place | None) -> Literal:
    return run[0] if len(run) == 1 else Literal("".join(literal.text for literal in run), place)


@dataclass(frozen=True, slots=True)
class Text:
    """Ordered pieces. Adjacent literals of one origin are merged by `Text.of`, but for numbers that count."""

    pieces: tuple[Piece, ...] = ()

    @staticmethod
    def of(*parts: str | Piece | Text) -> Text:
        pieces: list[Piece] = []
        run: list[Literal] = []  # of one origin, not merged yet: long texts are joined once
        place: Place | None = None
        for part in parts:
            for piece in part.pieces if isinstance(part, Text) else (Literal(part),) if isinstance(part, str) else (part,):
                if isinstance(piece, Literal) and piece.counts is None:
                    if not piece.text:
                        continue
                    if run and (place is None or piece.place is None or place == piece.place):
                        run.append(piece)
                        place = place or piece.place
                        continue
                    if run:
                        pieces.append(_merged(run, place))
                    run, place = [piece], piece.place
                    continue
                if run:
                    pieces.append(_merged(run, place))
                    run = []
                pieces.append(piece)
        if run:
            pieces.append(_merged(run, place))
        return Text(tuple(pieces))

    def __add__(self, other: Text) -> Text:
        return Text.of(self, other)

    @property
    def known(self) -> str | None:
        """The whole text when nothing of it is a hole."""
        if len(self.pieces) == 1:  # by far the most
            (piece,) = self.pieces
            return piece.text if isinstance(piece, Literal) else None
        if all(isinstance(piece, Literal) for piece in self.pieces):
            return "".join(piece.text for piece in self.pieces if isinstance(piece, Literal))
        return None

    @property
    def literal(self) -> str:
        """The known characters alone, holes left out (conditional pieces count in their first form)."""
        return "".join(
            piece.text if isinstance(piece, Literal) else piece.then.literal
            for piece in self.pieces
            if not isinstance(piece, Hole)
        )

    @property
    def length(self) -> int:
        """Known characters outside of alternatives."""
        return sum(len(piece.text) for piece in self.pieces if isinstance(piece, Literal))

    def holes(self) -> Iterator[Hole]:
        for piece in self.pieces:
            match piece:
                case Hole():
                    yield piece
                case Alternative(_, then, otherwise):
                    yield from then.holes()
                    yield from otherwise.holes()
                case Literal():
                    pass

    @property
    def lifetime(self) -> Lifetime:
        return Lifetime.shortest(hole.lifetime for hole in self.holes())

    def render(self) -> str:
        """For people: literals as they are, holes as `{expression}`, alternatives as `{a | b}`."""
        out: list[str] = []
        for piece in self.pieces:
            match piece:
                case Literal(text):
                    out.append(text)
                case Hole():
                    out.append("{" + piece.expression + "}")
                case Alternative(_, then, otherwise):
                    out.append("{" + then.render() + " | " + otherwise.render() + "}")
        return "".join(out)


EMPTY = Text()
