"""Where in a list an index stands, of a list some stretches of which are of unknown length.

`while i < len(messages): ...; i += 1` goes through a history from its front. What number `i` is nobody knows behind the first
stretch, but which item it stands at is known: one element of a stretch stands for all of them, and the next one is behind it.
Such a number is a hole; its identity is kept along with the list's items and how many of them are ahead.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.interp import known, trimming
from auditor.values.domain import AltItems, Choice, Const, Hole, Item, ListRef, Spread, TupleValue, Value, const
from auditor.values.join import decide, decide_items

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.interp.store import Layer


@dataclass(frozen=True, slots=True)
class Position:
    """`ahead`: how many items stand ahead of it, a stretch counted as one. `length`: it is the list's length. `on`: there is an
    item at which it stands."""

    items: tuple[Item, ...]
    ahead: int
    length: bool = False
    on: bool = False

    @property
    def left(self) -> bool:
        """Whether a stretch has just been left by a step: other elements of it may still follow."""
        return self.ahead > 0 and isinstance(self.items[self.ahead - 1], Open)


Open = Spread | AltItems
"""Items of which it is not known how many they are."""


def regular(items: Sequence[Item]) -> bool:
    """Whether the list has stretches or conditional items, and each of these is one item or one stretch if it is there."""
    return any(isinstance(item, Open) for item in items) and all(map(_single, items))


def _single(item: Item) -> bool:
    if isinstance(item, AltItems):
        return all(len(side) <= 1 and all(map(_single, side)) for side in (item.then, item.otherwise))
    return True


def content(machine: Machine, value: ListRef | TupleValue) -> tuple[Item, ...]:
    """A list's items as far as this way decides them, without marks; of conditional ones, each for itself."""
    return tuple(one for item in trimming.unmarked(machine.items(value).items) for one in _apart(item))


def _apart(item: Item) -> tuple[Item, ...]:
    """`if plan: messages += [plan, scan]`: a plan if there is one, and then a scan."""
    if not isinstance(item, AltItems) or _single(item):
        return (item,)
    then, otherwise = (tuple(one for part in side for one in _apart(part)) for side in (item.then, item.otherwise))
    longest = max(len(then), len(otherwise))
    return tuple(AltItems(item.condition, then[at : at + 1], otherwise[at : at + 1]) for at in range(longest))


def _settled(machine: Machine, position: Position) -> Position:
    """The position in what this way decides the items to be: a conditional one may be there, or not."""
    ahead = decide_items(position.items[: position.ahead], machine.assumptions)
    return replace(position, items=decide_items(position.items, machine.assumptions), ahead=len(ahead))


def at(machine: Machine, items: tuple[Item, ...], ahead: int, *, on: bool = False) -> Value:
    """The number of items ahead: itself where these are known one by one, and it does not stand on one of several."""
    first = next((index for index, item in enumerate(items) if isinstance(item, Open)), len(items))
    if ahead < first or (ahead == first and not on):
        return const(ahead)
    stretches = [hole for item in items[: ahead + 1] for hole in _numbering(item)]
    identity = ("position", items, ahead, on)
    made = machine.derived(trimming.told(stretches), None, None, identity=identity, expression="position in the list")
    machine.positions[made.identity] = Position(items, ahead, on=on)
    return made


def _numbering(item: Item) -> list[Hole]:
    """What decides how many items a stretch or a conditional item is."""
    match item:
        case Spread(hole):
            return [hole]
        case AltItems(condition, then, otherwise):
            inner = [hole for one in (*then, *otherwise) for hole in _numbering(one)]
            return [condition.hole, *inner] if condition.hole is not None else inner
        case _:
            return []


def note_length(machine: Machine, items: tuple[Item, ...], length: Value) -> None:
    if isinstance(length, Hole) and regular(items):
        machine.positions[length.identity] = Position(items, len(items), length=True)


def of(machine: Machine, value: object) -> Position | None:
    return machine.positions.get(value.identity) if isinstance(value, Hole) else None


