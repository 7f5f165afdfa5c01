"""What a loop of unknown length leaves behind, from one turn of it that was run for any element.

Of what grew it says that it holds zero or more of what was added. Knows texts, lists, mappings and counters; whatever else a turn
changed is taken to be what that turn left. Does not run loops, nor decide which are widened.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import selecting, trimming
from auditor.interp.frame import Frame
from auditor.interp.freeze import freeze_items
from auditor.interp.store import Layer
from auditor.values.domain import (
    AltItems,
    Const,
    Content,
    DictRef,
    Entries,
    Entry,
    EntryItem,
    Hole,
    Item,
    Items,
    ListRef,
    Spread,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import holes_of
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.places import Place


def widen(
    machine: Machine, writes: Layer, source: Hole, node: ast.AST, frame: Frame, stretch: tuple[Spread, Value] | None = None
) -> None:
    """What a loop of unknown length leaves behind, from what one turn of it wrote.

    `stretch`: what the loop goes through, and the element that the turn was run for, to its end.
    """
    for cell, after in writes.items():
        before = machine.store.get(*cell)
        handed = _handed_on(before, after, *stretch) if stretch is not None else None
        if before is None or handed is not None:
            machine.store.set(*cell, handed or after)
        else:
            machine.store.set(*cell, _grown(machine, cell[0], before, after, source, node, frame))


def _handed_on(before: Content | None, after: Content, stretch: Spread, element: Value) -> Items | None:
    """A list that grew by the very element, or by the one that is counted: it is the same stretch that it holds."""
    if not (isinstance(before, Items) and isinstance(after, Items)) or after.items[: len(before.items)] != before.items:
        return None
    added = after.items[len(before.items) :]
    if len(added) != 1 or not isinstance(added[0], DictRef | ListRef | Hole):
        return None
    if added[0] == element:
        elements = stretch.elements
    elif isinstance(element, TupleValue) and element.items[1:] == added:
        elements = tuple(map(_uncounted, stretch.elements))
    else:
        return None
    return Items((*before.items, replace(stretch, elements=elements)), before.order or after.order)


def _uncounted(item: Item) -> Item:
    match item:
        case TupleValue((_, Spread())):
            return item
        case TupleValue((_, counted)):
            return counted
        case AltItems(_, then, otherwise):
            return replace(item, then=tuple(map(_uncounted, then)), otherwise=tuple(map(_uncounted, otherwise)))
        case _:
            return item


def _grown(machine: Machine, address: int, before: Content, after: Content, source: Hole, node: ast.AST, frame: Frame) -> Content:
    match before, after:
        case Items(), Items() if after.items[: len(before.items)] == before.items:
            added = after.items[len(before.items) :]
            order = before.order or after.order
            return Items((*before.items, _repeated(machine, added, source, node, frame)), order) if added else before
        case Items(), Items():
            place = machine.fronts.get(address, machine.place(node, frame))
            return _shrunk(machine, before, after, source, node, frame, place)
        case Entries(), Entries():
            return _grown_entries(machine, before, after, source, node, frame)
        case Text(), Text() if after.pieces[: len(before.pieces)] == before.pieces and len(after.pieces) > len(before.pieces):
            added_text = Text(after.pieces[len(before.pieces) :])
            holes = [source, *added_text.holes()]
            hole = machine.derived(
                holes,
                node,
                frame,
                identity=("repeated", id(node), before, added_text),
                content=added_text,
                reason=source.reason if source.lifetime is Lifetime.UNKNOWN else None,
            )
            return Text.of(before, replace(hole, cause=_cause(source, hole)))
        case Const(int() | float()), _ if before != after:
            return machine.hole(
                node,
                frame,
                source.lifetime,
                Cause.LOOP,
                expression="loop counter",
                reason=source.reason,
                evidence=source.evidence,
            )
        case _:
            return after


def _cause(source: Hole, hole: Hole) -> Cause:
    return source.cause if source.lifetime >= hole.lifetime else hole.cause


def _repeated(machine: Machine, added: tuple[Item, ...], source: Hole, node: ast.AST, frame: Frame) -> Spread:
    source = selecting.by_tests(machine, source, added, node, frame)
    holes = [source, *(hole for item in added for hole in holes_of(item))]
    # Made anew of the same elements, in the same way: the lists and mappings that were added are others, what they hold is not.
    identity = ("repeated", id(node), source.identity, freeze_items(machine, added))
    stretch = machine.derived(holes, node, frame, identity=identity, expression=source.expression, reason=source.reason)
    origins = {source.identity, *source.roots}
    if source.lifetime is Lifetime.TURN and all(origins.intersection((hole.identity, *hole.roots)) for hole in holes):
        stretch = replace(stretch, lifetime=Lifetime.TURN)  # some of a history, or parts of it, is one: it grows by appending
    return Spread(replace(stretch, cause=_cause(source, stretch)), added)


def _shrunk(
    machine: Machine, before: Items, after: Items, source: Hole, node: ast.AST, frame: Frame, place: Place | None
) -> Items:
    """Items were taken away or changed, an unknown number of times; those at the front at the place."""
    if len(after.items) < len(before.items) and before.items[len(before.items) - len(after.items) :] == after.items:
        # taken from the front, as `while len(history) > n: history.pop(0)` does
        if any(isinstance(item, DictRef) for item in before.items):
            # Records: those of a few turns are too few to be dropped; that they will be is marked.
            return Items(trimming.marked(machine, before.items, node, frame, place), before.order)
        holes = [hole for item in before.items for hole in holes_of(item)]
        stretch = machine.derived([source, *holes], node, frame, reason=source.reason)
        return Items((Spread(replace(stretch, type="trimmed", place=place), after.items[:1]),), before.order)
    return after


def _grown_entries(machine: Machine, before: Entries, after: Entries, source: Hole, node: ast.AST, frame: Frame) -> Entries:
    out: list[EntryItem] = []
    kept = {entry.key: entry for entry in before.entries if isinstance(entry, Entry)}
    for entry in after.entries:
        if isinstance(entry, Entry) and entry.key not in kept and (holes_of(entry.key) or source.reason is not None):
            holes = [source, *holes_of(entry.key), *holes_of(entry.value)]
            out.append(SpreadEntries(machine.derived(holes, node, frame, reason=source.reason), entry.value))
        else:
            out.append(entry)
    return Entries(tuple(out), after.order)
