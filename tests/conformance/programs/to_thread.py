# requests: 3
"""A synchronous client behind asyncio: to_thread with a partial."""

import asyncio
import functools

import anthropic

client = anthropic.Anthropic()


def classify(label: str, text: str) -> str:
    response = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=8,
        system=f"Is the text about {label}? Answer yes or no.",
        messages=[{"role": "user", "content": text}],
    )
    return response.content[0].text


async def main() -> None:
    about_sport = functools.partial(classify, "sport")
    for text in ["The match ended level.", "Rates will rise.", "She won the relay."]:
        print(await asyncio.to_thread(about_sport, text))


asyncio.run(main())
