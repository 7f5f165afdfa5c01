"""Statements of a template as statements of Python that add to a text.

`{{ x }}` becomes `out += f"{x}"`, a loop a loop, a macro a function that returns its text. Scopes of a template that Python does
not have (the body of a loop, `with`) are kept apart by names: a variable of such a scope carries its number.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes

from auditor.interp.library.jinja.expressions import BLOCK, FILTER, Expressions, assigned, spell, targets

OUT, LOOP, INCLUDE, IMPORT, EXPORTED, HOLE = (
    " out",
    " loop",
    " include",
    " import",
    " exported",
    " hole ",
)

SAFE = frozenset({"safe", "tojson", "escape", "e", "forceescape", "urlize", "xmlattr"})


@dataclass(slots=True)
class Compiled:
    """One template as Python. `lines` and `spellings` describe the nodes that people may get to see, by their id."""

    body: list[ast.stmt] = field(default_factory=list)
    blocks: dict[str, list[ast.stmt]] = field(default_factory=dict)
    parent: ast.expr | None = None
    names: frozenset[str] = frozenset()
    helpers: frozenset[str] = frozenset()
    described: list[tuple[ast.AST, int, str]] = field(default_factory=list)


def compile_template(tree: nodes.Template, marks: Any, autoescape: bool) -> Compiled:
    """`marks` finds the stand-ins for holes of the template's own text in its data."""
    return _Statements(marks, autoescape).template(tree)


