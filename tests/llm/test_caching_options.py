"""Caching switches beside the content: attributes on the way, beta headers wherever they are written, foreign markers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import requests

ASK = 'model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": "Q"}]'
BETA = "prompt-caching-2024-07-31"


@pytest.mark.parametrize(
    "source",
    [
        f"from anthropic import Anthropic\nAnthropic().messages.create({ASK}, extra_headers={{'anthropic-beta': '{BETA}'}})",
        f"from anthropic import Anthropic\nAnthropic().beta.messages.create({ASK}, betas=['files', '{BETA}'])",
        f"from anthropic import Anthropic\nAnthropic(default_headers={{'anthropic-beta': 'x, {BETA}'}}).messages.create({ASK})",
        f"from anthropic import Anthropic\nAnthropic().with_options(default_headers={{'anthropic-beta': '{BETA}'}})"
        f".messages.create({ASK})",
        f"import requests\nrequests.post('https://api.anthropic.com/v1/messages', headers={{'anthropic-beta': '{BETA}'}},"
        f" json=dict({ASK}))",
        f"import litellm\nlitellm.completion({ASK}, extra_headers={{'anthropic-beta': '{BETA}'}})",
        "from langchain_anthropic import ChatAnthropic\n"
        f"ChatAnthropic(model='claude-sonnet-4-5', default_headers={{'anthropic-beta': '{BETA}'}}).invoke('Q')",
        "from langchain_anthropic import ChatAnthropic\n"
        f"ChatAnthropic(model='claude-sonnet-4-5', model_kwargs={{'extra_headers': {{'anthropic-beta': '{BETA}'}}}}).invoke('Q')",
        f"import json, boto3\nboto3.client('bedrock-runtime').invoke_model(modelId='anthropic.claude-3-5-haiku-20241022-v1:0',"
        f" body=json.dumps({{'anthropic_beta': ['{BETA}'], 'messages': [{{'role': 'user', 'content': 'Q'}}]}}))",
    ],
)
def test_a_beta_is_found_wherever_it_is_written(tmp_path: Path, source: str) -> None:
    (request,) = requests(tmp_path, source)
    assert BETA in {option.name for option in request.caching_options if option.kind == "header"}


def test_attributes_on_the_way_are_kept(tmp_path: Path) -> None:
    known, guessed = requests(
        tmp_path,
        f"""
from anthropic import Anthropic
Anthropic().beta.prompt_caching.messages.create({ASK})
def ask(llm):
    llm.client.beta.prompt_caching.messages.create({ASK})
""",
    )
    for request in (known, guessed):
        assert [option.name for option in request.caching_options if option.kind == "attribute"] == ["beta", "prompt_caching"]


def test_a_marker_is_foreign_to_openai_alone(tmp_path: Path) -> None:
    marked = '[{"role": "system", "content": [{"type": "text", "text": "S", "cache_control": {"type": "ephemeral"}}]}]'
    openai, router, translated = requests(
        tmp_path,
        f"""
import litellm
from openai import OpenAI
OpenAI().chat.completions.create(model="gpt-4.1", messages={marked})
OpenAI(base_url="https://openrouter.ai/api/v1").chat.completions.create(model="x", messages={marked})
litellm.completion(model="gpt-4.1", messages={marked})
""",
    )
    assert [option.kind for option in openai.caching_options] == ["foreign"]
    assert openai.blocks[0].marker is None
    assert router.caching_options == ()
    assert router.blocks[0].marker is not None
    assert translated.caching_options == ()


def test_the_requests_own_marker_goes_to_routers(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
from openai import OpenAI
OpenAI(base_url="https://openrouter.ai/api/v1").chat.completions.create(
    model="x", messages=[{"role": "user", "content": "Q"}], extra_body={"cache_control": {"type": "ephemeral"}})
""",
    )
    assert request.automatic is not None
