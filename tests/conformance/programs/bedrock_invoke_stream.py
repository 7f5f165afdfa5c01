# requests: 3
# needs: boto3
"""A writer's desk: InvokeModel streamed in a thread, system prompt and drafts kept by the object."""

import asyncio
import json
from typing import Any

import boto3


class BedrockClaude:
    """Talks to one model."""

    def __init__(self, model: str, region: str = "eu-central-1", **defaults: Any) -> None:
        self.model = model
        self.client = boto3.client("bedrock-runtime", region_name=region)
        self.defaults = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 400, **defaults}

    def _body(self, system: str, messages: list[dict]) -> str:
        native_request = dict(self.defaults)
        native_request["system"] = [{"type": "text", "text": system, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
        native_request["messages"] = messages
        return json.dumps(native_request)

    def _stream(self, system: str, messages: list[dict]) -> str:
        answer = []
        streaming = self.client.invoke_model_with_response_stream(modelId=self.model, body=self._body(system, messages))
        for event in streaming["body"]:
            chunk = json.loads(event["chunk"]["bytes"])
            if chunk["type"] == "content_block_delta":
                answer.append(chunk["delta"].get("text", ""))
        return "".join(answer)

    async def write(self, system: str, messages: list[dict]) -> str:
        return await asyncio.to_thread(self._stream, system, messages)


async def main() -> None:
    claude = BedrockClaude("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", temperature=0.7)
    voice = "You write like a retired sea captain. " * 20
    messages: list[dict] = []
    for wish in ("Describe the fog.", "Shorter.", "With a gull."):
        messages.append({"role": "user", "content": wish})
        draft = await claude.write(voice, messages)
        messages.append({"role": "assistant", "content": draft})
        print(draft)


asyncio.run(main())
