# requests: 2
"""Turns as named tuples and dataclasses, turned into messages late."""

from dataclasses import asdict, dataclass
from typing import NamedTuple

import anthropic


class Turn(NamedTuple):
    role: str
    content: str


@dataclass
class Block:
    text: str
    type: str = "text"


@dataclass
class Dialogue:
    turns: list[Turn]
    system: list[Block]

    def messages(self) -> list[dict]:
        return [turn._asdict() for turn in self.turns]

    def request(self) -> dict:
        return {"system": [asdict(block) for block in self.system], "messages": self.messages()}


client = anthropic.Anthropic()
dialogue = Dialogue([Turn("user", "Name a river.")], [Block("You know geography."), Block("Reply in one word.")])
first = client.messages.create(model="claude-haiku-4-5", max_tokens=10, **dialogue.request())
dialogue.turns.append(Turn("assistant", first.content[0].text))
dialogue.turns.append(Turn(role="user", content="Name another."))
client.messages.create(model="claude-haiku-4-5", max_tokens=10, **dialogue.request())
