"""`textwrap`, `string.Template`, `inspect.cleandoc`, `re`: text functions of the standard library."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import known, strings
from auditor.values.domain import Arguments, DictRef, Entry, ExternalObject, Text, Value
from auditor.values.join import join_text
from auditor.values.text import Alternative, Hole, Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]

# A private-use character stands for a hole while a function works on the literal text around it.
MARK = "\ue000{}\ue001"
MARKS = re.compile("\ue000(\\d+)\ue001")


def around_holes(text: Text, function: Callable[[str], str]) -> Text:
    """Applies a function of layout to the text, holes carried along as one word each."""
    kept: list[Hole | Alternative] = []
    parts: list[str] = []
    places = [piece.place for piece in text.pieces if isinstance(piece, Literal) and piece.place is not None]
    for piece in text.pieces:
        if isinstance(piece, Literal):
            parts.append(piece.text)
        else:
            parts.append(MARK.format(len(kept)))
            kept.append(piece)
    out: list[Text | str] = []
    place = places[0] if places else None
    for index, part in enumerate(MARKS.split(function("".join(parts)))):
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


def _template(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0, "template")
    return ExternalObject("string.Template", (), Arguments((first,)), machine.serial()) if isinstance(first, Text) else None


DOLLAR = re.compile(r"\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")


def template_method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`string.Template(...).substitute(...)`, methods of open files, `re.Pattern.sub`."""
    if not value.path:
        return None
    name = value.path[-1]
    if value.cls == "io.TextIOWrapper":
        from auditor.interp.library import files

        return files.file_method(machine, value, name, node, frame)
    if value.cls == "string.Template" and name in {"substitute", "safe_substitute"} and value.arguments is not None:
        template = known.plain(value.arguments.positional[0])
        named = dict(arguments.keywords)
        mapping = arguments.get(0, "mapping")
        if isinstance(mapping, DictRef):
            for entry in machine.entries(mapping).entries:
                if isinstance(entry, Entry) and (key := known.text_of(entry.key)) is not None:
                    named.setdefault(key, entry.value)
        if not isinstance(template, Text):
            return None
        return _substitute(machine, template, named, node, frame, keep=name == "safe_substitute")
    return None


def _substitute(machine: Machine, template: Text, named: dict[str, Value], node: ast.AST, frame: Frame, *, keep: bool) -> Text:
    """`keep`: a name without a value stays as it is written."""
    out: list[Text | str] = []
    for piece in template.pieces:
        match piece:
            case Literal(text, place):
                position = 0
                for match in DOLLAR.finditer(text):
                    out.append(Text.of(Literal(text[position : match.start()], place)))
                    position = match.end()
                    name = match[2] or match[3]
                    value = named.get(name) if name else None
                    if match[1]:
                        out.append("$")
                    elif value is None and keep:
                        out.append(Text.of(Literal(match[0], place)))
                    elif value is None:
                        out.append(Text((known.missing(match[0], ("dollar", name, id(node))),)))
                    else:
                        out.append(machine.to_text(value, strings._argument(node, name), frame))
                out.append(Text.of(Literal(text[position:], place)))
            case Hole():
                out.append(Text((piece,)))
            case Alternative(condition, then, otherwise):
                sides = (_substitute(machine, side, named, node, frame, keep=keep) for side in (then, otherwise))
                out.append(join_text(condition, *sides))
    return machine.text(*out)


def _sub(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    pattern, replacement, subject = (
        known.text_of(arguments.get(index, name)) for index, name in enumerate(("pattern", "repl", "string"))
    )
    if pattern is None or replacement is None or subject is None or not _quick(pattern, subject):
        return None
    try:
        return Text.of(re.sub(pattern, replacement, subject))
    except (re.error, IndexError, OverflowError):
        return None


MOST_TRIES = 10**9


def _quick(pattern: str, subject: str) -> bool:
    """Whether matching certainly ends soon: a backtracking engine tries each repetition at each length, and cannot be stopped."""
    repetitions = len(re.findall(r"(?<!\\)[*+{]", pattern))
    nested = re.search(r"\)[*+?{]|\\\d|\(\?P=", pattern) is not None
    return (
        not nested
        and pattern.count("?") <= 6
        and len(pattern) <= 1_000
        and max(1, len(subject)) ** (repetitions + 1) <= MOST_TRIES
    )


OVERLAYS: dict[str, Overlay] = {
    "textwrap.dedent": _layout(textwrap.dedent),
    "textwrap.indent": _indent,
    "inspect.cleandoc": _layout(inspect.cleandoc, "doc"),
    "string.Template": _template,
    "re.sub": _sub,
}
