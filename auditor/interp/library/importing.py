"""Modules that a program imports by a name that it put together: `importlib.import_module`, `__import__`, `import_string`.

Knows names that are spelled out somewhere, in a table of providers or as a default. What is imported by a name that comes from
outside is not known.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import known, modules
from auditor.limits import LEAVES
from auditor.values.domain import Arguments, External, ModuleValue, Value
from auditor.values.lifetime import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def _named(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame, found: Callable[[str], Value]) -> Value | None:
    """What is found under the name, or each of the names, that the first argument spells."""
    name = arguments.get(0, "name")
    if name is None:
        return None

    def one(side: Value) -> Value:
        text = known.text_of(side)
        return found(text) if text else machine.unknown(Reason.DYNAMIC, node, frame)

    return machine.each(known.ways(name, LEAVES), one, node, frame)


def module(machine: Machine, name: str, frame: Frame, *, top: bool = False) -> Value:
    """The module of a dotted name, or (`top`) the package that it is in; with dots ahead it is next to the running file."""
    plain = name.lstrip(".")
    if plain == name:
        return modules.imported(machine, name, frame, top=top)
    path = machine.project.resolve(frame.module.path, plain, len(name) - len(plain))
    found = modules.load(machine, path) if path is not None else None
    return found or machine.unknown(Reason.MISSING, None, frame, name)


def _import_module(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`import_module(name, package)`. A package that is not spelled out is taken to be the one of the running file."""
    package = known.text_of(arguments.get(1, "package")) or ""
    inside = machine.project.resolve(frame.module.path, package) is not None if package else False

    def found(name: str) -> Value:
        below = name.startswith(".") and not name.startswith("..")
        return module(machine, package + name if below and inside else name, frame)

    return _named(machine, arguments, node, frame, found)


def _import(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`__import__(name)`: the package that it is in, unless names are asked for."""
    top = arguments.get(3, "fromlist") is None
    return _named(machine, arguments, node, frame, lambda name: module(machine, name, frame, top=top))


def _import_string(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`import_string("package.module.name")`."""

    def found(name: str) -> Value:
        owner, _, last = name.replace(":", ".").rpartition(".")
        where = module(machine, owner, frame) if owner else machine.unknown(Reason.MISSING, node, frame)
        return machine.attribute(where, last, node, frame) if isinstance(where, ModuleValue | External) else where

    return _named(machine, arguments, node, frame, found)


OVERLAYS = {
    "importlib.import_module": _import_module,
    "builtins.__import__": _import,
    "django.utils.module_loading.import_string": _import_string,
    "werkzeug.utils.import_string": _import_string,
    "pydoc.locate": _import_string,
    "pkgutil.resolve_name": _import_string,
}
