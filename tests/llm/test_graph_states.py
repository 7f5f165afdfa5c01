"""What a node of a graph finds in the state: what others wrote, what the graph is invoked with, and for how long it stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import Request, SiteReplays
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.text import Hole
from tests.llm.requests_of import shape, sites

GRAPH = """
from datetime import datetime
from functools import partial
from typing import Annotated, TypedDict
from fastapi import FastAPI
from langchain_chroma import Chroma
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import MemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.types import Command, Send

app = FastAPI()
llm = ChatOpenAI(model="gpt-4.1")
found = Chroma(collection_name="manuals").as_retriever()

class Desk(TypedDict):
    messages: Annotated[list, add_messages]
    question: str
    notes: str

{nodes}

def answer(state: Desk):
    return {{"messages": [llm.invoke([SystemMessage(content="Be kind. " + state["notes"]), *state["messages"]])]}}

def build():
    graph = StateGraph(Desk)
    graph.add_node("look", look)
    graph.add_node("answer", answer)
    graph.add_node("tools", ToolNode([]))
    graph.add_edge(START, "look")
    graph.add_edge("look", "answer")
    {loop}
    return graph.compile({saver})

@app.post("/ask")
def ask(question: str):
    return build().invoke({{"messages": [HumanMessage(content=question)], "question": question, {given}}})
"""

LOOP = 'graph.add_conditional_edges("answer", tools_condition); graph.add_edge("tools", "answer")'
SAVER = "checkpointer=MemorySaver()"


def _answers(folder: Path, nodes: str, loop: str = "", saver: str = "", given: str = "", graph: str = GRAPH) -> SiteReplays:
    found = sites(folder, app=graph.format(nodes=nodes, loop=loop, saver=saver, given=given))
    return next(site for site in found if site.site.function == "answer")


def _note(request: Request) -> Hole:
    (hole,) = request.blocks[0].text.holes()
    return hole


@pytest.mark.parametrize(
    ("look", "cause"),
    [
        ('def look(state: Desk):\n    return {"notes": found.invoke(state["question"])[0].page_content}', Cause.RETRIEVAL),
        ('def look(state: Desk):\n    made = {}\n    made["notes"] = state["question"]\n    return made', Cause.INPUT),
        ('def look(state: Desk):\n    state["notes"] = llm.invoke("Plan!").content\n    return state', Cause.RESPONSE),
        ('def look(state: Desk):\n    now = datetime.now().isoformat()\n    return Command(update={"notes": now})', Cause.CLOCK),
        ('def look(state: Desk):\n    return worked_out(state)\n\n'
         'def worked_out(state):\n    return {"notes": found.invoke("hours")[0].page_content}', Cause.RETRIEVAL),
        ('def look(state: Desk):\n    return [Send("answer", {"notes": part}) for part in state["question"].split()]',
         Cause.INPUT),
    ],
    ids=["returned", "put together", "put into the state", "command", "asked of another function", "sent"],
)  # fmt: skip
def test_what_another_node_wrote(tmp_path: Path, look: str, cause: Cause) -> None:
    site = _answers(tmp_path, look, saver=SAVER, loop=LOOP)
    notes = [_note(request) for request in site.replays[0].requests]
    assert {(note.lifetime, note.cause, note.reason) for note in notes} <= {
        (Lifetime.CALL, cause, None),
        (Lifetime.SESSION, cause, None),  # what is sent to one node lasts as long as that runs
    }
    assert notes[0].lifetime is (Lifetime.SESSION if "Send(" in look else Lifetime.CALL)


NOTES = 'def look(state: Desk):\n    return {"notes": llm.invoke("Plan!").content}'


@pytest.mark.parametrize(("loop", "saver", "stays"), [(LOOP, "", True), (LOOP, SAVER, False), ("", "", False)])
def test_a_node_that_is_come_back_to_finds_the_same(tmp_path: Path, loop: str, saver: str, stays: bool) -> None:
    site = _answers(tmp_path, NOTES, loop, saver)
    notes = [_note(request) for request in site.replays[0].requests]
    assert len(notes) == 3
    assert {note.lifetime for note in notes} == {Lifetime.SESSION if stays else Lifetime.CALL}
    assert len({note.identity for note in notes}) == (1 if stays else 3)


def test_what_the_graph_is_invoked_with(tmp_path: Path) -> None:
    site = _answers(tmp_path, "def look(state: Desk):\n    return {}", given='"notes": "The desk opens at nine."')
    assert shape(site.replays[0].first)[0] == ("system", "system", "Be kind. The desk opens at nine.")


def test_what_the_node_itself_writes_is_not_known(tmp_path: Path) -> None:
    graph = GRAPH.replace('return {{"messages": [llm', 'return {{"notes": "done", "messages": [llm')
    site = _answers(tmp_path, NOTES, graph=graph)
    assert _note(site.replays[0].first).reason is Reason.NO_CALLERS


def test_system_messages_that_the_graph_begins_with(tmp_path: Path) -> None:
    graph = GRAPH.replace('[SystemMessage(content="Be kind. " + state["notes"]), *state["messages"]]', 'state["messages"]')
    graph = graph.replace("[HumanMessage", '[SystemMessage(content="Follow the manual."), HumanMessage')
    site = _answers(tmp_path, NOTES, LOOP, graph=graph)
    first = site.replays[0].first
    assert shape(first)[0] == ("system", "system", "Follow the manual.")
    assert [block.text.lifetime for block in first.blocks[1:]] == [Lifetime.TURN, Lifetime.CALL]


def test_two_nodes_that_write_one_key(tmp_path: Path) -> None:
    graph = GRAPH.replace('    graph.add_node("tools"', '    graph.add_node("plan", plan)\n    graph.add_node("tools"')
    nodes = NOTES + '\n\ndef plan(state: Desk):\n    return {"notes": f"Asked: {state[\'question\']}"}'
    note = _note(_answers(tmp_path, nodes, graph=graph).replays[0].first)
    assert (note.expression, note.lifetime) == ("state['notes']", Lifetime.CALL)


def test_the_context_that_a_graph_is_run_with(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
import os
from dataclasses import dataclass, field
from datetime import datetime
from langchain.chat_models import init_chat_model
from langgraph.graph import MessagesState, StateGraph
from langgraph.runtime import Runtime

@dataclass(kw_only=True)
class Settings:
    instructions: str = field(default="Be kind. It is {now}.")
    model: str = "anthropic/claude-sonnet-4-5"

    def __post_init__(self):
        self.instructions = os.environ.get("INSTRUCTIONS", self.instructions)
        self.model = os.environ.get("MODEL", self.model)

async def answer(state: MessagesState, runtime: Runtime[Settings]):
    provider, name = runtime.context.model.split("/", maxsplit=1)
    llm = init_chat_model(name, model_provider=provider)
    system = runtime.context.instructions.format(now=datetime.now().isoformat())
    return {"messages": [await llm.ainvoke([{"role": "system", "content": system}, *state["messages"]])]}

graph = StateGraph(MessagesState, context_schema=Settings)
graph.add_node(answer)
""",
    )
    first = site.replays[0].first
    assert first.provider == "anthropic"
    assert shape(first)[0] == ("system", "system", "Be kind. It is {datetime.now().isoformat()}.")