class _Statements:
    def __init__(self, marks: Any, autoescape: bool) -> None:
        self._marks = marks
        self._escape = autoescape
        self._out = OUT
        self._scopes: list[dict[str, str]] = []
        self._count = 0
        self._done = Compiled()
        self._expressions = Expressions(self._renamed, self._note)

    def template(self, tree: nodes.Template) -> Compiled:
        done = self._done
        done.body = self._block(tree.body)
        done.names = frozenset(self._expressions.names)
        done.helpers = frozenset(self._expressions.helpers)
        return done

    def _note(self, made: ast.AST, node: nodes.Node) -> None:
        self._done.described.append((made, node.lineno or 1, spell(node)))

    # Names

    def _renamed(self, name: str) -> str:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return name

    def _scope(self, names: Iterable[str]) -> dict[str, str]:
        self._count += 1
        return {name: f"{name} {self._count}" for name in sorted(names)}

    def _carried(self, names: Iterable[str], scope: dict[str, str]) -> list[ast.stmt]:
        """At the beginning of a scope a name that it sets later has the value from around it."""
        return [self._assign(ast.Name(scope[name], ast.Store()), self._expressions.load(name)) for name in sorted(names)]

    def _assign(self, target: ast.expr, value: ast.expr) -> ast.stmt:
        return ast.Assign([target], value)

    def _target(self, target: nodes.Node) -> ast.expr:
        match target:
            case nodes.Tuple(items=items):
                made: ast.expr = ast.Tuple([self._target(item) for item in items], ast.Store())
            case nodes.NSRef(name=name, attr=attr):
                made = ast.Subscript(self._expressions.load(name), ast.Constant(attr), ast.Store())
            case nodes.Name(name=name):
                made = ast.Name(self._renamed(name), ast.Store())
            case _:
                made = ast.Name(" ", ast.Store())
        self._note(made, target)
        return made

    # Statements

    def _block(self, statements: Sequence[nodes.Node]) -> list[ast.stmt]:
        return [made for statement in statements for made in self._statement(statement)]

    def _statement(self, node: Any) -> list[ast.stmt]:  # noqa: C901 - one case per kind of node
        match node:
            case nodes.Output(nodes=parts):
                return self._output(parts)
            case nodes.If():
                return [self._if(node)]
            case nodes.For():
                return self._for(node)
            case nodes.Assign(target=target, node=value):
                computed = self._expressions.of(value)
                return [self._assign(self._target(target), computed)]
            case nodes.AssignBlock(target=target, filter=filters, body=body):
                inside, text = self._captured(body)
                return [*inside, self._assign(self._target(target), self._filters(filters, text))]
            case nodes.FilterBlock(filter=filters, body=body):
                inside, text = self._captured(body)
                return [*inside, self._add(self._filters(filters, text))]
            case nodes.With():
                return self._with(node)
            case nodes.Block(name=name):
                self._done.blocks[name] = self._separate(node.body)
                return [self._add(self._seeing(self._expressions.helper(BLOCK, ast.Constant(name)), node.scoped))]
            case nodes.Extends(template=parent):
                self._done.parent = self._expressions.of(parent)
                return []
            case nodes.Include():
                missing = ast.Constant(bool(node.ignore_missing))
                call = self._expressions.helper(INCLUDE, self._expressions.of(node.template), missing)
                made = self._seeing(call, node.with_context)
                self._note(made, node)
                return [self._add(made)]
            case nodes.Import(target=target):
                self._expressions.names.add(target)
                return [self._assign(ast.Name(self._renamed(target), ast.Store()), self._import(node))]
            case nodes.FromImport(names=names):
                return self._from_import(node, names)
            case nodes.Macro():
                return [self._function(self._renamed(node.name), node)]
            case nodes.CallBlock():
                return self._call_block(node)
            case nodes.ExprStmt(node=inner):
                return [ast.Expr(self._expressions.of(inner))]
            case nodes.ScopedEvalContextModifier():
                return self._modified(node)
            case nodes.Continue():
                return [ast.Continue()]
            case nodes.Break():
                return [ast.Break()]
            case nodes.Scope(body=body) | nodes.OverlayScope(body=body):
                return self._block(body)
            case _:
                return []

    def _add(self, value: ast.expr) -> ast.stmt:
        return ast.AugAssign(ast.Name(self._out, ast.Store()), ast.Add(), value)

    def _output(self, parts: Sequence[nodes.Expr]) -> list[ast.stmt]:
        pieces: list[ast.expr] = []
        for part in parts:
            if isinstance(part, nodes.TemplateData):
                pieces.extend(self._data(part))
                continue
            value = self._expressions.of(part)
            if self._escape and not _is_safe(part):
                escaped = self._expressions.helper(FILTER + "e", value)
                self._note(escaped, part)
                value = escaped
            pieces.append(ast.FormattedValue(value, -1, None))
        return [self._add(ast.JoinedStr(pieces))] if pieces else []

    def _data(self, data: nodes.TemplateData) -> Iterable[ast.expr]:
        line = data.lineno or 1
        for index, part in enumerate(self._marks.split(data.data)):
            if index % 2:
                yield ast.FormattedValue(ast.Name(f"{HOLE}{part}", ast.Load()), -1, None)
            elif part:
                literal = ast.Constant(part)
                self._done.described.append((literal, line, part))
                yield literal
                line += part.count("\n")

    def _if(self, node: nodes.If) -> ast.stmt:
        otherwise = self._block(node.else_)
        for other in reversed(node.elif_):
            otherwise = [ast.If(self._expressions.of(other.test), self._block(other.body), otherwise)]
        made = ast.If(self._expressions.of(node.test), self._block(node.body), otherwise)
        made.body = made.body or [ast.Pass()]
        return made

    def _for(self, node: nodes.For) -> list[ast.stmt]:
        source = self._expressions.of(node.iter)
        own = assigned(node.body)
        scope = self._scope({*targets(node.target), "loop", *own})
        carried = self._carried(own - targets(node.target), scope)
        self._scopes.append(scope)
        try:
            if node.test is not None:
                generator = ast.comprehension(self._target(node.target), source, [self._expressions.of(node.test)], 0)
                element = _as_load(self._target(node.target))
                source = ast.ListComp(element, [generator])
                self._note(source, node.iter)
            call = self._expressions.helper(LOOP, source)
            self._note(call, node.iter)
            loop = ast.Name(self._renamed("loop"), ast.Store())
            target = ast.Tuple([loop, self._target(node.target)], ast.Store())
            body = [*carried, *self._block(node.body)]
        finally:
            self._scopes.pop()
        items = f"{LOOP} {self._count}"
        made = ast.For(target, ast.Name(items, ast.Load()), body or [ast.Pass()], [])
        self._note(made, node.iter)
        self._note(made.iter, node.iter)
        first = self._assign(ast.Name(items, ast.Store()), call)
        if not node.else_:
            return [first, made]
        return [first, ast.If(ast.Name(items, ast.Load()), [made], self._block(node.else_))]

    def _with(self, node: nodes.With) -> list[ast.stmt]:
        values = [self._expressions.of(value) for value in node.values]
        bound = {name for target in node.targets for name in targets(target)}
        own = assigned(node.body)
        scope = self._scope(bound | own)
        carried = self._carried(own - bound, scope)
        self._scopes.append(scope)
        try:
            bindings = [self._assign(self._target(target), value) for target, value in zip(node.targets, values, strict=True)]
            return [*carried, *bindings, *self._block(node.body)]
        finally:
            self._scopes.pop()

    def _modified(self, node: Any) -> list[ast.stmt]:
        """`{% autoescape %}`."""
        before = self._escape
        for option in node.options:
            if option.key == "autoescape" and isinstance(option.value, nodes.Const):
                self._escape = bool(option.value.value)
        try:
            return self._block(node.body)
        finally:
            self._escape = before

    # Texts of their own

    def _captured(self, body: Sequence[nodes.Node]) -> tuple[list[ast.stmt], ast.expr]:
        """A body whose output goes to a text of its own."""
        before = self._out
        self._count += 1
        self._out = f"{OUT} {self._count}"
        try:
            start = self._assign(ast.Name(self._out, ast.Store()), ast.Constant(""))
            return [start, *self._block(body)], ast.Name(self._out, ast.Load())
        finally:
            self._out = before

    def _filters(self, filters: Any, text: ast.expr) -> ast.expr:
        """The filters of a block, innermost first, around its text."""
        if filters is None:
            return text
        return self._expressions.filtered(filters, self._filters(filters.node, text))

    def _separate(self, body: Sequence[nodes.Node]) -> list[ast.stmt]:
        """A body that is evaluated on its own: a block's."""
        before, scopes = self._out, self._scopes
        self._out, self._scopes = OUT, [{name: name for name in assigned(body)}]
        try:
            return self._block(body)
        finally:
            self._out, self._scopes = before, scopes

    def _function(self, name: str, node: Any) -> ast.FunctionDef:
        """A macro, or the body of a call block: a function that returns its text."""
        given = [argument.name for argument in node.args]
        defaults: list[ast.expr] = [self._expressions.of(default) for default in node.defaults]
        missing: list[ast.expr] = [self._expressions.undefined() for _ in given[len(defaults) :]]
        before = self._out
        self._out = OUT
        self._scopes.append({name: name for name in (*given, "caller", "varargs", "kwargs", *assigned(node.body))})
        try:
            body = self._block(node.body)
        finally:
            self._scopes.pop()
            self._out = before
        arguments = ast.arguments(
            [],
            [ast.arg(argument) for argument in given],
            ast.arg("varargs"),
            [ast.arg("caller")],
            [self._expressions.undefined()],
            ast.arg("kwargs"),
            [*missing, *defaults],
        )
        start = self._assign(ast.Name(OUT, ast.Store()), ast.Constant(""))
        made = ast.FunctionDef(name, arguments, [start, *body, ast.Return(ast.Name(OUT, ast.Load()))], [], None, None)
        self._done.described.append((made, node.lineno or 1, name))
        return made

    def _call_block(self, node: nodes.CallBlock) -> list[ast.stmt]:
        self._count += 1
        caller = f"caller {self._count}"
        function = self._function(caller, node)
        call = self._expressions.of(node.call)
        assert isinstance(call, ast.Call)
        call.keywords.append(ast.keyword("caller", ast.Name(caller, ast.Load())))
        return [function, self._add(ast.JoinedStr([ast.FormattedValue(call, -1, None)]))]

    # Other templates

    def _seeing(self, call: ast.Call, context: bool) -> ast.Call:
        """Hands the variables of scopes that only this template knows to what is evaluated elsewhere."""
        visible: dict[str, str] = {}
        for scope in self._scopes if context else ():
            visible.update(scope)
        call.keywords = [
            ast.keyword(name, ast.Name(inner, ast.Load())) for name, inner in sorted(visible.items()) if name != "loop"
        ]
        return call

    def _import(self, node: Any) -> ast.expr:
        made = self._expressions.helper(IMPORT, self._expressions.of(node.template), ast.Constant(bool(node.with_context)))
        self._note(made, node)
        return made

    def _from_import(self, node: nodes.FromImport, names: Sequence[str | tuple[str, str]]) -> list[ast.stmt]:
        self._count += 1
        module = f" module {self._count}"
        out = [self._assign(ast.Name(module, ast.Store()), self._import(node))]
        for name in names:
            original, local = (name, name) if isinstance(name, str) else name
            self._expressions.names.add(local)
            value = self._expressions.helper(EXPORTED, ast.Name(module, ast.Load()), ast.Constant(original))
            out.append(self._assign(ast.Name(self._renamed(local), ast.Store()), value))
        return out


def _is_safe(node: nodes.Expr) -> bool:
    match node:
        case nodes.Filter(name=name):
            return name in SAFE
        case nodes.Call(node=nodes.Name(name="super" | "caller")) | nodes.Call(node=nodes.Getattr(node=nodes.Name(name="self"))):
            return True
        case nodes.Const():
            return True
        case _:
            return False


def _as_load(target: ast.expr) -> ast.expr:
    match target:
        case ast.Tuple(elts=elements):
            return ast.Tuple([_as_load(element) for element in elements], ast.Load())
        case ast.Name(id=name):
            return ast.Name(name, ast.Load())
        case _:
            return target
