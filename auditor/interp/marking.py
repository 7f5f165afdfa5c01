"""Code that means to mark something for the cache: what of it ran, and what of it stands in functions that ran.

Knows the names of markers. Does not know requests: whether one carries what was marked shows when it is heard.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.values.domain import DictRef, Text, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.places import Place

MARKERS = frozenset({"cache_control", "cachePoint", "prompt_cache_breakpoint"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker that was written: where, and where its value comes from."""

    place: Place
    value: Place | None


def is_marker(key: Value) -> bool:
    return isinstance(key, Text) and key.known in MARKERS


def written(machine: Machine, key: Value, value: Value, node: ast.AST, frame: Frame) -> None:
    """Notes that an entry of a mapping is written, if it is a marker."""
    if machine.loading or not is_marker(key):
        return
    place = machine.place(node, frame)
    if place is not None:
        machine.marks.append(Mark(place, machine.born.get(value.address) if isinstance(value, DictRef) else None))


def taken(machine: Machine) -> tuple[Mark, ...]:
    """What was marked since the last request."""
    marks = tuple(machine.marks)
    machine.marks.clear()
    return marks


def meant(machine: Machine) -> tuple[Place, ...]:
    """Where functions that ran in this entry would mark something."""
    found: dict[Place, None] = {}
    for node, frame in machine.visited.values():
        key = ("marks", id(node))
        if key not in machine.cache:
            places = (machine.place(part, frame) for part in ast.walk(node) if _marks(part))
            machine.cache[key] = tuple(place for place in places if place is not None)
        found.update(dict.fromkeys(machine.cache[key]))  # type: ignore[call-overload]
    return tuple(found)


def _marks(node: ast.AST) -> bool:
    match node:
        case ast.Dict(keys=keys):
            return any(isinstance(key, ast.Constant) and key.value in MARKERS for key in keys)
        case ast.Subscript(slice=ast.Constant(value=name), ctx=ast.Store()):
            return name in MARKERS
        case _:
            return False
