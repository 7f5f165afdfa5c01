# requests: 2
"""Chunks of a handbook, numbered by a generator."""

from collections.abc import Iterator

import anthropic

HANDBOOK = """Boots are cleaned after every walk.
Ropes are checked on Mondays.
Helmets are thrown away after a fall."""


def numbered(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line:
            yield f"[{number}] {line}"


def ask(question: str) -> str:
    context = "\n".join(numbered(HANDBOOK))
    response = anthropic.Anthropic().messages.create(
        model="claude-haiku-4-5",
        max_tokens=120,
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": f"<handbook>\n{context}\n</handbook>", "cache_control": {"type": "ephemeral"}},
                    {"type": "text", "text": question},
                ],
            }
        ],
    )
    return response.content[0].text


ask("When are ropes checked?")
ask("What happens to a helmet after a fall?")
