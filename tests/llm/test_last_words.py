"""What asks for a loop's last word, behind it: whether its request is one of a conversation."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import Repetition
from tests.llm.requests_of import sites

RUN = """
import sys
import anthropic

client = anthropic.Anthropic()

def ask(messages, tools):
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, tools=tools, messages=messages)

def conclude(messages):
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=messages)

def run(name, tools):
    messages = [{{"role": "user", "content": f"Look into {{name}}."}}]
    for _ in range(5):
        answer = ask(messages, tools)
        if answer.stop_reason != "tool_use":
            return answer
        messages.append({{"role": "assistant", "content": answer.content}})
        messages.append({{"role": "user", "content": [{{"type": "tool_result", "content": look(b)}} for b in answer.content]}})
    messages.append({{"role": "user", "content": "Now conclude."}})
    return conclude(messages)

{begin}
"""

ENTRIES = {
    "a script": "run(sys.argv[1], [])",
    "a handler": "def handle(request):\n    return run(request.text, [])",
    "a handler that asks for the name first": "def handle(request):\n"
    '    asked = [{"role": "user", "content": request.text}]\n'
    '    named = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=asked)\n'
    "    return run(named.content[0].text, [])",
}


@pytest.mark.parametrize("begin", ENTRIES)
def test_the_last_word_is_asked_once_in_a_conversation(begin: str, tmp_path: Path) -> None:
    last = sites(tmp_path, app=RUN.format(begin=ENTRIES[begin]))[1]
    assert {replay.repetition for replay in last.replays} <= {Repetition.ONCE, Repetition.HANDLER}


STORED = """
import anthropic
from store import load_turns, save_turn

turns = []
for turn in load_turns("main"):
    turns.append({"role": "user", "content": turn.question})
    turns.append({"role": "assistant", "content": turn.answer})
turns.append({"role": "user", "content": input()})
answer = anthropic.Anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=turns)
save_turn("main", {"role": "assistant", "content": answer.content[0].text})
"""


def test_a_script_that_loads_its_turns_goes_on_with_them(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=STORED)
    assert {replay.repetition for replay in site.replays} == {Repetition.CONVERSATION}
