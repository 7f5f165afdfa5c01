# requests: 2
"""Two tasks share one way of asking."""

from abc import ABC, abstractmethod

import anthropic


class Task(ABC):
    model = "claude-haiku-4-5"

    def __init__(self, client: anthropic.Anthropic) -> None:
        self.client = client

    @property
    @abstractmethod
    def instructions(self) -> str: ...

    def examples(self) -> list[dict]:
        return []

    def run(self, text: str) -> str:
        response = self.client.messages.create(
            model=self.model,
            max_tokens=100,
            system=self.instructions,
            messages=self.examples() + [{"role": "user", "content": text}],
        )
        return response.content[0].text


class Sentiment(Task):
    instructions = "Say whether the text is positive, negative or neutral."

    def examples(self) -> list[dict]:
        return [
            {"role": "user", "content": "I love it"},
            {"role": "assistant", "content": "positive"},
        ]


sentiment = Sentiment(anthropic.Anthropic())
for text in ("The soup was cold.", "It is a chair."):
    print(sentiment.run(text))
