"""Data that a loop makes for each of its elements, handed to a function that sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.values.lifetime import Cause, Lifetime
from tests.llm.requests_of import sites

STEP = """
import anthropic
from dataclasses import dataclass

client = anthropic.Anthropic()

@dataclass
class Task:
    row: dict
    rules: str
    note: str = "none"

class Step:
    async def run(self, task: Task):
        system = [{"type": "text", "text": f"{task.rules} {task.row} {task.note}", "cache_control": {"type": "ephemeral"}}]
        return client.messages.create(model="m", max_tokens=9, system=system, messages=[{"role": "user", "content": "Go"}])
"""


@pytest.mark.parametrize(
    ("made", "varies"),
    [
        ("for at in range(len(rows)):\n        await getattr(steps, name)(Task(row=rows[at], rules=rules))", True),
        ("for row in rows:\n        seen = dict(row)\n        await getattr(steps, name)(Task(seen, rules))", True),
        ("await gather(*[getattr(steps, name)(Task(row, rules=rules)) for row in rows])", True),
        ("task = Task(row=rows, rules=rules)\n    for at in rows:\n        await getattr(steps, name)(task)", False),
    ],
)
def test_what_hangs_on_a_loop_s_element_is_another_with_each(tmp_path: Path, made: str, varies: bool) -> None:
    pipeline = f"from app import Task\nfrom asyncio import gather\nasync def work(steps, name, rows, rules):\n    {made}\n"
    (site,) = sites(tmp_path, app=STEP, pipeline=pipeline)
    requests = site.replays[0].requests
    rules, row = ([list(request.blocks[0].text.holes())[at] for request in requests[:2]] for at in (0, 1))
    assert rules[0].identity == rules[1].identity
    assert rules[0].lifetime is Lifetime.UNKNOWN
    assert (row[0].identity != row[1].identity) is varies
    assert (row[0].lifetime is Lifetime.CALL and row[0].cause is Cause.LOOP) is varies
    assert site.replays[0].first.blocks[0].text.render().endswith("none")
