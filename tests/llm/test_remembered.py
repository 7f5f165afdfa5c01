"""What is kept under a key, for all who ask for it: `if key not in _TOLD: _TOLD[key] = …`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import sites

TOLD = """
import datetime

_TOLD = {{}}

def fingerprint(frames):
    parts = []
    for name in sorted(frames.keys()):
        frame = frames[name]
        parts.append((name, frame.shape, str(frame.iat[0, 0]) if len(frame) else None))
    return tuple(parts)

def told(frames, question):
    key = {key}
{asked}
"""

BY_MEMBERSHIP = """
    if key in _TOLD:
        return _TOLD[key]
    made = f"As of {datetime.datetime.now()}."
    _TOLD[key] = made
    return made
"""

BY_GET = """
    made = _TOLD.get(key)
    if made is None:
        made = f"As of {datetime.datetime.now()}."
        _TOLD[key] = made
    return made
"""

PAGE = """
import anthropic
import pandas
import streamlit as st
from told import told

client = anthropic.Anthropic()
frames = {name: pandas.read_csv(f"{name}.csv") for name in ("sales", "stock")}

if "messages" not in st.session_state:
    st.session_state.messages = []
if question := st.chat_input("Ask"):
    st.session_state.messages.append({"role": "user", "content": question})
    answer = client.messages.create(
        model="claude-sonnet-4-5", max_tokens=9, system=told(frames, question), messages=st.session_state.messages
    )
    st.session_state.messages.append({"role": "assistant", "content": answer.content[0].text})
"""


def times(folder: Path, asked: str, key: str) -> set[int]:
    """How many readings of the clock stand in the prompts of each replay."""
    (site,) = sites(folder, page=PAGE, told=TOLD.format(asked=asked, key=key))
    prompts = ([next(hole for hole in one.blocks[0].text.holes()) for one in replay.requests] for replay in site.replays)
    return {len({hole.identity for hole in holes if "now" in hole.expression}) for holes in prompts}


@pytest.mark.parametrize("asked", [BY_MEMBERSHIP, BY_GET])
def test_what_was_kept_under_a_key_that_may_be_the_same_is_found(tmp_path: Path, asked: str) -> None:
    assert times(tmp_path, asked, "fingerprint(frames)") == {1}


@pytest.mark.parametrize("asked", [BY_MEMBERSHIP, BY_GET])
def test_a_key_that_is_another_one_each_time_finds_nothing(tmp_path: Path, asked: str) -> None:
    assert max(times(tmp_path, asked, "question.strip()")) > 1
