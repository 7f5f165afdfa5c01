"""Where evaluation starts: from the functions that send up to those that nobody in the project calls.

Knows references by name. Names that match by chance cost time, not truth: an entry from which no request is heard is dropped.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from auditor.knowledge.sdk import Sdk
from auditor.limits import Limits
from auditor.project.project import Project
from auditor.project.syntax import Module, last_name


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """A function of the project by file and qualified name; "" is the module's top level."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call that may send, by its attribute path alone."""

    path: str
    scope: str
    node: ast.Call


def is_test(path: str) -> bool:
    parts = PurePosixPath(path).parts
    name = parts[-1]
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py" or "tests" in parts[:-1] or "test" in parts[:-1]


EXAMPLES = frozenset({"examples", "example", "samples", "sample", "docs", "doc", "tutorials", "tutorial", "demos", "cookbook", "cookbooks"})


def context(path: str) -> str:
    """What a file is for: "app", "test", "example" or "notebook"."""
    if path.endswith(".ipynb"):
        return "notebook"
    if is_test(path):
        return "test"
    return "example" if EXAMPLES & {part.lower() for part in PurePosixPath(path).parts[:-1]} else "app"


def candidates(project: Project, sdk: Sdk, paths: Iterable[str]) -> Iterator[Candidate]:
    """Calls whose method has an endpoint's name, in files that mention one."""
    names = sdk.last_names()
    for path in paths:
        module = project.module(path)
        if module is None:
            continue
        for node, scope in module.calls:
            if last_name(node.func) in names or any(last_name(argument) in names for argument in node.args):
                yield Candidate(path, scope, node)


def attribute_path(node: ast.expr) -> tuple[str, ...]:
    """`("client", "messages", "create")` of `client.messages.create`; "?" for what is no name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "?")
    return tuple(reversed(names))


class Callers:
    """Who calls a function, level by level, bounded."""

    def __init__(self, project: Project, limits: Limits) -> None:
        self._project = project
        self._limits = limits
        self._known: dict[Scope, tuple[Scope, ...]] = {}

    def of(self, scope: Scope) -> tuple[Scope, ...]:
        """Scopes that call or hand over the function, nearest files first. Tests count only for tests."""
        if scope not in self._known:
            self._known[scope] = self._find(scope)
        return self._known[scope]

    def _find(self, scope: Scope) -> tuple[Scope, ...]:
        module = self._project.module(scope.path)
        if module is None or not scope.name:
            return ()
        found: dict[Scope, None] = {}
        for name in self._called_as(module, scope.name):
            for reference in self._project.references(name):
                caller = Scope(reference.path, reference.scope)
                if caller != scope and (is_test(scope.path) or not is_test(reference.path)) and self._plausible(scope, module, reference.node, reference.path):
                    found[caller] = None
        ordered = sorted(found, key=lambda caller: (_distance(scope.path, caller.path), caller))
        return tuple(ordered[: self._limits.variants])

    def _called_as(self, module: Module, name: str) -> list[str]:
        """Names that a call of the function is written with."""
        last = name.rsplit(".", 1)[-1]
        owner = module.owner.get(name)
        if owner is not None and last in {"__init__", "__call__", "__enter__", "__aenter__", "__post_init__", "__aiter__", "__iter__"}:
            return [owner.rsplit(".", 1)[-1]]
        return [last]

    def _plausible(self, scope: Scope, module: Module, node: ast.expr, path: str) -> bool:
        """Drops what a name cannot mean: a method called as a plain function, a function of a file that is not imported."""
        callee = node.func if isinstance(node, ast.Call) else node
        method = scope.name in module.owner and not scope.name.endswith(("__init__", "__call__", "__post_init__"))
        if method:
            return isinstance(callee, ast.Attribute)
        if "." in scope.name and scope.name not in module.owner:  # nested in another function
            return path == scope.path
        stem = PurePosixPath(scope.path).stem
        if path == scope.path:
            return True
        if stem == "__init__":
            stem = PurePosixPath(scope.path).parent.name
        other = self._project.data(path)
        return stem.encode() in other or b"import" in other and isinstance(callee, ast.Name | ast.Attribute)

    def upward(self, scopes: Iterable[Scope]) -> tuple[list[Scope], dict[Scope, int]]:
        """Entries above the scopes, and every scope on the way with its distance from the nearest sending one."""
        level = dict.fromkeys(sorted(scopes), 0)
        frontier, roots = list(level), []
        for depth in range(1, self._limits.caller_levels + 2):
            following: list[Scope] = []
            for scope in frontier:
                callers = self.of(scope) if depth <= self._limits.caller_levels else ()
                if not callers:
                    roots.append(scope)
                for caller in callers:
                    if caller not in level:
                        level[caller] = depth
                        following.append(caller)
            frontier = sorted(following)
        return roots, level


def _distance(one: str, other: str) -> int:
    a, b = PurePosixPath(one).parts, PurePosixPath(other).parts
    shared = 0
    while shared < min(len(a), len(b)) and a[shared] == b[shared]:
        shared += 1
    return len(a) + len(b) - 2 * shared
