"""What a later request of a replay says of a value of the first one: it repeats it, it has another one, or it cannot tell.

Knows requests. Does not know what a value costs.
"""

from __future__ import annotations

from collections.abc import Sequence

from auditor.llm.request import Kind, Request, Section
from auditor.rulekit.spots import Spot
from auditor.values.lifetime import Reason
from auditor.values.text import Literal, Text

_TELLING = 20  # characters


def opening(request: Request) -> Text | None:
    """What a conversation begins with."""
    return next((block.text for block in request.blocks if block.section is Section.MESSAGES), None)


def first_conversation(requests: Sequence[Request]) -> tuple[Request, ...]:
    """The requests that go on from the first one: until another message stands first, or the same one alone again.

    Of a history that is loaded it is not seen that it grows: there the same stretch stands first in all of its requests.
    """
    first, *later = requests
    begins, grown, found = opening(first), False, [first]
    loaded = any(block.kind is Kind.STRETCH for block in first.blocks if block.section is Section.MESSAGES)
    for request in later:
        same = opening(request) == begins
        if not loaded and (not same or (grown and len(request.blocks) <= len(first.blocks))):
            break
        grown = grown or len(request.blocks) > len(first.blocks)
        found += [request] if same else []
    return tuple(found)


def holds(request: Request, spot: Spot) -> bool:
    """Whether the spot's value stands in the same block of a request."""
    if spot.index >= len(request.blocks):
        return False
    block = request.blocks[spot.index]
    found = [block.order] if spot.piece < 0 else list(block.text.holes())
    return any(hole is not None and hole.identity == spot.hole.identity for hole in found)


def lost(request: Request, spot: Spot) -> bool:
    """Whether the request cannot tell: what stands around the value is nowhere in it, nor is another value of the kind.

    The evaluation came to its limit ahead of it, or the prompt was left out on a way that was taken for want of knowing better.
    """
    alike = [hole for block in request.blocks for hole in block.text.holes() if hole.expression == spot.hole.expression]
    if alike:
        return all(hole.reason is Reason.LIMIT for hole in alike)
    around = _words(spot.block.text)
    if around:
        return all(around.isdisjoint(_words(block.text)) for block in request.blocks)
    ahead = (hole for block in request.blocks[: spot.index + 1] for hole in block.text.holes())
    return any(hole.reason is Reason.LIMIT for hole in ahead)


def _words(text: Text) -> frozenset[str]:
    """Pieces of fixed text that are long enough to be known by."""
    return frozenset(piece.text for piece in text.pieces if isinstance(piece, Literal) and len(piece.text) >= _TELLING)
