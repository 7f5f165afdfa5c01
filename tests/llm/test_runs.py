"""No entry is run twice in the same way: whom a run is for, and whether a default decided anything, tell that beforehand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auditor.discovery.files import discover
from auditor.limits import DEFAULT, Limits
from auditor.llm.entries import Scope
from auditor.llm.evaluation import Evaluation, Evaluator
from auditor.llm.resolve import resolve

LATE = """
import anthropic

client = anthropic.Anthropic()

def ask(question):
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": question}])

def work(question):
    found = []
    for page in range(280):
        found.append(f"page {page} of {len(found) + page * 2 - 1}")
    return ask(question + str(found))
"""

NEVER = """
import anthropic

class Sender:
    def __init__(self, tries{default}):
        self.client = anthropic.Anthropic()
        self.tries = tries

    def ask(self, question):
        if self.tries == 7:
            return self.client.messages.create(
                model="claude-sonnet-4-5", max_tokens=9, messages=[{{"role": "user", "content": question}}]
            )
        return question

{made}
"""


Made = tuple[str, tuple[tuple[str, object], ...], bool]


def runs(monkeypatch: pytest.MonkeyPatch, folder: Path, source: str, limits: Limits) -> Counter[Made]:
    made: Counter[Made] = Counter()
    run = Evaluator.run

    def counted(self: Evaluator, entry: Scope, **way: Any) -> Evaluation:
        told = ((name, frozenset(value) if name == "hot" else value) for name, value in sorted(way.items()) if name != "before")
        made[entry.name, tuple(told), "before" in way] += 1
        return run(self, entry, **way)

    monkeypatch.setattr(Evaluator, "run", counted)
    (folder / "app.py").write_text(source, encoding="utf-8")
    resolve(discover([folder]), limits)
    return made


def test_the_nearest_way_to_the_only_request_is_the_way_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = runs(monkeypatch, tmp_path, LATE, replace(DEFAULT, steps=700))
    assert sum(count for (name, way, _), count in made.items() if name == "work" and way) == 1


@pytest.mark.parametrize(("default", "made", "opened"), [(" = 3", "", 1), (" = 3", "sender = Sender(5)", 0)])
def test_defaults_are_left_open_where_one_decided_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, default: str, made: str, opened: int
) -> None:
    counted = runs(monkeypatch, tmp_path, NEVER.format(default=default, made=made), DEFAULT)
    assert sum(count for (_, way, _), count in counted.items() if ("opened", True) in way) == opened
