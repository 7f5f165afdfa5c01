# requests: 2
"""A fluent builder of prompts with sections in tags."""

from __future__ import annotations

import textwrap
from string import Template

import anthropic


class PromptBuilder:
    def __init__(self) -> None:
        self._sections: list[str] = []

    def text(self, text: str) -> PromptBuilder:
        self._sections.append(textwrap.dedent(text).strip())
        return self

    def tag(self, name: str, content: str, **attributes: str) -> PromptBuilder:
        rendered = "".join(f' {key}="{value}"' for key, value in attributes.items())
        self._sections.append(f"<{name}{rendered}>\n{content}\n</{name}>")
        return self

    def build(self) -> str:
        return "\n\n".join(self._sections)


GREETING = Template("Dear $name,\nyour order no. ${number} costs 5 $$.")
client = anthropic.Anthropic()


def check(name: str, number: int) -> str:
    system = (
        PromptBuilder()
        .text("""
            You proofread letters.
              - Keep the tone.
        """)
        .tag("style", "British spelling", lang="en-GB", strict="yes")
        .build()
    )
    letter = GREETING.substitute(name=name.title(), number=f"{number:05d}")
    response = client.messages.create(
        model="claude-sonnet-5-5", max_tokens=100, system=system, messages=[{"role": "user", "content": letter}]
    )
    return response.content[0].text


check("ada lovelace", 17)
check("alan turing", 4711)
