"""What is fetched once and kept: `if _page is None: _page = fetch()`.

The function that asks whether something is there yet puts it there itself, for all who ask after it: so it is there then, though
nothing is known of what was fetched. Knows variables and attributes that outlive a call.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.values.domain import Hole, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def note(machine: Machine, target: ast.expr, value: Value, frame: Frame) -> None:
    """The value is assigned to the target: whether that is what its function asked for."""
    if not isinstance(value, Hole) or frame.function is None:
        return
    outlives = isinstance(target, ast.Attribute) or (isinstance(target, ast.Name) and target.id in frame.global_names)
    asked = _asked(machine, frame.function.node) if outlives else frozenset()  # type: ignore[arg-type]
    if asked and ast.unparse(target) in asked:
        machine.memos.add(value.identity)


def there(machine: Machine, hole: Hole) -> bool:
    """Whether somebody certainly put it there: this request, or one before it."""
    return hole.identity in machine.memos or machine.kept(hole.identity)


def _asked(machine: Machine, function: ast.AST) -> frozenset[str]:
    """Variables and attributes of which the function asks whether they are there, ahead of anything else."""
    key = ("memos", id(function))
    found = machine.cache.get(key)
    if not isinstance(found, frozenset):
        tests = [part.test for part in ast.walk(function) if isinstance(part, ast.If | ast.IfExp)]
        found = machine.cache[key] = frozenset(name for test in tests for name in _absent(test))
    return found


def _absent(test: ast.expr) -> list[str]:
    match test:
        case ast.Compare(
            left=ast.Name() | ast.Attribute() as asked, ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]
        ):
            return [ast.unparse(asked)]
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name() | ast.Attribute() as asked):
            return [ast.unparse(asked)]
        case ast.Name() | ast.Attribute():
            return [ast.unparse(test)]
        case ast.BoolOp(values=values):
            return [name for value in values for name in _absent(value)]
        case _:
            return []
