"""Attributes, items and loops as templates see them: an attribute may be an item, and what is missing is nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import known, subscripts
from auditor.limits import KNOWN_DEPTH
from auditor.values.domain import (
    AltItems,
    Arguments,
    Choice,
    ClassValue,
    Const,
    DictRef,
    Entry,
    ExternalObject,
    Hole,
    Instance,
    Item,
    Items,
    ListRef,
    Member,
    ModuleValue,
    Spread,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide
from auditor.values.lifetime import Cause, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

NOTHING = Const("", "jinja2.Undefined")
"""Jinja2's undefined value: writes as nothing, is false, and holds nothing."""

LOOP = "jinja2.loop"


def get(machine: Machine, value: Value, key: Value, attribute_first: bool, node: ast.AST, frame: Frame) -> Value:
    """`value.key` or `value[key]`, each of which falls back on the other."""
    value, key = decide(value, machine.assumptions), decide(key, machine.assumptions)
    if isinstance(value, Choice):
        return machine.each(value, lambda side: get(machine, side, key, attribute_first, node, frame), node, frame)
    name = known.text_of(key)
    match value:
        case DictRef():
            if attribute_first and name in METHODS:
                return machine.attribute(value, name, node, frame)
            found, sure = known.lookup(machine.entries(value).entries, key)
            if found is None and sure:
                return machine.attribute(value, name, node, frame) if name in METHODS else NOTHING
            return found if found is not None else subscripts.get(machine, value, key, node, frame)
        case Instance() | ClassValue() | ModuleValue() if name is not None:
            member = machine.attribute(value, name, node, frame)
            return NOTHING if isinstance(member, Hole) and member.reason is Reason.MISSING else member
        case Hole() | ExternalObject() if name is not None:
            return machine.attribute(value, name, node, frame)
        case Member() if name is not None:
            return machine.attribute(value, name, node, frame)
        case Text() | ListRef() | TupleValue() if name is not None:
            kind = str if isinstance(value, Text) else list if isinstance(value, ListRef) else tuple
            return machine.attribute(value, name, node, frame) if hasattr(kind, name) else NOTHING
        case ListRef() | TupleValue() | Text() | Hole():
            return subscripts.get(machine, value, key, node, frame)
        case Const():
            return NOTHING
        case _:
            return machine.attribute(value, name, node, frame) if name is not None else NOTHING


METHODS = frozenset(name for name in dir(dict) if not name.startswith("_"))


def path(machine: Machine, value: Value, name: Value, node: ast.AST, frame: Frame) -> Value:
    """The attribute that a filter's `attribute=` names: dotted, with numbers for positions."""
    text = known.text_of(name)
    if text is None:
        return get(machine, value, name, False, node, frame)
    for part in text.split("."):
        value = get(machine, value, const(int(part)) if part.isdigit() else Text.of(part), False, node, frame)
    return value


