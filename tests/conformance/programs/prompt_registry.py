# requests: 2
# segments: 2
"""Prompts register themselves by a decorator; tasks look them up."""

from dataclasses import dataclass

import anthropic

PROMPTS = {}


def prompt(name=None):
    def register(function):
        PROMPTS[name or function.__name__] = function
        return function

    return register


@prompt()
def headline(words: int = 8) -> str:
    """A headline."""
    return f"Write a headline of at most {words} words."


@prompt("abstract")
def long_summary() -> str:
    return " ".join(["Write an abstract.", "Give no opinion."])


@dataclass
class Task:
    prompt: str
    text: str


client = anthropic.Anthropic()
for task in [Task("headline", "The bridge opens."), Task(prompt="abstract", text="Bridges age.")]:
    client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=200,
        system=PROMPTS[task.prompt](),
        messages=[{"role": "user", "content": task.text}],
    )
