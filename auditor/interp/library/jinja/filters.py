"""What Jinja2's filters make of values that are partly known.

Filters that keep text or items as they are have their own functions here. Others are Jinja2's own where everything is known;
what they make of an unknown value is as short-lived as that value.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from auditor.interp import containers, formats, known, mappings, stretches, strings, textmethods
from auditor.interp.library import builtin, iteration, ordering, serial, textual
from auditor.interp.library.jinja import access, testing
from auditor.interp.library.jinja.access import NOTHING
from auditor.limits import FILTER_CHARACTERS, FILTER_WIDTH
from auditor.values.domain import (
    AltItems,
    Arguments,
    Choice,
    DictRef,
    Hole,
    Item,
    Items,
    ListRef,
    SetRef,
    Spread,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, holes_of
from auditor.values.lifetime import Reason
from auditor.values.text import Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]

COMPUTED = frozenset(
    {
        *(
            "abs",
            "batch",
            "capitalize",
            "center",
            "dictsort",
            "filesizeformat",
            "float",
            "groupby",
            "int",
            "max",
            "min",
            "pprint",
        ),
        *("reverse", "round", "slice", "sort", "striptags", "sum", "title", "truncate", "unique", "urlencode", "wordcount"),
        *("wordwrap", "xmlattr"),
    }
)
"""Filters that Jinja2 itself computes where their arguments are known: their work grows with the size of these alone."""


def apply(machine: Machine, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`value | name(...)`."""
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    first = decide(first, machine.assumptions) if first is not None else NOTHING
    given = Arguments(arguments.positional[1:], arguments.keywords, arguments.unknown_keywords)
    if isinstance(first, Choice) and name not in {"default", "d"}:
        return machine.each(first, lambda side: _apply(machine, name, side, given, node, frame), node, frame)
    return _apply(machine, name, first, given, node, frame)