def within(machine: Machine, value: Value | None, items: tuple[Item, ...]) -> int | None:
    """How many of the items are ahead of a position in this list, or in one that began alike."""
    position = of(machine, value)
    if position is None:
        return None
    position = _settled(machine, position)
    alike = position.ahead <= len(items) and position.items[: position.ahead] == items[: position.ahead]
    return position.ahead if alike else None


def between(machine: Machine, items: tuple[Item, ...], bounds: Sequence[Value | None]) -> tuple[Item, ...] | None:
    """`messages[start:end]` where a loop has found one of the ends."""
    if (len(bounds) > 2 and bounds[2] is not None) or not any(of(machine, bound) for bound in bounds):
        return None
    ends: list[int] = []
    for bound, default in zip(bounds[:2], (0, len(items)), strict=True):
        number = _of_number(bound, items) if isinstance(bound, Const) and not known.is_none(bound) else None
        end = default if bound is None or known.is_none(bound) else number.ahead if number else within(machine, bound, items)
        if end is None:
            return None
        ends.append(end)
    return items[ends[0] : ends[1]]


def stepped(machine: Machine, op: ast.operator, left: Value, right: Value) -> Value | None:
    """`i + 1`, `i - 1` of a position that a loop has come to."""
    number, position = known.int_of(right), of(machine, left)
    if position is None or number is None or not isinstance(op, ast.Add | ast.Sub):
        return None
    if position.length:
        return _from_the_end(machine, position, number) if isinstance(op, ast.Sub) else None
    target = position.ahead + (number if isinstance(op, ast.Add) else -number)
    first, last = sorted((position.ahead, target))
    if not 0 <= target <= len(position.items) or any(isinstance(item, Open) for item in position.items[first + 1 : last]):
        return None
    return at(machine, position.items, target)


def _from_the_end(machine: Machine, length: Position, number: int) -> Value | None:
    """`len(messages) - 2`: of what the program itself made, a stretch counts as the one item that most turns bring."""
    target = length.ahead - number
    passed = length.items[target:] if 0 <= target <= length.ahead else ()
    made = all(bool(item.elements) if isinstance(item, Spread) else not isinstance(item, AltItems) for item in passed)
    return at(machine, length.items, target) if passed and made else None


def ordered(machine: Machine, op: ast.cmpop, left: Value, right: Value) -> bool | None:
    """How two positions of one list compare; None where that is open."""
    a, b = of(machine, left), of(machine, right)
    if a is None and b is not None:
        a = _of_number(left, b.items)
    if b is None and a is not None:
        b = _of_number(right, a.items)
    if a is None or b is None:
        return _reached(machine, op, a, b, left, right)
    a, b = _settled(machine, a), _settled(machine, b)
    if not _alike(a, b):
        return None
    if isinstance(op, ast.Gt | ast.LtE):
        answer = _before(machine, b, a)
        return answer if answer is None else answer is isinstance(op, ast.Gt)
    if isinstance(op, ast.Lt | ast.GtE):
        answer = _before(machine, a, b)
        return answer if answer is None else answer is isinstance(op, ast.Lt)
    return None


def _reached(machine: Machine, op: ast.cmpop, a: Position | None, b: Position | None, left: Value, right: Value) -> bool | None:
    """Whether a list is at least so long, of what the program itself made a stretch counted as one; that it is shorter is open.

    A history of several messages is meant: of results alone, that there are any is what is asked for.
    """
    length, number = (a, known.int_of(right)) if a is not None else (b, known.int_of(left))
    if length is None or not length.length or number is None:
        return None
    items = _settled(machine, length).items
    single = sum(known.plain(item) is not None for item in items)
    least = single + sum(isinstance(item, Spread) and bool(item.elements) for item in items)
    over = isinstance(op, ast.Gt | ast.GtE) is (a is not None)
    needed = number + isinstance(op, ast.Gt | ast.Lt) if over else number + isinstance(op, ast.LtE | ast.GtE)
    return over if single >= _HISTORY and least >= needed else None


