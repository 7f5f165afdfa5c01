"""Going straight to one call: of a test that nothing decides, the side that leads there.

A handler that answers in a hundred ways has no budget for both sides of every test. Knows statements and what they stand in. Does
not know which calls are worth it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def around(function: ast.AST, call: ast.AST) -> frozenset[int]:
    """The statements that a call in the function stands in, by id."""
    outer = {id(inner): node for node in ast.walk(function) for inner in ast.iter_child_nodes(node)}
    found: set[int] = set()
    node: ast.AST | None = call
    while node is not None and node is not function:
        if isinstance(node, ast.stmt):
            found.add(id(node))
        node = outer.get(id(node))
    return frozenset(found)


def side(machine: Machine, body: Sequence[ast.stmt], otherwise: Sequence[ast.stmt]) -> bool | None:
    """Whether a test's body leads to the call that the run is for, or what is run otherwise; None where neither is sure to."""
    if not machine.aim:
        return None
    first, second = (any(id(statement) in machine.aim for statement in one) for one in (body, otherwise))
    return first if first is not second else None
