# requests: 3
"""A chat session with a hand-written retry decorator on a method."""

import functools
import time

from openai import APIConnectionError, OpenAI


def retrying(attempts: int = 3, delay: float = 0.1):
    def decorator(method):
        @functools.wraps(method)
        def wrapper(self, *args, **kwargs):
            last = None
            for attempt in range(attempts):
                try:
                    return method(self, *args, **kwargs)
                except APIConnectionError as error:
                    last = error
                    time.sleep(delay * 2**attempt)
            raise RuntimeError("no answer") from last

        return wrapper

    return decorator


class Session:
    def __init__(self, client: OpenAI, instructions: str) -> None:
        self.client = client
        self.messages = [{"role": "system", "content": instructions}]

    def add(self, role: str, content: str) -> "Session":
        self.messages.append(dict(role=role, content=content))
        return self

    @retrying(attempts=2)
    def complete(self, *, model: str = "gpt-5.2") -> str:
        completion = self.client.chat.completions.create(model=model, messages=self.messages)
        return completion.choices[0].message.content

    def say(self, text: str) -> str:
        answer = self.add("user", text).complete()
        self.add("assistant", answer)
        return answer


session = Session(OpenAI(), "You plan hikes.")
for wish in ["Something flat.", "Near a lake.", "With a train station."]:
    session.say(wish)
