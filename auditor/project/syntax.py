"""One parsed module: its definitions, and which names it calls from where.

Knows syntax trees. Does not know values or other modules.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from auditor import parsing
from auditor.discovery.source import Source
from auditor.places import Place

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True)
class Reference:
    """A place where a name is called, or handed over uncalled (`Thread(target=f)`)."""

    path: str
    scope: str  # qualified name of the enclosing function, "" at module level
    node: ast.expr
    called: bool


@dataclass(slots=True)
class Module:
    """A module's tree with its index. `path` is relative to the project's root; places name the file as reports do."""

    path: str
    tree: ast.Module
    source: Source
    functions: dict[str, FunctionNode] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)  # method's qualified name -> its class's
    references: dict[str, list[Reference]] = field(default_factory=dict)
    calls: list[tuple[ast.Call, str]] = field(default_factory=list)
    scope_of: dict[int, str] = field(default_factory=dict)  # id(function node) -> qualified name
    aliases: dict[str, dict[str, None]] = field(default_factory=dict)  # imported name -> names it goes by here
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)

    def place(self, node: ast.AST) -> Place:
        """The node's span, in the coordinates of the file."""
        line = getattr(node, "lineno", 1)
        offset = getattr(node, "col_offset", 0)
        return self.source.place(
            line, offset, getattr(node, "end_lineno", None) or line, getattr(node, "end_col_offset", None) or offset
        )


class _Indexer:
    """Fills a module's index in one walk, without recursion on expressions deeper than the parser allowed."""

    def __init__(self, module: Module) -> None:
        self.module = module

    def run(self) -> None:
        pending: list[tuple[ast.AST, str, str, bool]] = [(self.module.tree, "", "", False)]
        while pending:
            node, scope, prefix, in_class = pending.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                qualified = f"{prefix}{node.name}"
                # What stands in the header belongs to the scope around it.
                header: list[ast.AST] = [*node.decorator_list]
                if isinstance(node, ast.ClassDef):
                    self.module.classes.setdefault(qualified, node)
                    header += [*node.bases, *(keyword.value for keyword in node.keywords)]
                    inner = (scope, f"{qualified}.", True)
                else:
                    self.module.functions.setdefault(qualified, node)
                    self.module.scope_of[id(node)] = qualified
                    if in_class:
                        self.module.owner[qualified] = prefix[:-1]
                    header += [node.args, *([node.returns] if node.returns else [])]
                    inner = (qualified, f"{qualified}.", False)
                pending.extend((child, scope, prefix, in_class) for child in reversed(header))
                pending.extend((child, *inner) for child in reversed(node.body))
                continue
            self._note(node, scope)
            pending.extend((child, scope, prefix, in_class) for child in reversed(list(ast.iter_child_nodes(node))))

    def _note(self, node: ast.AST, scope: str) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            self.module.imports.append(node)
        if isinstance(node, ast.Call):
            self.module.calls.append((node, scope))
            name = last_name(node.func)
            if name:
                self.module.references.setdefault(name, []).append(Reference(self.module.path, scope, node, True))
        for value in _handed(node):
            handed = last_name(value)
            if handed:
                self.module.references.setdefault(handed, []).append(Reference(self.module.path, scope, value, False))
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.asname is not None and alias.asname != alias.name:
                    self.module.aliases.setdefault(alias.name, {})[alias.asname] = None


SIGNATURES = frozenset({"s", "si", "signature"})
"""Methods of a task (Celery's) that stand for the task together with its arguments."""


def _handed(node: ast.AST) -> Iterable[ast.expr]:
    """Expressions whose value goes elsewhere as it is: a function among them may be called there."""
    match node:
        case ast.Call(func=ast.Attribute(value=task, attr=name), args=arguments, keywords=keywords) if name in SIGNATURES:
            return (task, *arguments, *(keyword.value for keyword in keywords))
        case ast.Call(args=arguments, keywords=keywords):
            return (*arguments, *(keyword.value for keyword in keywords))
        case ast.Assign(value=value) | ast.Return(value=ast.expr() as value) | ast.AnnAssign(value=ast.expr() as value):
            return (value,)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return elements
        case ast.Dict(values=values):
            return values
        case ast.IfExp(body=body, orelse=otherwise):
            return (body, otherwise)
        case _:
            return ()


def last_name(node: ast.expr) -> str | None:
    """The last part of a dotted name: `c` of `a.b.c`."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case _:
            return None


def parse(path: str, source: Source) -> Module:
    """Parses and indexes. Raises SyntaxError (also for nesting beyond the parser's own limits) and ValueError (null bytes)."""
    try:
        tree = parsing.parse(source.text, path)
    except (RecursionError, MemoryError) as error:
        raise SyntaxError(f"nested too deeply for the parser ({type(error).__name__})", (path, 1, 1, None)) from error
    module = Module(path, tree, source)
    _Indexer(module).run()
    return module


def parameters(node: FunctionNode) -> Iterator[ast.arg]:
    """All named parameters in order, `*args` and `**kwargs` left out."""
    yield from node.args.posonlyargs
    yield from node.args.args
    yield from node.args.kwonlyargs


def default_of(node: FunctionNode, parameter: ast.arg) -> ast.expr | None:
    """The default that a parameter is written with."""
    positional = [*node.args.posonlyargs, *node.args.args]
    for argument, default in zip(reversed(positional), reversed(node.args.defaults), strict=False):
        if argument is parameter:
            return default
    return next((value for one, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if one is parameter), None)
