# requests: 2
"""Short timeouts for the quick question, raw headers for the other."""

import anthropic

client = anthropic.Anthropic(max_retries=0)
quick = client.with_options(timeout=20.0, max_retries=1)

print(
    quick.messages.create(
        model="claude-haiku-4-5",
        max_tokens=50,
        messages=[{"role": "user", "content": "One word for 'very small'?"}],
    )
    .content[0]
    .text
)

raw = client.messages.with_raw_response.create(
    model="claude-sonnet-5-5",
    max_tokens=80,
    system="Answer with a synonym.",
    messages=[{"role": "user", "content": "enormous"}],
)
print(raw.headers.get("request-id"), raw.parse().content[0].text)
