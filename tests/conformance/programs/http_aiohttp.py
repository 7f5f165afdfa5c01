# requests: 6
# needs: aiohttp
"""Translations side by side with aiohttp, and a session with a base URL for the review."""

import asyncio
import os

import aiohttp

URL = "https://api.anthropic.com/v1/messages"
HEADERS = {"x-api-key": os.environ.get("ANTHROPIC_API_KEY", ""), "anthropic-version": "2023-06-01"}
STYLE_GUIDE = "Translate into plain English. Keep numbers and names. " * 30


async def translate(session: aiohttp.ClientSession, text: str, semaphore: asyncio.Semaphore) -> str:
    payload = {
        "model": "claude-haiku-4-5",
        "max_tokens": 800,
        "system": STYLE_GUIDE,
        "messages": [{"role": "user", "content": text}],
    }
    async with semaphore, session.post(URL, json=payload, headers=HEADERS) as response:
        if response.status != 200:
            raise RuntimeError(await response.text())
        data = await response.json()
    return "".join(block["text"] for block in data["content"] if block["type"] == "text")


async def review(texts: list[str]) -> None:
    async with aiohttp.ClientSession(base_url="https://api.openai.com/v1/", headers={"Authorization": "Bearer x"}) as session:
        for number, text in enumerate(texts, start=1):
            body = {
                "model": "gpt-5-mini",
                "messages": [
                    {"role": "developer", "content": "Rate the translation from 1 to 5."},
                    {"role": "user", "content": f"Text {number}: {text}"},
                ],
            }
            async with session.post("chat/completions", json=body) as response:
                result = await response.json()
                print(number, result["choices"][0]["message"]["content"])


async def main() -> None:
    sources = ["Guten Morgen.", "Wo ist der Bahnhof?", "Es regnet seit Tagen."]
    semaphore = asyncio.Semaphore(2)
    async with aiohttp.ClientSession() as session:
        translations = await asyncio.gather(*(translate(session, text, semaphore) for text in sources))
    await review(list(translations))


asyncio.run(main())
