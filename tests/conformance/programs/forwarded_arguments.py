# requests: 2
"""Wrappers that hand their arguments on, one adds defaults."""

import anthropic

client = anthropic.Anthropic()
DEFAULTS = {"model": "claude-haiku-4-5", "max_tokens": 64, "stop_sequences": ["."]}


def send(*args, **kwargs):
    return client.messages.create(*args, **{**DEFAULTS, **kwargs})


def logged(*args, **kwargs):
    kwargs.setdefault("system", "You name colours in one word.")
    response = send(*args, **kwargs)
    print(response.usage.input_tokens)
    return response


for shade in ("#ff0000", "#00ff7f"):
    logged(messages=[{"role": "user", "content": f"Name {shade}"}], max_tokens=16)
