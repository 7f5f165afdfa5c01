import importlib.resources
import pkgutil
from importlib import resources

import anthropic


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.role = resources.files("clerk.prompts").joinpath("role.md").read_text(encoding="utf-8").strip()
        self.rules = pkgutil.get_data("clerk.prompts", "rules.txt").decode("utf-8")
        self.style = (importlib.resources.files(__package__) / "prompts" / "style.txt").read_text("utf-8")

    def handle(self, request: str) -> str:
        response = self.client.messages.create(
            model="claude-sonnet-5-5",
            max_tokens=300,
            system=[
                {"type": "text", "text": self.role},
                {"type": "text", "text": self.rules + self.style, "cache_control": {"type": "ephemeral"}},
            ],
            messages=[{"role": "user", "content": request}],
        )
        return response.content[0].text
