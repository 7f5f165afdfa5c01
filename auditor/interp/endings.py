"""Calls that nothing comes back from: `fail("not connected")`, `sys.exit(1)`, `abort(404)`.

Behind such a call, as a statement of its own or as what is assigned or returned, the caller's block ends as behind a `raise`.
Knows functions of the project every way through which raises, with what they raise, and library functions that are listed
(`[endings]` of the tables). Does not know functions that return on some way and were not seen to, nor methods that a subclass
is to write (`raise NotImplementedError`).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.interp.library import objects
from auditor.values.domain import BoundMethod, External, ExternalObject, FunctionValue, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.project.syntax import FunctionNode


@dataclass(frozen=True, slots=True)
class Ended:
    """What has just raised, a function's syntax node or a library's name, and what, where that is known. `call`: behind which
    nothing of the caller's happens."""

    callee: object
    raised: Value | None
    call: ast.Call | None = None


def note(machine: Machine, function: FunctionNode, raised: Value | None) -> None:
    """The function's body has raised, and does so on every way."""
    if isinstance(function, ast.Lambda):
        return
    key = ("never", id(function))
    if key not in machine.cache:
        machine.cache[key] = _never(function)
    if machine.cache[key]:
        machine.ended = Ended(function, raised)


def called(machine: Machine, callee: Value, node: ast.Call) -> None:
    """The call of what has just raised does not come back: not that of what merely was handed such a function."""
    match callee:
        case FunctionValue(node=own) | BoundMethod(function=FunctionValue(node=own)):
            ended = machine.ended
            machine.ended = Ended(own, ended.raised, node) if ended is not None and ended.callee is own else None
        case External(name=name):
            machine.ended = _listed(machine, name, node)
        case ExternalObject(path=path) if path:
            machine.ended = _listed(machine, objects.dotted(callee), node)
        case _:
            machine.ended = None


def _listed(machine: Machine, name: str, node: ast.Call) -> Ended | None:
    if name in machine.library.exits:
        return Ended(name, External("builtins.SystemExit"), node)
    return Ended(name, None, node) if name in machine.library.raising else None


def begin(machine: Machine, value: ast.expr, frame: Frame) -> Value:
    """A statement's value; `ends` is asked behind it."""
    machine.ended = None
    return machine.evaluate(value, frame)


def ends(machine: Machine, value: ast.expr, frame: Frame) -> bool:
    """Whether the statement whose value was just evaluated raised."""
    ended, machine.ended = machine.ended, None
    if ended is None or ended.call is None or ended.call is not (value.value if isinstance(value, ast.Await) else value):
        return False
    frame.raised = ended.raised
    return True


def returns_by_itself(node: ast.stmt) -> bool:
    """Whether a loop of so many turns returns what it came to, so that what follows is for one that came to nothing."""
    match node:
        case ast.For(iter=ast.Call(func=ast.Name(id="range")), body=body) | ast.While(test=ast.Compare(), body=body):
            own = (one for part in body for one in _own(part))
            given = (one.value for one in own if isinstance(one, ast.Return))
            return not breaks(body) and any(one is not None and not isinstance(one, ast.Constant) for one in given)
        case _:
            return False


def breaks(body: Sequence[ast.stmt]) -> bool:
    """Whether a statement of a loop's body ends that loop."""
    inner = (ast.For, ast.AsyncFor, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    pending: list[ast.AST] = list(body)
    for one in pending:
        if isinstance(one, ast.Break):
            return True
        pending += [] if isinstance(one, inner) else ast.iter_child_nodes(one)
    return False


def _never(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether every way through a function ends in a `raise`, or in a call that is to tell."""
    *_, last = function.body
    returns = [node for part in function.body for node in _own(part) if isinstance(node, ast.Return)]
    return all(one is last and _is_call(one.value) for one in returns) and (bool(returns) or _raises(function.body))


def _own(node: ast.AST) -> list[ast.AST]:
    """A statement and what is in it, without functions that it defines."""
    found: list[ast.AST] = [node]
    for one in found:
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            found += ast.iter_child_nodes(one)
    return found


def _raises(body: Sequence[ast.stmt]) -> bool:
    match body[-1]:
        case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
            return False
        case ast.Raise():
            return True
        case ast.Expr(value=value):
            return _is_call(value)
        case ast.If(body=then, orelse=otherwise) if otherwise:
            return _raises(then) and _raises(otherwise)
        case ast.With(body=inner) | ast.AsyncWith(body=inner):
            return _raises(inner)
        case ast.Try(body=inner, handlers=handlers, orelse=otherwise, finalbody=final):
            return (bool(final) and _raises(final)) or (
                _raises(otherwise or inner) and all(_raises(handler.body) for handler in handlers)
            )
        case _:
            return False


def _is_call(value: ast.expr | None) -> bool:
    return isinstance(value.value if isinstance(value, ast.Await) else value, ast.Call)
