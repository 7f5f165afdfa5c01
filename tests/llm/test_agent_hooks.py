"""Functions that say what an agent of LangChain sends: prompts, hooks before the model, middleware."""

from __future__ import annotations

from pathlib import Path

from auditor.llm.request import Kind, Request
from auditor.values.lifetime import Lifetime
from tests.llm.requests_of import shape, sites

AGENT = """
from datetime import datetime
from langchain.agents import create_agent
from langchain.agents.middleware import ModelRequest, before_model, dynamic_prompt
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import RemoveMessage, SystemMessage, trim_messages
from langgraph.checkpoint.memory import MemorySaver
from langgraph.graph.message import REMOVE_ALL_MESSAGES
from langgraph.prebuilt import create_react_agent

{functions}

claude = ChatAnthropic(model="claude-sonnet-4-5")
agent = {agent}

def ask(question: str, guest: str):
    return agent.invoke({{"messages": [("user", question)]}}, {{"configurable": {{"thread_id": guest, "name": "Ada"}}}})
"""
TURNS = [(Kind.STRETCH, Lifetime.TURN), (Kind.TEXT, Lifetime.CALL)]


def _asked(folder: Path, functions: str, agent: str) -> Request:
    (site,) = sites(folder, app=AGENT.format(functions=functions, agent=agent))
    return site.replays[0].first


def _turns(request: Request) -> list[tuple[Kind, Lifetime]]:
    return [(block.kind, block.text.lifetime) for block in request.blocks[1:]]


def test_a_prompt_that_is_a_function_makes_all_messages(tmp_path: Path) -> None:
    request = _asked(
        tmp_path,
        """
def prompt(state, config):
    return [SystemMessage(f"Help {config['configurable']['name']}."), *state["messages"]]
""",
        "create_react_agent(claude, [], prompt=prompt, checkpointer=MemorySaver())",
    )
    assert shape(request)[0] == ("system", "system", "Help Ada.")
    assert _turns(request) == TURNS


def test_a_prompt_that_middleware_makes(tmp_path: Path) -> None:
    request = _asked(
        tmp_path,
        """
@dynamic_prompt
def prompt(request: ModelRequest) -> str:
    if not request.messages:
        return "Say hello."
    return f"It is {datetime.now()}. {request.system_prompt}"
""",
        'create_agent(claude, tools=[], system_prompt="Be kind.", middleware=[prompt], checkpointer=MemorySaver())',
    )
    assert shape(request)[0] == ("system", "system", "It is {datetime.now()}. Be kind.")
    assert _turns(request) == TURNS


def test_a_hook_that_keeps_the_newest_messages(tmp_path: Path) -> None:
    request = _asked(
        tmp_path,
        """
def shorten(state):
    return {"llm_input_messages": trim_messages(state["messages"], strategy="last", max_tokens=900, token_counter=len)}
""",
        'create_react_agent(claude, [], prompt="Be kind.", pre_model_hook=shorten, checkpointer=MemorySaver())',
    )
    assert request.trimmed is not None
    assert request.trimmed.line == 13
    assert _turns(request) == TURNS


def test_middleware_that_puts_other_messages_in_place(tmp_path: Path) -> None:
    request = _asked(
        tmp_path,
        """
@before_model
def shorten(state, runtime):
    kept = state["messages"][-8:]
    return {"messages": [RemoveMessage(id=REMOVE_ALL_MESSAGES), *kept]}
""",
        'create_agent(claude, tools=[], system_prompt="Be kind.", middleware=[shorten], checkpointer=MemorySaver())',
    )
    assert request.trimmed is not None
    assert _turns(request) == TURNS
