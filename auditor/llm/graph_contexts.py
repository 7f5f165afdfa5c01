"""What a graph (LangGraph) is run with beside its state: the configuration that it is invoked with, and the runtime's context.

A node gets both as parameters. Of the configuration those entries are known that the project writes into `configurable`; the
context is an instance of the class that the annotation names.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.interp.frame import Frame
from auditor.llm import graph_writes
from auditor.llm.contexts import is_test
from auditor.llm.graph_writes import Written
from auditor.project.project import Project
from auditor.values.domain import Arguments, Choice, Entry, External, ExternalObject, FunctionValue, Instance, Text, Value

if TYPE_CHECKING:
    from auditor.llm.parameters import Guesser

CONFIGURABLE = "configurable"


def given(guesser: Guesser, function: FunctionValue, argument: ast.arg, frame: Frame) -> Value | None:
    """The configuration or the runtime that a parameter stands for, as its annotation says; None for other parameters."""
    annotation = argument.annotation
    if isinstance(annotation, ast.Subscript) and _is(guesser, annotation.value, frame, "Runtime"):
        context = guesser.of_annotation(annotation.slice, frame)
        if not isinstance(context, Instance | Choice):
            return None
        return ExternalObject("types.SimpleNamespace", (), Arguments((), (("context", context),)), guesser.machine.serial())
    if isinstance(annotation, ast.Name | ast.Attribute) and _is(guesser, annotation, frame, "RunnableConfig"):
        return _configuration(guesser, function)
    return None


def _is(guesser: Guesser, node: ast.expr, frame: Frame, name: str) -> bool:
    machine = guesser.machine
    value = machine.evaluate(node, frame)
    found = value.name if isinstance(value, External) else ""
    return found.rsplit(".", 1)[-1] == name and found.split(".", 1)[0] in machine.library.graphs.packages


def _configuration(guesser: Guesser, function: FunctionValue) -> Value | None:
    machine, key = guesser.machine, "graph configurations"
    if key not in machine.cache:
        machine.cache[key] = list(_written(machine.project))
    written: list[Written] = machine.cache[key]  # type: ignore[assignment]
    data = machine.project.data(function.module)
    names = dict.fromkeys(one.key for one in written if one.key.encode() in data)
    values = guesser.states.configured(function, {name: [one for one in written if one.key == name] for name in names})
    if not values:
        return None
    inner = machine.new_dict(Entry(Text.of(name), value) for name, value in values.items())
    return machine.new_dict([Entry(Text.of(CONFIGURABLE), inner)])


def _written(project: Project) -> Iterator[Written]:
    """Entries of the dictionaries that stand under `configurable`."""
    for path in project.mentioning(CONFIGURABLE):
        module = None if is_test(path) else project.module(path)
        if module is None:
            continue
        scopes = [("", module.tree), *module.functions.items()]
        for scope, function in scopes:
            for node in graph_writes.own(function):
                for key, value in graph_writes.entries(node) if isinstance(node, ast.Dict) else ():
                    if key == CONFIGURABLE:
                        yield from (Written(path, scope, name, one) for name, one in graph_writes.entries(value))
