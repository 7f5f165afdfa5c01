# requests: 2
"""Everything that can be tuned is in a dataclass."""

from dataclasses import dataclass, field, replace

import anthropic


@dataclass(frozen=True)
class Settings:
    model: str = "claude-sonnet-5-5"
    max_tokens: int = 256
    audience: str = "adults"
    topics: list[str] = field(default_factory=lambda: ["history", "geography"])

    @property
    def system(self) -> str:
        return f"You write quiz questions for {self.audience} about {' and '.join(self.topics)}."

    def request(self, prompt: str) -> dict:
        return {
            "model": self.model,
            "max_tokens": self.max_tokens,
            "system": self.system,
            "messages": [{"role": "user", "content": prompt}],
        }


settings = replace(Settings(max_tokens=300), audience="children")
client = anthropic.Anthropic()
for level in range(1, 3):
    client.messages.create(**settings.request(f"One question of difficulty {level}, please."))
