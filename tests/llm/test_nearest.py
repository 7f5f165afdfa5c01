"""What an entry sends by the nearest way, where its budget is not enough for everything that leads to requests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from auditor.discovery.files import discover
from auditor.limits import DEFAULT
from auditor.llm.resolve import resolve

MODEL = """
import anthropic

client = anthropic.Anthropic()

def ask(system, messages, tools=()):
    return client.messages.create(
        model="claude-sonnet-4-5", max_tokens=500, system=system, messages=messages, tools=list(tools)
    )
"""

TOOLS = """
from model import ask

def research(task):
    found = []
    for page in range(60):
        found.append(f"page {page} of {len(found) + page * 2 - 1}")
    messages = [{"role": "user", "content": task + "; ".join(found)}]
    while True:
        answer = ask("You research.", messages)
        if answer.stop_reason != "tool_use":
            return answer
        messages.append({"role": "assistant", "content": answer.content})
        messages.append({"role": "user", "content": run(answer.content[0])})

def plan(task):
    return research("Plan: " + task)

def review(task):
    return research("Review: " + task)

TOOLS = {"research": research, "plan": plan, "review": review}

def run(call):
    return TOOLS[call.name](call.input["task"])
"""

AGENT = """
from model import ask
from tools import run

def work(task):
    messages = [{"role": "user", "content": task}]
    while True:
        answer = ask("You keep the house.", messages)
        if answer.stop_reason != "tool_use":
            return messages
        messages.append({"role": "assistant", "content": answer.content})
        results = []
        for block in answer.content:
            if block.type == "tool_use":
                results.append({"type": "tool_result", "tool_use_id": block.id, "content": run(block)})
        messages.append({"role": "user", "content": results})
"""


def test_an_agent_whose_tools_are_agents(tmp_path: Path) -> None:
    for name, source in {"model": MODEL, "tools": TOOLS, "agent": AGENT}.items():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    (site,) = resolve(discover([tmp_path]), replace(DEFAULT, steps=2_400)).sites
    mine = [replay for replay in site.replays if replay.first.blocks[0].text.render() == "You keep the house."]
    assert mine
    assert max(len(request.blocks) for replay in mine for request in replay.requests) >= 6  # its own history grows
