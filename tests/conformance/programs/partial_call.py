# requests: 2
"""The call is frozen with functools.partial."""

from functools import partial

import anthropic

client = anthropic.Anthropic()
ask = partial(
    client.messages.create,
    model="claude-haiku-4-5",
    max_tokens=64,
    system="Reply with the capital of the country.",
)

for country in ("Chile", "Latvia"):
    response = ask(messages=[{"role": "user", "content": country}])
    print(response.content[0].text)
