"""Tools that a library makes of functions: what the source says of them is known, what the library makes of it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import requests

PYDANTIC_AI = '''
from pydantic_ai import Agent, RunContext

agent = Agent("anthropic:claude-sonnet-4-5", system_prompt="You run a shop.")

@agent.tool
def stock(ctx: RunContext[int], article: str, limit: int = 5) -> list[str]:
    """Look up the "stock" of an article.

    Counts every house.

    Args:
        article: its number
    """
    return []

agent.run_sync("How many lamps?")
'''

RENAMED = '''
from pydantic_ai import Agent

agent = Agent("anthropic:claude-sonnet-4-5")

@agent.tool_plain(name="stock_of")
def stock(article: str) -> str:
    """Look up the stock."""
    return ""

agent.run_sync("How many lamps?")
'''

LANGCHAIN = '''
from langchain_anthropic import ChatAnthropic
from langchain_core.tools import tool

@tool
def stock(article: str, where) -> str:
    """Look up the stock of an article."""
    return ""

ChatAnthropic(model="claude-sonnet-4-5").bind_tools([stock]).invoke("How many lamps?")
'''

TOLD = "Look up the stock of an article."


@pytest.mark.parametrize(
    ("source", "literal"),
    [(PYDANTIC_AI, 'Look up the \\"stock\\" of an article.\\n\\nCounts every house.'), (LANGCHAIN, TOLD)],
)
def test_the_description_is_the_source_s(tmp_path: Path, source: str, literal: str) -> None:
    (request,) = requests(tmp_path, source)
    assert request.blocks[0].text.literal == literal


def test_how_long_the_rest_can_be_follows_from_the_parameters(tmp_path: Path) -> None:
    (request,) = requests(tmp_path, PYDANTIC_AI)
    *_, rest = request.blocks[0].text.holes()
    assert rest.characters[1] is not None
    assert 200 < rest.characters[1] < 1000


def test_what_a_decorator_says_otherwise_is_left_open(tmp_path: Path) -> None:
    (request,) = requests(tmp_path, RENAMED)
    assert request.blocks[0].text.literal == ""
