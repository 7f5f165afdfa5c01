# requests: 4
"""Keeps the last few messages only."""

import anthropic

client = anthropic.Anthropic()
history = []


def reply_to(text):
    history.append({"role": "user", "content": text})
    response = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=200,
        system="You are a concierge.",
        messages=history[-3:],
    )
    history.append({"role": "assistant", "content": response.content[0].text})
    return history[-1]["content"]


for line in ["Hello", "A table for two, please", "At eight", "By the window"]:
    print(reply_to(line))
