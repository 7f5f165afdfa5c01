"""Ask the warehouse: `python agent.py "Which shop sold most rolls last week?"`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import anthropic
from tools import definitions, execute

SYSTEM = (Path(__file__).parent / "prompts" / "operator.md").read_text(encoding="utf-8")
MAX_TURNS = 10


def solve(client: anthropic.Anthropic, question: str) -> str:
    messages: list[dict[str, Any]] = [{"role": "user", "content": question}]
    for _ in range(MAX_TURNS):
        response = client.messages.create(
            model="claude-opus-5-5",
            max_tokens=2000,
            system=[{"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral"}}],
            tools=definitions(),
            messages=messages,
        )
        messages.append({"role": "assistant", "content": response.content})
        if response.stop_reason != "tool_use":
            return "".join(block.text for block in response.content if block.type == "text")
        results: list[dict[str, Any]] = []
        for block in response.content:
            if block.type == "tool_use":
                output = execute(block.name, block.input)
                results.append({"type": "tool_result", "tool_use_id": block.id, "content": output})
        results[-1]["cache_control"] = {"type": "ephemeral"}
        messages.append({"role": "user", "content": results})
    return "I ran out of steps."


if __name__ == "__main__":
    print(solve(anthropic.Anthropic(), " ".join(sys.argv[1:]) or "Which shop sold most rolls last week?"))
