"""The only place that talks to the model."""

from __future__ import annotations

from typing import Any

import anthropic


class LLMClient:
    def __init__(self, api: anthropic.Anthropic | None = None, *, model: str = "claude-sonnet-5-5") -> None:
        self._api = api or anthropic.Anthropic()
        self._model = model

    def complete(self, system: str, user: str, **extra: Any) -> str:
        blocks = [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]
        response = self._api.messages.create(
            model=self._model,
            max_tokens=extra.pop("max_tokens", 512),
            system=blocks,
            messages=[{"role": "user", "content": user}],
            **extra,
        )
        return "".join(part.text for part in response.content if part.type == "text")
