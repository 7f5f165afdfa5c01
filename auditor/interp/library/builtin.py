"""Python's builtins over abstract values."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import elsewhere, formats, inherited, known, lengths, marking, positions, special, strings, trimming
from auditor.interp.library import kinds, streams
from auditor.interp.splicing import written_as
from auditor.limits import FEW_LEAVES
from auditor.values.domain import (
    FALSE,
    NONE,
    TRUE,
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
    Method,
    ModuleValue,
    Partial,
    SetRef,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import holes_of, leaves
from auditor.values.lifetime import Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def _str(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    return Text() if first is None else machine.to_text(first, _argument(node), frame)


def _argument(node: ast.AST) -> ast.AST:
    return node.args[0] if isinstance(node, ast.Call) and node.args else node


def _repr(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    return None if first is None else strings.repr_text(machine, first, node, frame)


def _format(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    return None if first is None else formats.formatted(machine, first, -1, arguments.get(1, "format_spec"), node, frame)


def _length(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    value = arguments.get(0)
    marking.measured(machine)
    match value:
        case Text() if value.known is not None:
            return const(len(value.known))
        case ListRef() | TupleValue() | SetRef() if all(
            known.plain(item) is not None for item in trimming.unmarked(machine.items(value).items)
        ):
            return trimming.length(machine, value)
        case DictRef() if not machine.entries(value).entries and elsewhere.fills(machine, value):
            there = elsewhere.hole(machine, value)
            length = machine.derived([there], node, frame, identity=("len", value), characters=(1, 8), type=trimming.LENGTH)
            lengths.note(machine, length, value)
            return length
        case DictRef() if all(isinstance(entry, Entry) for entry in machine.entries(value).entries):
            return const(len(machine.entries(value).entries))
        case ListRef() | TupleValue() | SetRef():
            items = machine.items(value).items
            told = trimming.told(hole for item in items for hole in holes_of(item))
            length = machine.derived(told, node, frame, identity=("len", items), characters=(1, 8), type=trimming.LENGTH)
            if not isinstance(value, SetRef):
                positions.note_length(machine, positions.content(machine, value), length)
            lengths.note(machine, length, TupleValue(items))
            return length
        case Instance() if (answer := special.length(machine, value, node, frame)) is not None:
            return answer
        case None:
            return None
        case _:
            length = machine.derived(
                trimming.told(holes_of(value)),
                node,
                frame,
                identity=("len", value),
                reason=Reason.UNSUPPORTED,
                characters=(1, 8),
                type=trimming.LENGTH,
            )
            lengths.note(machine, length, value)
            return length


def _list(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    if first is None:
        return machine.new_list()
    content = machine.iterate(first, node, frame)
    made = written_as(machine, machine.new_list(content.items, content.order), first)
    return trimming.viewed(machine, first, made)


def _tuple(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    if first is None:
        return TupleValue(())
    content = machine.iterate(first, node, frame)
    return TupleValue(content.items, content.order)


def _set(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import containers

    first = arguments.get(0)
    return machine.new_set(containers.distinct(machine.iterate(first, node, frame).items) if first is not None else ())


def _dict(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import expressions, mappings

    reference = machine.new_dict()
    first = arguments.get(0)
    if isinstance(first, DictRef | Hole | Choice):
        mappings.update(machine, reference, expressions.spread_entries(machine, first, node, frame))
    elif first is not None:
        for item in machine.iterate(first, node, frame).items:
            if isinstance(item, TupleValue) and len(item.items) == 2:
                key, value = (known.plain(part) for part in item.items)
                if key is not None and value is not None:
                    mappings.set_entry(machine, reference, key, value)
            else:
                from auditor.values.domain import SpreadEntries

                holes = holes_of(item)
                mappings.update(
                    machine, reference, [SpreadEntries(machine.derived(holes, node, frame, reason=Reason.UNSUPPORTED))]
                )
    mappings.update(machine, reference, [Entry(Text.of(name), value) for name, value in arguments.keywords])
    mappings.update(machine, reference, arguments.unknown_keywords)
    return reference


def _getattr(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    receiver, asked, default = arguments.get(0), arguments.get(1, "name"), arguments.get(2, "default")
    if receiver is None or asked is None:
        return None
    names = known.ways(asked, FEW_LEAVES)
    if isinstance(names, Choice) and any(map(known.text_of, leaves(names))):
        return machine.each(names, lambda name: _attribute(machine, receiver, name, default, node, frame), node, frame)
    return None if known.text_of(asked) is None else _attribute(machine, receiver, asked, default, node, frame)


def _attribute(machine: Machine, receiver: Value, asked: Value, default: Value | None, node: ast.AST, frame: Frame) -> Value:
    name = known.text_of(asked)
    if name is None:
        return machine.unknown(Reason.DYNAMIC, node, frame)
    value = machine.attribute(receiver, name, node, frame)
    if (
        isinstance(value, Hole)
        and value.reason is Reason.MISSING
        and default is not None
        and isinstance(receiver, Instance | ClassValue | ModuleValue | Text | Const)
    ):
        return default
    if isinstance(value, Method) and default is not None and not hasattr(_sample(value.receiver), name):
        return default
    return value


def _sample(value: Value) -> object:
    match value:
        case Text():
            return ""
        case ListRef():
            return []
        case DictRef():
            return {}
        case SetRef():
            return set()
        case TupleValue():
            return ()
        case Const(raw):
            return raw
        case _:
            return None


def _hasattr(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    receiver, name = arguments.get(0), known.text_of(arguments.get(1, "name"))
    if receiver is None or name is None:
        return None
    if isinstance(receiver, Text | ListRef | DictRef | SetRef | TupleValue | Const):
        return const(hasattr(_sample(receiver), name))
    value = machine.attribute(receiver, name, node, frame)
    if isinstance(receiver, Instance | ClassValue | ModuleValue):
        return const(not (isinstance(value, Hole) and value.reason is Reason.MISSING))
    return machine.derived(
        holes_of(receiver),
        node,
        frame,
        identity=("hasattr", receiver, name) if kinds.is_hashable(receiver) else None,
        reason=Reason.UNSUPPORTED,
    )


def _setattr(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import attributes

    receiver, name, value = arguments.get(0), known.text_of(arguments.get(1, "name")), arguments.get(2, "value")
    if receiver is not None and name is not None and value is not None:
        attributes.put(machine, receiver, name, value, node, frame)
    return NONE


def _callable(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    match arguments.get(0):
        case FunctionValue() | BoundMethod() | ClassValue() | Partial() | Method():
            return TRUE
        case External(name) if name.startswith("builtins."):
            return TRUE
        case Text() | Const() | ListRef() | DictRef():
            return FALSE
        case _:
            return None


def _type(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    match arguments.get(0):
        case Text() as name if len(arguments.positional) == 3:
            return _made_class(machine, name, arguments, node, frame)
        case Instance(_, cls):
            return cls
        case ExternalObject(cls, ()):
            return External(cls)
        case Text():
            return External("builtins.str")
        case ListRef():
            return External("builtins.list")
        case DictRef():
            return External("builtins.dict")
        case SetRef():
            return External("builtins.set")
        case TupleValue():
            return External("builtins.tuple")
        case Const(_, kind):
            return External(f"builtins.{kind}")
        case _:
            return None


def _made_class(machine: Machine, name: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import classes

    bases, namespace = arguments.get(1), arguments.get(2)
    if not isinstance(bases, TupleValue) or not isinstance(namespace, DictRef):
        return None
    own = [one for item in bases.items if (one := known.plain(item)) is not None]
    return classes.made(machine, name.known or "type", own, machine.entries(namespace).entries, node, frame)


def _issubclass(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import classes

    cls, others = arguments.get(0), arguments.get(1, "class")
    if not isinstance(cls, ClassValue):
        return None
    order = classes.mro(machine, cls)
    bases = others.items if isinstance(others, TupleValue) else (others,)
    if any(base in order for base in bases):
        return TRUE
    return FALSE if all(isinstance(base, ClassValue) for base in bases) else None


def _super(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.values.domain import Super

    cls, receiver = arguments.get(0), arguments.get(1, "object")
    return Super(cls, receiver) if isinstance(cls, ClassValue) and receiver is not None else None


def _number(kind: Callable[[object], object]) -> Overlay:
    def convert(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        first = arguments.get(0)
        if first is None:
            return const(kind(0)) if not arguments.positional else None
        found, raw = known.scalar(first)
        if found:
            try:
                return const(kind(raw))
            except (TypeError, ValueError, OverflowError):
                return None
        return machine.derived(
            holes_of(first),
            node,
            frame,
            identity=(getattr(kind, "__name__", "number"), first) if kinds.is_hashable(first) else None,
            reason=Reason.UNSUPPORTED,
            characters=(1, 20),
        )

    return convert


def _bool(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import tests

    first = arguments.get(0)
    if first is None:
        return FALSE
    decided = machine.truth(first)
    return const(decided) if isinstance(decided, bool) else tests.as_value(machine, *decided, node, frame)


def _nothing(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return NONE


def _print(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`print(..., file=buffer)` adds to the buffer; any other is of no interest."""
    target = arguments.keyword("file")
    if target is not None:
        separator, end = arguments.keyword("sep"), arguments.keyword("end")
        glue = separator if isinstance(separator, Text) else Text.of(" ")
        written = strings.join(machine, glue, TupleValue(arguments.positional), node, frame)
        streams.write(machine, target, machine.text(written, end if isinstance(end, Text) else "\n"), node, frame)
    return NONE


