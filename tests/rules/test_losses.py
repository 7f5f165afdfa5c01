"""Arithmetic over parts of a text, and where an interval stands against a minimum."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.cache.outcome import Certainty, TokenCount
from auditor.rulekit.losses import after, against, before, scaled
from auditor.values.lifetime import Lifetime
from auditor.values.text import Hole, Literal, Text

HOLE = Hole(("x",), "x", Lifetime.CALL)


@given(st.text(min_size=1), st.text(), st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 5000))
def test_a_part_is_an_interval_within_the_whole(left: str, right: str, low: int, more: int, most: int) -> None:
    text = Text((Literal(left), HOLE, Literal(right)))
    for high in (None, low + more + most):
        whole = TokenCount(low, low + more, high)
        parts = [scaled(whole, text, before(text, 1)), scaled(whole, text, after(text, 1))]
        for part in parts:
            assert 0 <= part.low <= part.estimate
            assert part.high is not None
            assert part.estimate <= part.high
        assert sum(part.low for part in parts) <= low


def test_literals_take_their_share() -> None:
    text = Text((Literal("a" * 300), Literal("b" * 100)))
    assert scaled(TokenCount(100, 100, 100, "exact"), text, text.pieces[:1]) == TokenCount(75, 75, 75, "exact")
    assert scaled(TokenCount(100, 100, 100, "exact"), text, ()) == TokenCount(0, 0, 0, "exact")


def test_beside_a_hole_the_upper_bound_stays_useful() -> None:
    text = Text((Literal("word " * 300), HOLE))
    part = scaled(TokenCount(300, 330, None), text, before(text, 1))
    assert part.high is not None
    assert part.high < 1024


@pytest.mark.parametrize(
    ("count", "minimum", "expected"),
    [
        (TokenCount(1024, 1024, 1024), (1024, 1024), Certainty.ABOVE),
        (TokenCount(1023, 1023, 1023), (1024, 1024), Certainty.BELOW),
        (TokenCount(900, 1000, 1100), (1024, 1024), Certainty.NEAR),
        (TokenCount(1000, 1000, None), (1024, 1024), Certainty.NEAR),
        (TokenCount(2000, 2000, 2000), (512, 4096), Certainty.NEAR),
        (TokenCount(9000, 9000, 9000), None, Certainty.NEAR),
    ],
)
def test_against_a_minimum(count: TokenCount, minimum: tuple[int, int] | None, expected: Certainty) -> None:
    assert against(count, minimum) is expected
