"""Windows over the last messages of a conversation: what they hold.

Knows how many messages the code keeps, where it says so. How long messages are no code says: `TURN_TOKENS` for a question and its
answer.
"""

from __future__ import annotations

from auditor.cache.money import TURN_TOKENS
from auditor.llm.request import Section
from auditor.rulekit.views import ReplayView


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
