# requests: 2
"""Look before you leap: count the tokens, then send."""

import anthropic

MODEL = "claude-opus-5-5"
SYSTEM = "You extract all names of persons from a letter, one per line."

client = anthropic.Anthropic()


def extract(letter: str, budget: int = 50_000) -> list[str]:
    messages = [{"role": "user", "content": letter}]
    size = client.messages.count_tokens(model=MODEL, system=SYSTEM, messages=messages)
    if size.input_tokens > budget:
        raise ValueError(f"the letter is too long: {size.input_tokens} tokens")
    response = client.messages.create(model=MODEL, max_tokens=500, system=SYSTEM, messages=messages)
    return response.content[0].text.splitlines()


print(extract("Dear Ms Okafor, Mr Lindqvist told me about your orchard."))
