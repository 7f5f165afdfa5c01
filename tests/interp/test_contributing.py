"""Which calls of a function make what it sends."""

from __future__ import annotations

import ast

import pytest

from auditor.interp.contributing import levels

TURN = """
def turn(self, said):
    mood = self.guess(said)
    idle = self.rest()
    for fact in self.facts(mood):
        self.notes.append(fact.text())
    prompt: str = self.prompt(mood)
    if (kind := sort(said)):
        self.send(system=prompt, notes=self.notes, tools=self.tools(), kind=kind)
    self.log(prompt)
"""


@pytest.mark.parametrize(
    ("call", "level"),
    [
        ("self.tools()", 0),
        ("self.prompt(mood)", 1),
        ("fact.text()", 1),
        ("sort(said)", 1),
        ("self.rest()", None),
        ("self.log(prompt)", None),
        ("self.guess(said)", None),  # behind two assignments: too far
    ],
)
def test_calls_by_the_assignments_in_between(call: str, level: int | None) -> None:
    tree = ast.parse(TURN)
    found = levels(tree, {"send"})
    (node,) = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node) == call)
    assert found.get(id(node)) == level


def test_nothing_contributes_where_nothing_leads() -> None:
    assert levels(ast.parse(TURN), frozenset()) == {}
