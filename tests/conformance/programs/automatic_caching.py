# requests: 3
"""Automatic caching: one switch at the top level, the provider moves the marker."""

import anthropic

client = anthropic.Anthropic()
messages: list[dict] = []

for text in ["Plan a weekend in Bruges.", "Make it cheaper.", "And with a child."]:
    messages += [{"role": "user", "content": text}]
    response = client.messages.create(
        model="claude-opus-5-5",
        max_tokens=700,
        cache_control={"type": "ephemeral"},
        system="You are a travel agent who knows Belgium well.",
        messages=messages,
    )
    messages += [{"role": "assistant", "content": response.content[0].text}]
