# requests: 2
"""Model and prompt in JSON and TOML files beside the program."""

import json
import tomllib
from pathlib import Path

import anthropic

HERE = Path(__file__).resolve().parent
CONFIG = json.loads((HERE / "config.json").read_text())
with open(HERE / "prompts.toml", "rb") as file:
    PROMPTS = tomllib.load(file)


def load_example(name: str) -> str:
    with (HERE / "examples" / f"{name}.txt").open(encoding="utf-8") as handle:
        return handle.read()


client = anthropic.Anthropic()
system = PROMPTS["editor"]["system"].format(**CONFIG["variables"]) + "\n\n" + load_example("letter")
for text in ["Teh cat.", "A dgo."]:
    client.messages.create(
        model=CONFIG["model"],
        max_tokens=CONFIG.get("limits", {}).get("tokens", 100),
        system=system,
        messages=[{"role": "user", "content": text}],
    )
