"""`pathlib` and `os.path`, as far as they lead to files of the project.

A path below the project's root is known text that starts with a NUL, so that it never mixes with text of the program. Content
of such a file is literal text that lives as long as the deployment.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.places import Place
from auditor.values.domain import NONE, Arguments, Choice, ExternalObject, Hole, Item, Text, TupleValue, Value, const
from auditor.values.join import holes_of
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.text import Literal, Piece

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

PATHS = frozenset({"pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath", "anyio.Path"})


HOME = "~"
"""The user's folder, as paths that `expanduser` is asked for spell it."""


def is_path(value: object) -> bool:
    return isinstance(value, ExternalObject) and value.cls in PATHS


def make(text: str | None, *of: Value | None) -> ExternalObject:
    """A path; one that is not known keeps what it was made of: another value there is another path."""
    return ExternalObject("pathlib.Path", (), Arguments((Text.of(text),) if text is not None else (_unknown(*of),)), 0)


def apart(machine: Machine, value: Value) -> Value:
    """A path that was worked out: where there are two, one is not the other."""
    return replace(value, identity=machine.serial()) if isinstance(value, ExternalObject) and is_path(value) else value


def _unknown(*of: Value | None) -> TupleValue:
    return TupleValue(tuple(hole for value in of for hole in made_of(value)))


def made_of(value: Value | None) -> list[Hole]:
    """The holes that a path, or what one is made of, holds."""
    if isinstance(value, ExternalObject) and value.cls in PATHS and value.arguments is not None:
        return [hole for item in value.arguments.positional for hole in holes_of(item)]
    return holes_of(value)


def text(machine: Machine, value: Value | None) -> str | None:
    """The path as known text: of a `Path` object or a string."""
    if isinstance(value, ExternalObject) and value.cls in PATHS and not value.path and value.arguments is not None:
        parts = [text(machine, known.plain(item)) for item in value.arguments.positional]
        if not parts:
            return "."
        if any(part is None for part in parts):
            return None
        return joined(*(part for part in parts if part is not None))
    if not isinstance(value, Text):
        return None
    # A path that was written into a text is a hole there, which remembers it.
    parts = [piece.text if isinstance(piece, Literal) else _written(piece) for piece in value.pieces]
    return "".join(part for part in parts if part is not None) if None not in parts else None


def _written(piece: Piece) -> str | None:
    return piece.content.known if isinstance(piece, Hole) and piece.type == WRITTEN and piece.content is not None else None


WRITTEN = "path"
"""Type of a hole that stands for a path in a text."""


def as_text(path: str) -> Text:
    """A path as text: what is before the project's folder differs from machine to machine."""
    if not path.startswith("\0"):
        return Text.of(path)
    return Text(
        (Hole(("path", path), path.removeprefix("\0"), Lifetime.DEPLOY, Cause.FILE, type=WRITTEN, content=Text.of(path)),)
    )


def written(value: object) -> str | None:
    """The path that a text was made from by `as_text`."""
    match value:
        case Text((Hole(identity=("path", str() as path), type="path"),)):
            return path
        case _:
            return None


def joined(first: str, *rest: str) -> str:
    project = first.startswith("\0")
    path = posixpath.normpath(posixpath.join(first.removeprefix("\0") or ".", *rest))
    return "\0" + path if project and not path.startswith("/") else path


