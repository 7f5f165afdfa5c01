"""What a web application carries for all of its requests: `app.state.client`, set where the application starts.

The handlers ask for it through the request or a parameter, so that the application itself is not known there. What is known is
the name under which the program's start hung it there: the expression is evaluated in that place, with the statements of the
function around it that it depends on. Does not know which of several applications is meant, nor what is hung there later.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.interp import modules, settled, slices
from auditor.interp.frame import BudgetExceededError, Frame
from auditor.limits import WRITERS
from auditor.project.syntax import last_name, parameters
from auditor.values.domain import NONE, ExternalObject, Hole, Value

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.project.syntax import FunctionNode, Module

STATE = "state"

Write = tuple[ast.expr, "FunctionNode | None"]
"""What is hung there, and the function that does it."""


def of_hole(machine: Machine, owner: Hole, name: str) -> Value | None:
    """`owner.name` where the owner is the state of what may be an application."""
    identity = owner.identity
    if not (isinstance(identity, tuple) and identity[0] == "attr" and identity[-1] == STATE):
        return None
    return carried(machine, name)


def of_object(machine: Machine, owner: ExternalObject, name: str) -> Value | None:
    """The same of an application that the program made, while its start has not run."""
    return carried(machine, name) if owner.path == (STATE,) and owner.cls in machine.library.applications else None


def carried(machine: Machine, name: str) -> Value | None:
    """What the program's start hangs on its application under that name; None where it does nothing known, or is running."""
    places = _places(machine, name)
    if not places or settled.running(machine, [around for _, (_, around) in places if around is not None]):
        return None
    key = ("carried", name)
    if key not in machine.cache:
        machine.cache[key] = NONE  # asked for again while it is worked out
        values = (_evaluated(machine, path, *write) for path, write in places[:WRITERS])
        machine.cache[key] = next((value for value in values if value is not None), NONE)
    found = machine.cache[key]
    return None if found == NONE else found  # type: ignore[return-value]


def _places(machine: Machine, name: str) -> list[tuple[str, Write]]:
    """Where something is hung there under that name, by file and line."""
    state = b"." + STATE.encode()
    return [
        (path, write)
        for path in machine.project.naming(name, attribute=True)
        if state in machine.project.code(path) and (module := machine.project.module(path)) is not None
        for write in _writes(machine, module).get(name, ())
    ]


def _evaluated(machine: Machine, path: str, content: ast.expr, around: FunctionNode | None) -> Value | None:
    """What the expression comes to, as if nothing had been evaluated before."""
    address, module = modules.scope(machine, path), machine.project.module(path)
    if address is None or module is None:
        return None
    with settled.apart(machine):
        frame = Frame(module, (machine.store.allocate(), address))
        heard = machine.listener.heard
        try:
            if around is not None:
                slices.bind(machine, around, content, frame)
            return settled.made(machine.evaluate(content, frame))
        except BudgetExceededError:
            return None
        finally:
            machine.listener.forget(heard)


def _writes(machine: Machine, module: Module) -> dict[str, tuple[Write, ...]]:
    """Name to what the module hangs on an application under it, in the order of the source."""
    key = ("hung on an application", module.path)
    found = machine.cache.get(key)
    if found is None:
        made: dict[str, tuple[Write, ...]] = {}
        for around, name, content in _assigned(machine, module):
            made[name] = (*made.get(name, ()), (content, around))
        found = machine.cache[key] = made
    return found  # type: ignore[return-value]


def _assigned(machine: Machine, module: Module) -> Iterator[tuple[FunctionNode | None, str, ast.expr]]:
    for around in (None, *module.functions.values()):
        node = module.tree if around is None else around
        for statement in _own(node):
            if isinstance(statement, ast.Assign) and not (
                isinstance(statement.value, ast.Constant) and statement.value.value is None
            ):
                for target in statement.targets:
                    match target:
                        case ast.Attribute(attr=name, value=ast.Attribute(attr=attr, value=owner)) if attr == STATE:
                            if not _is_request(machine, owner, around):
                                yield around, name, statement.value
                        case _:
                            pass


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function or module, functions inside of it left out; in the order of the source."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _own(child)


def _is_request(machine: Machine, owner: ast.expr, around: FunctionNode | None) -> bool:
    """Whether the state is one request's: so say the parameter's type, or its name where it has none."""
    if around is None or not isinstance(owner, ast.Name):
        return False
    given = next((one for one in parameters(around) if one.arg == owner.id), None)
    if given is None or given.annotation is None:
        return owner.id in machine.library.handler_parameters
    return last_name(given.annotation) in {kind.rpartition(".")[2] for kind in machine.library.handler_types}
