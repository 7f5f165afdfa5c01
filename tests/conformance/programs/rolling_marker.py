# requests: 3
# stdin: My flight was cancelled.|It was TP 438.|Yesterday evening.
"""A chat whose cache marker moves to the newest message, on a copy."""

import copy
import sys

import anthropic

client = anthropic.Anthropic()
SYSTEM = [
    {
        "type": "text",
        "text": "You help passengers to claim compensation. Ask for one fact at a time.",
        "cache_control": {"type": "ephemeral"},
    }
]


def with_marker(messages):
    marked = copy.deepcopy(messages)
    marked[-1]["content"][-1]["cache_control"] = {"type": "ephemeral"}
    return marked


def chat(lines):
    messages = []
    for line in lines:
        messages.append({"role": "user", "content": [{"type": "text", "text": line.strip()}]})
        response = client.messages.create(
            model="claude-sonnet-5-5", max_tokens=400, system=SYSTEM, messages=with_marker(messages)
        )
        messages.append({"role": "assistant", "content": [{"type": "text", "text": response.content[0].text}]})


chat(sys.stdin)
