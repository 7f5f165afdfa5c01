"""What cache keys are made of. Knows values; does not know which requests belong together."""

from __future__ import annotations

from auditor.llm.request import Section
from auditor.places import Place
from auditor.rulekit.views import ReplayView
from auditor.values.text import COARSE, Hole

_DIGITS = 2
"""Characters of a value that spreads requests over shards: a hundred at most."""


def few(hole: Hole) -> bool:
    """Whether a value is one of few, or stays the same for a while: a shard's number, the hour."""
    longest = hole.characters[1]
    return hole.type == COARSE or (longest is not None and longest <= _DIGITS)


def used_at(hole: Hole) -> Place | None:
    """Where a value becomes a key: where it is put into its text, else the last place that it passes, else where it is born."""
    if hole.entered is not None:
        return hole.entered.place
    return hole.trace[-1].place if hole.trace else hole.place


def of_messages(hole: Hole, view: ReplayView) -> bool:
    """Whether a key's value is, or was made from, something that stands in the messages of the same request."""
    origins = {hole.identity, *hole.roots}
    sent = (piece for block in view.blocks if block.section is Section.MESSAGES for piece in block.text.holes())
    return any(
        not origins.isdisjoint((piece.identity, *piece.roots)) or (piece.place is not None and piece.place == hole.place)
        for piece in sent
    )
