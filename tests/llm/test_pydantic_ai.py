"""pydantic-ai's runs: instructions literal and computed, tools, settings, and the look-alikes that are none."""

from __future__ import annotations

from pathlib import Path

from auditor.llm.request import Repetition
from tests.llm.requests_of import requests, shape, sites

IMPORTS = """
from dataclasses import dataclass
from pydantic_ai import Agent, CachePoint, RunContext, Tool
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings
@dataclass
class Deps:
    name: str
"""


def test_a_run_with_everything(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        IMPORTS
        + """
def first(a: int): ...
agent = Agent("anthropic:claude-sonnet-4-5", system_prompt=["One.", "Two."], instructions=" Literal. ", tools=[Tool(first)],
    model_settings=AnthropicModelSettings(
        anthropic_cache_instructions="1h", anthropic_cache_tool_definitions=True, anthropic_cache=True))
@agent.instructions
def who(ctx: RunContext[Deps]) -> str:
    return f"For {ctx.deps.name}."
@agent.tool(retries=2)
async def second(ctx, q: str): ...
@agent.tool_plain
def third(q: str): ...
agent.run_sync("Hi", deps=Deps(name="Ada"))
""",
    )
    assert (request.provider, request.model.known if request.model else None) == ("anthropic", "claude-sonnet-4-5")
    assert [(block.name, block.marker.ttl if block.marker else None) for block in request.blocks[:3]] == [
        ("first", None),
        ("second", None),
        ("third", "5m"),
    ]
    assert shape(request)[3:] == [
        ("system", "system", "One.\n\nTwo."),
        ("system", "system", "Literal."),
        ("system", "system", "For Ada."),
        ("messages", "user", "Hi"),
    ]
    assert [block.marker.ttl if block.marker else None for block in request.blocks[3:]] == [None, "1h", None, None]
    assert request.automatic is not None


def test_a_conversation_and_cache_points(tmp_path: Path) -> None:
    first, second, pointed = sites(
        tmp_path,
        app=IMPORTS
        + """
agent = Agent(AnthropicModel("claude-haiku-4-5"), instructions="Chat.")
async def chat(text):
    result = await agent.run("Hello")
    await agent.run(text, message_history=result.all_messages())
    await agent.run(["long context", CachePoint(), "question"])
""",
    )
    assert not first.multi_turn
    assert second.multi_turn
    assert [block.label for block in second.replays[0].first.blocks][1] == "message_history[0:]"
    blocks = pointed.replays[0].first.blocks
    assert [block.marker is not None for block in blocks] == [False, True, False]


def test_the_common_cache_setting(tmp_path: Path) -> None:
    everything, nothing = requests(
        tmp_path,
        IMPORTS
        + """
agent = Agent("anthropic:claude-sonnet-4-5", instructions="Chat.")
agent.run_sync("a", model_settings={"cache": "1h"})
agent.run_sync("a", model_settings={"cache": True, "anthropic_cache_messages": False})
""",
    )
    assert everything.automatic is not None
    assert everything.automatic.ttl == "1h"
    assert everything.blocks[0].marker is not None
    assert nothing.automatic is None
    assert all(block.marker is None for block in nothing.blocks)


def test_look_alikes_are_no_call_sites(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app=IMPORTS
        + """
import asyncio, subprocess
def main(loop, server, runner):
    asyncio.run(server.start()); subprocess.run(["ls"]); loop.run_sync(main); runner.run("x"); server.run_stream("y")
""",
    )
    assert not found


def test_settings_that_are_parameters_of_requests(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModelSettings
agent = Agent("openai:gpt-5.1", model_settings=OpenAIChatModelSettings(openai_prompt_cache_key="desk", temperature=0.2))
agent.run_sync("Hi")
""",
    )
    assert request.params["prompt_cache_key"].known == "desk"


def test_an_agent_that_is_served_gets_the_conversation_so_far(tmp_path: Path) -> None:
    """A client's adapter and the library's own chats run the agent with the turns before and what the user says."""
    adapter, cli = sites(
        tmp_path,
        app="""
from fastapi import FastAPI, Request
from pydantic_ai import Agent
from pydantic_ai.ui.vercel_ai import VercelAIAdapter

app = FastAPI()
agent = Agent("anthropic:claude-sonnet-4-5", instructions="You answer briefly.")

@app.post("/chat")
async def chat(request: Request):
    return await VercelAIAdapter.dispatch_request(request, agent=agent)

def talk():
    agent.to_cli_sync()
""",
    )
    for site in (adapter, cli):
        assert shape(site.replays[0].first) == [
            ("system", "system", "You answer briefly."),
            ("messages", "?", "{earlier turns}"),
            ("messages", "user", "{what the user says}"),
        ]
        assert site.replays[0].repetition is Repetition.CONVERSATION


def test_an_adapter_of_another_library_is_no_call_site(tmp_path: Path) -> None:
    source = "from pydantic_ai import Agent\nfrom elsewhere import VercelAIAdapter\nagent = Agent('openai:gpt-4.1')\n"
    assert not sites(tmp_path, app=f"{source}VercelAIAdapter.dispatch_request(input(), agent=agent)\n")
