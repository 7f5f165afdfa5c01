# requests: 2
"""Summarise support tickets with a traceable request id."""

import uuid
from datetime import date

from anthropic import Anthropic


class Summariser:
    def __init__(self, model: str = "claude-haiku-4-5") -> None:
        self.client = Anthropic()
        self.model = model
        self.day = date.today().isoformat()

    def summarise(self, ticket: str) -> str:
        request_id = uuid.uuid4()
        message = self.client.messages.create(
            model=self.model,
            max_tokens=150,
            system="Request " + str(request_id) + "\nToday is " + self.day + ".\nSummarise the ticket in one sentence.",
            messages=[{"role": "user", "content": [{"type": "text", "text": ticket}]}],
        )
        return message.content[0].text


summariser = Summariser()
print(summariser.summarise("The printer on the third floor prints everything twice."))
print(summariser.summarise("My badge opens the garage but not the lift."))
