"""`total = total + cost`, in its spellings: what is added to what was there before. Knows syntax alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_SHAPING = frozenset({"round", "float", "int"})


def added_to(target: ast.expr, value: ast.expr) -> ast.expr | None:
    """What an assignment adds to its own target's value; None where it is no running sum."""
    match value:
        case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in _SHAPING:
            return added_to(target, inner)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            if _before(target, left):
                return right
            if _before(target, right):
                return left
            return None
        case _:
            return None


def additions(node: ast.AST) -> Iterator[ast.expr]:
    """What running sums below the node are added to, once for each statement that adds."""
    for part in ast.walk(node):
        match part:
            case ast.AugAssign(target=target):
                yield target
            case ast.Assign(targets=[target], value=value) if added_to(target, value) is not None:
                yield target


def _before(target: ast.expr, value: ast.expr) -> bool:
    """Whether the expression is the target's value so far: `held["cost"]`, `held.get("cost", 0)`, `held.cost or 0`."""
    match value:
        case ast.BoolOp(op=ast.Or(), values=[first, ast.Constant()]):
            return _before(target, first)
        case ast.Call(func=ast.Name(id=name), args=[inner]) if name in _SHAPING:
            return _before(target, inner)
        case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[key, *_]):
            return isinstance(target, ast.Subscript) and _alike(target.value, owner) and _alike(target.slice, key)
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str(name)), *_]):
            return isinstance(target, ast.Attribute) and target.attr == name and _alike(target.value, owner)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return _alike(target, value)
        case _:
            return False


def _alike(one: ast.expr, other: ast.expr) -> bool:
    return ast.unparse(one) == ast.unparse(other)
