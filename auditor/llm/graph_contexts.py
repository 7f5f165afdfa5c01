"""What a graph (LangGraph) is run with beside its state: the configuration that it is invoked with, and the runtime's context.

A node gets both as parameters. Of the configuration those entries are known that the project writes into `configurable`, there or
in what it puts there; the context is what graphs are invoked with, else an instance of the class that the annotation names. Which
of several invocations runs a node is not known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.interp import declared, known
from auditor.interp.frame import Frame
from auditor.llm import graph_writes
from auditor.llm.graph_writes import Written
from auditor.project.contexts import is_test
from auditor.project.project import Project
from auditor.values.domain import (
    Arguments,
    Choice,
    DictRef,
    Entry,
    External,
    ExternalObject,
    FunctionValue,
    Instance,
    Text,
    Value,
)
from auditor.values.join import leaves

if TYPE_CHECKING:
    from auditor.llm.parameters import Guesser

CONFIGURABLE, CONTEXT = "configurable", "context"


def given(guesser: Guesser, function: FunctionValue, argument: ast.arg, frame: Frame) -> Value | None:
    """The configuration or the runtime that a parameter stands for, as its annotation says; None for other parameters."""
    annotation = argument.annotation
    if annotation is None:
        return _configuration(guesser, function) if argument.arg == "config" else None
    for one in declared.alternatives(annotation):
        if _is(guesser, one, frame, "RunnableConfig"):
            return _configuration(guesser, function)
    if isinstance(annotation, ast.Subscript) and _is(guesser, annotation.value, frame, "Runtime"):
        context = _context(guesser, function, guesser.of_annotation(annotation.slice, frame))
        if context is None:
            return None
        return ExternalObject("types.SimpleNamespace", (), Arguments((), ((CONTEXT, context),)), guesser.machine.serial())
    return None


def _is(guesser: Guesser, node: ast.expr, frame: Frame, name: str) -> bool:
    machine = guesser.machine
    value = machine.evaluate(node, frame) if isinstance(node, ast.Name | ast.Attribute) else None
    found = value.name if isinstance(value, External) else ""
    return found.rsplit(".", 1)[-1] == name and found.split(".", 1)[0] in machine.library.graphs.packages


# The runtime's context


def _context(guesser: Guesser, function: FunctionValue, typed: Value | None) -> Value | None:
    """What graphs are invoked with as `context=`, where it is of that type; else an instance of it."""
    machine, key = guesser.machine, "graph contexts"
    if key not in machine.cache:
        machine.cache[key] = list(_contexts(machine.project))
    written: list[Written] = machine.cache[key]  # type: ignore[assignment]
    classes = {one.cls for one in leaves(typed) if isinstance(one, Instance)} if typed is not None else set()
    for one in written:
        value = guesser.states.configured(function, {CONTEXT: [one]}).get(CONTEXT)
        made = leaves(value) if value is not None else []
        if made and all(isinstance(part, DictRef) or (isinstance(part, Instance) and part.cls in classes) for part in made):
            return value
    return typed if isinstance(typed, Instance | Choice) else None


def _contexts(project: Project) -> Iterator[Written]:
    for path in project.mentioning("context="):
        module = None if is_test(path) else project.module(path)
        for call, scope in module.calls if module is not None else ():
            if isinstance(call.func, ast.Attribute) and call.func.attr in graph_writes.INVOKING:
                yield from (Written(path, scope, CONTEXT, one.value) for one in call.keywords if one.arg == CONTEXT)


# The configuration


def _configuration(guesser: Guesser, function: FunctionValue) -> Value | None:
    machine, key = guesser.machine, "graph configurations"
    if key not in machine.cache:
        machine.cache[key] = list(_written(machine.project))
    written: list[Written] = machine.cache[key]  # type: ignore[assignment]
    data = machine.project.data(function.module)
    wanted: dict[str, list[Written]] = {}
    for one in written:
        if not one.key or one.key.encode() in data:
            wanted.setdefault(one.key or f"{CONFIGURABLE} {len(wanted)}", []).append(one)
    values: dict[str, Value] = {}
    for name, value in guesser.states.configured(function, wanted).items():
        if wanted[name][0].key:
            values.setdefault(name, value)
        else:  # all that a variable holds, or a function makes
            for made in leaves(value):
                entries = machine.entries(made).entries if isinstance(made, DictRef) else ()
                for entry in entries:
                    spelled = known.text_of(entry.key) if isinstance(entry, Entry) else None
                    if isinstance(entry, Entry) and spelled is not None:
                        values.setdefault(spelled, entry.value)
    if not values:
        return None
    inner = machine.new_dict(Entry(Text.of(name), value) for name, value in values.items())
    return machine.new_dict([Entry(Text.of(CONFIGURABLE), inner)])


def _written(project: Project) -> Iterator[Written]:
    """What stands under `configurable`: the entries of a dictionary, or else all that is put there, without a key."""
    for path in project.mentioning(CONFIGURABLE):
        module = None if is_test(path) else project.module(path)
        if module is None:
            continue
        scopes = [("", module.tree), *module.functions.items()]
        for scope, function in scopes:
            for node in graph_writes.own(function):
                for key, value in _put(node):
                    yield Written(path, scope, key, value)


def _put(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """`{"configurable": ...}`, `with_config(configurable=...)`, `config["configurable"] = ...`, also of one key of it."""
    match node:
        case ast.Dict() | ast.Call():
            for key, value in graph_writes.entries(node):
                if key == CONFIGURABLE:
                    yield from _inside(value)
        case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=key)) as target], value=value):
            inner = target.value
            if key == CONFIGURABLE:
                yield from _inside(value)
            elif isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.Constant) and inner.slice.value == CONFIGURABLE:
                yield str(key), value
        case _:
            pass


def _inside(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(value, ast.Dict) and None not in value.keys:
        yield from graph_writes.entries(value)
    else:
        yield "", value
