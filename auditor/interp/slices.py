"""What the local names of a function hold where it calls something, without running the whole function.

Only the statements ahead of the call are evaluated that bind a name which its arguments depend on, or put something into what it
holds, in the order of the source, each with everything inside of it. Loops and branches around the call are not looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from auditor.interp import statements
from auditor.interp.frame import BudgetExceededError, Frame
from auditor.project import growing

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def bind(machine: Machine, function: ast.AST, call: ast.expr, frame: Frame) -> None:
    """Binds the names of the function that a call, or another expression in it, needs.

    Requests that are sent on the way are nobody's.
    """
    heard = machine.listener.heard
    for statement in needed(function, call)[-machine.limits.slice_statements :]:
        try:
            with machine.allowance(machine.limits.slice_steps):
                statements.execute(machine, statement, frame)
        except BudgetExceededError:
            if machine.steps > machine.ceiling:
                raise
    machine.listener.forget(heard)


def needed(function: ast.AST, call: ast.expr) -> list[ast.stmt]:
    """The statements ahead of the call that it depends on, in the order of the source."""
    names = _names([call], ast.Load)
    found: list[ast.stmt] = []
    for statement in reversed(list(_ahead(function, call))):
        bound = _bound(statement)
        if bound & names:
            found.append(statement)
            names |= _names([statement], ast.Load)
    return found[::-1]


def _ahead(function: ast.AST, call: ast.expr) -> Iterator[ast.stmt]:
    """Statements of the blocks around the call that stand ahead of it."""
    for block in _blocks(function):
        if any(_holds(statement, call) for statement in block):
            for statement in block:
                if _holds(statement, call):
                    yield from _ahead(statement, call)
                    return
                if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    yield statement


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The blocks of a statement: the call stands in one of them."""
    yield from (getattr(node, name, []) for name in ("body", "orelse", "finalbody"))
    yield from (handler.body for handler in getattr(node, "handlers", []))


def _holds(statement: ast.AST, call: ast.expr) -> bool:
    first, last = getattr(statement, "lineno", 0), getattr(statement, "end_lineno", 0) or 0
    return first <= call.lineno <= last and any(node is call for node in ast.walk(statement))


def _bound(statement: ast.stmt) -> set[str]:
    """Names that a statement binds, imports among them."""
    imported = {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(statement)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return imported | _names([statement], ast.Store) | set(_filled(statement))


def _filled(statement: ast.stmt) -> Iterator[str]:
    """Names of what a statement puts something into: `models["slow"] = model`, `models.update(slow=model)`."""
    for node in ast.walk(statement):
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                yield name
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=how))) if how in growing.ANY:
                yield name
            case _:
                pass


def _names(nodes: Iterable[ast.AST], context: type[ast.expr_context]) -> set[str]:
    every = (name for node in nodes for name in ast.walk(node) if isinstance(name, ast.Name))
    return {name.id for name in every if isinstance(name.ctx, context)}
