"""A prefix group of the JSON document: call sites that could share more of their prefix than they do. Knows no formats."""

from __future__ import annotations

from typing import Any

from auditor.cache.groups import Parting, PrefixGroup
from auditor.cache.outcome import TokenCount
from auditor.llm.request import Block


def prefix_group(group: PrefixGroup) -> dict[str, Any]:
    """The entry of one group; its first call site is the one from which the others part."""
    return {
        "provider": group.provider,
        "model": group.model,
        "call_sites": [group.leader.id, *(parting.site.id for parting in group.partings)],
        "partings": [_parting(parting) for parting in group.partings],
    }


def _parting(parting: Parting) -> dict[str, Any]:
    return {
        "call_site": parting.site.id,
        "common_tokens": _tokens(parting.common),
        "shareable_tokens": _tokens(parting.shareable),
        "here": _block(parting.here),
        "there": _block(parting.there),
    }


def _block(block: Block | None) -> dict[str, Any] | None:
    if block is None:
        return None
    place = block.place
    return {
        "section": block.section.value,
        "label": block.label or block.name or block.section.value,
        "path": place.path if place is not None else None,
        "line": place.line if place is not None else None,
    }


def _tokens(count: TokenCount) -> dict[str, int | None]:
    return {"low": count.low, "estimate": count.estimate, "high": count.high}
