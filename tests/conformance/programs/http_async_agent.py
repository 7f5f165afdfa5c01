# requests: 6
"""An agent over the chat completions endpoint, asynchronous, with a base URL that settings give."""

import asyncio
import json
import os
from dataclasses import dataclass, field

import httpx


@dataclass
class Settings:
    base_url: str = field(default_factory=lambda: os.getenv("OPENAI_BASE_URL", "https://api.openai.com/v1"))
    api_key: str = field(default_factory=lambda: os.environ["OPENAI_API_KEY"])
    model: str = "gpt-5.2"


TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "tide",
            "description": "High and low water of a day.",
            "parameters": {"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]},
        },
    }
]


async def tide(day: str) -> str:
    return f"high 04:10, low 10:25 on {day}"


class Agent:
    def __init__(self, settings: Settings, instructions: str) -> None:
        self.settings = settings
        self.instructions = instructions

    async def run(self, client: httpx.AsyncClient, task: str) -> str:
        messages = [{"role": "system", "content": self.instructions}, {"role": "user", "content": task}]
        while True:
            response = await client.post(
                "/chat/completions",
                headers={"Authorization": f"Bearer {self.settings.api_key}"},
                json={"model": self.settings.model, "messages": messages, "tools": TOOLS},
            )
            response.raise_for_status()
            message = response.json()["choices"][0]["message"]
            messages.append(message)
            if not message.get("tool_calls"):
                return message["content"]
            for call in message["tool_calls"]:
                result = await tide(**json.loads(call["function"]["arguments"]))
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})


async def main() -> None:
    settings = Settings()
    agent = Agent(settings, "You advise sailors about the tides of one harbour. " * 20)
    async with httpx.AsyncClient(base_url=settings.base_url, timeout=30) as client:
        for task in ("May I leave at five?", "And on Sunday?"):
            print(await agent.run(client, task))


asyncio.run(main())
