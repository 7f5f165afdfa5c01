"""Functions that are hung on an object after it was made: an agent's tools, and functions that make its instructions."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.library import objects
from auditor.llm.configured import ActionCode, Call
from auditor.values.domain import Arguments, BoundMethod, ExternalObject, FunctionValue, Item, TupleValue, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def register(call: Call) -> Value | None:
    """`@agent.tool`, `@agent.tool(retries=2)`, `agent.tool(function)`."""
    function = known.plain(call.arguments.positional[0]) if call.arguments.positional else None
    if not isinstance(function, FunctionValue | BoundMethod):
        return call.target  # the decorator itself, to be applied to what follows
    name = call.target.path[-1].removesuffix("_plain")
    before = of(call.machine, call.target, name)
    objects.put(call.machine, replace(call.target, path=()), _key(name), TupleValue((*before, function)))
    return function


def of(machine: Machine, target: ExternalObject, name: str) -> tuple[Item, ...]:
    """What was registered under the name, in order."""
    found = objects.hung(machine, target, _key(name))
    return found.items if isinstance(found, TupleValue) else ()


def _key(name: str) -> str:
    return f"registered {name}"


def apply(machine: Machine, function: Value, given: tuple[Value, ...], node: ast.AST, frame: Frame) -> Value:
    """The result of a registered function: with as much of what is given (the run's context first) as it takes."""
    inner = function.function if isinstance(function, BoundMethod) else function
    takes = 0
    if isinstance(inner, FunctionValue) and isinstance(inner.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        takes = len(inner.node.args.args) + len(inner.node.args.posonlyargs) - isinstance(function, BoundMethod)
    return machine.call(function, Arguments(given[:takes]), node, frame)


ACTIONS: dict[str, ActionCode] = {"registers": register}
