# requests: 1
"""The beta surface with context management switched on."""

import anthropic

client = anthropic.Anthropic()

response = client.beta.messages.create(
    model="claude-sonnet-5-5",
    max_tokens=1024,
    betas=["context-management-2025-06-27"],
    system=[{"type": "text", "text": "You keep the minutes of a board meeting.", "cache_control": {"type": "ephemeral"}}],
    tools=[
        {
            "name": "note",
            "description": "Write down one decision.",
            "input_schema": {"type": "object", "properties": {"decision": {"type": "string"}}, "required": ["decision"]},
        },
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 2},
    ],
    context_management={"edits": [{"type": "clear_tool_uses_20250919"}]},
    messages=[{"role": "user", "content": "The board agreed to move the office to Ghent."}],
)
print(response.stop_reason)
