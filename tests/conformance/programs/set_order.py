# requests: 2
"""A vocabulary kept in sets."""

import anthropic

BLOCKED = {"synergy", "leverage", "paradigm", "holistic"}
PREFERRED = {"use", "help", "plain", "short"}

client = anthropic.Anthropic()
for text in ("We leverage synergies.", "A holistic paradigm."):
    client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=100,
        system=f"Rewrite the text in plain words.\nPrefer: {', '.join(sorted(PREFERRED))}.\nAvoid: {', '.join(BLOCKED)}.",
        messages=[{"role": "user", "content": text}],
    )
