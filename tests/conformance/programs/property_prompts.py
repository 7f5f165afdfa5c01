# requests: 2
"""A prompt that is computed by properties, one of them cached."""

from functools import cached_property

import anthropic


class Librarian:
    def __init__(self, shelves: dict[str, list[str]]) -> None:
        self.shelves = shelves
        self.client = anthropic.Anthropic()

    @cached_property
    def catalogue(self) -> str:
        rows = []
        for shelf, titles in sorted(self.shelves.items()):
            rows.append(f"{shelf.upper()}: " + "; ".join(titles))
        return "\n".join(rows)

    @property
    def system(self) -> list[dict]:
        return [
            {"type": "text", "text": "You find books."},
            {"type": "text", "text": self.catalogue, "cache_control": {"type": "ephemeral"}},
        ]

    def find(self, wish: str) -> str:
        answer = self.client.messages.create(
            model="claude-sonnet-5-5", max_tokens=50, system=self.system, messages=[{"role": "user", "content": wish}]
        )
        return answer.content[0].text


librarian = Librarian({"sea": ["Tides", "Knots"], "air": ["Clouds"]})
librarian.find("something about ropes")
librarian.find("something about weather")
