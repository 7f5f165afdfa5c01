"""Expressions as short text for messages. Knows syntax only; a large expression is shown by its beginning."""

from __future__ import annotations

import ast

from auditor.limits import EXCERPT_NODES

WIDTH = 80


def leftmost(node: ast.AST) -> ast.AST | None:
    """The operand that the expression's text begins with, of chains that can be long."""
    match node:
        case ast.BinOp(left=first) | ast.Compare(left=first) | ast.Call(func=first) | ast.IfExp(body=first):
            return first
        case ast.Attribute(value=first) | ast.Subscript(value=first):
            return first
        case ast.BoolOp(values=[first, *_]):
            return first
        case _:
            return None


def large(node: ast.AST) -> bool:
    """Whether the expression has many nodes; looks at no more of them than it takes to say so."""
    pending, seen = [node], 0
    while pending and seen <= EXCERPT_NODES:
        pending.extend(ast.iter_child_nodes(pending.pop()))
        seen += 1
    return seen > EXCERPT_NODES


def excerpt(node: ast.AST) -> str:
    """The source of the expression on one line, its first `WIDTH` characters."""
    try:
        text = " ".join(ast.unparse(node).split())
    except (RecursionError, ValueError):
        text = type(node).__name__
    return text if len(text) <= WIDTH else text[: WIDTH - 3] + "..."
