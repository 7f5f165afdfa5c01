# requests: 3
"""A counter that every prompt begins with."""

import anthropic

client = anthropic.Anthropic()
count = 0


def ask(text: str) -> str:
    global count
    count += 1
    response = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=20,
        system=f"Request no. {count}. You count sheep.",
        messages=[{"role": "user", "content": text}],
    )
    return response.content[0].text


for line in ("Start.", "Go on.", "Stop."):
    ask(line)
