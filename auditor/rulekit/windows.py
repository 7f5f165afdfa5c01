"""Windows over the last messages of a conversation: how many messages the code keeps, and what becomes of a cache meanwhile.

How long messages are no code says: `TURN_TOKENS` for a question and its answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from auditor.cache.money import TURN_TOKENS
from auditor.llm.request import Block, Kind, Request, Section
from auditor.rulekit.views import ReplayView

LITTLE = 3_000
"""Tokens of earlier messages, a window of twenty, that nobody would change a program for: about a cent a turn."""
MUCH = 10_000
"""... and those from which on most of what a conversation costs is lost with them."""


def little(view: ReplayView) -> bool:
    """Whether next to nothing is lost with the messages of a window: they are few, or seldom reach the model's minimum.

    On average a history that is cut to half of its window, and rarely, is three quarters of the window long, behind the fixed
    text ahead of the messages. Of an agent's messages nobody knows how long the results of its tools are, if the next turn has
    them still.
    """
    kept = _kept(view)
    if kept is None:
        return False
    tools = any(block.section is Section.TOOLS for block in view.blocks) and any(
        _may_answer(_earlier(request)) for request in view.replay.requests
    )
    if kept / 2 * TURN_TOKENS <= LITTLE and not tools:
        return True
    if view.minimum is None:
        return False
    held = kept / 2 * TURN_TOKENS * 3 / 4
    messages = next((at for at, block in enumerate(view.blocks) if block.section is Section.MESSAGES), len(view.blocks))
    return view.literal_between(0, messages).estimate + held < view.minimum[0]


def much(view: ReplayView) -> bool:
    """Whether most of what a conversation costs is lost with the messages of a window, or of one without a known number."""
    kept = _kept(view)
    return kept is None or kept / 2 * TURN_TOKENS > MUCH


def answered_by_tools(view: ReplayView) -> bool:
    """Whether what tools gave is among the messages, or may be: a provider's own tools answer within the answer."""
    return any(_may_answer(_messages(request)) for request in view.replay.requests)


def _may_answer(messages: Sequence[Block]) -> bool:
    return any(
        Kind.TOOL_RESULT in {block.kind, block.inner}
        or (
            block.kind is Kind.STRETCH
            and block.inner is not Kind.TEXT
            and (block.role == "user" or any(hole.reason for hole in block.text.holes()))
        )
        for block in messages
    )


def _earlier(request: Request) -> Sequence[Block]:
    """The messages ahead of the user's newest: what a window keeps of earlier turns."""
    messages = _messages(request)
    asked = [at for at, block in enumerate(messages) if block.role == "user" and block.kind is Kind.TEXT]
    return messages[: asked[-1]] if asked else messages


def _messages(request: Request) -> Sequence[Block]:
    return [block for block in request.blocks if block.section is Section.MESSAGES]


def soon_full(view: ReplayView) -> bool:
    """Whether a window is full before a conversation of usual length ends: from then on no request finds its messages cached."""
    kept = _kept(view)
    return kept is not None and kept < 2 * view.traffic.turns


def late(view: ReplayView) -> bool:
    """Whether a window is mostly full before its history alone reaches the model's minimum: few requests would be served."""
    kept = _kept(view)
    if view.minimum is None or kept is None:
        return False
    return (view.minimum[1] - view.stable_prefix.estimate) / TURN_TOKENS > kept / 4


def _kept(view: ReplayView) -> int | None:
    """Messages that the widest window keeps; None where there is no window, or one of which that is not known."""
    kept = [request.kept for request in view.replay.requests if request.trimmed is not None]
    counts = [count for count in kept if count is not None]
    return max(counts) if counts and len(counts) == len(kept) else None
