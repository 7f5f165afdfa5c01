"""What could not be read or done while the run went on. Knows places as plain numbers; does not know who reports them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that could not be read or done; the run went on. Line and column are 0 where they make no sense."""

    path: str
    line: int
    message: str
    column: int = 0
    internal: bool = False  # an error of the tool or a rule, not of the input
