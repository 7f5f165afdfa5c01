"""Truth of values: which tests are decided, and which become conditions."""

from __future__ import annotations

import ast
from collections.abc import Hashable
from typing import TYPE_CHECKING

from auditor.interp import (
    held,
    known,
    lapses,
    supposing,
)
from auditor.values.domain import (
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
from auditor.values.join import decide, holes_of
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
            return _mapping_truth(machine, value)
        case Choice(condition, then, otherwise):
            a, b = _where(machine, condition, True, then), _where(machine, condition, False, otherwise)
            if isinstance(a, bool) and isinstance(b, bool):
                return a if a is b else _decided(machine, condition, a)
            return _of_either(machine, value, a, b)
        case Instance():
            return _instance_truth(machine, value)
        case ExternalObject():
            found = row(machine, value)
            return True if found is None else truth(machine, found)
        case FunctionValue() | BoundMethod() | ClassValue() | ModuleValue() | External() | Partial() | Method() | Super():
            return True


def _where(machine: Machine, condition: Condition, outcome: bool, value: Value) -> Test:
    """The truth of what there is where a condition came out so: it may decide what a list holds, and other tests, as well."""
    if not isinstance(value, ListRef | DictRef | SetRef | TupleValue | Choice):
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


def _mapping_truth(machine: Machine, value: DictRef) -> Test:
    from auditor.interp import elsewhere

    entries = machine.entries(value).entries
    if entries or not elsewhere.fills(machine, value):
        return _entries_truth(machine, entries)
    hole = elsewhere.hole(machine, value)
    return _decided(machine, _fresh(machine, ("nonempty", hole.identity), hole), True)


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


def row(machine: Machine, value: Value) -> Hole | None:
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
