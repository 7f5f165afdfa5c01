"""Folders: what `glob`, `iterdir`, `listdir` and `walk` find.

Files of a folder of the project are known, the order in which the system gives them is not. Of any other folder nothing is known
but that its content lives as long as the deployment.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.library import paths
from auditor.limits import LISTED_FILES
from auditor.values.domain import Arguments, Spread, Text, TupleValue, Value
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def of_path(machine: Machine, path: str | None, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`path.iterdir()`, `path.glob(pattern)`, `path.rglob(pattern)`."""
    pattern = "*" if name == "iterdir" else known.text_of(arguments.get(0, "pattern"))
    if name == "rglob" and pattern is not None:
        pattern = f"**/{pattern}"
    found = _matching(machine, path, pattern, frame, hidden=name == "iterdir")
    return _listed(machine, found, paths.make, "pathlib.Path", node, frame)


def _listdir(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`os.listdir(path)`: names alone."""
    path = paths.text(machine, known.plain(arguments.positional[0])) if arguments.positional else None
    found = _matching(machine, path, "*", frame, hidden=True)
    names = [posixpath.basename(one) for one in found] if found is not None else None
    return _listed(machine, names, Text.of, "builtins.str", node, frame)


def _glob(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`glob.glob(pattern)`: paths as text."""
    whole = paths.text(machine, arguments.get(0, "pathname"))
    root = paths.text(machine, arguments.keyword("root_dir"))
    found: list[str] | None = None
    if whole is not None:
        fixed = whole.split("/")
        first = next((index for index, part in enumerate(fixed) if any(sign in part for sign in "*?[")), len(fixed))
        folder, pattern = "/".join(fixed[:first]) or ".", "/".join(fixed[first:])
        found = _matching(machine, folder if root is None else paths.joined(root, folder), pattern, frame) if pattern else None
    return _listed(machine, found, paths.as_text, "builtins.str", node, frame)


def _matching(machine: Machine, path: str | None, pattern: str | None, frame: Frame, *, hidden: bool = False) -> list[str] | None:
    """Paths of the project's files below a folder that match, sorted; None where the folder is not known."""
    if path is None or pattern is None:
        return None
    folder = paths.folder(machine, path, frame)
    below = machine.project.below(folder, LISTED_FILES, deep="/" in pattern or "**" in pattern) if folder is not None else None
    if below is None:
        return None
    wanted = re.compile(_expression(pattern))
    names = [name for name in below if wanted.fullmatch(name) and (hidden or not name.rpartition("/")[2].startswith("."))]
    machine.step(len(below))
    return [paths.joined(path, name) for name in names]


def _expression(pattern: str) -> str:
    """A glob pattern as a regular expression; `**` stands for any folders, other signs for no slash."""
    out: list[str] = []
    parts = pattern.split("/")
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            out.append(".*" if last else "(?:[^/]+/)*")
            continue
        for sign in re.split(r"(\*+|\?|\[!?[^\]]+\])", part):
            if sign.startswith("*"):
                out.append("[^/]*")
            elif sign == "?":
                out.append("[^/]")
            elif sign.startswith("[") and sign.endswith("]") and len(sign) > 2:
                out.append("[" + sign[1:-1].replace("!", "^", 1).replace("\\", "\\\\").replace("[", "\\[") + "]")
            else:
                out.append(re.escape(sign))
        out.append("" if last else "/")
    return "".join(out)


def _listed(
    machine: Machine, found: Iterable[str] | None, make: Callable[[str], Value], kind: str, node: ast.AST, frame: Frame
) -> Value:
    """The entries as values, in an order that is not fixed."""
    order = machine.hole(node, frame, Lifetime.PROCESS, Cause.LISTING_ORDER, identity=("listing", id(node)), type="list:" + kind)
    items = [make(one) for one in found] if found is not None else []
    if items:
        return machine.new_list(items, order if len(items) > 1 else None)
    entry = machine.hole(node, frame, Lifetime.DEPLOY, Cause.FILE, identity=("listed", id(node)), type=kind)
    return machine.new_list([Spread(order, (entry,))])


def _walk(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`os.walk(path)`: folders with their files."""
    path = paths.text(machine, known.plain(arguments.positional[0])) if arguments.positional else None
    folder = paths.folder(machine, path, frame) if path is not None else None
    below = machine.project.below(folder, LISTED_FILES, deep=True) if folder is not None else None
    if below is None or path is None:
        return None
    by_folder: dict[str, list[str]] = {}
    for name in below:
        parent, _, last = name.rpartition("/")
        by_folder.setdefault(parent, []).append(last)
    order = machine.hole(
        node, frame, Lifetime.PROCESS, Cause.LISTING_ORDER, identity=("walk", id(node)), type="list:builtins.str"
    )

    def names(items: list[str]) -> Value:
        return machine.new_list(map(Text.of, items), order if len(items) > 1 else None)

    rows = []
    for parent, files in by_folder.items():
        inner = sorted({other.removeprefix(parent).strip("/").split("/")[0] for other in by_folder if _inside(other, parent)})
        rows.append(TupleValue((paths.as_text(paths.joined(path, parent)), names(inner), names(files))))
    return machine.new_list(rows, order if len(rows) > 1 else None)


def _inside(folder: str, parent: str) -> bool:
    return folder != parent and (parent == "" or folder.startswith(parent + "/"))


def sort_key(machine: Machine, value: Value | None) -> tuple[bool, object]:
    """What a value is sorted by: a path by its text."""
    text = paths.text(machine, value) if paths.is_path(value) else paths.written(value)
    return (True, text) if text is not None else known.scalar(value)


OVERLAYS: dict[str, Overlay] = {
    "os.listdir": _listdir,
    "glob.glob": _glob,
    "glob.iglob": _glob,
    "os.walk": _walk,
}
