"""Functions that stand in a table: who looks into the table may call them. `SENDERS = {"openai": ask}`, `SENDERS[name](prompt)`.

Knows assignments and names. Does not know values: a name that is the same by chance costs time, not truth.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from auditor.project.project import Project
from auditor.project.syntax import Module, Reference, last_name


class Tables:
    """Looks into each module once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._held: dict[str, dict[int, str]] = {}
        self._naming: dict[str, dict[str, tuple[str, ...]]] = {}

    def users(self, reference: Reference) -> Iterator[tuple[str, str]]:
        """Path and name of the functions that name what an uncalled function was put into."""
        name = self._name(reference)
        if name is None:
            return
        for path in self._project.naming(name):
            module = self._project.module(path)
            for scope in self._scopes(module).get(name, ()) if module is not None else ():
                if scope != reference.scope:
                    yield path, scope

    def _scopes(self, module: Module) -> dict[str, tuple[str, ...]]:
        """The functions of a module by the names that they read."""
        if module.path not in self._naming:
            found: dict[str, list[str]] = {}
            for scope, node in module.functions.items():
                for name in {name for part in ast.walk(node) if (name := _read(part)) is not None}:
                    found.setdefault(name, []).append(scope)
            self._naming[module.path] = {name: tuple(scopes) for name, scopes in found.items()}
        return self._naming[module.path]

    def _name(self, reference: Reference) -> str | None:
        """What holds the function: a name of the module or class, or an attribute. A local variable is its function's affair."""
        module = self._project.module(reference.path)
        if module is None or reference.called:
            return None
        if reference.path not in self._held:
            self._held[reference.path] = _assigned(module)
        return self._held[reference.path].get(id(reference.node))


def _assigned(module: Module) -> dict[int, str]:
    """For each name in a display of values that is assigned: what it is assigned to."""
    local = {
        id(part) for node in module.functions.values() for part in ast.walk(node) if isinstance(part, ast.Assign | ast.AnnAssign)
    }
    found: dict[int, str] = {}
    for node in ast.walk(module.tree):
        match node:
            case ast.Assign(targets=[target, *_], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
                held = target.value if isinstance(target, ast.Subscript) else target
                name = last_name(held)
                if name is None or (isinstance(held, ast.Name) and id(node) in local):
                    continue
                in_table = isinstance(value, ast.Dict | ast.List | ast.Tuple) or isinstance(target, ast.Subscript)
                found.update(
                    {id(part): name for part in ast.walk(value) if in_table and isinstance(part, ast.Name | ast.Attribute)}
                )
            case _:
                pass
    return found


def _read(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=found, ctx=ast.Load()) | ast.Attribute(attr=found, ctx=ast.Load()):
            return found
        case _:
            return None
