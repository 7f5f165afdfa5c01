# requests: 5
# needs: google.genai
"""A tutor: one chat goes on, another is started with earlier turns; asynchronously as well."""

import asyncio

from google import genai
from google.genai import types

SYSTEM = "You teach knots to sailors. Be brief. " * 20


class Tutor:
    def __init__(self) -> None:
        self.client = genai.Client()
        self.chat = self.client.chats.create(
            model="gemini-3.8-flash", config=types.GenerateContentConfig(system_instruction=SYSTEM)
        )

    def say(self, text: str) -> str:
        return self.chat.send_message(text).text or ""


async def resume() -> None:
    client = genai.Client()
    history = [types.UserContent("What is a bowline?"), types.ModelContent("A loop that does not slip.")]
    chat = client.aio.chats.create(model="gemini-3.8-flash", history=history)
    for question in ("How do I tie it?", "And with gloves on?"):
        print((await chat.send_message(question)).text)


tutor = Tutor()
for question in ("Which knot first?", "Show me.", "Again."):
    print(tutor.say(question))
asyncio.run(resume())
