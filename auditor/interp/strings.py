"""Text: what becomes of a value when it is formatted, and what the methods of `str` do to text with holes.

Every operation keeps literal pieces literal where that is exact; what cannot be kept becomes a hole that remembers its sources.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.places import Place
from auditor.values.domain import (
    AltItems,
    Arguments,
    Choice,
    ClassValue,
    Const,
    DictRef,
    Entry,
    External,
    ExternalObject,
    Instance,
    Item,
    ListRef,
    SetRef,
    Spread,
    SpreadEntries,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, holes_of, join_text
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.text import Alternative, Hole, Literal, Text

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


BUILTIN_TYPES = frozenset(
    f"builtins.{name}" for name in ("str", "int", "float", "bool", "list", "dict", "tuple", "set", "bytes", "object")
)


def to_text(machine: Machine, value: Value, node: ast.AST | None, frame: Frame) -> Text:
    """`str(value)`."""
    value = decide(value, machine.assumptions)
    match value:
        case Text():
            return value
        case Const(raw):
            try:
                return Text.of(Literal(str(raw), machine.place(node, frame)))
            except ValueError:  # more digits than Python writes
                return Text((machine.limit("numbers", node, frame),))
        case Hole():
            place, expression = machine.place(node, frame), machine.source(node)
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
    if depth > 12:
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
                return Text.of(Literal(repr(known_text), next(iter(_places(value)), None)))
            pieces = [
                Literal(repr(piece.text)[1:-1], piece.place) if isinstance(piece, Literal) else piece for piece in value.pieces
            ]
            return machine.text("'", Text(tuple(pieces)), "'")
        case TupleValue() | ListRef() | SetRef():
            content = machine.items(value)
            parts = [
                _item_text(machine, item, node, frame, lambda one: repr_text(machine, one, node, frame, depth + 1))
                for item in content.items
            ]
            opening, closing = "()" if isinstance(value, TupleValue) else "{}" if isinstance(value, SetRef) else "[]"
            joined = join_parts(machine, Text.of(", "), parts)
            if isinstance(value, SetRef) and len(content.items) > 1:
                return Text((set_order(machine, value, node, frame, joined),))
            return machine.text(opening, joined, ",)" if isinstance(value, TupleValue) and len(parts) == 1 else closing)
        case DictRef():
            parts = []
            for entry in machine.entries(value).entries:
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


def _places(text: Text) -> list[Place]:
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
    named, meant = enums.text(machine, value), enums.value_of(machine, value)
    if named is not None and meant is not None:
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


# Formatting


def formatted(machine: Machine, value: Value, conversion: int, spec: Value | None, node: ast.AST, frame: Frame) -> Text:
    """`{value!r:spec}` of an f-string or a format call."""
    if conversion in (ord("r"), ord("a")):
        value, conversion = repr_text(machine, value, node, frame), -1
    elif conversion == ord("s"):
        value, conversion = to_text(machine, value, node, frame), -1
    if isinstance(value, Instance):
        from auditor.interp import special

        answer = special.ask(machine, value, "__format__", (spec if spec is not None else Text(),), node, frame)
        if isinstance(answer, Text):
            return answer
    spec_text = known.text_of(spec) if spec is not None else ""
    if spec_text == "":
        return to_text(machine, value, node, frame)
    if spec_text is not None and wide(spec_text):
        return Text((machine.limit("text_characters", node, frame),))
    value = decide(value, machine.assumptions)
    if isinstance(value, Choice):
        left = formatted(machine, value.then, conversion, spec, node, frame)
        return join_text(value.condition, left, formatted(machine, value.otherwise, conversion, spec, node, frame))
    found, raw = known.scalar(value)
    if found and spec_text is not None:
        try:
            return Text.of(Literal(format(raw, spec_text), machine.place(node, frame)))
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
    return _fill_fields(machine, template, list(arguments.positional), named, bool(arguments.unknown_keywords), node, frame)


def _fill_fields(
    machine: Machine,
    template: Text,
    positional: Sequence[Item],
    named: Mapping[str, Value],
    more: bool,
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
                    if value is None:
                        out.append(Text((known.missing(name, ("field", name, id(node))),)))
                        continue
                    width = Text.of(spec or "")
                    if "{" in (spec or ""):
                        width = _fill_fields(machine, width, positional[auto:], named, more, node, frame)
                    turned = ord(conversion) if conversion else -1
                    out.append(formatted(machine, value, turned, width, _argument(node, name), frame))
    return machine.text(*out)


def _argument(node: ast.AST, name: str) -> ast.AST:
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
                out.append(repr_text(machine, value, node, frame))
            else:
                found, raw = known.scalar(value)
                if found and not isinstance(raw, tuple) and match["width"] != "*" and not wide(match[0].rpartition(")")[2]):
                    try:
                        out.append(Text.of(Literal(re.sub(r"\(.*?\)", "", match[0], count=1) % raw, machine.place(node, frame))))
                        continue
                    except (TypeError, ValueError):
                        pass
                out.append(to_text(machine, value, node, frame))
        out.append(Text.of(Literal(piece.text[position:], piece.place)))
    return machine.text(*out)


# join


def _item_text(machine: Machine, item: Item, node: ast.AST | None, frame: Frame, convert: Callable[[Value], Text]) -> Text:
    match item:
        case Spread(hole, elements):
            inner = Text.of(*(_item_text(machine, one, node, frame, convert) for one in elements)) if elements else None
            holes = [hole, *(inner.holes() if inner else ())]
            stretch = machine.derived(
                holes, node, frame, identity=("text of", hole.identity, tuple(one.identity for one in holes)), content=inner
            )
            return Text((stretch,))
        case AltItems(condition, then, otherwise):
            sides = [Text.of(*(_item_text(machine, one, node, frame, convert) for one in side)) for side in (then, otherwise)]
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
    text = _join_items(machine, separator, content.items, node, frame, first=True)
    if content.order is not None:
        hole = machine.hole(
            node,
            frame,
            content.order.lifetime,
            content.order.cause,
            identity=("joined", content.order.identity, content.items),
            content=text,
            evidence=content.order.evidence,
        )
        holes = [*text.holes()]
        if Lifetime.shortest(one.lifetime for one in holes) > hole.lifetime:
            hole = machine.derived(holes, node, frame, content=text)
        return Text((hole.along(content.order.place, "in an order that is not fixed"),))
    return text


MOST_OPTIONAL = 3
"""Optional items at the front that are told apart exactly; with more a separator may be out of place."""


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
                out.append(Text((stretch,)))
            case AltItems(condition, then, otherwise):
                if first and optional < MOST_OPTIONAL:  # whether what follows needs a separator depends on the condition too
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


# Methods


def method(machine: Machine, receiver: Text, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """A call of a `str` method."""
    handler = METHODS.get(name)
    if handler is not None:
        result = handler(machine, receiver, arguments, node, frame)
        if result is not None:
            return result
    text = receiver.known
    positional = [known.python(machine, item) for item in arguments.positional]
    if text is not None and all(found for found, _ in positional) and not arguments.keywords and name in PURE:
        widest = max((abs(raw) for _, raw in positional if isinstance(raw, int)), default=0) if name in WIDENING else 0
        if widest * (len(text) if name == "expandtabs" else 1) > machine.limits.text_characters:
            return machine.limit("text_characters", node, frame)
        try:
            return wrap(machine, getattr(text, name)(*(raw for _, raw in positional)), receiver)
        except (TypeError, ValueError, LookupError, OverflowError):
            pass
    if name in {"encode", "decode"}:  # the same characters, as bytes or not
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
WIDENING = frozenset({"center", "ljust", "rjust", "zfill", "expandtabs"})
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
    places = _places(origin) if origin is not None else []
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
            pieces[0] = Literal(stripped, piece.place)
            if stripped:
                break
            del pieces[0]
    if "r" in sides:
        while pieces and isinstance(piece := pieces[-1], Literal):
            stripped = piece.text.rstrip(characters)
            pieces[-1] = Literal(stripped, piece.place)
            if stripped:
                break
            del pieces[-1]
    return Text(tuple(pieces))  # a hole at the edge may lose spaces of its own: it stays a hole


def _replace(machine: Machine, receiver: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    old, new = arguments.get(0, "old"), arguments.get(1, "new")
    needle, count = known.text_of(old), arguments.get(2, "count")
    if needle is None or new is None or not needle or (count is not None and known.int_of(count) != -1):
        return None
    replacement = to_text(machine, new, _second_argument(node), frame)
    out: list[Text | str] = []
    for piece in receiver.pieces:
        match piece:
            case Literal(text, place) if (plain := replacement.known) is not None and text.count(needle) > MANY:
                if len(text) + text.count(needle) * len(plain) > machine.limits.text_characters:
                    return machine.limit("text_characters", node, frame)
                out.append(Text.of(Literal(text.replace(needle, plain), place)))
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


MANY = 256
"""Replacements in one literal whose own places are kept."""


def _second_argument(node: ast.AST) -> ast.AST:
    return node.args[1] if isinstance(node, ast.Call) and len(node.args) > 1 else node


def _casing(machine: Machine, receiver: Text, name: str) -> Value:
    pieces = [
        Literal(getattr(piece.text, name)(), piece.place)
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


def _format_map(machine: Machine, receiver: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    mapping = arguments.get(0, "mapping")
    if not isinstance(mapping, DictRef):
        return None
    named = {
        name: entry.value
        for entry in machine.entries(mapping).entries
        if isinstance(entry, Entry) and (name := known.text_of(entry.key)) is not None
    }
    more = any(isinstance(entry, SpreadEntries) for entry in machine.entries(mapping).entries)
    return _fill_fields(machine, receiver, [], named, more, node, frame)


def _join(machine: Machine, receiver: Text, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    iterable = arguments.get(0, "iterable")
    return None if iterable is None else join(machine, receiver, iterable, node, frame)


Handler = Callable[["Machine", Text, Arguments, ast.AST, "Frame"], Value | None]

METHODS: dict[str, Handler] = {
    "format": format_call,
    "format_map": _format_map,
    "join": _join,
    "replace": _replace,
    "startswith": _startswith,
    "strip": lambda m, r, a, n, f: _strip(m, r, a, n, f, "lr"),
    "lstrip": lambda m, r, a, n, f: _strip(m, r, a, n, f, "l"),
    "rstrip": lambda m, r, a, n, f: _strip(m, r, a, n, f, "r"),
    "upper": lambda m, r, a, n, f: _casing(m, r, "upper"),
    "lower": lambda m, r, a, n, f: _casing(m, r, "lower"),
}
