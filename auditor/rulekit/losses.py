"""Arithmetic over what stands ahead of and behind a position of a prefix.

Knows token intervals and texts with holes. Does not know sites, rules or providers. Parts of a block are counted by their
share of its known characters, which is exact enough for verdicts because the interval of the whole block is scaled with it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from auditor.cache.outcome import ZERO, Certainty, TokenCount
from auditor.values.text import Literal, Piece, Text


def literal_characters(pieces: Iterable[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces if isinstance(piece, Literal))


def scaled(tokens: TokenCount, text: Text, part: Sequence[Piece]) -> TokenCount:
    """Tokens of the known characters of `part`, some of the pieces of `text`, which all together count `tokens`."""
    whole = literal_characters(text.pieces)
    some = literal_characters(part)
    if not some:
        return ZERO
    # Where holes stand in the text, its estimate and upper bound count them too: only the lower bound is of literals alone, and
    # lies where the text was counted by a ratio about 15 % below the likeliest number.
    holes = any(not isinstance(piece, Literal) for piece in text.pieces)
    likely = tokens.low * (1.15 if tokens.method == "ratio" else 1.0)
    share = some / whole
    low = math.floor(tokens.low * share)
    middle = max(low, round((min(likely, tokens.estimate) if holes else tokens.estimate) * share))
    high = None if tokens.high is None else tokens.high if holes else math.ceil(tokens.high * share)
    bound = _bound(low, part)
    return TokenCount(low, middle, max(middle, bound if high is None else min(high, bound)), tokens.method)


def _bound(low: int, part: Sequence[Piece]) -> int:
    """An upper bound for known text of which only the lower bound is counted, as beside a hole of unknown length.

    No estimator of ours is wider than two to one on ASCII text; 1.25 tokens a byte holds for every text.
    """
    literal = "".join(piece.text for piece in part if isinstance(piece, Literal))
    sure = math.ceil(1.25 * len(literal.encode("utf-8", "surrogatepass")))
    return min(sure, 2 * low + 8) if literal.isascii() else sure


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
