# requests: 2
"""A command line tool: options with defaults, settings in a frozen dataclass, members of enumerations."""

import argparse
from dataclasses import asdict, dataclass, field
from enum import Enum, StrEnum, auto

import openai


class Tone(Enum):
    PLAIN = ("plain", "Use short words.")
    FORMAL = ("formal", "Use full sentences.")

    def __init__(self, label: str, rule: str) -> None:
        self.label = label
        self.rule = rule

    @classmethod
    def named(cls, label: str) -> "Tone":
        return next(tone for tone in cls if tone.label == label)


class Language(StrEnum):
    ENGLISH = auto()
    FRENCH = auto()


class Level(str, Enum):
    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True)
class Settings:
    model: str
    language: Language = Language.ENGLISH
    level: Level = Level.HIGH
    rules: list[str] = field(default_factory=lambda: ["Be kind.", "Be brief."])

    @classmethod
    def of(cls, args: argparse.Namespace) -> "Settings":
        return cls(model=args.model, language=Language(args.language))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="gpt-4.1")
    parser.add_argument("--language", choices=[str(one) for one in Language], default="french")
    group = parser.add_argument_group("style")
    group.add_argument("--system-prompt", "-s", default="You answer letters.")
    group.add_argument("--verbose", action="store_true")
    return parser.parse_args([])


def main() -> None:
    args = parse()
    settings = Settings.of(args)
    client = openai.OpenAI()
    system = f"{args.system_prompt} Level {settings.level.value}; tones: {', '.join(tone.name for tone in Tone)}."
    system += f" {Tone.named('formal').rule} {Tone.PLAIN} {settings.level} {' '.join(settings.rules)}"
    if args.verbose:
        system += " Explain yourself."
    for letter in ["Dear sir", "Dear madam"]:
        client.chat.completions.create(
            model=settings.model,
            messages=[
                {"role": "system", "content": system},
                {"role": "user", "content": f"In {asdict(settings)['language']}: {letter}"},
            ],
        )


if __name__ == "__main__":
    main()
