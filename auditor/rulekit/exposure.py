"""Which credentials and personal data stand in a prefix that the provider keeps.

Knows what values are by their type, literals by their form, and personal data by the field that it was read from. Does not know
who may read the cache: that is the provider's word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from auditor.cache.outcome import Certainty
from auditor.knowledge.credentials import CREDENTIAL, load
from auditor.limits import REPEATED_DEPTH
from auditor.llm.request import Block, Kind, Section
from auditor.places import Place, Step
from auditor.rulekit.spots import Spot
from auditor.rulekit.views import ReplayView
from auditor.rulekit.wording import describe
from auditor.values.lifetime import Cause, Evidence, Lifetime
from auditor.values.text import Hole, Literal

_LAST_FIELD = re.compile(r"""(?:\.|\[["'])(\w+)(?:["']\])?$""")
"""`email` of `user.email` and of `row["email"]`."""


class Matter(StrEnum):
    CREDENTIAL = "credential"
    WRITTEN = "written"  # a credential that the source itself spells out
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Exposure:
    """One value that should not be where it is. `words`: the expression, or what kind of credential is written there."""

    matter: Matter
    words: str
    block: Block
    place: Place | None
    trace: tuple[Step, ...]
    evidence: Evidence = Evidence.FLOW


def exposures(view: ReplayView) -> Iterator[Exposure]:
    """Credentials and personal data in the part of the first request that is cached."""
    kept = [kept_by_provider(view, index) for index in range(len(view.blocks))]
    for spot in view.spots:
        if kept[spot.index]:
            for hole in _within(spot.hole):
                yield from _of_hole(Spot(spot.index, spot.block, spot.piece, hole))
    for index, block in enumerate(view.blocks):
        if kept[index]:
            yield from _of_literals(block)


def kept_by_provider(view: ReplayView, index: int) -> bool:
    """Whether a block is cached: it stands at or ahead of a breakpoint, or the provider caches the prefix by itself.

    What is only this request's (the last user message, a growing history) is shared with nobody.
    """
    block = view.blocks[index]
    if block.deferred or block.per_request or block.kind is Kind.STRETCH:
        return False
    if index <= view.marked_behind:
        return True
    implicit = view.simulation.implicit and block.section is not Section.MESSAGES
    return implicit and view.certainty(view.mended) is not Certainty.BELOW


def _within(hole: Hole, depth: int = REPEATED_DEPTH) -> Iterator[Hole]:
    """The value and what it repeats: of many rows in one text, the columns of each."""
    yield hole
    for inner in hole.content.holes() if hole.content is not None and depth else ():
        yield from _within(inner, depth - 1)


def _of_hole(spot: Spot) -> Iterator[Exposure]:
    hole = spot.hole
    if hole.type == CREDENTIAL:
        # Reading it is right; the mistake is to put it into a text.
        place = spot.place if hole.entered is None else hole.entered.place
        read = () if hole.place is None or hole.place == place else (Step(hole.place, f"`{hole.expression}` is read here"),)
        yield Exposure(Matter.CREDENTIAL, hole.expression, spot.block, place, (*read, *spot.trace), hole.evidence)
    elif _is_data(hole):
        field = _field(hole)
        if field in load().personal:
            evidence = hole.evidence if field in load().telling else Evidence.NAME
            yield Exposure(Matter.PERSONAL, hole.expression, spot.block, spot.place, spot.trace, evidence)


def _is_data(hole: Hole) -> bool:
    """Whether the value is known to be somebody's: a request's, a user's, or a row's, whoever asked for it."""
    known = hole.reason is None and hole.lifetime is not Lifetime.UNKNOWN
    return hole.evidence is not Evidence.NAME and (known or hole.cause is Cause.RETRIEVAL)


def _field(hole: Hole) -> str:
    """The field of a user or a row that a value was read from; of a row's columns in turn, what the program calls each."""
    found = _LAST_FIELD.search(hole.expression)
    column = hole.expression if hole.cause is Cause.RETRIEVAL and hole.expression.isidentifier() else ""
    return (column if found is None else found.group(1)).lower()


def _of_literals(block: Block) -> Iterator[Exposure]:
    for known, pieces in groupby(block.text.pieces, lambda piece: isinstance(piece, Literal)):
        written = [piece for piece in pieces if isinstance(piece, Literal)]
        kind = load().spelled("".join(piece.text for piece in written)) if known else None
        if kind is not None:
            place = next((piece.place for piece in written if load().spelled(piece.text)), written[0].place) or block.place
            trace = () if block.place is None or block.place == place else (Step(block.place, f"lands in {describe(block)}"),)
            yield Exposure(Matter.WRITTEN, kind, block, place, trace)
