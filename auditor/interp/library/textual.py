"""`textwrap`, `inspect.cleandoc`: text functions of the standard library."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from auditor.interp import known, textmethods
from auditor.values.domain import Arguments, Spread, Text, Value
from auditor.values.join import holes_of
from auditor.values.text import Alternative, Hole, Literal, Piece

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]

# A private-use character stands for a hole while a function works on the literal text around it.
MARK = "\ue000{}\ue001"
MARKS = re.compile("\ue000(\\d+)\ue001")


def marked(text: Text) -> tuple[str, tuple[Hole | Alternative, ...]]:
    """The text with a mark for each hole, and the holes by number."""
    source, kept = _marked(text, numbers=False)
    return source, tuple(piece for piece in kept if not isinstance(piece, Literal))


def _marked(text: Text, *, numbers: bool) -> tuple[str, list[Piece]]:
    kept: list[Piece] = []
    parts: list[str] = []
    for piece in text.pieces:
        if isinstance(piece, Literal) and not (numbers and piece.counts):
            parts.append(piece.text.replace("\ue000", "\ufffd"))  # no text of the program passes for a mark
        else:
            parts.append(MARK.format(len(kept)))
            kept.append(piece)
    return "".join(parts), kept


def around_holes(text: Text, function: Callable[[str], str]) -> Text:
    """Applies a function of layout to the text, holes and numbers that count carried along as one word each."""
    places = [piece.place for piece in text.pieces if isinstance(piece, Literal) and piece.place is not None]
    source, kept = _marked(text, numbers=True)
    out: list[Text | str] = []
    place = places[0] if places else None
    for index, part in enumerate(MARKS.split(function(source))):
        out.append(Text((kept[int(part)],)) if index % 2 else Text.of(Literal(part, place)))
    return Text.of(*out)


def _layout(function: Callable[[str], str], *names: str) -> Overlay:
    def layout(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        first = arguments.get(0, names[0] if names else "text")
        return around_holes(first, function) if isinstance(first, Text) else first

    return layout


def _indent(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first, prefix = arguments.get(0, "text"), known.text_of(arguments.get(1, "prefix"))
    if not isinstance(first, Text) or prefix is None:
        return None
    if len(prefix) * (first.literal.count("\n") + 1) > machine.limits.text_characters:
        return machine.limit("text_characters", node, frame)
    return around_holes(first, lambda text: textwrap.indent(text, prefix))


def _wrapped(function: Callable[..., str | list[str]], *names: str) -> Overlay:
    """`textwrap.fill` and its relatives: where lines break depends on every character."""

    def wrapped(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        text = arguments.get(0, "text")
        given = {name: known.scalar(arguments.get(index, name)) for index, name in enumerate(("width", *names), 1)}
        given |= {name: known.scalar(value) for name, value in arguments.keywords if name != "text"}
        options: dict[str, Any] = {name: raw for name, (found, raw) in given.items() if found}
        plain = known.text_of(text)
        if plain is not None and len(options) == sum(arguments.get(i, n) is not None for i, n in enumerate(given, 1)):
            machine.step(len(plain) >> 4)
            try:
                return textmethods.wrap(machine, function(plain, **options), text if isinstance(text, Text) else None)
            except (TypeError, ValueError, OverflowError):
                return None
        hole = machine.derived(text.holes() if isinstance(text, Text) else [text] if isinstance(text, Hole) else [], node, frame)
        return hole if function is not textwrap.wrap else machine.new_list([Spread(hole, (hole,))])

    return wrapped


def _escaped(signs: dict[str, str]) -> Overlay:
    """Escaping for markup: literal pieces are escaped, holes stay holes."""
    table: dict[str, str | int | None] = {**signs}

    def escaped(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        given = arguments.positional[0] if arguments.positional else None
        text = known.plain(given) if given is not None else None
        if not isinstance(text, Text):
            return machine.derived(holes_of(given), node, frame) if given is not None else None
        pieces = [
            Literal(piece.text.translate(str.maketrans(table)), piece.place) if isinstance(piece, Literal) else piece
            for piece in text.pieces
        ]
        return Text(tuple(pieces))

    return escaped


MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


OVERLAYS: dict[str, Overlay] = {
    "textwrap.dedent": _layout(textwrap.dedent),
    "textwrap.indent": _indent,
    "inspect.cleandoc": _layout(inspect.cleandoc, "doc"),
    "textwrap.fill": _wrapped(textwrap.fill),
    "textwrap.wrap": _wrapped(textwrap.wrap),
    "textwrap.shorten": _wrapped(textwrap.shorten),
    "html.escape": _escaped({**MARKUP, '"': "&quot;", "'": "&#x27;"}),
    "xml.sax.saxutils.escape": _escaped(MARKUP),
    "markupsafe.escape": _escaped({**MARKUP, '"': "&#34;", "'": "&#39;"}),
}
