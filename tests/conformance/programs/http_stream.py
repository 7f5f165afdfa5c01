# requests: 3
"""Server-sent events by hand: the answer is put together from deltas and goes into the history."""

import json
import os
from collections.abc import Iterator

import httpx

ENDPOINT = "https://api.anthropic.com/v1/messages"
SYSTEM = [
    {"type": "text", "text": "You are a chess coach."},
    {"type": "text", "text": "Openings:\n" + "1. e4 e5 2. Nf3 Nc6\n" * 120, "cache_control": {"type": "ephemeral"}},
]


def stream_events(body: dict) -> Iterator[dict]:
    headers = {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01"}
    with httpx.stream("POST", ENDPOINT, json={**body, "stream": True}, headers=headers, timeout=None) as response:
        response.raise_for_status()
        for line in response.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line[len("data: ") :])


class Coach:
    def __init__(self) -> None:
        self.turns: list[dict] = []

    def reply(self, move: str) -> str:
        self.turns.append({"role": "user", "content": f"I played {move}."})
        body = {"model": "claude-sonnet-4-5", "max_tokens": 300, "system": SYSTEM, "messages": self.turns}
        text = ""
        for event in stream_events(body):
            if event["type"] == "content_block_delta":
                text += event["delta"].get("text", "")
            elif event["type"] == "message_stop":
                break
        self.turns.append({"role": "assistant", "content": text})
        return text


coach = Coach()
for move in ("e4", "Nf3", "Bb5"):
    print(coach.reply(move))
