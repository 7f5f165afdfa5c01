# requests: 2
# segments: 2
"""Models as an enum, with what belongs to each."""

from enum import Enum, StrEnum

import anthropic


class Model(StrEnum):
    FAST = "claude-haiku-4-5"
    DEEP = "claude-opus-4-8"


class Tone(Enum):
    DRY = ("dry", "Use no adjectives.")
    WARM = ("warm", "Be kind.")

    def __init__(self, label: str, advice: str) -> None:
        self.label = label
        self.advice = advice


BUDGET = {Model.FAST: 64, Model.DEEP: 512}
client = anthropic.Anthropic()


def write(topic: str, model: Model, tone: Tone) -> str:
    response = client.messages.create(
        model=model.value,
        max_tokens=BUDGET[model],
        system=f"Write in a {tone.label} tone. {tone.advice}",
        messages=[{"role": "user", "content": f"Topic: {topic}"}],
    )
    return response.content[0].text


write("rain", Model.FAST, Tone.DRY)
write("snow", Model.DEEP, Tone.WARM)
