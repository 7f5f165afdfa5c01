"""What a framework hands to handlers by their parameters' names: what the program's start put into its dispatcher.

`dispatcher["settings"] = settings`, `Dispatcher(settings=...)`, `start_polling(bot, settings=...)`, and a middleware's
`data["settings"] = ...` (aiogram). Each is evaluated where it stands, with what it depends on ahead of it; the first that is not
a test's is meant. Does not know which of several dispatchers runs a handler.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.interp.library import reruns
from auditor.project.contexts import is_test
from auditor.project.syntax import Module, Reference, last_name, parameters
from auditor.values.domain import Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.llm.parameters import Guesser


def by_name(guesser: Guesser, name: str, frame: Frame) -> Value | None:
    """What a handler's parameter of this name is given; None where its framework gives nothing by name, or nobody put it there.

    Asked once for each run of an entry.
    """
    machine = guesser.machine
    frameworks = machine.library.handing
    imported = {alias for node in frame.module.imports for alias in reruns.libraries(node)}
    found = sorted(imported & frameworks.keys())
    if not found:
        return None
    told = ("handed", name)
    if told in machine.memo:
        return machine.memo[told]
    dispatcher, calls = frameworks[found[0]]
    for path in machine.project.naming(found[0]):
        module = machine.project.module(path)
        if module is None or is_test(path):
            continue
        for reference in _given(module, name, dispatcher, calls):
            value = guesser.instances.there(reference)
            if value is not None:
                machine.memo[told] = value
                return value
    return None


def _given(module: Module, name: str, dispatcher: str, calls: frozenset[str]) -> Iterator[Reference]:
    """The expressions that are put under a name, with the functions around them."""
    for call, scope in module.calls:
        if last_name(call.func) in calls | {dispatcher}:
            for keyword in call.keywords:
                if keyword.arg == name:
                    yield Reference(module.path, scope, keyword.value, False)
    for scope, body in (("", module.tree), *module.functions.items()):
        owners = _owners(module, body, dispatcher)
        for node in ast.walk(body) if scope else module.tree.body:
            match node:
                case ast.Assign(targets=[ast.Subscript(value=owner, slice=ast.Constant(value=key))], value=value) if (
                    key == name and last_name(owner) in owners
                ):
                    yield Reference(module.path, scope, value, False)
                case _:
                    pass


def _owners(module: Module, body: ast.AST, dispatcher: str) -> set[str]:
    """Names of what holds the values: dispatchers, their `workflow_data`, and the `data` that a middleware passes on."""
    made = {
        target.id
        for node in (*ast.walk(body), *module.tree.body)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and last_name(node.value.func) == dispatcher
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    if isinstance(body, ast.FunctionDef | ast.AsyncFunctionDef):
        for argument in parameters(body):
            typed = argument.annotation is not None and last_name(argument.annotation) == dispatcher
            if typed or (body.name == "__call__" and argument.arg == "data"):
                made.add(argument.arg)
    return {*made, "workflow_data"}
