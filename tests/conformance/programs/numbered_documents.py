# requests: 2
"""Documents numbered, zipped, chained, mapped and sorted into a prompt."""

from itertools import chain
from operator import itemgetter

import anthropic

TITLES = ["Tides", "Knots", "Sails"]
AUTHORS = ("Marsh", "Bell", "Ames")
NOTES = [{"id": 2, "text": "second"}, {"id": 1, "text": "first"}]


def corpus() -> str:
    rows = map(lambda pair: f"{pair[0]} by {pair[1]}", zip(TITLES, AUTHORS, strict=True))
    numbered = [f"[{number}] {row}" for number, row in enumerate(rows, start=1)]
    notes = [f"- {note['text']}" for note in sorted(NOTES, key=itemgetter("id"))]
    total = sum(len(title) for title in TITLES)
    return "\n".join(chain(numbered, reversed(notes), [f"{total} letters, longest {max(TITLES, key=len)}"]))


client = anthropic.Anthropic()
for question in ("Who wrote about ropes?", "Which is the first note?"):
    client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=60,
        system=[{"type": "text", "text": corpus(), "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
