"""The methods of `str` over text with holes."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import formats, known, marking, standins, strings
from auditor.limits import FEW_LEAVES, LOCATED_REPLACEMENTS
from auditor.values.domain import (
    Arguments,
    Choice,
    Entry,
    Spread,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import holes_of, join_text, leaves
from auditor.values.text import Alternative, Hole, Literal, Text

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def method(machine: Machine, receiver: Text, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """A call of a `str` method."""
    if name in {"startswith", "endswith"}:
        marking.compared(machine, receiver, *(one for item in arguments.positional if (one := known.plain(item)) is not None))
    handler = METHODS.get(name)
    if handler is not None:
        result = handler(machine, receiver, arguments, node, frame)
        if result is not None:
            return result
    text = receiver.known
    positional = [known.python(machine, item) for item in arguments.positional]
    named = {keyword: known.python(machine, one) for keyword, one in arguments.keywords}
    if text is not None and all(found for found, _ in (*positional, *named.values())) and name in PURE:
        if _grown(name, text, [raw for _, raw in positional]) > machine.limits.text_characters:
            return machine.limit("text_characters", node, frame)
        try:
            keywords = {keyword: raw for keyword, (_, raw) in named.items()}
            return wrap(machine, getattr(text, name)(*(raw for _, raw in positional), **keywords), receiver)
        except (TypeError, ValueError, LookupError, OverflowError):
            pass
    if name == "encode":  # the same characters: what is sent as bytes is read as text
        return receiver
    holes = [*receiver.holes(), *(hole for item in arguments.all() for hole in holes_of(item))]
    if name in PREDICATES:
        return machine.derived(
            holes, node, frame, identity=("str", name, receiver, arguments.positional), reason=None, type="builtins.bool"
        )
    if name in SPLITS:
        stretch = machine.derived(holes, node, frame, identity=("str", name, receiver, arguments.positional))
        return machine.new_list([Spread(stretch, (stretch,))])
    return machine.derived(holes, node, frame, identity=("str", name, receiver, arguments.positional))


def _grown(name: str, text: str, given: list[object]) -> int:
    """How many characters a method may make of a text, where that may be many more than it has."""
    match name, given:
        case "translate", [dict() as table]:
            return len(text) * max((len(raw) for raw in table.values() if isinstance(raw, str)), default=1)
        case (("center" | "ljust" | "rjust" | "zfill" | "expandtabs"), _):
            widest = max((abs(raw) for raw in given if isinstance(raw, int)), default=0)
            return widest * (len(text) if name == "expandtabs" else 1)
        case _:
            return 0


PURE = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "upper",
        "lower",
        "title",
        "capitalize",
        "casefold",
        "swapcase",
        "center",
        "ljust",
        "rjust",
        "zfill",
        "expandtabs",
        "removeprefix",
        "removesuffix",
        "split",
        "rsplit",
        "splitlines",
        "partition",
        "rpartition",
        "startswith",
        "endswith",
        "find",
        "rfind",
        "index",
        "rindex",
        "count",
        "isdigit",
        "isalpha",
        "isalnum",
        "isspace",
        "isupper",
        "islower",
        "istitle",
        "isnumeric",
        "isdecimal",
        "isidentifier",
        "replace",
        "encode",
        "translate",
    ]
)
SAME = frozenset(
    {"strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "replace", "expandtabs", "lower", "upper", "casefold"}
)
"""Those that make another text of a text."""
PREDICATES = frozenset(
    [
        "startswith",
        "endswith",
        "isdigit",
        "isalpha",
        "isalnum",
        "isspace",
        "isupper",
        "islower",
        "istitle",
        "isnumeric",
        "find",
        "rfind",
        "index",
        "count",
    ]
)
SPLITS = frozenset(["split", "rsplit", "splitlines"])


def wrap(machine: Machine, raw: object, origin: Text | None = None) -> Value:
    """An abstract value from a plain one; text keeps the place that it came from."""
    places = strings.places(origin) if origin is not None else []
    match raw:
        case str():
            return Text.of(Literal(raw, places[0] if places else None))
        case list():
            return machine.new_list([wrap(machine, item, origin) for item in raw[: machine.limits.items + 1]])
        case tuple():
            return TupleValue(tuple(wrap(machine, item, origin) for item in raw))
        case set() | frozenset():
            return machine.new_set([wrap(machine, item, origin) for item in sorted(raw, key=repr)])
        case dict():
            return machine.new_dict([Entry(wrap(machine, key, origin), wrap(machine, item, origin)) for key, item in raw.items()])
        case _:
            return const(raw)


def _strip(machine: Machine, receiver: Text, arguments: Arguments, node: ast.AST, frame: Frame, sides: str) -> Value | None:
    characters = known.text_of(arguments.positional[0]) if arguments.positional else None
    if (arguments.positional and characters is None) or not receiver.pieces:
        return None if arguments.positional and characters is None else receiver
    pieces = list(receiver.pieces)
    if "l" in sides:
        while pieces and isinstance(piece := pieces[0], Literal):
            stripped = piece.text.lstrip(characters)
            pieces[0] = Literal(stripped, piece.place, piece.counts)
            if stripped:
                break
            del pieces[0]
    if "r" in sides:
        while pieces and isinstance(piece := pieces[-1], Literal):
            stripped = piece.text.rstrip(characters)
            pieces[-1] = Literal(stripped, piece.place, piece.counts)
            if stripped:
                break
            del pieces[-1]
    return Text(tuple(pieces))  # a hole at the edge may lose spaces of its own: it stays a hole


def _replace(machine: Machine, receiver: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    old, new = arguments.get(0, "old"), arguments.get(1, "new")
    needle, count = known.text_of(old), arguments.get(2, "count")
    if needle is None or new is None or not needle or (count is not None and known.int_of(count) != -1):
        return None
    replacement = strings.to_text(machine, new, _second_argument(node), frame)
    out: list[Text | str] = []
    for piece in receiver.pieces:
        match piece:
            case Literal(text, place) if (plain := replacement.known) is not None and text.count(needle) > LOCATED_REPLACEMENTS:
                if len(text) + text.count(needle) * len(plain) > machine.limits.text_characters:
                    return machine.limit("text_characters", node, frame)
                out.append(Text.of(Literal(text.replace(needle, plain), place)))
            case Literal(counts=str()) if needle not in piece.text:
                out.append(Text((piece,)))
            case Literal(text, place):
                for index, part in enumerate(text.split(needle)):
                    if index:
                        out.append(replacement)
                    out.append(Text.of(Literal(part, place)))
            case Hole():
                out.append(Text((piece,)))
            case Alternative(condition, then, otherwise):
                sides = [_replace(machine, side, arguments, node, frame) for side in (then, otherwise)]
                texts = [side if isinstance(side, Text) else Text() for side in sides]
                out.append(join_text(condition, *texts))
    return machine.text(*out)


def _second_argument(node: ast.AST) -> ast.AST:
    return node.args[1] if isinstance(node, ast.Call) and len(node.args) > 1 else node


def _casing(machine: Machine, receiver: Text, name: str) -> Value:
    pieces = [
        Literal(getattr(piece.text, name)(), piece.place, piece.counts)
        if isinstance(piece, Literal)
        else Hole(
            ("str", name, piece.identity),
            f"{piece.expression}.{name}()",
            piece.lifetime,
            piece.cause,
            piece.evidence,
            piece.reason,
            piece.place,
            piece.trace,
        )
        if isinstance(piece, Hole)
        else Alternative(piece.condition, _casing(machine, piece.then, name), _casing(machine, piece.otherwise, name))  # type: ignore[arg-type]
        for piece in receiver.pieces
    ]
    return Text(tuple(pieces))


def _startswith(machine: Machine, receiver: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    prefix = known.text_of(arguments.positional[0]) if arguments.positional else None
    first = receiver.pieces[0] if receiver.pieces else None
    if prefix is not None and isinstance(first, Literal) and len(first.text) >= len(prefix):
        return const(first.text.startswith(prefix))
    return None


def _join(machine: Machine, receiver: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    iterable = arguments.get(0, "iterable")
    return None if iterable is None else strings.join(machine, receiver, iterable, node, frame)


Handler = Callable[["Machine", Text, Arguments, ast.AST, "Frame"], Value | None]


def _same(machine: Machine, receiver: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return receiver


def _splitting(name: str) -> Handler:
    def split(machine: Machine, receiver: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        found = standins.split(machine, receiver, name, arguments)
        each = known.ways(receiver, FEW_LEAVES) if found is None else receiver
        if isinstance(each, Choice) and any(isinstance(one, Text) and one.known is not None for one in leaves(each)):
            return machine.each(each, lambda side: method(machine, side, name, arguments, node, frame), node, frame)  # type: ignore[arg-type]
        return found

    return split


METHODS: dict[str, Handler] = {
    **{name: _splitting(name) for name in ("split", "rsplit", "partition", "rpartition")},
    "decode": _same,  # bytes of a file are the text that they spell
    "format": formats.format_method,
    "format_map": formats.format_map,
    "join": _join,
    "replace": _replace,
    "startswith": _startswith,
    "strip": lambda m, r, a, n, f: _strip(m, r, a, n, f, "lr"),
    "lstrip": lambda m, r, a, n, f: _strip(m, r, a, n, f, "l"),
    "rstrip": lambda m, r, a, n, f: _strip(m, r, a, n, f, "r"),
    "upper": lambda m, r, a, n, f: _casing(m, r, "upper"),
    "lower": lambda m, r, a, n, f: _casing(m, r, "lower"),
}
