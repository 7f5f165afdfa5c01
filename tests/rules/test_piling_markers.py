"""Markers on the last few messages of a history, set and taken off in the ways that programs do: which pile up, and which move.

Each way stands in an agent of Anthropic's, where a turn's tool results are parts of one message, and in one of LiteLLM's, where
they are messages of their own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.config.reader import load
from auditor.engine.audit import audit

HEAD = """import copy
import json

CACHE = {"type": "ephemeral"}
PROMPT = "You are a careful shell agent. " * 400


def as_blocks(content):
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


"""
CLAUDE = """

import anthropic

client = anthropic.Anthropic()


def work(task: str) -> str:
    messages = [{"role": "user", "content": [{"type": "text", "text": task}]}]
    while True:
        prepared = mark(messages)
        system = [{"type": "text", "text": PROMPT, "cache_control": CACHE}]
        response = client.messages.create(model="claude-sonnet-4-5", max_tokens=2000, system=system, messages=prepared)
        messages.append({"role": "assistant", "content": [block.model_dump() for block in response.content]})
        results = []
        for block in response.content:
            if block.type == "tool_use":
                results.append({"type": "tool_result", "tool_use_id": block.id, "content": run(block.input)})
        if not results:
            return response.content[0].text
        messages.append({"role": "user", "content": results})
"""
LITELLM = """

import litellm


class Agent:
    def __init__(self):
        self.messages = []

    def work(self, task: str) -> str:
        self.messages.append({"role": "user", "content": [{"type": "text", "text": task}]})
        while True:
            system = {"role": "system", "content": [{"type": "text", "text": PROMPT, "cache_control": CACHE}]}
            response = litellm.completion(model="anthropic/claude-sonnet-4-5", messages=[system, *mark(self.messages)])
            answer = response.choices[0].message
            self.messages.append({"role": "assistant", "content": answer.content, "tool_calls": answer.tool_calls})
            if not answer.tool_calls:
                return answer.content
            for call in answer.tool_calls:
                text = run(json.loads(call.function.arguments))
                self.messages.append({"role": "tool", "tool_call_id": call.id, "content": [{"type": "text", "text": text}]})


agent = Agent()
while True:
    print(agent.work(input("> ")))
"""
HOSTS = {"claude": CLAUDE, "litellm": LITELLM}
PILING = {
    "the last few, whoever speaks": """
def mark(messages):
    for message in messages[-3:]:
        message["content"][-1]["cache_control"] = CACHE
    return messages
""",
    "the last few, in place": """
def mark(messages):
    for message in messages[-3:]:
        if message["role"] != "assistant":
            message["content"][-1]["cache_control"] = CACHE
    return messages
""",
    "a copy that shares its messages": """
def mark(messages):
    prepared = [dict(message) for message in messages]
    for message in prepared[-3:]:
        if message["role"] != "assistant":
            message["content"][-1]["cache_control"] = CACHE
    return prepared
""",
    "a count that only those before it take part in": """
def mark(messages):
    left = 2
    for message in reversed(messages):
        if left > 0 and message["role"] != "assistant":
            message["content"] = as_blocks(message["content"])
            message["content"][-1]["cache_control"] = CACHE
            left -= 1
    return messages
""",
    "the first that is found": """
def mark(messages):
    for message in reversed(messages):
        if message["role"] in {"tool", "user"}:
            message["content"] = as_blocks(message["content"])
            message["content"][-1]["cache_control"] = CACHE
            break
    return messages
""",
    "by their numbers": """
def mark(messages):
    total = len(messages)
    for index, message in enumerate(messages):
        if index >= total - 2 and message["role"] != "assistant":
            message["content"][-1]["cache_control"] = CACHE
    return messages
""",
}
FORMS = """
def mark(messages):
    left = 2
    for message in reversed(messages[-2:] if len(messages) >= 3 and not ALL else messages):
        content = message.get("content")
        if left > 0:
            if isinstance(content, list):
                for block in content:
                    if isinstance(block, dict) and block.get("type") in {"text", "tool_result"}:
                        block["cache_control"] = CACHE
                        left -= 1
                        break
            elif isinstance(content, str):
                message["content"] = [{"type": "text", "text": content, "cache_control": CACHE}]
                left -= 1
        elif isinstance(content, list):
            for block in content:
                block.pop("cache_control", None)
    return messages
"""
PILING["whatever form the content has, of the last few alone"] = "ALL = False\n" + FORMS
MOVING = {
    "on results alone": """
def mark(messages):
    results = [message for message in messages if message["role"] == ("tool" if message.get("tool_call_id") else "user")]
    for message in results:
        message["content"][-1].pop("cache_control", None)
    for message in results[-2:]:
        message["content"][-1]["cache_control"] = CACHE
    return messages
""",
    "taken off everywhere first": """
def mark(messages):
    chosen = [message for message in messages if message["role"] != "assistant"]
    for message in chosen:
        message["content"][-1].pop("cache_control", None)
    for message in chosen[-2:]:
        message["content"][-1]["cache_control"] = CACHE
    return messages
""",
    "counted, and taken off the others": """
def mark(messages):
    left = 2
    for message in reversed(messages):
        if message["role"] == "assistant":
            continue
        if left > 0:
            message["content"][-1]["cache_control"] = CACHE
            left -= 1
        else:
            message["content"][-1].pop("cache_control", None)
    return messages
""",
    "a flag": """
def mark(messages):
    done = False
    for message in reversed(messages):
        if message["role"] == "assistant":
            continue
        message["content"] = as_blocks(message["content"])
        if done:
            message["content"][-1].pop("cache_control", None)
        else:
            message["content"][-1]["cache_control"] = CACHE
            done = True
    return messages
""",
    "the first that is found, of a copy": """
def mark(messages):
    prepared = copy.deepcopy(messages)
    for message in reversed(prepared):
        if message["role"] in {"tool", "user"}:
            message["content"] = as_blocks(message["content"])
            message["content"][-1]["cache_control"] = CACHE
            break
    return prepared
""",
    "by their numbers, written anew": """
def mark(messages):
    prepared = []
    total = len(messages)
    for index, message in enumerate(messages):
        if message["role"] == "assistant":
            prepared.append(message)
            continue
        blocks = [dict(block) for block in as_blocks(message["content"])]
        if index >= total - 2:
            blocks[-1]["cache_control"] = CACHE
        prepared.append({**message, "content": blocks})
    return prepared
""",
}
MOVING["whatever form the content has"] = "ALL = True\n" + FORMS
ABOUT = {"CA301", "CA302", "CA307", "CA602", "CA603"}


def told(folder: Path, monkeypatch: pytest.MonkeyPatch, how: str, host: str) -> list[str]:
    (folder / "app.py").write_text(HEAD + how.strip() + "\n" + HOSTS[host], encoding="utf-8")
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(folder)
    return [finding.code for finding in audit([Path()], load(Path())).findings if finding.code in ABOUT]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("how", PILING)
def test_markers_pile_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, host: str) -> None:
    assert told(tmp_path, monkeypatch, PILING[how], host) == ["CA307"]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("how", MOVING)
def test_markers_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, host: str) -> None:
    assert told(tmp_path, monkeypatch, MOVING[how], host) == []
