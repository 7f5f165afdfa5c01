"""The conversation with one customer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import anthropic
from prompts import HANDBOOK, ROLE
from tools import TOOLS, run_tool


class SupportBot:
    MODEL = "claude-sonnet-5-5"

    def __init__(self, client: anthropic.Anthropic) -> None:
        self.client = client
        self.messages: list[dict[str, Any]] = []

    def system(self) -> list[dict[str, Any]]:
        return [
            {"type": "text", "text": f"{ROLE}\nThe current time is {datetime.now().isoformat()}."},
            {"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}},
        ]

    def reply(self, text: str) -> str:
        self.messages.append({"role": "user", "content": text})
        while True:
            response = self.client.messages.create(
                model=self.MODEL,
                max_tokens=800,
                system=self.system(),
                tools=TOOLS,
                messages=self.messages,
            )
            self.messages.append({"role": "assistant", "content": response.content})
            if response.stop_reason != "tool_use":
                return "".join(block.text for block in response.content if block.type == "text")
            results = [
                {"type": "tool_result", "tool_use_id": block.id, "content": run_tool(block.name, block.input)}
                for block in response.content
                if block.type == "tool_use"
            ]
            self.messages.append({"role": "user", "content": results})
