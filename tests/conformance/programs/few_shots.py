# requests: 2
"""Examples become turns of the conversation."""

import anthropic

EXAMPLES = [
    ("2 lb potatoes", "907 g potatoes"),
    ("1 cup milk", "240 ml milk"),
    ("350 F", "177 °C"),
]

SHOTS = [
    message
    for imperial, metric in EXAMPLES
    for message in ({"role": "user", "content": imperial}, {"role": "assistant", "content": metric})
]


def convert(client: anthropic.Anthropic, text: str) -> str:
    response = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=40,
        system="Convert to metric units.",
        messages=[*SHOTS, {"role": "user", "content": text}],
    )
    return response.content[0].text


client = anthropic.Anthropic()
results = [convert(client, text) for text in ("3 oz butter", "6 inches")]
print(results)
