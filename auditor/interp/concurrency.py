"""What is started without waiting for what was started before it: calls handed to an executor, coroutines nobody awaits yet.

Knows calls and loops. Does not know requests: those heard meanwhile are marked with the place where they are started.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from auditor.knowledge import waits
from auditor.values.domain import BoundMethod, External, FunctionValue, Hole, ListRef, SetRef, Value
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


@contextmanager
def started(machine: Machine, node: ast.AST, frame: Frame) -> Iterator[None]:
    """Whatever is heard inside is started here, beside others."""
    saved, moment, begun = machine.started, machine.moment, machine.begun
    machine.started = saved or machine.place(node, frame)
    machine.begun = begun if saved is not None else machine.store.allocate()
    try:
        yield
    finally:
        machine.started, machine.moment, machine.begun = saved, moment, begun


def arrival(machine: Machine, receiver: ListRef | SetRef, node: ast.AST, frame: Frame) -> Hole | None:
    """The order of a list to which coroutines that run beside one another add, each when it has what it waited for."""
    if machine.started is None or receiver.address >= machine.begun or not machine.stack:
        return None
    running = machine.stack[-1].function
    if not isinstance(running, ast.AsyncFunctionDef) or not any(_waits_before(part, node) for part in ast.walk(running)):
        return None
    return machine.hole(node, frame, Lifetime.CALL, Cause.CONCURRENCY, expression=machine.source(node))


def _waits_before(part: ast.AST, node: ast.AST) -> bool:
    return isinstance(part, ast.Await | ast.AsyncFor | ast.AsyncWith) and part.lineno <= getattr(node, "lineno", 0)


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
