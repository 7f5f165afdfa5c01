# requests: 2
"""A singleton by class method, its client made lazily."""

from __future__ import annotations

import anthropic


class Oracle:
    _instance: Oracle | None = None

    def __init__(self) -> None:
        self._client: anthropic.Anthropic | None = None
        self.persona = "You speak in riddles."

    @classmethod
    def instance(cls) -> Oracle:
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    @property
    def client(self) -> anthropic.Anthropic:
        if self._client is None:
            self._client = anthropic.Anthropic()
        return self._client

    def ask(self, question: str) -> str:
        response = self.client.messages.create(
            model="claude-haiku-4-5",
            max_tokens=100,
            system=self.persona,
            messages=[{"role": "user", "content": question}],
        )
        return response.content[0].text


Oracle.instance().ask("Will it rain?")
Oracle.instance().ask("Will it stop?")
