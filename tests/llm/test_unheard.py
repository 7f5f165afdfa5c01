"""Calls that no evaluation reached: told where nothing else is spelled so, left alone where another library's call is."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.values.lifetime import Reason
from tests.llm.requests_of import requests, sites

SMS = """
from functools import lru_cache
from sms.rest import Client
from settings import secrets

def _client() -> Client:
    return Client(secrets.account, secrets.token)

def send(to, body):
    given = {"to": to, "body": body}
    return _client().messages.create(**given)
"""


def test_another_library_s_messages_are_no_requests(tmp_path: Path) -> None:
    assert not sites(tmp_path, settings="import boto3\nsecrets = boto3.client('secretsmanager')\n", app=SMS)


def test_where_the_provider_is_named_the_call_is_told(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=SMS.replace("sms.rest", "gateways.anthropic"))
    assert site.site.function == "send"
    assert site.unknown == (("the call", Reason.UNREACHED),)


IDLE = """
from gateways.models import ask_all
{imports}

class Warmer:
    def __init__(self, chunks):
        self.on = False
        self.chunks = chunks

    def work(self):
        while self.on:
            {call}
"""
"""The switch is never turned on within the project."""


@pytest.mark.parametrize(
    ("imports", "call", "api"),
    [
        ("import litellm", "litellm.completion(model=self.name, messages=self.chunks, stream=False)", "litellm.completion"),
        ("import litellm as one", "one.acompletion(model=self.name, **self.chunks)", "litellm.acompletion"),
        ("from litellm import completion as ask", "ask(model=self.name, messages=self.chunks)", "litellm.completion"),
        ("from lazy import litellm", "litellm.completion(model=self.name, messages=self.chunks)", "litellm.completion"),
        ("from google import genai", "self.models.generate_content(model='m', contents=self.chunks)", "gemini.generate_content"),
        ("import anthropic", "self.sdk.messages.create(model=self.name, messages=self.chunks)", "anthropic.messages.create"),
    ],
)
def test_a_call_behind_a_switch_that_nothing_turns_on_is_told(tmp_path: Path, imports: str, call: str, api: str) -> None:
    (site,) = sites(tmp_path, app=IDLE.format(imports=imports, call=call))
    assert (site.site.api, site.site.function, site.replays) == (api, "Warmer.work", ())
    assert site.unknown == (("the call", Reason.UNREACHED),)


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from shell import completion", "completion(model=self.name, words=self.chunks)"),
        ("import litellm", "litellm.completion"),
        ("from stages import litellm", "self.bar.completion(text=self.name)"),
    ],
)
def test_what_only_has_its_name_is_not(tmp_path: Path, imports: str, call: str) -> None:
    assert not sites(tmp_path, app=IDLE.format(imports=imports, call=call))


def test_required_fields_have_no_default(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
import anthropic
from pydantic import BaseModel, Field

class Visit(BaseModel):
    name: str = Field(..., description="who comes")
    purpose: str = ...
    hall: str = Field("north", description="where to")

def ask(visit: Visit):
    return anthropic.Anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=9,
        system=f"{visit.name}: {visit.purpose} ({visit.hall})", messages=[{"role": "user", "content": "Q"}])
""",
    )
    assert request.blocks[0].text.render() == "{Visit.name}: {Visit.purpose} (north)"


def test_a_function_imported_under_another_name_is_heard(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
from litellm import completion as ask

def answer(question):
    return ask(model="anthropic/claude-sonnet-4-5", messages=[{"role": "user", "content": question}])
""",
    )
    assert request.provider == "anthropic"
