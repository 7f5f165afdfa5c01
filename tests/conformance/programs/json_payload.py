# requests: 2
"""Data goes into the prompt as JSON."""

import json

import anthropic

CATALOGUE = {
    "tents": [{"name": "Hütte 2", "kg": 1.9, "sizes": (2, 3)}],
    "stoves": [{"name": "Blaze", "kg": 0.4, "fuel": None, "tested": True}],
}

client = anthropic.Anthropic()
for question in ("Which tent is the lightest?", "Do you sell stoves?"):
    client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=200,
        system=[
            {"type": "text", "text": "You advise hikers. The catalogue:"},
            {
                "type": "text",
                "text": json.dumps(CATALOGUE, indent=2, sort_keys=True, ensure_ascii=False),
                "cache_control": {"type": "ephemeral"},
            },
        ],
        messages=[{"role": "user", "content": json.dumps({"question": question})}],
    )
