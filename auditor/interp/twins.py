"""Objects that are made twice and are the same: `if self._client is None: self._client = make()` on two ways through the program.

Knows what objects hold. Two objects are twins where they are of one class and everything they hold is equal, or twins again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.interp.library import objects
from auditor.values.domain import Arguments, BoundMethod, Choice, DictRef, Entry, ExternalObject, Hole, Instance, ListRef, Value
from auditor.values.lifetime import Reason

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def one_of(machine: Machine, value: Choice) -> Value | None:
    """The object that a choice is whatever its condition; None where that makes a difference."""
    first, second = value.then, value.otherwise
    if isinstance(first, Hole):
        first, second = second, first
    return first if twins(machine, first, second) else None


def twins(machine: Machine, one: object, other: object, depth: int | None = None) -> bool:
    """Whether it makes no difference which of two objects is meant."""
    machine.step()
    depth = machine.limits.twin_depth if depth is None else depth
    match one, other:
        case Instance(a, cls), Instance(b, same):
            names = machine.store.keys(a)
            if (
                depth == 0
                or cls != same
                or len(names) > machine.limits.twin_parts
                or sorted(names) != sorted(machine.store.keys(b))
            ):
                return False
            return all(twins(machine, machine.store.get(a, name), machine.store.get(b, name), depth - 1) for name in names)
        case Choice(_, then, otherwise), _:
            return twins(machine, then, other, depth) and twins(machine, otherwise, other, depth)
        case _, Choice(_, then, otherwise):
            return twins(machine, one, then, depth) and twins(machine, one, otherwise, depth)
        case BoundMethod(function, receiver), BoundMethod(same, of):
            return function == same and twins(machine, receiver, of, depth)
        case ExternalObject(), ExternalObject():
            if depth == 0 or one.cls != other.cls or one.path != other.path:
                return False
            return _alike(machine, _arguments(machine, one), _arguments(machine, other), depth)
        case ListRef(), ListRef():
            return depth > 0 and _each(machine, machine.items(one).items, machine.items(other).items, depth)
        case DictRef(), DictRef():
            mine, theirs = machine.entries(one).entries, machine.entries(other).entries
            plain = all(isinstance(entry, Entry) for entry in (*mine, *theirs))
            keys = [getattr(entry, "key", None) for entry in mine] == [getattr(entry, "key", None) for entry in theirs]
            values = [getattr(entry, "value", None) for entry in mine], [getattr(entry, "value", None) for entry in theirs]
            return mine == theirs or (depth > 0 and plain and keys and _each(machine, *values, depth))
        case (Instance() | ExternalObject() | BoundMethod(), Hole(reason=Reason.LIMIT)):
            return True  # work that was given up is no evidence of another object
        case _:
            return bool(one == other)


def _arguments(machine: Machine, value: ExternalObject) -> Arguments:
    given = value.arguments or Arguments()
    written: dict[str, Value] = objects.written(machine, value)
    return Arguments(given.positional, tuple((dict(given.keywords) | written).items()), given.unknown_keywords)


def _alike(machine: Machine, one: Arguments, other: Arguments, depth: int) -> bool:
    names = [name for name, _ in one.keywords] == [name for name, _ in other.keywords]
    keywords = [value for _, value in one.keywords], [value for _, value in other.keywords]
    return (
        names
        and one.unknown_keywords == other.unknown_keywords
        and _each(machine, one.positional, other.positional, depth)
        and _each(machine, *keywords, depth)
    )


def _each(machine: Machine, mine: object, theirs: object, depth: int) -> bool:
    assert isinstance(mine, list | tuple)
    assert isinstance(theirs, list | tuple)
    if len(mine) != len(theirs) or len(mine) > machine.limits.twin_parts:
        return False
    return all(twins(machine, a, b, depth - 1) for a, b in zip(mine, theirs, strict=True))
