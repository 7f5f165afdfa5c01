"""Which kind of thing a value is: `isinstance`, and what it says of the name that is asked about."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import known, marking, narrowing
from auditor.knowledge import answers
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
    ListRef,
    Method,
    Partial,
    SetRef,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, holes_of
from auditor.values.lifetime import Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def is_instance(machine: Machine, value: Value, cls: Value) -> bool | None:
    """`isinstance(value, cls)`; None where that is not known."""
    from auditor.interp import classes

    value, cls = decide(value, machine.assumptions), decide(cls, machine.assumptions)
    if isinstance(cls, TupleValue):
        found = [is_instance(machine, value, item) for item in cls.items if known.plain(item) is not None]  # type: ignore[arg-type]
        return True if True in found else None if None in found else False
    if isinstance(value, Hole) and value.type is not None and value.type in DECLARED:
        return _of_declared(value.type, cls)
    if isinstance(value, Hole) and (allowed := answers.kinds_of(value.type)):
        return _of_kinds(allowed, cls)
    if isinstance(value, Hole | Choice):
        return None
    if isinstance(value, ExternalObject) and isinstance(cls, External):
        return _of_library(machine, value, cls.name)
    match cls:
        case External(name):
            kinds = BUILTIN_KINDS.get(name.rsplit(".", 1)[-1])
            if kinds is None:
                return False if isinstance(value, Text | Const | ListRef | DictRef | TupleValue) else None
            if isinstance(value, Const):
                return value.kind in kinds[1] or (value.kind == "bool" and "int" in kinds[1])
            return isinstance(value, kinds[0])
        case ClassValue():
            if isinstance(value, Instance):
                return cls in classes.mro(machine, value.cls)
            return False
        case _:
            return None


def _of_library(machine: Machine, value: ExternalObject, cls: str) -> bool | None:
    """Whether an object that a library's class made is of a class. Those of one library may be below each other."""
    if value.path or value.cls == cls:
        return None if value.path else True
    if value.arguments is None or value.cls.startswith(("builtins.", "collections.")):
        return None
    plain = cls in ATOMS or (cls == "builtins.dict" and machine.listener.is_data(value.cls))
    return False if plain else None


ATOMS = frozenset({"builtins.str", "builtins.bytes", "builtins.int", "builtins.float", "builtins.bool", "builtins.list"})
"""Types that libraries seldom derive their own classes from; mappings they do."""

DECLARED = frozenset({"builtins.str", "builtins.bytes", "builtins.dict", "builtins.list"})
"""Types of a value of which nothing else is known that say what it is."""


def _of_declared(declared: str, cls: Value) -> bool | None:
    """Whether a value that is declared to be of such a type is of a class; other builtins than the plain ones are left open."""
    match cls:
        case External(name) if f"builtins.{name.rsplit('.', 1)[-1]}" in DECLARED:
            return name.rsplit(".", 1)[-1] == declared.removeprefix("builtins.")
        case ClassValue():
            return False
        case _:
            return None


def _of_kinds(kinds: frozenset[str], cls: Value) -> bool | None:
    """Whether a part of a model's answer is of a class, where the APIs say what it can be."""
    name = cls.name.rsplit(".", 1)[-1] if isinstance(cls, External) else None
    if name is None or name not in {"str", "list", "dict", "int", "bytes"}:
        return None
    return False if name not in kinds else True if len(kinds) == 1 else None


BUILTIN_KINDS: dict[str, tuple[tuple[type, ...], frozenset[str]]] = {
    "str": ((Text,), frozenset()),
    "list": ((ListRef,), frozenset()),
    "dict": ((DictRef,), frozenset()),
    "Mapping": ((DictRef,), frozenset()),
    "Sequence": ((ListRef, TupleValue, Text), frozenset()),
    "Iterable": ((ListRef, TupleValue, Text, DictRef, SetRef), frozenset()),
    "tuple": ((TupleValue,), frozenset()),
    "set": ((SetRef,), frozenset()),
    "frozenset": ((SetRef,), frozenset()),
    "int": ((), frozenset({"int"})),
    "float": ((), frozenset({"float"})),
    "bool": ((), frozenset({"bool"})),
    "bytes": ((), frozenset({"bytes"})),
    "BaseModel": ((Instance,), frozenset()),
    "Callable": ((FunctionValue, BoundMethod, Partial, Method), frozenset()),
    "object": ((object,), frozenset()),
}


def asked(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`isinstance(value, cls)`, of each of several values by itself."""
    value, cls = arguments.get(0), arguments.get(1, "class")
    if value is None or cls is None:
        return None
    marking.measured(machine)
    return machine.each_plain(value, lambda side: _of_class(machine, side, cls, node, frame), node, frame)


def _of_class(machine: Machine, value: Value, cls: Value, node: ast.AST, frame: Frame) -> Value:
    answer = is_instance(machine, value, cls)
    if answer is not None:
        return const(answer)
    name = cls.name if isinstance(cls, External | ClassValue) else "?"
    holes = holes_of(value)
    identity: object = ("isinstance", value, name) if is_hashable(value) else None
    test = machine.derived(holes, node, frame, identity=identity, reason=None if holes else Reason.UNSUPPORTED)
    decided = machine.truth(test)
    if isinstance(decided, bool):
        return const(decided)
    narrowing.of_class(machine, value, cls, test, node, frame)
    return test


def is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
