"""Lists, sets and mappings: iteration, methods, and updates that keep partial knowledge."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import concurrency, enums, known, sessions, strings, trimming
from auditor.values.domain import (
    NONE,
    AltEntries,
    AltItems,
    Arguments,
    Choice,
    ClassValue,
    Const,
    DictRef,
    Entry,
    EntryItem,
    ExternalObject,
    Hole,
    Instance,
    Item,
    Items,
    ListRef,
    SetRef,
    Spread,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, either, holes_of
from auditor.values.lifetime import Cause, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def iterate(machine: Machine, value: Value, node: ast.AST | None, frame: Frame) -> Items:
    """What iterating over the value yields, with the reason why the order is not fixed, if so."""
    value = decide(value, machine.assumptions)
    match value:
        case ListRef() | TupleValue():
            return machine.items(value)
        case SetRef():
            items = machine.items(value)
            if len(items.items) == 1 and not isinstance(items.items[0], Spread):
                return items
            if all(isinstance(item, Const) for item in items.items):  # numbers hash alike in every process
                return items
            return Items(items.items, strings.set_order(machine, value, node, frame))
        case DictRef():
            entries = machine.entries(value)
            return Items(tuple(_keys(entries.entries)), entries.order)
        case Text():
            text = value.known
            if text is not None and len(text) <= machine.limits.iterations:
                return Items(tuple(Text.of(character) for character in text))
            stretch = machine.derived(value.holes(), node, frame, identity=("characters", value))
            return Items((Spread(stretch, (stretch,)),))
        case Choice(condition, then, otherwise):
            a, b = iterate(machine, then, node, frame), iterate(machine, otherwise, node, frame)
            return Items(either(condition, a.items, b.items), a.order or b.order)
        case Hole():
            return Items((Spread(value, (element(machine, value, node, frame),)),))
        case Instance():
            return _iterate_instance(machine, value, node, frame)
        case ClassValue():  # an Enum
            return Items(tuple(member for _, member in enums.members(machine, value)))
        case ExternalObject():
            from auditor.interp.library import objects

            return objects.iterate(machine, value, node, frame)
        case _:
            stretch = machine.derived(holes_of(value), node, frame, reason=Reason.UNSUPPORTED)
            return Items((Spread(stretch, (stretch,)),))


def _iterate_instance(machine: Machine, value: Instance, node: ast.AST | None, frame: Frame) -> Items:
    from auditor.interp import special

    fields = special.row(machine, value)
    if fields is not None:
        return machine.items(fields)
    produced = special.ask(machine, value, "__iter__", (), node, frame)
    if produced is not None and not isinstance(produced, Instance):
        return iterate(machine, produced, node, frame)
    stretch = machine.unknown(Reason.UNSUPPORTED, node, frame)
    return Items((Spread(stretch, (stretch,)),))


def element(machine: Machine, stretch: Hole, node: ast.AST | None, frame: Frame) -> Hole:
    """Any one element of an unknown stretch."""
    return Hole(
        ("element", stretch.identity),
        f"each of {stretch.expression}",
        stretch.lifetime,
        stretch.cause,
        stretch.evidence,
        stretch.reason,
        stretch.place,
        stretch.trace,
        stretch.type.removeprefix("list:") if stretch.type and stretch.type.startswith("list:") else None,
    )


def _keys(entries: Iterable[EntryItem]) -> Iterable[Item]:
    for entry in entries:
        match entry:
            case Entry(key, _):
                yield key
            case SpreadEntries(hole):
                yield Spread(hole, (hole,))
            case AltEntries(condition, then, otherwise):
                yield AltItems(condition, tuple(_keys(then)), tuple(_keys(otherwise)))


def _values(entries: Iterable[EntryItem]) -> Iterable[Item]:
    for entry in entries:
        match entry:
            case Entry(_, value):
                yield value
            case SpreadEntries(hole, value):
                yield Spread(hole, (value if value is not None else hole,))
            case AltEntries(condition, then, otherwise):
                yield AltItems(condition, tuple(_values(then)), tuple(_values(otherwise)))


def _pairs(entries: Iterable[EntryItem]) -> Iterable[Item]:
    for entry in entries:
        match entry:
            case Entry(key, value):
                yield TupleValue((key, value))
            case SpreadEntries(hole, value):
                yield Spread(hole, (TupleValue((hole, value if value is not None else hole)),))
            case AltEntries(condition, then, otherwise):
                yield AltItems(condition, tuple(_pairs(then)), tuple(_pairs(otherwise)))


def distinct(items: Iterable[Item]) -> list[Item]:
    out: list[Item] = []
    for item in items:
        if item not in out:
            out.append(item)
    return out


# Mappings


def set_entry(machine: Machine, reference: DictRef, key: Value, value: Value) -> None:
    """`mapping[key] = value`."""
    sessions.note(machine, reference, key, value)
    content = machine.entries(reference)
    out: list[EntryItem] = []
    done = False
    for entry in content.entries:
        if isinstance(entry, Entry) and known.same_key(entry.key, key):
            out.append(Entry(entry.key, value))
            done = True
        elif isinstance(entry, AltEntries) and not done:
            out.append(_without(entry, key))
        else:
            out.append(entry)
    if not done:
        out.append(Entry(key, value))
    machine.set_entries(reference, out, content.order)


def _without(entry: AltEntries, key: Value) -> AltEntries:
    def keep(side: tuple[EntryItem, ...]) -> tuple[EntryItem, ...]:
        return tuple(one for one in side if not (isinstance(one, Entry) and known.same_key(one.key, key)))

    return AltEntries(entry.condition, keep(entry.then), keep(entry.otherwise))


def update(machine: Machine, reference: DictRef, entries: Sequence[EntryItem]) -> None:
    """`mapping.update(...)`."""
    for entry in entries:
        if isinstance(entry, Entry):
            set_entry(machine, reference, entry.key, entry.value)
        else:
            content = machine.entries(reference)
            machine.set_entries(reference, (*content.entries, entry), content.order)


def remove_entry(machine: Machine, reference: DictRef, key: Value) -> Value | None:
    content = machine.entries(reference)
    found, _ = known.lookup(content.entries, key)
    out: list[EntryItem] = []
    for entry in content.entries:
        if isinstance(entry, AltEntries):
            out.append(_without(entry, key))
        elif not (isinstance(entry, Entry) and known.same_key(entry.key, key)):
            out.append(entry)
    machine.set_entries(reference, out, content.order)
    return found


def get_entry(
    machine: Machine, reference: DictRef, key: Value, node: ast.AST | None, frame: Frame, default: Value | None
) -> Value:
    """`mapping[key]`, or `.get(key, default)` with a default."""
    key = known.ways(key, machine.limits.choices)
    if isinstance(key, Choice):
        return machine.each(key, lambda side: get_entry(machine, reference, side, node, frame, default), node, frame)
    content = machine.entries(reference)
    found, sure = known.lookup(content.entries, key)
    if found is None and (kept := sessions.filled(machine, reference, key)) is not None:
        set_entry(machine, reference, key, kept)
        return kept
    if found is not None:
        return found
    for entry in reversed(content.entries):
        if isinstance(entry, AltEntries):
            sides = [known.lookup(side, key)[0] for side in (entry.then, entry.otherwise)]
            if any(side is not None for side in sides):
                fallback = default if default is not None else known.missing(machine.source(node))
                return Choice(entry.condition, *(side if side is not None else fallback for side in sides))
    if sure and default is not None:
        return default
    if sure and reference.default is not None:
        value = machine.call(reference.default, Arguments(), node or ast.Pass(), frame)
        set_entry(machine, reference, key, value)
        return value
    return _unknown_entry(machine, reference, key, node, frame, default)


def _unknown_entry(
    machine: Machine, reference: DictRef, key: Value, node: ast.AST | None, frame: Frame, default: Value | None
) -> Value:
    """A value whose key is not known: one of those that are there, or something else."""
    content = machine.entries(reference)
    values = [entry.value for entry in content.entries if isinstance(entry, Entry)]
    spreads = [entry for entry in content.entries if isinstance(entry, SpreadEntries)]
    if spreads and spreads[-1].value is not None:
        return spreads[-1].value
    holes = [*holes_of(key), *(spread.hole for spread in spreads)]
    identity: object = ("entry", reference.address, key, tuple(spread.hole.identity for spread in spreads))
    if not holes and not spreads:
        return machine.unknown(Reason.MISSING, node, frame)
    if values and not spreads and len(values) <= machine.limits.choices:
        # a table looked up by a key that is not known: one of its values
        result = values[-1] if default is None else default
        for index in range(len(values) - (1 if default is None else 0) - 1, -1, -1):
            main = holes[0]
            condition = machine.condition(
                ("key", key, index),
                f"{machine.source(node)} is entry {index + 1}",
                main.lifetime,
                machine.place(node, frame),
                main,
                named=True,
            )
            result = Choice(condition, values[index], result)
        return result
    return machine.derived(holes, node, frame, identity=identity)


# Methods of lists


ADDING = frozenset({"append", "extend", "insert", "appendleft", "extendleft"})


def list_method(
    machine: Machine, receiver: ListRef | TupleValue | SetRef, name: str, arguments: Arguments, node: ast.AST, frame: Frame
) -> Value:
    content = machine.items(receiver)
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    if isinstance(receiver, TupleValue):
        return _pure_list_method(machine, receiver, name, content, first, node, frame)
    if name in ADDING:
        machine.grown.add(receiver.address)
        content = replace(content, order=content.order or concurrency.arrival(machine, receiver, node, frame))
    match name, first:
        case (("append" | "add"), _) if first is not None:
            items: tuple[Item, ...] = (*content.items, first)
            if isinstance(receiver, SetRef) and first in content.items:
                return NONE
            machine.set_items(receiver, _fitting(machine, receiver, items, node, frame), content.order)
            return NONE
        case (("extend" | "update" | "extendleft"), _) if first is not None:
            added = iterate(machine, first, node, frame)
            joined = (*content.items, *added.items) if name != "extendleft" else (*reversed(added.items), *content.items)
            joined = _fitting(machine, receiver, joined, node, frame, left=name == "extendleft")
            machine.set_items(
                receiver, distinct(joined) if isinstance(receiver, SetRef) else joined, content.order or added.order
            )
            return NONE
        case "appendleft", _ if first is not None:
            machine.set_items(
                receiver, _fitting(machine, receiver, (first, *content.items), node, frame, left=True), content.order
            )
            return NONE
        case "insert", _ if len(arguments.positional) > 1:
            return _insert(machine, receiver, content, known.int_of(first), known.plain(arguments.positional[1]))
        case (("pop" | "popleft"), _):
            return _pop(
                machine,
                receiver,
                content,
                0 if name == "popleft" else known.int_of(first) if first is not None else -1,
                node,
                frame,
            )
        case "clear", _:
            machine.set_items(receiver, ())
            return NONE
        case (("remove" | "discard"), _) if first is not None:
            index = next((i for i, item in enumerate(content.items) if item == first), None)
            if index is not None:
                machine.set_items(receiver, (*content.items[:index], *content.items[index + 1 :]), content.order)
            return NONE
        case "reverse", _:
            from auditor.interp import stretches

            machine.set_items(receiver, stretches.backwards(content.items), content.order)
            return NONE
        case "sort", _:
            from auditor.interp.library import iteration

            ordered = iteration.ordered(machine, content, arguments, node, frame)
            machine.set_items(receiver, ordered.items, ordered.order)
            return NONE
        case _:
            return _pure_list_method(machine, receiver, name, content, first, node, frame)


def _fitting(
    machine: Machine,
    receiver: ListRef | SetRef,
    items: tuple[Item, ...],
    node: ast.AST,
    frame: Frame,
    *,
    left: bool = False,
) -> tuple[Item, ...]:
    """What a deque of bounded length keeps of items that came in at one end: once it is full, those at the other end go."""
    most = receiver.maxlen if isinstance(receiver, ListRef) else None
    if most is None:
        return items
    kept = items if len(items) <= most else items[:most] if left else items[len(items) - most :]
    if left or not trimming.grows(machine, receiver):
        return kept
    # What drops its oldest items is the bound that the deque was given, not the statement that adds one.
    return trimming.marked(machine, kept, node, frame, machine.born.get(receiver.address))


def _pure_list_method(
    machine: Machine,
    receiver: ListRef | TupleValue | SetRef,
    name: str,
    content: Items,
    first: Value | None,
    node: ast.AST,
    frame: Frame,
) -> Value:
    match name:
        case "copy":
            return (
                machine.new_set(content.items) if isinstance(receiver, SetRef) else machine.new_list(content.items, content.order)
            )
        case "count" | "index" if first is not None and all(known.plain(item) is not None for item in content.items):
            matches = [index for index, item in enumerate(content.items) if item == first]
            return const(len(matches)) if name == "count" else const(matches[0] if matches else 0)
        case _:
            return machine.derived(_all_holes(content), node, frame, reason=Reason.UNSUPPORTED)


def _all_holes(content: Items) -> list[Hole]:
    return [hole for item in content.items for hole in holes_of(item)]


def _insert(machine: Machine, receiver: ListRef | SetRef, content: Items, index: int | None, value: Value | None) -> Value:
    if value is None:
        return NONE
    items = list(content.items)
    if index is None:
        items.append(value)
    else:
        items.insert(index, value)
    machine.set_items(receiver, items, content.order)
    return NONE


def _pop(machine: Machine, receiver: ListRef | SetRef, content: Items, index: int | None, node: ast.AST, frame: Frame) -> Value:
    items = list(trimming.unmarked(content.items))
    mark = [item for item in content.items if trimming.is_mark(item)]
    if index is None or not items:
        return machine.derived(_all_holes(content), node, frame, reason=Reason.UNSUPPORTED)
    at = index if index >= 0 else len(items) + index
    if not 0 <= at < len(items):
        return machine.unknown(Reason.MISSING, node, frame)
    stretch = items[at]
    if at == 0:
        machine.fronts[receiver.address] = machine.place(node, frame)
    if isinstance(stretch, Spread):
        # Taking from a stretch of unknown length: at its front the stretch is another one afterwards.
        remaining = trimmed(machine, stretch, node, frame) if index == 0 else stretch
        items[at] = remaining
        machine.set_items(receiver, items, content.order)
        return known.plain(stretch.elements[0]) or stretch.hole if stretch.elements else stretch.hole
    if isinstance(stretch, AltItems):
        del items[at]
        machine.set_items(receiver, items, content.order)
        return machine.derived(holes_of(stretch), node, frame, reason=Reason.UNSUPPORTED)
    if index == 0 and node in machine.dropped and trimming.grows(machine, receiver):
        # A history is cut once it is long: the few turns of a replay are not dropped, that they will be is marked.
        machine.set_items(receiver, trimming.marked(machine, content.items, node, frame), content.order)
        return stretch
    del items[at]
    machine.set_items(receiver, [*mark, *items], content.order)
    return stretch


def trimmed(machine: Machine, stretch: Spread, node: ast.AST | None, frame: Frame) -> Spread:
    """A stretch that lost items at its front: from request to request another one."""
    hole = machine.hole(
        node,
        frame,
        Lifetime.CALL if stretch.hole.reason is None else stretch.hole.lifetime,
        Cause.HISTORY,
        evidence=stretch.hole.evidence,
        reason=stretch.hole.reason,
        type="trimmed",
    )
    return Spread(hole, stretch.elements)


# Methods of mappings


def dict_method(machine: Machine, receiver: DictRef, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    content = machine.entries(receiver)
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    second = known.plain(arguments.positional[1]) if len(arguments.positional) > 1 else arguments.keyword("default")
    match name, first:
        case "get", _ if first is not None:
            return get_entry(machine, receiver, first, node, frame, second if second is not None else NONE)
        case "set", _ if first is not None and second is not None:  # a session's mapping (chainlit)
            set_entry(machine, receiver, first, second)
            return NONE
        case "setdefault", _ if first is not None:
            found, _ = known.lookup(content.entries, first)
            if found is None:
                found = second if second is not None else NONE
                set_entry(machine, receiver, first, found)
            return found
        case "pop", _ if first is not None:
            found = remove_entry(machine, receiver, first)
            if found is not None:
                return found
            return second if second is not None else known.missing(machine.source(node))
        case "update", _:
            from auditor.interp.expressions import spread_entries

            if first is not None:
                update(machine, receiver, spread_entries(machine, first, node, frame))
            update(machine, receiver, [Entry(Text.of(key), value) for key, value in arguments.keywords])
            update(machine, receiver, arguments.unknown_keywords)
            return NONE
        case (("keys" | "values" | "items"), _):
            shown = {"keys": _keys, "values": _values, "items": _pairs}[name]
            return TupleValue(tuple(shown(content.entries)), content.order)
        case "copy", _:
            return machine.new_dict(content.entries, content.order, receiver.default)
        case "clear", _:
            machine.set_entries(receiver, ())
            return NONE
        case "popitem", _ if content.entries and isinstance(last := content.entries[-1], Entry):
            machine.set_entries(receiver, content.entries[:-1], content.order)
            return TupleValue((last.key, last.value))
        case "move_to_end", _:
            return NONE
        case _:
            return machine.derived(
                [hole for entry in content.entries for hole in holes_of(entry)], node, frame, reason=Reason.UNSUPPORTED
            )
