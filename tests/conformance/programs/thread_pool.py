# requests: 4
# segments: 2
"""Work handed to an executor, by map and by submit."""

from concurrent.futures import ThreadPoolExecutor, as_completed

import anthropic

client = anthropic.Anthropic()


def summarise(text: str, words: int = 20) -> str:
    response = client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=100,
        system=f"Summarise in at most {words} words.",
        messages=[{"role": "user", "content": text}],
    )
    return response.content[0].text


with ThreadPoolExecutor(max_workers=1) as pool:
    print(list(pool.map(summarise, ["First report.", "Second report."])))
    futures = [pool.submit(summarise, text, words=5) for text in ("Third report.", "Fourth report.")]
    for future in as_completed(futures):
        print(future.result())
