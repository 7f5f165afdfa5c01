"""What a rerun program keeps in its session's mapping under a key that it fetches anew: the same key in the next run."""

from __future__ import annotations

from pathlib import Path

from auditor.llm.request import Repetition
from tests.llm.requests_of import sites

PAGE = """
import anthropic
import requests
import streamlit as st

client = anthropic.Anthropic()
deed = requests.get("https://registry.example/deed").json()
talk, words = f"talk_{deed['id']}", f"words_{deed['id']}"
if talk not in st.session_state:
    st.session_state[talk] = []
if words not in st.session_state:
    st.session_state[words] = requests.get(f"https://registry.example/{deed['id']}/text").text
if question := st.chat_input():
    st.session_state[talk].append({"role": "user", "content": question})
    system = f"About {deed['id']}: {st.session_state[words]}"
    answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=system, messages=st.session_state[talk])
    st.session_state[talk].append({"role": "assistant", "content": answer.content[0].text})
"""


def test_the_session_of_a_key_is_the_one_that_is_replayed(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=PAGE)
    talks = [replay for replay in site.replays if replay.repetition is Repetition.CONVERSATION]
    assert talks
    for talk in talks:
        assert len({request.blocks[0].text for request in talk.requests}) == 1
        assert [len(request.blocks) for request in talk.requests[:2]] == [2, 4]
