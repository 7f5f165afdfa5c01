"""Earlier turns that are known by what they are: messages of a graph's state, stretches in which the model speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import Kind, Repetition
from auditor.values.lifetime import Lifetime
from tests.llm.requests_of import requests, shape, sites

GRAPH = """
from typing import Annotated, Any, TypedDict
from langchain_core.messages import AnyMessage, SystemMessage
from langchain_openai import ChatOpenAI
from langgraph.graph import MessagesState, StateGraph
from langgraph.graph.message import add_messages

{state}

llm = ChatOpenAI(model="gpt-4.1")

def answer({parameter}):
    return {{"messages": [llm.invoke([SystemMessage(content="Be kind."), *state["messages"]])]}}

def build():
    graph = StateGraph(Desk)
    graph.add_node("answer", answer)
    return graph.compile()
"""


@pytest.mark.parametrize(
    ("state", "parameter"),
    [
        ("class Desk(MessagesState):\n    mood: str", "state: Desk"),
        ("class Desk(TypedDict):\n    messages: Annotated[list[AnyMessage], add_messages]\n    mood: str", "state: 'Desk'"),
        ("class Desk(TypedDict):\n    messages: Annotated[list[AnyMessage], lambda a, b: a + b]", "state: dict[str, Any]"),
    ],
    ids=["library's", "declared", "handed to the graph"],
)
def test_a_node_gets_the_conversation(tmp_path: Path, state: str, parameter: str) -> None:
    (site,) = sites(tmp_path, app=GRAPH.format(state=state, parameter=parameter))
    assert site.replays[0].repetition is Repetition.CONVERSATION
    first = site.replays[0].first
    assert shape(first)[0] == ("system", "system", "Be kind.")
    assert [(block.kind, block.text.lifetime) for block in first.blocks[1:]] == [
        (Kind.STRETCH, Lifetime.TURN),
        (Kind.TEXT, Lifetime.CALL),
    ]


def test_another_dictionary_is_no_state(tmp_path: Path) -> None:
    source = GRAPH.format(state="class Desk(TypedDict):\n    messages: list[AnyMessage]", parameter="state: Desk")
    (site,) = sites(tmp_path, app=source)
    assert site.replays[0].repetition is Repetition.HANDLER


@pytest.mark.parametrize(
    ("kept", "cut"),
    [
        ('trim_messages(state["messages"], strategy="last", max_tokens=900, token_counter=len)', True),
        ('state["messages"][-12:]', True),
        ('[one for one in state["messages"] if one.content][-12:]', True),
        ('(state["messages"][-12:] if SETTINGS.short else state["messages"])', True),
        ('(state["messages"] if SETTINGS.long else state["messages"][-12:])', True),
        ('state["messages"]', False),
    ],
)
def test_a_node_that_sends_the_newest_messages_alone(tmp_path: Path, kept: str, cut: bool) -> None:
    source = GRAPH.replace("AnyMessage, SystemMessage", "AnyMessage, SystemMessage, trim_messages").replace(
        'state["messages"]', kept
    )
    (site,) = sites(tmp_path, app=source.format(state="class Desk(MessagesState):\n    mood: str", parameter="state: Desk"))
    assert {replay.repetition for replay in site.replays} == {Repetition.CONVERSATION}
    assert any(request.trimmed is not None for replay in site.replays for request in replay.requests) is cut


CHAT = """
from openai import OpenAI
client = OpenAI()

async def on_message(message):
    messages = [{{"role": "system", "content": "Be kind."}}]
    async for old in message.channel.history(limit=None):
        role = {role}
        messages.append({{"role": role, "content": old.content}})
    return client.chat.completions.create(model="gpt-4.1", messages=messages)
"""


@pytest.mark.parametrize(
    ("role", "repetition"),
    [
        ('"assistant" if old.author.bot else "user"', Repetition.CONVERSATION),
        ("old.role", Repetition.CONVERSATION),
        ('"user"', Repetition.HANDLER),
    ],
)
def test_messages_some_of_which_are_the_model_s(tmp_path: Path, role: str, repetition: Repetition) -> None:
    (site,) = sites(tmp_path, app=CHAT.format(role=role))
    assert {replay.repetition for replay in site.replays} == {repetition}


def test_the_newest_rows_of_a_chat_lose_their_front(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
import sqlite3
from google import genai
from google.genai import types
client = genai.Client()

def history(chat_id: int, limit: int = 50):
    rows = sqlite3.connect("turns.db").execute(
        "SELECT role, text FROM turns WHERE chat_id = ? ORDER BY id DESC LIMIT ?", (chat_id, limit)).fetchall()
    return [types.Content(role=role, parts=[types.Part(text=text)]) for role, text in reversed(rows)]

def answer(chat_id: int, question: str):
    chat = client.chats.create(model="gemini-2.5-flash", history=history(chat_id))
    return chat.send_message(question).text
""",
    )
    assert request.trimmed is not None
    assert request.trimmed.line == 8


