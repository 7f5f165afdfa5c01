"""Blocks and token counts in a reviewer's words. Knows no rule and no simulation."""

from __future__ import annotations

from auditor.cache.outcome import TokenCount
from auditor.llm.request import Block, Kind, Section


def describe(block: Block) -> str:
    """A block in a reviewer's words."""
    if block.kind is Kind.TOOL and block.name:
        return f"the definition of tool `{block.name}`"
    if block.label:
        return f"`{block.label}`"
    match block.section:
        case Section.TOOLS:
            return "the tool definitions"
        case Section.SYSTEM:
            return "the system prompt"
        case Section.MESSAGES:
            return f"a {block.role} message" if block.role not in {"", "?"} else "the messages"


def tokens_in_words(tokens: TokenCount) -> str:
    """`1,830 tokens`, `about 1,830 tokens` or `at least 1,830 tokens`."""
    if tokens.low == tokens.high:
        return f"{tokens.low:,} tokens"
    if tokens.high is None:
        return f"at least {tokens.low:,} tokens"
    return f"about {tokens.estimate:,} tokens"


def minimum_in_words(minimum: tuple[int, int] | None) -> str:
    if minimum is None:
        return "the model's minimum"
    low, high = minimum
    return f"the model's minimum of {low:,} tokens" if low == high else f"the minimum ({low:,} to {high:,} tokens by model)"
