"""How much of a call site was understood, and which of its variants stands for it in a report.

Knows requests and simulations. Does not know findings, scores or formats.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from auditor.cache.outcome import ZERO, Divergence, Simulation, TokenCount
from auditor.engine.result import SiteResult
from auditor.llm.request import Block, Kind, Request
from auditor.values.lifetime import Lifetime
from auditor.values.text import Hole


class Resolution(StrEnum):
    """`FULL`: nothing that matters is unknown. `NONE`: nothing of the prompt is known, so nothing can be said of it."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


# Content that is no text is opaque by nature: its hole has no known lifetime, and yet nothing failed.
_TEXTUAL = frozenset({Kind.TEXT, Kind.TOOL, Kind.STRETCH})


def resolution(site: SiteResult) -> Resolution:
    """Whether the site's requests are known in full, in part or not at all.

    A last user message of unknown content does not make a site partial, since it is meant to differ; but a site that sends
    nothing else than unknown content is not resolved, whatever its shape: an audit must not praise what it has not read.
    """
    requests = [replay.first for replay in site.replays.replays if replay.requests]
    if not any(_has_known_content(request) for request in requests):
        return Resolution.NONE
    if site.replays.unknown or any(request.opaque or request.model is None or request.unknown for request in requests):
        return Resolution.PARTIAL
    if any(True for request in requests for _ in unknown_holes(request)):
        return Resolution.PARTIAL
    return Resolution.FULL


def representative(site: SiteResult) -> Simulation | None:
    """The variant that is drawn: of those that are not opaque, the first with the largest cacheable prefix."""
    known = [simulation for simulation in site.simulations if simulation.replay.requests and not simulation.replay.first.opaque]
    return max(known, key=lambda simulation: simulation.cacheable.estimate, default=None)


def unknown_reasons(site: SiteResult) -> tuple[tuple[str, str], ...]:
    """(expression, reason) of all that is unknown about the site, without repetition, in the order of the request."""
    found: dict[tuple[str, str], None] = {}
    for expression, reason in site.replays.unknown:
        found[expression, reason.value] = None
    for replay in site.replays.replays:
        if not replay.requests:
            continue
        for expression, reason in replay.first.unknown:
            found[expression, reason.value] = None
        for hole in unknown_holes(replay.first, per_request=True):
            if hole.reason is not None:
                found[hole.expression, hole.reason.value] = None
    return tuple(found)


def unknown_holes(request: Request, per_request: bool = False) -> Iterator[Hole]:
    """Holes of which nothing is known; those of content that is meant to differ only if asked for."""
    for block in request.blocks:
        if block.per_request and not per_request:
            continue
        yield from (hole for hole in block.text.holes() if _is_unknown(hole, block))


def _is_unknown(hole: Hole, block: Block) -> bool:
    return hole.reason is not None or (hole.lifetime is Lifetime.UNKNOWN and block.kind in _TEXTUAL)


def _has_known_content(request: Request) -> bool:
    if request.opaque:
        return False
    return any(block.text.literal or any(not _is_unknown(hole, block) for hole in block.text.holes()) for block in request.blocks)


def first_divergence(simulation: Simulation) -> Divergence | None:
    """The divergence that decides what the cache can serve: the earliest certain one, else the earliest possible one."""
    return min(
        simulation.divergences,
        key=lambda divergence: (not divergence.certain, divergence.block, divergence.piece),
        default=None,
    )


def is_expected(simulation: Simulation, divergence: Divergence) -> bool:
    """Whether the requests differ where they are meant to: in the last user message."""
    requests = simulation.replay.requests
    if divergence.parameter is not None or not 0 <= divergence.request < len(requests):
        return False
    blocks = requests[divergence.request].blocks
    return 0 <= divergence.block < len(blocks) and blocks[divergence.block].per_request


def stable_tokens_lost(simulation: Simulation) -> TokenCount:
    """Tokens per request that repeat and that the cache cannot serve, because something in front of them differs."""
    divergence = first_divergence(simulation)
    return divergence.lost if divergence is not None and divergence.certain else ZERO
