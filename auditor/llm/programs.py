"""Functions that are a program: calling one again means to start the program again, in a process of its own.

Knows names and where they stand. Does not know values.
"""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from auditor.interp.modules import is_main_guard
from auditor.project.contexts import is_test
from auditor.project.project import Project
from auditor.project.syntax import FunctionNode, Module

_NAMES = frozenset({"main", "_main", "amain", "async_main"})
_DECLARING = ("pyproject.toml", "setup.cfg", "setup.py")  # files that say which functions a command starts


def is_program(project: Project, path: str, name: str, node: FunctionNode) -> bool:
    """Whether nobody but the main guard, or an installed command, calls a function of a module's top level.

    One that has to be given something is a function that the guard shows at work: a server may call it for each request.
    """
    if name in _NAMES:
        return True
    module = project.module(path)
    if module is None or "." in name or _asks(node):
        return False
    guarded = _guarded(module)
    inside = [_within(reference.node, guarded) for reference in project.references_in(path, name)]
    started = bool(inside) and all(inside)
    return (started or (not inside and _declared(project, path, name))) and not _used_elsewhere(project, path, name)


def _asks(node: FunctionNode) -> bool:
    given = node.args
    required = len(given.posonlyargs) + len(given.args) - len(given.defaults)
    return required > 0 or any(default is None for default in given.kw_defaults)


def _guarded(module: Module) -> list[ast.If]:
    return [node for node in module.tree.body if isinstance(node, ast.If) and is_main_guard(node)]


def _within(node: ast.expr, guards: list[ast.If]) -> bool:
    return any(guard.lineno <= node.lineno <= (guard.end_lineno or guard.lineno) for guard in guards)


def _declared(project: Project, path: str, name: str) -> bool:
    """Whether the project's metadata starts a command with the function: `agent.cli:run`."""
    dotted = path.removesuffix(".py").replace("/", ".")
    wanted = re.compile(rf"(?<![\w:]){re.escape(dotted.rsplit('.', 1)[-1])}:{re.escape(name)}(?!\w)")
    folders = PurePosixPath(path).parents
    return any(wanted.search(project.read_text(str(above / file)) or "") for above in folders for file in _DECLARING)


def _used_elsewhere(project: Project, path: str, name: str) -> bool:
    """Whether another file names both the function and its module: it may call it as often as it likes."""
    stem = PurePosixPath(path).stem
    files = set(project.naming(name)) & set(project.naming(stem)) - {path}
    return any(not is_test(file) and PurePosixPath(file).stem != "__main__" for file in files)
