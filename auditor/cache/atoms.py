"""Blocks in the form in which a cache compares them: characters between holes, and holes by identity.

Where the source splits a literal does not matter here, nor do markers, labels and places. Equal forms have equal keys.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from auditor.llm.request import Block, Request
from auditor.values.lifetime import Lifetime
from auditor.values.text import Alternative, Hole, Literal, Text


@dataclass(frozen=True, slots=True)
class Atom:
    """A run of literal characters, or a hole. `piece` is the index of its first piece in the block's text."""

    text: str
    hole: Hole | None
    piece: int

    @property
    def value(self) -> Hashable:
        return self.text if self.hole is None else (self.hole.identity,)

    @property
    def unsure(self) -> bool:
        """Nothing is known of how long the value stays: it may be the same next time."""
        return self.hole is not None and self.hole.lifetime is Lifetime.UNKNOWN


@dataclass(frozen=True, slots=True)
class Form:
    """A block of the prefix: its index in the request, its atoms, and a key that equal blocks share."""

    index: int
    block: Block
    atoms: tuple[Atom, ...]
    key: int


def atoms(text: Text) -> tuple[Atom, ...]:
    """The text with neighbouring literals joined."""
    found: list[Atom] = []
    held: list[str] = []
    start = 0
    for index, piece in enumerate(text.pieces):
        if isinstance(piece, Literal):
            if not held:
                start = index
            held.append(piece.text)
            continue
        if held:
            found.append(Atom("".join(held), None, start))
            held = []
        found.append(Atom("", piece if isinstance(piece, Hole) else undecided(piece), index))
    if held:
        found.append(Atom("".join(held), None, start))
    return tuple(atom for atom in found if atom.hole is not None or atom.text)


def undecided(piece: Alternative) -> Hole:
    """One of two texts as a hole: it changes when its condition does."""
    test = piece.condition
    identity = ("alternative", test.identity, piece.then, piece.otherwise)
    return Hole(identity, test.expression, test.lifetime, place=test.place)


class Forms:
    """The forms of one replay's requests. Blocks that are left out of the prefix (deferred tools) have none."""

    def __init__(self) -> None:
        self._keys: dict[Hashable, int] = {}
        self._texts: dict[int, tuple[Text, tuple[Atom, ...], int]] = {}
        self._requests: dict[int, tuple[Request, tuple[Form, ...]]] = {}

    def of(self, request: Request) -> tuple[Form, ...]:
        """The blocks that count, in order."""
        held = self._requests.get(id(request))
        if held is None:
            forms = tuple(self._form(index, block) for index, block in enumerate(request.blocks) if not block.deferred)
            held = self._requests[id(request)] = (request, forms)
        return held[1]

    def _form(self, index: int, block: Block) -> Form:
        held = self._texts.get(id(block.text))  # consecutive requests share the texts that did not change
        if held is None:
            parts = atoms(block.text)
            held = (block.text, parts, self._key(tuple(atom.value for atom in parts)))
            self._texts[id(block.text)] = held
        order = None if block.order is None else (block.order.identity,)
        return Form(index, block, held[1], self._key(("block", block.section, block.role, block.kind, order, held[2])))

    def _key(self, value: Hashable) -> int:
        return self._keys.setdefault(value, len(self._keys))
