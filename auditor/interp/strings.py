"""Text: what becomes of a value when it is written as text, and how texts are joined.

Every operation keeps literal pieces literal where that is exact; what cannot be kept becomes a hole that remembers its sources.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from auditor.interp import enums, known, sessions, trimming
from auditor.limits import KNOWN_DEPTH, OPTIONAL_ITEMS
from auditor.places import Place
from auditor.values.domain import (
    AltItems,
    Choice,
    ClassValue,
    Const,
    Count,
    DictRef,
    Entry,
    External,
    ExternalObject,
    Instance,
    Item,
    Length,
    ListRef,
    Member,
    SetRef,
    Spread,
    TupleValue,
    Value,
)
from auditor.values.join import decide, holes_of, join_text
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.quick import replace
from auditor.values.text import Hole, Literal, Text

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


BUILTIN_TYPES = frozenset(
    f"builtins.{name}" for name in ("str", "int", "float", "bool", "list", "dict", "tuple", "set", "bytes", "object")
)


def number(machine: Machine, raw: object, written: str, node: ast.AST | None, frame: Frame) -> Literal:
    """A constant as it is written into a text, which remembers that it counts."""
    counts = machine.source(node) if isinstance(raw, Count | Length) else None
    return Literal(written, machine.place(node, frame), counts)


def to_text(machine: Machine, value: Value, node: ast.AST | None, frame: Frame) -> Text:
    """`str(value)`."""
    value = decide(value, machine.assumptions)
    match value:
        case Member():
            return enums.shown(machine, value, node, frame)
        case Text():
            return value
        case Const(raw):
            try:
                return Text.of(number(machine, raw, str(raw), node, frame))
            except ValueError:  # more digits than Python writes
                return Text((machine.limit("numbers", node, frame),))
        case Hole():
            place, expression = machine.place(node, frame), machine.source(node)
            value = replace(value, type=None) if value.type == trimming.TRIMMED else value  # a text has no turns to lose
            return Text((value.along(place, f"`{expression}` is put into the text").entering(place, expression),))
        case Choice(condition, then, otherwise):
            return join_text(condition, to_text(machine, then, node, frame), to_text(machine, otherwise, node, frame))
        case TupleValue() | ListRef() | SetRef() | DictRef():
            return repr_text(machine, value, node, frame)
        case Instance():
            return _instance_text(machine, value, node, frame)
        case ExternalObject():
            from auditor.interp.library import objects

            return objects.to_text(machine, value, node, frame)
        case External(name):
            from auditor.interp.library import objects

            return (
                Text.of(f"<class '{name[9:]}'>")
                if name in BUILTIN_TYPES
                else Text((objects.of_table(machine, name, None, node, frame),))
            )
        case ClassValue(name=name):  # names the class, without an address
            return Text((machine.hole(node, frame, Lifetime.DEPLOY, identity=("class", value), expression=name),))
        case _:
            hole = machine.hole(node, frame, Lifetime.PROCESS, Cause.IDENTITY, identity=("repr", value))
            return Text((hole,))


def repr_text(machine: Machine, value: Value, node: ast.AST | None, frame: Frame, depth: int = 0) -> Text:
    """`repr(value)`."""
    value = decide(value, machine.assumptions)
    if depth > KNOWN_DEPTH:
        return Text((machine.limit("depth", node, frame),))
    machine.step()
    address = value.address if isinstance(value, ListRef | DictRef | SetRef) else None
    if address is None:
        return _repr_of(machine, value, node, frame, depth)
    if address in machine.writing:  # as Python writes what contains itself
        return Text.of("{...}" if isinstance(value, DictRef) else "[...]")
    machine.writing.append(address)
    try:
        return _repr_of(machine, value, node, frame, depth)
    finally:
        machine.writing.pop()


def _repr_of(machine: Machine, value: Value, node: ast.AST | None, frame: Frame, depth: int) -> Text:
    match value:
        case Text():
            known_text = value.known
            if known_text is not None:
                return Text.of(Literal(repr(known_text), next(iter(places(value)), None)))
            pieces = [
                Literal(repr(piece.text)[1:-1], piece.place) if isinstance(piece, Literal) else piece for piece in value.pieces
            ]
            return machine.text("'", Text(tuple(pieces)), "'")
        case TupleValue() | ListRef() | SetRef():
            content = machine.items(value)
            parts = [
                item_text(machine, item, node, frame, lambda one: repr_text(machine, one, node, frame, depth + 1))
                for item in content.items
            ]
            opening, closing = "()" if isinstance(value, TupleValue) else "{}" if isinstance(value, SetRef) else "[]"
            joined = join_parts(machine, Text.of(", "), parts)
            if isinstance(value, SetRef) and len(content.items) > 1:
                return Text((set_order(machine, value, node, frame, joined),))
            return machine.text(opening, joined, ",)" if isinstance(value, TupleValue) and len(parts) == 1 else closing)
        case DictRef():
            parts = []
            for entry in sessions.whole(machine, value, node, frame):
                if isinstance(entry, Entry):
                    key = repr_text(machine, entry.key, node, frame, depth + 1)
                    parts.append(machine.text(key, ": ", repr_text(machine, entry.value, node, frame, depth + 1)))
                else:
                    parts.append(Text((machine.derived(holes_of(entry), node, frame, reason=Reason.UNSUPPORTED),)))
            return machine.text("{", join_parts(machine, Text.of(", "), parts), "}")
        case Instance():
            return _instance_text(machine, value, node, frame, written=False)
        case _:
            return to_text(machine, value, node, frame)


def places(text: Text) -> list[Place]:
    return [piece.place for piece in text.pieces if isinstance(piece, Literal) and piece.place is not None]


def set_order(machine: Machine, value: SetRef, node: ast.AST | None, frame: Frame, content: Text | None = None) -> Hole:
    """The hole that a set's iteration order makes: it differs from process to process for strings."""
    items = machine.items(value).items
    return machine.hole(
        node,
        frame,
        Lifetime.PROCESS,
        Cause.SET_ORDER,
        identity=("set-order", value.address, items),
        content=content,
        characters=(0, None),
    )


