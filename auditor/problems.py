"""Something that could not be read or done. Knows places; does not know who found it."""

from __future__ import annotations

import traceback
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read or done; the run went on. Line and column are 0 where they make no sense."""

    path: str
    line: int
    message: str
    column: int = 0
    internal: bool = False  # an error of the tool or a rule, not of the input


def internal(what: str, error: Exception, path: str = "", line: int = 0) -> Problem:
    """An error of the tool: what it was about, the error, and where in the tool it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    where = f" ({last.filename.rpartition('/')[2]}:{last.lineno})" if last is not None else ""
    return Problem(path, line, f"{what} failed: {type(error).__name__}: {error}{where}", internal=True)
