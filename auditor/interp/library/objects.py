"""Objects of library classes: attributes, calls, items and text of what the program did not define itself."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known, started
from auditor.knowledge import credentials
from auditor.values.domain import (
    Arguments,
    ExternalObject,
    Hole,
    Items,
    Spread,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import decide
from auditor.values.lifetime import Cause, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.knowledge.library import Fact


def dotted(value: ExternalObject) -> str:
    return ".".join((value.cls, *value.path))


PLAIN = frozenset({"types.SimpleNamespace"})
"""Classes whose constructor's keywords are their attributes. The listener knows more."""


def written(machine: Machine, value: ExternalObject) -> dict[str, Value]:
    """Attributes that the program itself set on a library's object."""
    if not value.identity:
        return {}
    address = _address(value)
    names = [name for name in machine.store.keys(address) if name.isidentifier()]
    return {name: machine.store.get(address, name) for name in names}  # type: ignore[misc]


def attribute(machine: Machine, value: ExternalObject, name: str, node: ast.AST | None, frame: Frame) -> Value:
    from auditor.interp.library import contexts, paths

    if paths.is_path(value):
        found = paths.attribute(machine, value, name, node, frame)
        if found is not None:
            return paths.apart(machine, found)
    own = hung(machine, value, ".".join((*value.path, name)))
    if own is None and value.cls in machine.library.request_objects and not value.path:
        own = contexts.filled(machine, value, name, _address(value))
    if own is not None:
        return own
    if not value.path and value.arguments is not None and (value.cls in PLAIN or machine.listener.is_data(value.cls)):
        given = value.arguments.keyword(name)
        if given is not None:
            return given
    for answer in _attributes():
        special = answer(machine, value, name, node, frame)
        if special is not None:
            return special
    fact = machine.library.fact(dotted(value) + f".{name}")
    if fact is not None and fact.lifetime is not Lifetime.UNKNOWN and name.isupper():
        return machine.hole(
            node, frame, fact.lifetime, fact.cause, identity=("attr", dotted(value), name), type=_type(fact, name)
        )
    if fact is not None and name in fact.said:
        return machine.hole(node, frame, fact.lifetime, fact.cause, identity=("said", value.identity, name))
    given = value.arguments.keyword(name) if value.arguments is not None and not value.path else None
    if given is not None and not _described(machine, value.cls):
        return given  # as most that carry data have it
    return started.under(machine, dotted(value), name) or replace(value, path=(*value.path, name))


def _described(machine: Machine, cls: str) -> bool:
    """Whether somebody says what a class's objects are: the keywords of the standard library's are also what is kept of them."""
    return ":" in cls or cls.partition(".")[0] in sys.stdlib_module_names or machine.listener.sends(cls)


def hung(machine: Machine, value: ExternalObject, name: str) -> Value | None:
    """What was put on the object under that name."""
    found = machine.store.get(_address(value), name) if value.identity else None
    return None if found is None else decide(found, machine.assumptions)  # type: ignore[arg-type]


def hanging(machine: Machine, value: ExternalObject, content: Value) -> list[str]:
    """Under which names something hangs on the object."""
    address = _address(value)
    names = machine.store.keys(address) if value.identity else []
    return [name for name in names if machine.store.get(address, name) == content]


def put(machine: Machine, value: ExternalObject, name: str, content: Value) -> None:
    """`object.name = content`: what the program hangs on a library's object (`app.state.client`, a thread's local data)."""
    if value.identity:
        machine.store.set(_address(value), ".".join((*value.path, name)), content)
    if name == "beat_schedule":
        from auditor.interp.library import schedules

        schedules.configured(machine, content)


def _address(value: ExternalObject) -> int:
    """Where attributes of a library's object are kept: apart from the addresses that the store gives out."""
    return -1 - value.identity


