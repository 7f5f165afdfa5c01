"""What a program's start hangs on its framework's application, by a name under which every handler finds it.

`app.state.service = Service()` in a lifespan and `request.app.state.service` in a route, `application.bot_data["service"] = ...`
and `context.bot_data["service"]`. What is hung there is evaluated where it stands, with what it depends on ahead of it; the first
place, by file and position, that gives something is meant. Does not know which of several applications answers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.interp import known, modules, settled, slices
from auditor.interp.frame import Frame
from auditor.limits import WRITER_STEPS, WRITERS
from auditor.values.domain import NONE, Value

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.project.syntax import FunctionNode, Module

Place = tuple[str, ast.expr]
"""The name of the function around an expression, and the expression."""


def under(machine: Machine, carrier: str | None, key: Value | str) -> Value | None:
    """What was hung on a carrier (`State`) under a name; None for what is none, or where nobody hung anything there."""
    spelled = machine.library.carriers.get(carrier or "")
    name = key if isinstance(key, str) else known.text_of(key)
    if spelled is None or name is None:
        return None
    told = ("hung at the start", carrier, name)
    if told not in machine.memo:
        machine.memo[told] = NONE  # asked for again while it is worked out
        machine.memo[told] = _hung(machine, spelled, name) or NONE
    found = machine.memo[told]
    return None if found == NONE else found


def _hung(machine: Machine, spelled: str, name: str) -> Value | None:
    tried = 0
    for path in machine.project.naming(spelled, attribute=True):
        module = machine.project.module(path)
        for scope, node in _places(machine, module, spelled).get(name, ()) if module is not None else ():
            tried += 1
            value = _evaluated(machine, path, scope, node)
            if value is not None or tried == WRITERS:
                return value
    return None


def _evaluated(machine: Machine, path: str, scope: str, node: ast.expr) -> Value | None:
    address, module = modules.scope(machine, path), machine.project.module(path)
    if address is None or module is None:
        return None
    around = module.functions.get(scope)
    if around is not None and settled.running(machine, [around]):
        return None
    state = (machine.assumptions, machine.stack, machine.steps, machine.ceiling, machine.full)
    machine.assumptions, machine.stack, machine.full = {}, [], WRITER_STEPS
    machine.steps, machine.ceiling = 0, WRITER_STEPS
    heard = machine.listener.heard
    try:
        with machine.store.on_base(), machine.store.layer() as writes:
            inner = Frame(module, (machine.store.allocate(), address) if around is not None else (address,))
            if around is not None:
                slices.bind(machine, around, node, inner)
            value = settled.made(machine.evaluate(node, inner))
        with machine.store.on_base():
            machine.store.commit(writes)
        return value
    finally:
        machine.listener.forget(heard)
        machine.assumptions, machine.stack, machine.steps, machine.ceiling, machine.full = state


def _places(machine: Machine, module: Module, spelled: str) -> dict[str, tuple[Place, ...]]:
    """Where a module hangs something on `….spelled`, by name."""
    told = ("hung", module.path, spelled)
    found = machine.cache.get(told)
    if found is None:
        made: dict[str, tuple[Place, ...]] = {}
        for scope, node in _assignments(module):
            for target in node.targets:
                name = _name(target, spelled)
                if name is not None:
                    made[name] = (*made.get(name, ()), (scope, node.value))
        found = machine.cache[told] = made
    return found  # type: ignore[return-value]


def _assignments(module: Module) -> Iterator[tuple[str, ast.Assign]]:
    """A module's assignments, each with the innermost function around it."""
    inner: dict[int, str] = {}
    functions: list[tuple[str, FunctionNode]] = sorted(module.functions.items(), key=lambda one: one[0].count("."))
    for scope, function in functions:
        inner.update((id(node), scope) for node in ast.walk(function) if isinstance(node, ast.Assign))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Assign):
            yield inner.get(id(node), ""), node


def _name(target: ast.expr, spelled: str) -> str | None:
    match target:
        case ast.Attribute(value=ast.Attribute(attr=owner), attr=name) if owner == spelled:
            return name
        case ast.Subscript(value=ast.Attribute(attr=owner), slice=ast.Constant(value=str() as name)) if owner == spelled:
            return name
        case _:
            return None
