# requests: 3
"""A queue of jobs; a job may leave another one behind."""

from collections import deque

import anthropic

client = anthropic.Anthropic()
jobs = deque([("draft", "Write a limerick."), ("draft", "Write a haiku.")])
done: list[str] = []

while jobs:
    kind, text = jobs.popleft()
    reply = client.messages.create(
        model="claude-haiku-4-5", max_tokens=80, system="You write verse.", messages=[{"role": "user", "content": text}]
    )
    done.append(reply.content[0].text)
    if kind == "draft" and len(done) == 1:
        jobs.append(("final", "Write it again."))
