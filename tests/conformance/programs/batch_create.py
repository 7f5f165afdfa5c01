# requests: 1
"""Classify reviews overnight."""

import time

import anthropic
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming
from anthropic.types.messages.batch_create_params import Request

INSTRUCTIONS = "Classify the review as praise, complaint or question. Reply with one word."
REVIEWS = ["The lamp arrived broken.", "Lovely colour!", "Does it dim?"]

client = anthropic.Anthropic()
batch = client.messages.batches.create(
    requests=[
        Request(
            custom_id=f"item-{number}",
            params=MessageCreateParamsNonStreaming(
                model="claude-haiku-4-5",
                max_tokens=10,
                system=[{"type": "text", "text": INSTRUCTIONS, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
                messages=[{"role": "user", "content": review}],
            ),
        )
        for number, review in enumerate(REVIEWS)
    ]
)
while batch.processing_status != "ended":
    time.sleep(0.01)
    batch = client.messages.batches.retrieve(batch.id)
print(batch.request_counts)
