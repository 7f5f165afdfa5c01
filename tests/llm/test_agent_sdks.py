"""Agent SDKs: what of their requests can be seen, and the look-alikes."""

from __future__ import annotations

from pathlib import Path

from tests.llm.requests_of import shape, sites


def test_openai_agents(tmp_path: Path) -> None:
    (run, computed) = sites(
        tmp_path,
        app="""
from agents import Agent, Runner, SQLiteSession, function_tool
@function_tool
def weather(city: str) -> str: ...
def speak(context, agent) -> str:
    return f"You talk to {context.context}."
agent = Agent(name="Guide", instructions="You guide.", tools=[weather], model="gpt-5.5")
async def main(question):
    await Runner.run(agent, question, session=SQLiteSession("1"))
    await Runner.run(starting_agent=agent.clone(instructions=speak), input="hello", context="Ada")
""",
    )
    request = run.replays[0].first
    assert run.site.api == "openai_agents.run"
    assert (request.provider, request.model.known if request.model else None) == ("openai", "gpt-5.5")
    assert [block.name for block in request.blocks[:1]] == ["weather"]
    assert shape(request)[1] == ("system", "developer", "You guide.")
    assert run.multi_turn
    assert shape(computed.replays[0].first)[1:] == [("system", "developer", "You talk to Ada."), ("messages", "user", "hello")]


def test_claude_agent_sdk(tmp_path: Path) -> None:
    query, client = sites(
        tmp_path,
        app="""
from datetime import datetime
from claude_agent_sdk import ClaudeAgentOptions, ClaudeSDKClient, query
async def main(task):
    async for message in query(prompt=task, options=ClaudeAgentOptions(system_prompt=f"Now: {datetime.now()}")):
        print(message)
    preset = {"type": "preset", "preset": "claude_code", "append": "Be brief."}
    async with ClaudeSDKClient(options=ClaudeAgentOptions(system_prompt=preset, model="claude-opus-5")) as client:
        await client.query("hello")
""",
    )
    request = query.replays[0].first
    assert [hole.cause.value for hole in request.blocks[1].text.holes()] == ["clock"]
    assert request.automatic is not None
    assert not request.automatic.written
    last = client.replays[0].first
    assert last.model is not None
    assert last.model.known == "claude-opus-5"
    assert [text for _, _, text in shape(last)][-2:] == ["Be brief.", "hello"]


def test_look_alikes_are_no_call_sites(tmp_path: Path) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").write_text("class Runner:\n    @staticmethod\n    def run(x): return x\n", "utf-8")
    found = sites(
        tmp_path,
        app="""
import claude_agent_sdk
from agents import Runner
def main(database):
    Runner.run("x")
    database.query("SELECT 1")
    query(prompt="x")
""",
    )
    assert not found
