"""Truth and comparison: which tests are decided, and which become conditions."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from auditor.interp import (
    elements,
    enums,
    held,
    known,
    lapses,
    lengths,
    marking,
    membership,
    memos,
    positions,
    sessions,
    supposing,
)
from auditor.values.domain import (
    FALSE,
    TRUE,
    BoundMethod,
    Choice,
    ClassValue,
    Const,
    DictRef,
    Entry,
    EntryItem,
    External,
    ExternalObject,
    FunctionValue,
    Instance,
    Item,
    ListRef,
    Method,
    ModuleValue,
    Partial,
    SetRef,
    Spread,
    Super,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, holes_of, leaves
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.quick import replace
from auditor.values.text import Alternative, Condition, Hole, Literal, Text

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine, Test


def truth(machine: Machine, value: Value) -> Test:
    value = decide(value, machine.assumptions)
    match value:
        case Const(raw):
            return bool(raw)
        case Text():
            return _text_truth(machine, value)
        case Hole():
            return _hole_truth(machine, value)
        case TupleValue() | ListRef() | SetRef():
            return _items_truth(machine, machine.items(value).items)
        case DictRef():
            return _entries_truth(machine, machine.entries(value).entries)
        case Choice(condition, then, otherwise):
            a, b = _where(machine, condition, True, then), _where(machine, condition, False, otherwise)
            if isinstance(a, bool) and isinstance(b, bool):
                return a if a is b else _decided(machine, condition, a)
            return _of_either(machine, value, a, b)
        case Instance():
            return _instance_truth(machine, value)
        case ExternalObject():
            row = _row(machine, value)
            return True if row is None else truth(machine, row)
        case FunctionValue() | BoundMethod() | ClassValue() | ModuleValue() | External() | Partial() | Method() | Super():
            return True


def _where(machine: Machine, condition: Condition, outcome: bool, value: Value) -> Test:
    """The truth of what there is where a condition came out so: it may decide what a list holds as well."""
    if not isinstance(value, ListRef | DictRef | SetRef | TupleValue):
        return truth(machine, value)
    saved = machine.assumptions
    try:
        machine.assumptions = supposing.supposed(machine, condition, outcome)
        return truth(machine, value)
    finally:
        machine.assumptions = saved


def _items_truth(machine: Machine, items: tuple[Item, ...]) -> Test:
    if not items:
        return False
    if any(known.plain(item) is not None for item in items):
        return True
    if (there := held.anything(items)) is not None:
        return truth(machine, there)
    stretch = next((item.hole for item in items if isinstance(item, Spread)), None)
    if any(isinstance(item, Spread) and _of_any(machine, item) for item in items):
        return True
    identity = stretch.identity if stretch else ("items", items)
    return _decided(machine, _fresh(machine, ("nonempty", identity), stretch), True)


def _entries_truth(machine: Machine, entries: tuple[EntryItem, ...]) -> Test:
    if not entries:
        return False
    if any(isinstance(entry, Entry) for entry in entries):
        return True
    if (there := held.anything(entries)) is not None:
        return truth(machine, there)
    return _decided(machine, _fresh(machine, ("nonempty", entries), None), True)


def _of_any(machine: Machine, item: Spread) -> bool:
    """Whether a stretch has an element for each one of what there is: `[call.id for call in calls]` behind `if calls:`."""
    unfiltered = bool(item.elements) and all(known.plain(one) is not None for one in item.elements)
    source = item.hole.roots[0] if unfiltered and item.hole.roots else None
    return source is not None and machine.assumptions.get(machine.identity(("truth", source))) is True


def _instance_truth(machine: Machine, value: Instance) -> Test:
    from auditor.interp import special

    answer = special.ask(machine, value, "__bool__", (), None, None)
    if answer is None:
        answer = special.length(machine, value, None, None)
    return truth(machine, answer) if answer is not None and not isinstance(answer, Instance) else True


def _row(machine: Machine, value: Value) -> Hole | None:
    """What a database answered, which may be nothing."""
    from auditor.interp.library import stores

    return stores.doubted(machine, value) if isinstance(value, ExternalObject) else None


def _of_either(machine: Machine, value: Choice, a: Test, b: Test) -> Test:
    """The test of one of two values, not both of which are decided."""
    # As the first of them has it: whichever way that one is decided, the whole test goes along.
    outcome = a if isinstance(a, bool) else not b if isinstance(b, bool) else a[1]
    identity = machine.identity(("truth", value, outcome))
    assumed = machine.assumptions.get(identity)
    if assumed is not None:
        return assumed is outcome
    entails: tuple[tuple[bool, Hashable, bool], ...] = ()
    if isinstance(b, bool) and not isinstance(a, bool):
        entails = _entailed(True, value.condition, True, a, outcome)
    elif isinstance(a, bool) and not isinstance(b, bool):
        entails = _entailed(False, value.condition, False, b, not outcome)
    return _of_several(machine, value, (a, b), outcome, (identity, entails)), outcome


def _entailed(
    own: bool, which: Condition, side: bool, test: tuple[Condition, bool], truth: bool
) -> tuple[tuple[bool, Hashable, bool], ...]:
    """One of two values is decided, and not that way: it was the other one, whose test came out so."""
    condition, outcome = test
    known = {**which.taken(side), **condition.taken(outcome is truth)}  # and what follows from these two
    return tuple((own, identity, way) for identity, way in known.items())


def _of_several(
    machine: Machine,
    value: Choice,
    sides: tuple[Test, Test],
    outcome: bool,
    known_as: tuple[object, tuple[tuple[bool, Hashable, bool], ...]],
) -> Condition:
    """A test that hangs on several: named after all of them, and tested of what they all test. With its identity and what
    it entails."""
    tests = [value.condition, *(side[0] for side in sides if not isinstance(side, bool))]
    expression = ", ".join(dict.fromkeys(test.expression for test in tests))
    holes = [*holes_of(value), *(test.hole for test in tests if test.hole is not None)]
    lifetime = Lifetime.shortest(hole.lifetime for hole in holes)
    main = next((hole for hole in holes if hole.lifetime is lifetime), value.condition.hole)
    if main is not None:
        roots = dict.fromkeys(root for hole in holes for root in (hole.identity, *hole.roots))
        main = replace(main, roots=tuple(roots)[: machine.limits.roots])
    place = next((test.place for test in tests if test.place is not None), None)
    identity, entails = known_as
    then, otherwise = (side is outcome if isinstance(side, bool) else (side[0], side[1] is outcome) for side in sides)
    usual, lapse = lapses.of_either(value, *sides, outcome)
    hangs, repeated = (value.condition, then, otherwise), machine.stretching > 0
    return Condition(identity, expression, lifetime, place, main, repeated, False, entails, not outcome, usual, lapse, hangs)


def _hole_truth(machine: Machine, value: Hole) -> Test:
    if value.cause is Cause.ENVIRONMENT and value.content is not None and value.content.known:
        return True  # a setting whose default is some text: nobody leaves it empty
    if value.identity in machine.memos:
        return True
    identity = machine.identity(("truth", value.identity))
    assumed = machine.assumptions.get(identity)
    if assumed is not None:
        return assumed
    return machine.test_of(value, identity, expected=True), True


def _text_truth(machine: Machine, value: Text) -> Test:
    if any(isinstance(piece, Literal) for piece in value.pieces):
        return True
    if not value.pieces:
        return False
    if len(value.pieces) == 1 and isinstance(value.pieces[0], Alternative):
        piece = value.pieces[0]
        a, b = truth(machine, piece.then), truth(machine, piece.otherwise)
        if isinstance(a, bool) and isinstance(b, bool):
            return a if a is b else _decided(machine, piece.condition, a)
        return _of_either(machine, Choice(piece.condition, piece.then, piece.otherwise), a, b)
    holes = list(value.holes())
    if len(holes) == 1:
        return _hole_truth(machine, holes[0])
    return _decided(machine, _fresh(machine, ("nonempty", value), holes[0] if holes else None), True)


def _fresh(machine: Machine, identity: object, hole: Hole | None) -> Condition:
    expression = hole.expression if hole else "unknown test"
    lifetime, place = (hole.lifetime, hole.place) if hole else (Lifetime.UNKNOWN, None)
    return machine.condition(identity, expression, lifetime, place, hole, expected=True)


def _decided(machine: Machine, condition: Condition, outcome: bool) -> Test:
    assumed = machine.assumptions.get(condition.identity)
    if assumed is not None:
        return assumed is outcome
    return condition, outcome


def negate(machine: Machine, value: Value, node: ast.AST, frame: Frame) -> Value:
    decided = truth(machine, value)
    if isinstance(decided, bool):
        return const(not decided)
    condition, outcome = decided
    return as_value(machine, condition, not outcome, node, frame)


def as_value(machine: Machine, condition: Condition, outcome: bool, node: ast.AST, frame: Frame) -> Value:
    """A test as a bool that is not known."""
    return Choice(condition, const(outcome), const(not outcome))


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
        there = truth(machine, counted[0])
        return (
            const(there is counted[1])
            if isinstance(there, bool)
            else as_value(machine, there[0], there[1] is counted[1], node, frame)
        )
    from auditor.interp import special

    answer = special.compared(machine, SPECIAL[type(op)], left, right, node, frame)
    if answer is not None:
        return negate(machine, answer, node, frame) if isinstance(op, ast.NotEq) else answer
    if isinstance(op, ast.Eq | ast.NotEq):
        if left == right and not isinstance(left, ListRef | DictRef | SetRef) and not elements.is_of_many(machine, left):
            return const(isinstance(op, ast.Eq))
        if _kinds_differ(left, right) or enums.certainly_differ(left, right):
            return const(isinstance(op, ast.NotEq))
        return _equal(machine, isinstance(op, ast.Eq), left, right, node, frame)
    ordered = positions.ordered(machine, op, left, right)
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
        value = _row(machine, value) or value
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
                return negate(machine, said, node, frame) if negated else said
            right = special.row(machine, right) or right
        case _:
            pass
    match right:
        case TupleValue() | ListRef() | SetRef():
            found = membership.among(machine.items(right).items, left)
            if isinstance(found, Choice):
                return negate(machine, found, node, frame) if negated else found
            answer = None if found is None else found == TRUE
        case DictRef():
            value, sure = known.lookup(machine.entries(right).entries, left)
            value = value if value is not None else sessions.filled(machine, right, left, frame)
            answer = True if value is not None else (False if sure else None)
            if answer is not True and (before := sessions.holds(machine, right, left, negated, node, frame)) is not None:
                return before
            if answer is None and (there := held.under(machine.entries(right).entries, left)) is not None:
                return negate(machine, there, node, frame) if negated else there
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
    condition = Condition(known_as, expression, lifetime, place, main, repeated, named, (), not outcome, usual, late)
    return Choice(condition, const(outcome), const(not outcome))


__all__ = ["FALSE", "TRUE", "as_value", "compare", "negate", "truth"]
