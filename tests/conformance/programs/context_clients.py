# requests: 3
# segments: 2
"""Clients that live as long as a with block."""

import asyncio
from contextlib import asynccontextmanager, contextmanager

import anthropic


@contextmanager
def session(project: str):
    client = anthropic.Anthropic()
    try:
        yield client, f"You keep the log of {project}."
    finally:
        client.close()


@asynccontextmanager
async def async_session():
    async with anthropic.AsyncAnthropic() as client:
        yield client


def note(text: str) -> None:
    with session("Aurora") as (client, system):
        client.messages.create(
            model="claude-haiku-4-5", max_tokens=20, system=system, messages=[{"role": "user", "content": text}]
        )


async def close(text: str) -> None:
    async with async_session() as client:
        await client.messages.create(
            model="claude-haiku-4-5", max_tokens=20, messages=[{"role": "user", "content": text}]
        )


note("Engine started.")
note("Engine stopped.")
asyncio.run(close("End of log."))
