# requests: 3
"""Grade essays concurrently."""

import asyncio

from anthropic import AsyncAnthropic

RUBRIC = "Grade the essay from 1 to 6 for structure, language and argument. Reply with three numbers."


async def grade(client: AsyncAnthropic, essay: str) -> str:
    response = await client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=30,
        system=[{"type": "text", "text": RUBRIC, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": essay}],
    )
    return response.content[0].text


async def main() -> None:
    client = AsyncAnthropic()
    essays = ["Why trains matter.", "On silence.", "The case for bread."]
    grades = await asyncio.gather(*(grade(client, essay) for essay in essays))
    print(grades)


asyncio.run(main())
