"""Which line means a request whose own call stands elsewhere: in what only adds to a library's method, or is handed it.

`def invoke(…): … super().invoke(…)` and `with_retry(client.messages.create, …)`. Knows the call stack, not what is sent.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.places import Place


def overriding(machine: Machine, node: ast.AST) -> bool:
    """Whether a call is `super().method(…)` in a method of that name."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=method)) if machine.stack:
            function = machine.stack[-1].function
            return isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name == method
        case _:
            return False


def sender(machine: Machine) -> tuple[Place, str] | None:
    """Place and function of the call of such a method; None where it is evaluated by itself, without any call."""
    above = calling(machine, len(machine.stack) - 1)
    module = machine.project.module(above[1]) if above is not None else None
    place = module.place(above[0]) if above is not None and module is not None else None
    return (place, above[2]) if above is not None and place is not None else None


def calling(machine: Machine, depth: int) -> tuple[ast.Call, str, str] | None:
    """The call that an activation is of, with its file and the function around it."""
    activation = machine.stack[depth]
    above = machine.stack[depth - 1].function if depth > 0 else None
    module = machine.project.module(activation.path)
    if module is None or not isinstance(activation.call, ast.Call):
        return None
    return activation.call, activation.path, module.scope_of.get(id(above), "<module>")


def handed(machine: Machine, node: ast.AST, method: str) -> tuple[Place, str] | None:
    """Where a method that sends is handed to the function that calls it by another name, and in which function."""
    match node:
        case ast.Call(func=ast.Name()):
            pass
        case _:
            return None
    for depth in range(len(machine.stack) - 1, -1, -1):
        above = calling(machine, depth)
        if above is None:
            return None
        call, path, function = above
        given = (*call.args, *(keyword.value for keyword in call.keywords))
        found = next((one for one in given if isinstance(one, ast.Attribute) and one.attr == method), None)
        module = machine.project.module(path)
        if found is not None and module is not None:
            return module.place(found), function
    return None
