"""Comprehensions: over known items concretely, over unknown ones once for any of them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from auditor.interp import containers, mappings, stretches, trimming
from auditor.interp.frame import Frame
from auditor.values.domain import (
    AltItems,
    Entry,
    EntryItem,
    Hole,
    Item,
    Items,
    Spread,
    SpreadEntries,
    TupleValue,
    Value,
)
from auditor.values.join import either, either_entries, holes_of
from auditor.values.quick import replace

if TYPE_CHECKING:
    from auditor.interp.machine import Machine

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def evaluate(machine: Machine, node: ast.expr, frame: Frame) -> Value:
    assert isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
    scope = machine.store.allocate()
    inner = replace(
        frame,
        scopes=(scope, *frame.scopes),
        local_names=None,
        returns=[],
        decisions=[],
        global_names=frozenset(),
        around=frame.around or frame,
    )
    source = machine.evaluate(node.generators[0].iter, inner)
    items, order = _generate(machine, node, 0, inner, source)
    if isinstance(node, ast.DictComp):
        return _mapping(machine, items, order, node, frame)
    if isinstance(node, ast.SetComp):
        return machine.new_set(containers.distinct(items))
    return trimming.viewed(machine, source, machine.new_list(items, order))


def _mapping(machine: Machine, items: list[Item], order: Hole | None, node: ast.AST, frame: Frame) -> Value:
    reference = machine.new_dict(order=order)
    mappings.update(machine, reference, _entries(machine, items, node, frame))
    return reference


def _entries(machine: Machine, items: Iterable[Item], node: ast.AST, frame: Frame) -> list[EntryItem]:
    """Entries from the pairs that a dict comprehension yields."""
    out: list[EntryItem] = []
    for item in items:
        match item:
            case TupleValue((key, value)) if not isinstance(key, Spread | AltItems) and not isinstance(value, Spread | AltItems):
                out.append(Entry(key, value))
            case Spread(hole, (TupleValue((_, value)),)) if not isinstance(value, Spread | AltItems):
                out.append(SpreadEntries(hole, value))
            case Spread(hole):
                out.append(SpreadEntries(hole))
            case AltItems(condition, then, otherwise):
                sides = [tuple(_entries(machine, side, node, frame)) for side in (then, otherwise)]
                out.extend(either_entries(condition, *sides))
            case _:
                out.append(SpreadEntries(machine.derived(holes_of(item), node, frame)))
    return out


def _generate(
    machine: Machine, node: Comprehension, index: int, frame: Frame, over: Value | None = None
) -> tuple[list[Item], Hole | None]:
    """Items that the comprehension yields from its `index`-th `for` on, and why their order is not fixed. `over`: what it goes
    through, where that is known already.
    """
    if index == len(node.generators):
        if isinstance(node, ast.DictComp):
            return [TupleValue((machine.evaluate(node.key, frame), machine.evaluate(node.value, frame)))], None
        return [machine.evaluate(node.elt, frame)], None
    generator = node.generators[index]
    source = machine.iterate(over if over is not None else machine.evaluate(generator.iter, frame), generator.iter, frame)
    items, order = _over(machine, node, index, source, frame)
    return items, source.order or order


def _over(machine: Machine, node: Comprehension, index: int, source: Items, frame: Frame) -> tuple[list[Item], Hole | None]:
    orders: list[Hole] = []

    def produce(item: Value) -> list[Item]:
        produced, order = _one(machine, node, index, item, frame)
        if order is not None:
            orders.append(order)
        return produced

    out = stretches.expanded(machine, source.items[: machine.limits.iterations], produce, node, frame)
    if len(source.items) > machine.limits.iterations:
        out.append(Spread(machine.limit("iterations", node, frame)))
    return out, orders[0] if orders else None


def _one(machine: Machine, node: Comprehension, index: int, item: Value, frame: Frame) -> tuple[list[Item], Hole | None]:
    """What one element yields: nothing, something, or something under the conditions of the comprehension."""
    from auditor.interp import assignments

    assignments.assign(machine, node.generators[index].target, item, frame)
    frame.repeating += 1
    found = _filtered(machine, node, index, 0, frame)
    frame.repeating -= 1
    return found


def _filtered(machine: Machine, node: Comprehension, index: int, test: int, frame: Frame) -> tuple[list[Item], Hole | None]:
    filters = node.generators[index].ifs
    if test == len(filters):
        return _generate(machine, node, index + 1, frame)
    decided = machine.truth(machine.evaluate(filters[test], frame))
    if isinstance(decided, bool):
        return _filtered(machine, node, index, test + 1, frame) if decided else ([], None)
    condition, outcome = decided
    with machine.assuming(condition, outcome) as writes:
        kept, order = _filtered(machine, node, index, test + 1, frame)
    machine.store.commit(writes)
    sides = (tuple(kept), ()) if outcome else ((), tuple(kept))
    return list(either(condition, *sides)), order