def _vars(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import classes

    first = arguments.get(0)
    if isinstance(first, ExternalObject):
        from auditor.interp.library import commandline

        return commandline.as_mapping(machine, first)
    return classes.attribute_dict(machine, first) if isinstance(first, Instance) else None


def _globals(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    address = frame.scopes[-1]
    entries = []
    for name in machine.store.keys(address):
        value = machine.store.get(address, name)
        if value is not None:
            entries.append(Entry(Text.of(name), value))  # type: ignore[arg-type]
    return machine.new_dict(entries)


def _new_object(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`super().__new__(cls)`."""
    first = arguments.get(0)
    return Instance(machine.store.allocate(), first) if isinstance(first, ClassValue) else None


def _subclasses(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`cls.__subclasses__()`: those that are defined by now, in the order of their definition."""
    from auditor.interp import classes

    first = arguments.get(0)
    found = machine.store.get(first.address, classes.SUBCLASSES) if isinstance(first, ClassValue) else None
    return machine.new_list(found.items if isinstance(found, TupleValue) else ())


def _auto(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return machine.hole(node, frame, Lifetime.CONSTANT, type="enum.auto")


OVERLAYS: dict[str, Overlay] = {
    "builtins.object.__new__": _new_object,
    "auditor.subclasses": _subclasses,
    inherited.MAKES: inherited.construct,
    "enum.auto": _auto,
    "builtins.str": _str,
    "builtins.repr": _repr,
    "builtins.format": _format,
    "builtins.len": _length,
    "builtins.list": _list,
    "builtins.tuple": _tuple,
    "builtins.set": _set,
    "builtins.frozenset": _set,
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "builtins.iter": _tuple,
    "builtins.aiter": _tuple,
    "builtins.isinstance": kinds.asked,
    "builtins.issubclass": _issubclass,
    "builtins.getattr": _getattr,
    "builtins.hasattr": _hasattr,
    "builtins.setattr": _setattr,
    "builtins.callable": _callable,
    "builtins.type": _type,
    "builtins.super": _super,
    "builtins.int": _number(int),  # type: ignore[arg-type]
    "builtins.float": _number(float),  # type: ignore[arg-type]
    "builtins.abs": _number(abs),  # type: ignore[arg-type]
    "builtins.bool": _bool,
    "builtins.print": _print,
    "builtins.exit": _nothing,
    "builtins.vars": _vars,
    "builtins.globals": _globals,
}