def _instance_text(machine: Machine, value: Instance, node: ast.AST | None, frame: Frame, *, written: bool = True) -> Text:
    """`str(value)`, or `repr(value)` where it is not written for people."""
    from auditor.interp import classes, enums, special
    from auditor.interp.library import failures

    for name in ("__str__", "__repr__") if written else ("__repr__",):
        result = special.ask(machine, value, name, (), node, frame)
        if result is not None:
            return result if isinstance(result, Text) else to_text(machine, result, node, frame)
    if enums.is_enum(machine, value.cls):
        name = f"{value.cls.name}.{known.text_of(machine.store.get(value.address, 'name'))}"
        named = Text.of(Literal(name, machine.place(node, frame)))
        meant = enums.value_of(machine, value)
        return named if written else machine.text("<", named, ": ", repr_text(machine, meant, node, frame), ">")
    if classes.is_data(machine, value.cls):
        if value.address in machine.writing:
            return Text.of("...")
        machine.writing.append(value.address)
        try:
            parts = [
                machine.text(f"{name}=", repr_text(machine, attribute, node, frame, len(machine.writing)))
                for name in classes.data_fields(machine, value.cls)
                if not isinstance(attribute := machine.attribute(value, name, node, frame), Hole) or attribute.reason is None
            ]
        finally:
            machine.writing.pop()
        return machine.text(f"{value.cls.name}(", join_parts(machine, Text.of(", "), parts), ")")
    given, base = machine.store.get(value.address, failures.ARGUMENTS), classes.external_base(machine, value.cls)
    if written and isinstance(given, TupleValue) and base is not None:
        said = failures.text(machine, base, given, node, frame)
        if said is not None:
            return said
    if all(isinstance(base, ClassValue) for base in value.cls.bases):
        hole = machine.hole(node, frame, Lifetime.PROCESS, Cause.IDENTITY, identity=("default-repr", value.address))
        return Text((hole,))
    return Text((machine.unknown(Reason.UNMODELLED_CALL, node, frame),))


