"""Expressions of a template as expressions of Python.

What Python has no expression for (filters, tests, attributes that are items) becomes a call of a helper: a name that begins
with a space, which `rendering` binds. Each translated node is described by how the template spells it and the line it stands on.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import nodes

ATTRIBUTE, ITEM, UNDEFINED, SUPER, BLOCK = " attribute", " item", " undefined", " super", " block"
FILTER, TEST = " filter ", " test "

ARITHMETIC: dict[type[nodes.Node], ast.operator] = {
    nodes.Add: ast.Add(),
    nodes.Sub: ast.Sub(),
    nodes.Mul: ast.Mult(),
    nodes.Div: ast.Div(),
    nodes.FloorDiv: ast.FloorDiv(),
    nodes.Mod: ast.Mod(),
    nodes.Pow: ast.Pow(),
}
COMPARISON: dict[str, ast.cmpop] = {
    "eq": ast.Eq(),
    "ne": ast.NotEq(),
    "gt": ast.Gt(),
    "gteq": ast.GtE(),
    "lt": ast.Lt(),
    "lteq": ast.LtE(),
    "in": ast.In(),
    "notin": ast.NotIn(),
}
SIGNS = {"eq": "==", "ne": "!=", "gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "in": "in", "notin": "not in"}
OPERATORS = {
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Pow: "**",
    nodes.And: "and",
    nodes.Or: "or",
}


def spell(node: nodes.Node | None) -> str:  # noqa: C901 - one case per kind of node
    """The expression as the template's author would recognise it."""
    match node:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Const(value=value):
            return repr(value)
        case nodes.TemplateData(data=data):
            return repr(data)
        case nodes.Getattr(node=owner, attr=attr):
            return f"{spell(owner)}.{attr}"
        case nodes.Getitem(node=owner, arg=key):
            return f"{spell(owner)}[{spell(key)}]"
        case nodes.Slice(start=start, stop=stop, step=step):
            parts = [spell(part) if part is not None else "" for part in (start, stop)]
            return ":".join([*parts, spell(step)] if step is not None else parts)
        case nodes.Filter(node=inner, name=name):
            given = _spelled_arguments(node)
            return f"{spell(inner)} | {name}{given if given != '()' else ''}"
        case nodes.Test(node=inner, name=name):
            given = _spelled_arguments(node)
            return f"{spell(inner)} is {name}{given if given != '()' else ''}"
        case nodes.Call(node=inner):
            return f"{spell(inner)}{_spelled_arguments(node)}"
        case nodes.BinExpr(left=left, right=right):
            return f"{spell(left)} {OPERATORS.get(type(node), '?')} {spell(right)}"
        case nodes.Not(node=inner):
            return f"not {spell(inner)}"
        case nodes.Neg(node=inner):
            return f"-{spell(inner)}"
        case nodes.Pos(node=inner):
            return f"+{spell(inner)}"
        case nodes.Compare(expr=first, ops=operands):
            return " ".join([spell(first), *(f"{SIGNS[operand.op]} {spell(operand.expr)}" for operand in operands)])
        case nodes.Concat(nodes=parts):
            return " ~ ".join(spell(part) for part in parts)
        case nodes.CondExpr(test=test, expr1=first, expr2=second):
            return (
                f"{spell(first)} if {spell(test)} else {spell(second)}"
                if second is not None
                else f"{spell(first)} if {spell(test)}"
            )
        case nodes.Tuple(items=items):
            return "(" + ", ".join(map(spell, items)) + ")"
        case nodes.List(items=items):
            return "[" + ", ".join(map(spell, items)) + "]"
        case nodes.Dict(items=items):
            return "{" + ", ".join(f"{spell(pair.key)}: {spell(pair.value)}" for pair in items) + "}"
        case _:
            return "?" if node is not None else ""


def _spelled_arguments(node: Any) -> str:
    parts = [*map(spell, node.args), *(f"{keyword.key}={spell(keyword.value)}" for keyword in node.kwargs)]
    return "(" + ", ".join(parts) + ")"


