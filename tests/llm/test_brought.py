"""Conversations that whoever asks brings along, that an interface's events hand over, or that a library keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import Repetition
from auditor.values.lifetime import Cause, Lifetime
from tests.llm.requests_of import sites

BODY = """
from typing import Any, Dict, List, Optional
from anthropic import Anthropic
from fastapi import FastAPI
from pydantic import BaseModel, Field

app = FastAPI()
client = Anthropic()

class Message(BaseModel):
    role: str
    content: str

class Ask(BaseModel):
    text: str
    past: {past}
    tone: Optional[str] = None
    note: str = ""
    size: Optional[int] = None
    terse: bool = False
    manner: str = "kind"

@app.post("/ask")
def ask(body: Ask):
    {messages}
    messages.append({{"role": "user", "content": body.text}})
    system = "Answer."
    if body.terse:
        system += " In one word."
    if body.tone:
        system += f" Sound {{body.tone}}."
    if body.note:
        system += f" Note: {{body.note}}"
    if body.size:
        system += f" Say {{body.size}} words."
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=system + body.manner, messages=messages)
"""

PAST = {
    "empty list": "List[Message] = []",
    "factory": "list[dict] = Field(default_factory=list)",
    "none": "Optional[List[Dict[str, Any]]] = None",
    "required": "list[Message]",
}
MESSAGES = {
    "as it is": "messages = list(body.past or [])",
    "each": 'messages = [{"role": one.role, "content": one.content} for one in body.past or []]',
}


@pytest.mark.parametrize("messages", MESSAGES.values(), ids=list(MESSAGES))
@pytest.mark.parametrize("past", PAST.values(), ids=list(PAST))
def test_a_body_may_bring_the_past(tmp_path: Path, past: str, messages: str) -> None:
    (site,) = sites(tmp_path, app=BODY.format(past=past, messages=messages))
    talks = [replay for replay in site.replays if replay.repetition is Repetition.CONVERSATION]
    assert talks
    for replay in talks:
        hole = next(hole for block in replay.first.blocks[1:] for hole in block.text.holes())
        assert (hole.lifetime, hole.cause) == (Lifetime.TURN, Cause.HISTORY)


def test_what_a_body_need_not_say_is_there_or_not(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=BODY.format(past="List[Message] = []", messages=MESSAGES["as it is"]))
    told = {replay.first.blocks[0].text.render() for replay in site.replays}
    assert "Answer.kind" in told
    assert any("In one word." in text for text in told)
    assert any("{body.tone}" in text for text in told)
    assert any("{body.note}" in text for text in told)
    assert not any("body.size" in text for text in told), "of a number, no prompt hangs on whether it is given"
    assert all(text.endswith("kind") for text in told), "a default that says something is what is meant"


EVENTS = """
import gradio as gr
from anthropic import Anthropic

client = Anthropic()

def respond(message, chat_history):
    messages = [{"role": one["role"], "content": one["content"]} for one in chat_history]
    messages.append({"role": "user", "content": message})
    answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=messages)
    chat_history.append({"role": "user", "content": message})
    chat_history.append({"role": "assistant", "content": answer.content[0].text})
    return "", chat_history

with gr.Blocks() as page:
    shown = gr.Chatbot(type="messages")
    asked = gr.Textbox()
    asked.submit(respond, [asked, shown], [asked, shown])
"""


def test_an_interface_has_its_events_handled_later(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=EVENTS)
    (replay,) = site.replays
    assert replay.repetition is Repetition.CONVERSATION
    past, asked = replay.first.blocks
    assert [hole.lifetime for hole in past.text.holes()] == [Lifetime.TURN]
    assert [(hole.lifetime, hole.cause) for hole in asked.text.holes()] == [(Lifetime.CALL, Cause.INPUT)]


STORED = """
import json
import redis
from anthropic import Anthropic
from fastapi import FastAPI

app = FastAPI()
store = redis.Redis()

@app.post("/ask/{key}")
def ask(key: str, text: str):
    messages = [json.loads(one) for one in store.lrange(key, 0, -1)]
    messages.append({"role": "user", "content": text})
    return Anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=messages)
"""


def test_messages_of_a_store_were_said_before(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=STORED)
    assert [replay.repetition for replay in site.replays] == [Repetition.CONVERSATION]


KEPT = """
from langchain.memory import ConversationBufferMemory
from langchain_anthropic import ChatAnthropic
from langchain_community.chat_message_histories import ChatMessageHistory
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder

llm = ChatAnthropic(model="claude-sonnet-4-5")
prompt = ChatPromptTemplate.from_messages([("system", "Answer."), MessagesPlaceholder("past"), ("human", "{input}")])
memory = ConversationBufferMemory(memory_key="past", return_messages=True)
said = ChatMessageHistory()

def chat(text):
"""
WAYS = {
    "variables": 'return (prompt | llm).invoke({"input": text, "past": memory.load_memory_variables({})["past"]})',
    "attribute": "return llm.invoke(prompt.format_messages(past=memory.chat_memory.messages, input=text))",
    "messages": "said.add_user_message(text)\n    return llm.invoke(said.messages)",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_a_librarys_memory_is_the_conversation(tmp_path: Path, way: str) -> None:
    (site,) = sites(tmp_path, app=KEPT + "    " + way)
    assert [replay.repetition for replay in site.replays] == [Repetition.CONVERSATION]


def test_a_chat_begins_with_the_past_that_a_request_brings(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
import google.generativeai as genai
from flask import Flask, request

app = Flask(__name__)

@app.post("/ask")
def ask():
    chat = genai.GenerativeModel("gemini-2.5-flash").start_chat(history=request.json["history"])
    return chat.send_message(request.json["text"]).text
""",
    )
    assert [replay.repetition for replay in site.replays] == [Repetition.CONVERSATION]
