"""Functions that read a field by the name that they are given: `_field(answer, "usage")`, `_count(answer, "input_tokens")`.

What one gives depends on the name, so that it is evaluated for each call; all others are once for all calls. Knows what such a
function looks like, and what a call gives it. Does not evaluate it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from auditor.accounting.forms import Answer, Record, Usage, Value, Word
from auditor.limits import ACCESSOR_STATEMENTS
from auditor.project.syntax import FunctionNode, parameters

_PLAIN = ast.Assign | ast.AnnAssign | ast.Return | ast.If | ast.Expr | ast.Try


def is_accessor(node: ast.AST) -> bool:
    """Whether a short function looks something up by one of its parameters, or has another one do so, and does nothing else."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    statements = [part for part in ast.walk(node) if isinstance(part, ast.stmt) and part is not node]
    if len(statements) > ACCESSOR_STATEMENTS or not all(isinstance(one, _PLAIN) for one in statements):
        return False
    names = {argument.arg for argument in parameters(node)}
    return any(_by_name(part, names) for part in ast.walk(node))


def _by_name(part: ast.AST, names: set[str]) -> bool:
    match part:
        case ast.Subscript(slice=ast.Name(id=name), ctx=ast.Load()):
            return name in names
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Name(id=name), *_]):
            return name in names
        case ast.Call(func=ast.Name(), args=[_, ast.Name(id=name), *_]):
            return name in names
        case _:
            return False


def given(node: FunctionNode, call: ast.Call, value: Callable[[ast.expr], Value]) -> Mapping[str, Value] | None:
    """The accessor's parameters as the call gives them; None where it names no field, or asks of nothing that is followed."""
    names = [argument.arg for argument in parameters(node)]
    if any(isinstance(argument, ast.Starred) for argument in call.args) or len(call.args) > len(names):
        return None
    held = {name: value(argument) for name, argument in zip(names, call.args, strict=False)}
    held |= {keyword.arg: value(keyword.value) for keyword in call.keywords if keyword.arg in names and keyword.arg is not None}
    named = any(isinstance(one, Word) for one in held.values())
    followed = any(isinstance(one, Answer | Usage | Record) for one in held.values())
    return {name: held.get(name) for name in names} if named and followed else None
