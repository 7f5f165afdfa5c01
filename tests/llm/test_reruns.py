"""Streamlit runs the program from the top for each interaction and keeps the session's mapping in between."""

from __future__ import annotations

from pathlib import Path

from auditor.llm.request import Repetition
from auditor.values.lifetime import Lifetime
from tests.llm.requests_of import shape, sites

CHAT = """
import streamlit as st
from openai import OpenAI

client = OpenAI()
if "model" not in st.session_state:
    st.session_state["model"] = "gpt-5"
if "messages" not in st.session_state:
    st.session_state.messages = []
if question := st.chat_input("What is up?"):
    st.session_state.messages.append({"role": "user", "content": question})
    answer = client.chat.completions.create(
        model=st.session_state["model"],
        messages=[{"role": "system", "content": "Be brief."}]
        + [{"role": one["role"], "content": one["content"]} for one in st.session_state.messages],
    )
    st.session_state.messages.append({"role": "assistant", "content": answer.choices[0].message.content})
"""

KEPT = """
from langchain_openai import ChatOpenAI
import streamlit as st
from streamlit import session_state as state

def main():
    model = state.setdefault("model", ChatOpenAI(model="gpt-5"))
    if "count" not in state:
        state.count = 0
    state.count += 1
    answer = st.session_state.get("model").invoke([("system", f"Run {state.count}."), ("human", st.text_input("Ask"))])
    st.write(answer.content)

if __name__ == "__main__":
    main()
"""


def test_the_conversation_grows_from_run_to_run(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=CHAT)
    replay = site.replays[0]
    assert replay.repetition is Repetition.CONVERSATION
    first, second = replay.requests[:2]
    assert first.model is not None
    assert first.model.known == "gpt-5"
    assert [role for _, role, _ in shape(first)] == ["system", "user"]
    assert [role for _, role, _ in shape(second)] == ["system", "user", "assistant", "user"]


def test_what_a_session_keeps_is_kept(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=KEPT)
    assert site.replays[0].repetition is Repetition.HANDLER
    assert [shape(request)[0][2] for request in site.replays[0].requests[:2]] == ["Run 1.", "Run 2."]


def test_a_program_without_such_a_library_runs_once(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app="from openai import OpenAI\nOpenAI().responses.create(model='gpt-5', input='Hi')\n")
    assert site.replays[0].repetition is Repetition.ONCE


CHOSEN = """
import streamlit as st
from anthropic import Anthropic

MODELS = ["claude-haiku-4-5", "claude-sonnet-4-5"]
client = Anthropic()
with st.sidebar:
    model = st.selectbox("Model", MODELS, index=1)
    tone = st.text_area("Tone", "Be brief and polite.")
    st.slider("Tokens", 100, 4000)
subject = st.text_input("Subject")
if question := st.chat_input("What is up?"):
    client.messages.create(
        model=model,
        max_tokens=500,
        system=tone,
        messages=[{"role": "user", "content": f"{subject}: {question}"}],
    )
"""


def test_what_a_widget_shows_stays_until_the_user_changes_it(tmp_path: Path) -> None:
    """What the page presets is what is mostly sent; a field that is empty at first is for what is asked."""
    (site,) = sites(tmp_path, app=CHOSEN)
    request = site.replays[0].requests[0]
    assert request.model is not None
    (model,) = request.model.holes()
    assert model.lifetime is Lifetime.SESSION
    assert model.content is not None
    assert model.content.known == "claude-sonnet-4-5"
    tone, asked = (block.text for block in request.blocks)
    assert [hole.lifetime for hole in tone.holes()] == [Lifetime.SESSION]
    assert [hole.lifetime for hole in asked.holes()] == [Lifetime.CALL, Lifetime.CALL]


LAID_OUT = """
import anthropic
import streamlit as st

left, right = st.columns(2)
name = left.text_input("Name")
tone = right.selectbox("Tone", ["kind", "brief"], index=1)
parts = st.tabs(["Ask", "Read"])
asked = parts[0].text_area("Question")
with st.container() as box:
    manner = box.columns([2, 1])[1].text_area("Manner", "Be kind.")
if left.button("Go"):
    anthropic.Anthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, system=f"{manner} {tone}",
        messages=[{"role": "user", "content": f"{name}: {asked}"}])
"""


def test_a_part_of_a_page_has_the_pages_widgets(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=LAID_OUT)
    system, question = site.replays[0].first.blocks
    assert [(hole.lifetime, hole.content.known if hole.content else None) for hole in system.text.holes()] == [
        (Lifetime.SESSION, "Be kind."),
        (Lifetime.SESSION, "brief"),
    ]
    assert {hole.lifetime for hole in question.text.holes()} == {Lifetime.CALL}
