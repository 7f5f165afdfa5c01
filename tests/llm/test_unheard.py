"""Calls that no evaluation reached: told where nothing else is spelled so, left alone where another library's call is."""

from __future__ import annotations

from pathlib import Path

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
