"""Comprehensions: over known items concretely, over unknown ones once for any of them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import trimming
from auditor.interp.frame import Frame
from auditor.values.domain import AltItems, Entry, EntryItem, Hole, Item, Items, Spread, SpreadEntries, TupleValue, Value
from auditor.values.join import holes_of
from auditor.values.lifetime import Evidence, Lifetime

if TYPE_CHECKING:
    from auditor.interp.machine import Machine

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def evaluate(machine: Machine, node: ast.expr, frame: Frame) -> Value:
    assert isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
    scope = machine.store.allocate()
    inner = replace(frame, scopes=(scope, *frame.scopes), local_names=None, returns=[], decisions=[], global_names=frozenset())
    if frame.local_names is not None:  # names of the function stay visible through the chain of scopes
        inner.local_names = None
    items, order = _generate(machine, node, 0, inner)
    if isinstance(node, ast.DictComp):
        return _mapping(machine, items, order, node, frame)
    if isinstance(node, ast.SetComp):
        return machine.new_set(items)
    return machine.new_list(items, order)


def _mapping(machine: Machine, items: list[Item], order: Hole | None, node: ast.AST, frame: Frame) -> Value:
    from auditor.interp import containers

    reference = machine.new_dict(order=order)
    entries: list[EntryItem] = []
    for item in items:
        if isinstance(item, TupleValue) and len(item.items) == 2:
            key, value = item.items
            if not isinstance(key, Spread | AltItems) and not isinstance(value, Spread | AltItems):
                entries.append(Entry(key, value))
        elif isinstance(item, Spread):
            entries.append(SpreadEntries(item.hole))
        else:
            holes = holes_of(item)
            entries.append(SpreadEntries(machine.derived(holes, node, frame)))
    containers.update(machine, reference, tuple(entries))
    return reference


def _generate(machine: Machine, node: Comprehension, index: int, frame: Frame) -> tuple[list[Item], Hole | None]:
    """Items that the comprehension yields from its `index`-th `for` on, and why their order is not fixed."""
    if index == len(node.generators):
        if isinstance(node, ast.DictComp):
            return [TupleValue((machine.evaluate(node.key, frame), machine.evaluate(node.value, frame)))], None
        return [machine.evaluate(node.elt, frame)], None
    generator = node.generators[index]
    source = machine.iterate(machine.evaluate(generator.iter, frame), generator.iter, frame)
    items, order = _over(machine, node, index, source, frame)
    return items, source.order or order


def _over(machine: Machine, node: Comprehension, index: int, source: Items, frame: Frame) -> tuple[list[Item], Hole | None]:
    out: list[Item] = []
    order: Hole | None = None
    for item in source.items[: machine.limits.iterations]:
        if isinstance(item, AltItems):
            with machine.assuming(item.condition, True) as first:
                then, _ = _over(machine, node, index, Items(item.then), frame)
            with machine.assuming(item.condition, False) as second:
                otherwise, _ = _over(machine, node, index, Items(item.otherwise), frame)
            machine.store.merge(item.condition, first, second)
            out.append(AltItems(item.condition, tuple(then), tuple(otherwise)))
        elif trimming.is_mark(item):
            out.append(item)
        elif isinstance(item, Spread):
            before = machine.listener.heard
            produced, _ = _over(machine, node, index, Items(item.elements or (item.hole,)), frame)
            if machine.listener.heard > before and all(isinstance(element, Hole) for element in item.elements):
                # What is sent for each element is sent for another one too.
                other = machine.hole(node, frame, Lifetime.CALL, item.hole.cause, evidence=Evidence.USAGE)
                _over(machine, node, index, Items((other,)), frame)
            holes = [item.hole, *(hole for one in produced for hole in holes_of(one))]
            stretch = machine.derived(
                holes, node, frame, identity=("each", id(node), item.hole.identity, tuple(hole.identity for hole in holes))
            )
            cause = item.hole.cause if item.hole.lifetime >= stretch.lifetime else stretch.cause
            out.append(Spread(replace(stretch, cause=cause), tuple(produced)))
        else:
            produced, inner_order = _one(machine, node, index, item, frame)
            out.extend(produced)
            order = order or inner_order
    if len(source.items) > machine.limits.iterations:
        out.append(Spread(machine.limit("iterations", node, frame)))
    return out, order


def _one(machine: Machine, node: Comprehension, index: int, item: Item, frame: Frame) -> tuple[list[Item], Hole | None]:
    """What one element yields: nothing, something, or something under the conditions of the comprehension."""
    from auditor.interp import assignments

    assert not isinstance(item, Spread | AltItems)
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
    return [AltItems(condition, tuple(kept), ()) if outcome else AltItems(condition, (), tuple(kept))], order
