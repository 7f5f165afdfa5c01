# requests: 1
"""Ask for a haiku about the weather."""

import anthropic

client = anthropic.Anthropic()

message = client.messages.create(
    model="claude-sonnet-5-5",
    max_tokens=200,
    system="You are a poet who writes short, vivid haiku. Answer with the haiku only.",
    messages=[{"role": "user", "content": "Write a haiku about autumn rain."}],
)
print(message.content[0].text)
