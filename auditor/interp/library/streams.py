"""Open files and text buffers: what is read from them, and what was written to them."""

from __future__ import annotations

import ast
import csv
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.values.domain import (
    NONE,
    Arguments,
    DictRef,
    Entry,
    ExternalObject,
    Hole,
    Items,
    ListRef,
    Spread,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.text import Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]

FILE, BUFFER = "io.TextIOWrapper", "io.StringIO"


def opened(machine: Machine, body: Value | None, cls: str = FILE) -> ExternalObject:
    """A stream over a text. Its content and the number of lines that were taken from it are cells of the program."""
    content = machine.new_list([body, const(0)] if body is not None else [])
    return ExternalObject(cls, (), Arguments((content,)), machine.serial())


def body(machine: Machine, value: Value | None) -> Value | None:
    """What a stream holds; None for what is no stream, or one whose content is not known."""
    if not (isinstance(value, ExternalObject) and value.cls in {FILE, BUFFER} and value.arguments is not None):
        return None
    cell = _cell(value)
    items = machine.items(cell).items if cell is not None else ()
    return known.plain(items[0]) if items else None


def _cell(value: ExternalObject) -> ListRef | None:
    first = value.arguments.positional[0] if value.arguments is not None and value.arguments.positional else None
    return first if isinstance(first, ListRef) else None


def lines(machine: Machine, text: Value, node: ast.AST | None, frame: Frame, skip: int = 0) -> Items:
    """The lines of a text with their ends."""
    plain = known.text_of(text)
    if plain is None or not isinstance(text, Text):
        hole = text if isinstance(text, Hole) else machine.derived(text.holes() if isinstance(text, Text) else (), node, frame)
        each = machine.derived([hole], node, frame, identity=("line", hole.identity), reason=hole.reason)
        return Items((Spread(hole, (each,)),))
    place = next((piece.place for piece in text.pieces if isinstance(piece, Literal)), None)
    split = plain.splitlines(keepends=True)[skip:]
    return Items(machine.bounded(tuple(Text.of(Literal(line, place)) for line in split)))


def iterate(machine: Machine, value: ExternalObject, node: ast.AST | None, frame: Frame) -> Items | None:
    """`for line in file`."""
    found = body(machine, ExternalObject(value.cls, (), value.arguments)) if not value.path else None
    return lines(machine, found, node, frame, _taken(machine, value)) if found is not None else None


def _taken(machine: Machine, value: ExternalObject) -> int:
    cell = _cell(value)
    items = machine.items(cell).items if cell is not None else ()
    return known.int_of(items[1]) or 0 if len(items) > 1 else 0


def write(machine: Machine, value: Value | None, text: Value, node: ast.AST, frame: Frame) -> None:
    """Adds to a buffer."""
    cell = _cell(value) if isinstance(value, ExternalObject) and value.cls == BUFFER else None
    before = body(machine, value)
    if cell is not None and isinstance(before, Text):
        machine.set_items(cell, [machine.text(before, machine.to_text(text, node, frame)), const(0)])


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A method of a stream."""
    if value.cls not in {FILE, BUFFER} or len(value.path) != 1:
        return None
    owner = ExternalObject(value.cls, (), value.arguments, value.identity)
    found, cell, first = (
        body(machine, owner),
        _cell(owner),
        known.plain(arguments.positional[0]) if arguments.positional else None,
    )
    match value.path[0]:
        case "__enter__":
            return owner
        case "write" if first is not None:
            write(machine, owner, first, node, frame)
            return NONE
        case "writelines" if first is not None:
            for item in machine.iterate(first, node, frame).items:
                write(machine, owner, item if (item := known.plain(item)) is not None else Text(), node, frame)  # type: ignore[assignment]
            return NONE
        case "read" | "getvalue" | "readall" if not arguments.positional:
            return found
        case "readlines":
            return machine.new_list(lines(machine, found, node, frame).items) if found is not None else None
        case "readline" if found is not None and cell is not None:
            taken = _taken(machine, owner)
            machine.set_items(cell, [found, const(taken + 1)])
            rest = lines(machine, found, node, frame, taken).items
            line = rest[0] if rest else Text()
            return line.hole if isinstance(line, Spread) else known.plain(line)
        case "seek":
            if cell is not None and found is not None:
                machine.set_items(cell, [found, const(0)])
            return const(0)
        case "close" | "flush":
            return NONE
        case _:
            return None


def _buffer(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`io.StringIO(text)`."""
    first = arguments.get(0, "initial_value")
    return opened(machine, first if isinstance(first, Text) else Text(), BUFFER)


# Tables


def _rows(machine: Machine, source: Value | None, node: ast.AST, frame: Frame, delimiter: str) -> list[list[str]] | None:
    """The rows of a table whose text is known."""
    text = known.text_of(body(machine, source))
    if text is None:
        return None
    machine.step(len(text) >> 6)
    try:
        return [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if row][: machine.limits.items]
    except csv.Error:
        return None


def _table(named: bool) -> Overlay:
    """`csv.reader(file)` and `csv.DictReader(file)`."""

    def table(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        source = known.plain(arguments.positional[0]) if arguments.positional else None
        delimiter = known.text_of(arguments.keyword("delimiter")) or ","
        rows = _rows(machine, source, node, frame, delimiter) if len(delimiter) == 1 else None
        if rows is None or (named and arguments.keyword("fieldnames") is not None):
            return None
        if not named:
            return TupleValue(tuple(machine.new_list(map(Text.of, row)) for row in rows))
        head = rows[0] if rows else []
        return TupleValue(tuple(_record(machine, head, row) for row in rows[1:]))

    return table


def _record(machine: Machine, head: list[str], row: list[str]) -> DictRef:
    return machine.new_dict([Entry(Text.of(name), Text.of(cell)) for name, cell in zip(head, row, strict=False)])


OVERLAYS: dict[str, Overlay] = {
    "io.StringIO": _buffer,
    "csv.reader": _table(False),
    "csv.DictReader": _table(True),
}
