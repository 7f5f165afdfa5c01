# requests: 1
"""Classify a message by forcing a tool, with the tool definitions cached."""

import anthropic

TOOLS = [
    {
        "name": "create_ticket",
        "description": "Open a ticket for the facilities team.",
        "input_schema": {
            "type": "object",
            "properties": {"title": {"type": "string"}, "urgent": {"type": "boolean"}},
            "required": ["title"],
        },
    },
    {
        "name": "answer_directly",
        "description": "Answer without a ticket – for “how do I” questions.",
        "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    },
]
TOOLS[-1]["cache_control"] = {"type": "ephemeral"}

client = anthropic.Anthropic()
response = client.messages.create(
    model="claude-sonnet-5-5",
    max_tokens=400,
    tools=TOOLS,
    tool_choice={"type": "tool", "name": "create_ticket"},
    messages=[{"role": "user", "content": "The lift on the east side is stuck again."}],
)
print(response.content[-1].input)
