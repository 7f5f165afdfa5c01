"""Text with holes as a plain string, in which one character stands for each hole, and its parts as text again.

What looks for something in a text (a separator, a pattern) finds it in what the source spells. What it would find inside of a
hole is not known: a mark that the source put there is taken to be in no hole, a space or a comma is not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.limits import STAND_INS
from auditor.values.domain import Arguments, TupleValue, Value
from auditor.values.text import Alternative, Literal, Text

if TYPE_CHECKING:
    from auditor.interp.machine import Machine

FIRST = 0xF0000
STAND_IN = re.compile(f"[{chr(FIRST)}-{chr(FIRST + STAND_INS)}]")
MARK = 3
"""Letters that a separator has to have, for no hole to be expected to hold it."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text, and the string that stands for it."""

    text: Text
    string: str
    starts: tuple[int, ...]

    def between(self, start: int, end: int) -> Text:
        """The part of the text that a part of the string stands for."""
        found: list[Literal | Text] = []
        for index in range(max(bisect_right(self.starts, start) - 1, 0), len(self.starts)):
            first, piece = self.starts[index], self.text.pieces[index]
            if first >= end:
                break
            if isinstance(piece, Literal):
                found.append(Literal(piece.text[max(start - first, 0) : end - first], piece.place))
            else:
                found.append(Text((piece,)))
        return Text.of(*found)


def spelled(text: Text) -> Spelling | None:
    """A text with holes as a string; None where it has none, too many, or such characters of its own."""
    parts, starts, position, holes = [], [], 0, 0
    for piece in text.pieces:
        starts.append(position)
        if isinstance(piece, Literal):
            parts.append(piece.text)
        else:
            parts.append(chr(FIRST + holes))
            holes += 1
        position += len(parts[-1])
    if not 0 < holes <= STAND_INS or any(isinstance(piece, Literal) and STAND_IN.search(piece.text) for piece in text.pieces):
        return None
    return Spelling(text, "".join(parts), tuple(starts))


def split(machine: Machine, receiver: Text, name: str, arguments: Arguments) -> Value | None:
    """`split`, `rsplit`, `partition` or `rpartition` of a text with holes at a separator that the source spells."""
    separator = arguments.get(0, "sep")
    mark, most = known.text_of(separator), arguments.get(1, "maxsplit")
    limit = -1 if most is None else known.int_of(most)
    if mark is None or limit is None or not _stands_out(mark) or arguments.unknown_keywords:
        return None
    spelling = spelled(receiver)
    if spelling is None or any(isinstance(piece, Alternative) and _holds(piece, mark) for piece in receiver.pieces):
        return None
    parted = "partition" in name
    found = [one.start() for one in re.finditer(re.escape(mark), spelling.string)]
    if not found:
        return None  # whether it is in a hole is not known
    if parted or limit >= 0:
        limit = 1 if parted else limit
        found = found[len(found) - min(limit, len(found)) :] if name.startswith("r") else found[:limit]
    edges = [0, *(edge for start in found for edge in (start, start + len(mark))), len(spelling.string)]
    parts = [spelling.between(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    if parted:
        return TupleValue((parts[0], Text.of(mark), parts[1]))
    return machine.new_list(list(machine.bounded(tuple(parts))))


def substituted(pattern: re.Pattern[str], text: Text, most: int) -> tuple[Spelling, list[re.Match[str]]] | None:
    """Where a pattern is found in what the source spells; None where a match would reach into a hole."""
    spelling = spelled(text)
    if spelling is None or any(isinstance(piece, Alternative) for piece in text.pieces):
        return None
    matches = []
    for one in pattern.finditer(spelling.string):
        if STAND_IN.search(one[0]):
            return None
        matches.append(one)
        if len(matches) == most:
            break
    return spelling, matches


def _stands_out(mark: str) -> bool:
    return sum(character.isalnum() or character in "=#<>-_*~|" for character in mark) >= MARK


def _holds(piece: Alternative, mark: str) -> bool:
    return any(
        (isinstance(one, Literal) and mark in one.text) or (isinstance(one, Alternative) and _holds(one, mark))
        for side in (piece.then, piece.otherwise)
        for one in side.pieces
    )


__all__ = ["Spelling", "spelled", "split", "substituted"]