def test_a_history_that_may_be_empty_is_cut_once_it_is_long(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
import json
import anthropic
from flask import Flask, request
from store import find
app = Flask(__name__)
client = anthropic.Anthropic()

def load(number):
    row = find(number)
    if not row:
        return []
    return json.loads(row.turns)

@app.post("/say")
def say():
    messages = [{"role": turn["role"], "content": turn["content"]} for turn in load(request.json["from"])]
    messages.append({"role": "user", "content": request.json["text"]})
    if len(messages) > 20:
        messages = messages[-20:]
    return client.messages.create(model="claude-haiku-4-5", max_tokens=900, messages=messages).content[0].text
""",
    )
    assert site.multi_turn is True
    trimmed = {request.trimmed.line for replay in site.replays for request in replay.requests if request.trimmed is not None}
    assert trimmed == {20}


@pytest.mark.parametrize(
    ("written", "lifetime"),
    [
        ("datetime.now().year", Lifetime.DEPLOY),
        ("date.today().month", Lifetime.DEPLOY),
        ("datetime.now().strftime('%B %Y')", Lifetime.DEPLOY),
        ("datetime.now().strftime('%d %B')", Lifetime.DAY),
        ("datetime.now().day", Lifetime.DAY),
        ("datetime.now().hour", Lifetime.DAY),
        ("datetime.now().replace(minute=0, second=0, microsecond=0)", Lifetime.DAY),
        ("datetime.now().replace(second=0, microsecond=0)", Lifetime.CALL),
        ("datetime.now().astimezone().tzinfo", Lifetime.DEPLOY),
        ("datetime.now().minute", Lifetime.CALL),
    ],
)
def test_how_long_a_part_of_the_date_lives(tmp_path: Path, written: str, lifetime: Lifetime) -> None:
    source = f"""
from datetime import date, datetime
from openai import OpenAI
def ask(question):
    return OpenAI().responses.create(model="gpt-4.1", instructions=f"It is {{{written}}}.", input=question)
"""
    (request,) = requests(tmp_path, source)
    assert request.blocks[0].text.lifetime is lifetime


def test_other_fields_of_a_state_are_not_their_defaults(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
from pydantic import BaseModel
from langchain_openai import ChatOpenAI
from langgraph.graph import StateGraph

class Desk(BaseModel):
    question: str = ""
    found: list[str] = []

def answer(state: Desk):
    if not state.found:
        return {"question": "What else?"}
    return ChatOpenAI(model="gpt-4.1").invoke([("system", "Be kind."), ("human", state.question)])

graph = StateGraph(Desk)
graph.add_node("answer", answer)
""",
    )
    assert shape(request) == [("system", "system", "Be kind."), ("messages", "user", "{state.question}")]


@pytest.mark.parametrize("node", ["lambda state: answer(state, model)", "partial(answer, model=model)"])
def test_a_node_that_holds_on_to_its_model_is_run_where_it_is_made(node: str, tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app=f"""
from functools import partial
from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from langgraph.graph import MessagesState, StateGraph

def answer(state, model: BaseChatModel):
    return {{"messages": [model.invoke([("system", "Be kind."), *state["messages"]])]}}

def build():
    model = ChatOpenAI(model="gpt-4.1")
    graph = StateGraph(MessagesState)
    graph.add_node("answer", {node})
    return graph.compile()

print(build())
""",
    )
    built = [replay for replay in site.replays if replay.first.provider == "openai"]
    assert built
    assert built[0].repetition is Repetition.CONVERSATION
    assert [block.kind for block in built[0].first.blocks] == [Kind.TEXT, Kind.STRETCH, Kind.TEXT]