_HISTORY = 2
"""From how many items that are seen one by one a list is taken for a history."""


def _of_number(value: Value, items: tuple[Item, ...]) -> Position | None:
    """A number as a position: none behind the first stretch."""
    number = known.int_of(value)
    first = next((index for index, item in enumerate(items) if isinstance(item, Open)), len(items))
    return Position(items, number) if number is not None and 0 <= number <= first else None


def _alike(a: Position, b: Position) -> bool:
    most = max(a.ahead, b.ahead)
    return a.items[:most] == b.items[:most]


def _before(machine: Machine, a: Position, b: Position) -> bool | None:
    if a.ahead >= b.ahead:
        # Behind a stretch's element the list may end, or go on with another one.
        return False if machine.walking or not (a.left and b.length) else None
    between = a.items[a.ahead : b.ahead] if len(a.items) >= b.ahead else b.items[a.ahead : b.ahead]
    certain = machine.walking or a.on or any(not isinstance(item, Open) for item in between)
    return True if certain else None


@contextmanager
def walking(machine: Machine, test: ast.expr, frame: Frame) -> Iterator[None]:
    """While the test of a loop is evaluated that goes through a list by an index: no stretch is taken to be empty.

    Of a list with conditional items the index stays a number that nobody knows.
    """
    saved, machine.walking = machine.walking, walked(machine, test, frame) is not None
    try:
        yield
    finally:
        machine.walking = saved


def walked(machine: Machine, test: ast.expr, frame: Frame) -> tuple[str, tuple[Item, ...]] | None:
    """The name of the index, and the list's items, of `while i < len(messages)`, and of more that is tested behind it.

    Likewise of `while i < count`, where the count was asked for before.
    """
    first = test.values[0] if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else test
    match first:
        case ast.Compare(
            left=ast.Name(id=index), ops=[ast.Lt()], comparators=[ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)])]
        ):
            found = machine.store.get(frame.local, name)
            value = decide(found, machine.assumptions) if isinstance(found, ListRef | TupleValue | Choice) else None
            if not isinstance(value, ListRef | TupleValue):
                return None
            items = content(machine, value)
            return (index, items) if regular(items) else None
        case ast.Compare(left=ast.Name(id=index), ops=[ast.Lt()], comparators=[ast.Name(id=name)]):
            length = of(machine, machine.store.get(frame.local, name))
            if length is None or not length.length:
                return None
            items = _settled(machine, length).items
            return (index, items) if regular(items) else None
        case _:
            return None


def stand(machine: Machine, test: ast.expr, frame: Frame) -> Spread | AltItems | None:
    """The stretch or conditional item at which a loop's turn is about to stand, its index being turned into that position."""
    found = walked(machine, test, frame)
    if found is None:
        return None
    name, items = found
    value = machine.store.get(frame.local, name)
    number = (
        known.int_of(value) if isinstance(value, Const) else within(machine, value, items) if isinstance(value, Hole) else None
    )
    item = items[number] if number is not None and 0 <= number < len(items) else None
    if number is None or not isinstance(item, Open):
        return None
    position = of(machine, value) or Position(items, number)
    machine.store.set(frame.local, name, at(machine, position.items, position.ahead, on=True))
    return item


def leave(machine: Machine, test: ast.expr, frame: Frame) -> None:
    """The index goes on from an item that is not there."""
    found = walked(machine, test, frame)
    position = of(machine, machine.store.get(frame.local, found[0])) if found is not None else None
    if found is not None and position is not None:
        machine.store.set(frame.local, found[0], at(machine, position.items, position.ahead + 1))


def kept(machine: Machine, writes: Layer) -> tuple[Layer, Layer]:
    """What a turn on a stretch leaves as it is, since it says where the loop is, and the rest."""
    places: Layer = {cell: after for cell, after in writes.items() if of(machine, after) is not None}
    return places, {cell: after for cell, after in writes.items() if cell not in places}
