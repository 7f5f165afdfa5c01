# requests: 1
"""Configured by the environment."""

import os

import anthropic

MODEL = os.environ.get("BOT_MODEL", "claude-sonnet-5-5")
COMPANY = os.getenv("BOT_COMPANY") or "Example Ltd"
TTL = os.environ.get("BOT_CACHE_TTL", "5m")

client = anthropic.Anthropic()
response = client.messages.create(
    model=MODEL,
    max_tokens=int(os.environ.get("BOT_MAX_TOKENS", "200")),
    system=[
        {
            "type": "text",
            "text": f"You answer the phone for {COMPANY}.",
            "cache_control": {"type": "ephemeral", "ttl": TTL},
        }
    ],
    messages=[{"role": "user", "content": "May I speak to Ms Lopes?"}],
)
print(response.content[0].text)
