"""Whose model answers an OpenAI client: routers and gateways write the vendor into the model's id."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import requests


@pytest.mark.parametrize(
    ("client", "model", "provider", "surface"),
    [
        ('base_url="https://openrouter.ai/api/v1"', "anthropic/claude-sonnet-4.5", "anthropic", "api"),
        ('base_url=os.getenv("GATEWAY")', "anthropic/claude-haiku-4-5", "anthropic", "api"),
        ('base_url="http://gateway.internal/v1"', "anthropic/claude-opus-4-8", "anthropic", "api"),
        ("", "anthropic/claude-opus-4-8", "anthropic", "api"),
        ('base_url="https://openrouter.ai/api/v1"', "openai/gpt-5.5", "openai", "routed"),
        ('base_url="https://openrouter.ai/api/v1"', "openai/gpt-oss-120b", "openrouter", "compatible"),
        ('base_url="https://openrouter.ai/api/v1"', "deepseek/deepseek-chat-v3.1", "deepseek", "routed"),
        ('base_url="https://openrouter.ai/api/v1"', "deepseek/deepseek-r1-distill-llama-70b", "openrouter", "compatible"),
        ('base_url="https://openrouter.ai/api/v1"', "google/gemini-2.5-flash", "gemini", "routed"),
        ('base_url="https://openrouter.ai/api/v1"', "google/gemma-3-27b-it", "openrouter", "compatible"),
        ('base_url="https://openrouter.ai/api/v1"', "x-ai/grok-4", "xai", "routed"),
        ('base_url="http://gateway.internal/v1"', "openai/gpt-5.5", "compatible", "compatible"),
        ('base_url="https://api.x.ai/v1"', "grok-4", "xai", "compatible"),
        ('base_url="https://api.anthropic.com/v1/"', "claude-sonnet-4-5", "anthropic", "compatible"),
        ('base_url="http://gateway.internal/v1"', "claude-sonnet-4-5", "compatible", "compatible"),
        ("", "gpt-5.5", "openai", "api"),
    ],
)
def test_whose_model_answers(tmp_path: Path, client: str, model: str, provider: str, surface: str) -> None:
    (request,) = requests(
        tmp_path,
        f"""
import os
from openai import OpenAI
OpenAI({client}).chat.completions.create(model="{model}", messages=[{{"role": "user", "content": "Hi"}}])
""",
    )
    assert (request.provider, request.surface) == (provider, surface)


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ('"MiniMax-M2.5"', "compatible"),
        ('os.getenv("MODEL", "minimax/minimax-m2.5")', "compatible"),
        ('"glm-4.7"', "compatible"),
        ('"deepseek-chat"', "deepseek"),
        ('os.getenv("MODEL", "claude-sonnet-4-5")', "anthropic"),
        ('os.environ["MODEL"]', "anthropic"),
    ],
)
def test_other_vendors_speak_anthropic_s_protocol(tmp_path: Path, model: str, provider: str) -> None:
    (request,) = requests(
        tmp_path,
        f"""
import os
from anthropic import Anthropic
client = Anthropic(base_url=os.environ["GATEWAY"])
client.messages.create(model={model}, max_tokens=9, messages=[{{"role": "user", "content": "Hi"}}])
""",
    )
    assert request.provider == provider


def test_markers_are_handed_on_by_whatever_knows_the_id(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
import os
from openai import AsyncOpenAI

async def ask(question):
    client = AsyncOpenAI(base_url=os.environ["GATEWAY"])
    return await client.chat.completions.create(model="anthropic/claude-sonnet-4.5", messages=[
        {"role": "system", "content": [{"type": "text", "text": "S", "cache_control": {"type": "ephemeral"}}]},
        {"role": "user", "content": question}])
""",
    )
    assert [block.marker is not None for block in request.blocks] == [True, False]
    assert request.caching_options == ()


@pytest.mark.parametrize("model", ["openai/gpt-5.1", "openai/gpt-5.6"])
def test_a_marker_for_a_routed_model_of_openai_is_no_mistake(tmp_path: Path, model: str) -> None:
    (request,) = requests(
        tmp_path,
        f"""
from openai import OpenAI
OpenAI(base_url="https://openrouter.ai/api/v1").chat.completions.create(model="{model}", messages=[
    {{"role": "system", "content": [{{"type": "text", "text": "S", "cache_control": {{"type": "ephemeral"}}}}]}}])
""",
    )
    assert request.caching_options == ()
    assert request.blocks[0].marker is None
