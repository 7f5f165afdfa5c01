"""What values come to where they meet."""

from __future__ import annotations

import pytest

from auditor.accounting.forms import NOTHING, OPEN, UNSET, Amount, Quantity, added, count, factor_of, joined, one_of
from auditor.knowledge.usage import Counted
from auditor.places import Place

READ = count(Quantity(Counted.READ, "cache_read_input_tokens", "anthropic", Place("a.py", 1)))


@pytest.mark.parametrize("start", [NOTHING, UNSET, OPEN])
def test_what_a_cell_starts_with_gives_way_to_a_count(start: Amount) -> None:
    assert joined(start, READ) == READ == joined(READ, start)


def test_zero_or_something_unknown_is_unknown_in_a_sum_and_a_rate_by_its_name() -> None:
    either = one_of((None, NOTHING))
    total = added(READ, either)
    assert isinstance(total, Amount)
    assert total.rest
    rate = factor_of(either, "row['read']")
    assert rate is not None
    assert rate.symbols == ("row['read']",)
