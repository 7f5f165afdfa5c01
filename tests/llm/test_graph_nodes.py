"""Nodes of a graph that hold on to their model where they are handed over, however they hold on to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import SiteReplays
from tests.llm.requests_of import sites

DESK = """
from functools import partial
from typing import TypedDict
from elsewhere.states import Foreign
from langchain_anthropic import ChatAnthropic
from langchain_core.runnables import RunnableLambda
from langgraph.graph import StateGraph

class Ticket(TypedDict):
    text: str

def node(state, llm):
    return {{"text": llm.invoke([("system", "Be kind."), ("human", state["text"])]).content}}

def make(llm):
    def inner(state):
        return node(state, llm)
    return inner

class Skill:
    def __init__(self, llm):
        self.llm = llm

    def answer(self, state):
        return node(state, self.llm)

    def with_model(self, state, *, llm):
        return node(state, llm)

    def __call__(self, state):
        return node(state, self.llm)

def build(llm):
    graph = StateGraph({schema})
    {add}
    return graph.compile()

def run(text):
    return build(ChatAnthropic(model="claude-sonnet-4-6")).invoke({{"text": text}})
"""


def _asked(site: SiteReplays) -> set[tuple[str, str]]:
    """Provider and model of each variant."""
    return {(one.first.provider, one.first.model.literal if one.first.model else "") for one in site.replays}


HELD = [
    "partial(node, llm=llm)",
    "lambda state: node(state, llm)",
    "make(llm)",
    "Skill(llm).answer",
    "Skill(llm)",
    "partial(Skill(None).with_model, llm=llm)",
    "RunnableLambda(partial(node, llm=llm))",
]


@pytest.mark.parametrize("node", HELD)
@pytest.mark.parametrize("schema", ["Ticket", "dict", "Foreign"])
def test_a_node_keeps_what_it_holds_on_to_whatever_the_state(node: str, schema: str, tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=DESK.format(schema=schema, add=f'graph.add_node("skill", {node})'))
    assert _asked(site) == {("anthropic", "claude-sonnet-4-6")}


@pytest.mark.parametrize(
    "add",
    [
        'graph.add_node(node="skill", action=partial(node, llm=llm))',
        "graph.add_sequence([partial(node, llm=llm)])",
        'graph.add_sequence([("skill", partial(node, llm=llm))])',
    ],
)
def test_nodes_are_handed_over_by_name_and_in_a_row(add: str, tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=DESK.format(schema="dict", add=add))
    assert _asked(site) == {("anthropic", "claude-sonnet-4-6")}


def test_each_object_that_is_a_node_is_one(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
from langchain_anthropic import ChatAnthropic
from langgraph.graph import StateGraph

class Skill:
    def __init__(self, llm, prompt):
        self.llm, self.prompt = llm, prompt

    def run(self, state):
        return {"text": self.llm.invoke([("system", self.prompt), ("human", state["text"])]).content}

def build():
    llm = ChatAnthropic(model="claude-sonnet-4-6")
    graph = StateGraph(dict)
    graph.add_node("plan", Skill(llm, "Plan it.").run)
    graph.add_node("write", Skill(llm, "Write it.").run)
    return graph.compile()
""",
    )
    assert {replay.first.blocks[0].text.literal for replay in site.replays} == {"Plan it.", "Write it."}
