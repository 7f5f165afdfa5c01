"""Something that could not be read or done. Knows places; does not know who found it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read or done; the run went on. Line and column are 0 where they make no sense."""

    path: str
    line: int
    message: str
    column: int = 0
    internal: bool = False  # an error of the tool or a rule, not of the input
