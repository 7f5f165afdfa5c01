# requests: 3
"""Different jobs, one assistant."""

import anthropic

client = anthropic.Anthropic()
BASE = "You work for a publisher of crosswords."


def system_for(job: dict) -> str:
    match job:
        case {"kind": "clue", "style": style}:
            return f"{BASE} Write one {style} clue for the word."
        case {"kind": "check"}:
            return BASE + " Say whether the clue fits the word."
        case _:
            return BASE


def handle(job: dict) -> str:
    return (
        client.messages.create(
            model="claude-haiku-4-5",
            max_tokens=60,
            system=system_for(job),
            messages=[{"role": "user", "content": job["word"]}],
        )
        .content[0]
        .text
    )


JOBS = [
    {"kind": "clue", "style": "cryptic", "word": "LANTERN"},
    {"kind": "check", "word": "LANTERN"},
    {"kind": "praise", "word": "LANTERN"},
]
for job in JOBS:
    print(handle(job))
