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
from auditor.interp.frame import BudgetExceededError, Frame
from auditor.limits import WRITERS
from auditor.project.syntax import default_of, last_name, parameters
from auditor.values.domain import NONE, Hole, Value

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.project.syntax import FunctionNode, Module

Place = tuple[str, ast.expr]
"""The name of the function around an expression, and the expression."""


def of_hole(machine: Machine, owner: Hole, key: Value | str) -> Value | None:
    """The same of a value of which only its type is known, or only as what it was asked for: `given.app.state`."""
    carrier = owner.type
    if carrier is None and isinstance(owner.identity, tuple) and owner.identity[0] == "attr":
        carriers = machine.library.carriers
        carrier = next((kind for kind, spelled in carriers.items() if spelled == owner.identity[-1]), None)
    return under(machine, carrier, key)


def under(machine: Machine, carrier: str | None, key: Value | str) -> Value | None:
    """What was hung on a carrier (`State`) under a name; None for what is none, or where nobody hung anything there."""
    spelled = machine.library.carriers.get(carrier or "")
    name = key if isinstance(key, str) else known.text_of(key)
    if spelled is None or name is None:
        return None
    told = ("hung at the start", spelled, name)
    if told not in machine.cache:  # which what is evaluated apart sees as well
        machine.cache[told] = NONE  # asked for again while it is worked out
        machine.cache[told] = _hung(machine, spelled, name) or NONE
    found = machine.cache[told]
    return None if found == NONE else found  # type: ignore[return-value]


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
    with settled.apart(machine), machine.unheard():
        inner = Frame(module, (machine.store.allocate(), address) if around is not None else (address,))
        try:
            if around is not None:
                for argument in parameters(around):
                    if (
                        default := default_of(around, argument)
                    ) is not None:  # whoever starts the application passes nothing else
                        machine.store.set(inner.local, argument.arg, machine.evaluate(default, inner))
                slices.bind(machine, around, node, inner)
            return settled.made(machine.evaluate(node, inner))
        except BudgetExceededError:
            return None


def _places(machine: Machine, module: Module, spelled: str) -> dict[str, tuple[Place, ...]]:
    """Where a module hangs something on `….spelled`, by name."""
    told = ("hung", module.path, spelled)
    found = machine.cache.get(told)
    if found is None:
        made: dict[str, tuple[Place, ...]] = {}
        for scope, node in _assignments(module):
            if isinstance(node.value, ast.Constant) and node.value.value is None:
                continue  # taken down again
            for target in node.targets:
                name, owner = _name(target, spelled)
                if name is not None and not _is_request(machine, owner, module.functions.get(scope)):
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


def _name(target: ast.expr, spelled: str) -> tuple[str | None, ast.expr | None]:
    """Under what name something is hung, and on what."""
    match target:
        case ast.Attribute(value=ast.Attribute(attr=attribute, value=owner), attr=name) if attribute == spelled:
            return name, owner
        case ast.Subscript(value=ast.Attribute(attr=attribute, value=owner), slice=ast.Constant(value=str() as name)) if (
            attribute == spelled
        ):
            return name, owner
        case _:
            return None, None


def _is_request(machine: Machine, owner: ast.expr | None, around: FunctionNode | None) -> bool:
    """Whether the state is one request's: so say the parameter's type, or its name where it has none."""
    if around is None or not isinstance(owner, ast.Name):
        return False
    given = next((one for one in parameters(around) if one.arg == owner.id), None)
    if given is None or given.annotation is None:
        return owner.id in machine.library.handler_parameters
    return last_name(given.annotation) in {kind.rpartition(".")[2] for kind in machine.library.handler_types}
