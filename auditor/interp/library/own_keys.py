"""Keys of rows that the program itself makes: where a request may bring one, it is one that an earlier request got.

`chat = given or insert_chat()`: only the first request of a chat makes the row. Does not know what stands in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.values.domain import Hole
from auditor.values.lifetime import Lifetime

if TYPE_CHECKING:
    from auditor.interp.machine import Machine

_MADE = ("rows that were made",)


def made(machine: Machine, row: Hole) -> None:
    """Remembers the answer of what put a row into a table: the new row, with its key."""
    _identities(machine).add(row.identity)


def going_on(machine: Machine, asked_with: list[Hole]) -> tuple[list[Hole], Lifetime | None]:
    """What is asked with, and how long it stays where the request may bring it and a new row gives it where it does not.

    Such a key names what goes on from one request to the next, as a conversation does: only the first of them makes it.
    """
    new = _identities(machine)
    brought = [hole for hole in asked_with if new.isdisjoint((hole.identity, *hole.roots))]
    if not brought or len(brought) == len(asked_with):
        return asked_with, None
    return brought, Lifetime.SESSION


def _identities(machine: Machine) -> set[object]:
    found = machine.cache.setdefault(_MADE, set())
    assert isinstance(found, set)
    return found
