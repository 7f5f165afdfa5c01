"""What a test of a value's class says of the value: `isinstance(model, ChatAnthropic)` of a model of which nothing is known.

On the side where it holds, and wherever that is still decided, the name stands for an object of that class.
Knows names of functions; does not know what other things may hold the same object.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.values.domain import Arguments, Choice, External, ExternalObject, Hole, Instance, SpreadEntries, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def of_class(machine: Machine, value: Value, cls: Value, test: Hole, node: ast.AST, frame: Frame) -> None:
    """Notes what a name or an attribute holds where `isinstance(it, cls)` holds, of classes whose objects send requests."""
    named = node.args[0] if isinstance(node, ast.Call) and node.args else None
    if named is None or not (isinstance(cls, External) and machine.listener.sends(cls.name)):
        return
    cell = _cell(machine, named, frame)
    if cell is None or machine.store.get(*cell) != value:
        return  # another scope's, whose other readers made no such test
    condition, _ = machine.condition_of(test)
    narrowed = _object(machine, value, cls, named, frame)
    if narrowed is not None:
        machine.store.set(*cell, Choice(condition, narrowed, value))


def _cell(machine: Machine, node: ast.expr, frame: Frame) -> tuple[int, str] | None:
    """Where a local name, or an attribute of an object that a local name stands for, is kept."""
    match node:
        case ast.Name(id=name):
            return frame.local, name
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            owner = machine.store.get(frame.local, name)
            return (owner.address, attribute) if isinstance(owner, Instance) else None
        case _:
            return None


def _object(machine: Machine, value: Value, cls: External, node: ast.expr, frame: Frame) -> ExternalObject | None:
    """The value as an object of the class; how it was configured stays as unknown as it was."""
    match value:
        case ExternalObject(path=()):
            return replace(value, cls=cls.name)
        case Hole(reason=reason) if reason is not None:
            expression = f"{machine.source(node)}'s configuration"
            identity = ("configuration", value.identity)
            hole = machine.derived([value], node, frame, identity=identity, expression=expression, reason=reason)
            given = Arguments((), (), (SpreadEntries(hole),))
            return ExternalObject(cls.name, (), given, machine.serial(), machine.place(node, frame))
        case _:
            return None
