"""Opening and reading files, `os.path`, package resources."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.library import paths, streams
from auditor.knowledge import credentials
from auditor.values.domain import Arguments, ModuleValue, Text, Value, const
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def _sided(overlay: Overlay) -> Overlay:
    """The function for each path where there are two."""

    def sided(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        return paths.sided(machine, arguments, lambda given: overlay(machine, given, node, frame), node, frame)

    return sided


def _open(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """An open file is its text: `read()` gives it, `with` hands it on."""
    first = arguments.get(0, "file")
    mode = known.text_of(arguments.get(1, "mode")) or "r"
    if "w" in mode or "a" in mode or first is None:
        return streams.opened(machine, None)
    return streams.opened(machine, paths.content(machine, paths.text(machine, first), node, frame, machine.source(node), first))


def _join(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    parts = [paths.text(machine, known.plain(item)) for item in arguments.positional]
    if not parts or any(part is None for part in parts):
        return None
    return Text.of(paths.joined(*(part for part in parts if part is not None)))


def _path(cls: str) -> Overlay:
    return lambda machine, arguments, node, frame: paths.constructed(machine, cls, arguments, node, frame)


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
    path = paths.text(machine, default) if paths.is_path(default) else None
    content = default if isinstance(default, Text) else Text.of(path) if path is not None else None
    return machine.hole(
        node,
        frame,
        Lifetime.PROCESS,
        Cause.ENVIRONMENT,
        identity=("environment", label),
        expression=f"${label}" if name else label,
        type=credentials.type_of(name),
        content=content,
    )


def _resources(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`importlib.resources.files(package)`: the package's folder."""
    first = arguments.get(0, "package") or arguments.get(0, "anchor")
    name = known.text_of(first)
    found = machine.project.resolve(frame.module.path, name) if name is not None else None
    if first is None:
        found = frame.module.path
    if isinstance(first, ModuleValue):
        found = first.path
    if found is None:
        return None
    return paths.make("\0" + (found.removesuffix("/") if found.endswith("/") else posixpath.dirname(found) or "."))


def _resource(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> str | None:
    """The path of a resource that a package and its name mean."""
    base = paths.text(machine, _resources(machine, arguments, node, frame))
    names = [known.text_of(known.plain(item)) for item in arguments.positional[1:]] or [
        known.text_of(arguments.keyword("resource"))
    ]
    if base is None or any(name is None for name in names):
        return None
    return paths.joined(base, *(name for name in names if name is not None))


def _resource_text(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return paths.content(machine, _resource(machine, arguments, node, frame), node, frame, machine.source(node))


def _resource_stream(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return streams.opened(machine, _resource_text(machine, arguments, node, frame))


def _resource_path(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return paths.make(_resource(machine, arguments, node, frame))


def _current_folder(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`os.getcwd()`: where the program is started; paths from there count as relative ones do."""
    hole = machine.hole(
        node, frame, Lifetime.PROCESS, Cause.ENVIRONMENT, identity=("cwd",), type=paths.WRITTEN, content=Text.of(".")
    )
    return Text((hole,))


def _current_path(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return paths.make(".")


def _home(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`Path.home()`: the same folder as long as the program is where it is; nothing of the project is in it."""
    return paths.make(paths.HOME)


def _first(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return known.plain(arguments.positional[0]) if arguments.positional else None


def _is_folder(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    path = paths.text(machine, known.plain(arguments.positional[0])) if arguments.positional else None
    return const(True) if path is not None and paths.folder(machine, path, frame) is not None else None


OVERLAYS: dict[str, Overlay] = {
    **{cls: _path(cls) for cls in paths.PATHS},
    "builtins.open": _sided(_open),
    "io.open": _sided(_open),
    "codecs.open": _sided(_open),
    "aiofiles.open": _sided(_open),
    "os.path.join": _sided(_join),
    "os.path.dirname": _sided(_path_part(posixpath.dirname)),
    "os.path.abspath": _sided(_path_part(lambda path: path)),
    "os.path.realpath": _sided(_path_part(lambda path: path)),
    "os.path.normpath": _sided(_path_part(posixpath.normpath)),
    "os.path.expanduser": _sided(_path_part(lambda path: path)),
    "os.path.basename": _sided(_plain_part(posixpath.basename)),
    "os.path.exists": _sided(_exists),
    "os.path.isfile": _sided(_exists),
    "os.getenv": _environment,
    "os.environ.get": _environment,
    "decouple.config": _environment,
    "os.path.isdir": _is_folder,
    "os.getcwd": _current_folder,
    "pathlib.Path.cwd": _current_path,
    "pathlib.Path.home": _home,
    "os.fspath": _first,
    **{
        f"{package}.{name}": overlay
        for package in ("importlib.resources", "importlib_resources")
        for name, overlay in {
            "files": _resources,
            "read_text": _resource_text,
            "read_binary": _resource_text,
            "open_text": _resource_stream,
            "open_binary": _resource_stream,
            "path": _resource_path,
            "as_file": _first,
        }.items()
    },
    "pkgutil.get_data": _resource_text,
}
