"""`collections`, `itertools`, `copy` and their like: containers from libraries."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import known, trimming
from auditor.values.domain import (
    AltEntries,
    AltItems,
    Arguments,
    Choice,
    DictRef,
    Entry,
    EntryItem,
    Hole,
    Instance,
    Item,
    ListRef,
    SetRef,
    Spread,
    SpreadEntries,
    TupleValue,
    Value,
)

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def copied(machine: Machine, value: Value, deep: bool, seen: dict[int, Value] | None = None) -> Value:  # noqa: C901 - one case per kind of value
    """A copy: what is changed in it afterwards does not change the original, nor the other way round."""
    seen = {} if seen is None else seen

    def item(one: Item) -> Item:
        match one:
            case AltItems(condition, then, otherwise):
                return AltItems(condition, tuple(item(inner) for inner in then), tuple(item(inner) for inner in otherwise))
            case Spread(hole, elements):
                return Spread(hole, tuple(item(inner) for inner in elements))
            case _:
                return copied(machine, one, True, seen) if deep else one

    def entry(one: EntryItem) -> EntryItem:
        match one:
            case AltEntries(condition, then, otherwise):
                return AltEntries(condition, tuple(entry(inner) for inner in then), tuple(entry(inner) for inner in otherwise))
            case Entry(key, inner_value):
                return Entry(key, copied(machine, inner_value, True, seen)) if deep else one
            case SpreadEntries():
                return one

    match value:
        case ListRef(address) | DictRef(address) | SetRef(address) | Instance(address):
            if address in seen:
                return seen[address]
        case Choice(condition, then, otherwise):
            return Choice(condition, copied(machine, then, deep, seen), copied(machine, otherwise, deep, seen))
        case TupleValue(items, order):
            return TupleValue(tuple(item(one) for one in items), order)
        case _:
            return value
    twin: Value
    match value:
        case ListRef():
            content = machine.items(value)
            twin = trimming.viewed(machine, value, machine.new_list((), content.order, value.maxlen))
            seen[address] = twin
            machine.set_items(twin, [item(one) for one in content.items], content.order)
            _born(machine, address, twin.address)
        case SetRef():
            twin = machine.new_set(machine.items(value).items)
        case DictRef():
            entries = machine.entries(value)
            twin = machine.new_dict((), entries.order, value.default)
            seen[address] = twin
            machine.set_entries(twin, [entry(one) for one in entries.entries], entries.order)
            _born(machine, address, twin.address)
        case Instance():
            twin = Instance(machine.store.allocate(), value.cls)
            seen[address] = twin
            for name in machine.store.keys(address):
                cell = machine.store.get(address, name)
                if cell is not None:
                    machine.store.set(twin.address, name, copied(machine, cell, True, seen) if deep else cell)  # type: ignore[arg-type]
    return twin


def _born(machine: Machine, source: int, target: int) -> None:
    place = machine.born.get(source)
    if place is not None:
        machine.born[target] = place


def _copy(deep: bool) -> Overlay:
    def copy(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        first = arguments.get(0)
        return None if first is None else copied(machine, first, deep)

    return copy


def _deque(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    bound = arguments.get(1, "maxlen")
    maxlen = trimming.SOME_BOUND if isinstance(bound, Hole) else known.int_of(bound)
    content = machine.iterate(first, node, frame) if first is not None and not known.is_none(first) else None
    made = machine.new_list(content.items if content else (), content.order if content else None, maxlen)
    place = machine.place(node, frame)
    if maxlen is not None and place is not None:
        machine.born[made.address] = place
    return made


def _defaultdict(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    return machine.new_dict(default=None if first is None or known.is_none(first) else first)


def _chain_map(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`ChainMap(first, second)`: the first mapping that has a key answers."""
    from auditor.interp import expressions, mappings

    merged = machine.new_dict()
    for item in reversed(arguments.positional):
        value = known.plain(item)
        if value is None:
            return None
        mappings.update(machine, merged, expressions.spread_entries(machine, value, node, frame))
    return merged


def _chain(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    items: list[Item] = []
    order = None
    for item in arguments.positional:
        value = known.plain(item)
        if value is None:
            items.append(item)
            continue
        content = machine.iterate(value, node, frame)
        items.extend(content.items)
        order = order or content.order
    return TupleValue(tuple(items), order)


def _chain_iterable(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    return None if first is None else _chain(machine, Arguments(machine.iterate(first, node, frame).items), node, frame)


def _islice(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    bounds = [known.int_of(known.plain(item)) for item in arguments.positional[1:]]
    if first is None or any(bound is None for bound in bounds):
        return None
    content = machine.iterate(first, node, frame)
    if all(known.plain(item) is not None for item in content.items):
        return TupleValue(content.items[slice(*bounds)], content.order)
    return TupleValue(content.items, content.order)


OVERLAYS: dict[str, Overlay] = {
    "copy.copy": _copy(False),
    "copy.deepcopy": _copy(True),
    "collections.deque": _deque,
    "collections.defaultdict": _defaultdict,
    "collections.ChainMap": _chain_map,
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": _chain_iterable,
    "itertools.islice": _islice,
}
