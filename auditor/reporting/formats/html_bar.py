"""The bar that draws a call site's prefix: which blocks, how wide, where markers stand and where it breaks.

Knows the document's call sites. Does not know HTML or colours: it names lifetimes, and the style sheet gives them a look.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

# In the legend's order, with what a reader must know of each.
LIFETIMES: tuple[tuple[str, str], ...] = (
    ("constant", "source text"),
    ("deploy", "changes with a release"),
    ("process", "changes with a restart"),
    ("day", "changes every day"),
    ("user", "one value per user"),
    ("session", "one value per session"),
    ("turn", "grows with the conversation"),
    ("call", "differs in every request"),
    ("unknown", "could not be read"),
)
_MERGE_FROM = 12  # blocks: from so many on, neighbours that look alike are drawn as one
_TONES = {
    "effective": "good",
    "below minimum": "bad",
    "near minimum": "doubt",
    "never read": "bad",
    "expired": "bad",
    "rejected": "bad",
    "unknown": "doubt",
}


def bar(site: Mapping[str, Any]) -> dict[str, Any]:
    """`sections` with their segments from left to right, the numbered `markers`, and the `divergence` to be told below.

    A segment stands for `blocks` blocks and is `weight` tokens wide. `breaks` says that the requests first differ at its start,
    `lost` that it stands behind such a point.
    """
    cache = site["cache"]
    if cache is None or not site["prefix"]:
        return {"sections": [], "markers": [], "divergence": None}
    divergence = cache["first_divergence"]
    at = _break(divergence, len(site["prefix"]))
    markers = [
        {**point, "number": number, "tone": _TONES[point["verdict"]], "label": _label(site, point)}
        for number, point in enumerate(cache["breakpoints"], start=1)
    ]
    numbers: dict[int, list[dict[str, Any]]] = {}
    for marker in markers:
        numbers.setdefault(marker["block"], []).append(marker)
    segments = [
        {
            "section": block["section"],
            "lifetime": block["lifetime"],
            "title": block["label"] or block["kind"],
            "weight": block["tokens"]["estimate"],
            "blocks": 1,
            "markers": numbers.get(index, []),
            "breaks": at == index,
            "lost": at is not None and index > at and not block["per_request"],
            "per_request": block["per_request"],
        }
        for index, block in enumerate(site["prefix"])
    ]
    if len(segments) >= _MERGE_FROM:
        segments = _merged(segments)
    sections = []
    for name, members in groupby(segments, key=lambda segment: segment["section"]):
        group = list(members)
        sections.append({"name": name, "segments": group, "weight": sum(segment["weight"] for segment in group)})
    return {"sections": sections, "markers": markers, "divergence": divergence}


def _break(divergence: Mapping[str, Any] | None, blocks: int) -> int | None:
    """The block at which a line is drawn: not where the requests are meant to differ, nor where they only may differ."""
    if divergence is None or divergence["expected"] or not divergence["certain"]:
        return None
    if divergence["parameter"] is not None:
        return max(0, divergence["block"]) if divergence["block"] < blocks else None
    return divergence["block"] if 0 <= divergence["block"] < blocks else None


def _label(site: Mapping[str, Any], point: Mapping[str, Any]) -> str:
    prefix = site["prefix"]
    if not 0 <= point["block"] < len(prefix):
        return "end of the request"
    block = prefix[point["block"]]
    return str(block["label"] or block["kind"])


def _merged(segments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbours of one section and lifetime as one segment, unless a marker or a break stands between them."""
    merged: list[dict[str, Any]] = []
    for segment in segments:
        last = merged[-1] if merged else None
        alike = last is not None and all(last[key] == segment[key] for key in ("section", "lifetime", "lost", "per_request"))
        if last is None or not alike or last["markers"] or segment["breaks"] or last["breaks"]:
            merged.append(dict(segment))
            continue
        last["title"] = f"{last['title'].partition(' … ')[0]} … {segment['title']}"
        last["weight"] += segment["weight"]
        last["blocks"] += 1
        last["markers"] = segment["markers"]
    return merged
