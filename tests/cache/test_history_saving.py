"""What earlier turns cost that are not read from the cache."""

from __future__ import annotations

import pytest

from auditor.cache.money import TURN_TOKENS, history
from auditor.knowledge.providers import load


def test_turns_that_nobody_caches_cost_the_input_price_and_would_be_written_once() -> None:
    facts = load().lookup("anthropic", "claude-sonnet-4-5", "api")
    found = history(facts, 11)
    assert found is not None
    held = 5 * TURN_TOKENS
    assert found.tokens_per_request == held
    assert found.usd_per_1000 == pytest.approx((held * (3 - 0.3) - TURN_TOKENS * (3.75 - 3)) * 1000 / 1e6)


def test_turns_that_are_written_each_time_cost_the_price_of_a_write() -> None:
    facts = load().lookup("anthropic", "claude-sonnet-4-5", "api")
    found = history(facts, 11, written=True)
    assert found is not None
    assert found.usd_per_1000 == pytest.approx(5 * TURN_TOKENS * (3.75 - 0.3) * 1000 / 1e6)


@pytest.mark.parametrize("turns", [0, 1])
def test_a_single_turn_has_no_history(turns: float) -> None:
    assert history(load().lookup("anthropic", "claude-sonnet-4-5", "api"), turns) is None


def test_unknown_prices_give_no_saving() -> None:
    assert history(None, 10) is None