class Expressions:
    """Translates expressions. `rename` gives a template's name the name of its scope's variable; `note` hears of each node."""

    def __init__(self, rename: Callable[[str], str], note: Callable[[ast.AST, nodes.Node], None]) -> None:
        self._rename = rename
        self._note = note
        self.helpers: set[str] = set()
        self.names: set[str] = set()

    def helper(self, name: str, *arguments: ast.expr) -> ast.Call:
        self.helpers.add(name)
        return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])

    def undefined(self) -> ast.expr:
        self.helpers.add(UNDEFINED)
        return ast.Name(UNDEFINED, ast.Load())

    def load(self, name: str) -> ast.expr:
        self.names.add(name)
        return ast.Name(self._rename(name), ast.Load())

    def of(self, node: nodes.Node) -> ast.expr:
        made = self._of(node)
        self._note(made, node)
        return made

    def _of(self, node: Any) -> ast.expr:  # noqa: C901 - one case per kind of node
        match node:
            case nodes.Name(name=name):
                return self.load(name)
            case nodes.Const(value=value):
                return ast.Constant(value)
            case nodes.TemplateData(data=data):
                return ast.Constant(data)
            case nodes.Getattr(node=owner, attr=attr):
                return self.helper(ATTRIBUTE, self.of(owner), ast.Constant(attr))
            case nodes.Getitem(node=owner, arg=nodes.Slice() as cut):
                bounds = [self.of(part) if part is not None else None for part in (cut.start, cut.stop, cut.step)]
                return ast.Subscript(self.of(owner), ast.Slice(*bounds), ast.Load())
            case nodes.Getitem(node=owner, arg=key):
                return self.helper(ITEM, self.of(owner), self.of(key))
            case nodes.Filter(node=inner) if inner is not None:
                return self.filtered(node, self.of(inner))
            case nodes.Test(node=inner, name=name):
                call = self.helper(TEST + name, self.of(inner))
                return self._with_arguments(call, node)
            case nodes.Call(node=nodes.Name(name="super")):
                return self.helper(SUPER)
            case nodes.Call(node=nodes.Getattr(node=nodes.Name(name="self"), attr=block)):
                return self.helper(BLOCK, ast.Constant(block))
            case nodes.Call(node=inner):
                return self._with_arguments(ast.Call(self.of(inner), [], []), node)
            case nodes.And(left=left, right=right):
                return ast.BoolOp(ast.And(), [self.of(left), self.of(right)])
            case nodes.Or(left=left, right=right):
                return ast.BoolOp(ast.Or(), [self.of(left), self.of(right)])
            case nodes.BinExpr(left=left, right=right) if type(node) in ARITHMETIC:
                return ast.BinOp(self.of(left), ARITHMETIC[type(node)], self.of(right))
            case nodes.Not(node=inner):
                return ast.UnaryOp(ast.Not(), self.of(inner))
            case nodes.Neg(node=inner):
                return ast.UnaryOp(ast.USub(), self.of(inner))
            case nodes.Pos(node=inner):
                return ast.UnaryOp(ast.UAdd(), self.of(inner))
            case nodes.Compare(expr=first, ops=operands):
                signs = [COMPARISON[operand.op] for operand in operands]
                return ast.Compare(self.of(first), signs, [self.of(operand.expr) for operand in operands])
            case nodes.Concat(nodes=parts):
                return ast.JoinedStr([ast.FormattedValue(self.of(part), -1, None) for part in parts])
            case nodes.CondExpr(test=test, expr1=first, expr2=second):
                otherwise = self.of(second) if second is not None else self.undefined()
                return ast.IfExp(self.of(test), self.of(first), otherwise)
            case nodes.Tuple(items=items):
                return ast.Tuple([self.of(item) for item in items], ast.Load())
            case nodes.List(items=items):
                return ast.List([self.of(item) for item in items], ast.Load())
            case nodes.Dict(items=items):
                return ast.Dict([self.of(pair.key) for pair in items], [self.of(pair.value) for pair in items])
            case _:  # what an extension made
                return self.undefined()

    def filtered(self, node: Any, value: ast.expr) -> ast.expr:
        """A filter applied to a value that is already translated."""
        return self._with_arguments(self.helper(FILTER + node.name, value), node)

    def _with_arguments(self, call: ast.Call, node: Any) -> ast.Call:
        call.args.extend(self.of(argument) for argument in node.args)
        if node.dyn_args is not None:
            call.args.append(ast.Starred(self.of(node.dyn_args), ast.Load()))
        call.keywords = [ast.keyword(keyword.key, self.of(keyword.value)) for keyword in node.kwargs]
        if node.dyn_kwargs is not None:
            call.keywords.append(ast.keyword(None, self.of(node.dyn_kwargs)))
        return call


def assigned(statements: Iterable[nodes.Node]) -> set[str]:
    """Names that statements bind in their own scope; loops, macros' bodies and blocks have scopes of their own."""
    out: set[str] = set()
    for statement in statements:
        match statement:
            case nodes.Assign(target=target) | nodes.AssignBlock(target=target):
                out.update(targets(target))
            case nodes.Macro(name=name):
                out.add(name)
            case nodes.Import(target=target):
                out.add(target)
            case nodes.FromImport(names=names):
                out.update(name if isinstance(name, str) else name[1] for name in names)
            case nodes.If(body=body, elif_=others, else_=otherwise):
                out |= assigned(body) | assigned(others) | assigned(otherwise)
            case nodes.FilterBlock(body=body) | nodes.ScopedEvalContextModifier(body=body):
                out |= assigned(body)
            case _:
                pass
    return out


def targets(target: nodes.Node) -> set[str]:
    match target:
        case nodes.Name(name=name):
            return {str(name)}
        case nodes.Tuple(items=items):
            return {name for item in items for name in targets(item)}
        case _:
            return set()
