"""Whether something is in a collection of which conditions decide what it holds: those conditions say so.

`if wanted: found["key"] = …` and later `if "key" in found:` or `if found:` are one question, asked twice. Asked as two, the
second was taken both ways, also where nothing had been put there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.limits import ASKED_CONDITIONS
from auditor.values.domain import (
    FALSE,
    TRUE,
    AltEntries,
    AltItems,
    Choice,
    Entry,
    EntryItem,
    Item,
    Spread,
    SpreadEntries,
    Value,
)

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


OPEN = (AltItems, AltEntries, Spread, SpreadEntries)
"""What may hold nothing."""


def anything(items: Sequence[Item | EntryItem]) -> Value | None:
    """Whether a collection holds anything, where conditions alone decide; None where more than that is not known."""
    if not _bounded(items):
        return None
    return _anything(tuple(items))


def there(machine: Machine, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """The items without the stretches that a test found to be empty: behind `if not history:`, there is nothing before."""
    if not machine.assumptions or not any(isinstance(item, Spread) for item in items):
        return items
    return tuple(item for item in items if not (isinstance(item, Spread) and _found_empty(machine, item)))


def _found_empty(machine: Machine, item: Spread) -> bool:
    tests = (machine.made((test, item.hole.identity)) for test in ("truth", "nonempty"))
    return any(test is not None and machine.assumptions.get(test) is False for test in tests)


def under(entries: Sequence[EntryItem], key: Value) -> Value | None:
    """Whether a mapping holds something under a key, where conditions alone decide; None where more than that is not known."""
    if not _bounded(entries):
        return None
    return _under(tuple(entries), key)


def _anything(items: tuple[Item | EntryItem, ...]) -> Value | None:
    if not items:
        return FALSE
    if not all(isinstance(item, OPEN) for item in items):
        return TRUE
    match items[0]:
        case AltItems(condition, then, otherwise) | AltEntries(condition, then, otherwise):
            a, b = _anything((*then, *items[1:])), _anything((*otherwise, *items[1:]))
            return None if a is None or b is None else a if a == b else Choice(condition, a, b)
        case _:
            return None


def _under(entries: tuple[EntryItem, ...], key: Value) -> Value | None:
    if not entries:
        return FALSE
    match entries[0]:
        case AltEntries(condition, then, otherwise):
            a, b = _under((*then, *entries[1:]), key), _under((*otherwise, *entries[1:]), key)
            return None if a is None or b is None else a if a == b else Choice(condition, a, b)
        case Entry(own):
            equal = known.same_key(own, key)
            if equal is None:
                return None
            return TRUE if equal else _under(entries[1:], key)
        case _:
            return None


def _bounded(items: Sequence[Item | EntryItem]) -> bool:
    """Whether few enough conditions decide what is there, and at least one."""
    found = 0
    waiting: list[Item | EntryItem] = list(items)
    while waiting and found <= ASKED_CONDITIONS:
        item = waiting.pop()
        if isinstance(item, AltItems | AltEntries):
            found += 1
            waiting += [*item.then, *item.otherwise]
    return 0 < found <= ASKED_CONDITIONS
