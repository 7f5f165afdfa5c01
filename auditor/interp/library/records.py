"""Records: named tuples made by a call, and data classes taken to pieces."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import classes, known
from auditor.interp.library import collection
from auditor.limits import KNOWN_DEPTH
from auditor.values.domain import (
    AltEntries,
    AltItems,
    Arguments,
    ClassValue,
    DictRef,
    Entry,
    EntryItem,
    External,
    Instance,
    Item,
    ListRef,
    Spread,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
)

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def _named_tuple(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`namedtuple("Point", ["x", "y"])`, `NamedTuple("Point", [("x", int)])`: a class like any other."""
    name, given = known.text_of(arguments.get(0, "typename")), arguments.get(1, "field_names") or arguments.get(1, "fields")
    found, raw = known.python(machine, given)
    if isinstance(given, ListRef | TupleValue) and not found:  # pairs of names and types
        pairs = [item for item in machine.items(given).items if isinstance(item, TupleValue) and item.items]
        raw = [known.text_of(pair.items[0]) for pair in pairs]
    names = raw.replace(",", " ").split() if isinstance(raw, str) else raw
    if name is None or not isinstance(names, list | tuple) or not all(isinstance(one, str) for one in names):
        return None
    body = ast.ClassDef(name=name, bases=[], keywords=[], body=[], decorator_list=[])
    address = machine.store.allocate()
    cls = ClassValue(body, frame.module.path, name, address, (External("typing.NamedTuple"),), tuple(names))
    known_defaults, defaults = known.python(machine, arguments.keyword("defaults"))
    content = arguments.keyword("defaults")
    if known_defaults and isinstance(defaults, list | tuple) and isinstance(content, ListRef | TupleValue):
        for field, value in zip(reversed(names), reversed(machine.items(content).items), strict=False):
            machine.store.set(address, field, value)  # type: ignore[arg-type]
    return cls


def plain(machine: Machine, value: Value, *, rows: bool = False, depth: int = 0) -> Value:
    """`asdict(value)`, or `astuple(value)`: data classes inside of it and of its lists and mappings included."""
    if depth > KNOWN_DEPTH:
        return value

    def inner(one: Value) -> Value:
        return plain(machine, one, rows=rows, depth=depth + 1)

    def item(one: Item) -> Item:
        match one:
            case AltItems(condition, then, otherwise):
                return AltItems(condition, tuple(item(part) for part in then), tuple(item(part) for part in otherwise))
            case Spread(hole, elements):
                return Spread(hole, tuple(item(part) for part in elements))
            case _:
                return inner(one)

    def entry(one: EntryItem) -> EntryItem:
        match one:
            case Entry(key, content):
                return Entry(key, inner(content))
            case AltEntries(condition, then, otherwise):
                return AltEntries(condition, tuple(entry(part) for part in then), tuple(entry(part) for part in otherwise))
            case SpreadEntries():
                return one

    match value:
        case Instance() if classes.is_data(machine, value.cls):
            names = classes.data_fields(machine, value.cls)
            cells = [(name, machine.store.get(value.address, name)) for name in names]
            fields = [(name, inner(cell)) for name, cell in cells if cell is not None]  # type: ignore[arg-type]
            if rows:
                return TupleValue(tuple(content for _, content in fields))
            return machine.new_dict(Entry(Text.of(name), content) for name, content in fields)
        case ListRef():
            content = machine.items(value)
            return machine.new_list([item(one) for one in content.items], content.order)
        case TupleValue(items, order):
            return TupleValue(tuple(item(one) for one in items), order)
        case DictRef():
            entries = machine.entries(value)
            return machine.new_dict([entry(one) for one in entries.entries], entries.order)
        case _:
            return value


def _taken(*, rows: bool) -> Overlay:
    def taken(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        first = known.plain(arguments.positional[0]) if arguments.positional else None
        return plain(machine, first, rows=rows) if isinstance(first, Instance) else None

    return taken


def replaced(machine: Machine, instance: Instance, changes: tuple[tuple[str, Value], ...], node: ast.AST, frame: Frame) -> Value:
    """`replace(instance, name=value)`: made anew from its fields, as the constructor does."""
    if not classes.is_data(machine, instance.cls):
        twin = collection.copied(machine, instance, False)
        assert isinstance(twin, Instance)
        for name, value in changes:
            machine.store.set(twin.address, name, value)
        return twin
    fields = {name: machine.store.get(instance.address, name) for name in classes.data_fields(machine, instance.cls)}
    given = {name: value for name, value in fields.items() if value is not None} | dict(changes)
    return classes.instantiate(machine, instance.cls, Arguments((), tuple(given.items())), node, frame)  # type: ignore[arg-type]


def _replace(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    return replaced(machine, first, arguments.keywords, node, frame) if isinstance(first, Instance) else None


OVERLAYS: dict[str, Overlay] = {
    "collections.namedtuple": _named_tuple,
    "typing.NamedTuple": _named_tuple,
    "dataclasses.asdict": _taken(rows=False),
    "dataclasses.astuple": _taken(rows=True),
    "dataclasses.replace": _replace,
    "copy.replace": _replace,
}
