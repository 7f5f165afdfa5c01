# requests: 2
"""Sections are added when they are wanted."""

import anthropic


class Writer:
    def __init__(self, client: anthropic.Anthropic, formal: bool) -> None:
        self.client = client
        self.formal = formal

    def write(self, topic: str, language: str = "en") -> str:
        prompt = "You write letters for a housing association."
        if self.formal:
            prompt += " Use a formal register."
        else:
            prompt += " Be warm."
        prompt += {"en": " Write British English.", "nl": " Schrijf Nederlands."}[language]
        if not (message := self.client.messages.create(
            model="claude-sonnet-5-5",
            max_tokens=300,
            system=prompt,
            messages=[{"role": "user", "content": topic}],
        )).content:
            return ""
        return message.content[0].text


writer = Writer(anthropic.Anthropic(), formal=True)
writer.write("The stairs are cleaned on Monday.")
writer.write("The lift is repaired on Tuesday.")
