"""OpenAI's two generations, and money."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from auditor.cache.money import break_even, cost, rewrites, saving
from auditor.cache.outcome import Billing, TokenCount, Verdict
from auditor.cache.traffic import Traffic, apart, share
from auditor.knowledge.providers import load
from auditor.llm.request import Marker, Repetition, Request
from auditor.values.lifetime import Cause
from auditor.values.moment import Moment
from auditor.values.text import Text
from tests.cache.building import hole, message, question, request, run, system, tool, words

EXPLICIT = Marker("explicit", None)


def old(*blocks: object) -> Request:
    return request(*blocks, provider="openai", model="gpt-4o")  # type: ignore[arg-type]


def new(*blocks: object, **params: str) -> Request:
    return request(*blocks, provider="openai", model="gpt-5.6", **params)  # type: ignore[arg-type]


def test_the_longest_common_prefix_is_read_in_steps_of_128() -> None:
    result = run(*(old(system(words(3000)), question()) for _ in range(2)))
    first, second = result.billing
    assert first.read.estimate == 0
    assert second.read.estimate > 2500
    assert second.read.estimate % 128 == 0
    assert second.written.estimate == 0
    assert result.enabled
    assert result.implicit
    assert result.breakpoints == ()


@pytest.mark.parametrize(
    ("model", "retention", "hours", "is_read"),
    [
        ("gpt-4o", None, 0.9, True),
        ("gpt-4o", None, 1.1, False),
        ("gpt-5.2", None, 23, True),
        ("gpt-5.2", None, 25, False),
        ("gpt-5.2", "in_memory", 2, False),
        ("gpt-5.2", "24h", 2, True),
    ],
)
def test_what_is_cached_without_markers_is_gone_at_last(model: str, retention: str | None, hours: float, is_read: bool) -> None:
    first = request(system(words(3000)), question(), provider="openai", model=model)
    first = replace(first, params={} if retention is None else {"prompt_cache_retention": Text.of(retention)})
    later = replace(first, blocks=(first.blocks[0], question()), moment=Moment(hours * 3600, hours * 3600))
    assert (run(first, later).billing[1].read.estimate > 0) is is_read


def test_a_prefix_below_1024_is_not_read() -> None:
    assert run(*(old(system(words(700)), question()) for _ in range(2))).billing[1].read.estimate == 0


def test_a_difference_in_front_loses_everything() -> None:
    result = run(*(old(system(hole("now", cause=Cause.CLOCK), words(3000)), question()) for _ in range(2)))
    assert result.billing[1].read.estimate == 0
    assert result.divergences[0].lost.estimate > 2500


def test_part_of_a_block_is_read_by_the_old_generation_only() -> None:
    def blocks() -> tuple[object, ...]:
        return (message(0, words(3000), hole("question"), tail=True),)

    assert run(old(*blocks()), old(*blocks())).billing[1].read.estimate > 2500
    assert run(new(*blocks()), new(*blocks())).billing[1].read.estimate == 0


def test_the_new_generation_shares_the_developer_boundary() -> None:
    result = run(*(new(system(words(3000), role="developer"), question()) for _ in range(2)))
    assert result.billing[1].read.estimate > 2500
    assert result.implicit


def test_explicit_mode_writes_at_markers_only() -> None:
    mode = '{"mode": "explicit"}'
    bare = [new(system(words(3000)), question(), prompt_cache_options=mode) for _ in range(2)]
    assert not run(*bare).enabled
    assert run(*bare).billing[1].read.estimate == 0
    marked = [new(system(words(3000), marker=EXPLICIT), question(), prompt_cache_options=mode) for _ in range(2)]
    assert [item.verdict for item in run(*marked).breakpoints] == [Verdict.EFFECTIVE]


def test_only_the_latest_breakpoints_are_written() -> None:
    def five(mode: str) -> Request:
        marked = [system(words(2000, str(number)), marker=EXPLICIT) for number in range(5)]
        return new(*marked, question(), prompt_cache_options=f'{{"mode": "{mode}"}}')

    fates = {mode: [item.verdict for item in run(five(mode), five(mode)).breakpoints] for mode in ("explicit", "implicit")}
    assert fates["explicit"] == [Verdict.NEVER_READ, *[Verdict.EFFECTIVE] * 4]
    assert fates["implicit"] == [*[Verdict.NEVER_READ] * 2, *[Verdict.EFFECTIVE] * 3]


def test_a_key_per_request_partitions_the_cache() -> None:
    requests = [
        request(system(words(3000)), provider="openai", model="gpt-4o", prompt_cache_key=hole("uuid4()", cause=Cause.UUID))
        for _ in range(2)
    ]
    result = run(*requests)
    assert [(item.parameter, item.block) for item in result.divergences] == [("prompt_cache_key", 0)]
    assert result.billing[1].read.estimate == 0


def test_tools_stand_first() -> None:
    result = run(*(old(tool(str(hole("x"))), system(words(3000))) for _ in range(2)))
    assert result.divergences[0].block == 0


FACTS = load().lookup("anthropic", "claude-sonnet-4-5")


def tokens(number: int) -> TokenCount:
    return TokenCount(number, number, number)


def test_break_even() -> None:
    assert break_even(FACTS, "5m") == 1
    assert break_even(FACTS, "1h") == 2
    assert break_even(load().lookup("openai", "gpt-4o")) == 0
    assert break_even(load().lookup("anthropic", "claude-next")) is None


def test_saving_per_thousand_requests() -> None:
    found = saving(tokens(10_000), FACTS, Repetition.HANDLER, "5m")
    assert found is not None
    # 10 million tokens: 30 dollars uncached; cached 1 million at 3.75 and 9 million at 0.30
    assert found.usd_per_1000 == pytest.approx(30 - (3.75 + 9 * 0.30))
    assert found.tokens_per_request == 10_000
    assert saving(tokens(0), FACTS, Repetition.LOOP) is None
    assert saving(tokens(10_000), FACTS, Repetition.ONCE) is None
    assert saving(tokens(10_000), load().lookup("anthropic", None), Repetition.LOOP) is None


def test_traffic_says_how_many_requests_are_served() -> None:
    often, seldom = Traffic(requests_per_hour=60), Traffic(requests_per_hour=2)
    assert share(Repetition.HANDLER, 300, often)[0] == pytest.approx(1 - math.exp(-5))
    assert share(Repetition.HANDLER, 300, seldom)[0] == pytest.approx(1 - math.exp(-1 / 6))
    assert share(Repetition.HANDLER, 3600, seldom)[0] == pytest.approx(1 - math.exp(-2))
    assert share(Repetition.HANDLER, 300, Traffic(60, users=30), personal=True)[0] == share(Repetition.HANDLER, 300, seldom)[0]
    assert share(Repetition.CONVERSATION, 300, Traffic(turns=4))[0] == 0.75
    assert share(Repetition.HANDLER, 300, Traffic())[0] == 0.9
    assert "60 requests an hour: 99% come within 5 minutes" in share(Repetition.HANDLER, 300, often)[1]


def test_seldom_requests_save_nothing_by_being_cached() -> None:
    seldom = Traffic(requests_per_hour=1)
    assert saving(tokens(10_000), FACTS, Repetition.HANDLER, "5m", traffic=seldom) is None
    hour = saving(tokens(10_000), FACTS, Repetition.HANDLER, "1h", traffic=Traffic(requests_per_hour=6))
    assert hour is not None
    assert hour.usd_per_1000 > 20


def test_cost_of_a_request() -> None:
    assert cost(Billing(tokens(1_000_000), tokens(1_000_000), tokens(1_000_000)), FACTS, "1h") == pytest.approx(0.3 + 6 + 3)
    haiku = load().lookup("anthropic", "claude-haiku-5-5")
    assert cost(Billing(tokens(0), tokens(0), tokens(50_000)), haiku) == pytest.approx(0.005)
    assert cost(Billing(tokens(0), tokens(0), tokens(200_000)), haiku) == pytest.approx(0.1)
    assert cost(Billing(tokens(0), tokens(0), tokens(1)), None) is None


def test_what_users_of_their_own_prefix_lose() -> None:
    assert apart(Repetition.HANDLER, 300, Traffic())[0] == pytest.approx(0.4)
    stated = Traffic(60, users=30)
    alone, together = (share(Repetition.HANDLER, 300, stated, personal=one)[0] for one in (True, False))
    assert apart(Repetition.HANDLER, 300, stated)[0] == pytest.approx(together - alone)
    assert apart(Repetition.HANDLER, 300, Traffic(60))[0] == 0.0


def test_tokens_that_are_written_anew_now_and_then() -> None:
    found = rewrites(tokens(10_000), FACTS, 100, "one change in ten", "5m")
    assert found is not None
    assert found.usd_per_1000 == pytest.approx(10_000 * 100 * (3.75 - 0.3) / 1_000_000)
    assert found.assumptions.endswith("one change in ten")
    assert rewrites(tokens(10_000), FACTS, 0, "never") is None
    assert rewrites(tokens(10_000), None, 100, "no price") is None
