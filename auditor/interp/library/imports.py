"""Modules that are imported where they are used: `__import__("json").dumps(...)`, `importlib.import_module("json")`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import known, modules
from auditor.values.domain import Arguments, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.library.dispatch import Overlay
    from auditor.interp.machine import Machine


def _import(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """With its name alone; `fromlist` and `level` ask for something else."""
    name = known.text_of(arguments.get(0, "name"))
    if not name or len(arguments.positional) > 1 or arguments.keywords:
        return None
    return modules.imported(machine, name, frame, top=True)


def _import_module(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    name = known.text_of(arguments.get(0, "name"))
    return modules.imported(machine, name, frame, top=False) if name and not name.startswith(".") else None


OVERLAYS: dict[str, Overlay] = {"builtins.__import__": _import, "importlib.import_module": _import_module}
