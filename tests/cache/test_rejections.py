"""What the API answers with an error, in its own words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.cache.outcome import Verdict
from auditor.llm.request import Block, CallSite, ExplicitCache, Kind, Marker, Section
from auditor.places import Place
from auditor.values.text import Text
from tests.cache.building import HOUR, MARK, message, request, run, system, tool, words


def codes(
    *blocks: Block,
    automatic: Marker | None = None,
    provider: str = "anthropic",
    surface: str = "api",
    model: str = "claude-sonnet-4-5",
    options: str | None = None,
) -> list[str]:
    sent = request(*blocks, provider=provider, surface=surface, model=model, automatic=automatic)
    if options is not None:
        sent = replace(sent, params={"prompt_cache_options": Text.of(options)})
    return [item.code for item in run(sent).rejections]


def test_four_markers_are_accepted_and_five_refused() -> None:
    five = [system(words(20, str(number)), marker=MARK) for number in range(5)]
    assert codes(*five[:4]) == []
    result = run(request(*five))
    (found,) = result.rejections
    assert found.code == "too-many-breakpoints"
    assert found.message == "A maximum of 4 blocks with cache_control may be provided. Found 5."
    assert found.block == 4
    assert result.breakpoints[-1].verdict is Verdict.REJECTED
    assert result.billing[0].uncached.estimate == 0


def test_the_automatic_marker_takes_a_slot_unless_it_adds_nothing() -> None:
    four = [system(words(20, str(number)), marker=MARK) for number in range(4)]
    assert codes(*four, message(0, "q"), automatic=MARK) == ["too-many-breakpoints"]
    assert codes(*four, automatic=MARK) == []


def test_an_automatic_marker_of_another_lifetime_conflicts() -> None:
    assert codes(message(0, "q", marker=HOUR), automatic=MARK) == ["automatic-conflict"]


def test_longer_lifetimes_come_first() -> None:
    assert codes(tool("t", marker=HOUR), system("s", marker=MARK)) == []
    (found,) = run(request(tool("t", marker=MARK), system("s", marker=HOUR))).rejections
    assert (found.code, found.block) == ("ttl-order", 1)
    assert found.message.startswith("system.0.cache_control.ttl: a ttl='1h' cache_control block must not come after")


@pytest.mark.parametrize(
    ("block", "code"),
    [
        (Block(Section.MESSAGES, "assistant", Kind.THINKING, Text.of("hm"), message=0, marker=MARK), "thinking"),
        (message(0, "", marker=MARK), "empty-text"),
        (replace(tool("t", marker=MARK), deferred=True), "deferred-tool"),
        (message(0, "r", kind=Kind.TOOL_RESULT, marker=Marker("ephemeral", None, nested=True)), "marker-place"),
        (message(0, "r", marker=Marker("ephemeral", None, misplaced="message")), "marker-place"),
        (system("s", marker=Marker("permanent", None)), "marker-value"),
        (system("s", marker=Marker(None, None)), "marker-value"),
        (system("s", marker=Marker("ephemeral", "10m")), "marker-value"),
    ],
)
def test_refused_markers(block: Block, code: str) -> None:
    result = run(request(block))
    assert [item.code for item in result.rejections] == [code]
    assert [item.verdict for item in result.breakpoints] == [Verdict.REJECTED]


@pytest.mark.parametrize(
    "marker",
    [
        Marker("ephemeral", "5m"),
        Marker("?", "?"),
        Marker("permanent", None, unknown=True),
        Marker("ephemeral", None, nested=True, nested_last=True),
    ],
)
def test_markers_that_are_right_or_unread_reject_nothing(marker: Marker) -> None:
    assert codes(message(0, "r", kind=Kind.TOOL_RESULT, marker=marker)) == []


def test_wording_of_values() -> None:
    (found,) = run(request(system("s", marker=Marker("ephemeral", "10m")))).rejections
    assert found.message == "system.0.cache_control.ttl: Input should be '5m' or '1h'"


def test_old_models_on_bedrock_refuse_the_top_level_switch() -> None:
    assert codes(message(0, "q"), automatic=MARK, surface="bedrock", model="anthropic.claude-opus-4-6-v1") == [
        "unsupported-option"
    ]
    assert codes(message(0, "q"), automatic=MARK, surface="bedrock", model="anthropic.claude-opus-4-8-v1") == []


def test_options_of_the_newer_openai_generation() -> None:
    options = '{"mode": "explicit"}'
    assert codes(message(0, "q"), provider="openai", model="gpt-4o", options=options) == ["unsupported-option"]
    assert codes(message(0, "q"), provider="openai", model="gpt-5.6", options=options) == []
    assert codes(message(0, "q"), provider="openai", model="our-deployment", options=options) == []
    chat = CallSite("openai.chat.completions.create", Place("app.py", 1), "ask")
    for written, in_chat, in_responses in (
        ('{"mode": "explicit", "ttl": "12h"}', True, False),
        ('{"ttl": "30m"}', False, False),
        ('{"mode": "manual"}', True, True),
        ('{"prewarm": true}', False, False),
    ):
        sent = request(message(0, "q"), provider="openai", model="gpt-6-sol", prompt_cache_options=written)
        assert bool(run(replace(sent, site=chat)).rejections) is in_chat
        assert bool(run(sent).rejections) is in_responses
    marked = message(0, "q", marker=Marker("explicit", None))
    assert codes(marked, provider="openai", model="gpt-5.2") == ["unsupported-option"]
    assert codes(marked, provider="openai", model="gpt-6-sol") == []


@pytest.mark.parametrize(
    ("model", "value", "refused"),
    [
        ("gpt-4o-mini", "24h", True),
        ("gpt-5.1", "24h", False),
        ("gpt-5.1", "48h", True),
        ("gpt-5.5", "in_memory", True),
        ("our-deployment", "48h", False),
    ],
)
def test_retention_that_a_model_does_not_have(model: str, value: str, refused: bool) -> None:
    result = run(request(message(0, "q"), provider="openai", model=model, prompt_cache_retention=value))
    assert [item.option for item in result.rejections] == (["prompt_cache_retention"] if refused else [])


def test_amazons_own_models_take_fewer_cache_points() -> None:
    point, hour = Marker("default", None), Marker("default", "1h")
    assert codes(system("s", marker=point), provider="bedrock", model="us.amazon.nova-lite-v1:0") == []
    assert codes(tool("t", marker=point), provider="bedrock", model="us.amazon.nova-lite-v1:0") == ["marker-place"]
    assert codes(system("s", marker=hour), provider="bedrock", model="us.amazon.nova-lite-v1:0") == ["marker-value"]
    assert codes(tool("t", marker=hour), provider="bedrock", model="us.anthropic.claude-opus-4-8-v1") == []


@pytest.mark.parametrize(
    ("cache", "words"),
    [
        (ExplicitCache(own=("tools",)), "CachedContent can not be used"),
        (
            ExplicitCache(model=Text.of("models/gemini-2.5-pro"), blocks=1),
            "(gemini-3.6-flash) and CachedContent (gemini-2.5-pro)",
        ),
        (ExplicitCache(model=Text.of("gemini-3.6-flash-001"), blocks=1), ""),
        (ExplicitCache(own=("tools",), sure=False), ""),
    ],
)
def test_explicit_caches_that_are_refused(cache: ExplicitCache, words: str) -> None:
    sent = replace(request(message(0, "q"), provider="gemini", model="models/gemini-3.6-flash"), cache=cache)
    found = [item.message for item in run(sent).rejections]
    assert len(found) == bool(words)
    assert all(words in message for message in found)
