# requests: 1
"""Try a few times before giving up."""

import time

import anthropic

client = anthropic.Anthropic(max_retries=0)


def ask(prompt: str, attempts: int = 3) -> str:
    error = None
    for attempt in range(attempts):
        try:
            response = client.messages.create(
                model="claude-sonnet-5-5",
                max_tokens=100,
                system="You turn sentences into questions.",
                messages=[{"role": "user", "content": prompt}],
            )
            return response.content[0].text
        except (anthropic.RateLimitError, anthropic.APIStatusError) as exc:
            error = exc
            time.sleep(0.5 * (attempt + 1))
    raise RuntimeError("gave up") from error


print(ask("The train leaves at nine."))
