# requests: 2
"""Review diffs with a prompt that lives in a file."""

from pathlib import Path

import anthropic

PROMPTS = Path(__file__).parent / "prompts"


def load_prompt(name: str) -> str:
    return (PROMPTS / f"{name}.md").read_text(encoding="utf-8")


def review(client: anthropic.Anthropic, diff: str) -> str:
    system = load_prompt("system").strip()
    response = client.messages.create(
        model="claude-opus-5-5",
        max_tokens=1024,
        system=[{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": f"<diff>\n{diff}\n</diff>"}],
    )
    return response.content[0].text


if __name__ == "__main__":
    client = anthropic.Anthropic()
    for diff in ["+ total = total + price", "- except Exception: pass"]:
        print(review(client, diff))
