# requests: 3
# segments: 3
"""Recursive summaries of a nested outline, the leaves first."""

import anthropic

client = anthropic.Anthropic()
OUTLINE = {"title": "Harbour", "children": [{"title": "Cranes", "children": []}, {"title": "Boats", "children": []}]}


def summarise(node: dict, depth: int = 0) -> str:
    parts = [summarise(child, depth + 1) for child in node["children"]]
    content = node["title"] if not parts else node["title"] + ":\n" + "\n".join(parts)
    reply = client.messages.create(
        model="claude-haiku-4-5",
        max_tokens=50,
        system="Summarise in one sentence.",
        messages=[{"role": "user", "content": content}],
    )
    return reply.content[0].text


print(summarise(OUTLINE))
