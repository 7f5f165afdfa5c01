"""No entry is run twice in the same way: whom a run is for, and whether a default decided anything, tell that beforehand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.discovery.files import discover
from auditor.limits import DEFAULT, Limits
from auditor.llm.entries import Scope
from auditor.llm.evaluation import PLAIN, Evaluation, Evaluator, Way
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


TURN = """
import anthropic

class Memory:
    def look(self, said):
        found = []
        for number in range(40):
            found.append(f"{{number}}: {{said}}")
        return "; ".join(found)

class Agent:
    def __init__(self):
        self.client = anthropic.Anthropic()
        self.memory = Memory()
        self.history = []

    def mood(self, said):
        return self.memory.look(said)

    def tidy(self, said):
        return self.memory.look(said)

    def prompt(self, mood):
        return "You are kind. " + "Be kind. " * 1000 + mood

    def send(self, system):
        return self.client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=system, messages=self.history)

    def turn(self, said):
        self.history.append({{"role": "user", "content": said}})
        system = self.prompt(said)
{calls}
        answer = self.send(system)
        self.history.append({{"role": "assistant", "content": answer.content}})

agent = Agent()
while True:
    agent.turn(input())
"""

Made = tuple[str, Way, bool]


def runs(monkeypatch: pytest.MonkeyPatch, folder: Path, source: str, limits: Limits) -> Counter[Made]:
    made: Counter[Made] = Counter()
    run = Evaluator.run

    def counted(self: Evaluator, entry: Scope, way: Way = PLAIN) -> Evaluation:
        made[entry.name, replace(way, before=None), way.before is not None] += 1
        return run(self, entry, way)

    monkeypatch.setattr(Evaluator, "run", counted)
    (folder / "app.py").write_text(source, encoding="utf-8")
    resolve(discover([folder]), limits)
    return made


def test_no_run_is_made_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest way to the only request is the way to it: besides, there is one that spares what the request is not made of."""
    made = runs(monkeypatch, tmp_path, LATE, replace(DEFAULT, steps=700))
    again = {way.sparing: count for (name, way, _), count in made.items() if name == "work" and way.hot}
    assert again == {False: 1, True: 1}


@pytest.mark.parametrize("steps", [2_000, 3_000, 5_000])
def test_a_turn_that_does_much_else_is_followed_by_another(tmp_path: Path, steps: int) -> None:
    """What its requests are made of gets its share, and the rest of the work little, so that the conversation is seen."""
    calls = "\n".join(f"        self.{how}(said)" for how in ("mood", "tidy") * 6)
    (tmp_path / "agent.py").write_text(TURN.format(calls=calls), encoding="utf-8")
    (site,) = resolve(discover([tmp_path]), replace(DEFAULT, steps=steps)).sites
    requests = max((replay.requests for replay in site.replays), key=len)
    assert len(requests) > 1
    assert all("Be kind. Be kind." in request.blocks[0].text.render() for request in requests)


@pytest.mark.parametrize(("default", "made", "opened"), [(" = 3", "", 1), (" = 3", "sender = Sender(5)", 0)])
def test_defaults_are_left_open_where_one_decided_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, default: str, made: str, opened: int
) -> None:
    counted = runs(monkeypatch, tmp_path, NEVER.format(default=default, made=made), DEFAULT)
    assert sum(count for (_, way, _), count in counted.items() if way.opened) == opened
