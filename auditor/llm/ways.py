"""The way to a request: the calls that led to it.

Knows the machine's call stack. Does not know what is sent.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.places import Place

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def identities(machine: Machine, node: ast.AST) -> tuple[int, ...]:
    """The call expressions down to the one that sends, recursion folded: what tells one way from another."""
    out: list[int] = []
    for activation in machine.stack:
        key = id(activation.call)
        if activation.call is not None and key not in out:
            out.append(key)
    return (*out, id(node))


def functions(machine: Machine) -> tuple[str, ...]:
    """The names of the functions on the way, the outermost first, recursion folded."""
    nodes = (activation.function for activation in machine.stack)
    return tuple(dict.fromkeys(node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)))


def places(machine: Machine) -> tuple[Place, ...]:
    """Where the calls stand that led to the function that sends, the outermost first, recursion folded."""
    found: dict[Place, None] = {}
    for activation in machine.stack:
        module = machine.project.module(activation.path)
        if module is not None and isinstance(activation.call, ast.Call):
            found[module.place(activation.call)] = None
    return tuple(found)
