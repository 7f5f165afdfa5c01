"""Whether requests begin alike: what one may read of what another writes. Knows requests; no tokens and no time."""

from __future__ import annotations

from itertools import takewhile

from auditor.llm.request import Block, Kind, Request, Section
from auditor.rulekit.views import ReplayView
from auditor.values.text import Literal, Text


def shares(view: ReplayView, last: int, other: ReplayView) -> bool:
    """Whether another call sends the same prefix up to that block: it may read what is written there, and keep it alive."""
    if len(other.blocks) <= last or other.request.provider != view.request.provider:
        return False
    return all(
        one.section is two.section and one.text.render() == two.text.render()
        for one, two in zip(view.blocks[: last + 1], other.blocks, strict=False)
    )


def difference(one: Request, other: Request, count: int) -> int | None:
    """The first of the first `count` blocks in which the other request certainly differs; None where it may begin alike."""
    for index in range(count):
        if index >= len(other.blocks):
            return index
        block, its = one.blocks[index], other.blocks[index]
        if Kind.STRETCH in (block.kind, its.kind):
            return None
        if block.section is not its.section or _differ(block.text, its.text):
            return index
    return None


def _differ(one: Text, other: Text) -> bool:
    """Whether two texts certainly differ: by their known beginnings, or as a whole where all of both is known."""
    if one.known is not None and other.known is not None:
        return one.known != other.known
    first, second = _beginning(one), _beginning(other)
    shorter = min(len(first), len(second))
    return first[:shorter] != second[:shorter]


def _beginning(text: Text) -> str:
    """The characters ahead of the first hole."""
    return "".join(piece.text for piece in takewhile(lambda piece: isinstance(piece, Literal), text.pieces))  # type: ignore[union-attr]


def is_history(block: Block) -> bool:
    """Whether the block stands for messages of unknown number, each with a role of its own."""
    return block.section is Section.MESSAGES and block.kind is Kind.STRETCH and block.role == "?"
