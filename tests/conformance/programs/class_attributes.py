# requests: 3
# segments: 2
"""Agents that differ by class attributes and one overridden method."""

import anthropic


class Agent:
    MODEL = "claude-sonnet-5-5"
    ROLE = "assistant"
    TRAITS: tuple[str, ...] = ("patient",)
    client = anthropic.Anthropic()

    def system(self) -> str:
        return f"You are a {' and '.join(self.TRAITS)} {self.ROLE}."

    def ask(self, text: str) -> str:
        response = self.client.messages.create(
            model=self.MODEL,
            max_tokens=100,
            system=self.system(),
            messages=[{"role": "user", "content": text}],
        )
        return response.content[0].text


class Tutor(Agent):
    ROLE = "tutor"
    TRAITS = (*Agent.TRAITS, "strict")


class Critic(Agent):
    MODEL = "claude-opus-4-8"
    ROLE = "critic"

    def system(self) -> str:
        return super().system() + " Name one flaw."


tutor = Tutor()
tutor.ask("What is a prime?")
tutor.ask("Is 91 prime?")
Critic().ask("Read my poem.")
