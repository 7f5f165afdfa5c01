"""Two elements of a history are looked at as one: whether they are alike in something is open all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import Kind, Repetition, Section
from tests.llm.requests_of import sites

PROGRAM = """
import sqlite3

import anthropic

client = anthropic.Anthropic()


def stored(user):
    base = sqlite3.connect("talks.db")
    rows = base.execute("SELECT role, content FROM lines WHERE user = ? ORDER BY id", (user,)).fetchall()
    return [{{"role": row["role"], "content": row["content"]}} for row in rows]


def in_turns(history):
{body}


def answer(user, text):
    messages = [*in_turns(stored(user)), {{"role": "user", "content": text}}]
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=99, system="You help.", messages=messages)
"""

BODIES = {
    "joined to the one before": """
    if not history:
        return []
    kept = [history[0]]
    for message in history[1:]:
        if message["role"] != kept[-1]["role"]:
            kept.append(message)
        else:
            kept[-1]["content"] += "\\n" + message["content"]
    return kept""",
    "joined in a loop over all": """
    kept = []
    for message in history:
        if kept and kept[-1]["role"] == message["role"]:
            kept[-1]["content"] += "\\n" + message["content"]
        else:
            kept.append(message)
    return kept""",
    "left out": """
    kept, last = [], None
    for message in history:
        if message["role"] == last:
            continue
        kept.append(message)
        last = message["role"]
    return kept""",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_takes_turns_is_as_long_as_the_conversation(tmp_path: Path, body: str) -> None:
    (site,) = sites(tmp_path, app=PROGRAM.format(body=body))
    assert Repetition.CONVERSATION in {replay.repetition for replay in site.replays}
    assert any(
        block.kind is Kind.STRETCH and block.section is Section.MESSAGES
        for replay in site.replays
        for block in replay.first.blocks
    )


def test_what_all_elements_share_is_the_same_in_each(tmp_path: Path) -> None:
    body = """
    role = current_role()
    kept = []
    for message in [{"role": role, "content": one["content"]} for one in history]:
        if message["role"] != role:
            continue
        kept.append(message)
    return kept"""
    (site,) = sites(tmp_path, app=PROGRAM.format(body=body))
    tests = {condition.expression for replay in site.replays for condition, _ in replay.conditions}
    assert not any("!= role" in expression for expression in tests)
