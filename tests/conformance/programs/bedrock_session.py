# requests: 4
# needs: boto3
"""A conversation: history in the object, a cache point that moves along with the last question."""

import copy
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

CACHE_POINT = {"cachePoint": {"type": "default"}}


@dataclass
class Conversation:
    system_prompt: str
    model_id: str = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
    history: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        session = boto3.Session(region_name="us-west-2")
        self._runtime = session.client(
            service_name="bedrock-runtime", config=Config(read_timeout=60, retries={"max_attempts": 1})
        )

    def _with_cache_point(self) -> list[dict[str, Any]]:
        messages = copy.deepcopy(self.history)
        messages[-1]["content"].append(CACHE_POINT)
        return messages

    def ask(self, question: str) -> str:
        self.history.append({"role": "user", "content": [{"text": question}]})
        response = self._runtime.converse(
            modelId=self.model_id,
            system=[{"text": self.system_prompt}, CACHE_POINT],
            messages=self._with_cache_point(),
        )
        message = response["output"]["message"]
        self.history.append(message)
        return "".join(block["text"] for block in message["content"] if "text" in block)


conversation = Conversation(system_prompt="You are the guide of a lighthouse museum. " * 30)
for line in ("Who built it?", "How high is it?", "Can I climb it?", "Thanks!"):
    print(">", line)
    print(conversation.ask(line))
