# requests: 2
"""Prompts in YAML with Jinja2 inside, rules from a folder, a glossary from CSV and JSON lines, all put together in a buffer."""

import csv
import io
import json
import os
import textwrap
from functools import lru_cache
from pathlib import Path
from string import Template

import anthropic
import yaml
from jinja2 import Template as Jinja

ROOT = Path(__file__).resolve().parent


@lru_cache(maxsize=None)
def prompts() -> dict:
    with open(ROOT / "prompts" / "agents.yaml", encoding="utf-8") as file:
        return yaml.safe_load(file)


def rules() -> str:
    return "\n".join(path.read_text().strip() for path in sorted((ROOT / "prompts" / "rules").glob("*.md")))


def glossary() -> str:
    buffer = io.StringIO()
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "prompts", "terms.csv")) as file:
        for row in csv.DictReader(file):
            print(f"- {row['term']}:", row["meaning"], file=buffer)
    for line in (ROOT / "prompts" / "examples.jsonl").read_text().splitlines():
        example = json.loads(line)
        buffer.write(f"Q: {example['q']}\nA: {example['a']}\n")
    return buffer.getvalue()


def system(agent: str) -> str:
    entry = prompts()[agent]
    text = Jinja(entry["system"]).render(company="Acme", tools=entry["tools"])
    parts = [text, rules()]
    if entry.get("glossary"):
        parts.append(textwrap.indent(glossary(), "  "))
    return "\n\n".join(parts)


client = anthropic.Anthropic()
for question in ["What is a bushing?", "What is a flange?"]:
    client.messages.create(
        model=prompts()["defaults"]["model"],
        max_tokens=prompts()["defaults"]["max_tokens"],
        system=[{"type": "text", "text": system("mechanic"), "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": Template(prompts()["mechanic"]["user"]).substitute(question=question)}],
    )
