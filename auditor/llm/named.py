"""Methods that are called by their name: who hands the name to a function that looks it up calls the method.

`call("edit", text=text)`, where `call` does `getattr(service, name)(**kwargs)`. Knows calls and parameters. Does not know values:
a name that is the same by chance costs time, not truth.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from auditor.project.contexts import is_test
from auditor.project.project import Project
from auditor.project.syntax import FunctionNode, Module, last_name


class Named:
    """Looks once for each function that is handed a name. A file is parsed only where its bytes say that it may matter."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, bool] = {}

    def callers(self, name: str) -> Iterator[tuple[str, str]]:
        """Path and name of the functions that hand a method's name, spelled out, to what looks it up."""
        spelled = re.compile(rb"[\"']" + name.encode() + rb"[\"']")
        for path in self._project.naming(name):
            module = self._project.module(path) if spelled.search(self._project.code(path)) else None
            for node, scope in module.calls if module is not None else ():
                if any(_spells(one, name) for one in _given(node)) and self._looks_up(last_name(node.func)):
                    yield path, scope

    def _looks_up(self, function: str | None) -> bool:
        if function is None:
            return False
        if function not in self._known:
            written = re.compile(rb"\bdef\s+" + re.escape(function.encode()) + rb"\b")
            paths = (path for path in self._project.naming("getattr") if not is_test(path))
            modules = (self._project.module(path) for path in paths if written.search(self._project.code(path)))
            self._known[function] = any(module is not None and _looking(module, function) for module in modules)
        return self._known[function]


def _looking(module: Module, name: str) -> bool:
    """Whether a module's function of that name looks attributes up by a parameter of its own."""
    for node, scope in module.calls:
        if last_name(node.func) == "getattr" and len(node.args) > 1 and isinstance(asked := node.args[1], ast.Name):
            function = module.functions.get(scope)
            if scope.rsplit(".", 1)[-1] == name and function is not None and asked.id in _parameters(function):
                return True
    return False


def _parameters(function: FunctionNode) -> set[str]:
    spec = function.args
    return {one.arg for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}


def _given(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args
    yield from (keyword.value for keyword in call.keywords)


def _spells(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == name
