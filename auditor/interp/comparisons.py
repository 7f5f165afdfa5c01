"""Comparisons: which are decided by what is known, and which become tests of their own."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from auditor.interp import (
    elements,
    enums,
    held,
    known,
    lapses,
    lengths,
    mappings,
    marking,
    membership,
    memos,
    positions,
    selecting,
    sessions,
    tests,
)
from auditor.values.domain import (
    FALSE,
    TRUE,
    Choice,
    Const,
    DictRef,
    Entry,
    External,
    ExternalObject,
    Instance,
    ListRef,
    SetRef,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, leaves
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.text import Alternative, Condition, Hole, Text

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}

SPECIAL: dict[type[ast.cmpop], str] = {
    ast.Eq: "__eq__",
    ast.NotEq: "__eq__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
}


def compare(machine: Machine, op: ast.cmpop, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value:
    left, right = _apart(machine, decide(left, machine.assumptions)), _apart(machine, decide(right, machine.assumptions))
    each = machine.each_plain if _plain(left) and _plain(right) else machine.each
    if isinstance(left, Choice):
        return each(left, lambda side: compare(machine, op, side, right, node, frame), node, frame)
    if isinstance(right, Choice):
        return each(right, lambda side: compare(machine, op, left, side, node, frame), node, frame)
    marking.compared(machine, left, right)
    if isinstance(op, ast.Is | ast.IsNot):
        return _identity(machine, isinstance(op, ast.IsNot), left, right, node, frame)
    if isinstance(op, ast.In | ast.NotIn):
        return _membership(machine, isinstance(op, ast.NotIn), left, right, node, frame)
    known_left, one = known.python(machine, left)
    known_right, other_value = known.python(machine, right) if known_left else (False, None)
    if known_left and known_right:
        try:
            return const(bool(COMPARE[type(op)](one, other_value)))
        except TypeError:
            return FALSE
    if (counted := lengths.asked(machine, op, left, right)) is not None:
        there = tests.truth(machine, counted[0])
        return (
            const(there is counted[1])
            if isinstance(there, bool)
            else tests.as_value(machine, there[0], there[1] is counted[1], node, frame)
        )
    from auditor.interp import special

    answer = special.compared(machine, SPECIAL[type(op)], left, right, node, frame)
    if answer is not None:
        return tests.negate(machine, answer, node, frame) if isinstance(op, ast.NotEq) else answer
    if isinstance(op, ast.Eq | ast.NotEq):
        if left == right and not isinstance(left, ListRef | DictRef | SetRef) and not elements.is_of_many(machine, left):
            return const(isinstance(op, ast.Eq))
        if _kinds_differ(left, right) or enums.certainly_differ(left, right):
            return const(isinstance(op, ast.NotEq))
        return _equal(machine, isinstance(op, ast.Eq), left, right, node, frame)
    ordered = positions.ordered(machine, op, left, right)
    if ordered is None:
        ordered = lengths.ordered(machine, op, left, right)
    if ordered is not None:
        return const(ordered)
    usual = lapses.expected(machine, op, left, right)
    return _test(machine, (type(op).__name__, left, right), True, left, right, node, frame, usual, lapse=usual is not None)


def _apart(machine: Machine, value: Value) -> Value:
    """A text of which conditions decide a few parts, as texts to choose from: each is compared for itself."""
    if not isinstance(value, Text):
        return value
    open_pieces = [index for index, piece in enumerate(value.pieces) if isinstance(piece, Alternative)]
    if not open_pieces or _ways(value, machine.limits.choices + 1) > machine.limits.choices:
        return value
    first = open_pieces[0]
    piece = value.pieces[first]
    assert isinstance(piece, Alternative)
    then, otherwise = (
        Text.of(*(Text((one,)) for one in value.pieces[:first]), side, *(Text((one,)) for one in value.pieces[first + 1 :]))
        for side in (piece.then, piece.otherwise)
    )
    return Choice(piece.condition, then, otherwise)


def _ways(text: Text, limit: int) -> int:
    """How many texts this may be, all its conditions being independent; from `limit` on nothing more is counted."""
    found = 1
    for piece in text.pieces:
        if isinstance(piece, Alternative):
            found *= _ways(piece.then, limit) + _ways(piece.otherwise, limit)
            if found >= limit:
                return limit
    return found


def _plain(value: Value) -> bool:
    """Whether comparing the value runs no code of the project's."""
    return isinstance(value, Text | Const | Hole) or (isinstance(value, Choice) and all(map(_plain, leaves(value))))


def _kinds_differ(left: Value, right: Value) -> bool:
    """Whether two values can never be equal because of what they are (unknown values can be anything)."""
    symbolic = (Hole, ExternalObject, External)
    if isinstance(left, symbolic) or isinstance(right, symbolic):
        return False
    return known.is_none(left) != known.is_none(right)


