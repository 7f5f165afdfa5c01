"""Sending methods that a program keeps under a name of its own and calls later."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import requests, sites

CHOSEN = """
import anthropic

client = anthropic.Anthropic()

def ask(question, servers):
    given = dict(model="claude-sonnet-4-5", max_tokens=9, system="Answer in one line.")
    opening = client.messages.stream
    if servers:
        opening = client.beta.messages.stream
        given["mcp_servers"] = servers
    with opening(messages=[{"role": "user", "content": question}], **given) as stream:
        return stream.get_final_message()
"""

HELD = """
from openai import OpenAI

class Desk:
    def __init__(self, key):
        self.client = OpenAI(api_key=key)
        self._complete = self.client.chat.completions.create

    def reply(self, text):
        return self._complete(model="gpt-5.5", messages=[
            {"role": "system", "content": "You answer letters."}, {"role": "user", "content": text}])
"""

WRAPPED = """
import anthropic

def patient(send):
    def sending(**given):
        for _ in range(3):
            try:
                return send(**given)
            except anthropic.RateLimitError:
                continue
    return sending

create = patient(anthropic.Anthropic().messages.create)

def sort(letter):
    return create(model="claude-haiku-4-5", max_tokens=9, system="One word.", messages=[{"role": "user", "content": letter}])
"""


def test_the_call_through_a_variable_is_the_call_site(tmp_path: Path) -> None:
    found = sites(tmp_path, app=CHOSEN)
    assert {(site.site.function, site.site.place.line) for site in found} == {("ask", 12)}


def test_a_method_that_an_object_keeps(tmp_path: Path) -> None:
    (request,) = requests(tmp_path, HELD)
    assert request.blocks[0].text.render() == "You answer letters."


def test_a_method_that_is_wrapped_first(tmp_path: Path) -> None:
    (request,) = requests(tmp_path, WRAPPED)
    assert [block.text.render() for block in request.blocks] == ["One word.", "{letter}"]


def test_a_method_with_arguments_of_its_own(tmp_path: Path) -> None:
    source = "from functools import partial\n" + WRAPPED.replace("create = patient(", "create = partial(")
    (site,) = sites(tmp_path, app=source)
    assert site.site.function == "sort"


def test_names_of_other_methods_are_no_call_sites(tmp_path: Path) -> None:
    assert not sites(tmp_path, app="import shelf\nput = shelf.Shelf().items.create\n\ndef store(x):\n    return put(model=x)\n")


NAMED = """
import anthropic

client = anthropic.Anthropic()

def patient(send, **given):
    for _ in range(3):
        try:
            return send(**given)
        except anthropic.RateLimitError:
            continue

def reply(text):
    return patient(HANDED, model="claude-sonnet-4-5", max_tokens=9, messages=[{"role": "user", "content": text}])
"""

CHAIN = """
from langchain_anthropic import ChatAnthropic
from langchain_core.prompts import ChatPromptTemplate

prompt = ChatPromptTemplate.from_messages([("system", "You answer letters."), ("human", "{letter}")])
chain = prompt | ChatAnthropic(model="claude-sonnet-4-5")

def work(step, given):
    return step(given)

def reply(text: str):
    return work(HANDED)
"""


@pytest.mark.parametrize(
    ("source", "handed", "line", "said"),
    [
        (NAMED, "client.messages.create", 14, ["{text}"]),
        (NAMED, "send=client.messages.create", 14, ["{text}"]),
        (CHAIN, 'chain.invoke, {"letter": text}', 12, ["You answer letters.", "{text}"]),
        (CHAIN, 'given={"letter": text}, step=chain.invoke', 12, ["You answer letters.", "{text}"]),
    ],
)
def test_a_sending_method_is_handed_over_by_place_or_by_name(
    source: str, handed: str, line: int, said: list[str], tmp_path: Path
) -> None:
    (site,) = sites(tmp_path, app=source.replace("HANDED", handed))
    assert site.site.place.line == line
    assert [block.text.render() for block in site.replays[0].first.blocks] == said
