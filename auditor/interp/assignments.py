"""Assignment targets: names, attributes, subscripts, unpacking, deletion."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.interp import (
    attributes,
    containers,
    counting,
    declared,
    known,
    mappings,
    memos,
    portions,
    sets,
    subscripts,
    trimming,
)
from auditor.interp.names import store_name
from auditor.limits import LEAVES
from auditor.values.domain import Choice, Const, Hole, Item, ListRef, Spread, Text, TupleValue, Value
from auditor.values.join import decide, join, leaves
from auditor.values.lifetime import Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def assign(machine: Machine, target: ast.expr, value: Value, frame: Frame) -> None:
    """Binds or writes a target."""
    value = memos.noted(machine, target, value, frame)
    match target:
        case ast.Name(id=name):
            store_name(machine, name, _named(machine, value, target, frame), frame)
        case ast.Attribute(value=owner, attr=name):
            attributes.put(machine, machine.evaluate(owner, frame), name, value, target, frame)
        case ast.Subscript(value=owner, slice=ast.Slice(lower=lower, upper=upper, step=step)):
            bounds = [machine.evaluate(part, frame) if part is not None else None for part in (lower, upper, step)]
            portions.put(machine, machine.evaluate(owner, frame), bounds, value, target, frame)
        case ast.Subscript(value=owner, slice=index):
            receiver = machine.evaluate(owner, frame)
            subscripts.put(machine, receiver, machine.evaluate(index, frame), value, target, frame)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            _unpack(machine, targets, value, target, frame)
        case ast.Starred(value=inner):
            assign(machine, inner, value, frame)
        case _:
            return


def annotated(machine: Machine, node: ast.AnnAssign, value: ast.expr, frame: Frame) -> None:
    """`self.model: ChatAnthropic = given`: what is not known is what it is declared to be."""
    assign(
        machine, node.target, declared.typed(machine, machine.evaluate(value, frame), node.annotation, frame, node, frame), frame
    )


def _named(machine: Machine, value: Value, target: ast.Name, frame: Frame) -> Value:
    """A hole that gets a name remembers it in its trace."""
    if isinstance(value, Hole) and value.reason is None:
        return value.along(machine.place(target, frame), f"assigned to `{target.id}`")
    if isinstance(value, Text) and len(value.pieces) <= 50 and any(isinstance(piece, Hole) for piece in value.pieces):
        place = machine.place(target, frame)
        message = f"part of `{target.id}`"
        return Text(tuple(piece.along(place, message) if isinstance(piece, Hole) else piece for piece in value.pieces))
    return value


def _unpack(machine: Machine, targets: list[ast.expr], value: Value, node: ast.AST, frame: Frame) -> None:
    if not any(isinstance(target, ast.Starred) for target in targets):
        for target, part in zip(targets, _columns(machine, targets, value, node, frame), strict=True):
            assign(machine, target, part, frame)
        return
    items: list[Item] = list(machine.iterate(value, node, frame).items)
    starred = next(index for index, target in enumerate(targets) if isinstance(target, ast.Starred))
    if all(known.plain(item) is not None for item in items) and len(items) >= len(targets) - 1:
        after = len(targets) - starred - 1
        for target, item in zip(targets[:starred], items, strict=False):
            assign(machine, target, item, frame)  # type: ignore[arg-type]
        assign(machine, targets[starred], machine.new_list(items[starred : len(items) - after]), frame)
        for target, item in zip(targets[starred + 1 :], items[len(items) - after :], strict=True):
            assign(machine, target, item, frame)  # type: ignore[arg-type]
        return
    for index, target in enumerate(targets):
        part = machine.new_list(items) if index == starred else _part(machine, index, target, value, items, frame)
        assign(machine, target, part, frame)


def _columns(machine: Machine, targets: list[ast.expr], value: Value, node: ast.AST, frame: Frame) -> list[Value]:
    """What each of the targets gets, of one of several lists what each of these has there."""
    value = decide(value, machine.assumptions)
    if isinstance(value, Choice):
        fitting = [side for side in (value.then, value.otherwise) if _fits(machine, side, len(targets))]
        if len(fitting) == 1:
            return _columns(machine, targets, fitting[0], node, frame)
        sides = [_columns(machine, targets, side, node, frame) for side in (value.then, value.otherwise)]
        return [join(value.condition, *pair) for pair in zip(*sides, strict=True)]
    items: list[Item] = list(machine.iterate(value, node, frame).items)
    plain = [one for item in items if (one := known.plain(item)) is not None]
    if len(plain) == len(items) == len(targets):
        return plain
    return [_part(machine, index, target, value, items, frame) for index, target in enumerate(targets)]


def _fits(machine: Machine, value: Value, count: int) -> bool:
    """Whether so many targets may take a value apart: Python raises at None, and where there are more or fewer items."""
    match value:
        case Const(None):
            return False
        case TupleValue() | ListRef():
            items = machine.items(value).items
            return len(items) == count or any(known.plain(item) is None for item in items)
        case _:
            return True


def _part(machine: Machine, index: int, target: ast.expr, value: Value, items: Sequence[Item], frame: Frame) -> Value:
    """What a target gets of something of which nobody knows what stands where."""
    holes = [item.hole for item in items if isinstance(item, Spread)]
    base = holes[0] if holes else (value if isinstance(value, Hole) else None)
    if base is None:
        return machine.unknown(Reason.UNSUPPORTED, target, frame)
    identity, expression = ("item", base.identity, index), machine.source(target)
    return machine.derived([base], target, frame, identity=identity, expression=expression, reason=base.reason)


def shortened(machine: Machine, node: ast.Assign, frame: Frame) -> bool:
    """Does `self.turns = self.turns[-50:]` to the list that is there, where the few turns of a replay keep all of it.

    Two lists that differ in a mark alone would double with each test of their length, and with each answer that is added to them.
    """
    match node:
        case ast.Assign(targets=[(ast.Attribute() | ast.Subscript()) as target], value=ast.Subscript(value=source, slice=bounds)):
            if not isinstance(bounds, ast.Slice) or machine.source(target) != machine.source(source):
                return False
        case _:
            return False
    lists = list(dict.fromkeys(leaves(machine.evaluate(source, frame), LEAVES)))
    if not any(trimming.grows(machine, one) for one in lists):
        return False
    numbers = [machine.evaluate(part, frame) if part is not None else None for part in (bounds.lower, bounds.upper, bounds.step)]
    pairs = [(one, portions.cut(machine, one, numbers, node.value, frame)) for one in lists if isinstance(one, ListRef)]
    if len(pairs) < len(lists) or not all(trimming.keeps(machine, one, cut) for one, cut in pairs):
        return False
    for one, cut in pairs:
        mark = trimming.mark_in(machine, cut)
        if mark is not None:
            trimming.mark(machine, one, mark)
            if isinstance(target, ast.Attribute):
                machine.trimmed[target.attr] = mark.hole
    return True


def delete(machine: Machine, target: ast.expr, frame: Frame) -> None:
    match target:
        case ast.Subscript(value=owner, slice=ast.Slice(lower=lower, upper=upper, step=step)):
            bounds = [machine.evaluate(part, frame) if part is not None else None for part in (lower, upper, step)]
            portions.delete(machine, machine.evaluate(owner, frame), bounds, target, frame)
        case ast.Subscript(value=owner, slice=index):
            receiver = machine.evaluate(owner, frame)
            subscripts.delete(machine, receiver, machine.evaluate(index, frame), target, frame)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            for inner in targets:
                delete(machine, inner, frame)
        case _:
            return


def augmented(machine: Machine, node: ast.AugAssign, frame: Frame) -> None:
    """`target op= value`: lists grow in place, everything else is rebound."""
    from auditor.interp import operators
    from auditor.values.domain import Arguments, DictRef, ListRef, SetRef

    current = machine.evaluate(ast.copy_location(_as_load(node.target), node.target), frame)
    value = machine.evaluate(node.value, frame)
    if isinstance(current, ListRef) and isinstance(node.op, ast.Add):
        containers.list_method(machine, current, "extend", Arguments((value,)), node, frame)
        return
    if isinstance(current, DictRef) and isinstance(node.op, ast.BitOr):
        mappings.dict_method(machine, current, "update", Arguments((value,)), node, frame)
        return
    if isinstance(current, SetRef) and type(node.op) in sets.OPERATORS:
        right = machine.iterate(value, node, frame)
        machine.set_items(current, sets.combined(machine, node.op, machine.items(current), right, node, frame))
        return
    result = operators.binary(machine, node.op, current, value, node, frame)
    assign(machine, node.target, counting.counted(machine, node, result), frame)


def _as_load(target: ast.Name | ast.Attribute | ast.Subscript) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.Name(name, ast.Load())
        case ast.Attribute(value=value, attr=name):
            return ast.Attribute(value, name, ast.Load())
        case ast.Subscript(value=value, slice=index):
            return ast.Subscript(value, index, ast.Load())
