"""A class that is there to be derived from sends what its derived classes make it send; a constructor may make its own client."""

from __future__ import annotations

from pathlib import Path

from tests.llm.requests_of import shape, sites

MODELS = """
from typing import Protocol

class Writer(Protocol):
    def write(self, system: str, question: str) -> str: ...

class ChatWriter:
    def __init__(self, chat):
        self._chat = chat

    def write(self, system: str, question: str) -> str:
        return self._chat.invoke([("system", system), ("human", question)]).content

def make_writer() -> ChatWriter:
    from langchain_openai import ChatOpenAI
    return ChatWriter(ChatOpenAI(model="gpt-5"))
"""
ANALYSTS = """
from models import Writer, make_writer

class Analyst:
    def __init__(self, writer: Writer | None = None):
        self._writer = writer if writer is not None else make_writer()

    def judge(self, company: str) -> str:
        return self._writer.write(self.persona(), company)

    def persona(self) -> str:
        \"\"\"Every derived class has its own.\"\"\"
        raise NotImplementedError("persona")
"""
PERSONAS = """
from analysts import Analyst

class Value(Analyst):
    def persona(self) -> str:
        return "You look for value."

class Growth(Analyst):
    def persona(self) -> str:
        return "You look for growth."
"""


def test_a_template_method_is_run_for_each_implementation(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, models=MODELS, analysts=ANALYSTS, personas=PERSONAS)
    systems = {shape(replay.first)[0] for replay in site.replays}
    assert systems == {("system", "system", "You look for value."), ("system", "system", "You look for growth.")}
    assert {replay.first.model.known for replay in site.replays if replay.first.model is not None} == {"gpt-5"}


def test_an_unfinished_class_that_is_made_stands_for_itself(tmp_path: Path) -> None:
    source = """
        from openai import OpenAI

        class Bot:
            prompt = "You are a bot."

            def __init__(self):
                self.client = OpenAI()

            def stream(self, text):
                raise NotImplementedError

            def say(self, text):
                return self.client.responses.create(model="gpt-5", instructions=self.prompt, input=text)

        class Pirate(Bot):
            prompt = "You are a pirate."

            def stream(self, text):
                yield text

        bot = Bot()
    """
    (site,) = sites(tmp_path, app=source)
    assert {shape(replay.first)[0][2] for replay in site.replays} == {"You are a bot."}


def test_a_class_with_a_protocols_methods_implements_it(tmp_path: Path) -> None:
    source = """
        from typing import Protocol
        from openai import OpenAI

        class Model(Protocol):
            def complete(self, prompt: str) -> str: ...

        class Remote:
            def __init__(self):
                self.client = OpenAI()

            def complete(self, prompt: str) -> str:
                return self.client.responses.create(model="gpt-5", instructions="Be brief.", input=prompt).output_text

        class Summary:
            def __init__(self, model: Model):
                self.model = model

            def of(self, text: str) -> str:
                return self.model.complete(f"Sum up: {text}")
    """
    (site,) = sites(tmp_path, app=source)
    assert [text for _, _, text in shape(site.replays[0].first)] == ["Be brief.", "Sum up: {text}"]
