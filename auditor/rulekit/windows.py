"""Windows over the last messages of a conversation, and loops of few rounds: what they hold.

Knows how many messages the code keeps, and how often a loop turns, where it says so. How long messages are no code says:
`TURN_TOKENS` for a question and its answer.
"""

from __future__ import annotations

from auditor.cache.money import TURN_TOKENS
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


def short_window(view: ReplayView) -> bool:
    """Whether a history that is cut to half of its window, and rarely, stays below the model's minimum for the most part.

    On average such a history is three quarters of the window long, behind the fixed text ahead of the messages.
    """
    kept = [request.kept for request in view.replay.requests if request.trimmed is not None]
    if view.minimum is None or not kept or None in kept:
        return False
    held = max(count for count in kept if count is not None) * TURN_TOKENS / 2 * 3 / 4
    messages = next((at for at, block in enumerate(view.blocks) if block.section is Section.MESSAGES), len(view.blocks))
    return view.literal_between(0, messages).estimate + held < view.minimum[0]


def soon_full(view: ReplayView) -> bool:
    """Whether a window is full before a conversation of usual length ends: from then on no request finds its messages cached."""
    kept = [request.kept for request in view.replay.requests if request.trimmed is not None]
    return bool(kept) and all(count is not None and count < 2 * view.traffic.turns for count in kept)


def late(view: ReplayView) -> bool:
    """Whether a window is mostly full before its history alone reaches the model's minimum: few requests would be served."""
    kept = [request.kept for request in view.replay.requests if request.trimmed is not None]
    if view.minimum is None or not kept or None in kept:
        return False
    turns = max(count for count in kept if count is not None) / 2
    return (view.minimum[1] - view.stable_prefix.estimate) / TURN_TOKENS > turns / 2


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
