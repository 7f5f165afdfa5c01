"""Loops that only count which of many known items something unknown has: `for word in WORDS: if word in text: score += 1`.

After the first items the count is one of more numbers than are told apart, and what the others add makes it no other. So the
turns between are left out, and the last one is run: names that each turn sets anew hold what the last turn gives them. Knows
statements, and what a count may be; does not run loops.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from auditor.interp import known, textmethods
from auditor.limits import FEW_LEAVES, MANY_LEAVES
from auditor.values.domain import Const, Hole, Item
from auditor.values.join import leaves

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

ASKING = textmethods.PURE | {"get", "count", "find", "search", "match", "fullmatch", "findall"}
"""Methods that change nothing of what they are asked of."""
COMPUTING = frozenset({"len", "min", "max", "abs", "int", "float", "round", "str", "bool", "isinstance"})


def turns(machine: Machine, node: ast.For | ast.AsyncFor, items: Sequence[Item], frame: Frame) -> Iterator[tuple[int, Item]]:
    """The items that the loop has to be run for, numbered as they are run."""
    for index, item in enumerate(items):
        if FEW_LEAVES <= index < len(items) - 1 and known.plain(items[-1]) is not None and _is_open(machine, node, frame):
            yield index, items[-1]
            return
        yield index, item


def _is_open(machine: Machine, node: ast.For | ast.AsyncFor, frame: Frame) -> bool:
    """Whether all that the loop's turns add to is not known any more."""
    key = ("scores", id(node))
    if key not in machine.cache:
        machine.cache[key] = _counted(node)
    names: frozenset[str] = machine.cache[key]  # type: ignore[assignment]
    return bool(names) and all(_any_number(machine.store.get(frame.local, name)) for name in names)


def _any_number(value: object) -> bool:
    several = leaves(value, MANY_LEAVES) if value is not None else []  # type: ignore[arg-type]
    return any(isinstance(one, Hole) for one in several) and all(
        isinstance(one, Hole) or (isinstance(one, Const) and isinstance(one.value, int | float)) for one in several
    )


def _counted(node: ast.For | ast.AsyncFor) -> frozenset[str]:
    """The names that the loop counts with; none where it does anything else that its turns leave behind."""
    names: set[str] = set()
    if node.orelse or not _only_counts(node.body, names):
        return frozenset()
    calls = (part for statement in node.body for part in ast.walk(statement) if isinstance(part, ast.Call | ast.NamedExpr))
    return frozenset(names) if all(map(_harmless, calls)) else frozenset()


def _only_counts(body: Sequence[ast.stmt], names: set[str]) -> bool:
    for statement in body:
        match statement:
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub(), value=ast.Constant(value=int() | float())):
                names.add(name)
            case ast.If(body=then, orelse=otherwise):
                if not (_only_counts(then, names) and _only_counts(otherwise, names)):
                    return False
            case ast.Pass() | ast.Continue():
                pass
            case _:
                return False
    return True


def _harmless(call: ast.Call | ast.NamedExpr) -> bool:
    match call:
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in ASKING
        case ast.Call(func=ast.Name(id=name)):
            return name in COMPUTING
        case _:
            return False


__all__ = ["turns"]
