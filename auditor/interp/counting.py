"""Numbers that go up from request to request, and what is done every n-th time.

A replay has three turns, and code adds its reminder with the fifth. So a number that a statement has made greater since a request
was sent is a *count*, what is left of it by a fixed number a *phase*, and asking for a phase is open: sooner or later it comes.
Knows numbers. Does not know requests but for how many were heard.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.values.domain import Const, Count, Phase, TupleValue, Value, const
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def counted(machine: Machine, node: ast.AugAssign | ast.Assign, value: Value) -> Value:
    """What `turn += 1` or `turn = turn + 1` makes: a count if the statement has run before, and a request was sent since."""
    if not _counts(machine, node) or not isinstance(value, Const) or known.int_of(value) is None:
        return value
    heard, before = machine.listener.heard, machine.counted.get(id(node))
    machine.counted[id(node)] = heard
    return _as_count(value) if before is not None and before < heard else value


def _counts(machine: Machine, node: ast.AugAssign | ast.Assign) -> bool:
    match node:
        case ast.AugAssign(op=ast.Add(), value=ast.Constant()):
            return True
        case ast.Assign(targets=[target], value=ast.BinOp(left=left, op=ast.Add(), right=ast.Constant())):
            return machine.source(target) == machine.source(left)
        case _:
            return False


def numbered(item: Value) -> Value:
    """What a loop gives its turns that follow one with a request: `range` and `enumerate` count them."""
    match item:
        case Const() if known.int_of(item) is not None:
            return _as_count(item)
        case TupleValue((Const() as first, *others), order) if known.int_of(first) is not None:
            return TupleValue((_as_count(first), *others), order)
        case _:
            return item


def _as_count(value: Const) -> Const:
    number = known.int_of(value)
    return value if number is None or value.kind != "int" else const(Count(number))


def periodic(machine: Machine, node: ast.Compare | ast.UnaryOp, left: Value, right: Value, frame: Frame) -> Value | None:
    """`turn % 5 == 0` of a count: with some requests yes, with others no."""
    if not isinstance(left, Const) or not isinstance(left.value, Phase) or known.int_of(right) is None:
        return None
    return machine.hole(node, frame, Lifetime.TURN, Cause.LOOP, identity=("phase", id(node), machine.listener.heard))
