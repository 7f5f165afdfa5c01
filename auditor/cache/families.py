"""Families of tokenizers: how their counts relate to o200k and to bytes, and what a request adds around its texts.

The figures were fitted to provider-reported counts of public recordings (November 2026; `scripts/measure_tokens.py` prints
how well they hold). Knows numbers only; loads no tokenizer.
"""

from __future__ import annotations

from dataclasses import dataclass

Ratio = tuple[float, float, float]  # low, estimate, high


@dataclass(frozen=True, slots=True)
class Family:
    """One tokenizer and the request frame of the models that use it.

    `latin` and `other` are factors on o200k tokens for texts in Latin and in other scripts; (1, 1, 1) means that o200k *is* the
    tokenizer. `per_byte` is the most tokens that a byte of UTF-8 can cost, `bytes_per_token` the usual length of a token.
    `ctok` lists the versions to ask ctok for: with several, the count lies between them. The frame is `start` once per request
    and `turn` for every message; `tool` wraps a tool's JSON, whose tokens count `tool_factor`.
    """

    name: str
    latin: Ratio
    other: Ratio
    per_byte: float
    bytes_per_token: float
    ctok: tuple[str, ...] = ()
    start: int = 3
    turn: int = 4
    tool: int = 0
    tool_factor: Ratio = (1.0, 1.0, 1.0)
    tool_prompt: tuple[int, int, int] = (0, 0, 0)  # low, estimate, high where the model's own constant is not known
    structured: int = 0  # around a tool_use or tool_result block
    system: int = 0

    @property
    def is_o200k(self) -> bool:
        return self.latin == (1.0, 1.0, 1.0)


CLAUDE_PROMPT = (240, 400, 820)

FAMILIES = {
    family.name: family
    for family in (
        Family(
            "claude-v3",
            (1.0, 1.15, 1.45),
            (0.8, 1.3, 2.4),
            1.25,
            3.6,
            ("3.0",),
            start=4,
            turn=3,
            tool=4,
            tool_prompt=CLAUDE_PROMPT,
            structured=15,
        ),
        Family(
            "claude-v4.7",
            (1.25, 1.58, 2.05),
            (0.8, 1.5, 2.4),
            1.25,
            2.8,
            ("4.7",),
            start=6,
            turn=5,
            tool=4,
            tool_prompt=CLAUDE_PROMPT,
            structured=4,
        ),
        Family(
            "claude-v4.8",
            (1.25, 1.58, 2.05),
            (0.8, 1.5, 2.4),
            1.25,
            2.8,
            ("4.8",),
            start=4,
            turn=2,
            tool=4,
            tool_prompt=CLAUDE_PROMPT,
            structured=4,
            system=1,
        ),
        Family(
            "claude",
            (1.0, 1.40, 2.05),
            (0.8, 1.4, 2.4),
            1.25,
            3.2,
            ("3.0", "4.8"),
            start=4,
            turn=3,
            tool=4,
            tool_prompt=CLAUDE_PROMPT,
            structured=15,
        ),
        Family("o200k", (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), 1.0, 4.2, tool_factor=(0.4, 0.55, 0.8), tool_prompt=(0, 89, 110)),
        Family("o200k-4", (1.0, 1.0, 1.0), (1.0, 1.0, 1.0), 1.0, 4.2, tool_factor=(0.4, 0.55, 0.8), tool_prompt=(0, 8, 16)),
        Family("gemini", (0.98, 1.10, 1.35), (0.8, 1.1, 2.4), 1.25, 3.9, tool_factor=(0.4, 0.8, 1.2)),
        Family("unknown", (0.8, 1.2, 1.9), (0.8, 1.4, 2.4), 1.25, 3.5, tool_factor=(0.4, 1.0, 1.2), tool_prompt=(0, 100, 820)),
    )
}


def family(name: str) -> Family:
    """The family of that name, the widest one where there is none."""
    return FAMILIES.get(name, FAMILIES["unknown"])
