"""Where the project calls a function or makes an instance, as far as the source alone tells: by name.

A large project calls `run` thousands of times, and each of its functions asks. Knows the source, not what a name means there.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.project.contexts import is_test
from auditor.project.syntax import FunctionNode, Reference, parameters

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


@dataclass(frozen=True, slots=True)
class Given:
    """What the calls of a name give, all of them together."""

    called: bool
    positional: int
    keywords: frozenset[str]
    anything: bool
    """Whether one of them spreads what nobody sees (`*args`, `**kwargs`)."""

    @staticmethod
    def of(calls: Sequence[ast.Call]) -> Given:
        names = [keyword.arg for call in calls for keyword in call.keywords]
        starred = any(isinstance(one, ast.Starred) for call in calls for one in call.args)
        most = max((len(call.args) for call in calls), default=0)
        return Given(bool(calls), most, frozenset(name for name in names if name), starred or None in names)


def calls(machine: Machine, name: str, *, tests: bool) -> tuple[Reference, ...]:
    """Every call of a name, those of tests only where they count."""
    key = ("calls of", name, tests)
    found = machine.cache.get(key)
    if found is None:
        found = machine.cache[key] = tuple(
            one
            for one in machine.project.references(name, lambda path: tests or not is_test(path))
            if isinstance(one.node, ast.Call)
        )
    return found  # type: ignore[return-value]


def gives(machine: Machine, reference: Reference, node: FunctionNode, argument: ast.arg) -> bool:
    """Whether a call in the project gives a parameter of the function around a reference, or none of its calls is seen."""
    name, tests = reference.scope.rsplit(".", 1)[-1], is_test(reference.path)
    key = ("given to", name, tests)
    given = machine.cache.get(key)
    if given is None:
        own = [one.node for one in calls(machine, name, tests=tests) if isinstance(one.node, ast.Call)]
        given = machine.cache[key] = Given.of(own)
    assert isinstance(given, Given)
    names = [one.arg for one in parameters(node)]
    position = names.index(argument.arg) - (names[:1] in (["self"], ["cls"]))
    return not given.called or given.anything or given.positional > position or argument.arg in given.keywords
