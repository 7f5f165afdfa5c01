"""A value with its holes exchanged, however deep in texts, choices, lists and mappings they are. Objects stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.values.domain import (
    AltItems,
    Choice,
    DictRef,
    Entry,
    EntryItem,
    Hole,
    Item,
    ListRef,
    Spread,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
)
from auditor.values.text import Alternative, Piece

if TYPE_CHECKING:
    from auditor.interp.machine import Machine

Change = Callable[[Hole], Hole]


def renewed(machine: Machine, value: Value, change: Change, depth: int) -> Value:
    """The value, lists and mappings down to a depth made anew where something in them changed."""
    match value:
        case Hole():
            return change(value)
        case Text():
            return _text(value, change)
        case Choice(condition, then, otherwise):
            return Choice(condition, renewed(machine, then, change, depth), renewed(machine, otherwise, change, depth))
        case TupleValue(items, order):
            return TupleValue(_items(machine, items, change, depth), order)
        case ListRef() if depth:
            content = machine.items(value)
            changed = _items(machine, content.items, change, depth - 1)
            return value if changed == content.items else machine.new_list(changed, content.order)
        case DictRef() if depth:
            entries = machine.entries(value)
            made = tuple(_entry(machine, one, change, depth - 1) for one in entries.entries)
            return value if made == entries.entries else machine.new_dict(made, entries.order, value.default)
        case _:
            return value


def _text(text: Text, change: Change) -> Text:
    def piece(one: Piece) -> Piece:
        match one:
            case Hole():
                return change(one)
            case Alternative(condition, then, otherwise):
                return Alternative(condition, _text(then, change), _text(otherwise, change))
            case _:
                return one

    return Text(tuple(map(piece, text.pieces)))


def _items(machine: Machine, items: tuple[Item, ...], change: Change, depth: int) -> tuple[Item, ...]:
    def item(one: Item) -> Item:
        match one:
            case Spread(hole, elements):
                return Spread(change(hole), _items(machine, elements, change, depth))
            case AltItems(condition, then, otherwise):
                return AltItems(condition, _items(machine, then, change, depth), _items(machine, otherwise, change, depth))
            case _:
                return renewed(machine, one, change, depth)

    return tuple(map(item, items))


def _entry(machine: Machine, entry: EntryItem, change: Change, depth: int) -> EntryItem:
    match entry:
        case Entry(key, value):
            return Entry(renewed(machine, key, change, 0), renewed(machine, value, change, depth))
        case SpreadEntries(hole, value):
            return SpreadEntries(change(hole), value)
        case _:
            return entry
