# requests: 3
# segments: 3
"""Steps in a table of functions, their results handed from one to the next."""

import anthropic

client = anthropic.Anthropic()


def call(system, content):
    reply = client.messages.create(
        model="claude-haiku-4-5", max_tokens=60, system=system, messages=[{"role": "user", "content": content}]
    )
    return reply.content[0].text


STEPS = {
    "extract": lambda text: call("Extract the dates.", text),
    "sort": lambda text: call("Sort the lines.", f"Lines:\n{text}"),
    "check": lambda text: call("Find mistakes.", f"List:\n{text}"),
}


def run(text, steps=("extract", "sort", "check")):
    for name in steps:
        text = STEPS[name](text)
    return text


print(run("We met on 3 May and on 1 June."))
