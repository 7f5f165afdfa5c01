"""Calls of library functions by dotted name: overlays first, then the knowledge tables, then what can be said of any function."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp.classes import FIELDS
from auditor.interp.library import (
    builtin,
    chance,
    clock,
    collection,
    commandline,
    configs,
    files,
    histories,
    importing,
    introspection,
    iteration,
    listings,
    numbering,
    ordering,
    pure,
    records,
    regular,
    schedules,
    schemas,
    serial,
    streams,
    templates,
    textual,
    waiting,
    widgets,
    wrappers,
)
from auditor.interp.library.jinja import overlays as jinja
from auditor.values.domain import Arguments, ExternalObject, Value
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]

OVERLAYS: dict[str, Overlay] = {
    **builtin.OVERLAYS,
    **chance.OVERLAYS,
    **clock.OVERLAYS,
    **collection.OVERLAYS,
    **commandline.OVERLAYS,
    **configs.OVERLAYS,
    **files.OVERLAYS,
    **histories.OVERLAYS,
    **importing.OVERLAYS,
    **introspection.OVERLAYS,
    **schemas.OVERLAYS,
    **listings.OVERLAYS,
    **iteration.OVERLAYS,
    **numbering.OVERLAYS,
    **ordering.OVERLAYS,
    **pure.OVERLAYS,
    **records.OVERLAYS,
    **regular.OVERLAYS,
    **serial.OVERLAYS,
    **streams.OVERLAYS,
    **textual.OVERLAYS,
    **widgets.OVERLAYS,
    **wrappers.OVERLAYS,
}


def call(machine: Machine, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """The value of calling the library function or class `name`."""
    from auditor.interp import calls

    overlay = OVERLAYS.get(name)
    if overlay is not None:
        value = overlay(machine, arguments, node, frame)
        if value is not None:
            return value
    for answer in (jinja.call, templates.call, waiting.call, schedules.call, pure.method_of_type):
        found = answer(machine, name, arguments, node, frame)
        if found is not None:
            return found
    made = ExternalObject(name, (), arguments, machine.serial(), machine.place(node, frame))
    if not name.startswith("builtins."):
        heard = machine.listener.call(machine, made, arguments, node, frame)
        if heard is not None:
            return heard
    if machine.library.is_pure(name):
        return machine.derived(
            calls.argument_holes(arguments), node, frame, identity=("pure", name, arguments) if _hashable(arguments) else None
        )
    fact = machine.library.fact(name)
    if fact is not None and fact.store:
        return made
    if fact is not None and not _constructs(name):
        stable = fact.lifetime not in (Lifetime.CALL, Lifetime.TURN, Lifetime.UNKNOWN)
        identity: object = ("library", name, arguments.positional, arguments.keywords) if stable else None
        if fact.cause is Cause.INPUT:
            machine.moment = machine.moment.paused()
        if fact.lifetime is Lifetime.UNKNOWN:
            return calls.unmodelled(machine, arguments, node, frame)
        return machine.hole(node, frame, fact.lifetime, fact.cause, identity=identity, type=fact.type, characters=fact.characters)
    if _constructs(name):
        return made
    identity = (
        ("call", name, arguments.positional, arguments.keywords, arguments.unknown_keywords) if _hashable(arguments) else None
    )
    # The same function of the same arguments: nothing says that it gives the same, nothing that it does not.
    return calls.unmodelled(machine, arguments, node, frame, identity)


def _hashable(arguments: Arguments) -> bool:
    try:
        hash((arguments.positional, arguments.keywords, arguments.unknown_keywords))
    except TypeError:
        return False
    return True


def _constructs(name: str) -> bool:
    """By the convention of the language a capitalised last part names a class."""
    last = name.rsplit(".", 1)[-1].lstrip("_")
    if name in FIELDS or name == "enum.auto":  # descriptions of a field: read when the class is instantiated
        return True
    return last[:1].isupper() and not last.isupper()
