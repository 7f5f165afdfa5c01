"""Attributes: of instances, classes, modules, library objects and holes."""

from __future__ import annotations

import ast
from collections import Counter, OrderedDict, defaultdict
from typing import TYPE_CHECKING

from auditor.interp import classes, declared, enums, inherited, modules, populated, sessions, settled, trimming
from auditor.knowledge import answers
from auditor.knowledge.credentials import within
from auditor.values.domain import (
    NONE,
    Arguments,
    BoundMethod,
    Choice,
    ClassValue,
    Const,
    DictRef,
    Entry,
    External,
    ExternalObject,
    FunctionValue,
    Hole,
    Instance,
    ListRef,
    Member,
    Method,
    ModuleValue,
    Partial,
    SetRef,
    Super,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import decide
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.quick import replace

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

OF_MAPPINGS = frozenset(name for cls in (dict, OrderedDict, Counter, defaultdict) for name in dir(cls))
"""What Python's mappings have, those of `collections` among them."""


def get(machine: Machine, value: Value, name: str, node: ast.AST | None, frame: Frame) -> Value:  # noqa: C901 - one case per kind of value
    """`value.name`."""
    value = decide(value, machine.assumptions)
    match value:
        case Choice():
            # None has no such attribute: who goes on had something else.
            value = _not_none(value) if name not in OF_NONE else value
            return machine.each(value, lambda side: get(machine, side, name, node, frame), node, frame)
        case Instance():
            return _instance(machine, value, name, node, frame)
        case ClassValue():
            return _class(machine, value, name, node, frame)
        case Super(cls, receiver):
            order = classes.mro(machine, receiver.cls if isinstance(receiver, Instance) else cls)
            for base in order[order.index(cls) + 1 :] if cls in order else []:
                member = machine.store.get(base.address, name)
                if member is not None:
                    return bind(machine, member, receiver, node, frame)  # type: ignore[arg-type]
            return inherited.of_super(machine, receiver, name, node, frame) or External(f"builtins.object.{name}")
        case ModuleValue():
            return modules.member(machine, value, name, node, frame)
        case External(dotted) if name in {"__name__", "__qualname__"} and dotted.startswith("builtins."):
            return Text.of(dotted.rsplit(".", 1)[-1])
        case External(dotted):
            from auditor.interp.library import ambient, contexts, pure, reruns

            full = f"{dotted}.{name}"
            plain = pure.constant(full) or reruns.session(machine, full) or contexts.of_request(machine, full)
            if plain is not None:
                return plain
            return ambient.value(machine, full, node, frame) or External(full)
        case ExternalObject():
            from auditor.interp.library import objects

            return objects.attribute(machine, value, name, node, frame)
        case Hole():
            return of_hole(machine, value, name, node, frame)
        case Member() if (own := enums.of_member(machine, value, name, node, frame)) is not None:
            return own
        case Text() if name in {"value", "_value_"}:  # a member of an Enum is its value
            return value
        case Const() if name in {"value", "_value_"}:
            return value
        case DictRef() if (kept := _kept(machine, value, name, node, frame)) is not None:
            return kept
        case DictRef() if name not in OF_MAPPINGS:
            return machine.unknown(Reason.DYNAMIC, node, frame)  # a library's mapping, of which less is known than of Python's
        case Text() if not (hasattr(str, name) or hasattr(bytes, name)):
            return machine.unknown(Reason.MISSING, node, frame)  # something else than a text is meant
        case Const(None) if name not in OF_NONE:
            return machine.unknown(Reason.MISSING, node, frame)  # who comes here had something else
        case Text() | ListRef() | SetRef() | DictRef() | TupleValue() | Const():
            return Method(value, name)
        case FunctionValue() | BoundMethod() | Partial() | Method():
            if name in {"__name__", "__qualname__"}:
                return Text.of(value.name.rsplit(".", 1)[-1]) if isinstance(value, FunctionValue | Method) else Text.of("?")
            if (
                name == "__doc__"
                and isinstance(value, FunctionValue)
                and isinstance(value.node, ast.FunctionDef | ast.AsyncFunctionDef)
            ):
                return Text.of(ast.get_docstring(value.node) or "")
            if name == "__annotations__":
                from auditor.interp.library import introspection

                function, skip = introspection.function_of(value)
                return introspection.hints(machine, function, skip) if function is not None else machine.new_dict()
            if isinstance(value, FunctionValue):
                found = machine.store.get(id(value.node), name)
                if found is not None:
                    return found  # type: ignore[return-value]
            # What a decorator hangs on a function (`.invoke`, `.delay`, `.retry`) mostly calls it.
            return value if name in {"__wrapped__", "func", "fn", "original"} else machine.unknown(Reason.DYNAMIC, node, frame)


OF_NONE = frozenset(dir(None))


def _not_none(value: Value) -> Value:
    """A choice without its sides that are None; None itself where all are."""
    if not isinstance(value, Choice):
        return value
    then, otherwise = _not_none(value.then), _not_none(value.otherwise)
    if then == NONE or otherwise == NONE:
        return otherwise if then == NONE else then
    return value if (then, otherwise) == (value.then, value.otherwise) else Choice(value.condition, then, otherwise)


def of_hole(machine: Machine, value: Hole, name: str, node: ast.AST | None, frame: Frame) -> Value:
    from auditor.interp import started
    from auditor.interp.library import ambient, clock, regular, reruns

    kept = reruns.session(machine, f"{value.type}.{name}") if value.type is not None else None
    if kept is not None:
        return kept
    hung = started.of_hole(machine, value, name)
    if hung is not None:
        return hung
    special = clock.attribute(machine, value, name, node, frame)
    if special is not None:
        return special
    rows = (
        value.type == trimming.TRIMMED and value.cause is Cause.RETRIEVAL
    )  # the rows of an answer are as many as were asked for
    found = Hole(
        ("attr", value.identity, name),
        f"{value.expression}.{name}",
        value.lifetime,
        value.cause,
        value.evidence,
        value.reason,
        value.place,
        value.trace,
        value.type if rows else within(value.type) or answers.part(value.type, name),
        roots=(value.identity, *value.roots)[: machine.limits.roots],
        kept=value.kept if rows else None,
        # What the environment says by default has methods as any text has.
        content=value.content if value.cause is Cause.ENVIRONMENT else None,
    )
    if value.type == regular.MATCH:
        found = replace(found, type=value.type)
    cut = machine.trimmed.get(name)
    if cut is not None and value.reason is not None:  # the program itself stored it so
        found = replace(found, type=trimming.TRIMMED, place=cut.place, kept=cut.kept)
    return sessions.same(machine, ambient.attribute(machine, value, name, found))


def class_member(machine: Machine, cls: ClassValue, name: str) -> Value | None:
    """What the class or one of its project bases binds to the name."""
    for owner in classes.mro(machine, cls):
        member = machine.store.get(owner.address, name)
        if member is not None:
            return decide(member, machine.assumptions)  # type: ignore[arg-type]
    return None


def bind(machine: Machine, member: Value, receiver: Value, node: ast.AST | None = None, frame: Frame | None = None) -> Value:
    """A class member as seen through an instance."""
    match member:
        case FunctionValue(kind="function"):
            return BoundMethod(member, receiver)
        case FunctionValue(kind="class"):
            return BoundMethod(member, receiver.cls if isinstance(receiver, Instance) else receiver)
        case FunctionValue(kind="property"):
            return machine.invoke(member, Arguments((receiver,)), node, frame)
        case _:
            return member


def _instance(machine: Machine, value: Instance, name: str, node: ast.AST | None, frame: Frame) -> Value:
    own = machine.store.get(value.address, name)
    if own is not None:
        found: Value = decide(own, machine.assumptions)  # type: ignore[arg-type]
        if isinstance(found, Hole):
            return declared.attribute(machine, value, name, found, frame) or found
        return populated.found(machine, found) if found != NONE else settled.of_attribute(machine, value, name) or found
    member = class_member(machine, value.cls, name)
    if member is not None and not _is_column(machine, member):
        if isinstance(member, FunctionValue) and member.kind == "property" and "cached_property" in " ".join(member.decorators):
            result = machine.invoke(member, Arguments((value,)), node, frame)
            machine.store.set(value.address, name, result)
            return result
        if member == NONE:  # of the class, until somebody fills it, there or in the instance
            return settled.of_attribute(machine, value, name) or settled.of_class(machine, value.cls, name) or member
        return populated.found(machine, bind(machine, member, value, node, frame))
    match name:
        case "__class__":
            return value.cls
        case "__dict__":
            return classes.attribute_dict(machine, value)
        case _:
            pass
    fallback = class_member(machine, value.cls, "__getattr__")
    if isinstance(fallback, FunctionValue) and not name.startswith("__"):
        return machine.invoke(fallback, Arguments((value, Text.of(name))), node, frame)
    library_base = classes.external_base(machine, value.cls)
    if library_base is not None:
        from auditor.interp.library import models

        method = models.method(value, name, library_base) or inherited.attribute(machine, value, name, node, frame)
        if method is not None:
            return method
    filled = settled.of_attribute(machine, value, name)
    if filled is not None:
        return filled
    typed = declared.attribute(machine, value, name, None, frame)
    if typed is not None:
        return typed
    written = classes.late_attribute(machine, value, name, node, frame)
    if written is not None:
        return written
    reason = Reason.MISSING if library_base is None else Reason.UNMODELLED_CALL
    if name.startswith("__"):
        return machine.unknown(reason, node, frame)
    return machine.hole(
        node,
        frame,
        Lifetime.UNKNOWN,
        identity=("attribute", value.address, name),
        expression=f"{value.cls.name}.{name}",
        reason=reason,
    )


def _is_column(machine: Machine, member: Value) -> bool:
    """Whether a class member only says what its instances have there: a column of a table."""
    return isinstance(member, ExternalObject) and not member.path and machine.library.is_column(member.cls)


def _class(machine: Machine, value: ClassValue, name: str, node: ast.AST | None, frame: Frame) -> Value:
    member = class_member(machine, value, name)
    if member is not None:
        if isinstance(member, FunctionValue) and member.kind == "class":
            return BoundMethod(member, value)
        return populated.found(machine, member) if member != NONE else settled.of_class(machine, value, name) or member
    match name:
        case "__name__" | "__qualname__":
            return Text.of(value.name.rsplit(".", 1)[-1])
        case "__doc__":
            return Text.of(ast.get_docstring(value.node) or "") if isinstance(value.node, ast.ClassDef) else Text()
        case "__subclasses__":
            return Partial(External("auditor.subclasses"), Arguments((value,)))
        case "__new__":
            return External("builtins.object.__new__")
        case _:
            found = _of_kind(machine, value, name)
            if found is not None:
                return found
    library_base = classes.external_base(machine, value)
    if library_base is not None:
        return ExternalObject("class:" + library_base, (name,), Arguments((value,)), machine.serial())
    return machine.hole(node, frame, Lifetime.UNKNOWN, identity=("attribute", value.address, name), reason=Reason.MISSING)


def _of_kind(machine: Machine, value: ClassValue, name: str) -> Value | None:
    """What every enumeration, model or annotated class has."""
    from auditor.interp.library import introspection

    if enums.is_enum(machine, value):
        return enums.of_class(machine, value, name)
    if name in {"model_fields", "__fields__", "__dataclass_fields__"} and classes.is_data(machine, value):
        return introspection.model_fields(machine, value)
    if name == "__annotations__":
        hints = introspection.field_annotations(machine, value)
        return machine.new_dict([Entry(Text.of(key), hint) for key, hint in hints])
    return None


def _kept(machine: Machine, value: DictRef, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    """An entry of a session's mapping, written as an attribute."""
    from auditor.interp.library import reruns

    return reruns.attribute(machine, value, name, node, frame) if reruns.is_session(machine, value) else None


def put(machine: Machine, receiver: Value, name: str, value: Value, node: ast.AST, frame: Frame) -> None:
    """`receiver.name = value`."""
    receiver = decide(receiver, machine.assumptions)
    cut = trimming.lost_front(machine, value)
    if cut is not None:
        machine.trimmed[name] = cut
    match receiver:
        case Instance(address, cls):
            member = class_member(machine, cls, f"{name}.setter")
            if isinstance(member, FunctionValue):
                machine.invoke(member, Arguments((receiver, value)), node, frame)
                return
            plain = class_member(machine, cls, name)  # what another branch finds, which does not set it
            if plain is not None and plain != NONE and not isinstance(plain, FunctionValue) and not _is_column(machine, plain):
                machine.store.start(address, name, plain)
            machine.store.set(address, name, value)
        case ClassValue(address=address):
            machine.store.set(address, name, value)
        case ModuleValue(_, address):
            machine.store.set(address, name, value)
        case FunctionValue(function_node):
            machine.store.set(id(function_node), name, value)
        case ExternalObject():
            from auditor.interp.library import objects

            objects.put(machine, receiver, name, value)
        case DictRef():
            from auditor.interp.library import reruns

            if reruns.is_session(machine, receiver):
                reruns.put(machine, receiver, name, value)
        case Choice(condition, then, otherwise):
            with machine.assuming(condition, True) as first:
                put(machine, then, name, value, node, frame)
            with machine.assuming(condition, False) as second:
                put(machine, otherwise, name, value, node, frame)
            machine.store.merge(condition, first, second)
        case _:
            return
