"""Formatting: format specifications, the fields of `str.format`, and `%`.

Literal pieces of a template are parsed for fields; holes of the template stay where they are.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known, strings
from auditor.values.domain import (
    Arguments,
    Choice,
    DictRef,
    Entry,
    Instance,
    Item,
    Spread,
    SpreadEntries,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, holes_of, join_text
from auditor.values.lifetime import Reason
from auditor.values.text import RAISED, Alternative, Hole, Literal, Piece, Text

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def formatted(machine: Machine, value: Value, conversion: int, spec: Value | None, node: ast.AST, frame: Frame) -> Text:
    """`{value!r:spec}` of an f-string or a format call."""
    if conversion in (ord("r"), ord("a")):
        value, conversion = strings.repr_text(machine, value, node, frame), -1
    elif conversion == ord("s"):
        value, conversion = strings.to_text(machine, value, node, frame), -1
    if isinstance(value, Instance):
        from auditor.interp import special

        answer = special.ask(machine, value, "__format__", (spec if spec is not None else Text(),), node, frame)
        if isinstance(answer, Text):
            return answer
    spec_text = known.text_of(spec) if spec is not None else ""
    if spec_text == "":
        return strings.to_text(machine, value, node, frame)
    if spec_text is not None and wide(spec_text):
        return Text((machine.limit("text_characters", node, frame),))
    value = decide(value, machine.assumptions)
    if isinstance(value, Choice):
        left = formatted(machine, value.then, conversion, spec, node, frame)
        return join_text(value.condition, left, formatted(machine, value.otherwise, conversion, spec, node, frame))
    found, raw = known.scalar(value)
    if found and spec_text is not None:
        try:
            return Text.of(strings.number(machine, raw, format(raw, spec_text), node, frame))
        except (ValueError, TypeError):
            pass
    if spec_text is not None and isinstance(value, Hole):
        from auditor.interp.library import clock

        dated = clock.formatted(machine, value, spec_text, node, frame)
        if dated is not None:
            return Text((dated,))
    holes = holes_of(value)
    hole = machine.derived(
        holes, node, frame, identity=("format", value, spec_text) if holes else None, reason=None if holes else Reason.UNSUPPORTED
    )
    return Text((hole,))


def wide(spec: str) -> bool:
    """Whether a format asks for a width or precision that is worth no memory."""
    return any(len(digits) > 5 for digits in re.findall(r"\d+", spec))


FIELD = re.compile(r"^([^.\[\]]*)((?:\.[^.\[\]]+|\[[^\]]+\])*)$")


def format_call(machine: Machine, template: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Text:
    """`template.format(...)`: literal pieces are parsed for fields, holes of the template stay where they are."""
    named: dict[str, Value] = dict(arguments.keywords)
    more = [hole for entry in arguments.unknown_keywords for hole in holes_of(entry)]
    return _fill_fields(machine, template, list(arguments.positional), named, more, node, frame)


def format_method(machine: Machine, template: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Text:
    """`template.format(...)` of Python's own: it raises where a field gets nothing."""
    text = format_call(machine, template, arguments, node, frame)
    if any(isinstance(item, Spread) for item in arguments.positional):
        return text

    def told(piece: Piece) -> Piece:
        if isinstance(piece, Hole) and isinstance(piece.identity, tuple) and piece.identity[::2] == ("field", id(node)):
            return replace(piece, type=RAISED)
        return piece

    return Text(tuple(map(told, text.pieces)))


def _fill_fields(
    machine: Machine,
    template: Text,
    positional: Sequence[Item],
    named: Mapping[str, Value],
    more: Sequence[Hole],
    node: ast.AST,
    frame: Frame,
) -> Text:
    out: list[Text | str] = []
    auto = 0
    for piece in template.pieces:
        match piece:
            case Hole():
                out.append(Text((piece,)))
            case Alternative(condition, then, otherwise):
                filled = [_fill_fields(machine, side, positional, named, more, node, frame) for side in (then, otherwise)]
                out.append(join_text(condition, *filled))
            case Literal(text, place):
                try:
                    fields = list(string.Formatter().parse(text))
                except ValueError:
                    out.append(Text((piece,)))
                    continue
                for literal, name, spec, conversion in fields:
                    out.append(Text.of(Literal(literal, place)))
                    if name is None:
                        continue
                    if name == "" or name[0] in ".[":
                        name = f"{auto}{name}"
                        auto += 1
                    value = _field(machine, name, positional, named, node, frame)
                    if value is None and more:  # an entry of a mapping that was spread: as short-lived as that is
                        identity = ("field", name, tuple(hole.identity for hole in more))
                        value = machine.derived(more, node, frame, identity=identity, expression=name)
                    if value is None:
                        out.append(Text((known.missing(name, ("field", name, id(node))),)))
                        continue
                    width = Text.of(spec or "")
                    if "{" in (spec or ""):
                        width = _fill_fields(machine, width, positional[auto:], named, more, node, frame)
                    turned = ord(conversion) if conversion else -1
                    out.append(formatted(machine, value, turned, width, argument_node(node, name), frame))
    return machine.text(*out)


