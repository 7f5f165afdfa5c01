"""Chats that a platform keeps: a bot asks for the newest so many of their messages, and so the oldest are left out.

Knows when a method asks for these alone (by `knowledge/library.toml`). Does not know what the messages say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.trimming import Window
from auditor.values.domain import Arguments

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def newest(machine: Machine, method: str | None, name: str, arguments: Arguments) -> Window | None:
    """What a method of that type or name asks for; None where that is not the newest messages alone."""
    for row in machine.library.newest:
        if name not in row.methods or (row.types and method not in row.types):
            continue
        count = arguments.get(0, row.count) if row.types else arguments.keyword(row.count)
        whole = count is not None and (known.is_none(count) or known.int_of(count) == 1)
        if not whole and row.unless.isdisjoint(dict(arguments.keywords)):
            return Window(known.int_of(count) if count is not None else None)
    return None
