# requests: 3
# needs: litellm
"""An agent over LiteLLM with tools, asynchronous; the model is configured."""

import asyncio
import json
from typing import Any

from litellm import acompletion

MODEL = "anthropic/claude-sonnet-4-5"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "lookup_train",
            "description": "Next trains between two stations.",
            "parameters": {
                "type": "object",
                "properties": {"start": {"type": "string"}, "end": {"type": "string"}},
                "required": ["start", "end"],
            },
        },
    },
]


class TrainAgent:
    def __init__(self, model: str = MODEL) -> None:
        self.model = model
        self.messages: list[Any] = [{"role": "system", "content": "You know every train of the country. " * 30}]

    async def _step(self):
        response = await acompletion(model=self.model, messages=self.messages, tools=TOOLS, max_tokens=500)
        return response.choices[0].message

    async def ask(self, text: str) -> str:
        self.messages.append({"role": "user", "content": text})
        message = await self._step()
        while message.tool_calls:
            self.messages.append(message.model_dump())
            for call in message.tool_calls:
                arguments = json.loads(call.function.arguments)
                self.messages.append(
                    {"role": "tool", "tool_call_id": call.id, "content": f"10:04 from {arguments['start']}"}
                )
            message = await self._step()
        self.messages.append({"role": "assistant", "content": message.content})
        return message.content


async def main() -> None:
    agent = TrainAgent()
    print(await agent.ask("How do I get to the sea?"))


asyncio.run(main())
