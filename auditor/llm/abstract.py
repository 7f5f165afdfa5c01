"""Classes that are there to be derived from, and which classes of the project do.

Knows declarations (`ABC`, `Protocol`, `@abstractmethod`) and methods that do nothing but raise `NotImplementedError`. Whether
somebody makes an instance of such a class all the same is for the caller to look up.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from auditor.interp import classes, modules
from auditor.project.contexts import is_test
from auditor.values.domain import ClassValue, External

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def declared(machine: Machine, cls: ClassValue) -> bool:
    """Whether the class says that it is abstract."""
    assert isinstance(cls.node, ast.ClassDef)
    marked = any(
        isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(machine.source(decorator).endswith("abstractmethod") for decorator in item.decorator_list)
        for item in cls.node.body
    )
    return marked or not _library_bases(cls).isdisjoint({"Protocol", "ABC"})


def unfinished(cls: ClassValue) -> bool:
    """Whether a method of the class only raises `NotImplementedError`: who calls it means a derived class's."""
    assert isinstance(cls.node, ast.ClassDef)
    return any(_only_raises(item) for item in cls.node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef))


def _only_raises(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    body = [statement for statement in function.body if not _is_docstring(statement)]
    match body:
        case [ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError")))]:
            return True
        case _:
            return False


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def implementations(machine: Machine, cls: ClassValue) -> list[ClassValue]:
    """Concrete classes of the project below an abstract one, or with all methods of a protocol; by file and name."""
    assert isinstance(cls.node, ast.ClassDef)
    found = [
        value
        for value in _classes(machine, cls.name, lambda node: _mentions(node, cls.name))
        if value != cls and cls in classes.mro(machine, value) and not declared(machine, value)
    ]
    methods = _methods(cls.node)
    if not found and methods and "Protocol" in _library_bases(cls):
        rarest = max(sorted(methods), key=len)
        found = [
            value
            for value in _classes(machine, f"def {rarest}(", lambda node: methods <= _methods(node))
            if value != cls and not declared(machine, value) and not is_test(value.module)
        ]
    if len(found) > machine.limits.implementations:
        machine.limits_reached["implementations"] += 1
    return found[: machine.limits.implementations]


def heir(machine: Machine, base: str) -> ClassValue | None:
    """The project's own class of which a program makes the one object that a library's class stands for: its bot."""
    if base not in machine.library.applications:
        return None
    told = ("heir", base)
    if told not in machine.cache:
        name = base.rsplit(".", 1)[-1]
        found = _classes(machine, name, lambda node: _mentions(node, name))
        own = (cls for cls in found if External(base) in cls.bases and not is_test(cls.module))
        machine.cache[told] = next(own, None)
    return machine.cache[told]  # type: ignore[return-value]


def _classes(machine: Machine, spelled: str, wanted: Callable[[ast.ClassDef], bool]) -> Iterator[ClassValue]:
    """Classes at the top level of the modules in whose text something is spelled."""
    for path in machine.project.mentioning(spelled):
        module = machine.project.module(path)
        names = [] if module is None else [name for name, node in module.classes.items() if "." not in name and wanted(node)]
        address = modules.scope(machine, path) if names else None
        for name in names:
            value = machine.store.get(address, name) if address is not None else None
            if isinstance(value, ClassValue):
                yield value


def _library_bases(cls: ClassValue) -> set[str]:
    return {base.name.rsplit(".", 1)[-1] for base in cls.bases if isinstance(base, External)}


def _methods(node: ast.ClassDef) -> set[str]:
    """Public methods that a class defines itself."""
    functions = (item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if not function.name.startswith("_")}


def _mentions(node: ast.ClassDef, name: str) -> bool:
    return any(
        (isinstance(part, ast.Name) and part.id == name) or (isinstance(part, ast.Attribute) and part.attr == name)
        for base in node.bases
        for part in ast.walk(base)
    )
