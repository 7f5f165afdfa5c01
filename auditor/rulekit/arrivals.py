"""What later requests of a conversation have in their system prompt where the first one has fixed text.

Files that were read since, what a tool found: empty as the conversation begins, and other content with every turn. What comes
once and stays (a summary) is no such value; a number that goes up with the requests is one. Knows the simulation's divergences;
does not know what a rule makes of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING

from auditor.llm.request import Block, Request, Section
from auditor.rulekit.spots import Spot
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.text import Hole, Literal

if TYPE_CHECKING:
    from auditor.cache.outcome import Divergence
    from auditor.rulekit.views import ReplayView


def arriving(view: ReplayView) -> tuple[Spot, ...]:
    """The first hole that comes where the system prompts part, of each block in which the first request has none."""
    found: dict[int, dict[Hashable, Spot]] = {}
    for divergence in view.simulation.divergences:
        request, index = view.replay.requests[divergence.request], divergence.block
        if not divergence.certain or divergence.parameter is not None or index >= min(len(view.blocks), len(request.blocks)):
            continue
        first, block = view.blocks[index], request.blocks[index]
        if {first.section, block.section} != {Section.SYSTEM}:
            continue
        number = _number(block, divergence.piece)
        if number is not None:
            found.setdefault(index, {}).setdefault(number.identity, Spot(index, block, divergence.piece, number))
            continue
        if any(first.text.holes()):
            continue
        had = {hole.identity for hole in _before(view, divergence)}
        for at, piece in enumerate(block.text.pieces):
            if isinstance(piece, Hole) and piece.identity not in had:
                found.setdefault(index, {}).setdefault(piece.identity, Spot(index, block, at, piece))
                break
    return tuple(next(iter(spots.values())) for _, spots in sorted(found.items()) if len(spots) > 1)


def counts(request: Request, divergence: Divergence) -> bool:
    """Whether a later request parts from the one before it at a number that goes up."""
    blocks = request.blocks[divergence.block : divergence.block + 1]
    return any(_number(block, divergence.piece) is not None for block in blocks)


def _number(block: Block, at: int) -> Hole | None:
    """A number there that goes up from request to request, as a value: the first request has its first one."""
    piece = block.text.pieces[at] if at < len(block.text.pieces) else None
    if not isinstance(piece, Literal) or piece.counts is None:
        return None
    made = Hole(("count", piece.place, piece.text), piece.counts, Lifetime.CALL, Cause.COUNT, place=piece.place)
    return made.entering(piece.place, piece.counts)


def _before(view: ReplayView, divergence: Divergence) -> Iterator[Hole]:
    """The holes of the same block, one request earlier."""
    earlier = view.replay.requests[divergence.request - 1]
    if divergence.block < len(earlier.blocks):
        yield from earlier.blocks[divergence.block].text.holes()