def _equal(machine: Machine, outcome: bool, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value:
    """`left == right` where neither is known: false where this way has it equal to another constant."""
    usual = _usually(left, right, outcome)
    if not (isinstance(left, Hole | Text) and isinstance(right, Text | Const)):
        return _test(machine, ("equal", left, right), outcome, left, right, node, frame, usual)
    others = machine.equalities.setdefault(left, {})
    assumed = machine.assumptions
    if any(assumed.get(identity) is True and known.same_key(one, right) is False for one, identity in others.items()):
        return const(not outcome)
    others[right] = machine.identity(("equal", left, right))
    return _test(machine, ("equal", left, right), outcome, left, right, node, frame, usual)


def _usually(left: Value, right: Value, outcome: bool) -> bool | None:
    """How a comparison comes out where there is something to count, and where an answer is as hoped for; None of others."""
    if right == const(0):
        return not outcome
    answered = isinstance(left, Hole) and left.cause in ANSWERS and right == const(200)
    return outcome if answered else None


ANSWERS = frozenset({Cause.RETRIEVAL, Cause.RESPONSE})


def _identity(machine: Machine, negated: bool, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value:
    if known.is_none(right) or known.is_none(left):
        value = left if known.is_none(right) else right
        if known.is_none(value):
            return const(not negated)
        value = tests.row(machine, value) or value
        if isinstance(value, Hole) and memos.there(machine, value):
            return const(negated)
        if isinstance(value, Hole):
            return _test(machine, ("is-none", value.identity), not negated, value, None, node, frame, negated)
        if isinstance(value, External):  # an unresolved import may be anything, also None
            return const(negated)
        return const(negated)
    if isinstance(left, Const) and isinstance(right, Const):
        return const((left == right) is not negated)
    if isinstance(left, Hole) or isinstance(right, Hole):
        return _test(machine, ("is", left, right), not negated, left, right, node, frame)
    return const((left == right) is not negated)


def _membership(machine: Machine, negated: bool, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value:
    from auditor.interp import special

    answer: bool | None = None
    match right:
        case Instance():
            said = special.ask(machine, right, "__contains__", (left,), node, frame)
            if said is not None:
                return tests.negate(machine, said, node, frame) if negated else said
            right = special.row(machine, right) or right
        case _:
            pass
    match right:
        case TupleValue() | ListRef() | SetRef():
            found = membership.among(machine.items(right).items, left)
            if isinstance(found, Choice):
                return tests.negate(machine, found, node, frame) if negated else found
            answer = None if found is None else found == TRUE
        case DictRef():
            value, sure = known.lookup(machine.entries(right).entries, left)
            if value is None and not sure and (value := memos.remembered(machine, right, left, node, frame)) is not None:
                mappings.set_entry(machine, right, left, value)
            if value is None and (kept := sessions.filled(machine, right, left, node, frame)) is not None:
                if isinstance(kept, Hole):  # there once another entry has put it there
                    sure = False
                else:
                    value = kept
            answer = True if value is not None else (False if sure else None)
            if answer is not True and (before := sessions.holds(machine, right, left, negated, node, frame)) is not None:
                return before
            if answer is None and (there := held.under(machine.entries(right).entries, left)) is not None:
                return tests.negate(machine, there, node, frame) if negated else there
        case Text():
            needle, text = known.text_of(left), right.known
            if needle is not None and (text is not None or needle in right.literal):
                answer = needle in (text if text is not None else right.literal) or (None if text is None else False)
        case _:
            pass
    if answer is not None:
        return const(answer is not negated)
    # Words that the source spells are seldom in a text that it does not.
    usual = negated if isinstance(right, Text | Hole) and known.text_of(left) else None
    return _test(machine, ("in", left, membership.content(machine, right)), not negated, left, right, node, frame, usual)


def _named(machine: Machine, how: object, left: Value, right: Value | None) -> bool:
    """Whether one value alone is compared with words of the source."""
    if right is None or how not in {"equal", "in"}:
        return False
    alone = [
        isinstance(side, Hole) or (isinstance(side, Text) and len(side.pieces) == 1 and isinstance(side.pieces[0], Hole))
        for side in (left, right)
    ]
    if how == "equal" and alone[1]:
        return _spelled(machine, left)
    return alone[0] and _spelled(machine, right)


def _spelled(machine: Machine, value: Value) -> bool:
    """Whether the source spells the value: a text, or a collection of texts."""
    match value:
        case Text():
            return bool(value.known)
        case TupleValue() | ListRef() | SetRef():
            items = machine.items(value).items
            return bool(items) and all(known.text_of(item) for item in items)
        case DictRef():
            entries = machine.entries(value).entries
            return bool(entries) and all(isinstance(entry, Entry) and known.text_of(entry.key) for entry in entries)
        case _:
            return False


def _test(
    machine: Machine,
    identity: tuple[object, ...],
    outcome: bool,
    left: Value,
    right: Value | None,
    node: ast.AST,
    frame: Frame,
    expected: bool | None = None,
    *,
    lapse: bool = False,
) -> Value:
    known_as = machine.identity(identity)
    assumed = machine.assumptions.get(known_as)
    if assumed is not None:
        return const(assumed is outcome)
    holes = [*membership.holes(machine, left), *membership.holes(machine, right)]
    lifetime = Lifetime.shortest(hole.lifetime for hole in holes) if holes else Lifetime.UNKNOWN
    main = next((hole for hole in holes if hole.lifetime is lifetime), holes[0] if holes else None)
    named, repeated, place = _named(machine, identity[0], left, right), machine.stretching > 0, machine.place(node, frame)
    usual = None if expected is None else expected is outcome
    expression, late = machine.source(node), lapse and usual is not None
    word = known.text_of(right) if identity[0] == "equal" and right is not None else None
    picks = repeated and selecting.selective(identity[0], left, right)
    condition = Condition(
        known_as, expression, lifetime, place, main, repeated, named, (), not outcome, usual, late, None, word, picks
    )
    return Choice(condition, const(outcome), const(not outcome))
