# requests: 4
# segments: 2
"""A thin client of its own over httpx: base URL, headers and relative paths."""

from __future__ import annotations

import os
from typing import Any

import httpx


class ClaudeClient:
    BASE_URL = "https://api.anthropic.com"

    def __init__(self, api_key: str | None = None, timeout: float = 30.0) -> None:
        self._http = httpx.Client(
            base_url=self.BASE_URL,
            headers={
                "x-api-key": api_key or os.environ["ANTHROPIC_API_KEY"],
                "anthropic-version": "2023-06-01",
            },
            timeout=timeout,
        )

    def __enter__(self) -> ClaudeClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self._http.post(path, json=body)
        if response.status_code >= 400:
            raise RuntimeError(response.text)
        return response.json()

    def message(self, prompt: str, *, system: str | None = None, model: str = "claude-haiku-4-5") -> str:
        body: dict[str, Any] = {
            "model": model,
            "max_tokens": 500,
            "messages": [{"role": "user", "content": prompt}],
        }
        if system:
            body["system"] = [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]
        return self._post("/v1/messages", body)["content"][0]["text"]


GLOSSARY = "\n".join(f"term {number}: meaning {number}" for number in range(150))

with ClaudeClient() as client:
    for term in ("bollard", "capstan", "fender"):
        print(client.message(f"Explain {term} to a child.", system="You explain words of the sea.\n" + GLOSSARY))
    print(client.message("Say hello."))
