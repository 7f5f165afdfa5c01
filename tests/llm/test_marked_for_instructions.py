"""Which markers a function writes on instructions alone, wherever the list goes that it returns."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import requests

PROGRAM = """
import litellm

MODEL = "anthropic/claude-sonnet-4-5"


def marked(messages):
    out = []
    for message in messages:
        if {test}:
            content = message["content"]
            if isinstance(content, str):
                content = [{{"type": "text", "text": content, "cache_control": {{"type": "ephemeral"}}}}]
            message = {{**message, "content": content}}
        out.append(message)
    return out


litellm.completion(
    model=MODEL,
    messages=marked([{{"role": "system", "content": "Be brief."}}, {{"role": "user", "content": "What?"}}]),
)
"""


@pytest.mark.parametrize(
    ("test", "lines"),
    [
        ("message['role'] == 'system'", [13]),
        ("message['role'] != 'user'", []),
        ("message['role'] == 'user'", []),
        ("message['role'] == 'system' or message.get('pinned')", [13]),
        ("message['role']", []),
    ],
)
def test_a_role_that_is_known_tells_as_one_that_is_tested(tmp_path: Path, test: str, lines: list[int]) -> None:
    (request,) = requests(tmp_path, PROGRAM.format(test=test))
    assert [place.line for place in sorted(request.apart, key=lambda place: place.line)] == lines