CONFIGURED = """
from langchain_core.runnables import RunnableConfig
from langchain_openai import ChatOpenAI
from langgraph.graph import MessagesState, StateGraph

async def answer(state: MessagesState, config: RunnableConfig):
    chosen = config["configurable"]
    system = chosen["instructions"] + chosen.get("tone", "")
    return {"messages": [await chosen["llm"].ainvoke([("system", system), *state["messages"]])]}

graph = StateGraph(MessagesState)
graph.add_node("answer", answer)
desk = graph.compile()

async def ask(question: str, guest: str):
    llm = ChatOpenAI(model="gpt-4.1")
    config: RunnableConfig = {"configurable": {"thread_id": guest, "instructions": "Be kind.", "llm": llm}}
    return await run(desk, {"messages": [("user", question)]}, config)
"""


def test_the_configuration_that_a_graph_is_invoked_with(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=CONFIGURED)
    first = site.replays[0].first
    assert (first.model.known if first.model else None) == "gpt-4.1"
    assert shape(first)[0] == ("system", "system", "Be kind.")


ASKED = """
from dataclasses import dataclass
from typing import Any, Optional, TypedDict
from langchain_anthropic import ChatAnthropic
from langchain_core.runnables import RunnableConfig
from langchain_openai import ChatOpenAI
from langgraph.graph import MessagesState, StateGraph
from langgraph.runtime import Runtime

@dataclass
class Context:
    llm: Any

class Desk(MessagesState):
    llm: Any

def answer({parameters}):
    return {{"messages": [{llm}.invoke([("system", "Be kind."), *state["messages"]])]}}

graph = StateGraph({schema})
graph.add_node("answer", answer)
desk = graph.compile()
llm = ChatOpenAI(model="gpt-4.1")

def made(fast):
    return {{"llm": llm, "fast": fast}}

def ask(question, given):
    {asks}

def main(question):
    return ask(question, llm)
"""
CONFIG = ("state: MessagesState, config: RunnableConfig", 'config["configurable"]["llm"]')
RUNTIME = ("state: MessagesState, runtime: Runtime[Context]", "runtime.context.llm")
STATE = ("state: Desk", 'state["llm"]')


