"""Which calls of a function make what it hands to those that lead to a request, and by how many assignments.

Where the budget is for the requests alone, these are worth more of it than other calls: the prompt is made in them. Knows names,
and what stands in the function itself; `self.history` is a name as well. Does not know which of several assignments counts.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from auditor.limits import CONTRIBUTING_LEVELS
from auditor.project import growing


def levels(function: ast.AST, leading: Collection[str]) -> dict[int, int]:
    """The calls, by id: 0 in the arguments of a call of one of the names, 1 in what is assigned to a name in those, and so on."""
    found: dict[int, int] = {}
    bindings = list(_bindings(function))
    seen: set[str] = set()
    made: list[ast.AST] = [part for call in _calls(function) if _called(call) in leading for part in _arguments(call)]
    for level in range(CONTRIBUTING_LEVELS):
        names: set[str] = set()
        for part in made:
            for call in _calls(part):
                found.setdefault(id(call), level)
            names |= set(_names(part))
        names -= seen
        seen |= names
        made = [value for targets, value in bindings if not names.isdisjoint(targets)]
    return found


def _bindings(function: ast.AST) -> Iterator[tuple[set[str], ast.AST]]:
    """Names, and the expression that they are bound to, or that is put into what they hold."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield {name for target in targets for name in _names(target)}, value
            case (
                ast.AugAssign(target=target, value=value)
                | ast.AnnAssign(target=target, value=ast.expr() as value)
                | ast.NamedExpr(target=target, value=value)
                | ast.For(target=target, iter=value)
                | ast.AsyncFor(target=target, iter=value)
                | ast.withitem(context_expr=value, optional_vars=ast.expr() as target)
            ):
                yield set(_names(target)), value
            case ast.Call(func=ast.Attribute(value=owner, attr=how)) if how in growing.ANY:
                for argument in _arguments(node):
                    yield set(_names(owner)), argument
            case _:
                pass


def _arguments(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _names(node: ast.AST) -> Iterator[str]:
    """Names in an expression; of an attribute of one, both together and no more: `self.history`, and not every `self`."""
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            yield f"{owner}.{name}"
        case _:
            for inner in ast.iter_child_nodes(node):
                yield from _names(inner)
