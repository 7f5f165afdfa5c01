"""The byte scan: the cheapest test that a file can matter. The needles, and what they mean, are the caller's."""

from __future__ import annotations

from collections.abc import Sequence


def matters(data: bytes, needles: Sequence[bytes]) -> bool:
    """Whether any needle occurs in the bytes, as they are (every encoding that Python reads source in keeps ASCII)."""
    return any(needle in data for needle in needles)
