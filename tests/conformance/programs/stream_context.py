# requests: 2
"""Stream answers to the terminal."""

import anthropic

client = anthropic.Anthropic()
STYLE = "Answer as a museum guide would: one fact, one story, one question back."


def explain(painting: str) -> str:
    with client.messages.stream(
        model="claude-opus-5-5",
        max_tokens=600,
        system=[{"type": "text", "text": STYLE, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        messages=[
            {"role": "user", "content": [{"type": "text", "text": "Painting: " + painting}]},
        ],
    ) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)
    return stream.get_final_message().content[0].text


for painting in ["The Night Watch", "Guernica"]:
    explain(painting)
