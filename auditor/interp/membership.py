"""Whether a known value is among the items of a list, tuple or set, some of which stand there under conditions.

`needed |= {"mail"}` under a test of the message: whether `"mail" in needed` is what that test says, not a test of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.interp import known, mappings
from auditor.limits import KNOWN_DEPTH
from auditor.values.domain import FALSE, TRUE, AltItems, Choice, DictRef, Hole, Item, ListRef, SetRef, Spread, Value
from auditor.values.join import holes_of

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def among(items: Sequence[Item], wanted: Value, depth: int = 0) -> Value | None:
    """True, false, or which of them by the conditions of the items; None where that is not decided."""
    if any(known.same_key(one, wanted) is True for item in items if (one := known.plain(item)) is not None):
        return TRUE
    answer: Value = FALSE
    for item in reversed(items):
        if isinstance(item, AltItems) and depth < KNOWN_DEPTH:
            then, otherwise = among(item.then, wanted, depth + 1), among(item.otherwise, wanted, depth + 1)
            if then is None or otherwise is None:
                return None
            sides = _or(then, answer), _or(otherwise, answer)
            answer = sides[0] if then == otherwise else Choice(item.condition, *sides)
        elif (one := known.plain(item)) is None or known.same_key(one, wanted) is None:
            return None
    return answer


def _or(first: Value, second: Value) -> Value:
    match first:
        case Choice(condition, then, otherwise):
            return Choice(condition, _or(then, second), _or(otherwise, second))
        case _:
            return TRUE if first == TRUE else second


def content(machine: Machine, value: Value) -> object:
    """A collection by what decides whether something is in it: a copy holds the same."""
    match value:
        case DictRef():
            return ("mapping", tuple(mappings.keys(machine.entries(value).entries)))
        case ListRef():
            return ("list", machine.items(value).items)
        case _:
            return value


def holes(machine: Machine, value: Value | None) -> list[Hole]:
    """What a test of the value depends on: of a collection, on what is not known of its content, and on what decides it."""
    match value:
        case ListRef() | SetRef():
            items = machine.items(value).items
            return [*(item.hole for item in items if isinstance(item, Spread)), *_deciding(items)]
        case _:
            return holes_of(value)


def _deciding(items: Sequence[Item], depth: int = 0) -> list[Hole]:
    """What decides whether items stand there, and what is not known of those that do under a condition."""
    found: list[Hole] = []
    for item in items:
        if isinstance(item, AltItems) and depth < KNOWN_DEPTH:
            found += [item.condition.hole] if item.condition.hole is not None else []
            for side in (item.then, item.otherwise):
                found += [hole for one in side if not isinstance(one, AltItems) for hole in holes_of(one)]
                found += _deciding(side, depth + 1)
    return found
