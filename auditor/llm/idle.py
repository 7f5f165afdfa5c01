"""Functions that could send, and that nothing in a program calls: their requests say nothing of what the program sends.

A client's second method that only tests call has a prompt that nobody writes. Beside callers that the program has it hides what
these send: "perhaps another one is long enough". Knows names, where they stand, and which parameters stayed open. Does not know
rules.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from auditor.llm import programs
from auditor.llm.entries import PLAIN, Callers, Scope
from auditor.llm.evaluation import Evaluation
from auditor.llm.request import Replay, Request, Section
from auditor.project.contexts import context, is_test
from auditor.project.project import Project
from auditor.project.syntax import Module, last_name
from auditor.values.lifetime import Reason
from auditor.values.text import Hole

Heard = tuple[Evaluation, Sequence[Replay]]

OWN_BASES = frozenset({"object", "ABC", "Protocol", "Generic", "BaseModel", "NamedTuple", "TypedDict"})
"""Bases outside of the project that call no method of their heirs by a name of its own."""

WORD = re.compile(r"[A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)*")
"""A string that may name a function: for `getattr`, a table, a metadata file."""


class Idle:
    """Which entries nobody calls, in a program that calls others."""

    def __init__(self, project: Project, callers: Callers) -> None:
        self._project = project
        self._callers = callers
        self._known: dict[Scope, bool] = {}
        self._started: dict[Scope, bool] = {}
        self._named: dict[
            str, dict[str, list[int]] | None
        ] = {}  # file -> name -> the nodes that name it; None where it is unread

    def without(self, heard: Sequence[Heard]) -> frozenset[int]:
        """Positions of what was heard from entries that nobody calls and that leave the prompt open.

        None where the program does not certainly send the same call otherwise: a library's methods are there for others.
        """
        idle = {number for number, (one, replays) in enumerate(heard) if any(map(_open, replays)) and self._is_idle(one)}
        others = (one for number, (one, replays) in enumerate(heard) if number not in idle and any(map(_read, replays)))
        return frozenset(idle) if idle and any(map(self._is_started, others)) else frozenset()

    def _is_idle(self, evaluation: Evaluation) -> bool:
        entry = evaluation.entry
        if evaluation.script or evaluation.handler or is_test(entry.path):
            return False
        if entry not in self._known:
            self._known[entry] = self._uncalled(entry)
        return self._known[entry]

    def _uncalled(self, entry: Scope) -> bool:
        module = self._project.module(entry.path)
        node = module.functions.get(entry.name) if module is not None else None
        if module is None or node is None or isinstance(node, ast.Lambda):
            return False
        name = node.name
        if name.startswith("__") or any(last_name(one) not in PLAIN for one in node.decorator_list):
            return False
        owner = module.owner.get(entry.name)
        if "." in entry.name and (owner is None or "." in owner or not self._own(module, owner)):
            return False
        inside = {id(part) for part in ast.walk(node)}
        named = any(self._names(path, name, inside) for path in self._project.naming(name) if not is_test(path))
        return not named and not any(name.startswith(prefix) for prefix in self._prefixes)

    def _own(self, module: Module, name: str) -> bool:
        """Whether only the project can call a class's methods: no library has a base of it or is given the class itself."""
        bases = [last_name(base.value if isinstance(base, ast.Subscript) else base) for base in module.classes[name].bases]
        if any(base is None or not (base in OWN_BASES or self._defines(base)) for base in bases):
            return False
        paths = (path for path in self._project.naming(name) if not is_test(path))
        handed = (one for path in paths for one in self._project.references_in(path, name) if not one.called)
        return not any(handed)

    def _defines(self, name: str) -> bool:
        modules = (self._project.module(path) for path in self._project.naming(name))
        return any(name in module.classes for module in modules if module is not None)

    def _names(self, path: str, name: str, inside: set[int]) -> bool:
        """Whether a file's code names the function, in an expression, an import or a string that is nothing else."""
        if path not in self._named:
            module = self._project.module(path)
            found: dict[str, list[int]] = {}
            for node, named in ((node, named) for node in ast.walk(module.tree) if (named := _named(node))) if module else ():
                found.setdefault(named, []).append(id(node))
            self._named[path] = found if module is not None else None
        names = self._named[path]
        return names is None or any(node not in inside for node in names.get(name, ()))

    @cached_property
    def _prefixes(self) -> frozenset[str]:
        """How names begin that are put together where attributes are looked up by a name: `getattr(self, f"on_{event}")`."""
        modules = [self._project.module(path) for path in self._project.naming("getattr") if not is_test(path)]
        return frozenset(
            first.value
            for module in modules
            if module is not None
            for node in ast.walk(module.tree)
            for first in (node.values[:1] if isinstance(node, ast.JoinedStr) else ())
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.isidentifier()
        )

    def _is_started(self, evaluation: Evaluation) -> bool:
        """Whether a program runs the entry: it is one, a framework calls it, or something that is started leads to it."""
        if evaluation.script or evaluation.handler:
            return context(evaluation.entry.path) == "app"
        if evaluation.entry not in self._started:
            self._started[evaluation.entry] = any(map(self._starts, self._callers.above([evaluation.entry])))
        return self._started[evaluation.entry]

    def _starts(self, scope: Scope) -> bool:
        module = self._project.module(scope.path)
        if module is None or context(scope.path) != "app":
            return False
        if not scope.name:
            return True
        node = module.functions.get(scope.name)
        if node is None or isinstance(node, ast.Lambda):
            return False
        decorated = any(last_name(one.func if isinstance(one, ast.Call) else one) not in PLAIN for one in node.decorator_list)
        return decorated or programs.is_program(self._project, scope.path, scope.name, node)


def _named(node: ast.AST) -> str | None:
    """The name that an expression, an import or a string which is nothing else may mean a function by."""
    match node:
        case ast.Name(id=found) | ast.Attribute(attr=found):
            return found
        case ast.alias(name=found):
            return found.rsplit(".", 1)[-1]
        case ast.Constant(value=str() as text) if len(text) < 200 and WORD.fullmatch(text) is not None:
            return re.split(r"[.:]", text)[-1]
        case _:
            return None


def _read(replay: Replay) -> bool:
    return not replay.first.opaque


def _open(replay: Replay) -> bool:
    """Whether what stands ahead of this request's own part is a parameter that nobody passes."""
    return any(hole.reason is Reason.NO_CALLERS for request in replay.requests for hole in _prefix(request))


def _prefix(request: Request) -> Iterator[Hole]:
    texts = [block.text for block in request.blocks if block.section is not Section.MESSAGES or block.marker is not None]
    for text in (*texts, *((request.model,) if request.model is not None else ())):
        yield from text.holes()
