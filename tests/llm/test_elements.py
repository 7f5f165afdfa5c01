"""Loops over lists of unknown length that send: the next element is another one, and only what is the element's own is new."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import sites

HEAD = """
import json, sys
from datetime import datetime
import anthropic

client = anthropic.Anthropic()
rows = json.load(sys.stdin)
started = datetime.now()
"""
SEND = """
    client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system={system},
        messages=[{{"role": "user", "content": "Go on."}}])
"""

LOOPS = {
    "number": ("for number, question in enumerate(rows, 1):", 'f"Round {number}"', True),
    "numbered element": ("for number, question in enumerate(rows):", 'f"About {question}"', True),
    "pair": ("for left, right in zip(rows, rows[1:]):", 'f"{left} and {right}"', True),
    "key": ("for key, value in rows.items():", 'f"Key {key}"', True),
    "value": ("for key, value in rows.items():", 'f"Value {value}"', True),
    "nested": ("for number, (name, value) in enumerate(rows.items()):", 'f"{name}"', True),
    "made of the element": ("for text in [f'Q: {row}' for row in rows]:", "text", True),
    "in a dictionary": ("for case in [{'id': row['id'], 'at': started} for row in rows]:", "f\"Case {case['id']}\"", True),
    "shared in a dictionary": ("for case in [{'id': row['id'], 'at': started} for row in rows]:", "f\"At {case['at']}\"", False),
    "shared in a tuple": ("for at, row in [(started, row) for row in rows]:", 'f"At {at}"', False),
    "outside": ("for number, row in enumerate(rows):", 'f"Since {started}"', False),
}


@pytest.mark.parametrize("name", LOOPS)
def test_what_is_new_with_the_next_element(tmp_path: Path, name: str) -> None:
    loop, system, new = LOOPS[name]
    (site,) = sites(tmp_path, app=HEAD + loop + SEND.format(system=system))
    one, two, three = site.replays[0].requests[:3]
    texts = [request.blocks[0].text for request in (one, two, three)]
    assert [texts[0] != texts[1], texts[1] != texts[2]] == [new, new]
    assert len({text.render() for text in texts[1:]}) == 1
