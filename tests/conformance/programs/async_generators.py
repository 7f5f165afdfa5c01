# requests: 2
"""Chunks come from an async generator, answers leave through another."""

import asyncio
from collections.abc import AsyncIterator

from anthropic import AsyncAnthropic

client = AsyncAnthropic()


async def chapters() -> AsyncIterator[str]:
    for number, title in enumerate(["The Shore", "The Storm"], 1):
        yield f"Chapter {number}: {title}"


async def stories() -> AsyncIterator[str]:
    async for chapter in chapters():
        async with client.messages.stream(
            model="claude-sonnet-5-5",
            max_tokens=200,
            system="Tell the chapter in two sentences.",
            messages=[{"role": "user", "content": chapter}],
        ) as stream:
            async for text in stream.text_stream:
                yield text


async def main() -> None:
    parts = [part async for part in stories()]
    print("".join(parts))


asyncio.run(main())
