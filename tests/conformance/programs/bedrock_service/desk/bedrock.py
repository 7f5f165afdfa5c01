from __future__ import annotations

from typing import Any

import boto3

from .settings import Settings

_clients: dict[str, Any] = {}


def get_client(region: str):
    if region not in _clients:
        _clients[region] = boto3.client("bedrock-runtime", region_name=region)
    return _clients[region]


class BedrockLLM:
    def __init__(self, settings: Settings, *, caching: bool = True) -> None:
        self.settings = settings
        self.caching = caching
        self.client = get_client(settings.region)

    def _system(self, parts: list[str]) -> list[dict]:
        blocks = [{"text": part} for part in parts if part]
        if self.caching:
            blocks.append({"cachePoint": {"type": "default"}})
        return blocks

    def complete(self, system: list[str], messages: list[dict], tools: list[dict] | None = None) -> dict:
        kwargs: dict[str, Any] = {
            "modelId": self.settings.model_id,
            "messages": messages,
            "system": self._system(system),
            "inferenceConfig": {
                "maxTokens": self.settings.max_tokens,
                "temperature": self.settings.temperature,
            },
        }
        if tools:
            kwargs["toolConfig"] = {"tools": tools}
        return self.client.converse(**kwargs)
