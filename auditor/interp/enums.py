"""Enumerations: their members as objects with a name and a value.

A member of a plain `Enum` is an instance of its class. A member of an enumeration that is also a `str` is text with a name; one
that is also a number is the number.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.limits import BASES_DEPTH
from auditor.values.domain import (
    Arguments,
    BoundMethod,
    ClassValue,
    Const,
    Entry,
    External,
    FunctionValue,
    Instance,
    Item,
    Member,
    Method,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.lifetime import Reason
from auditor.values.text import Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

BASES = frozenset({"Enum", "StrEnum", "IntEnum", "Flag", "IntFlag"})
NUMBERS = frozenset({"int", "float", "IntEnum", "IntFlag", "Flag"})


def is_enum(machine: Machine, cls: ClassValue) -> bool:
    return bool(_bases(machine, cls) & BASES)


def _bases(machine: Machine, cls: ClassValue) -> set[str]:
    from auditor.interp import classes

    return classes.base_names(machine, cls)


def define(machine: Machine, cls: ClassValue, node: ast.ClassDef, frame: Frame) -> None:
    """Makes members of what the class body assigned."""
    names = _bases(machine, cls)
    made: list[tuple[Value, Value]] = []
    for name in machine.store.keys(cls.address):
        value = machine.store.get(cls.address, name)
        if name.startswith("_") or value is None or isinstance(value, FunctionValue | BoundMethod | ClassValue | Method):
            continue
        if "." in name:  # a setter
            continue
        raw = _automatic(machine, cls, name, [one for one, _ in made], names) if _is_auto(value) else value
        member = next((one for before, one in made if before == raw), None)
        if member is None:
            member = _member(machine, cls, name, raw, names, node, frame)  # type: ignore[arg-type]
            made.append((raw, member))  # type: ignore[arg-type]
        machine.store.set(cls.address, name, member)


def _is_auto(value: object) -> bool:
    return getattr(value, "type", None) == "enum.auto"


def _automatic(machine: Machine, cls: ClassValue, name: str, before: list[Value], names: set[str]) -> Value:
    """`auto()`: the name in lower case for texts, the next number else."""
    if "StrEnum" in names:
        return Text.of(name.lower())
    numbers = [known.int_of(one) or 0 for one in before]
    if names & {"Flag", "IntFlag"}:
        return const(max(numbers, default=0) * 2 or 1)
    return const(max(numbers, default=0) + 1)


def _member(machine: Machine, cls: ClassValue, name: str, raw: Value, names: set[str], node: ast.AST, frame: Frame) -> Value:
    from auditor.interp import attributes

    if names & {"str", "StrEnum"} and isinstance(raw, Text):
        return Member(raw.pieces, cls, name)
    if names & NUMBERS:
        return raw
    instance = Instance(machine.store.allocate(), cls)
    for key, value in (("name", Text.of(name)), ("_name_", Text.of(name)), ("value", raw), ("_value_", raw)):
        machine.store.set(instance.address, key, value)
    init = attributes.class_member(machine, cls, "__init__")
    if isinstance(init, FunctionValue):
        given: tuple[Item, ...] = raw.items if isinstance(raw, TupleValue) else (raw,)
        machine.call(attributes.bind(machine, init, instance), Arguments(given), node, frame)
    return instance


def members(machine: Machine, cls: ClassValue) -> list[tuple[str, Value]]:
    """Names and members in the order of their definition, aliases left out."""
    out: list[tuple[str, Value]] = []
    for name in machine.store.keys(cls.address):
        value = machine.store.get(cls.address, name)
        if name.startswith("_") or "." in name or isinstance(value, FunctionValue | ClassValue) or value is None:
            continue
        if not any(value == one for _, one in out):
            out.append((name, value))  # type: ignore[arg-type]
    return out


def by_value(machine: Machine, cls: ClassValue, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`Mode("fast")`: the member with that value; of a value that is not known, what it is."""
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    if first is None:
        return machine.unknown(Reason.UNSUPPORTED, node, frame)

    def one(value: Value) -> Value:
        for _, member in members(machine, cls):
            if known.same_key(value_of(machine, member), value) or member == value:
                return member
        return value

    return machine.each(first, one, node, frame)


def value_of(machine: Machine, member: Value) -> Value:
    """The value of a member."""
    if isinstance(member, Instance):
        found = machine.store.get(member.address, "value")
        return found if found is not None else member  # type: ignore[return-value]
    return Text(member.pieces) if isinstance(member, Member) else member


def of_class(machine: Machine, cls: ClassValue, name: str) -> Value | None:
    """An attribute that every enumeration has: `__members__`, `_member_names_`."""
    match name:
        case "__members__" | "_member_map_":
            return machine.new_dict([Entry(Text.of(key), member) for key, member in members(machine, cls)])
        case "_member_names_":
            return machine.new_list([Text.of(key) for key, _ in members(machine, cls)])
        case _:
            return None


def of_member(machine: Machine, member: Member, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    """An attribute that a member has beyond those of its text."""
    from auditor.interp import attributes

    match name:
        case "name" | "_name_":
            return Text.of(member.name)
        case "value" | "_value_":
            return Text(member.pieces)
        case _:
            found = attributes.class_member(machine, member.cls, name) if member.cls is not None else None
            return attributes.bind(machine, found, member, node, frame) if found is not None else None


def shown(machine: Machine, member: Member, node: ast.AST | None, frame: Frame) -> Text:
    """`str(member)`: the class and the name, unless the class says otherwise."""
    from auditor.interp import attributes

    cls = member.cls
    if cls is None or "StrEnum" in _bases(machine, cls):
        return Text(member.pieces)
    method = attributes.class_member(machine, cls, "__str__")
    if isinstance(method, FunctionValue):
        result = machine.call(BoundMethod(method, member), Arguments(), node or ast.Pass(), frame)
        return Text(result.pieces) if isinstance(result, Text) else machine.to_text(result, node, frame)
    if isinstance(method, External):  # `__str__ = str.__str__`
        return Text(member.pieces)
    return Text.of(Literal(f"{cls.name}.{member.name}", machine.place(node, frame)))


def certainly_differ(a: Value, b: Value) -> bool:
    """Whether two values are unequal because one is a member of a plain enumeration, which equals nothing but itself."""
    if not (_is_member(a) or _is_member(b)) or a == b:
        return False
    return all(_is_member(one) or isinstance(one, Text | Const) for one in (a, b))


def _is_member(value: Value) -> bool:
    return isinstance(value, Instance) and _derives(value.cls, 0)


def _derives(cls: ClassValue, depth: int) -> bool:
    return depth < BASES_DEPTH and any(
        (isinstance(base, External) and base.name.rsplit(".", 1)[-1] in BASES)
        or (isinstance(base, ClassValue) and _derives(base, depth + 1))
        for base in cls.bases
    )
