"""What is started without waiting for what was started before it: calls handed to an executor, coroutines nobody awaits yet.

Knows calls and loops. Does not know requests: those heard meanwhile are marked with the place where they are started.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from auditor.knowledge import waits
from auditor.values.domain import BoundMethod, External, FunctionValue, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


@contextmanager
def started(machine: Machine, node: ast.AST, frame: Frame) -> Iterator[None]:
    """Whatever is heard inside is started here, beside others."""
    saved, moment = machine.started, machine.moment
    machine.started = saved or machine.place(node, frame)
    try:
        yield
    finally:
        machine.started, machine.moment = saved, moment


def awaits(machine: Machine, callee: Value, node: ast.Call) -> None:
    """Arguments of a call that waits for them are awaited."""
    waiting = isinstance(callee, External) and callee.name in waits.load().waiting
    if waiting or (isinstance(node.func, ast.Attribute) and node.func.attr == "run_until_complete"):
        machine.awaited = (*machine.awaited[-3:], *node.args[:1])


def unawaited(machine: Machine, callee: Value, node: ast.Call, frame: Frame) -> bool:
    """Whether a call in a loop only makes a coroutine or a future: the next turn begins before it is done."""
    if not frame.repeating or any(node is one for one in machine.awaited):
        return False
    if isinstance(callee, External) and callee.name in waits.load().threads:
        return True
    if isinstance(node.func, ast.Attribute) and node.func.attr == "run_in_executor":
        return True
    function = callee.function if isinstance(callee, BoundMethod) else callee
    if not isinstance(function, FunctionValue) or not isinstance(function.node, ast.AsyncFunctionDef):
        return False
    from auditor.interp.names import bindings

    return not bindings(machine, function.node).generator
