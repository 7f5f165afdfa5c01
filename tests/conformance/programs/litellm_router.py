# requests: 4
# needs: litellm
"""A router with injection points, asked asynchronously."""

import asyncio
import os

from litellm import Router

router = Router(
    model_list=[
        {
            "model_name": "writer",
            "litellm_params": {"model": "anthropic/claude-sonnet-4-5", "api_key": os.environ["ANTHROPIC_API_KEY"]},
        },
    ],
    num_retries=0,
)
HOUSE_STYLE = "Write for a newspaper of a small town. Short sentences. " * 25


async def headline(story: str) -> str:
    response = await router.acompletion(
        model="writer",
        messages=[{"role": "system", "content": HOUSE_STYLE}, {"role": "user", "content": story}],
        cache_control_injection_points=[{"location": "message", "role": "system"}],
        max_tokens=60,
    )
    return response.choices[0].message.content


async def main() -> None:
    print(await headline("The baker retires after fifty years."))
    for story in ("The bridge opens.", "A goat escaped.", "Snow in May."):
        print(await headline(story))


asyncio.run(main())
