"""OpenAI's own breakpoints: on parts of the content, and where they do not belong."""

from __future__ import annotations

from pathlib import Path

from tests.llm.requests_of import requests

MARK = '"prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"}'


def test_breakpoints_stand_on_parts(tmp_path: Path) -> None:
    chat, responses = requests(
        tmp_path,
        f"""
from openai import OpenAI
client = OpenAI()
client.chat.completions.create(model="gpt-6-sol", messages=[
    {{"role": "developer", "content": [{{"type": "text", "text": "S", {MARK}}}]}}, {{"role": "user", "content": "Q"}}])
client.responses.create(model="gpt-6-sol", input=[
    {{"role": "developer", "content": [{{"type": "input_text", "text": "S", {MARK}}}]}}, {{"role": "user", "content": "Q"}}])
""",
    )
    for request in (chat, responses):
        marker = request.blocks[0].marker
        assert marker is not None
        assert (marker.type, marker.ttl, marker.misplaced) == ("explicit", "12h", "")
        assert request.blocks[1].marker is None


def test_a_breakpoint_on_a_whole_message_is_misplaced(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        f"""
from openai import OpenAI
OpenAI().responses.create(model="gpt-6-sol", input=[{{"role": "developer", "content": "S", {MARK}}}])
""",
    )
    marker = request.blocks[0].marker
    assert marker is not None
    assert marker.misplaced == "message"


def test_text_that_is_given_as_such_is_no_history(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
from openai import OpenAI
def ask(text: str):
    return OpenAI().responses.create(model="gpt-6-sol", input=text)
""",
    )
    assert [(block.kind.value, block.per_request) for block in request.blocks] == [("text", True)]