@pytest.mark.parametrize(
    ("node", "asks"),
    [
        (CONFIG, 'desk.invoke({}, config={"configurable": {"llm": llm}})'),
        (CONFIG, 'desk.invoke({}, {"configurable": made(True)})'),
        (CONFIG, 'desk.invoke({}, {"configurable": {"llm": given}})'),
        (CONFIG, 'models = {"llm": llm}; desk.invoke({}, {"configurable": models})'),
        (CONFIG, 'models = {}; models["llm"] = llm; desk.invoke({}, {"configurable": models})'),
        (CONFIG, 'models = {}; models.update(llm=llm); desk.invoke({}, {"configurable": models})'),
        (CONFIG, 'desk.invoke({}, {"configurable": {**made(False), "thread_id": question}})'),
        (CONFIG, 'desk.invoke({}, RunnableConfig(configurable={"llm": llm}))'),
        (CONFIG, 'desk.with_config(configurable={"llm": llm}).invoke({})'),
        (CONFIG, 'given["configurable"]["llm"] = llm; desk.invoke({}, given)'),
        (CONFIG, 'given["configurable"] = made(True); desk.invoke({}, given)'),
        ((CONFIG[0].replace(": RunnableConfig", ""), CONFIG[1]), 'desk.invoke({}, {"configurable": {"llm": llm}})'),
        ((CONFIG[0].replace("Runn", "Optional[Runn") + "]", CONFIG[1]), 'desk.invoke({}, {"configurable": {"llm": llm}})'),
        (RUNTIME, "desk.invoke({}, context=Context(llm=llm))"),
        (RUNTIME, "context = Context(given); desk.invoke({}, context=context)"),
        ((RUNTIME[0], 'runtime.context["llm"]'), 'desk.invoke({}, context={"llm": llm})'),
        (STATE, 'desk.invoke({"messages": [], "llm": llm})'),
        (STATE, 'desk.invoke({"messages": [], "llm": given})'),
        (STATE, 'first = {"messages": []}; first["llm"] = llm; desk.invoke(first)'),
    ],
)
def test_a_model_that_is_handed_to_the_graph(node: tuple[str, str], asks: str, tmp_path: Path) -> None:
    parameters, llm = node
    schema = "Desk" if node == STATE else "MessagesState"
    (site,) = sites(tmp_path, app=ASKED.format(parameters=parameters, llm=llm, schema=schema, asks=asks))
    assert {replay.first.provider for replay in site.replays} == {"openai"}


def test_a_graph_that_is_run_with_one_model_here_and_another_there(tmp_path: Path) -> None:
    (parameters, llm), asks = CONFIG, 'desk.invoke({}, {"configurable": {"llm": llm}})'
    other = 'desk.invoke({}, {"configurable": {"llm": ChatAnthropic(model="claude-sonnet-4-6")}})'
    program = ASKED.format(parameters=parameters, llm=llm, schema="MessagesState", asks=f"{asks}\n    {other}")
    (site,) = sites(tmp_path, app=program)
    assert {replay.first.provider for replay in site.replays} == {"openai", "anthropic"}


def test_a_context_of_another_type_is_not_meant(tmp_path: Path) -> None:
    parameters, llm = RUNTIME
    program = ASKED.format(parameters=parameters, llm=llm, schema="MessagesState", asks="desk.invoke({}, context=made)")
    assert not sites(tmp_path, app=program)


@pytest.mark.parametrize("node", ['Answer("Be kind.")', "answer"])
def test_an_object_that_is_a_node(tmp_path: Path, node: str) -> None:
    (site,) = sites(
        tmp_path,
        app=f"""
from langchain_openai import ChatOpenAI
from langgraph.graph import MessagesState, StateGraph

class Answer:
    def __init__(self, rules):
        self.rules = rules
        self.llm = ChatOpenAI(model="gpt-4.1")

    async def __call__(self, state):
        return {{"messages": [await self.llm.ainvoke([("system", self.rules), *state["messages"]])]}}

def build():
    answer = Answer("Be kind.")
    graph = StateGraph(MessagesState)
    graph.add_node("answer", {node})
    return graph.compile()
""",
    )
    first = site.replays[0].first
    assert shape(first)[0] == ("system", "system", "Be kind.")
    assert [block.text.lifetime for block in first.blocks[1:]] == [Lifetime.TURN, Lifetime.CALL]
