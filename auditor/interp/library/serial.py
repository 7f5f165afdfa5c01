"""Serialisation: `json.dumps` of known and unknown data, loading data files of the project."""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import known, strings
from auditor.values.domain import (
    Arguments,
    Choice,
    Const,
    DictRef,
    Entry,
    ExternalObject,
    Instance,
    ListRef,
    SetRef,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import decide, holes_of, join_text
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.text import Hole, Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def _dumps(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0, "obj")
    return None if first is None else dumps_text(machine, first, arguments, node, frame)


def dumps_text(
    machine: Machine, value: Value, arguments: Arguments, node: ast.AST, frame: Frame, separators: tuple[str, str] | None = None
) -> Text:
    """The JSON text of a value, holes in place."""
    writer = _Writer(machine, arguments, node, frame, separators)
    return writer.write(value, 0)


WIDEST = 1_000
"""Spaces of indentation that a line is really given."""


class _Writer:
    """Writes JSON as `json.dumps` does with the options of one call."""

    def __init__(
        self, machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame, separators: tuple[str, str] | None
    ) -> None:
        self.machine, self.node, self.frame = machine, node, frame
        indent = arguments.keyword("indent")
        width = known.int_of(indent)
        self.indent = " " * min(width, WIDEST) if width is not None else known.text_of(indent)
        self.ascii = known.scalar(arguments.keyword("ensure_ascii"))[1] is not False if separators is None else False
        self.sorted = known.scalar(arguments.keyword("sort_keys"))[1] is True
        given = known.scalar(arguments.keyword("separators"))[1]
        default = (",", ": ") if self.indent is not None else (", ", ": ")
        chosen = given if isinstance(given, tuple) and len(given) == 2 else separators or default
        self.item, self.key = str(chosen[0]), str(chosen[1])

    def write(self, value: Value, depth: int) -> Text:
        value = decide(value, self.machine.assumptions)
        self.machine.step()
        if depth > 30:
            return Text((self.machine.limit("depth", self.node, self.frame),))
        match value:
            case Text():
                return self._string(value)
            case Const(raw):
                try:
                    return Text.of(json.dumps(raw))
                except (TypeError, ValueError):
                    return Text((self.machine.unknown(Reason.UNSUPPORTED, self.node, self.frame),))
            case ListRef() | TupleValue():
                content = self.machine.items(value)
                parts = [
                    strings._item_text(self.machine, item, self.node, self.frame, lambda one: self.write(one, depth + 1))
                    for item in content.items
                ]
                return self._enclosed("[", parts, "]", depth)
            case SetRef():
                return Text((strings.set_order(self.machine, value, self.node, self.frame),))
            case DictRef():
                return self._mapping(value, depth)
            case Choice(condition, then, otherwise):
                return join_text(condition, self.write(then, depth), self.write(otherwise, depth))
            case Instance():
                from auditor.interp import classes

                return self.write(classes.attribute_dict(self.machine, value), depth + 1)
            case Hole():
                return Text((self._dumped(value),))
            case _:
                return Text((self.machine.derived(holes_of(value), self.node, self.frame, reason=Reason.UNSUPPORTED),))

    def _dumped(self, value: Hole) -> Hole:
        return self.machine.derived(
            [value],
            self.node,
            self.frame,
            identity=("json", value.identity),
            expression=value.expression if value.reason else None,
            reason=value.reason,
        )

    def _string(self, value: Text) -> Text:
        text = value.known
        if text is not None:
            place = next((piece.place for piece in value.pieces if isinstance(piece, Literal)), None)
            return Text.of(Literal(json.dumps(text, ensure_ascii=self.ascii), place))
        pieces = [
            Literal(json.dumps(piece.text, ensure_ascii=self.ascii)[1:-1], piece.place) if isinstance(piece, Literal) else piece
            for piece in value.pieces
        ]
        return self.machine.text('"', Text(tuple(pieces)), '"')

    def _mapping(self, value: DictRef, depth: int) -> Text:
        content = self.machine.entries(value)
        entries = list(content.entries)
        if self.sorted and all(isinstance(entry, Entry) and known.text_of(entry.key) is not None for entry in entries):
            entries.sort(key=lambda entry: known.text_of(entry.key) or "" if isinstance(entry, Entry) else "")
        parts: list[Text] = []
        for entry in entries:
            if isinstance(entry, Entry):
                key = self._string(self.machine.to_text(entry.key, self.node, self.frame))
                parts.append(self.machine.text(key, self.key, self.write(entry.value, depth + 1)))
            elif isinstance(entry, SpreadEntries):
                parts.append(Text((self._dumped(entry.hole),)))
            else:
                sides = [self.machine.new_dict(side) for side in (entry.then, entry.otherwise)]
                written = [self._inner(self.write(side, depth)) for side in sides]
                parts.append(join_text(entry.condition, *written))
        text = self._enclosed("{", parts, "}", depth)
        if content.order is not None and not self.sorted:
            return Text(
                (
                    self.machine.hole(
                        self.node,
                        self.frame,
                        content.order.lifetime,
                        Cause.KEY_ORDER,
                        identity=("keys", content.order.identity),
                        content=text,
                    ),
                )
            )
        return text

    def _inner(self, text: Text) -> Text:
        known_text = text.known
        return Text.of(known_text[1:-1].strip()) if known_text is not None else text

    def _enclosed(self, opening: str, parts: list[Text], closing: str, depth: int) -> Text:
        if not parts:
            return Text.of(opening + closing)
        if self.indent is None:
            return self.machine.text(opening, strings.join_parts(self.machine, Text.of(self.item), parts), closing)
        line = "\n" + self.indent * (depth + 1)
        body = strings.join_parts(self.machine, Text.of(self.item + line), parts)
        return self.machine.text(opening + line, body, "\n" + self.indent * depth + closing)


def _loads(parse: Callable[[str], object]) -> Overlay:
    def loads(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        first = known.plain(arguments.positional[0]) if arguments.positional else None
        if isinstance(first, ExternalObject) and first.cls == "io.TextIOWrapper" and first.arguments is not None:
            first = known.plain(first.arguments.positional[0]) if first.arguments.positional else None
        text = known.text_of(first)
        if text is not None:
            try:
                return strings.wrap(machine, parse(text), first if isinstance(first, Text) else None)
            except (ValueError, RecursionError, tomllib.TOMLDecodeError):
                return None
        if first is None:
            return None
        return machine.derived(
            holes_of(first),
            node,
            frame,
            identity=("parsed", first) if isinstance(first, Hole) else None,
            reason=Reason.EXTERNAL_DATA,
        )

    return loads


def _yaml(text: str) -> object:
    """YAML needs a parser that may not be installed beside the tool: then the data stay unknown."""
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError as error:
        raise ValueError("no YAML parser") from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _schema(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A schema generated from a class: its bytes are the library's, its lifetime the deployment's."""
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    return machine.hole(node, frame, Lifetime.DEPLOY, Cause.VALUE, identity=("schema", first)) if first is not None else None


OVERLAYS: dict[str, Overlay] = {
    "json.dumps": _dumps,
    "ujson.dumps": _dumps,
    "simplejson.dumps": _dumps,
    "json.loads": _loads(json.loads),
    "json.load": _loads(json.loads),
    "tomllib.loads": _loads(tomllib.loads),
    "tomllib.load": _loads(tomllib.loads),
    "tomli.loads": _loads(tomllib.loads),
    "toml.load": _loads(tomllib.loads),
    "yaml.safe_load": _loads(_yaml),
    "yaml.load": _loads(_yaml),
    "pydantic.TypeAdapter": _schema,
}