# Joining


def item_text(machine: Machine, item: Item, node: ast.AST | None, frame: Frame, convert: Callable[[Value], Text]) -> Text:
    match item:
        case Spread(hole, elements):
            inner = Text.of(*(item_text(machine, one, node, frame, convert) for one in elements)) if elements else None
            holes = [hole, *(inner.holes() if inner else ())]
            stretch = machine.derived(
                holes, node, frame, identity=("text of", hole.identity, tuple(one.identity for one in holes)), content=inner
            )
            return Text((stretch,))
        case AltItems(condition, then, otherwise):
            sides = [Text.of(*(item_text(machine, one, node, frame, convert) for one in side)) for side in (then, otherwise)]
            return join_text(condition, *sides)
        case _:
            return convert(item)


def join_parts(machine: Machine, separator: Text, parts: Sequence[Text]) -> Text:
    out: list[Text] = []
    for index, part in enumerate(parts):
        if index:
            out.append(separator)
        out.append(part)
    return machine.text(*out)


def join(machine: Machine, separator: Text, iterable: Value, node: ast.AST, frame: Frame) -> Text:
    """`separator.join(iterable)`. An optional item takes its separator with it."""
    content = machine.iterate(iterable, node, frame)
    text = _join_items(machine, separator, trimming.unmarked(content.items), node, frame, first=True)
    if content.order is not None:
        hole = machine.hole(
            node,
            frame,
            content.order.lifetime,
            content.order.cause,
            identity=("joined", content.order.identity, content.items),
            content=text,
            evidence=content.order.evidence,
            type=content.order.type,
        )
        holes = [*text.holes()]
        if Lifetime.shortest(one.lifetime for one in holes) > hole.lifetime:
            hole = machine.derived(holes, node, frame, content=text)
        elif content.order.cause is not Cause.SET_ORDER:
            # A listing, a shuffle, a race is mended where it happens; a set is as good as any until it becomes text.
            hole = hole.told_of(content.order)
            return Text((hole.along(machine.place(node, frame), "is put into the text"),))
        return Text((hole.along(content.order.place, "in an order that is not fixed"),))
    return text


def _join_items(
    machine: Machine, separator: Text, items: Sequence[Item], node: ast.AST, frame: Frame, *, first: bool, optional: int = 0
) -> Text:
    out: list[Text] = []
    for index, item in enumerate(items):
        match item:
            case Spread(hole, elements):
                inner = (
                    Text.of(*(_join_items(machine, separator, [one], node, frame, first=True) for one in elements))
                    if elements
                    else None
                )
                holes = [hole, *(inner.holes() if inner else ())]
                identity = ("text of", separator, hole.identity, tuple(one.identity for one in holes))
                stretch = machine.derived(holes, node, frame, identity=identity, content=inner)
                if len(holes) == 1 or stretch.lifetime is hole.lifetime:
                    stretch = machine.hole(
                        node,
                        frame,
                        hole.lifetime,
                        hole.cause,
                        identity=identity,
                        expression=hole.expression,
                        evidence=hole.evidence,
                        reason=hole.reason,
                        content=inner,
                    )
                    stretch = stretch.told_of(hole).along(stretch.place, "is put into the text")
                    if hole.type == trimming.TRIMMED:
                        stretch = replace(stretch, type=trimming.TRIMMED, place=hole.place)
                out.append(Text((stretch,)))
            case AltItems(condition, then, otherwise):
                if first and optional < OPTIONAL_ITEMS:  # whether what follows needs a separator depends on the condition too
                    rest = items[index + 1 :]
                    sides = [
                        _join_items(machine, separator, [*side, *rest], node, frame, first=True, optional=optional + 1)
                        for side in (then, otherwise)
                    ]
                    return machine.text(*out, join_text(condition, *sides))
                sides = [_join_items(machine, separator, side, node, frame, first=False) for side in (then, otherwise)]
                out.append(join_text(condition, *sides))
            case _:
                if not first:
                    out.append(separator)
                out.append(to_text(machine, item, node, frame))
        first = False
    return machine.text(*out)
