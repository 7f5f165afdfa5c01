"""Serialisation: `json.dumps` of known and unknown data, loading data files of the project."""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known, sessions, strings, textmethods
from auditor.interp.library import paths, streams
from auditor.knowledge.credentials import within
from auditor.limits import DATA_DEPTH, INDENT_WIDTH, JSON_DEPTH, LOCATED_TEXTS, SLOW_YAML_CHARACTERS
from auditor.places import Place
from auditor.values.domain import (
    Arguments,
    Choice,
    Const,
    DictRef,
    Entry,
    EntryItem,
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
from auditor.values.text import Condition, Hole, Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def _dumps(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0, "obj")
    if first is None:
        return None
    text = dumps_text(machine, first, arguments, node, frame)
    first = decide(first, machine.assumptions)
    if isinstance(first, DictRef | Choice):
        machine.serialised[text] = first
    return text


def dumps_text(
    machine: Machine, value: Value, arguments: Arguments, node: ast.AST, frame: Frame, separators: tuple[str, str] | None = None
) -> Text:
    """The JSON text of a value, holes in place."""
    writer = _Writer(machine, arguments, node, frame, separators)
    return writer.write(value, 0)


ARRIVING = frozenset({Cause.CONCURRENCY, Cause.LISTING_ORDER, Cause.SET_ORDER})
"""Why the order is not fixed in which entries were put into a mapping."""


class _Writer:
    """Writes JSON as `json.dumps` does with the options of one call."""

    def __init__(
        self, machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame, separators: tuple[str, str] | None
    ) -> None:
        self.machine, self.node, self.frame = machine, node, frame
        indent = arguments.keyword("indent")
        width = known.int_of(indent)
        self.indent = " " * min(width, INDENT_WIDTH) if width is not None else known.text_of(indent)
        self.ascii = known.scalar(arguments.keyword("ensure_ascii"))[1] is not False if separators is None else False
        self.default = arguments.keyword("default")
        self.sorted = known.scalar(arguments.keyword("sort_keys"))[1] is True
        given = known.scalar(arguments.keyword("separators"))[1]
        default = (",", ": ") if self.indent is not None else separators or (", ", ": ")
        chosen = given if isinstance(given, tuple) and len(given) == 2 else default
        self.item, self.key = str(chosen[0]), str(chosen[1])

    def write(self, value: Value, depth: int) -> Text:
        value = decide(value, self.machine.assumptions)
        self.machine.step()
        if self.default is not None and isinstance(value, Instance | SetRef | ExternalObject) and not known.is_none(self.default):
            value = self.machine.call(self.default, Arguments((value,)), self.node, self.frame)
            depth += 1
        if depth > JSON_DEPTH:
            return Text((self.machine.limit("depth", self.node, self.frame),))
        match value:
            case Text():
                return self._string(value)
            case Const(raw):
                try:
                    return Text.of(strings.number(self.machine, raw, json.dumps(raw), self.node, self.frame))
                except (TypeError, ValueError):
                    return Text((self.machine.unknown(Reason.UNSUPPORTED, self.node, self.frame),))
            case ListRef() | TupleValue():
                content = self.machine.items(value)
                parts = [
                    strings.item_text(self.machine, item, self.node, self.frame, lambda one: self.write(one, depth + 1))
                    for item in content.items
                ]
                text = self._enclosed("[", parts, "]", depth)
                return text if content.order is None else Text((self._ordered(content.order, text),))
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

    def _ordered(self, order: Hole, text: Text) -> Hole:
        """A list whose order is not fixed: known content in some order."""
        hole = replace(order, identity=self.machine.identity(("ordered", order.identity, text)), content=text)
        return hole.along(self.machine.place(self.node, self.frame), "in an order that is not fixed")

    def _dumped(self, value: Hole) -> Hole:
        return self.machine.derived(
            [value],
            self.node,
            self.frame,
            identity=("json", value.identity),
            expression=value.expression,
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
        entries = list(sessions.whole(self.machine, value, self.node, self.frame))
        if self.sorted and all(isinstance(entry, Entry) and known.text_of(entry.key) is not None for entry in entries):
            entries.sort(key=lambda entry: known.text_of(entry.key) or "" if isinstance(entry, Entry) else "")
        parts: list[Text] = []
        for entry in map(self._in_its_place, entries) if self.sorted else entries:
            if isinstance(entry, Entry):
                key = self._string(self._key(entry.key))
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

    def _in_its_place(self, entry: EntryItem) -> EntryItem:
        """An entry whose keys came in an order that is not fixed: sorted by them, the order of arrival shows no more."""
        match entry:
            case Entry(Choice(Condition(hole=Hole() as chosen)), value) if chosen.cause in ARRIVING:
                return Entry(self._arrived(chosen), self._arrived(value))
            case Entry(Hole() as key, value) if key.cause in ARRIVING:
                return Entry(self._arrived(key), self._arrived(value))
            case SpreadEntries(hole):
                calm = self._arrived(hole)
                return SpreadEntries(calm) if isinstance(calm, Hole) else entry
            case _:
                return entry

    def _arrived(self, value: Value) -> Value:
        if not isinstance(value, Hole) or value.cause not in ARRIVING:
            return value
        return self.machine.hole(
            self.node,
            self.frame,
            Lifetime.UNKNOWN,
            identity=("arrived", value.identity),
            expression=value.expression,
            reason=Reason.EXTERNAL_DATA,
        )

    def _key(self, key: Value) -> Text:
        """A key as text: constants as JSON writes them."""
        if isinstance(key, Const) and (key.value is None or isinstance(key.value, bool)):
            return Text.of(json.dumps(key.value))
        return self.machine.to_text(key, self.node, self.frame)

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
        first = streams.body(machine, first) or first
        if first is None:
            return None
        return machine.each(first, lambda one: _loaded(machine, parse, one, node, frame), node, frame)

    return loads


def _loaded(machine: Machine, parse: Callable[[str], object], value: Value, node: ast.AST, frame: Frame) -> Value:
    text = known.text_of(value)
    found = _read(machine, parse, value) if isinstance(value, Text) and text is not None else None
    if found is not None:
        return found
    identity = ("parsed", value) if isinstance(value, Hole) else None
    held = within(value.type) if isinstance(value, Hole) else None
    return machine.derived(holes_of(value), node, frame, identity=identity, reason=Reason.EXTERNAL_DATA, type=held)


def _read(machine: Machine, parse: Callable[[str], object], source: Text) -> Value | None:
    """The data that a known text spells; texts in it stand where they are written."""
    text = source.known or ""
    machine.step(len(text) >> 6)
    try:
        data = parse(text)
    except (ValueError, RecursionError, tomllib.TOMLDecodeError):
        return None
    return located(machine, data, source)


RUAMEL = "ruamel.yaml.YAML"


def _ruamel(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return ExternalObject(RUAMEL, (), arguments, machine.serial())


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`YAML().load(path)` of ruamel, which takes a path, a file or a text."""
    if value.cls != RUAMEL or value.path != ("load",) or not arguments.positional:
        return None
    first = known.plain(arguments.positional[0])
    if paths.is_path(first):
        first = paths.content(machine, paths.text(machine, first), node, frame, machine.source(node), first)
    return _loads(_yaml)(machine, Arguments((first,)), node, frame) if first is not None else None


def parsed(machine: Machine, source: Text, kind: str) -> Value | None:
    """The data of a configuration file by the ending of its name."""
    parse = PARSERS.get(kind)
    return _read(machine, parse, source) if parse is not None and source.known is not None else None


def located(machine: Machine, data: object, source: Text) -> Value:
    """Data read from a text as values. A text in it gets the place where its first words stand in the source."""
    place = next((piece.place for piece in source.pieces if isinstance(piece, Literal)), None)
    finder = _Finder(source.known or "", place)

    def value(one: object, depth: int) -> Value:
        machine.step()
        if depth > DATA_DEPTH:
            return machine.limit("depth", None, None, "nested data")
        match one:
            case str():
                return Text.of(Literal(one, finder.place(one)))
            case dict():
                return machine.new_dict([Entry(value(key, depth + 1), value(item, depth + 1)) for key, item in one.items()])
            case list():
                return machine.new_list([value(item, depth + 1) for item in one[: machine.limits.items + 1]])
            case _:
                return textmethods.wrap(machine, one, source)

    return value(data, 0)


class _Finder:
    """Finds the lines on which the texts of a data file begin, as far as they are written there word for word."""

    def __init__(self, text: str, place: Place | None) -> None:
        self._text, self._place = text, place
        self._behind = self._asked = 0

    def place(self, part: str) -> Place | None:
        place = self._place
        if place is None or place.end_line or place.line != 1 or self._asked >= LOCATED_TEXTS:
            return place
        first = part.lstrip().split("\n", 1)[0][:80]
        if len(first) < 4:
            return place
        self._asked += 1
        at = self._text.find(first, self._behind)
        if at < 0:
            return place
        self._behind = at
        return replace(place, line=self._text.count("\n", 0, at) + 1)


def _yaml(text: str) -> object:
    return _yaml_documents(text, many=False)


def _yaml_stream(text: str) -> object:
    return _yaml_documents(text, many=True)


def _yaml_documents(text: str, *, many: bool) -> object:
    """One YAML document, or the list of all. Only plain data are built; the C parser does it where it is installed."""
    import yaml  # type: ignore[import-untyped]

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if len(text) > SLOW_YAML_CHARACTERS and loader is yaml.SafeLoader:
        raise ValueError("more than the plain parser reads in time")
    try:
        return list(yaml.load_all(text, loader)) if many else yaml.load(text, loader)  # noqa: S506 - both loaders are safe
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _schema(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A schema generated from a class: its bytes are the library's, its lifetime the deployment's."""
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    return machine.hole(node, frame, Lifetime.DEPLOY, Cause.VALUE, identity=("schema", first)) if first is not None else None


PARSERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": _yaml,
    "yml": _yaml,
}

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
    "yaml.full_load": _loads(_yaml),
    "yaml.safe_load_all": _loads(_yaml_stream),
    "ruamel.yaml.safe_load": _loads(_yaml),
    RUAMEL: _ruamel,
    "tomli.load": _loads(tomllib.loads),
    "toml.loads": _loads(tomllib.loads),
    "orjson.loads": _loads(json.loads),
    "ujson.loads": _loads(json.loads),
    "pydantic.TypeAdapter": _schema,
}
