"""Mappings: entries, methods, and updates that keep partial knowledge. Knows no other containers."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from auditor.interp import known, memos, sessions
from auditor.values.domain import (
    NONE,
    AltEntries,
    AltItems,
    Arguments,
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
from auditor.values.join import holes_of
from auditor.values.lifetime import MOMENTARY, Cause, Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def keys(entries: Iterable[EntryItem]) -> Iterable[Item]:
    for entry in entries:
        match entry:
            case Entry(key, _):
                yield key
            case SpreadEntries(hole):
                yield Spread(hole, (hole,))
            case AltEntries(condition, then, otherwise):
                yield AltItems(condition, tuple(keys(then)), tuple(keys(otherwise)))


def values(entries: Iterable[EntryItem]) -> Iterable[Item]:
    for entry in entries:
        match entry:
            case Entry(_, value):
                yield value
            case SpreadEntries(hole, value):
                yield Spread(hole, (value if value is not None else hole,))
            case AltEntries(condition, then, otherwise):
                yield AltItems(condition, tuple(values(then)), tuple(values(otherwise)))


def pairs(entries: Iterable[EntryItem]) -> Iterable[Item]:
    for entry in entries:
        match entry:
            case Entry(key, value):
                yield TupleValue((key, value))
            case SpreadEntries(hole, value):
                yield Spread(hole, (TupleValue((hole, value if value is not None else hole)),))
            case AltEntries(condition, then, otherwise):
                yield AltItems(condition, tuple(pairs(then)), tuple(pairs(otherwise)))


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
    if found is None and not sure and (found := memos.remembered(machine, reference, key, node, frame)) is not None:
        set_entry(machine, reference, key, found)
    if found is not None:
        return found
    kept = sessions.filled(machine, reference, key, node, frame)
    if kept is not None and (default in {None, NONE} or not isinstance(kept, Hole)):
        set_entry(machine, reference, key, kept)
        return kept
    if isinstance(kept, Hole) and default == Text():  # a default that says something is what nobody changed
        source, place = machine.source(node), machine.place(node, frame)
        return Choice(machine.condition(("there", kept.identity), source, kept.lifetime, place, kept), kept, default)
    before = sessions.left(machine, reference, key, node, frame, default)
    if isinstance(before, ListRef):
        set_entry(machine, reference, key, before)
        return before
    default = before if before is not None else default
    for entry in reversed(content.entries):
        if isinstance(entry, AltEntries):
            sides = [known.lookup(side, key)[0] for side in (entry.then, entry.otherwise)]
            if any(side is not None for side in sides):
                fallback = default if default is not None else known.missing(machine.source(node))
                return Choice(entry.condition, *(side if side is not None else fallback for side in sides))
    if default is not None and (sure or before is not None):
        return default
    if sure and reference.default is not None:
        value = machine.call(reference.default, Arguments(), node or ast.Pass(), frame)
        set_entry(machine, reference, key, value)
        return value
    usual = _usual(content.entries, key)
    return usual if usual is not None else _unknown_entry(machine, reference, key, node, frame, default)


def _usual(entries: tuple[EntryItem, ...], key: Value) -> Text | None:
    """The text for a key that a setting names: that of its default. Texts alone, which decide no way through the program."""
    only = key.pieces[0] if isinstance(key, Text) and len(key.pieces) == 1 else key
    if not isinstance(only, Hole) or only.cause is not Cause.ENVIRONMENT or only.content is None:
        return None
    found, sure = known.lookup(entries, only.content)
    return found if sure and isinstance(found, Text) and found.known else None


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
    # What a copy does not have of itself it has of the same unknown mapping.
    of = None if spreads else reference.address
    identity: object = ("entry", of, key, tuple(spread.hole.identity for spread in spreads))
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
    if not spreads and not values:  # what somebody put there under a key that he knew: not what is new with every process
        holes = [hole for hole in holes if hole.cause not in MOMENTARY]
        if not holes:
            return machine.unknown(Reason.EXTERNAL_DATA, node, frame)
    return machine.derived(holes, node, frame, identity=identity)


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
                found = sessions.left(machine, receiver, first, node, frame, found) or found
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
            shown = {"keys": keys, "values": values, "items": pairs}[name]
            return TupleValue(tuple(shown(sessions.whole(machine, receiver, node, frame))), content.order)
        case "copy", _:
            return machine.new_dict(sessions.whole(machine, receiver, node, frame), content.order, receiver.default)
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
