"""Special methods: what `len(x)`, `x == y`, `y in x` or `f"{x}"` ask of an object of the project's own classes.

Knows which question goes to which method, and how objects compare that define none. Does not know builtin values.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import attributes, classes, enums, known
from auditor.limits import KNOWN_DEPTH
from auditor.values.domain import (
    FALSE,
    TRUE,
    Arguments,
    ClassValue,
    Const,
    External,
    FunctionValue,
    Instance,
    Text,
    TupleValue,
    Value,
    const,
)

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def ask(
    machine: Machine, instance: Instance, name: str, given: tuple[Value, ...], node: ast.AST | None, frame: Frame | None
) -> Value | None:
    """What a special method answers; None where neither the class nor one of its project bases defines it."""
    method = attributes.class_member(machine, instance.cls, name)
    if not isinstance(method, FunctionValue):
        return None
    return machine.invoke(method, Arguments((instance, *given)), node, frame)


def length(machine: Machine, instance: Instance, node: ast.AST | None, frame: Frame | None) -> Value | None:
    fields = row(machine, instance)
    return const(len(fields.items)) if fields is not None else ask(machine, instance, "__len__", (), node, frame)


def row(machine: Machine, value: Value) -> TupleValue | None:
    """The fields of a named tuple."""
    if not isinstance(value, Instance) or "NamedTuple" not in classes.base_names(machine, value.cls):
        return None
    cells = [machine.store.get(value.address, name) for name in classes.data_fields(machine, value.cls)]
    return TupleValue(tuple(cell for cell in cells if cell is not None))  # type: ignore[misc]


REFLECTED = {"__eq__": "__eq__", "__lt__": "__gt__", "__le__": "__ge__", "__gt__": "__lt__", "__ge__": "__le__"}


def compared(machine: Machine, name: str, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value | None:
    """A comparison by the method `name` of one side or, reflected, of the other; None where neither side has one."""
    left, right = row(machine, left) or left, row(machine, right) or right
    if isinstance(left, Instance):
        answer = ask(machine, left, name, (right,), node, frame)
        if answer is not None:
            return answer
    if isinstance(right, Instance):
        answer = ask(machine, right, REFLECTED[name], (left,), node, frame)
        if answer is not None:
            return answer
    return _equal(machine, left, right, node, frame) if name == "__eq__" else None


def _equal(machine: Machine, left: Value, right: Value, node: ast.AST, frame: Frame, depth: int = 0) -> Value | None:
    """Equality of what defines no `__eq__` of its own; None where that is not known."""
    match left, right:
        case Instance(), Instance():
            if left.address == right.address:
                return TRUE
            if classes.is_data(machine, left.cls) and left.cls == right.cls and depth < KNOWN_DEPTH:
                return _same_fields(machine, left, right, node, frame, depth)
            return FALSE if _by_identity(machine, left.cls) else None
        case (Instance(cls=cls), Const() | Text() | TupleValue()) | (Const() | Text() | TupleValue(), Instance(cls=cls)):
            return FALSE if _by_identity(machine, cls) else None
        case External(one), External(other) if one.startswith("builtins.") and other.startswith("builtins."):
            return const(one == other)
        case _:
            found_left, a = known.python(machine, left)
            found_right, b = known.python(machine, right)
            return const(a == b) if found_left and found_right else None


def _by_identity(machine: Machine, cls: ClassValue) -> bool:
    """Whether objects of a class that defines no comparison are equal to themselves alone."""
    base = classes.external_base(machine, cls)
    return base is None or base.rsplit(".", 1)[-1] in enums.BASES


def _same_fields(machine: Machine, left: Instance, right: Instance, node: ast.AST, frame: Frame, depth: int) -> Value | None:
    answers = [
        _equal(
            machine,
            machine.attribute(left, name, node, frame),
            machine.attribute(right, name, node, frame),
            node,
            frame,
            depth + 1,
        )
        for name in classes.data_fields(machine, left.cls)
    ]
    return FALSE if FALSE in answers else None if None in answers else TRUE
