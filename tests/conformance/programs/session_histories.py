# requests: 3
"""Histories by session id."""

import anthropic

client = anthropic.Anthropic()
SESSIONS: dict[str, list[dict]] = {}


def chat(session: str, text: str) -> str:
    history = SESSIONS.setdefault(session, [])
    history.append({"role": "user", "content": text})
    response = client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=256,
        system="You are the concierge of a small hotel.",
        messages=history,
    )
    answer = response.content[0].text
    history.append({"role": "assistant", "content": answer})
    return answer


chat("room-7", "When is breakfast?")
chat("room-7", "And on Sundays?")
chat("room-7", "Could I have it in the garden?")
