"""Conversations that are handed over as objects, and functions that are handed out: who made them tells what is sent."""

from __future__ import annotations

from pathlib import Path

from auditor.llm.request import Request
from tests.llm.requests_of import sites


def first(folder: Path, **files: str) -> list[Request]:
    """The first request of each way to each call site."""
    return [replay.first for site in sites(folder, **files) for replay in site.replays]


TALK = """
class Talk:
    def __init__(self, guide=None):
        self.messages = []
        if guide:
            self.add("system", guide)

    def add(self, role, content):
        self.messages.append({"role": role, "content": content})
        return self
"""

CLIENT = """
import anthropic
from talk import Talk

class Client:
    async def __call__(self, talk: Talk, *, short=False):
        return await self.post(talk)

    @staticmethod
    def of(vendor):
        return Claude

class Claude(Client):
    def __init__(self, key):
        self.sdk = anthropic.AsyncAnthropic(api_key=key)

    async def post(self, talk: Talk):
        system, *others = talk.messages
        return await self.sdk.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=system["content"], messages=others)
"""

AGENT = """
from client import Client

class Agent:
    def __init__(self, vendor, key):
        self.vendor = vendor
        self.key = key

    def ask_with(self):
        made = Client.of(self.vendor)(self.key)

        async def ask(talk, **options):
            return await made(talk, **options)

        return ask
"""


def test_what_a_function_hands_out_is_called_by_its_callers(tmp_path: Path) -> None:
    """A class with `__call__`, made by a subclass's name in one file, wrapped in another and called in a third."""
    found = first(
        tmp_path,
        talk=TALK,
        client=CLIENT,
        agent=AGENT,
        review="""
from agent import Agent
from talk import Talk

class Reviewer(Agent):
    async def review(self, change):
        ask = self.ask_with()
        return await ask(Talk("You review changes.").add("user", f"Look at this: {change}"))
""",
    )
    assert {tuple(block.text.render() for block in request.blocks) for request in found} == {
        ("You review changes.", "Look at this: {change}")
    }


def test_an_object_that_is_handed_over_was_filled_by_somebody(tmp_path: Path) -> None:
    """Nobody in the project calls the function: that the object begins empty says nothing of what is sent."""
    found = first(
        tmp_path,
        talk=TALK,
        app="""
import anthropic
from talk import Talk

def post(talk: Talk):
    return anthropic.Anthropic().messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=talk.messages)
""",
    )
    assert {tuple(block.text.render() for block in request.blocks) for request in found} == {
        ("{guide}", "{Talk.messages}"),
        ("{Talk.messages}",),
    }


KEPT = """
import anthropic
from talk import Talk

talk = Talk("You keep the door.")

def post(talk: Talk):
    system, *others = talk.messages
    sdk = anthropic.Anthropic()
    return sdk.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=system["content"], messages=others)
"""


def test_one_that_a_module_keeps_is_that_one(tmp_path: Path) -> None:
    found = first(tmp_path, talk=TALK, app=KEPT)
    assert all(request.blocks[0].text.render() == "You keep the door." for request in found)
    assert not any(len(request.blocks) > 1 for request in found)
