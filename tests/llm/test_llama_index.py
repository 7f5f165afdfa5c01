"""LlamaIndex requests: models, chat and query engines, agents."""

from __future__ import annotations

from pathlib import Path

from auditor.llm.request import Kind, Repetition
from tests.llm.requests_of import requests, shape, sites

MESSAGES = """
from llama_index.core.llms import ChatMessage, MessageRole
from llama_index.llms.{module} import {name} as Model

SYSTEM = "Answer briefly."

def ask(question):
    llm = Model(model="{model}")
    messages = [ChatMessage(role=MessageRole.SYSTEM, content=SYSTEM)]
    messages.append(ChatMessage(role="user", content=question))
    return llm.chat(messages).message.content
"""


def test_a_model_is_sent_messages(tmp_path: Path) -> None:
    (request,) = requests(tmp_path, MESSAGES.format(module="anthropic", name="Anthropic", model="claude-sonnet-4-5"))
    assert shape(request) == [("system", "system", "Answer briefly."), ("messages", "user", "{question}")]
    assert request.provider == "anthropic"
    assert request.model is not None
    assert request.model.known == "claude-sonnet-4-5"


def test_another_vendor_behind_openai_s_class(tmp_path: Path) -> None:
    source = MESSAGES.format(module="openai_like", name="OpenAILike", model="m")
    (request,) = requests(tmp_path, source.replace('"m"', '"m", api_base="https://openrouter.ai/api/v1"'))
    assert request.provider == "openrouter"


def test_a_prompt_is_completed(tmp_path: Path) -> None:
    source = "from llama_index.llms.openai import OpenAI\nprint(OpenAI(model='gpt-4.1').complete('Name a river.'))\n"
    (request,) = requests(tmp_path, source)
    assert shape(request) == [("messages", "user", "Name a river.")]


CHAT = """
from llama_index.core import VectorStoreIndex
from llama_index.llms.openai import OpenAI

class Desk:
    def __init__(self, index: VectorStoreIndex):
        self.engine = index.as_chat_engine(
            chat_mode="context", llm=OpenAI(model="gpt-4.1"), system_prompt="You answer from the handbook.")

    def ask(self, question):
        return str(self.engine.chat(question))
"""


def test_a_chat_engine_sends_what_it_finds_and_the_earlier_turns(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=CHAT)
    first = site.replays[0].first
    assert shape(first)[0] == ("system", "system", "You answer from the handbook.{retrieved documents}")
    assert [block.kind for block in first.blocks[1:]] == [Kind.STRETCH, Kind.TEXT]
    assert site.replays[0].repetition is Repetition.CONVERSATION
    assert first.model is not None
    assert first.model.known == "gpt-4.1"


def test_a_query_engine_sends_one_message(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
from llama_index.core import SimpleDirectoryReader, VectorStoreIndex
engine = VectorStoreIndex.from_documents(SimpleDirectoryReader("data").load_data()).as_query_engine(similarity_top_k=3)
print(engine.query("What does it say?"))
""",
    )
    assert shape(request) == [("messages", "user", "{the prompt of VectorStoreIndex}{retrieved documents}What does it say?")]


def test_another_library_s_query_is_none(tmp_path: Path) -> None:
    assert not sites(tmp_path, app="from sqlalchemy.orm import Session\ndef rows(session: Session):\n    session.query(1)\n")
