"""Opening and reading files, `os.path`, package resources."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.library import paths
from auditor.values.domain import Arguments, ExternalObject, Text, Value
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def _open(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """An open file is its text: `read()` gives it, `with` hands it on."""
    first = arguments.get(0, "file")
    mode = known.text_of(arguments.get(1, "mode")) or "r"
    if "w" in mode or "a" in mode or first is None:
        return ExternalObject("io.TextIOWrapper", (), None, machine.serial())
    body = paths.content(machine, paths.text(machine, first), node, frame, machine.source(node))
    return ExternalObject("io.TextIOWrapper", (), Arguments((body,)), machine.serial())


def _join(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    parts = [paths.text(machine, known.plain(item)) for item in arguments.positional]
    if not parts or any(part is None for part in parts):
        return None
    return Text.of(paths.joined(*(part for part in parts if part is not None)))


def _path_part(function: Callable[[str], str]) -> Overlay:
    def part(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        path = paths.text(machine, known.plain(arguments.positional[0])) if arguments.positional else None
        if path is None:
            return None
        result = function(path.removeprefix("\0"))
        return Text.of(("\0" if path.startswith("\0") else "") + (result or "."))

    return part


def _plain_part(function: Callable[[str], str]) -> Overlay:
    def part(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        path = paths.text(machine, known.plain(arguments.positional[0])) if arguments.positional else None
        return None if path is None else Text.of(function(path.removeprefix("\0")))

    return part


def _exists(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.values.domain import TRUE

    path = paths.text(machine, known.plain(arguments.positional[0])) if arguments.positional else None
    return TRUE if paths.find(machine, path, frame) is not None else None


def _environment(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`os.getenv(name, default)`: lives as long as the process; the default is what it most likely is."""
    name = known.text_of(arguments.get(0, "key"))
    default = arguments.get(1, "default")
    label = name or machine.source(node)
    content = default if isinstance(default, Text) else None
    return machine.hole(
        node,
        frame,
        Lifetime.PROCESS,
        Cause.ENVIRONMENT,
        identity=("environment", label),
        expression=f"${label}" if name else label,
        content=content,
    )


def _resources(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`importlib.resources.files(package)`: the package's folder."""
    first = arguments.get(0, "package") or arguments.get(0, "anchor")
    name = known.text_of(first)
    if name is None:
        return None
    found = machine.project.resolve(frame.module.path, name)
    if found is None:
        return None
    folder = found.removesuffix("/") if found.endswith("/") else posixpath.dirname(found)
    return paths.make("\0" + folder)


def _resource_text(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    folder = _resources(machine, arguments, node, frame)
    name = known.text_of(arguments.get(1, "resource"))
    base = paths.text(machine, folder)
    if base is None or name is None:
        return machine.hole(node, frame, Lifetime.DEPLOY, Cause.FILE, identity=("resource", id(node)))
    return paths.content(machine, paths.joined(base, name), node, frame, machine.source(node))


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A method of an open file."""
    if value.cls != "io.TextIOWrapper" or not value.path:
        return None
    name = value.path[-1]
    body = known.plain(value.arguments.positional[0]) if value.arguments and value.arguments.positional else None
    if body is None:
        return None
    match name:
        case "read":
            return body
        case "readlines" | "splitlines":
            lines = body.known if isinstance(body, Text) else None
            if lines is not None and lines.count("\n") < machine.limits.iterations:
                return machine.new_list([Text.of(line) for line in lines.splitlines(keepends=True)])
            return None
        case _:
            return None


OVERLAYS: dict[str, Overlay] = {
    "builtins.open": _open,
    "io.open": _open,
    "codecs.open": _open,
    "aiofiles.open": _open,
    "os.path.join": _join,
    "os.path.dirname": _path_part(posixpath.dirname),
    "os.path.abspath": _path_part(lambda path: path),
    "os.path.realpath": _path_part(lambda path: path),
    "os.path.normpath": _path_part(posixpath.normpath),
    "os.path.expanduser": _path_part(lambda path: path),
    "os.path.basename": _plain_part(posixpath.basename),
    "os.path.exists": _exists,
    "os.path.isfile": _exists,
    "os.getenv": _environment,
    "os.environ.get": _environment,
    "decouple.config": _environment,
    "importlib.resources.files": _resources,
    "importlib.resources.read_text": _resource_text,
    "pkgutil.get_data": _resource_text,
}
