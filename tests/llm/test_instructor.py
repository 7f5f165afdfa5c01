"""Instructor: what is sent is the wrapped client's request, with the class of the answer as a tool."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import requests, sites

HEAD = """
import anthropic
import instructor
import litellm
import openai
from instructor import Instructor
from pydantic import BaseModel

class Person(BaseModel):
    name: str

"""
ASK = 'messages=[{"role": "user", "content": "Q"}], response_model=Person)\n'


@pytest.mark.parametrize(
    ("made", "called", "expected"),
    [
        ("instructor.from_anthropic(anthropic.Anthropic())", 'chat.completions.create(model="m", ', ("anthropic", "api", "m")),
        ("instructor.from_anthropic(anthropic.Anthropic())", 'messages.create(model="m", ', ("anthropic", "api", "m")),
        ("instructor.from_anthropic(anthropic.AnthropicBedrock())", 'create_partial(model="m", ', ("anthropic", "bedrock", "m")),
        (
            "instructor.from_openai(openai.OpenAI())",
            'chat.completions.create_with_completion(model="m", ',
            ("openai", "api", "m"),
        ),
        (
            "instructor.from_openai(openai.OpenAI(base_url='https://openrouter.ai/api/v1'))",
            'create(model="anthropic/m", ',
            ("anthropic", "api", "anthropic/m"),
        ),
        ("instructor.from_litellm(litellm.completion)", 'create(model="anthropic/m", ', ("anthropic", "api", "anthropic/m")),
        ("instructor.from_provider('anthropic/m')", "create(", ("anthropic", "api", "m")),
    ],
)
def test_whose_request_it_is(tmp_path: Path, made: str, called: str, expected: tuple[str, str, str]) -> None:
    (request,) = requests(tmp_path, f"{HEAD}client = {made}\nclient.{called}{ASK}")
    model = request.model.known if request.model is not None else None
    assert (request.provider, request.surface, model) == expected
    assert [(block.section.value, block.label) for block in request.blocks] == [
        ("tools", "tool Person"),
        ("messages", "messages[0]"),
    ]


def test_a_client_that_is_handed_over_is_what_the_file_wraps(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app=f"""{HEAD}
def ask(client: Instructor | None = None):
    client = client or instructor.from_anthropic(anthropic.Anthropic())
    return client.chat.completions.create(model="m", {ASK}

def other(client=None):
    client = client or instructor.from_anthropic(anthropic.Anthropic())
    return client.chat.completions.create(model="m", {ASK}
""",
    )
    assert [site.site.api for site in found] == ["anthropic.messages.create"] * 2


def test_the_wrapped_client_s_own_calls_stay_its_own(tmp_path: Path) -> None:
    source = f"{HEAD}client = instructor.from_openai(openai.OpenAI())\nclient.responses.create(model='m', input='Q')\n"
    assert [site.site.api for site in sites(tmp_path, app=source)] == ["openai.responses.create"]


def test_other_things_that_are_created_are_no_calls(tmp_path: Path) -> None:
    source = f"{HEAD}from shop import orders\ndef place(data):\n    return orders.create(name=data, messages=[])\n"
    assert not sites(tmp_path, app=source)
