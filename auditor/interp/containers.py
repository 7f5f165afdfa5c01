"""Iteration over what has items, and the methods of lists, whose updates keep partial knowledge."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from auditor.interp import concurrency, enums, known, mappings, sessions, strings, trimming
from auditor.interp.splicing import joined
from auditor.project import growing
from auditor.values.domain import (
    NONE,
    AltItems,
    Arguments,
    Choice,
    ClassValue,
    Const,
    DictRef,
    ExternalObject,
    Hole,
    Instance,
    Item,
    Items,
    ListRef,
    SetRef,
    Spread,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, either, holes_of
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.quick import replace

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
            return Items(tuple(mappings.keys(sessions.whole(machine, value, node, frame))), machine.entries(value).order)
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
            return Items((Spread(value, (element(value),)),))
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


def element(stretch: Hole) -> Hole:
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


def distinct(items: Iterable[Item]) -> list[Item]:
    out: list[Item] = []
    for item in items:
        if item not in out:
            out.append(item)
    return out


# Methods of lists


def list_method(
    machine: Machine, receiver: ListRef | TupleValue | SetRef, name: str, arguments: Arguments, node: ast.AST, frame: Frame
) -> Value:
    content = machine.items(receiver)
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    if isinstance(receiver, TupleValue):
        return _pure_list_method(machine, receiver, name, content, first, node, frame)
    if name in growing.LISTS:
        machine.grown.add(receiver.address)
        content = replace(content, order=content.order or concurrency.arrival(machine, receiver, node, frame))
    match name, first:
        case (("append" | "add"), _) if first is not None:
            if isinstance(receiver, SetRef) and first in content.items:
                return NONE
            longer = joined(content, Items((first,)))
            machine.set_items(receiver, _fitting(machine, receiver, longer.items, node, frame), longer.order)
            return NONE
        case (("extend" | "update" | "extendleft"), _) if first is not None:
            added = iterate(machine, first, node, frame)
            left = name == "extendleft"
            longer = joined(replace(added, items=added.items[::-1]), content) if left else joined(content, added)
            items = _fitting(machine, receiver, longer.items, node, frame, left=left)
            machine.set_items(receiver, distinct(items) if isinstance(receiver, SetRef) else items, longer.order)
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
            from auditor.interp.library import ordering

            ordered = ordering.ordered(machine, content, arguments, node, frame)
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
    bound = None if most >= trimming.SOME_BOUND else most
    return trimming.marked(machine, kept, node, frame, machine.born.get(receiver.address), bound)


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
            if isinstance(receiver, SetRef):
                return machine.new_set(content.items)
            return trimming.viewed(machine, receiver, machine.new_list(content.items, content.order))
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
    if at == 0 and machine.loops and machine.loops[-1].sorting:
        # What a conversation may not begin with is left out at its front: that drops nothing for being old.
        return known.plain(stretch) or machine.derived(_all_holes(content), node, frame, reason=Reason.UNSUPPORTED)
    if at == 0:
        machine.fronts[receiver.address] = machine.place(node, frame)
    if isinstance(stretch, Spread):
        # Taking from a stretch of unknown length: at its front the stretch is another one afterwards.
        lasts = trimming.lasts(machine, receiver, stretch.hole)
        remaining = trimmed(machine, stretch, node, frame) if index == 0 and lasts else stretch
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


def trimmed(machine: Machine, stretch: Spread, node: ast.AST | None, frame: Frame, kept: int | None = None) -> Spread:
    """A stretch that lost items at its front: from request to request another one. `kept`: how many the whole list has left."""
    hole = machine.hole(
        node,
        frame,
        Lifetime.CALL if stretch.hole.reason is None else stretch.hole.lifetime,
        Cause.HISTORY,
        evidence=stretch.hole.evidence,
        reason=stretch.hole.reason,
        type="trimmed",
    )
    return Spread(replace(hole, kept=kept), stretch.elements)
