"""Whose models agents ask: models with a provider's object or a client, and chains of fallbacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import requests

PYDANTIC_AI = """
import os
from openai import AsyncAzureOpenAI, AsyncOpenAI
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.deepseek import DeepSeekProvider
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai import OpenAIProvider
Agent({model}, system_prompt="You run a shop.").run_sync("How many lamps?"{more})
"""

AGENTS = """
import os
from agents import Agent, OpenAIChatCompletionsModel, Runner
from openai import AsyncAzureOpenAI, AsyncOpenAI
Runner.run_sync(Agent(name="shop", instructions="You run a shop.", model={model}), "How many lamps?")
"""


@pytest.mark.parametrize(
    ("model", "meant"),
    [
        ('OpenAIChatModel("m")', ("openai", "api")),
        ('OpenAIChatModel("m", provider=DeepSeekProvider(api_key="k"))', ("deepseek", "compatible")),
        ('OpenAIChatModel("m", provider="deepseek")', ("deepseek", "compatible")),
        ('OpenAIChatModel("m", provider="azure")', ("openai", "azure")),
        ('OpenAIChatModel("m", provider=OllamaProvider())', ("compatible", "compatible")),
        ('OpenAIChatModel("m", provider=OpenAIProvider())', ("openai", "api")),
        ('OpenAIChatModel("m", provider=OpenAIProvider(base_url="http://localhost:11434/v1"))', ("compatible", "compatible")),
        ('OpenAIChatModel("m", provider=OpenAIProvider(openai_client=AsyncAzureOpenAI()))', ("openai", "azure")),
        ('FallbackModel(AnthropicModel("m"), OpenAIChatModel("n"))', ("anthropic", "api")),
    ],
)
def test_pydantic_ai(tmp_path: Path, model: str, meant: tuple[str, str]) -> None:
    (request,) = requests(tmp_path, PYDANTIC_AI.format(model=model, more=""))
    assert (request.provider, request.surface) == meant
    assert request.model is not None
    assert request.model.known == "m"


def test_a_run_without_a_model_of_its_own_asks_the_agents(tmp_path: Path) -> None:
    (request,) = requests(tmp_path, PYDANTIC_AI.format(model='AnthropicModel("m")', more=", model=None"))
    assert request.provider == "anthropic"


@pytest.mark.parametrize(
    ("client", "meant"),
    [
        ("AsyncOpenAI()", ("openai", "api")),
        ('AsyncOpenAI(base_url=os.getenv("BASE") or "https://api.openai.com/v1")', ("openai", "api")),
        ('AsyncOpenAI(base_url="https://openrouter.ai/api/v1")', ("openrouter", "compatible")),
        ("AsyncAzureOpenAI()", ("openai", "azure")),
    ],
)
def test_openais_agents(tmp_path: Path, client: str, meant: tuple[str, str]) -> None:
    (request,) = requests(tmp_path, AGENTS.format(model=f'OpenAIChatCompletionsModel(model="m", openai_client={client})'))
    assert (request.provider, request.surface) == meant
    assert request.model is not None
    assert request.model.known == "m"
