# requests: 1
"""Tools picked by name from a set: their order is that of the hashes."""

import anthropic


def definition(name: str) -> dict:
    return {
        "name": name,
        "description": f"Calls {name} of the warehouse.",
        "input_schema": {"type": "object", "properties": {}},
    }


ENABLED = {"count_boxes", "move_pallet", "open_gate"}

client = anthropic.Anthropic()
client.messages.create(
    model="claude-sonnet-5-5",
    max_tokens=100,
    tools=[definition(name) for name in ENABLED],
    tool_choice={"type": "any"},
    messages=[{"role": "user", "content": "Open the gate."}],
)
