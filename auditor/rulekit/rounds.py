"""Conversations that are a loop of few rounds: how often it turns, where the code says so, and with how much it begins."""

from __future__ import annotations

from auditor.cache.outcome import Certainty
from auditor.llm.request import Kind, Request, Section
from auditor.rulekit.views import ReplayView
from auditor.values.lifetime import Lifetime

FEW_ROUNDS = 5
"""A loop that turns no more often than this mostly ends after two or three rounds."""

HARDLY_ANY = 3
"""One that turns no more often than this has hardly a round that would read what another one wrote."""

LITTLE = 1000
"""Tokens of a first message that such a loop may well send again without a cache."""


def short_loop(view: ReplayView) -> bool:
    """Whether a conversation is all of one loop of few rounds, and begins with little.

    Where the prefix alone is cached, each of them but the first reads that: such a loop has to be shorter still.
    """
    fewest = HARDLY_ANY if view.certainty(view.stable_prefix) is Certainty.ABOVE else FEW_ROUNDS
    rounds = _rounds(view)
    messages = [block for block in view.blocks if block.section is Section.MESSAGES]
    heavy = any(block.pictures or block.kind in {Kind.IMAGE, Kind.DOCUMENT} for block in messages)
    begins = len(view.blocks) - len(messages)
    return rounds is not None and rounds <= fewest and not heavy and view.literal_between(begins, len(view.blocks)).low < LITTLE


def _rounds(view: ReplayView) -> int | None:
    """How many requests a conversation has at most; None where no loop says so, or where it goes on behind the loop."""
    first = view.request
    if any(
        block.section is Section.MESSAGES and block.kind is Kind.STRETCH and block.lifetime in {Lifetime.TURN, Lifetime.UNKNOWN}
        for block in first.blocks
    ):
        return None
    most = 0
    before: Request | None = None
    for request in view.replay.requests:
        loop = request.loop
        if loop is None or not loop.most:
            return None
        anew = before is None or before.loop is None or before.loop.serial != loop.serial
        if anew and len(request.blocks) > len(first.blocks):
            return None
        most, before = max(most, loop.most), request
    return most
