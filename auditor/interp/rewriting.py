"""What a loop writes to the elements of a list: which of them it can reach, and which stretches are other ones afterwards.

Knows values and the statements that write. Does not run loops.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from auditor.interp import marking
from auditor.interp.frame import Frame
from auditor.places import Step
from auditor.values.domain import (
    AltEntries,
    Content,
    DictRef,
    Entries,
    Entry,
    EntryItem,
    Item,
    ListRef,
    Spread,
    TupleValue,
    Value,
)
from auditor.values.lifetime import Lifetime
from auditor.values.quick import replace

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def changed(before: Content | None, after: Content) -> bool:
    """Whether a mapping holds something else than before. Markers that come and go change nothing of what is said."""

    def said(content: Content | None) -> object:
        return _without_markers(content.entries) if isinstance(content, Entries) else content

    return before is not None and said(before) != said(after)


def _without_markers(entries: Iterable[EntryItem]) -> tuple[EntryItem, ...]:
    kept: list[EntryItem] = []
    for entry in entries:
        if isinstance(entry, AltEntries):
            then, otherwise = _without_markers(entry.then), _without_markers(entry.otherwise)
            if then or otherwise:
                kept.append(AltEntries(entry.condition, then, otherwise))
        elif not (isinstance(entry, Entry) and marking.is_marker(entry.key)):
            kept.append(entry)
    return tuple(kept)


def rewrite(machine: Machine, value: ListRef, node: ast.For | ast.AsyncFor, frame: Frame) -> None:
    """Stretches of the list whose elements the loop wrote to are other ones now: once, however often it is run."""
    content = machine.items(value)
    told = machine.rewritten.intersection(item.hole.identity for item in content.items if isinstance(item, Spread))
    if not told:
        return
    machine.rewritten -= told
    puts = (part for statement in node.body for part in ast.walk(statement) if _puts(part))
    place = machine.place(next(puts, node), frame)
    step = Step(place, f"written to in a loop over `{machine.source(node.iter)}`") if place is not None else None

    def renewed(item: Item) -> Item:
        if not isinstance(item, Spread) or item.hole.identity not in told:
            return item
        identity = ("rewritten", id(node), item.hole.identity)
        known_by = item.hole.identity
        if isinstance(known_by, tuple) and known_by[:2] == identity[:2]:
            return item
        # No longer what grew by appending alone.
        lifetime = Lifetime.CALL if item.hole.lifetime is Lifetime.TURN else item.hole.lifetime
        roots = (known_by, *item.hole.roots)
        return replace(item, hole=replace(item.hole, identity=identity, lifetime=lifetime, roots=roots, entered=step))

    machine.set_items(value, tuple(renewed(item) for item in content.items), content.order)


def _puts(node: ast.AST) -> bool:
    match node:
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]) | ast.AugAssign(target=ast.Subscript() | ast.Attribute()):
            return True
        case _:
            return False


def reachable(machine: Machine, element: Value, depth: int = 4) -> set[int]:
    """Addresses of an element and of what it holds: what a loop does to them it does once for each element."""
    match element:
        case DictRef(address):
            inner: Iterable[object] = (entry.value for entry in machine.entries(element).entries if isinstance(entry, Entry))
        case ListRef(address):
            inner = (
                one for item in machine.items(element).items for one in (item.elements if isinstance(item, Spread) else (item,))
            )
        case TupleValue(items):
            address, inner = 0, items
        case _:
            return set()
    found = {address} - {0}
    for value in inner if depth else ():
        if isinstance(value, DictRef | ListRef | TupleValue):
            found |= reachable(machine, value, depth - 1)
    return found
