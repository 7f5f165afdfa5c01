"""Names: which scope a name belongs to, loading and storing it."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from auditor.values.domain import NONE, DictRef, External, ListRef, SetRef, Text, Value
from auditor.values.join import decide
from auditor.values.lifetime import Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

BUILTINS = frozenset(dir(builtins))


class _Bindings(ast.NodeVisitor):
    """Names that a function body binds; nested scopes bind their own."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.globals: set[str] = set()
        self.nonlocals: set[str] = set()
        self.generator = False

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.bound.add(node.id)

    def visit_Global(self, node: ast.Global) -> None:
        self.globals.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.nonlocals.update(node.names)

    def visit_Yield(self, node: ast.Yield) -> None:
        self.generator = True
        self.generic_visit(node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> None:
        self.generator = True
        self.generic_visit(node)

    def _definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self.bound.add(node.name)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _definition

    def visit_Lambda(self, node: ast.Lambda) -> None:
        pass

    def _comprehension(self, node: ast.AST) -> None:
        for child in ast.walk(node):
            if isinstance(child, ast.NamedExpr):
                self.bound.add(child.target.id)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.bound.update((alias.asname or alias.name.split(".", 1)[0]) for alias in node.names)

    visit_Import = visit_ImportFrom = _import

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bound.add(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.bound.add(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.bound.add(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.bound.add(node.rest)
        self.generic_visit(node)


def bindings(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> _Bindings:
    """What the body of a function binds (its parameters included)."""
    key = ("bindings", id(node))
    found = machine.cache.get(key)
    if not isinstance(found, _Bindings):
        found = _Bindings()
        for statement in node.body if isinstance(node.body, list) else [node.body]:
            found.visit(statement)
        spec = node.args
        every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *filter(None, (spec.vararg, spec.kwarg))]
        found.bound.update(argument.arg for argument in every)
        found.bound -= found.globals | found.nonlocals
        machine.cache[key] = found
    return found


def load(machine: Machine, name: str, node: ast.AST | None, frame: Frame) -> Value:
    """The name's value: local, enclosing, module, builtin; else a hole that says it was not found."""
    scopes = frame.scopes
    if frame.local_names is not None and name not in frame.local_names:
        scopes = scopes[1:]
    for address in scopes:
        value = machine.store.get(address, name)
        if value is not None:
            found = decide(value, machine.assumptions)  # type: ignore[arg-type]
            if isinstance(found, Text):
                machine.step(len(found.pieces) >> 3)
            if address == frame.scopes[-1] and address != frame.local and found == NONE:
                from auditor.interp import settled

                return settled.of_global(machine, frame.module.path, name) or found
            if isinstance(found, ListRef | DictRef | SetRef) and address == frame.scopes[-1]:
                from auditor.interp import populated

                return populated.found(machine, found)
            if isinstance(found, External):
                from auditor.interp.library import ambient, contexts, reruns

                kept = reruns.session(machine, found.name) or contexts.of_request(machine, found.name)
                return kept if kept is not None else ambient.value(machine, found.name, node, frame) or found
            return found
    from auditor.interp import modules

    late = modules.late_definition(machine, frame.module.path, name)
    if late is not None:
        return late
    if name in BUILTINS:
        return External(f"builtins.{name}")
    if name in {"__name__", "__file__", "__doc__"}:
        return modules.dunder(machine, name, frame)
    return machine.unknown(Reason.MISSING, node, frame, expression=name)


def store_name(machine: Machine, name: str, value: Value, frame: Frame) -> None:
    if name in frame.global_names:
        machine.store.set(frame.scopes[-1], name, value)
        return
    if name in frame.nonlocal_names:
        for address in frame.scopes[1:]:
            if machine.store.get(address, name) is not None:
                machine.store.set(address, name, value)
                return
    machine.store.set(frame.local, name, value)
