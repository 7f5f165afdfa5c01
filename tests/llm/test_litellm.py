"""LiteLLM requests: the model says whose they are, and Anthropic's markers are handed on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import requests, shape, sites


@pytest.mark.parametrize(
    ("model", "provider", "surface"),
    [
        ("anthropic/claude-sonnet-4-5", "anthropic", "api"),
        ("bedrock/us.anthropic.claude-3-5-haiku-20241022-v1:0", "anthropic", "bedrock"),
        ("vertex_ai/claude-sonnet-4-5", "anthropic", "vertex"),
        ("openrouter/anthropic/claude-sonnet-4.5", "anthropic", "api"),
        ("gpt-4.1", "openai", "api"),
        ("gemini/gemini-2.5-flash", "gemini", "api"),
        ("ollama/llama3", "unknown", "api"),
    ],
)
def test_whose_model_answers(tmp_path: Path, model: str, provider: str, surface: str) -> None:
    (request,) = requests(
        tmp_path,
        f'import litellm\nlitellm.completion("{model}", messages=[{{"role": "user", "content": "Hi"}}])\n',
    )
    assert (request.provider, request.surface) == (provider, surface)


def test_markers_on_content_and_on_messages(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
from litellm import completion
completion(model="anthropic/claude-sonnet-4-5", messages=[
    {"role": "system", "content": [{"type": "text", "text": "S", "cache_control": {"type": "ephemeral"}}]},
    {"role": "user", "content": "Q", "cache_control": {"type": "ephemeral", "ttl": "1h"}}])
""",
    )
    assert shape(request) == [("system", "system", "S"), ("messages", "user", "Q")]
    assert [block.marker.ttl if block.marker else "none" for block in request.blocks] == [None, "1h"]


def test_a_completion_of_something_else_is_none(tmp_path: Path) -> None:
    assert not sites(tmp_path, app="from shell import completion\ncompletion(['a', 'b'])\n")


def test_injection_points_mark_what_they_name(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
from litellm import completion
completion(
    model="anthropic/claude-sonnet-4-5",
    messages=[{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"},
        {"role": "user", "content": [{"type": "text", "text": "R"}, {"type": "text", "text": "T"}]}],
    tools=[{"type": "function", "function": {"name": "one"}}, {"type": "function", "function": {"name": "two"}}],
    cache_control_injection_points=[{"location": "message", "role": "system", "control": {"type": "ephemeral", "ttl": "1h"}},
        {"location": "message", "index": -1}, {"location": "tool_config"}])
""",
    )
    assert [(block.name or block.text.known, block.marker.ttl) for block in request.blocks if block.marker] == [
        ("two", None),
        ("S", "1h"),
        ("T", None),
    ]


def test_points_change_nothing_for_openai_s_models(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
from litellm import completion
completion(model="openai/gpt-5", messages=[{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}],
    cache_control_injection_points=[{"location": "message", "role": "system"}])
""",
    )
    assert not any(block.marker for block in request.blocks)


def test_a_router_s_name_stands_for_a_model(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
import os
from litellm import Router
router = Router(model_list=[
    {"model_name": "quick", "litellm_params": {"model": "openai/gpt-5-mini"}},
    {"model_name": "smart", "litellm_params": {"model": "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0",
        "aws_region_name": os.environ["REGION"]}},
])
router.completion(model="smart", messages=[{"role": "user", "content": "Q"}])
""",
    )
    assert (request.provider, request.surface) == ("anthropic", "bedrock")
    assert request.model is not None
    assert (request.model.known or "").startswith("bedrock/anthropic.claude-sonnet-4-5")


@pytest.mark.parametrize(
    ("points", "marked"),
    [
        ('[{"location": "message", "role": "system"}]', [0]),
        ('[{"location": "message", "role": "system"}, {"location": "message", "index": -1}]', [0, 3]),
        ('[{"location": "message", "role": "user", "control": {"type": "ephemeral", "ttl": "1h"}}]', [1, 3]),
        ('[{"location": "message", "index": 9}]', []),
        ("None", []),
    ],
)
def test_markers_that_it_is_asked_to_place(tmp_path: Path, points: str, marked: list[int]) -> None:
    (request,) = requests(
        tmp_path,
        f"""
from litellm import completion
completion(model="anthropic/claude-sonnet-4-5", cache_control_injection_points={points}, messages=[
    {{"role": "system", "content": "S"}}, {{"role": "user", "content": "Q"}},
    {{"role": "assistant", "content": "A"}}, {{"role": "user", "content": "R"}}])
""",
    )
    assert [index for index, block in enumerate(request.blocks) if block.marker is not None] == marked
    assert all(block.marker is None or not block.marker.unknown for block in request.blocks)


def test_points_that_are_not_known_mark_nothing_for_sure(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
import os
from litellm import completion
completion(model="anthropic/claude-sonnet-4-5", cache_control_injection_points=os.environ["POINTS"], messages=[
    {"role": "system", "content": "S"}, {"role": "user", "content": "Q"}])
""",
    )
    assert [block.marker is not None and block.marker.unknown for block in request.blocks] == [True, True]


def test_a_batch_sends_each_conversation(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
from litellm import batch_completion
def ask(one, other):
    return batch_completion(model="gpt-4.1", messages=[
        [{"role": "system", "content": "S"}, {"role": "user", "content": text}] for text in (one, other)])
""",
    )
    assert [shape(request)[0] for request in site.replays[0].requests[:2]] == [("system", "system", "S")] * 2


@pytest.mark.parametrize(("model", "provider"), [("os.environ['MODEL']", "anthropic"), ("'ollama/' + input()", "unknown")])
@pytest.mark.parametrize("marker", [', "cache_control": {"type": "ephemeral"}', ""])
def test_a_marker_tells_whose_model_it_is_where_its_name_does_not(tmp_path: Path, model: str, provider: str, marker: str) -> None:
    (request,) = requests(
        tmp_path,
        f"""
import os
import litellm
litellm.completion({model}, messages=[{{"role": "user", "content": [{{"type": "text", "text": "Q"{marker}}}]}}])
""",
    )
    assert request.provider == (provider if marker else "unknown")


def test_a_text_that_is_not_seen_is_not_empty(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        "import litellm\n"
        'part = {"type": "text", "text": ["no", "text"], "cache_control": {"type": "ephemeral"}}\n'
        'litellm.completion("anthropic/claude-sonnet-4-5", messages=[{"role": "user", "content": [part]}])\n',
    )
    (block,) = request.blocks
    assert [hole.reason for hole in block.text.holes()] != []
