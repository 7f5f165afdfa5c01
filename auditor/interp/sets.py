"""Sets: algebra and comparison, exact where membership is decided for every item."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import containers, known
from auditor.values.domain import FALSE, NONE, TRUE, Arguments, Item, Items, SetRef, Spread, Value
from auditor.values.join import holes_of
from auditor.values.lifetime import Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

OPERATORS: dict[type[ast.operator], str] = {
    ast.BitOr: "union",
    ast.BitAnd: "intersection",
    ast.Sub: "difference",
    ast.BitXor: "symmetric_difference",
}
ALGEBRA = frozenset(OPERATORS.values())
IN_PLACE = {
    "intersection_update": "intersection",
    "difference_update": "difference",
    "symmetric_difference_update": "symmetric_difference",
}


def method(machine: Machine, receiver: SetRef, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    content = machine.items(receiver)
    others = [machine.iterate(one, node, frame) for item in arguments.positional if (one := known.plain(item)) is not None]
    if name in ALGEBRA:
        return machine.new_set(_folded(machine, name, content, others, node, frame))
    if name in IN_PLACE:
        machine.set_items(receiver, _folded(machine, IN_PLACE[name], content, others, node, frame))
        return NONE
    if name in {"issubset", "issuperset", "isdisjoint"} and others:
        answer = _related(name, content, others[0])
        if answer is not None:
            return TRUE if answer else FALSE
    return containers.list_method(machine, receiver, name, arguments, node, frame)


def combined(machine: Machine, op: ast.operator, left: Items, right: Items, node: ast.AST, frame: Frame) -> list[Item]:
    """Items of `left op right`."""
    return _folded(machine, OPERATORS[type(op)], left, [right], node, frame)


def _folded(machine: Machine, name: str, content: Items, others: list[Items], node: ast.AST, frame: Frame) -> list[Item]:
    items = list(content.items)
    for other in others:
        items = _combined(machine, name, items, list(other.items), node, frame)
    return items


def _combined(machine: Machine, name: str, left: list[Item], right: list[Item], node: ast.AST, frame: Frame) -> list[Item]:
    machine.step(len(left) * len(right) >> 6)
    if name == "union":
        return containers.distinct([*left, *right])
    common, only_left = _partition(left, right)
    if common is None or only_left is None:
        holes = [hole for item in (*left, *right) for hole in holes_of(item)]
        return [Spread(machine.derived(holes, node, frame, reason=Reason.UNSUPPORTED), tuple(left[:1]))]
    if name == "intersection":
        return common
    return only_left if name == "difference" else [*only_left, *(_partition(right, left)[1] or ())]


def _partition(left: list[Item], right: list[Item]) -> tuple[list[Item] | None, list[Item] | None]:
    """Items of `left` that are in `right`, and those that are not; None where that is not decided for each."""
    common: list[Item] = []
    rest: list[Item] = []
    for item in left:
        found = _contains(right, item)
        if found is None:
            return None, None
        (common if found else rest).append(item)
    return common, rest


def _contains(items: list[Item], wanted: Item) -> bool | None:
    value = known.plain(wanted)
    if value is None:
        return None
    answers = [known.same_key(one, value) if (one := known.plain(item)) is not None else None for item in items]
    return True if True in answers else None if None in answers else False


def _related(name: str, left: Items, right: Items) -> bool | None:
    if name == "issuperset":
        left, right = right, left
    common, rest = _partition(list(left.items), list(right.items))
    if common is None or rest is None:
        return None
    return not common if name == "isdisjoint" else not rest
