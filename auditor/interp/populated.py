"""What a program's start puts into a container that lasts: a registry that a lifespan, a `main` or a set-up function fills.

A handler is evaluated without them, and would find it as the module left it: empty. So the calls are looked up that put something
there and that hang on nothing which their function is given; they are run in the order of the source, as if nothing had been
evaluated before, and the container is filled for whoever asks for it. What hangs on a request, and what the running code itself
puts there, is left out. Modules that put something there as they are imported are imported. Does not know when a function runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.interp import elsewhere, modules, putters, settled, slices
from auditor.interp.putters import Container, Putter
from auditor.interp.store import ENTRIES, ITEMS
from auditor.limits import NAMESAKES, POPULATING_CALLS, POPULATING_LEVELS
from auditor.project.contexts import is_test
from auditor.project.syntax import parameters
from auditor.values.domain import NONE, DictRef, Entries, Items, Value

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.project.syntax import FunctionNode
    from auditor.values.domain import Content

_OWN = frozenset({"self", "cls"})


def found(machine: Machine, value: Value) -> Value:
    """The value; a container that is empty as the program was loaded holds what the program's start puts there, a list or set
    else what other entries do."""
    if isinstance(value, Container) and value.address < machine.entered and _empty(machine, value):
        told = ("populated", value.address)
        if told not in machine.memo:
            machine.memo[told] = NONE
            content = _content(machine, value)
            if content is None and not isinstance(value, DictRef):
                content = elsewhere.items(machine, value)
            if content is not None and _empty(machine, value):
                machine.store.amend(value.address, _cell(value), lambda _: content)
    return value


def _cell(container: Container) -> str:
    return ENTRIES if isinstance(container, DictRef) else ITEMS


def _empty(machine: Machine, container: Container) -> bool:
    content = machine.store.get(container.address, _cell(container))
    return (isinstance(content, Entries) and not content.entries) or (isinstance(content, Items) and not content.items)


def _content(machine: Machine, container: Container) -> Content | None:
    told = ("populated", container.address)
    if told not in machine.cache:
        machine.cache[told] = None  # asked for again while it is worked out
        machine.cache[told] = _filled(machine, container)
    return machine.cache[told]  # type: ignore[return-value]


def _filled(machine: Machine, container: Container) -> Content | None:
    units = list(dict.fromkeys(_units(machine, container)))[:POPULATING_CALLS]
    first = machine.store.allocate()
    with settled.apart(machine, since=first), machine.unheard():
        for putter, statement in units:
            called = putters.call(machine, putter)
            if called is not None:
                putters.alone(machine, putter, statement, called[1], _depending(statement))
        return None if _empty(machine, container) else machine.store.get(container.address, _cell(container))


def _depending(statement: ast.stmt) -> list[ast.expr]:
    """What a statement hangs on; of a loop, what it goes through and what it calls."""
    if isinstance(statement, ast.For):
        inner = (part for one in statement.body for part in ast.walk(one))
        return [statement.iter, *(part for part in inner if isinstance(part, ast.Call))][:NAMESAKES]
    return [part for part in ast.iter_child_nodes(statement) if isinstance(part, ast.expr)]


def _units(machine: Machine, container: Container) -> Iterator[tuple[Putter, ast.stmt]]:
    """Statements to run, each with the function that it stands in."""
    waiting = list(elsewhere.methods(machine, container)) + list(putters.putters(machine, container))
    seen: set[int] = set()
    for _ in range(POPULATING_LEVELS):
        handed: list[Putter] = []
        for putter in waiting:
            if id(putter.node) in seen or settled.running(machine, [putter.node]):
                continue
            seen.add(id(putter.node))
            handed += _outer(machine, putter)
            for path, around, call in _calls(machine, putter):
                statement = _statement(around, call)
                if statement is None or settled.running(machine, [around]):
                    continue
                if _given(around, statement):
                    handed.append(Putter(path, around))
                else:
                    yield Putter(path, around), statement
        waiting = handed


def _outer(machine: Machine, putter: Putter) -> Iterator[Putter]:
    """The function around one that puts something there: a decorator's, which is called for what it decorates."""
    module = machine.project.module(putter.path)
    around = module.functions.get(module.scope_of.get(id(putter.node), "").rpartition(".")[0]) if module is not None else None
    if around is not None:
        yield Putter(putter.path, around)


def _calls(machine: Machine, putter: Putter) -> Iterator[tuple[str, FunctionNode, ast.Call]]:
    """The calls of a function in others, tests left out. Files that call it as they are imported are imported."""
    name = putter.node.name if not isinstance(putter.node, ast.Lambda) else ""
    paths = [path for path in machine.project.naming(name) if not is_test(path)] if name else []
    for path in paths[: NAMESAKES * 2]:
        for reference in machine.project.references_in(path, name):
            module = machine.project.module(path)
            around = module.functions.get(reference.scope) if module is not None else None
            if not reference.scope:
                modules.scope(machine, path)
            elif around is not None and isinstance(reference.node, ast.Call):
                yield path, around, reference.node


def _statement(around: FunctionNode, call: ast.Call) -> ast.stmt | None:
    """The statement that makes the call, or the outermost loop around it."""
    pending: list[ast.AST] = [*around.body] if isinstance(around.body, list) else []
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign | ast.For) and any(part is call for part in ast.walk(node)):
            return node
        pending += (
            part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt | ast.ExceptHandler | ast.match_case)
        )
    return None


def _given(around: FunctionNode, statement: ast.stmt) -> bool:
    """Whether a statement hangs on what its function is given."""
    given = {argument.arg for argument in parameters(around)} - _OWN
    parts: list[ast.AST] = [statement]
    for expression in _depending(statement):
        parts += slices.needed(around, expression)
    return any(isinstance(node, ast.Name) and node.id in given for part in parts for node in ast.walk(part))
