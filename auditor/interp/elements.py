"""Another element of a stretch: unlike the one before in whatever is the element's own, the same in everything else.

Knows values and where holes come from. Does not know loops.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.limits import KINDS
from auditor.values.domain import AltItems, Choice, DictRef, Entry, Hole, Item, ListRef, Spread, Text, TupleValue, Value
from auditor.values.lifetime import Cause, Evidence, Lifetime
from auditor.values.text import Piece

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

_DATA = frozenset({Cause.VALUE, Cause.LOOP, Cause.INPUT, Cause.RETRIEVAL, Cause.FILE, Cause.RESPONSE})


@dataclass(slots=True)
class _Next:
    """One further element, while it is made: what is new in it is the same wherever it occurs."""

    machine: Machine
    item: Spread
    frame: Frame
    mine: frozenset[Hashable]
    parts: frozenset[Hashable]  # what the stretch is known to be made of
    written: Collection[int]
    fresh: dict[Hashable, Hole] = field(default_factory=dict)

    def value(self, value: Value, node: ast.AST, depth: int) -> Value:
        match value:
            case Hole():
                return self.hole(value, node)
            case Text(pieces):
                made: list[Piece] = [self.hole(piece, node) if isinstance(piece, Hole) else piece for piece in pieces]
                return Text(tuple(made))
            case TupleValue(items, order):
                nodes = _parts(node, len(items))
                return TupleValue(tuple(self._item(one, part, depth) for one, part in zip(items, nodes, strict=True)), order)
            case ListRef(address) if depth and address not in self.written:
                return self._list(value, node, depth)
            case DictRef(address) if depth and address not in self.written:
                return self._mapping(value, node, depth)
            case _:
                return value

    def _item(self, item: Item, node: ast.AST, depth: int) -> Item:
        return item if isinstance(item, Spread | AltItems) else self.value(item, node, depth)

    def _list(self, value: ListRef, node: ast.AST, depth: int) -> ListRef:
        content = self.machine.items(value)
        items = tuple(self._item(one, node, depth - 1) for one in content.items)
        return value if items == content.items else self.machine.new_list(items, content.order)

    def _mapping(self, value: DictRef, node: ast.AST, depth: int) -> DictRef:
        content = self.machine.entries(value)
        entries = tuple(
            Entry(self.value(one.key, node, 0), self.value(one.value, node, depth - 1)) if isinstance(one, Entry) else one
            for one in content.entries
        )
        if entries == content.entries:
            return value
        return self.machine.new_dict(entries, content.order, value.default)

    def hole(self, hole: Hole, node: ast.AST) -> Hole:
        if not _counts(hole) and not _own(hole, self.mine, self.parts):
            return hole
        if hole.identity not in self.fresh:
            self.fresh[hole.identity] = self.another(hole, node)
        return self.fresh[hole.identity]

    def another(self, hole: Hole, node: ast.AST) -> Hole:
        if _counts(hole):
            return self.machine.hole(node, self.frame, Lifetime.CALL, Cause.LOOP, characters=hole.characters)
        source = self.item.hole
        cause = source.cause if source.cause is not Cause.VALUE else Cause.LOOP
        evidence = source.evidence if source.reason is None else Evidence.USAGE
        return self.machine.hole(node, self.frame, Lifetime.CALL, cause, evidence=evidence, type=hole.type)


def either(machine: Machine, item: Spread, node: ast.For | ast.AsyncFor, frame: Frame) -> Value | None:
    """One element of a stretch, of which each turn of what made it may have left several: a question and its answer."""
    kept = [_kept_or_left_out(one) for one in item.elements[:KINDS]]
    found = [one for one in kept if one is not None]
    if not found or len(found) != len(kept):
        return kept[0] if kept else None
    value = found[-1]
    with machine.any_element():
        for index in range(len(found) - 2, -1, -1):
            key = ("element", item.hole.identity, index)
            place = machine.place(node.target, frame)
            which = machine.condition(key, f"what {machine.source(node.target)} is", Lifetime.UNKNOWN, place, item.hole)
            value = Choice(which, found[index], value)
    return value


def _kept_or_left_out(item: Item) -> Value | None:
    """The value of an item, also of one that a filter may have left out: what the loop gets was kept."""
    match item:
        case AltItems(then=(only,), otherwise=()) | AltItems(then=(), otherwise=(only,)):
            return _kept_or_left_out(only)
        case _:
            return known.plain(item)


def another(machine: Machine, item: Spread, element: Value, node: ast.AST, frame: Frame, written: Collection[int] = ()) -> Value:
    """Another element of the stretch. That it is unlike the last one is sure even where nothing else is known of the stretch.

    `node` is what the element is assigned to. What was `written` to (addresses) while the last one was worked on is told from
    it no more, and kept.
    """
    made = _Next(machine, item, frame, _mine(item), frozenset(item.hole.roots), written)
    return made.another(element, node) if isinstance(element, Hole) else made.value(element, node, machine.limits.element_depth)


def _mine(item: Spread) -> frozenset[Hashable]:
    sources = (item.hole.identity, *item.hole.roots)
    return frozenset((item.hole.identity, *(("element", source) for source in sources)))


def _own(hole: Hole, mine: frozenset[Hashable], parts: frozenset[Hashable]) -> bool:
    # What a generator yields for each line of a file is made of that line, which is an element of another stretch.
    yielded = hole.identity in parts and bool(hole.roots) and hole.cause in _DATA
    return hole.identity in mine or not mine.isdisjoint(hole.roots) or yielded


@contextmanager
def looking_at(machine: Machine, item: Spread) -> Iterator[None]:
    """One element of the stretch is looked at for all of them."""
    machine.looked.append((_mine(item), frozenset(item.hole.roots)))
    try:
        with machine.any_element():
            yield
    finally:
        machine.looked.pop()


def is_of_many(machine: Machine, value: Value) -> bool:
    """Whether the value is the own one of an element that is looked at for all: two elements have the same one here, and others
    there (`message["role"] != kept[-1]["role"]`).
    """
    holes = value.holes() if isinstance(value, Text) else (value,) if isinstance(value, Hole) else ()
    return any(
        _own(hole, mine, parts) or (hole.cause in _DATA and not parts.isdisjoint(hole.roots))
        for hole in holes
        for mine, parts in machine.looked
    )


def is_open(element: Value) -> bool:
    """Whether nothing is known of an element, or of one part of the tuple that it is."""
    match element:
        case Hole():
            return element.reason is not None
        case TupleValue(items):
            return any(isinstance(one, Hole) and one.reason is not None for one in items)
        case _:
            return False


def _counts(hole: Hole) -> bool:
    """Whether it is the number of the element."""
    return hole.cause is Cause.LOOP and hole.lifetime is Lifetime.CONSTANT


def _parts(node: ast.AST, number: int) -> Sequence[ast.AST]:
    """What each part of a tuple is assigned to."""
    if isinstance(node, ast.Tuple | ast.List) and len(node.elts) == number:
        return node.elts
    return [node] * number
