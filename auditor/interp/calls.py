"""Calls: what is called decides who answers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import attributes, classes, containers, known, mappings, sets, textmethods, trimming
from auditor.knowledge import answers, credentials
from auditor.knowledge.credentials import CREDENTIAL, within
from auditor.values.domain import (
    Arguments,
    BoundMethod,
    Choice,
    ClassValue,
    Const,
    DictRef,
    External,
    ExternalObject,
    FunctionValue,
    Hole,
    Instance,
    Item,
    ListRef,
    Method,
    ModuleValue,
    Partial,
    SetRef,
    Super,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import decide, holes_of
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.quick import replace

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.places import Place


def call(machine: Machine, callee: Value, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """The value of calling `callee`; effects on lists, mappings and objects of the program included."""
    callee = decide(callee, machine.assumptions)
    match callee:
        case Choice():
            return machine.each(callee, lambda side: call(machine, side, arguments, node, frame), node, frame)
        case FunctionValue():
            return machine.invoke(callee, arguments, node, frame)
        case BoundMethod(function, receiver):
            return machine.invoke(
                function,
                Arguments((receiver, *arguments.positional), arguments.keywords, arguments.unknown_keywords),
                node,
                frame,
            )
        case ClassValue():
            return classes.instantiate(machine, callee, arguments, node, frame)
        case Partial(inner, bound):
            merged = dict(bound.keywords) | dict(arguments.keywords)
            every = Arguments(
                (*bound.positional, *arguments.positional),
                tuple(merged.items()),
                (*bound.unknown_keywords, *arguments.unknown_keywords),
            )
            return call(machine, inner, every, node, frame)
        case Method(receiver, name):
            return _builtin_method(machine, receiver, name, arguments, node, frame)
        case Instance():
            method = attributes.class_member(machine, callee.cls, "__call__")
            if isinstance(method, FunctionValue):
                return call(machine, BoundMethod(method, callee), arguments, node, frame)
            heard = machine.listener.unknown_call(machine, known_hole(machine, callee, node, frame), arguments, node, frame)
            return heard if heard is not None else unmodelled(machine, arguments, node, frame)
        case External(name):
            from auditor.interp.library import dispatch

            return dispatch.call(machine, name, arguments, node, frame)
        case ExternalObject():
            heard = machine.listener.call(machine, callee, arguments, node, frame)
            if heard is not None:
                return heard
            from auditor.interp.library import objects

            return objects.call(machine, callee, arguments, node, frame)
        case Hole():
            heard = machine.listener.unknown_call(machine, callee, arguments, node, frame)
            if heard is not None:
                return heard
            wrapped = _wrapped(callee, arguments)
            return wrapped if wrapped is not None else _hole_call(machine, callee, arguments, node, frame)
        case Super() | ModuleValue() | Text() | Const() | TupleValue() | ListRef() | SetRef() | DictRef():
            return unmodelled(machine, arguments, node, frame)


def known_hole(machine: Machine, value: Instance, node: ast.AST, frame: Frame) -> Hole:
    return machine.hole(node, frame, Lifetime.UNKNOWN, identity=("instance", value.address), reason=Reason.UNMODELLED_CALL)


def argument_holes(arguments: Arguments) -> list[Hole]:
    return [hole for item in arguments.all() for hole in holes_of(item)]


def listed_holes(machine: Machine, arguments: Arguments) -> list[Hole]:
    """Those of the arguments and of the items of lists among them: what is asked of several texts at once (`input=[text]`)."""
    lists = (item for item in arguments.all() if isinstance(item, ListRef | SetRef))
    return argument_holes(arguments) + [hole for one in lists for item in machine.items(one).items for hole in holes_of(item)]


def unmodelled(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame, identity: object = None) -> Hole:
    """The result of a function that nothing is known of: as short-lived as what went in, else unknown."""
    made = machine.derived(argument_holes(arguments), node, frame, identity=identity, reason=Reason.UNMODELLED_CALL)
    if made.lifetime >= Lifetime.DAY or made.reason is not None:
        return made
    # That what goes in stays the same says nothing about what else the function looks at.
    return machine.unknown(Reason.UNMODELLED_CALL, node, frame)


def _wrapped(callee: Hole, arguments: Arguments) -> FunctionValue | BoundMethod | None:
    """`retry(stop=...)(send)`: what a library's function made and a function of the project is handed to, and nothing else.

    As behind an `@`, it is taken to give the function back with its behaviour.
    """
    made = callee.reason is Reason.UNMODELLED_CALL and not (
        isinstance(callee.identity, tuple) and callee.identity[:1] == ("attr",)
    )
    if not made or len(arguments.positional) != 1 or arguments.keywords or arguments.unknown_keywords:
        return None
    function = known.plain(arguments.positional[0])
    return function if isinstance(function, FunctionValue | BoundMethod) else None


READING = frozenset({"items", "keys", "values", "copy"})
"""Methods of mappings that give all that is in them, and change nothing."""

COMPUTED = (textmethods.PURE | {"decode", "isoformat"}) - {"find", "index", "count"}
"""Methods whose answer only the value and the arguments decide: those of texts that no collection or store has as well."""

DATA = frozenset({"element", "index", "item"})
"""Parts of something, by what their identity was made of."""


def _reads_data(callee: Hole, name: str, arguments: Arguments) -> bool:
    """Whether data is asked for what it holds, or computed with: asked twice, it answers alike, whatever that is."""
    if name in READING:
        return arguments == Arguments()
    if name in COMPUTED:
        return not arguments.unknown_keywords
    owner = callee.identity[1] if isinstance(callee.identity, tuple) else None
    of_data = isinstance(owner, tuple) and owner[:1] and owner[0] in DATA
    return name == "get" and bool(of_data) and all(isinstance(item, Text | Const) for item in arguments.all())


def _hole_call(machine: Machine, callee: Hole, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    from auditor.interp import unveiled
    from auditor.interp.library import ambient, channels, clock, regular, schedules, stores, wrappers

    special = clock.method(machine, callee, arguments, node, frame)
    name = _method_name(callee)
    if special is None:
        special = regular.method_of_hole(machine, callee, arguments, node, frame)
    if special is None and name:
        special = wrappers.executor_method(machine, name, arguments, node, frame)
        if special is None and schedules.telling(name):
            special = schedules.register(machine, name, arguments, node, frame)
    if special is None and name:
        special = unveiled.add(machine, callee, name, arguments, node, frame)
    if special is not None:
        return special
    holes = [callee, *argument_holes(arguments)]
    key = known.text_of(arguments.get(0, "key")) if name == "get" else None
    # What a user, a session or the environment is asked for twice, it answers alike; and so does data, by a key.
    lasting = callee.reason is None and (Lifetime.UNKNOWN < callee.lifetime <= Lifetime.SESSION or key is not None)
    lasting = lasting or _reads_data(callee, name, arguments)
    asked = [_by_content(machine, item) for item in arguments.positional] if lasting else []
    identity = ("method", callee.identity, tuple(asked), arguments.keywords) if lasting else None
    fixed = callee.reason is None and callee.lifetime is Lifetime.CONSTANT and len(holes) == 1
    reason = None if fixed else callee.reason or Reason.UNMODELLED_CALL
    given = frozenset(keyword for keyword, _ in arguments.keywords)
    unsealed = not arguments.positional and credentials.load().gives(name, given)
    owner = callee.type.rpartition(".")[0] if callee.type is not None and name in textmethods.SAME else None
    kept = within(callee.type, name) or (owner if answers.is_text(owner) else None)
    made = machine.derived(holes, node, frame, identity=identity, reason=reason, type=CREDENTIAL if unsealed else kept)
    window = stores.window(callee, name, arguments, node) or channels.newest(machine, callee.type, name, arguments)
    if window is not None:
        made = replace(made, type=trimming.TRIMMED, place=_named(machine, node, name, frame), kept=window.count)
    if key is not None:
        made = ambient.part(machine, callee, key, made)
    written = callee.content and textmethods.method(machine, callee.content, name, arguments, node, frame)
    return _of_setting(machine, callee, made, written)


def _of_setting(machine: Machine, callee: Hole, made: Hole, written: Value | None) -> Value:
    """What a method makes of a text that the environment may replace, by what it makes of the text that the program spells."""
    match written:
        case Text() if callee.cause is Cause.ENVIRONMENT and _method_name(callee) in FILLING and any(written.holes()):
            return written  # a template: what it is filled with is what matters
        case Text() if made.content is None:
            return replace(made, content=written)
        case ListRef() | TupleValue() if callee.cause is Cause.ENVIRONMENT:
            parts = machine.items(written).items
            if parts and all(isinstance(part, Text) for part in parts):
                return machine.new_list(
                    replace(made, identity=("part", made.identity, index), content=part)  # type: ignore[arg-type]
                    for index, part in enumerate(parts)
                )
            return made
        case _:
            return made


def _method_name(callee: Hole) -> str:
    """The name that a method of an unknown object is called by; empty for what is no method."""
    return str(callee.identity[2]) if isinstance(callee.identity, tuple) and callee.identity[:1] == ("attr",) else ""


FILLING = frozenset({"format", "format_map", "replace"})
"""Methods that put something into a text."""


def _by_content(machine: Machine, item: Item) -> object:
    """An argument by what is in it: `found.get("parts", {})` asks the same each time, though the mapping is a new one."""
    match item:
        case DictRef():
            return ("mapping", machine.entries(item).entries)
        case ListRef():
            return ("list", machine.items(item).items)
        case _:
            return item


def _named(machine: Machine, node: ast.AST, name: str, frame: Frame) -> Place | None:
    """Where the method stands in a chain of calls that begins lines above."""
    place = machine.place(node.func if isinstance(node, ast.Call) else node, frame)
    return place and replace(place, line=place.end_line, column=max(1, place.end_column - len(name)))


def _builtin_method(machine: Machine, receiver: Value, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    match receiver:
        case Text():
            return textmethods.method(machine, receiver, name, arguments, node, frame)
        case SetRef():
            return sets.method(machine, receiver, name, arguments, node, frame)
        case ListRef() | TupleValue():
            return containers.list_method(machine, receiver, name, arguments, node, frame)
        case DictRef():
            return mappings.dict_method(machine, receiver, name, arguments, node, frame)
        case Const(bytes() as raw) if name == "decode":
            try:
                return Text.of(raw.decode(*(known.text_of(item) or "utf-8" for item in arguments.positional)))
            except (UnicodeDecodeError, LookupError):
                return unmodelled(machine, arguments, node, frame)
        case _:
            return unmodelled(machine, arguments, node, frame)
