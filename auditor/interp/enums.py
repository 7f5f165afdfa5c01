"""Enumerations. A member is an object with a name and a value; where members are text or numbers, it is that text or number.

Knows what a class statement makes of an enumeration, and how its members are found by value. Does not know flags combined.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.values.domain import ClassValue, ExternalObject, FunctionValue, Instance, Text, Value, const
from auditor.values.join import holes_of
from auditor.values.lifetime import Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

NAMES = frozenset({"Enum", "StrEnum", "IntEnum", "Flag", "IntFlag"})
BASES = tuple(f"enum.{name}" for name in sorted(NAMES))
MIXED = frozenset({"StrEnum", "IntEnum", "IntFlag", "str", "int", "float"})


def is_enum(machine: Machine, cls: ClassValue) -> bool:
    from auditor.interp import classes

    return bool(classes.base_names(machine, cls) & NAMES)


def define(machine: Machine, cls: ClassValue) -> None:
    """Turns the names that a class body bound into members."""
    from auditor.interp import classes

    names = classes.base_names(machine, cls)
    last = 0
    for name in _names(machine, cls):
        value: Value = machine.store.get(cls.address, name)  # type: ignore[assignment]
        if isinstance(value, ExternalObject) and value.cls == "enum.auto":
            value = Text.of(name.lower()) if "StrEnum" in names else const(last + 1)
        last = number if (number := known.int_of(value)) is not None else last
        if names & MIXED:
            machine.store.set(cls.address, name, value)
            continue
        member = Instance(machine.store.allocate(), cls)
        for key, content in (("name", Text.of(name)), ("value", value), ("_name_", Text.of(name)), ("_value_", value)):
            machine.store.set(member.address, key, content)
        machine.store.set(cls.address, name, member)


def _names(machine: Machine, cls: ClassValue) -> list[str]:
    return [
        name
        for name in machine.store.keys(cls.address)
        if not name.startswith("_") and not isinstance(machine.store.get(cls.address, name), FunctionValue | ClassValue)
    ]


def members(machine: Machine, cls: ClassValue) -> list[tuple[str, Value]]:
    """Members by name, in order."""
    return [(name, machine.store.get(cls.address, name)) for name in _names(machine, cls)]  # type: ignore[misc]


def value_of(machine: Machine, member: Value) -> Value | None:
    """The value of a member that is an object; None for anything else."""
    if isinstance(member, Instance) and is_enum(machine, member.cls):
        return machine.store.get(member.address, "value")  # type: ignore[return-value]
    return None


def member(machine: Machine, cls: ClassValue, given: Value | None, node: ast.AST, frame: Frame) -> Value:
    """`Color("red")`: the member with that value."""
    if given is None:
        return machine.unknown(Reason.UNSUPPORTED, node, frame)
    if isinstance(given, Instance) and given.cls == cls:
        return given
    for _, one in members(machine, cls):
        value = value_of(machine, one)
        if value is None:  # its members are what they stand for
            return given
        if known.same_key(value, given):
            return one
    return machine.derived(holes_of(given), node, frame, identity=("member", cls.address, given), reason=Reason.MISSING)


def text(machine: Machine, member: Instance) -> Text | None:
    """`str(Color.RED)`."""
    name = known.text_of(machine.store.get(member.address, "name")) if is_enum(machine, member.cls) else None
    return Text.of(f"{member.cls.name}.{name}") if name is not None else None
