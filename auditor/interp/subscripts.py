"""Subscripts, read and written: one item of a list, one entry of a mapping. `portions` knows slices, of lists and texts."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import containers, known, mappings, marking, positions, stretches, trimming
from auditor.knowledge import answers
from auditor.knowledge.credentials import within
from auditor.values.domain import (
    AltItems,
    Arguments,
    Choice,
    ClassValue,
    DictRef,
    External,
    ExternalObject,
    Instance,
    Item,
    ListRef,
    Spread,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, holes_of
from auditor.values.lifetime import Cause, Reason
from auditor.values.quick import replace
from auditor.values.text import Hole

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def get(machine: Machine, receiver: Value, key: Value, node: ast.AST, frame: Frame) -> Value:
    """`receiver[key]`."""
    receiver, key = decide(receiver, machine.assumptions), decide(key, machine.assumptions)
    if isinstance(receiver, Choice):
        return machine.each(receiver, lambda side: get(machine, side, key, node, frame), node, frame)
    if isinstance(key, Choice):
        return machine.each(key, lambda side: get(machine, receiver, side, node, frame), node, frame)
    match receiver:
        case DictRef():
            return mappings.get_entry(machine, receiver, key, node, frame, None)
        case ListRef() | TupleValue():
            return _index(machine, receiver, key, node, frame)
        case Text():
            text, index = receiver.known, known.int_of(key)
            if text is not None and index is not None and -len(text) <= index < len(text):
                return Text.of(text[index])
            return machine.derived(receiver.holes(), node, frame, identity=("index", receiver, key))
        case ClassValue() | External():  # a generic alias, or an Enum by name
            if isinstance(receiver, ClassValue) and known.text_of(key) is not None:
                return machine.attribute(receiver, known.text_of(key) or "", node, frame)
            if isinstance(receiver, External) and machine.library.fact(receiver.name) is not None:
                from auditor.interp.library import objects

                return objects.of_table(machine, receiver.name, key, node, frame)
            return receiver
        case Instance():
            from auditor.interp import special

            fields = special.row(machine, receiver)
            if fields is not None:
                return _index(machine, fields, key, node, frame)
            answer = special.ask(machine, receiver, "__getitem__", (key,), node, frame)
            return answer if answer is not None else machine.unknown(Reason.UNSUPPORTED, node, frame)
        case ExternalObject():
            from auditor.interp.library import objects

            return objects.item(machine, receiver, key, node, frame)
        case Hole():
            from auditor.interp import started
            from auditor.interp.library import ambient

            hung = started.of_hole(machine, receiver, key)
            if hung is not None:
                return hung
            name = known.text_of(key)
            found = machine.derived(
                [receiver, *holes_of(key)],
                node,
                frame,
                identity=("index", receiver.identity, key),
                reason=receiver.reason,
                type=(within(receiver.type) if name is not None else None) or answers.part(receiver.type, name),
            )
            return found if name is None else ambient.part(machine, receiver, name, found)
        case _:
            return machine.unknown(Reason.UNSUPPORTED, node, frame)


def _index(machine: Machine, receiver: ListRef | TupleValue, key: Value, node: ast.AST, frame: Frame) -> Value:
    content = machine.items(receiver)
    index = known.int_of(key)
    items = trimming.unmarked(content.items)
    found = _at_position(machine, receiver, key, node, frame)
    if found is not None:
        return found
    if index is not None:
        walk = items if index >= 0 else tuple(reversed(items))
        wanted = index if index >= 0 else -index - 1
        for position, item in enumerate(walk):
            if isinstance(item, Spread):
                # any element of the stretch
                chosen = one_of(item.elements if index >= 0 else tuple(reversed(item.elements)))
                single_out(machine, chosen)
                return chosen if chosen is not None else containers.element(item.hole)
            if isinstance(item, AltItems):
                sides = [
                    _index(
                        machine,
                        TupleValue((*side, *walk[position + 1 :]) if index >= 0 else (*reversed(walk[position + 1 :]), *side)),
                        const(wanted - position if index >= 0 else -(wanted - position) - 1),
                        node,
                        frame,
                    )
                    for side in (item.then, item.otherwise)
                ]
                return sides[0] if sides[0] == sides[1] else Choice(item.condition, sides[0], sides[1])
            if position == wanted:
                if content.order is not None and isinstance(item, Text):
                    return machine.derived([content.order], node, frame, identity=("pick", content.order.identity, wanted))
                return item
        return machine.unknown(Reason.MISSING, node, frame)
    holes = [*holes_of(key), *(hole for item in items for hole in holes_of(item))]
    plain = [known.plain(item) for item in items]
    if plain and holes_of(key) and all(isinstance(item, Text) for item in plain):
        # one of several known texts, picked by something unknown
        picked = machine.derived(holes_of(key), node, frame, identity=("pick", items, key))
        return replace(picked, cause=Cause.SHUFFLE if picked.cause is Cause.RANDOM else picked.cause)
    if plain and plain[0] is not None and not isinstance(plain[0], Text):
        return plain[0]
    return machine.derived(holes, node, frame, reason=None if holes else Reason.MISSING)


def single_out(machine: Machine, value: object) -> None:
    """What is done to this element of a stretch is not done to the others."""
    if isinstance(value, DictRef | Instance | ListRef):
        machine.singled.add(value.address)


def _at_position(machine: Machine, receiver: ListRef | TupleValue, key: Value, node: ast.AST, frame: Frame) -> Value | None:
    """The item at which an index stands; of a stretch, the element that stands for all."""
    items = positions.content(machine, receiver)
    here = positions.within(machine, key, items)
    if here is None or here >= len(items):
        return None
    item = items[here]
    while isinstance(item, AltItems):
        item = (*item.then, *item.otherwise)[0]
    if not isinstance(item, Spread):
        return known.plain(item)
    return one_of(item.elements) or containers.element(item.hole)


def one_of(items: tuple[Item, ...]) -> Value | None:
    """The first item that is a value of its own, conditional ones included: what one element of a stretch is, if there is any."""
    for item in items:
        found = one_of((*item.then, *item.otherwise)) if isinstance(item, AltItems) else known.plain(item)
        if found is not None:
            return found
    return None


def put(machine: Machine, receiver: Value, key: Value, value: Value, node: ast.AST, frame: Frame) -> None:
    """`receiver[key] = value`."""
    receiver = decide(receiver, machine.assumptions)
    match receiver:
        case DictRef():
            key = decide(key, machine.assumptions)
            marking.written(machine, key, value, node, frame)
            mappings.set_entry(machine, receiver, key, value)
        case ListRef():
            content = machine.items(receiver)
            index = known.int_of(key)
            marks = tuple(item for item in content.items if trimming.is_mark(item))
            found = None if index is None else stretches.with_item(trimming.unmarked(content.items), index, value)
            if found is not None:
                machine.set_items(receiver, machine.bounded((*marks, *found)), content.order)
        case Choice(condition, then, otherwise):
            with machine.assuming(condition, True) as first:
                put(machine, then, key, value, node, frame)
            with machine.assuming(condition, False) as second:
                put(machine, otherwise, key, value, node, frame)
            machine.store.merge(condition, first, second)
        case Instance():
            from auditor.interp import special

            special.ask(machine, receiver, "__setitem__", (key, value), node, frame)
        case Hole():
            from auditor.interp import unveiled

            marking.veiled(machine, key, node, frame)
            unveiled.put(machine, receiver, key, value, node, frame)
        case _:
            return


def delete(machine: Machine, receiver: Value, key: Value, node: ast.AST, frame: Frame) -> None:
    receiver = decide(receiver, machine.assumptions)
    match receiver:
        case DictRef():
            mappings.remove_entry(machine, receiver, key)
        case ListRef():
            machine.dropped = (*machine.dropped[-3:], node)
            containers.list_method(machine, receiver, "pop", Arguments((key,)), node, frame)
        case _:
            return
