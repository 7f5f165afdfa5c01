"""Code that means to mark something for the cache: what of it ran, what of it stands in functions that ran, and which tests kept
it from running.

Knows the names of markers. Does not know requests: whether one carries what was marked shows when it is heard.
"""

from __future__ import annotations

import ast
import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.values.domain import DictRef, ListRef, SetRef, Text, TupleValue, Value
from auditor.values.join import holes_of

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine, Test
    from auditor.places import Place

MARKERS = frozenset({"cache_control", "cachePoint", "prompt_cache_breakpoint"})
INSTRUCTING = frozenset({"system", "developer"})  # roles of messages
MEASURED = "measured"  # among what is compared: a length or a type was asked for


@dataclass(frozen=True, slots=True)
class Tested:
    """A test that decides whether something is marked, as it came out, and what was compared."""

    at: Place | None
    place: Place  # of the marker
    passed: bool  # the marker's side was taken, or may be
    operands: tuple[object, ...]
    measures: bool  # a length or a type takes part: the value itself is looked at, no setting
    known: bool  # it compares, and nothing that nobody knows: no budget that somebody else keeps
    early: bool = False  # made while its module was loaded, once for all that the program sends

    @property
    def instructing(self) -> bool:
        """Whether the value itself was found to be the role of instructions."""
        pairs = (pair for pair in self.operands if isinstance(pair, tuple) and len(pair) == 2)
        return any(isinstance(one, Text) and one.known in INSTRUCTING and one == other for one, other in pairs)

    @property
    def texts(self) -> frozenset[str]:
        pairs = (pair for pair in self.operands if isinstance(pair, tuple))
        return frozenset(one.known for pair in pairs for one in pair if isinstance(one, Text) and one.known)


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker that was written: where, and where its value comes from."""

    place: Place
    value: Place | None
    name: str = ""
    instructing: bool = False
    """Written only where a message is found to be the system's or the developer's."""


def is_marker(key: Value) -> bool:
    return isinstance(key, Text) and key.known in MARKERS


def written(machine: Machine, key: Value, value: Value, node: ast.AST, frame: Frame) -> None:
    """Notes that an entry of a mapping is written, if it is a marker."""
    if not is_marker(key) or (place := machine.place(node, frame)) is None:
        return
    value_place = machine.born.get(value.address) if isinstance(value, DictRef) else None
    mark = Mark(place, value_place, known.text_of(key) or "", _for_instructions(machine, place))
    if not machine.loading:
        machine.marks.append(mark)
        return
    # What a function marks while modules are loaded is meant for what the files on the way to it send.
    for path in {activation.path for activation in machine.stack}:
        machine.loaded.setdefault(machine.project.display(path), {})[mark] = None


def _for_instructions(machine: Machine, place: Place) -> bool:
    """Whether this way is taken only for what says of itself that it is an instruction: no turn of a conversation is."""
    tested = (pair for others in machine.equalities.values() for pair in others.items())
    if any(machine.assumptions.get(identity) is True and known.text_of(word) in INSTRUCTING for word, identity in tested):
        return True
    last = {one.at: one for one in machine.tested if one.place == place}
    return any(one.instructing for one in last.values())


def veiled(machine: Machine, key: Value, node: ast.AST, frame: Frame) -> None:
    """Notes a marker that is written into something of which nothing is known: what is sent may carry it."""
    if is_marker(key) and not machine.loading and (place := machine.place(node, frame)) is not None:
        machine.veiled.append(place)


def unseen(machine: Machine) -> tuple[Place, ...]:
    """Where markers were written since the last request that cannot be seen in it."""
    found = tuple(dict.fromkeys(machine.veiled))
    machine.veiled.clear()
    return found


def taken(machine: Machine) -> tuple[Mark, ...]:
    """What was marked since the last request."""
    marks = tuple(machine.marks)
    machine.marks.clear()
    return marks


def loaded(machine: Machine, path: str) -> tuple[Mark, ...]:
    """What functions marked for a file while modules were loaded."""
    return tuple(machine.loaded.get(path, ()))


def tests(machine: Machine, path: str) -> tuple[Tested, ...]:
    """What was tested since the last request, and when the file that sends this one was loaded."""
    found = (*machine.tested, *machine.early.get(path, ()))
    machine.tested.clear()
    return found


def truth(machine: Machine, node: ast.If | ast.IfExp, frame: Frame) -> Test:
    """How the node's test comes out, noted where it decides about a marker."""
    sides = _sides(machine, node, frame)
    if not any(sides):
        return machine.truth(machine.evaluate(node.test, frame))
    around, machine.operands = machine.operands, []
    try:
        decided = machine.truth(machine.evaluate(node.test, frame))
        operands = tuple(one for one in machine.operands if one is not MEASURED)
        measures = MEASURED in machine.operands
    finally:
        machine.operands = around
    for side, parts in zip((True, False), sides, strict=True):
        for part in parts:
            place = machine.place(part, frame)
            if place is not None:
                passed, early = decided is side or not isinstance(decided, bool), bool(machine.loading)
                kept = machine.early.setdefault(place.path, []) if early else machine.tested
                at = machine.place(node.test, frame)
                kept.append(Tested(at, place, passed, operands, measures, _known(operands), early))
    return decided


def _known(operands: Sequence[object]) -> bool:
    """Whether values were compared, each of them one of which something is known."""
    values = [value for pair in operands for value in (pair if isinstance(pair, tuple) else (pair,))]
    return bool(values) and not any(hole.reason for value in values for hole in holes_of(value))


def compared(machine: Machine, *values: Value) -> None:
    """Notes what is compared, if that decides about a marker; of a collection, its content."""
    if machine.operands is not None:
        machine.operands.append(
            tuple(machine.items(one).items if isinstance(one, ListRef | SetRef | TupleValue) else one for one in values)
        )


def measured(machine: Machine) -> None:
    """Notes that a value's length or type is asked for, if that decides about a marker."""
    if machine.operands is not None:
        machine.operands.append(MEASURED)


def _sides(machine: Machine, node: ast.If | ast.IfExp, frame: Frame) -> tuple[Sequence[ast.AST], Sequence[ast.AST]]:
    """The first markers on either side of a test, by where they stand in the file: a chain of tests is as deep as it is long."""
    then, otherwise = (node.body, node.orelse) if isinstance(node, ast.If) else ([node.body], [node.orelse])
    key = ("markers", frame.module.path)
    found = machine.cache.get(key)
    if found is None:
        parts = [part for part in ast.walk(frame.module.tree) if _marks(part)]
        found = machine.cache[key] = sorted(parts, key=_start)
    return _between(machine, found, then), _between(machine, found, otherwise)  # type: ignore[arg-type]


def _between(machine: Machine, markers: Sequence[ast.AST], side: Sequence[ast.AST]) -> Sequence[ast.AST]:
    if not side or not markers:
        return ()
    first = bisect.bisect_left(markers, _start(side[0]), key=_start)
    return markers[first : min(bisect.bisect_right(markers, _end(side[-1]), key=_start), first + machine.limits.decided_markers)]


def _start(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _end(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)


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