def _apply(machine: Machine, name: str, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value:
    if name in COMPUTED:
        computed = _computed(machine, name, value, given)
        if computed is not None:
            return computed
    special = FILTERS.get(name)
    made = special(machine, value, given, node, frame) if special is not None else None
    if made is not None:
        return made
    holes = [*_holes(machine, value), *(hole for item in given.all() for hole in holes_of(item))]
    return machine.derived(
        holes, node, frame, identity=_identity(name, value, given), reason=None if holes else Reason.UNMODELLED_CALL
    )


def _identity(name: str, value: Value, given: Arguments) -> object:
    identity = ("filter", name, value, given.positional, given.keywords)
    try:
        hash(identity)
    except TypeError:
        return None
    return None if isinstance(value, ListRef | DictRef | SetRef) else identity


def _holes(machine: Machine, value: Value) -> list[Hole]:
    match value:
        case ListRef() | SetRef() | TupleValue():
            return [hole for item in machine.items(value).items for hole in holes_of(item)]
        case DictRef():
            return [hole for entry in machine.entries(value).entries for hole in holes_of(entry)]
        case _:
            return holes_of(value)


def _computed(machine: Machine, name: str, value: Value, given: Arguments) -> Value | None:
    """What Jinja2's own filter gives, where everything is known."""
    import jinja2

    if given.unknown_keywords:
        return None
    parts = [access.data(machine, one) for one in (value, *given.positional, *(item for _, item in given.keywords))]  # type: ignore[arg-type]
    if not all(found for found, _ in parts):
        return None
    raw = [part for _, part in parts]
    if sum(map(access.size, raw)) > FILTER_CHARACTERS or any(isinstance(one, int) and abs(one) > FILTER_WIDTH for one in raw[1:]):
        return None
    machine.step(sum(map(access.size, raw)) >> 8)
    first, rest = raw[0], raw[1 : len(given.positional) + 1]
    keywords: dict[str, Any] = dict(zip((key for key, _ in given.keywords), raw[len(given.positional) + 1 :], strict=True))
    try:
        result = jinja2.Environment().call_filter(name, first, rest, keywords)  # noqa: S701 - nothing is rendered
        if not isinstance(result, str | int | float | bool | list | tuple | dict | None):
            result = list(result)
    except (jinja2.TemplateError, TypeError, ValueError, LookupError, ArithmeticError, AttributeError):
        return None
    return textmethods.wrap(
        machine, str(result) if isinstance(result, str) else result, value if isinstance(value, Text) else None
    )


# Filters over what is partly known


def _text(machine: Machine, value: Value, node: ast.AST, frame: Frame) -> Text:
    return value if isinstance(value, Text) else machine.to_text(value, node, frame)


def _method(name: str) -> Callable[..., Value | None]:
    """A filter that is a method of `str`."""

    def method(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        return textmethods.method(machine, _text(machine, value, node, frame), name, given, node, frame)

    return method


def _indent(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    width = given.get(0, "width")
    number = known.int_of(width) if width is not None else 4
    prefix = known.text_of(width) if number is None else " " * min(number, FILTER_WIDTH)
    if prefix is None:
        return None
    first = known.scalar(given.get(1, "first"))[1] is True
    blank = known.scalar(given.get(2, "blank"))[1] is True

    def indented(text: str) -> str:
        lines = text.split("\n")
        rest = [prefix + line if line or blank else line for line in lines[1:]]
        return "\n".join([(prefix if first else "") + lines[0], *rest])

    return textual.around_holes(_text(machine, value, node, frame), indented)


def _join(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    separator, name = given.get(0, "d"), given.get(1, "attribute")
    if name is not None:
        value = TupleValue(
            _each(machine, machine.iterate(value, node, frame).items, lambda one: access.path(machine, one, name, node, frame))
        )
    glue = _text(machine, separator, node, frame) if separator is not None else Text()
    return strings.join(machine, glue, value, node, frame)


def _each(machine: Machine, items: tuple[Item, ...], function: Callable[[Value], Value]) -> tuple[Item, ...]:
    out: list[Item] = []
    for item in items:
        match item:
            case Spread(hole, elements):
                out.append(Spread(hole, _each(machine, elements or (hole,), function)))
            case AltItems(condition, then, otherwise):
                out.append(AltItems(condition, _each(machine, then, function), _each(machine, otherwise, function)))
            case _:
                out.append(function(item))
    return tuple(out)


def _default(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    fallback = given.get(0, "default_value")
    other = fallback if fallback is not None else Text()
    falsy = known.scalar(given.get(1, "boolean"))[1] is True
    decided = machine.truth(value if falsy else testing.defined(machine, value, node, frame))
    if isinstance(decided, bool):
        return value if decided else other
    condition, outcome = decided
    return machine.fork(condition, *((lambda: value, lambda: other) if outcome else (lambda: other, lambda: value)))


def _tojson(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """Keys sorted, and what HTML would take for markup escaped."""
    indent = given.get(0, "indent")
    keywords = (("sort_keys", const(True)), *((("indent", indent),) if indent is not None else ()))
    text = serial.dumps_text(machine, value, Arguments((), keywords), node, frame)
    escapes: dict[str, str | int | None] = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027"}
    return Text(
        tuple(
            Literal(piece.text.translate(str.maketrans(escapes)), piece.place) if isinstance(piece, Literal) else piece
            for piece in text.pieces
        )
    )


def _escape(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    escapes = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"})
    text = _text(machine, value, node, frame)
    return Text(
        tuple(
            Literal(piece.text.translate(escapes), piece.place) if isinstance(piece, Literal) else piece for piece in text.pieces
        )
    )


def _same(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return value


def _string(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return _text(machine, value, node, frame)


def _length(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return const(0) if value == NOTHING else builtin.OVERLAYS["builtins.len"](machine, Arguments((value,)), node, frame)


def _list(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    content = access.iterate(machine, value, node, frame)
    return machine.new_list(content.items, content.order)


def _first(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    items = machine.iterate(value, node, frame).items
    return iteration.first_of(machine, list(items), NOTHING, node, frame) if items else NOTHING


def _last(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    items = machine.iterate(value, node, frame).items
    return iteration.first_of(machine, list(stretches.backwards(items)), NOTHING, node, frame) if items else NOTHING


def _sort(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """Sorted by itself or by attributes, without regard to case unless asked."""
    content = machine.iterate(value, node, frame)
    name = given.get(2, "attribute")
    sensitive = known.scalar(given.get(1, "case_sensitive"))[1] is True
    reverse = known.scalar(given.get(0, "reverse"))[1] is True

    def key(item: Value) -> tuple[bool, object]:
        chosen = access.path(machine, item, name, node, frame) if name is not None else item
        found, raw = known.scalar(chosen)
        return found, raw.lower() if isinstance(raw, str) and not sensitive else raw

    plain = [known.plain(item) for item in content.items]
    keys = [key(item) if item is not None else (False, None) for item in plain]
    if all(found for found, _ in keys):
        try:
            order = sorted(range(len(keys)), key=lambda index: keys[index][1], reverse=reverse)  # type: ignore[arg-type, return-value]
        except TypeError:
            return None
        return machine.new_list([content.items[index] for index in order])
    ordered = ordering.ordered(machine, content, Arguments(), node, frame)
    return machine.new_list(ordered.items, ordered.order)


def _reverse(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    if isinstance(value, Text):
        return None
    content = machine.iterate(value, node, frame)
    return TupleValue(stretches.backwards(content.items), content.order)


def _unique(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    content = machine.iterate(value, node, frame)
    return machine.new_list(containers.distinct(content.items), content.order)


def _map(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`map(attribute="name")` or `map("filter", ...)`."""
    content = access.iterate(machine, value, node, frame)
    name = given.keyword("attribute")
    if name is not None:
        default = given.keyword("default")

        def attribute(item: Value) -> Value:
            found = access.path(machine, item, name, node, frame)
            return default if default is not None and found == NOTHING else found

        return TupleValue(_each(machine, content.items, attribute), content.order)
    wanted = known.text_of(known.plain(given.positional[0])) if given.positional else None
    if wanted is None:
        return None
    rest = Arguments(given.positional[1:], given.keywords)

    def filtered(item: Value) -> Value:
        return apply(machine, wanted, Arguments((item, *rest.positional), rest.keywords), node, frame)

    return TupleValue(_each(machine, content.items, filtered), content.order)


def _selection(keep: bool, by_attribute: bool) -> Callable[..., Value | None]:
    """`select`, `reject`, `selectattr`, `rejectattr`."""

    def select(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        content = access.iterate(machine, value, node, frame)
        rest = [known.plain(item) for item in given.positional]
        name = rest.pop(0) if by_attribute and rest else None
        test = known.text_of(rest.pop(0)) if rest else None
        others = tuple(item for item in rest if item is not None)

        def holds(item: Value) -> Value:
            seen = access.path(machine, item, name, node, frame) if name is not None else item
            return testing.apply(machine, test, Arguments((seen, *others), given.keywords), node, frame) if test else seen

        return TupleValue(_kept(machine, content, holds, keep), content.order)

    return select


def _kept(machine: Machine, content: Items, holds: Callable[[Value], Value], keep: bool) -> tuple[Item, ...]:
    out: list[Item] = []
    for item in content.items:
        value = known.plain(item)
        if value is None:
            out.append(item)
            continue
        decided = machine.truth(holds(value))
        if isinstance(decided, bool):
            out.extend((item,) if decided is keep else ())
            continue
        condition, outcome = decided
        out.append(AltItems(condition, (item,), ()) if outcome is keep else AltItems(condition, (), (item,)))
    return tuple(out)


def _items(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    if value == NOTHING:
        return TupleValue(())
    return mappings.dict_method(machine, value, "items", Arguments(), node, frame) if isinstance(value, DictRef) else None


def _dictsort(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    pairs = _items(machine, value, given, node, frame)
    if pairs is None:
        return None
    ordered = ordering.ordered(machine, machine.iterate(pairs, node, frame), Arguments(), node, frame)
    return TupleValue(ordered.items, ordered.order)


def _format(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """Formatting with `%`."""
    if not isinstance(value, Text):
        return None
    right: Value = TupleValue(given.positional)
    if given.keywords:
        from auditor.values.domain import Entry

        right = machine.new_dict([Entry(Text.of(name), item) for name, item in given.keywords])
    return formats.percent(machine, value, right, node, frame)


def _attr(machine: Machine, value: Value, given: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    name = given.get(0, "name")
    return access.get(machine, value, name, True, node, frame) if name is not None else None


Filter = Callable[["Machine", Value, Arguments, ast.AST, "Frame"], Value | None]

FILTERS: dict[str, Filter] = {
    "attr": _attr,
    "count": _length,
    "d": _default,
    "default": _default,
    "dictsort": _dictsort,
    "e": _escape,
    "escape": _escape,
    "first": _first,
    "forceescape": _escape,
    "format": _format,
    "indent": _indent,
    "items": _items,
    "join": _join,
    "last": _last,
    "length": _length,
    "list": _list,
    "lower": _method("lower"),
    "map": _map,
    "reject": _selection(False, False),
    "rejectattr": _selection(False, True),
    "replace": _method("replace"),
    "reverse": _reverse,
    "safe": _same,
    "select": _selection(True, False),
    "selectattr": _selection(True, True),
    "sort": _sort,
    "string": _string,
    "tojson": _tojson,
    "trim": _method("strip"),
    "unique": _unique,
    "upper": _method("upper"),
}
