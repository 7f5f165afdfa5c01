"""Answers questions about one document, with citations of its articles."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import anthropic

log = logging.getLogger(__name__)
DOCUMENTS = Path(__file__).parent / "documents"

INSTRUCTIONS = """You answer questions about the document that follows.

- Base every statement on the document and cite the article in brackets, for example [3.4].
- If the document does not answer the question, say so; do not fall back on common practice or on law.
- When an answer depends on a date or a period, compute it from the date that the question states.
- Quote at most one sentence literally; put the rest in your own words.
- Answer in at most five sentences, in the language of the question.
"""


@dataclass
class CacheStatistics:
    """Tokens by what they cost, over all requests."""

    read: int = 0
    written: int = 0
    uncached: int = 0

    def add(self, usage: anthropic.types.Usage) -> None:
        self.read += usage.cache_read_input_tokens or 0
        self.written += usage.cache_creation_input_tokens or 0
        self.uncached += usage.input_tokens

    @property
    def hit_rate(self) -> float:
        total = self.read + self.written + self.uncached
        return self.read / total if total else 0.0


@dataclass
class DocumentQA:
    """One document, many questions."""

    client: anthropic.Anthropic
    name: str = "charter"
    model: str = "claude-sonnet-5-5"
    statistics: CacheStatistics = field(default_factory=CacheStatistics)

    def system(self) -> list[dict[str, Any]]:
        document = (DOCUMENTS / f"{self.name}.md").read_text(encoding="utf-8")
        return [
            {"type": "text", "text": INSTRUCTIONS},
            {
                "type": "text",
                "text": f"<document>\n{document}\n</document>",
                "cache_control": {"type": "ephemeral"},
            },
        ]

    def ask(self, question: str) -> str:
        response = self.client.messages.create(
            model=self.model,
            max_tokens=500,
            system=self.system(),
            messages=[{"role": "user", "content": f"Today is {date.today().isoformat()}. {question}"}],
        )
        self.statistics.add(response.usage)
        log.info("cache hit rate %.0f %%", 100 * self.statistics.hit_rate)
        return "".join(block.text for block in response.content if block.type == "text")