def test_the_library_s_own_state_is_one(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
from langchain_openai import ChatOpenAI
from langgraph.graph import MessagesState

def answer(state: MessagesState):
    return {"messages": [ChatOpenAI(model="gpt-4.1").invoke([("system", "Be kind."), *state["messages"]])]}
""",
    )
    assert site.replays[0].repetition is Repetition.CONVERSATION
    assert [block.kind for block in site.replays[0].first.blocks] == [Kind.TEXT, Kind.STRETCH, Kind.TEXT]


RETOLD = """
from openai import OpenAI
client = OpenAI()

class Chat:
    def __init__(self):
        self.history = []

    def ask(self, text):
        so_far = "\\n".join(f"{turn['role']}: {turn['content']}" for turn in self.history[-10:])
        answer = client.chat.completions.create(
            model="gpt-4.1", messages=[{"role": "user", "content": f"So far:\\n{so_far}\\nNow: {text}"}])
        self.history.append({"role": "user", "content": text})
        self.history.append({"role": "assistant", "content": answer.choices[0].message.content})
        return answer
"""


def test_a_window_that_is_retold_has_no_trace_of_what_it_lost(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=RETOLD)
    first, second, *_ = site.replays[0].requests
    assert shape(first)[0][2].startswith("So far:\n\nNow: ")
    assert shape(second)[0][2].startswith("So far:\nuser: ")


@pytest.mark.parametrize(
    ("order", "trimmed"), [('"sent", desc=True', True), ('"sent", ascending=False', True), ('"sent"', False)]
)
def test_a_keyword_says_which_rows_are_asked_for(tmp_path: Path, order: str, trimmed: bool) -> None:
    (request,) = requests(
        tmp_path,
        f"""
import os
from anthropic import Anthropic
from supabase import create_client
client = Anthropic()

def history(chat_id: str, limit: int = 30):
    base = create_client(os.environ["URL"], os.environ["KEY"])
    answer = base.table("turns").select("role, content").eq("chat_id", chat_id).order({order}).limit(limit).execute()
    rows = answer.data or []
    rows.reverse()
    return rows

def reply(chat_id: str, text: str):
    messages = [{{"role": row["role"], "content": row["content"]}} for row in history(chat_id)]
    messages.append({{"role": "user", "content": text}})
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=99, messages=messages)
""",
    )
    assert (request.trimmed is not None) is trimmed
    assert request.kept == (30 if trimmed else None)


def test_an_answer_that_the_next_request_asks_about_is_no_history(tmp_path: Path) -> None:
    """What a tool is called with goes into the one message of another request."""
    source = """
    import anthropic
    client = anthropic.Anthropic()

    def choose(text):
        answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=99, messages=[{"role": "user", "content": text}])
        return answer.content[0].input

    def handle(text):
        chosen = choose(text)
        return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system="Read the request.",
            messages=[{"role": "user", "content": chosen.get("request", "")}])
    """
    for site in sites(tmp_path, app=source):
        assert {replay.repetition for replay in site.replays} == {Repetition.HANDLER}
        assert site.multi_turn is False


PAIRS = """
from anthropic import Anthropic
from rows import latest

class Desk:
    def __init__(self):
        self.told = []
        for row in latest(5):
            self.told.append({"role": "user", "content": row["question"]})
            self.told.append({"role": "assistant", "content": row["answer"]})

    def ask(self, text: str):
        messages = []
        {copy}
        messages.append({"role": "user", "content": text})
        return Anthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, messages=messages)
"""


@pytest.mark.parametrize(
    "copy",
    [
        "for one in self.told: messages.append(one)",
        "for one in self.told[-10:]: messages.append({'role': one['role'], 'content': one['content'].strip()})",
        "for one in self.told:\n            if one['role'] != 'system':\n                messages.append(one)",
    ],
)
def test_questions_and_answers_that_are_handed_on_one_by_one(copy: str, tmp_path: Path) -> None:
    """A loop over them meets answers too, not only what each pair begins with."""
    (site,) = sites(tmp_path, app=PAIRS.replace("{copy}", copy))
    first = site.replays[0].first
    assert (first.blocks[0].kind, first.blocks[0].text.lifetime) == (Kind.STRETCH, Lifetime.TURN)


STORED = """
import json, os, shelve
import redis
from anthropic import Anthropic
from telegram import Update
from telegram.ext import ContextTypes

store = redis.Redis()

def load(path):
    if os.path.exists(path):
        with open(path) as file:
            return json.load(file)
    return {"told": []}

