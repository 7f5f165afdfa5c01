# requests: 3
"""A window of turns in a deque."""

from collections import deque

import anthropic


class Guide:
    def __init__(self, window: int = 4) -> None:
        self.client = anthropic.Anthropic()
        self.turns: deque[dict[str, str]] = deque(maxlen=window)

    def ask(self, text: str) -> str:
        self.turns.append({"role": "user", "content": text})
        reply = self.client.messages.create(
            model="claude-sonnet-5-5", max_tokens=200, system="You guide visitors through a museum.", messages=list(self.turns)
        )
        self.turns.append({"role": "assistant", "content": reply.content[0].text})
        return reply.content[0].text


guide = Guide()
for question in ("Where do I start?", "Who built this?", "What is next door?"):
    guide.ask(question)