def call(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """A method of a library object that nobody else answered for."""
    from auditor.interp import calls
    from auditor.interp.library import paths

    if value.cls.startswith("class:"):
        from auditor.interp.library import models

        return models.call(machine, value, arguments, node, frame)
    if paths.is_path(value):
        found = paths.method(machine, value, arguments, node, frame)
        if found is not None:
            return paths.apart(machine, found)
    if value.cls == "contextvars.ContextVar" and value.identity:
        return _context_variable(machine, value, arguments, node, frame)
    for answer in _methods():
        special = answer(machine, value, arguments, node, frame)
        if special is not None:
            return special
    if value.path and value.path[-1] in {"__enter__", "__aenter__"}:
        return replace(value, path=value.path[:-1])
    name = dotted(value)
    fact = machine.library.fact(name)
    if fact is not None and fact.lifetime is not Lifetime.UNKNOWN:
        if fact.cause is Cause.INPUT:
            machine.moment = machine.moment.paused()
        stable = fact.lifetime not in (Lifetime.CALL, Lifetime.TURN)
        return machine.hole(
            node, frame, fact.lifetime, fact.cause, identity=("library", name) if stable else None, type=fact.type
        )
    if not value.path:
        return replace(value, arguments=arguments)
    if value.path[-1] in BUILDERS:
        return replace(value, path=value.path[:-1])
    holes = calls.listed_holes(machine, arguments)
    result = machine.derived(holes, node, frame, reason=Reason.UNMODELLED_CALL)
    if fact is not None and result.lifetime is Lifetime.UNKNOWN:
        result = replace(result, cause=fact.cause)
    return result


def _context_variable(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`variable.get(default)`, `variable.set(value)`."""
    from auditor.interp.library import contexts

    first = known.plain(arguments.positional[0]) if arguments.positional else None
    match value.path:
        case ("set",) if first is not None:
            put(machine, replace(value, path=()), contexts.CONTENT, first)
            return machine.unknown(Reason.UNMODELLED_CALL, node, frame)
        case ("get",):
            content = hung(machine, replace(value, path=()), contexts.CONTENT)
            if content is None:
                content = contexts.filled(machine, replace(value, path=()), contexts.CONTENT, _address(value))
            if content is not None:
                return content
            default = value.arguments.keyword("default") if value.arguments is not None else None
            found = first if first is not None else default
            return found if found is not None else machine.unknown(Reason.EXTERNAL_DATA, node, frame)
        case _:
            return machine.unknown(Reason.UNMODELLED_CALL, node, frame)


BUILDERS = frozenset({"with_options", "copy", "with_retry", "with_config"})


Attribute = Callable[["Machine", ExternalObject, str, ast.AST | None, "Frame"], Value | None]
Called = Callable[["Machine", ExternalObject, Arguments, ast.AST, "Frame"], Value | None]


@functools.cache
def _attributes() -> tuple[Attribute, ...]:
    """Who may know an attribute of a library's object."""
    from auditor.interp.library import commandline, configs, introspection, templates
    from auditor.interp.library.jinja import overlays as jinja

    return introspection.attribute, jinja.attribute, templates.attribute, commandline.attribute, configs.attribute


@functools.cache
def _methods() -> tuple[Called, ...]:
    """Who may know a method of a library's object."""
    from auditor.interp.library import (
        chance,
        commandline,
        configs,
        regular,
        schedules,
        serial,
        stores,
        streams,
        templates,
        waiting,
        wrappers,
    )
    from auditor.interp.library.jinja import overlays as jinja

    return (
        streams.method,
        regular.method,
        templates.method,
        jinja.method,
        commandline.method,
        configs.method,
        serial.method,
        wrappers.method,
        waiting.method,
        schedules.method,
        stores.method,
        chance.method,
    )


def item(machine: Machine, value: ExternalObject, key: Value, node: ast.AST, frame: Frame) -> Value:
    """`object[key]`."""
    from auditor.interp.library import configs, regular

    found = configs.item(machine, value, key) or regular.item(value, key)
    if found is not None:
        return found
    sections = configs.sections(value)
    if sections is not None:
        from auditor.interp import subscripts

        return subscripts.get(machine, sections, key, node, frame)
    fact = machine.library.fact(dotted(value))
    if fact is not None and fact.lifetime is not Lifetime.UNKNOWN:
        return machine.hole(node, frame, fact.lifetime, fact.cause, identity=("item", dotted(value), key), type=_type(fact, key))
    if fact is not None and fact.store:  # a collection of a database
        return replace(value, path=(), identity=machine.serial())
    return machine.unknown(Reason.UNMODELLED_CALL, node, frame)


def of_table(machine: Machine, name: str, key: Value | None, node: ast.AST | None, frame: Frame) -> Hole:
    """A library's data by dotted name, or an item of it: `os.environ["HOME"]`, `sys.platform`."""
    fact = machine.library.fact(name)
    if fact is None or fact.lifetime is Lifetime.UNKNOWN:
        return machine.unknown(Reason.UNMODELLED_CALL, node, frame)
    identity = ("item", name, key) if fact.lifetime <= Lifetime.SESSION else None
    return machine.hole(
        node, frame, fact.lifetime, fact.cause, identity=identity, type=_type(fact, key), characters=fact.characters
    )


def _type(fact: Fact, key: Value | str | None) -> str | None:
    """The type that the tables say, or that an item of the environment has by its name."""
    name = key if isinstance(key, str) else known.text_of(key) if key is not None else None
    return credentials.type_of(name) if fact.type is None and fact.cause is Cause.ENVIRONMENT else fact.type


def _kind(fact: Fact | None) -> Cause:
    """What comes out of an object: a store's rows are data, however long they stay."""
    return fact.cause if fact is not None and fact.store else Cause.VALUE


def iterate(machine: Machine, value: ExternalObject, node: ast.AST | None, frame: Frame) -> Items:
    from auditor.interp.library import configs, stores, streams

    lines = streams.iterate(machine, value, node, frame)
    if lines is not None:
        return lines
    data = configs.data_of(value) or configs.sections(value)
    if data is not None:
        return machine.iterate(data, node, frame)
    name = dotted(value)
    fact = machine.library.fact(name)
    if fact is not None and fact.lifetime is not Lifetime.UNKNOWN:
        stretch = machine.hole(node, frame, fact.lifetime, fact.cause, type=fact.type)
    else:
        identity = ("items", value.identity, value.path)
        stretch = machine.hole(node, frame, Lifetime.UNKNOWN, _kind(fact), identity=identity, reason=Reason.UNMODELLED_CALL)
        newest = stores.cut(machine, value)
        if newest is not None:
            stretch = replace(stretch, type=newest.type, place=newest.place, kept=newest.kept)
    return Items((Spread(stretch, (stretch,)),))


def to_text(machine: Machine, value: ExternalObject, node: ast.AST | None, frame: Frame) -> Text:
    from auditor.interp.library import paths

    if paths.is_path(value):
        path = paths.text(machine, value)
        if path is not None:
            return paths.as_text(path)
        return Text((machine.hole(node, frame, Lifetime.DEPLOY, Cause.FILE, identity=("path", path)),))
    from auditor.interp.library import failures, introspection

    signature = introspection.to_text(machine, value, node, frame)
    if signature is not None:
        return signature
    if value.arguments is not None and not value.path:
        said = failures.text(machine, value.cls, TupleValue(value.arguments.positional), node, frame)
        if said is not None:
            return said
    name = dotted(value)
    fact = machine.library.fact(name)
    if fact is not None and fact.lifetime is not Lifetime.UNKNOWN:
        return Text(
            (
                machine.hole(
                    node, frame, fact.lifetime, fact.cause, identity=("str", name, value.identity), characters=fact.characters
                ),
            )
        )
    return Text(
        (
            machine.hole(
                node,
                frame,
                Lifetime.UNKNOWN,
                _kind(fact),
                identity=("str", name, value.identity),
                expression=machine.source(node) if node else name,
                reason=Reason.UNMODELLED_CALL,
            ),
        )
    )
