# requests: 2
"""Product texts in batches: entries as plain dictionaries, sent in chunks."""

import json

import anthropic

GUIDE = {
    "tone": "sober",
    "length": "two sentences",
    "forbidden": ["best", "unique", "revolutionary"],
}
PRODUCTS = [
    {"sku": "A-1", "name": "Kettle", "features": ["steel", "1.7 l"]},
    {"sku": "A-2", "name": "Teapot", "features": ["glass"]},
    {"sku": "B-7", "name": "Mug", "features": ["blue", "350 ml"]},
]
SYSTEM = "You write product texts.\n" + json.dumps(GUIDE, indent=2)


def entry(product: dict) -> dict:
    features = "\n".join(f"* {feature}" for feature in product["features"])
    return {
        "custom_id": product["sku"],
        "params": {
            "model": "claude-sonnet-4-5",
            "max_tokens": 200,
            "system": [{"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            "messages": [{"role": "user", "content": f"{product['name']}\n{features}"}],
        },
    }


def chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]


client = anthropic.Anthropic()
for chunk in chunks(PRODUCTS, 2):
    batch = client.messages.batches.create(requests=[entry(product) for product in chunk])
    print(batch.id, batch.processing_status)