async def on_text(update: Update, context: ContextTypes.DEFAULT_TYPE):
    user = update.effective_user.id
    {read}
    told.append({"role": "user", "content": update.message.text})
    answer = Anthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, system="Be brief.", messages=told)
    {answered}
    {write}
"""
STORES = {
    "a key of the user's": (
        """raw = store.get(f"told:{user}")
    told = json.loads(raw) if raw else []""",
        'store.set(f"told:{user}", json.dumps(told))',
    ),
    "a file of the user's": (
        'data = load(f"{user}.json")\n    told = data["told"]',
        'json.dump(data, open(f"{user}.json"))',
    ),
    "a shelf": ('told = shelve.open("told").get(str(user), [])', 'shelve.open("told")[str(user)] = told'),
    "what nobody knows": ("told = await context.application.history.of(user)", "await context.application.history.keep(told)"),
}
ANSWERED = 'told.append({"role": "assistant", "content": answer.content[0].text})'


@pytest.mark.parametrize("stored", STORES)
def test_a_history_that_a_store_gives_keeps_what_is_added(stored: str, tmp_path: Path) -> None:
    read, write = STORES[stored]
    code = STORED.replace("{read}", read).replace("{answered}", ANSWERED).replace("{write}", write)
    (site,) = sites(tmp_path, app=code)
    first = site.replays[0].first
    kinds = [(block.kind, block.role, block.text.lifetime) for block in first.blocks[1:]]
    assert kinds == [(Kind.STRETCH, "?", Lifetime.TURN), (Kind.TEXT, "user", Lifetime.CALL)]
    assert site.replays[0].repetition is Repetition.CONVERSATION


def test_what_a_request_adds_stays_its_own_where_the_answer_is_not_kept(tmp_path: Path) -> None:
    """The next request asks the store again, and nothing of this one is there."""
    read, _ = STORES["a key of the user's"]
    (site,) = sites(tmp_path, app=STORED.replace("{read}", read).replace("{answered}", "").replace("{write}", ""))
    assert {len(request.blocks) for request in site.replays[0].requests} == {3}


@pytest.mark.parametrize("raw", ["reply.content[0].text", "reply.content[0].text.strip()"])
def test_an_answer_that_is_said_again_once_is_no_conversation(raw: str, tmp_path: Path) -> None:
    """A second try shows the model its own answer, which is one text, and asks for another one."""
    (tmp_path / "app.py").write_text(
        f"""
import json
import anthropic

client = anthropic.Anthropic()

def judge(market):
    reply = client.messages.create(model="claude-opus-4-6", max_tokens=99, messages=[{{"role": "user", "content": market}}])
    raw = {raw}
    try:
        return json.loads(raw)
    except ValueError:
        again = client.messages.create(
            model="claude-opus-4-6",
            max_tokens=99,
            messages=[
                {{"role": "user", "content": market}},
                {{"role": "assistant", "content": raw}},
                {{"role": "user", "content": "Reply with the object only."}},
            ],
        )
        return json.loads(again.content[0].text)
"""
    )
    _, second = sites(tmp_path)
    assert {replay.repetition for replay in second.replays} == {Repetition.HANDLER}
    assert [block.kind for block in second.replays[0].first.blocks] == [Kind.TEXT] * 3


KEPT_BY_THE_BROWSER = """
import anthropic
from flask import Flask, request

app = Flask(__name__)
client = anthropic.Anthropic()

@app.post("/talk")
def talk():
    told = request.json
    turns = told.get("messages", [])
    last = turns[-1]["content"]
    reply = client.messages.create(
        model="claude-sonnet-4-5", max_tokens=9, system=f"The case: {told['case']} {last}", messages=turns
    )
    return reply.content[0].text
"""


def test_a_conversation_that_each_request_brings(tmp_path: Path) -> None:
    """Who asks keeps it; what else the request says belongs to it, but for what is taken from the messages themselves."""
    (site,) = sites(tmp_path, app=KEPT_BY_THE_BROWSER)
    (replay,) = site.replays
    assert replay.repetition is Repetition.CONVERSATION
    case, last = replay.first.blocks[0].text.holes()
    assert (case.lifetime, last.lifetime) == (Lifetime.SESSION, Lifetime.CALL)
    assert [(block.kind, block.text.lifetime) for block in replay.first.blocks[1:]] == [(Kind.STRETCH, Lifetime.TURN)]
