"""Loops that keep count of what they have done: `if left: mark(message); left -= 1`, `if not done: ...; done = True`.

What such a loop does with an item hangs on how many came before it. One element that stands for all of a stretch would leave a
count that nobody knows, and whatever comes behind it open; so where the program itself made the elements, the stretch is looked
at as the one element that most turns bring, as an answer that calls one tool does. Knows statements; does not run loops.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.values.domain import Const

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def kept(machine: Machine, node: ast.For | ast.AsyncFor, frame: Frame) -> bool:
    """Whether the loop's body asks for a number or a flag that it changes itself, and it is known by now."""
    key = ("tallies", id(node))
    if key not in machine.cache:
        machine.cache[key] = _names(node)
    names: frozenset[str] = machine.cache[key]  # type: ignore[assignment]
    return any(_is_known(machine.store.get(frame.local, name)) for name in names)


def _is_known(value: object) -> bool:
    return isinstance(value, Const) and isinstance(value.value, bool | int)


def _names(node: ast.For | ast.AsyncFor) -> frozenset[str]:
    parts = [part for statement in node.body for part in ast.walk(statement)]
    changed = {name for part in parts for name in _changed(part)}
    asked = {one.id for part in parts for test in _tests(part) for one in ast.walk(test) if isinstance(one, ast.Name)}
    return frozenset(changed & asked)


def _changed(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub(), value=ast.Constant(value=int())):
            yield name
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.Constant(value=bool()) | ast.BinOp(left=ast.Name(), right=ast.Constant(value=int())),
        ):
            yield name
        case _:
            return


def _tests(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield node.test
