"""Counting offline: bounds, ratios, o200k, holes, verdicts; never the network."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from auditor.cache import tokenizers
from auditor.cache.families import FAMILIES
from auditor.cache.outcome import ZERO, Certainty, TokenCount
from auditor.cache.tokens import Counter, Precision, against, total
from auditor.knowledge import vocabulary
from auditor.knowledge.providers import load
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.text import Alternative, Condition, Hole, Literal, Text
from tests.cache.building import hole, message, request, system, tool, words

ROOT = Path(__file__).parents[2]


def expected_hash() -> str:
    """The sha256 of the published file, from tiktoken's own table."""
    path = ROOT / "scripts" / "build_vocabulary.py"
    spec = importlib.util.spec_from_file_location("build_vocabulary", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.expected_hash())


@pytest.mark.checkout
def test_the_shipped_vocabulary_is_the_published_one() -> None:
    assert hashlib.sha256(vocabulary.tiktoken_file(vocabulary.o200k())).hexdigest() == expected_hash()


def test_pattern_and_special_tokens_are_the_published_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    openai_public = importlib.import_module("tiktoken_ext.openai_public")

    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda *_, **__: {})
    published = openai_public.o200k_base()
    assert published["pat_str"] == tokenizers.PATTERN
    assert published["special_tokens"] == tokenizers.encoding()._special_tokens


@given(st.lists(st.binary(min_size=1, max_size=255), max_size=20))
def test_packing_is_reversible(tokens: list[bytes]) -> None:
    assert vocabulary.unpack(vocabulary.pack(tokens)) == tokens


def test_counting_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    tokenizers.encoding.cache_clear()
    assert tokenizers.o200k("hello world") == 2
    for name in FAMILIES:
        assert Counter().string("hello world", name, Precision.EXACT).low >= 1


def test_bytes_load_no_tokenizer() -> None:
    code = (
        "import sys\n"
        "from tests.cache.building import MARK, request, run, system, question\n"
        "run(*(request(system('Be brief.', marker=MARK), question()) for _ in range(2)))\n"
        "assert not {'tiktoken', 'ctok', 'anthropic'} & set(sys.modules), 'loaded'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_known_counts() -> None:
    counter = Counter()
    assert counter.string("hello world", "o200k") == TokenCount(2, 2, 2, "o200k")
    assert counter.string("<|endoftext|>", "o200k").estimate > 1  # text, not a special token
    assert counter.string("", "o200k") == ZERO
    assert counter.string("\ud800 lone surrogate", "claude-v3").estimate > 0


def test_long_runs_without_spaces_take_no_time() -> None:
    assert tokenizers.o200k("a" * 300_000) > 1000
    assert "".join(tokenizers.chunks("ab c\n" * 20_000)) == "ab c\n" * 20_000


@pytest.mark.skipif(not tokenizers.has_ctok(), reason="ctok needs Python 3.12")
def test_ctok_narrows_the_interval() -> None:
    counter, text = Counter(), words(500)
    exact, rough = counter.string(text, "claude-v3", Precision.EXACT), counter.string(text, "claude-v3")
    assert exact.method == "ctok"
    assert exact.high is not None
    assert rough.high is not None
    assert rough.low <= exact.estimate <= exact.high <= rough.high
    assert exact.high - exact.low < rough.high - rough.low
    assert Counter(use_ctok=False).string(text, "claude-v3", Precision.EXACT) == rough
    assert counter.string("hello", "claude-v3", Precision.EXACT).estimate == 1


@given(st.text(max_size=200), st.sampled_from(sorted(FAMILIES)), st.sampled_from(list(Precision)))
@example("Ĝ", "claude", Precision.EXACT)
def test_intervals_are_ordered(text: str, name: str, precision: Precision) -> None:
    count = Counter().string(text, name, precision)
    assert count.high is not None
    assert 0 <= count.low <= count.estimate <= count.high
    # Linear in the bytes; capital letters outside of the vocabulary take marks beside them (ctok: 5 tokens for "Ĝ").
    assert count.high <= 2.5 * len(text.encode("utf-8", "surrogatepass")) + 5


def test_holes() -> None:
    counter = Counter()
    unknown = counter.count(Text.of("a ", hole("x")), "o200k")
    assert unknown.high is None
    assert unknown.low >= 1
    stamp = Hole("t", "now()", Lifetime.CALL, Cause.CLOCK, characters=(26, 26))
    assert counter.hole(stamp, "o200k") == TokenCount(0, 6, 26, "bytes")
    content = Hole("s", "set", Lifetime.CALL, Cause.SET_ORDER, content=Text.of(words(600)))
    known = counter.hole(content, "o200k")
    assert known.high is not None
    assert known.low > 500


def test_conditional_pieces_span_both_outcomes() -> None:
    either = Alternative(Condition("c", "flag", Lifetime.CALL), Text.of(words(60)), Text())
    count = Counter().count(Text((either, Literal("!"))), "o200k")
    assert count.low == 1
    assert count.high is not None
    assert count.high > 50


def test_neighbouring_literals_are_counted_as_one_text() -> None:
    counter = Counter()
    assert counter.count(Text((Literal("hel"), Literal("lo"))), "o200k") == counter.count(Text.of("hello"), "o200k")


@pytest.mark.parametrize(
    ("count", "verdict"),
    [
        (TokenCount(10, 20, 1023), Certainty.BELOW),
        (TokenCount(10, 20, 1024), Certainty.NEAR),
        (TokenCount(10, 20, None), Certainty.NEAR),
        (TokenCount(1500, 2000, None), Certainty.NEAR),
        (TokenCount(2048, 3000, None), Certainty.ABOVE),
    ],
)
def test_verdict_against_a_band(count: TokenCount, verdict: Certainty) -> None:
    assert against(count, (1024, 2048)) is verdict


def test_a_request_frame_is_counted_once_per_part() -> None:
    facts = load().lookup("anthropic", "claude-sonnet-4-5")
    counts = Counter().count_request(
        request(tool("{}"), tool("{}"), system("s"), message(0, "a"), message(0, "b"), message(1, "c", role="assistant")), facts
    )
    assert counts[0].estimate - counts[1].estimate == 496 + 4  # the tool prompt and the start of the request
    assert counts[3].estimate - counts[4].estimate == 3  # one message, one frame
    forced = Counter().count_request(request(tool("{}"), tool_choice='{"type": "any"}'), facts)
    assert forced[0].estimate - counts[0].estimate == 588 - 496


def test_total_of_nothing() -> None:
    assert total([]) == ZERO
