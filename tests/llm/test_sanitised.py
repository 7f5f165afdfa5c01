"""Histories of which nothing is known but what the code adds, copied and cleaned before each request."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from auditor.llm.request import Section
from auditor.llm.resolve import sites_of

PROGRAM = """
import anthropic

client = anthropic.Anthropic()
ALLOWED = frozenset({{"role", "content"}})


def prepared(messages):
    ready = []
    for message in messages:
{body}
    return ready


def work({given}):
    while True:
        response = client.messages.create(
            model="claude-sonnet-4-5", max_tokens=500, system="You tidy folders.", messages=prepared(history)
        )
        if response.stop_reason != "tool_use":
            return history
        history.append({{"role": "assistant", "content": response.content}})
        history.append({{"role": "user", "content": "done"}})
"""

BODIES = {
    "a copy": "        ready.append(dict(message))",
    "allowed keys": "        ready.append({k: v for k, v in message.items() if k in ALLOWED})",
    "an empty text filled": """
        content = message.get("content")
        if isinstance(content, str) and not content:
            clean = dict(message)
            clean["content"] = "(empty)"
            ready.append(clean)
            continue
        ready.append(message)""",
    "blocks left out": """
        content = message.get("content")
        if isinstance(content, list):
            kept = [block for block in content if block.get("text")]
            if len(kept) != len(content):
                ready.append({**message, "content": kept or "(empty)"})
                continue
        ready.append(message)""",
    "a key that is not there": """
        clean = dict(message)
        if clean.get("role") == "assistant" and "content" not in clean:
            clean["content"] = None
        ready.append(clean)""",
}


@pytest.mark.parametrize("given", ["history: list[dict]", "history"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_history_that_is_cleaned_the_same_way_each_time_repeats_itself(tmp_path: Path, body: str, given: str) -> None:
    (tmp_path / "agent.py").write_text(PROGRAM.format(body=body, given=given), encoding="utf-8")
    (site,) = sites_of(tmp_path)
    assert site.replays
    for replay in site.replays:
        one_call = replay.requests[:3]  # each further call of the function may get another history
        added = [sum(block.section is Section.MESSAGES for block in request.blocks) for request in one_call]
        assert added == sorted(set(added)), "what the function adds is seen"
        for before, after in pairwise(one_call):
            assert after.blocks[: len(before.blocks)] == before.blocks


def test_a_history_that_is_cleaned_in_another_way_each_time_does_not(tmp_path: Path) -> None:
    body = """
        clean = dict(message)
        clean["content"] = str(message.get("content")) + str(time.time())
        ready.append(clean)"""
    program = "import time\n" + PROGRAM.format(body=body, given="history: list[dict]")
    (tmp_path / "agent.py").write_text(program, encoding="utf-8")
    (site,) = sites_of(tmp_path)
    for replay in site.replays:
        first, second = replay.requests[:2]
        assert second.blocks[: len(first.blocks)] != first.blocks
