import anthropic

_client = anthropic.Anthropic()


def ask(system: str, user: str, *, limit: int = 100) -> str:
    response = _client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=limit,
        system=[{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": user}],
    )
    return response.content[0].text