def argument_node(node: ast.AST, name: str) -> ast.AST:
    """The argument expression that a field takes its value from, for the trace; the whole call where it is not plain."""
    if isinstance(node, ast.Call):
        first = re.split(r"[.\[]", name, maxsplit=1)[0]
        if first.isdigit() and int(first) < len(node.args):
            return node.args[int(first)]
        for keyword in node.keywords:
            if keyword.arg == first:
                return keyword.value
    return node


def _field(
    machine: Machine, name: str, positional: Sequence[Item], named: Mapping[str, Value], node: ast.AST, frame: Frame
) -> Value | None:
    match = FIELD.match(name)
    if match is None:
        return None
    first, rest = match.groups()
    value: Value | None
    if first.isdigit():
        item = positional[int(first)] if int(first) < len(positional) else None
        value = known.plain(item) if item is not None else None
    else:
        value = named.get(first)
    for part in re.findall(r"\.[^.\[\]]+|\[[^\]]+\]", rest):
        if value is None:
            return None
        if part.startswith("."):
            value = machine.attribute(value, part[1:], node, frame)
        else:
            from auditor.interp import subscripts

            key = part[1:-1]
            value = subscripts.get(machine, value, const(int(key)) if key.isdigit() else Text.of(key), node, frame)
    return value


PERCENT = re.compile(
    r"%(?:\((?P<name>[^)]*)\))?(?P<flags>[-#0 +]*)(?P<width>\*|\d+)?"
    r"(?:\.(?P<precision>\*|\d+))?[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])"
)


def percent(machine: Machine, template: Text, right: Value, node: ast.AST, frame: Frame) -> Text:
    """`template % right`."""
    right = decide(right, machine.assumptions)
    items: list[Item] = list(right.items) if isinstance(right, TupleValue) else [right]
    out: list[Text | str] = []
    taken = 0
    for piece in template.pieces:
        if not isinstance(piece, Literal):
            out.append(Text((piece,)))
            continue
        position = 0
        for match in PERCENT.finditer(piece.text):
            out.append(Text.of(Literal(piece.text[position : match.start()], piece.place)))
            position = match.end()
            kind, name = match["kind"], match["name"]
            if kind == "%":
                out.append("%")
                continue
            value: Value | None
            if name is not None:
                from auditor.interp import subscripts

                value = subscripts.get(machine, right, Text.of(name), node, frame)
            else:
                item = items[taken] if taken < len(items) else None
                value = known.plain(item) if item is not None else None
                taken += 1
            if value is None:
                out.append(Text((known.missing(match[0], ("percent", taken, id(node))),)))
            elif kind in "ra":
                out.append(strings.repr_text(machine, value, node, frame))
            else:
                found, raw = known.scalar(value)
                if found and not isinstance(raw, tuple) and match["width"] != "*" and not wide(match[0].rpartition(")")[2]):
                    try:
                        written = re.sub(r"\(.*?\)", "", match[0], count=1) % raw
                        out.append(Text.of(strings.number(machine, raw, written, node, frame)))
                        continue
                    except (TypeError, ValueError):
                        pass
                out.append(strings.to_text(machine, value, node, frame))
        out.append(Text.of(Literal(piece.text[position:], piece.place)))
    return machine.text(*out)


def format_map(machine: Machine, receiver: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`template.format_map(mapping)`; what a mapping of the project's own lacks, its `__missing__` says."""
    mapping = arguments.get(0, "mapping")
    if isinstance(mapping, Instance):
        return _of_instance(machine, receiver, mapping, node, frame)
    if not isinstance(mapping, DictRef):
        return None
    named = {
        name: entry.value
        for entry in machine.entries(mapping).entries
        if isinstance(entry, Entry) and (name := known.text_of(entry.key)) is not None
    }
    more = [entry.hole for entry in machine.entries(mapping).entries if isinstance(entry, SpreadEntries)]
    return _fill_fields(machine, receiver, [], named, more, node, frame)


def _of_instance(machine: Machine, receiver: Text, mapping: Instance, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import attributes

    missing = attributes.class_member(machine, mapping.cls, "__missing__")
    named: dict[str, Value] = {}
    for name in dict.fromkeys(re.findall(r"\{(\w+)", receiver.literal)):
        found = machine.store.get(mapping.address, name)
        if found is None and missing is not None:
            found = machine.call(attributes.bind(machine, missing, mapping), Arguments((Text.of(name),)), node, frame)
        if found is not None:
            named[name] = found  # type: ignore[assignment]
    return _fill_fields(machine, receiver, [], named, (), node, frame)
