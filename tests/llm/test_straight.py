"""Calls at the end of functions that answer in more ways than the budget allows for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from auditor.discovery.files import discover
from auditor.limits import DEFAULT
from auditor.llm.resolve import resolve

BOT = """
import anthropic
from datetime import date

client = anthropic.Anthropic()
histories = {}

def manual():
    lines = [f"Rule {number}: keep the {number + 1}. shelf tidy." for number in range(40)]
    return "\\n".join(lines) + f"Today is {date.today()}."

def looked_up(text, number):
    found = []
    for page in range(30):
        found.append(text + str(page * number + len(found)))
    return found

def handle(update):
    text, user = update["text"], update["user"]
    reply = None
    if text == "stop":
        return "stopped"
BRANCHES
    else:
        histories.setdefault(user, []).append({"role": "user", "content": text})
        answer = client.messages.create(
            model="claude-sonnet-4-5", max_tokens=500, system=manual(), messages=histories[user]
        )
        reply = answer.content[0].text
        histories[user].append({"role": "assistant", "content": reply})
    return reply
"""


@pytest.mark.parametrize("form", ["elif", "return"])
def test_the_last_of_a_hundred_ways_to_answer(tmp_path: Path, form: str) -> None:
    branches = [
        f"    {'if' if form == 'return' or not number else 'elif'} text.startswith('word {number}'):\n"
        f"        reply = looked_up(text, {number})\n        seen = looked_up(reply[0], 2)"
        for number in range(40)
    ]
    if form == "return":
        branches = [f"{one}\n        return seen" for one in branches] + ["    if False:\n        pass"]
    (tmp_path / "bot.py").write_text(BOT.replace("BRANCHES", "\n".join(branches)), encoding="utf-8")
    (site,) = resolve(discover([tmp_path]), replace(DEFAULT, steps=6_000)).sites
    (replay,) = site.replays
    first, second = replay.requests[:2]
    assert first.blocks[0].text.render().startswith("Rule 0: keep the 1. shelf tidy.")
    assert [len(first.blocks), len(second.blocks)] == [2, 4]
    assert not site.unknown


HANDED = """
def tried(send, **request):
    for attempt in range(3):
        try:
            return send(**request)
        except ConnectionError:
            continue
    return None
"""


def test_the_last_way_hands_the_method_that_sends_to_a_helper(tmp_path: Path) -> None:
    branches = [
        f"    {'elif' if number else 'if'} text.startswith('word {number}'):\n        reply = looked_up(text, {number})"
        for number in range(40)
    ]
    source = BOT.replace("BRANCHES", "\n".join(branches)).replace("client.messages.create(", "tried(client.messages.create,")
    (tmp_path / "bot.py").write_text(source.replace("\ndef handle", HANDED + "\ndef handle"), encoding="utf-8")
    (site,) = resolve(discover([tmp_path]), replace(DEFAULT, steps=6_000)).sites
    heard = [len(request.blocks) for request in site.replays[0].requests[:2]]
    assert heard[0] < heard[1]
