# requests: 3
"""A pipeline that knows nothing of models: the step that asks one is a callback."""

from collections.abc import Callable

import anthropic


class Pipeline:
    def __init__(self, transform: Callable[[str], str], *, after: Callable[[str], None] = print) -> None:
        self._transform = transform
        self.after = after

    def run(self, lines: list[str]) -> None:
        for line in lines:
            self.after(self._transform(line.strip()))


class Translator:
    def __init__(self, language: str) -> None:
        self.client = anthropic.Anthropic()
        self.system = f"Translate into {language}. Reply with the translation alone."

    def translate(self, line: str) -> str:
        message = {"role": "user", "content": line}
        response = self.client.messages.create(
            model="claude-haiku-4-5", max_tokens=200, system=self.system, messages=[message]
        )
        return response.content[0].text


Pipeline(Translator("Frisian").translate).run(["  Good morning. ", "The tide is out.", "Mind the step.\n"])
