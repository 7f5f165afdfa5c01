"""Variables that the function filling them was asked for before, on some of the ways that led here.

`if _kept is not None and now - _at < TTL: return _kept` in front of what fills `_kept`: where a way of this request came by
before, it is filled, on the others it is about to be, by the same code with the same outcome. So it is filled: one value and
not one for each way, which after a few more calls would be more than are told apart.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.project.syntax import parameters
from auditor.values.domain import NONE, Choice, Instance, Value
from auditor.values.join import decide

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Cell = tuple[int, str]


def settle(machine: Machine, node: ast.If, frame: Frame) -> None:
    """What the function keeps is what one of the ways that filled it left, where the test asks whether it is there."""
    function = frame.function.node if frame.function is not None else None
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    names = _asked(node.test)
    kept = _kept(machine, function, frame) if names else {}
    asked = next((kept[name] for name in names if name in kept), None)
    value = machine.store.get(*asked) if asked is not None else None
    if not isinstance(value, Choice):
        return
    way = _filled(decide(value, machine.assumptions))
    for cell in kept.values() if way else ():
        content = machine.store.get(*cell)
        if isinstance(content, Choice):
            machine.store.set(*cell, decide(content, {**machine.assumptions, **way}))


def _asked(test: ast.expr) -> list[str]:
    """What a test asks for whether it is there: `kept is not None`, `not self.kept`, by itself or along with more."""
    parts = test.values if isinstance(test, ast.BoolOp) else [test]
    found: list[str] = []
    for part in parts:
        match part:
            case ast.Compare(left=asked, ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
                pass
            case ast.UnaryOp(op=ast.Not(), operand=asked):
                pass
            case asked:
                pass
        if isinstance(asked, ast.Name | ast.Attribute):
            found.append(ast.unparse(asked))
    return found


def _kept(machine: Machine, function: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> dict[str, Cell]:
    """What a function without arguments fills: variables of its module, and attributes of its object."""
    names = list(parameters(function))
    me = machine.store.get(frame.local, names[0].arg) if len(names) == 1 else None
    if (names and not isinstance(me, Instance)) or function.args.vararg or function.args.kwarg:
        return {}
    found: dict[str, Cell] = {name: (frame.scopes[-1], name) for name in frame.global_names}
    if isinstance(me, Instance):
        found |= {f"{names[0].arg}.{name}": (me.address, name) for name in _written(machine, function, names[0].arg)}
    return found


def _written(machine: Machine, function: ast.FunctionDef | ast.AsyncFunctionDef, me: str) -> frozenset[str]:
    key = ("fills", id(function))
    if key not in machine.cache:
        machine.cache[key] = frozenset(
            part.attr
            for part in ast.walk(function)
            if isinstance(part, ast.Attribute)
            and isinstance(part.ctx, ast.Store)
            and isinstance(part.value, ast.Name)
            and part.value.id == me
        )
    return machine.cache[key]  # type: ignore[return-value]


def _filled(value: Value) -> dict[object, bool]:
    """The outcomes that lead to what was filled in first; none where it is filled on all ways, or on none."""
    way: dict[object, bool] = {}
    if not _has_none(value):
        return way
    while isinstance(value, Choice):
        outcome = value.then != NONE and not _only_none(value.then)
        way[value.condition.identity] = outcome
        value = value.then if outcome else value.otherwise
    return {} if value == NONE else way


def _has_none(value: Value) -> bool:
    return _has_none(value.then) or _has_none(value.otherwise) if isinstance(value, Choice) else value == NONE


def _only_none(value: Value) -> bool:
    return _only_none(value.then) and _only_none(value.otherwise) if isinstance(value, Choice) else value == NONE
