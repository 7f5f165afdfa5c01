"""What a declared type says of a value of which nothing else is known: `def __init__(self, model: ChatBedrockConverse)`.

Where a program says that something is an object of a library's class that sends requests, an unknown value is one: a parameter,
a variable, an attribute, what a function gives back. How it was configured stays unknown. Does not know of other classes, and
changes nothing that is known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.interp import classes
from auditor.interp.library import introspection
from auditor.project.syntax import last_name
from auditor.values.domain import (
    Arguments,
    Choice,
    ClassValue,
    External,
    ExternalObject,
    FunctionValue,
    Hole,
    Instance,
    SpreadEntries,
    Value,
)
from auditor.values.lifetime import Lifetime, Reason
from auditor.values.text import Condition

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

OF_ONE = frozenset({"Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired"})


def passed(machine: Machine, function: FunctionValue, argument: ast.arg, value: Value, frame: Frame) -> Value:
    """What a parameter gets."""
    if argument.annotation is None or not _unknown(value):
        return value
    return typed(machine, value, argument.annotation, introspection.definition_frame(machine, function), argument, frame)


def returned(machine: Machine, function: FunctionValue, value: Value, frame: Frame) -> Value:
    """What a function gives back."""
    annotation = getattr(function.node, "returns", None)
    return (
        value
        if annotation is None or not _unknown(value)
        else typed(machine, value, annotation, introspection.definition_frame(machine, function), annotation, frame)
    )


def attribute(machine: Machine, instance: Instance, name: str, value: Value | None, frame: Frame) -> Value | None:
    """What an attribute is that the class declares, where it holds something unknown, or nothing was seen to set it."""
    if value is not None and not _unknown(value):
        return value
    annotation, owner = _fields(machine, instance.cls).get(name, (None, instance.cls))
    if annotation is None:
        return value
    scopes = introspection.class_frame(machine, owner)
    untold = value or machine.hole(
        annotation,
        scopes,
        Lifetime.UNKNOWN,
        identity=("field", instance.address, name),
        expression=f"{instance.cls.name}.{name}",
        reason=Reason.NO_CALLERS,
    )
    found = typed(machine, untold, annotation, scopes, annotation, frame)
    return value if found is untold else found


def typed(machine: Machine, value: Value, annotation: ast.expr, scopes: Frame | None, node: ast.AST, frame: Frame) -> Value:
    """The value as an object of the class that an annotation names; of one of them where it names several vendors'."""
    if not isinstance(value, Hole) or value.reason is None or scopes is None:
        return value
    names = _classes(machine, annotation, scopes)
    if not names:
        return value
    key = ("declared", value.identity, names)
    if key not in machine.memo:
        machine.memo[key] = _object(machine, value, names, node, frame)
    return machine.memo[key]


def _unknown(value: Value | None) -> bool:
    return isinstance(value, Hole) and value.reason is not None


def _object(machine: Machine, value: Hole, names: tuple[str, ...], node: ast.AST, frame: Frame) -> Value:
    identity, expression = ("configuration", value.identity), f"{value.expression}'s configuration"
    configuration = machine.derived([value], node, frame, identity=identity, expression=expression, reason=value.reason)
    given = Arguments((), (), (SpreadEntries(configuration),))
    made: list[Value] = [ExternalObject(name, (), given, machine.serial(), value.place) for name in names]
    found = made.pop()
    for index, one in enumerate(reversed(made)):
        what = f"{value.expression} is a {names[len(made) - 1 - index].rsplit('.', 1)[-1]}"
        found = Choice(Condition(("declared", value.identity, index), what, Lifetime.PROCESS), one, found)
    return found


def _classes(machine: Machine, annotation: ast.expr, scopes: Frame) -> tuple[str, ...]:
    """The classes whose objects send requests that an annotation allows, one of each package."""
    key = ("declared classes", id(annotation))
    found = machine.cache.get(key)
    if found is None:
        packages: dict[str, str] = {}
        for node in alternatives(annotation):
            value = machine.evaluate(node, scopes)
            listener = machine.listener
            if isinstance(value, External) and listener.sends(value.name) and not listener.is_data(value.name):
                packages.setdefault(value.name.split(".", 1)[0], value.name)
        found = machine.cache[key] = tuple(packages.values())
    return found  # type: ignore[return-value]


def alternatives(annotation: ast.expr) -> Iterator[ast.expr]:
    """The names in an annotation that the value may be an object of."""
    match introspection.spelled_out(annotation):
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from alternatives(left)
            yield from alternatives(right)
        case ast.Subscript(value=outer, slice=ast.Tuple(elts=inner)) if last_name(outer) == "Union":
            for one in inner:
                yield from alternatives(one)
        case ast.Subscript(value=outer, slice=inner) if last_name(outer) in OF_ONE:
            yield from alternatives(inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner)
        case ast.Name() | ast.Attribute() as named:
            yield named
        case _:
            pass


def _fields(machine: Machine, cls: ClassValue) -> dict[str, tuple[ast.expr, ClassValue]]:
    """Attributes that a class or one of its bases declares a type of."""
    key = ("declared fields", cls.address)
    found = machine.cache.get(key)
    if found is None:
        fields = ((owner, item) for owner in reversed(classes.mro(machine, cls)) for item in getattr(owner.node, "body", ()))
        found = machine.cache[key] = {
            item.target.id: (item.annotation, owner)
            for owner, item in fields
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        }
    return found  # type: ignore[return-value]
