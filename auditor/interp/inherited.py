"""What objects of the program inherit from a library's class that sends requests: `class Chat(ChatAnthropic)`.

Such an object holds a library's object, made with what the library's constructor gets; what the program does not define itself is
looked up there. Other libraries' classes are left to the modules that know them.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import classes
from auditor.values.domain import NONE, Arguments, External, Instance, Partial, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

PART = "_library's part of"
MAKES = "auditor.library_part"
"""The library's constructor, called as `super().__init__(...)`."""


def make(machine: Machine, instance: Instance, arguments: Arguments, node: ast.AST, frame: Frame) -> None:
    """The library's constructor is run for an object of the program."""
    from auditor.interp.library import dispatch

    base = classes.external_base(machine, instance.cls)
    if base is not None and machine.listener.sends(base):
        machine.store.set(instance.address, PART, dispatch.call(machine, base, arguments, node, frame))


def construct(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`super().__init__(...)`, the object first."""
    instance, *rest = arguments.positional
    if isinstance(instance, Instance):
        make(machine, instance, Arguments(tuple(rest), arguments.keywords, arguments.unknown_keywords), node, frame)
    return NONE


def attribute(machine: Machine, instance: Instance, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    """What the library's class gives the object; None where it is none that sends."""
    part = machine.store.get(instance.address, PART)
    return machine.attribute(part, name, node, frame) if part is not None else None  # type: ignore[arg-type]


def of_super(machine: Machine, receiver: Value, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    """`super().name` where no class of the program has it."""
    if not isinstance(receiver, Instance):
        return None
    if name == "__init__":
        return Partial(External(MAKES), Arguments((receiver,)))
    return attribute(machine, receiver, name, node, frame)
