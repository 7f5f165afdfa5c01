# requests: 3
"""An agent that reads files until it knows the answer."""

import anthropic

SYSTEM = [
    {
        "type": "text",
        "text": "You answer questions about a code base. Read what you need, then answer in two sentences.",
        "cache_control": {"type": "ephemeral"},
    }
]
READ_FILE = {
    "name": "read_file",
    "description": "Read a file of the repository.",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
}
MAX_TURNS = 8


def execute(name: str, arguments: dict) -> str:
    return f"{name} called with {sorted(arguments)}"


def solve(question: str) -> str:
    client = anthropic.Anthropic()
    messages = [{"role": "user", "content": question}]
    for _ in range(MAX_TURNS):
        response = client.messages.create(
            model="claude-opus-5-5",
            max_tokens=2048,
            system=SYSTEM,
            tools=[READ_FILE],
            messages=messages,
        )
        messages.append({"role": "assistant", "content": response.content})
        if response.stop_reason == "end_turn":
            return response.content[-1].text
        tool_results = []
        for block in response.content:
            if block.type != "tool_use":
                continue
            tool_results.append(
                {"type": "tool_result", "tool_use_id": block.id, "content": execute(block.name, block.input)}
            )
        messages.append({"role": "user", "content": tool_results})
    return "No answer."


print(solve("Where is the configuration read?"))
