"""Arithmetic over what stands ahead of and behind a position of a prefix.

Knows token intervals and texts with holes. Does not know sites, rules or providers. Parts of a block are counted by their share of
its known characters, which is exact enough for verdicts because the interval of the whole block is scaled with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from auditor.cache.outcome import ZERO, Certainty, TokenCount
from auditor.values.text import Hole, Literal, Piece, Text


def literal_characters(pieces: Iterable[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces if isinstance(piece, Literal))


def scaled(tokens: TokenCount, text: Text, part: Sequence[Piece]) -> TokenCount:
    """Tokens of the known characters of `part`, some of the pieces of `text`, which all together count `tokens`."""
    whole = literal_characters(text.pieces)
    some = literal_characters(part)
    if not some:
        return ZERO
    # Where holes stand in the text, its estimate and upper bound count them too: only the lower bound is of literals alone.
    holes = any(not isinstance(piece, Literal) for piece in text.pieces)
    estimate = tokens.low if holes else tokens.estimate
    share = some / whole
    low = math.floor(tokens.low * share)
    middle = max(low, round(estimate * share))
    # One token holds at least a fraction of a character: 1.25 tokens per byte is the sure upper bound for text.
    sure = math.ceil(1.25 * sum(len(piece.text.encode()) for piece in part if isinstance(piece, Literal)))
    high = sure if tokens.high is None or holes else min(sure, math.ceil(tokens.high * share))
    return TokenCount(low, middle, max(middle, high), tokens.method)


def total(counts: Iterable[TokenCount]) -> TokenCount:
    result = ZERO
    for count in counts:
        result = result + count
    return result


def against(tokens: TokenCount, minimum: tuple[int, int] | None) -> Certainty:
    """Where an interval stands against a model's minimum; `NEAR` where the minimum itself is not known."""
    if minimum is None:
        return Certainty.NEAR
    if tokens.low >= minimum[1]:
        return Certainty.ABOVE
    if tokens.high is not None and tokens.high < minimum[0]:
        return Certainty.BELOW
    return Certainty.NEAR


def before(text: Text, piece: int) -> Sequence[Piece]:
    return text.pieces[:piece]


def after(text: Text, piece: int) -> Sequence[Piece]:
    return text.pieces[piece + 1 :]


def first_hole(text: Text) -> tuple[int, Hole] | None:
    for index, piece in enumerate(text.pieces):
        if isinstance(piece, Hole):
            return index, piece
    return None
