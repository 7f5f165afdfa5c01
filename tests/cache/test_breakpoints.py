"""Anthropic's explicit and automatic breakpoints: verdicts, lookback, billing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.cache.outcome import Verdict
from auditor.llm.request import Block, Kind, Marker, Repetition, Request, Section
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.moment import Moment
from auditor.values.text import Text
from tests.cache.building import HOUR, MARK, hole, message, question, request, run, system, tool, words


def verdicts(*requests: Request, repetition: Repetition = Repetition.HANDLER) -> list[Verdict]:
    return [item.verdict for item in run(*requests, repetition=repetition).breakpoints]


def test_a_marker_on_a_stable_prefix_is_effective_and_billed() -> None:
    result = run(*(request(system(words(3000), marker=MARK), question()) for _ in range(3)))
    assert [item.verdict for item in result.breakpoints] == [Verdict.EFFECTIVE]
    first, second, _ = result.billing
    assert (first.read.estimate, second.written.estimate) == (0, 0)
    assert first.written.estimate == second.read.estimate > 2000
    assert result.enabled
    assert not result.implicit


def test_below_minimum_needs_no_tokenizer() -> None:
    (found,) = run(*(request(system("Be brief.", marker=MARK), question()) for _ in range(2))).breakpoints
    assert found.verdict is Verdict.BELOW_MINIMUM
    assert found.tokens.method == "bytes"


def test_near_minimum_of_models_that_disagree() -> None:
    blocks = (system(words(1200), marker=MARK), question())
    assert verdicts(request(*blocks, model=None), request(*blocks, model=None)) == [Verdict.NEAR_MINIMUM]


def test_a_marker_on_the_tail_is_never_read() -> None:
    requests = [request(system(words(3000)), question(marker=MARK)) for _ in range(2)]
    assert verdicts(*requests) == [Verdict.NEVER_READ]


def test_a_marker_behind_a_volatile_value_is_never_read() -> None:
    requests = [request(system(hole("now", cause=Cause.CLOCK), words(3000), marker=MARK), question()) for _ in range(2)]
    assert verdicts(*requests) == [Verdict.NEVER_READ]


def test_unknown_values_leave_the_verdict_open() -> None:
    requests = [request(system(hole("p", Lifetime.UNKNOWN), words(3000), marker=MARK), question()) for _ in range(2)]
    assert verdicts(*requests) == [Verdict.UNKNOWN]


def test_a_single_request_claims_nothing() -> None:
    assert verdicts(request(system(words(3000), marker=MARK)), repetition=Repetition.ONCE) == [Verdict.UNKNOWN]


def conversation(turns: int, marked: bool = True, step: int = 1) -> list[Request]:
    """Requests whose history grows; the marker moves with the last block. Each turn adds `step` assistant blocks."""
    head = system(words(3000))
    blocks: list[Block] = []
    found = []
    for turn in range(turns):
        asked = message(len(blocks), hole("question", same=False))
        blocks.append(asked)
        found.append(request(head, *blocks[:-1], replace(asked, marker=MARK if marked else None, per_request=True)))
        blocks += [message(len(blocks) + extra, f"step {turn}.{extra}", role="assistant") for extra in range(step)]
    return found


def test_a_moving_marker_is_read_through_the_lookback() -> None:
    assert verdicts(*conversation(3)) == [Verdict.EFFECTIVE]


@pytest.mark.parametrize(("step", "verdict"), [(18, Verdict.EFFECTIVE), (19, Verdict.NEVER_READ)])
def test_the_lookback_is_twenty_positions(step: int, verdict: Verdict) -> None:
    assert verdicts(*conversation(2, step=step)) == [verdict]


def test_runs_of_tool_calls_and_results_are_one_position_each() -> None:
    head, asked = system(words(3000)), message(0, "go", marker=MARK)
    calls = [message(1, f"call {n}", role="assistant", kind=Kind.TOOL_USE) for n in range(30)]
    results = [message(2, f"result {n}", kind=Kind.TOOL_RESULT) for n in range(30)]
    results[-1] = replace(results[-1], marker=MARK)
    assert verdicts(request(head, asked), request(head, replace(asked, marker=None), *calls, *results)) == [Verdict.EFFECTIVE]


def test_automatic_caching_moves_with_the_last_block() -> None:
    requests = [replace(item, automatic=Marker("ephemeral", None, written=False)) for item in conversation(3, marked=False)]
    result = run(*requests)
    assert [(item.block, item.verdict) for item in result.breakpoints] == [(1, Verdict.EFFECTIVE)]
    assert result.billing[2].read.estimate >= result.billing[1].read.estimate > 2000


def test_automatic_caching_skips_blocks_that_cannot_carry_it() -> None:
    thinking = Block(Section.MESSAGES, "assistant", Kind.THINKING, Text.of("hm"), message=1)
    one = request(system(words(3000)), message(0, "hi"), thinking, automatic=MARK)
    assert [item.block for item in run(one, one).breakpoints] == [1]


def test_automatic_caching_on_a_tail_is_never_read() -> None:
    requests = [request(system(words(3000)), question(), automatic=MARK) for _ in range(2)]
    assert verdicts(*requests) == [Verdict.NEVER_READ]


def test_a_changed_tool_choice_loses_messages_only() -> None:
    blocks = (tool(words(3000), marker=MARK), message(0, words(50), marker=MARK))
    requests = [request(*blocks, tool_choice=choice) for choice in ('{"type": "auto"}', '{"type": "any"}')]
    assert verdicts(*requests) == [Verdict.EFFECTIVE, Verdict.NEVER_READ]


def test_a_history_of_unknown_length_leaves_the_verdict_open() -> None:
    def ask() -> Request:
        history = Block(Section.MESSAGES, "?", Kind.STRETCH, Text.of(hole("history", Lifetime.TURN, Cause.HISTORY)), message=0)
        return request(system(words(3000), marker=MARK), history, question(1, marker=MARK))

    assert verdicts(ask(), ask()) == [Verdict.EFFECTIVE, Verdict.UNKNOWN]


def test_the_compatible_endpoint_caches_nothing() -> None:
    one = request(system(words(3000), marker=MARK), surface="compatible")
    assert not run(one, one).enabled


def test_cacheable_ends_at_the_first_certain_divergence() -> None:
    result = run(*(request(system(words(1500), marker=HOUR), question()) for _ in range(2)))
    assert result.cacheable.estimate == result.prefix_tokens[0].estimate
    once = run(request(system(words(1500)), question()), repetition=Repetition.ONCE)
    assert once.cacheable.estimate == once.prefix_tokens[0].estimate


def at(sent: Request, seconds: float) -> Request:
    return replace(sent, moment=Moment(seconds, seconds))


@pytest.mark.parametrize(
    ("times", "marker", "verdict"),
    [
        ((0, 200, 400), MARK, Verdict.EFFECTIVE),
        ((0, 301, 602), MARK, Verdict.EXPIRED),
        ((0, 301, 602), HOUR, Verdict.EFFECTIVE),
        ((0, 3601, 7202), HOUR, Verdict.EXPIRED),
        ((0, 280, 560, 840), MARK, Verdict.EFFECTIVE),  # each read prolongs the life
        ((0, 0, 3600, 3600), MARK, Verdict.EFFECTIVE),  # two requests in a row each hour
        ((0, 3600, 3600, 7200), MARK, Verdict.UNKNOWN),  # some later ones do read, of others
    ],
)
def test_entries_expire_unless_they_are_read(times: tuple[float, ...], marker: Marker, verdict: Verdict) -> None:
    requests = [at(request(system(words(3000), marker=marker), question()), time) for time in times]
    assert run(*requests).breakpoints[0].verdict is verdict


def test_what_expired_is_written_and_paid_again() -> None:
    requests = [at(request(system(words(3000), marker=MARK), question()), time) for time in (0, 100, 1000)]
    billing = run(*requests).billing
    assert [bool(item.read.estimate) for item in billing] == [False, True, False]
    assert [bool(item.written.estimate) for item in billing] == [True, False, True]