def join(machine: Machine, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value | None:
    """`left / right`, where either is a path."""
    if not (is_path(left) or is_path(right)):
        return None
    a, b = text(machine, left), text(machine, right)
    return apart(machine, make(joined(a, b) if a is not None and b is not None else None, left, right))


def attribute(machine: Machine, value: ExternalObject, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    if value.path:
        return None
    path = text(machine, value)
    if path is None:
        return make(None, value) if name == "parent" else None
    project, plain = path.startswith("\0"), path.removeprefix("\0")
    match name:
        case "parent":
            return make(("\0" if project else "") + (posixpath.dirname(plain) or "."))
        case "name":
            return Text.of(posixpath.basename(plain))
        case "stem":
            return Text.of(posixpath.splitext(posixpath.basename(plain))[0])
        case "suffix":
            return Text.of(posixpath.splitext(plain)[1])
        case "parents":
            parents: list[Value] = []
            while plain not in {".", "", "/"}:
                plain = posixpath.dirname(plain) or "."
                parents.append(make(("\0" if project else "") + plain))
            return TupleValue(tuple(parents))
        case _:
            return None


def sided(
    machine: Machine, arguments: Arguments, function: Callable[[Arguments], Value | None], node: ast.AST, frame: Frame
) -> Value | None:
    """What a function makes of a path; of each, where it is one of two: what the environment says, or else the program's own."""
    split = _split(machine, arguments.positional, frame)
    if split is None:
        return function(arguments)
    position, both = split

    def each(value: Value) -> Value:
        given = arguments.positional
        changed = replace(arguments, positional=(*given[:position], value, *given[position + 1 :]))
        # What the environment says instead is not one of two again.
        found = function(changed) if value == given[position] else sided(machine, changed, function, node, frame)
        holes = holes_of(value)
        return (
            found if found is not None else machine.derived(holes, node, frame, reason=None if holes else Reason.UNMODELLED_CALL)
        )

    return machine.each(both, each, node, frame)


def _split(machine: Machine, items: Sequence[Item], frame: Frame) -> tuple[int, Choice] | None:
    """The first of several paths that is one of two, and both."""
    for position, item in enumerate(items):
        whole = known.plain(item)
        either = known.ways(whole, machine.limits.choices) if whole is not None else None
        if isinstance(either, Choice):
            return position, either
        hole, usual = _environment(item), _usual(item)
        there = usual is not None and (find(machine, usual, frame) or folder(machine, usual, frame)) is not None
        if hole is not None and usual is not None and there and isinstance(item, Hole | Text):
            condition = machine.condition(("set", hole.identity), hole.expression, hole.lifetime, hole.place, hole)
            return position, Choice(condition, item, Text.of(usual))
    return None


def constructed(machine: Machine, cls: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`Path(...)`."""

    def made(given: Arguments) -> Value:
        return ExternalObject(cls, (), given, machine.serial(), machine.place(node, frame))

    return sided(machine, arguments, made, node, frame)


def _environment(item: Item) -> Hole | None:
    """What of a path the environment says, where the program says it for the case that nothing else does."""
    match item:
        case Hole(cause=Cause.ENVIRONMENT, content=Text()):
            return item
        case Text(pieces):
            found = (_environment(piece) for piece in pieces if isinstance(piece, Hole))
            return next((hole for hole in found if hole is not None), None)
        case _:
            return None


def _usual(item: Item) -> str | None:
    """The path that the program says for that case."""
    match item:
        case Hole(content=Text() as content):
            return _usual(content)
        case Text(pieces):
            parts = [
                piece.text if isinstance(piece, Literal) else _usual(piece) if isinstance(piece, Hole) else None
                for piece in pieces
            ]
            return "".join(part for part in parts if part is not None) if None not in parts else None
        case _:
            return None


def _usual_part(piece: Piece) -> str | None:
    return _usual(piece) if isinstance(piece, Hole) else None


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A method of a path: `value.path` ends with its name."""
    if not value.path:
        return constructed(machine, value.cls, arguments, node, frame)
    owner = ExternalObject(value.cls, value.path[:-1], value.arguments, value.identity)
    name = value.path[-1]
    path = text(machine, owner) if not owner.path else None
    match name:
        case "resolve" | "absolute" | "expanduser":
            return make(path, owner)
        case "joinpath":
            parts = [text(machine, known.plain(item)) for item in arguments.positional]
            complete = path is not None and all(part is not None for part in parts)
            whole = joined(path or "", *(part for part in parts if part is not None)) if complete else None
            return make(whole, owner, *(known.plain(item) for item in arguments.positional))
        case "with_suffix" | "with_name":
            given = known.plain(arguments.positional[0]) if arguments.positional else None
            first = text(machine, given)
            if path is None or first is None:
                return make(None, owner, given)
            return make(
                posixpath.splitext(path)[0] + first if name == "with_suffix" else joined(posixpath.dirname(path) or ".", first)
            )
        case "as_posix" | "__str__" | "__fspath__":
            return as_text(path) if path is not None else None
        case "relative_to" | "as_uri":
            return None
        case "exists" | "is_file":
            found = find(machine, path, frame)
            return const(True) if found is not None else None
        case "open":
            from auditor.interp.library import streams

            return streams.opened(machine, content(machine, path, node, frame, machine.source(node), owner))
        case "read_text" | "read_bytes":
            return content(machine, path, node, frame, machine.source(node), owner)
        case "is_dir":
            return const(True) if path is not None and folder(machine, path, frame) is not None else None
        case "iterdir" | "glob" | "rglob":
            from auditor.interp.library import listings

            return listings.of_path(machine, path, name, arguments, node, frame)
        case "write_text" | "mkdir" | "unlink" | "touch":
            return NONE
        case "home":
            return make(HOME)
        case _:
            return None


def find(machine: Machine, path: str | None, frame: Frame) -> str | None:
    """The project's file that a path means, relative to the root."""
    if path is None:
        return None
    return _search(path, frame, machine.project.has_file)


def folder(machine: Machine, path: str, frame: Frame) -> str | None:
    """The project's folder that a path means, relative to the root."""
    return _search(path, frame, machine.project.has_folder)


def _search(path: str, frame: Frame, there: Callable[[str], bool]) -> str | None:
    plain = path.removeprefix("\0")
    if path.startswith("\0"):
        return plain if there(plain) else None
    if plain.startswith("/"):
        return None
    # A relative path counts from where the program is started: the root or some folder above the module.
    base = posixpath.dirname(frame.module.path)
    while True:
        candidate = posixpath.normpath(posixpath.join(base, plain))
        if there(candidate):
            return candidate
        if not base:
            return None
        base = posixpath.dirname(base)


def content(
    machine: Machine, path: str | None, node: ast.AST, frame: Frame, expression: str, given: Value | None = None
) -> Value:
    """What reading the file gives: its text, or a hole that lives as long as the deployment.

    `given` is what the path was made of: another value there is another file.
    """
    found = find(machine, path, frame)
    if found is not None:
        body = machine.project.read_text(found)
        if body is not None:
            return Text((Literal(body, Place(machine.project.display(found), 1, 1)),)) if body else Text()
    label = path.removeprefix("\0") if path is not None else expression
    named = made_of(given) if path is None else []
    return Hole(
        ("file", path if path is not None else ("at", id(node), tuple(hole.identity for hole in named))),
        f"content of {label}",
        max([Lifetime.DEPLOY, *(hole.lifetime for hole in named)]),
        Cause.FILE,
        place=machine.place(node, frame),
    )
