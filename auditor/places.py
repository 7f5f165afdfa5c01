"""Where something stands in the audited sources.

Knows paths, lines and columns. Does not know syntax trees or file contents.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A span of source: `path` is POSIX and relative to the audit's root; lines and columns count from 1.

    In a notebook the line is that of the `.ipynb` file and `cell` counts code cells from 1.
    """

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    cell: int | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    def overlaps(self, other: Place) -> bool:
        """Whether the two have a line in common."""
        return (
            self.path == other.path
            and self.line <= max(other.line, other.end_line)
            and other.line <= max(self.line, self.end_line)
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trace: what happens to a value at a place, in a reviewer's words."""

    place: Place
    message: str
