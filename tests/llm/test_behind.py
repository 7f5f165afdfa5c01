"""What an entry sends behind the call that its budget was spent on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from auditor.discovery.files import discover
from auditor.limits import DEFAULT
from auditor.llm.resolve import resolve

SENDER = """
import anthropic

client = anthropic.Anthropic()

def ask(system, text):
    return client.messages.create(
        model="claude-sonnet-4-5", max_tokens=500, system=system, messages=[{"role": "user", "content": text}]
    )
"""

PICTURES_FIRST = """
from fastapi import FastAPI, Request
from sender import ask

app = FastAPI()

def told(word, of):
    found = []
    for page in range(200):
        found.append(f"{word} {page} of {len(found) + page * 2 - 1}")
    return ask("Say what is in them: " + "; ".join(found), of)

def describe(pictures):
    return told("picture", pictures) + told("frame", pictures) + told("page", pictures)

@app.post("/chat")
async def chat(request: Request):
    body = await request.json()
    seen = describe(body["pictures"])
    spoken = told("word", body["audio"])
    notes = "Notes about this question:"
    return ask(notes + body["question"], seen + spoken)
"""

A_METHOD = """
from sender import ask

class Desk:
    def __init__(self, rules):
        self.rules = rules

    def sort(self, letter):
        total = 0
        for number in range(200):
            total += number * 3 - len(str(number)) + number % 7
        return ask(self.rules + str(total), letter)

    def handle(self, letter, customer):
        kind = [self.sort(letter), self.sort(customer), self.sort(letter + customer)]
        if not any(kind):
            return None
        reply = ask("You answer letters. " + self.rules, letter)
        return ask("You translate answers.", reply)
"""


def systems(folder: Path, steps: int, **files: str) -> set[str]:
    """The system prompts of the requests that were heard of the one call site."""
    for name, source in {"sender": SENDER, **files}.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    (site,) = resolve(discover([folder]), replace(DEFAULT, steps=steps)).sites
    return {replay.first.blocks[0].text.render()[:20] for replay in site.replays}


def test_a_handler_that_looks_at_pictures_first(tmp_path: Path) -> None:
    assert systems(tmp_path, 2_000, app=PICTURES_FIRST) >= {"Notes about this que"}


def test_a_method_that_sorts_first(tmp_path: Path) -> None:
    assert systems(tmp_path, 4_000, desk=A_METHOD) >= {"You answer letters. ", "You translate answer"}
