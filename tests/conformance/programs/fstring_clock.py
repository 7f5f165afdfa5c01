# requests: 3
# latency: 1.1
"""A desk assistant that always knows what time it is."""

from datetime import datetime

import anthropic

client = anthropic.Anthropic()


def answer(question: str) -> str:
    system = f"""You are the front desk assistant of the Hotel Miramar.
The time is {datetime.now():%H:%M:%S}.
Breakfast is served from seven to half past ten. Check-out is at eleven."""
    reply = client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=256,
        system=system,
        messages=[{"role": "user", "content": question}],
    )
    return reply.content[0].text


def main() -> None:
    for question in ("Is breakfast still on?", "When do I have to leave?", "What time is it?"):
        print(answer(question))


if __name__ == "__main__":
    main()