def attribute(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    owner, name = arguments.get(0, "owner"), arguments.get(1, "name")
    return get(machine, owner, name, True, node, frame) if owner is not None and name is not None else NOTHING


def item(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    owner, key = arguments.get(0, "owner"), arguments.get(1, "key")
    return get(machine, owner, key, False, node, frame) if owner is not None and key is not None else NOTHING


def namespace(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`namespace(...)`: a mapping that `{% set ns.x = … %}` writes to."""
    return machine.new_dict([Entry(Text.of(name), value) for name, value in arguments.keywords])


# Loops


def iterate(machine: Machine, value: Value, node: ast.AST, frame: Frame) -> Items:
    return Items() if isinstance(value, Const) else machine.iterate(value, node, frame)


def loop(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """Pairs of `loop` and the item, as far as positions are known."""
    source = arguments.get(0, "items")
    content = iterate(machine, source, node, frame) if source is not None else Items()
    exact = all(known.plain(one) is not None for one in content.items)
    out: list[Item] = []
    for index, one in enumerate(content.items):
        out.append(_paired(machine, one, index, content.items, exact, node, frame))
        exact_before = known.plain(one) is not None
        if not exact_before:
            exact = False
    return TupleValue(tuple(out), content.order)


def _paired(machine: Machine, one: Item, index: int, items: tuple[Item, ...], exact: bool, node: ast.AST, frame: Frame) -> Item:
    match one:
        case Spread(hole, elements):
            inner = elements or (hole,)
            state = _unknown_state(machine, hole, node, frame)
            return Spread(hole, tuple(TupleValue((state, each)) for each in inner if known.plain(each) is not None))
        case AltItems(condition, then, otherwise):
            sides = [
                tuple(_paired(machine, each, index, items, False, node, frame) for each in side) for side in (then, otherwise)
            ]
            return AltItems(condition, *sides)
        case _:
            before = all(known.plain(each) is not None for each in items[:index])
            state = _state(machine, index if before else None, items, exact, node, frame)
            return TupleValue((state, one))


def _state(machine: Machine, index: int | None, items: tuple[Item, ...], exact: bool, node: ast.AST, frame: Frame) -> Value:
    """`loop` at a known position."""
    if index is None:
        hole = machine.hole(
            node, frame, Lifetime.CONSTANT, Cause.LOOP, identity=("loop", id(node), len(items)), expression="loop"
        )
        return _unknown_state(machine, hole, node, frame)
    values: dict[str, Value] = {"index": const(index + 1), "index0": const(index), "first": const(index == 0), "depth": const(1)}
    if exact:
        count = len(items)
        values |= {
            "last": const(index == count - 1),
            "length": const(count),
            "revindex": const(count - index),
            "revindex0": const(count - index - 1),
            "previtem": items[index - 1] if index else NOTHING,  # type: ignore[dict-item]
            "nextitem": items[index + 1] if index + 1 < count else NOTHING,  # type: ignore[dict-item]
        }
    return ExternalObject(LOOP, (), Arguments((), tuple(values.items())), machine.serial())


def _unknown_state(machine: Machine, stretch: Hole, node: ast.AST, frame: Frame) -> Value:
    """`loop` at any position of a stretch: the same from request to request where the stretch is."""

    def counted(name: str) -> Hole:
        return machine.hole(
            node,
            frame,
            Lifetime.CONSTANT,
            Cause.LOOP,
            identity=("loop", name, stretch.identity),
            expression=f"loop.{name}",
            characters=(1, 8),
        )

    names = ("index", "index0", "first", "last", "length", "revindex", "revindex0", "previtem", "nextitem")
    return ExternalObject(LOOP, (), Arguments((), tuple((name, counted(name)) for name in names)), machine.serial())


def loop_attribute(machine: Machine, value: ExternalObject, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    """An attribute of `loop`; what is not known of it changes with the loop's items only."""
    if value.cls != LOOP or value.path or value.arguments is None or name in {"cycle", "changed"}:
        return None
    found = value.arguments.keyword(name)
    if found is not None:
        return found
    return machine.hole(node, frame, Lifetime.CONSTANT, Cause.LOOP, expression=f"loop.{name}", characters=(1, 8))


def loop_call(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`loop.cycle(a, b)`."""
    if value.cls != LOOP or value.path != ("cycle",) or value.arguments is None or not arguments.positional:
        return None
    index = known.int_of(value.arguments.keyword("index0"))
    chosen = arguments.positional[index % len(arguments.positional)] if index is not None else None
    return known.plain(chosen) if chosen is not None else None


# Plain data


def data(machine: Machine, value: Value, depth: int = 0) -> tuple[bool, object]:
    """(True, the Python value) where all of it is known; (False, None) else."""
    value = decide(value, machine.assumptions)
    if depth > KNOWN_DEPTH:
        return False, None
    match value:
        case ListRef() | TupleValue():
            content = machine.items(value)
            parts = [
                data(machine, one, depth + 1) if (one := known.plain(raw)) is not None else (False, None) for raw in content.items
            ]
            complete = content.order is None and all(found for found, _ in parts)
            return (True, [part for _, part in parts]) if complete else (False, None)
        case DictRef():
            entries = machine.entries(value)
            out: dict[object, object] = {}
            for entry in entries.entries:
                found, key = known.scalar(entry.key) if isinstance(entry, Entry) else (False, None)
                known_value, content_of = (
                    data(machine, entry.value, depth + 1) if isinstance(entry, Entry) and found else (False, None)
                )
                if not known_value:
                    return False, None
                out[key] = content_of
            return (True, out) if entries.order is None else (False, None)
        case _:
            return known.scalar(value)


def size(raw: object) -> int:
    """About how many characters plain data have."""
    match raw:
        case str() | bytes():
            return len(raw) + 1
        case list() | tuple():
            return 1 + sum(map(size, raw))
        case dict():
            return 1 + sum(size(key) + size(value) for key, value in raw.items())
        case _:
            return 4
