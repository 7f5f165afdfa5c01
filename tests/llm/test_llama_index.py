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


TOOLS = """
from llama_index.core import VectorStoreIndex
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool, QueryEngineTool
from llama_index.llms.openai import OpenAI

def add(x: int, y: int) -> int:
    \"\"\"Adds two numbers.\"\"\"
    return x + y

class Desk:
    def __init__(self, index: VectorStoreIndex):
        self.llm = OpenAI(model="gpt-4.1")
        self.handbook = QueryEngineTool.from_defaults(query_engine=index.as_query_engine(), description="The handbook.")
        self.tools = [FunctionTool.from_defaults(fn=add), self.handbook]

    def act(self, question):
        earlier = [ChatMessage(role="user", content="Hello"), ChatMessage(role="assistant", content="Hello!")]
        return self.llm.predict_and_call(self.tools, question, chat_history=earlier, verbose=True)

    def look_up(self, question):
        return self.handbook.query_engine.query(question)
"""


def test_a_model_is_sent_tools_and_what_the_user_says(tmp_path: Path) -> None:
    asked, looked_up = sites(tmp_path, app=TOOLS)
    first = asked.replays[0].first
    assert shape(first)[-3:] == [
        ("messages", "user", "Hello"),
        ("messages", "assistant", "Hello!"),
        ("messages", "user", "{question}"),
    ]
    assert first.blocks[0].section.value == "tools"
    assert shape(looked_up.replays[0].first)[-1][2].endswith("{question}")


def test_a_template_s_variables_are_filled_in(tmp_path: Path) -> None:
    first, second = requests(
        tmp_path,
        """
from llama_index.core import ChatPromptTemplate, PromptTemplate
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai import OpenAI
llm = OpenAI(model="gpt-4.1")
print(llm.predict(PromptTemplate("Name {n} rivers."), n=3))
parts = [ChatMessage(role="system", content="Be {how}."), ChatMessage(role="user", content="Hi")]
both = ChatPromptTemplate(message_templates=parts)
print(llm.structured_predict(dict, both, how="brief"))
""",
    )
    assert shape(first) == [("messages", "user", "Name 3 rivers.")]
    assert shape(second) == [("system", "system", "Be brief."), ("messages", "user", "Hi")]
