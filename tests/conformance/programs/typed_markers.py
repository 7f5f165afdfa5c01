# requests: 2
"""Content and markers by the SDK's types, made of a mapping as well as of keywords, and marked after they were made."""

import anthropic
from anthropic.types import CacheControlEphemeralParam, MessageParam, TextBlockParam

client = anthropic.Anthropic()
GUIDE = "Name the bird that is meant, and say by which of its features it can be told from others. " * 200


def mark_last(messages: list[MessageParam]) -> None:
    content = messages[-1]["content"]
    if isinstance(content, list):
        content[-1]["cache_control"] = CacheControlEphemeralParam({"type": "ephemeral", "ttl": "1h"})


for question in ("Which bird is red?", "Which bird cannot fly?"):
    messages: list[MessageParam] = [{"role": "user", "content": [TextBlockParam({"type": "text", "text": question})]}]
    mark_last(messages)
    client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=20,
        system=[TextBlockParam(type="text", text=GUIDE, cache_control=CacheControlEphemeralParam(type="ephemeral", ttl="1h"))],
        messages=messages,
    )
