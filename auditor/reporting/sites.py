"""One call site of the JSON document: the prefix that it sends, what the cache does with it, what it costs.

Knows requests and simulations. Does not know findings: the score comes in from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from auditor.cache.outcome import Billing, Divergence, Simulation, TokenCount
from auditor.engine.result import SiteResult
from auditor.llm.request import Block, Marker
from auditor.places import Place
from auditor.reporting import coverage
from auditor.reporting.score import SiteScore
from auditor.values.text import Hole


@dataclass(frozen=True, slots=True)
class Costs:
    """US dollars for the input of 1,000 requests as the code sends them, and as they would be billed without any cache."""

    usd_per_1000: float
    usd_per_1000_uncached: float
    assumptions: str


def call_site(site: SiteResult, score: SiteScore, costs: Callable[[Simulation], Costs | None] | None) -> dict[str, Any]:
    """The entry of one site. Where no variant could be read, `prefix` is empty and `cache` and `cost` are null."""
    where = site.replays.site
    simulation = coverage.representative(site)
    first = simulation.replay.first if simulation is not None else None
    return {
        "id": where.id,
        "path": where.place.path,
        "line": where.place.line,
        "column": where.place.column,
        "end_line": where.place.end_line or where.place.line,
        "cell": where.place.cell,
        "api": where.api,
        "provider": first.provider if first is not None else where.api.partition(".")[0],
        "model": first.model.render() if first is not None and first.model is not None else None,
        "function": where.function,
        "context": where.context,
        "resolution": coverage.resolution(site).value,
        "unknown_reasons": [
            {"expression": expression, "reason": reason} for expression, reason in coverage.unknown_reasons(site)
        ],
        "multi_turn": site.replays.multi_turn,
        "repetition": simulation.replay.repetition.value if simulation is not None else "unknown",
        "variants": len(site.replays.replays),
        "variant": simulation.replay.variant if simulation is not None else "",
        "prefix": _prefix(simulation) if simulation is not None else [],
        "cache": _cache(simulation) if simulation is not None else None,
        "cost": _cost(simulation, costs) if simulation is not None else None,
        "score": score.score,
        "grade": score.grade,
    }


def prompt(document: SiteResult) -> dict[str, Any]:
    """The entry of a prompt that stands alone."""
    where, simulation = document.replays.site, document.simulations[0]
    first = simulation.replay.first
    return {
        "id": where.id,
        "path": where.place.path,
        "line": where.place.line,
        "format": where.function.removesuffix(" prompt"),
        "provider": first.provider,
        "model": first.model.render() if first.model is not None else None,
        "prefix": _prefix(simulation),
    }


def _prefix(simulation: Simulation) -> list[dict[str, Any]]:
    return [_block(block, tokens) for block, tokens in zip(simulation.replay.first.blocks, simulation.prefix_tokens, strict=True)]


def _block(block: Block, tokens: TokenCount) -> dict[str, Any]:
    return {
        "section": block.section.value,
        "role": block.role,
        "kind": block.kind.value,
        "label": block.label,
        **_where(block.place),
        "tokens": _tokens(tokens),
        "lifetime": block.lifetime.label,
        "marker": None if block.marker is None else {"ttl": block.marker.ttl},
        "per_request": block.per_request,
        "holes": [_hole(hole) for hole in (*block.text.holes(), *((block.order,) if block.order is not None else ()))],
    }


def _hole(hole: Hole) -> dict[str, Any]:
    return {"expression": hole.expression, "lifetime": hole.lifetime.label, **_where(hole.place)}


def _cache(simulation: Simulation) -> dict[str, Any]:
    minimum = simulation.minimum
    return {
        "enabled": simulation.enabled,
        "implicit": simulation.implicit,
        "minimum_tokens": None if minimum is None else {"low": minimum[0], "high": minimum[1]},
        "cacheable_tokens": _tokens(simulation.cacheable),
        "stable_tokens_lost": _tokens(coverage.stable_tokens_lost(simulation)),
        "breakpoints": [
            {
                "block": point.block,
                "section": _section(simulation, point.block),
                **_where(_marker_place(simulation, point.block, point.marker)),
                "ttl": point.marker.ttl,
                "automatic": not point.marker.written,
                "tokens": _tokens(point.tokens),
                "verdict": point.verdict.value,
                "why": point.why,
            }
            for point in simulation.breakpoints
        ],
        "rejections": [{"code": rejection.code, "message": rejection.message} for rejection in simulation.rejections],
        "first_divergence": _divergence(simulation, coverage.first_divergence(simulation)),
    }


def _section(simulation: Simulation, block: int) -> str | None:
    blocks = simulation.replay.first.blocks
    return blocks[block].section.value if 0 <= block < len(blocks) else None


def _marker_place(simulation: Simulation, block: int, marker: Marker) -> Place | None:
    blocks = simulation.replay.first.blocks
    return marker.place or (blocks[block].place if 0 <= block < len(blocks) else None)


def _divergence(simulation: Simulation, divergence: Divergence | None) -> dict[str, Any] | None:
    """`block` counts in the later request; what it says of the block is read there, since the first may be shorter."""
    if divergence is None:
        return None
    requests = simulation.replay.requests
    blocks = requests[divergence.request].blocks if 0 <= divergence.request < len(requests) else ()
    block = blocks[divergence.block] if 0 <= divergence.block < len(blocks) else None
    hole = divergence.hole
    return {
        "request": divergence.request,
        "block": divergence.block,
        "section": block.section.value if block is not None else None,
        "label": block.label if block is not None else "",
        "expression": hole.expression if hole is not None else None,
        "parameter": divergence.parameter,
        **_where(hole.place if hole is not None and hole.place is not None else block.place if block is not None else None),
        "lifetime": divergence.lifetime.label,
        "certain": divergence.certain,
        "expected": coverage.is_expected(simulation, divergence),
        "tokens_lost": _tokens(divergence.lost),
        "static_tokens_lost": _tokens(divergence.lost_static),
    }


def _cost(simulation: Simulation, costs: Callable[[Simulation], Costs | None] | None) -> dict[str, Any] | None:
    """Tokens of the first request, and of the last one, which stands for all that follow; dollars where prices are known."""
    if not simulation.billing:
        return None
    steady = simulation.billing[-1]
    total = steady.read.estimate + steady.written.estimate + steady.uncached.estimate
    priced = costs(simulation) if costs is not None else None
    return {
        "first": _billing(simulation.billing[0]),
        "steady": _billing(steady),
        "read_share": round(steady.read.estimate / total, 3) if total else None,
        "usd_per_1000": round(priced.usd_per_1000, 4) if priced is not None else None,
        "usd_per_1000_uncached": round(priced.usd_per_1000_uncached, 4) if priced is not None else None,
        "assumptions": priced.assumptions if priced is not None else "",
    }


def _billing(billing: Billing) -> dict[str, Any]:
    return {"read": _tokens(billing.read), "written": _tokens(billing.written), "uncached": _tokens(billing.uncached)}


def _tokens(tokens: TokenCount) -> dict[str, int | None]:
    return {"low": tokens.low, "estimate": tokens.estimate, "high": tokens.high}


def _where(place: Place | None) -> dict[str, Any]:
    return {"path": place.path if place is not None else None, "line": place.line if place is not None else None}
