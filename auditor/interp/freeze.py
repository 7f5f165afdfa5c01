"""Freezing: what a value holds at this moment, as a tree that later changes cannot reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.values.domain import (
    AltEntries,
    AltItems,
    BoundMethod,
    Choice,
    ClassValue,
    Const,
    DictRef,
    Entry,
    EntryItem,
    External,
    ExternalObject,
    Frozen,
    FrozenAlt,
    FrozenChoice,
    FrozenDict,
    FrozenEntry,
    FrozenEntryAlt,
    FrozenEntryItem,
    FrozenEntrySpread,
    FrozenItem,
    FrozenList,
    FrozenObject,
    FrozenSpread,
    FunctionValue,
    Hole,
    Instance,
    Item,
    ListRef,
    SetRef,
    Spread,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import decide
from auditor.values.lifetime import Cause, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.machine import Machine

DEPTH = 14


def freeze(machine: Machine, value: Value, depth: int = 0) -> Frozen:
    """The value with everything that it refers to."""
    value = decide(value, machine.assumptions)
    if depth > DEPTH:
        return machine.limit("depth", None, None, "nested data")
    match value:
        case Text() | Hole() | Const() | FunctionValue() | ClassValue() | External():
            return value
        case ListRef() | TupleValue() | SetRef():
            content = machine.items(value)
            place = machine.born.get(value.address) if not isinstance(value, TupleValue) else None
            order = content.order
            if isinstance(value, SetRef) and len(content.items) > 1:
                order = machine.hole(None, None, Lifetime.PROCESS, Cause.SET_ORDER, identity=("set-order", value.address), expression="set")
            return FrozenList(tuple(_item(machine, item, depth) for item in content.items), order, place)
        case DictRef(address):
            entries = machine.entries(value)
            return FrozenDict(tuple(_entry(machine, entry, depth) for entry in entries.entries), entries.order, machine.born.get(address))
        case Instance(address, cls):
            pairs: list[FrozenEntryItem] = []
            for name in machine.store.keys(address):
                content_value = machine.store.get(address, name)
                if content_value is not None:
                    pairs.append(FrozenEntry(Text.of(name), freeze(machine, content_value, depth + 1)))  # type: ignore[arg-type]
            return FrozenObject(cls.name, FrozenDict(tuple(pairs)), machine.born.get(address))
        case ExternalObject():
            return _external(machine, value, depth)
        case Choice(condition, then, otherwise):
            return FrozenChoice(condition, freeze(machine, then, depth + 1), freeze(machine, otherwise, depth + 1))
        case BoundMethod(function):
            return function
        case _:
            return Hole(("opaque", repr(type(value))), type(value).__name__, Lifetime.UNKNOWN, reason=Reason.UNSUPPORTED)


def _external(machine: Machine, value: ExternalObject, depth: int) -> Frozen:
    from auditor.interp.library import paths

    arguments = value.arguments
    if paths.is_path(value) or arguments is None or value.path:
        text = paths.text(machine, value) if paths.is_path(value) else None
        if text is not None:
            return Text.of(text.removeprefix("\0"))
        name = ".".join((value.cls, *value.path))
        return Hole(("object", name, value.identity), name, Lifetime.UNKNOWN, reason=Reason.UNMODELLED_CALL, place=value.place, type=value.cls)
    pairs: list[FrozenEntryItem] = [
        FrozenEntry(Const(index, "int"), freeze(machine, item, depth + 1))
        for index, item in enumerate(arguments.positional)
        if not isinstance(item, Spread | AltItems)
    ]
    pairs += [FrozenEntry(Text.of(name), freeze(machine, item, depth + 1)) for name, item in arguments.keywords]
    pairs += [_entry(machine, entry, depth) for entry in arguments.unknown_keywords]
    return FrozenObject(value.cls, FrozenDict(tuple(pairs), place=value.place), value.place)


def _item(machine: Machine, item: Item, depth: int) -> FrozenItem:
    match item:
        case Spread(hole, elements):
            return FrozenSpread(hole, tuple(_item(machine, element, depth + 1) for element in elements))
        case AltItems(condition, then, otherwise):
            return FrozenAlt(
                condition, tuple(_item(machine, one, depth + 1) for one in then), tuple(_item(machine, one, depth + 1) for one in otherwise)
            )
        case _:
            return freeze(machine, item, depth + 1)


def _entry(machine: Machine, entry: EntryItem, depth: int) -> FrozenEntryItem:
    match entry:
        case Entry(key, value):
            return FrozenEntry(freeze(machine, key, depth + 1), freeze(machine, value, depth + 1))
        case SpreadEntries(hole):
            return FrozenEntrySpread(hole)
        case AltEntries(condition, then, otherwise):
            return FrozenEntryAlt(
                condition,
                tuple(_entry(machine, one, depth + 1) for one in then),
                tuple(_entry(machine, one, depth + 1) for one in otherwise),
            )


# Deciding conditions of frozen values


def settle(value: Frozen, decisions: dict[object, bool]) -> Frozen:
    """The value with every condition decided: by `decisions`, else as true."""
    match value:
        case FrozenChoice(condition, then, otherwise):
            return settle(then if decisions.get(condition.identity, True) else otherwise, decisions)
        case Text():
            from auditor.values.join import decide_text
            from auditor.values.text import Alternative

            text = decide_text(value, decisions)
            while any(isinstance(piece, Alternative) for piece in text.pieces):
                undecided = {piece.condition.identity: True for piece in text.pieces if isinstance(piece, Alternative)}
                text = decide_text(text, {**undecided, **decisions})
            return text
        case FrozenList(items, order, place):
            return FrozenList(_settle_items(items, decisions), order, place)
        case FrozenDict(entries, order, place):
            return FrozenDict(_settle_entries(entries, decisions), order, place)
        case FrozenObject(cls, attributes, place):
            return FrozenObject(cls, FrozenDict(_settle_entries(attributes.entries, decisions)), place)
        case _:
            return value


def _settle_items(items: tuple[FrozenItem, ...], decisions: dict[object, bool]) -> tuple[FrozenItem, ...]:
    out: list[FrozenItem] = []
    for item in items:
        match item:
            case FrozenAlt(condition, then, otherwise):
                out.extend(_settle_items(then if decisions.get(condition.identity, True) else otherwise, decisions))
            case FrozenSpread(hole, elements):
                out.append(FrozenSpread(hole, _settle_items(elements, decisions)))
            case _:
                out.append(settle(item, decisions))
    return tuple(out)


def _settle_entries(entries: tuple[FrozenEntryItem, ...], decisions: dict[object, bool]) -> tuple[FrozenEntryItem, ...]:
    out: list[FrozenEntryItem] = []
    for entry in entries:
        match entry:
            case FrozenEntryAlt(condition, then, otherwise):
                out.extend(_settle_entries(then if decisions.get(condition.identity, True) else otherwise, decisions))
            case FrozenEntry(key, value):
                out.append(FrozenEntry(settle(key, decisions), settle(value, decisions)))
            case FrozenEntrySpread():
                out.append(entry)
    return tuple(out)
