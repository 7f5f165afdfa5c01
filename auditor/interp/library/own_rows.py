"""Rows that the program itself adds between two requests: what a question without a key then gives is not what it gave before.

Of rows that somebody else writes nobody knows when they change. But a program that puts a note into a table on its way from one
request to the next, and asks for the table's rows with each, gets another list each time. Knows INSERT and SELECT as they are
written. Rows of a dialogue (they say whose words they are) are a history, not this; what is replaced by its key is a setting; and
of a count or a sum this says nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from auditor.values.domain import NONE, EntryItem, Hole, Item, Text, const
from auditor.values.lifetime import Cause, Evidence, Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

_ADDED = re.compile(r"\s*insert\s+into\s+[\"'`\[]?(\w+)(?!.*\bon\s+(?:conflict|duplicate)\b)", re.IGNORECASE | re.DOTALL)
_ASKED = re.compile(r"\s*select\s+(.+?)\s+from\s+[\"'`\[]?(\w+)", re.IGNORECASE | re.DOTALL)
_COUNTED = re.compile(r"\b(?:count|sum|avg|min|max|total)\s*\(", re.IGNORECASE)
_KNOWN, _LATE = ("tables added to",), ("tables found to be added to",)
_JOINED = re.compile(r"\b(?:join|union)\b|\(\s*select\b", re.IGNORECASE)


def note(machine: Machine, given: Sequence[Item | EntryItem]) -> None:
    """`INSERT INTO notes …`: remembers that the table has another row now."""
    text = _written(given)
    added = _ADDED.match(text)
    if added is not None and not _speaks(machine, text):
        table = added[1].lower()
        machine.memo["added", table] = const(machine.serial())
        if ("asked", table) in machine.memo:
            _tables(machine, _LATE).update({table} - _tables(machine, _KNOWN))


def asked(machine: Machine, given: Sequence[Item | EntryItem], node: ast.AST, frame: Frame) -> Hole | None:
    """The rows of a table that this run has added to; None of any other, and before it did."""
    text = _written(given)
    found = _ASKED.match(text)
    if found is None or _speaks(machine, found[1]) or _COUNTED.search(found[1]) or _JOINED.search(text):
        return None
    table = found[2].lower()
    machine.memo["asked", table] = NONE
    since = machine.memo.get(("added", table), NONE if table in _tables(machine, _KNOWN) else None)
    if since is None:
        return None
    identity = ("own rows", id(node), since)
    # A row may be added under a condition, or be the same as before.
    return machine.hole(node, frame, Lifetime.TURN, Cause.RETRIEVAL, identity=identity, evidence=Evidence.USAGE)


def begin(machine: Machine, known: Iterable[str] = ()) -> None:
    """A run of an entry begins. `known`: tables that it adds to, as an earlier run of it has shown."""
    machine.cache[_KNOWN], machine.cache[_LATE] = set(known), set()


def late(machine: Machine) -> frozenset[str]:
    """Tables that the entry's run asked for before it was known that it adds to them."""
    return frozenset(_tables(machine, _LATE))


def _tables(machine: Machine, which: tuple[str]) -> set[str]:
    found = machine.cache.setdefault(which, set())
    assert isinstance(found, set)
    return found


def _speaks(machine: Machine, text: str) -> bool:
    """Whether one of the columns says whose words a row holds."""
    return not machine.library.speakers.isdisjoint(re.findall(r"\w+", text.lower()))


def _written(given: Sequence[Item | EntryItem]) -> str:
    return given[0].literal if given and isinstance(given[0], Text) else ""
