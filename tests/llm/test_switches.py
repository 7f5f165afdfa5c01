"""Requests between which a condition turns, and conversations that pass from one call to another."""

from __future__ import annotations

import textwrap
from pathlib import Path

from auditor.discovery.files import discover
from auditor.llm.request import Repetition, Replay, Switch
from auditor.llm.resolve import resolve
from auditor.rulekit.turns import about_the_message
from tests.llm.requests_of import sites

HEAD = """
import random
import anthropic
client = anthropic.Anthropic()
A = [{"name": "a", "description": "A.", "input_schema": {}}]
B = [{"name": "b", "description": "B.", "input_schema": {}}]
"""
CHAT = """
class Chat:
    def __init__(self, mode):
        self.mode = mode
        self.history = []
    def say(self, text):
        self.history.append({{"role": "user", "content": text}})
        {tools}
        r = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, tools=tools, messages=self.history)
        self.history.append({{"role": "assistant", "content": r.content}})
        return r
"""


def switches(folder: Path, tools: str) -> tuple[Switch, ...]:
    (site,) = sites(folder, app=HEAD + CHAT.format(tools=tools))
    assert {replay.repetition for replay in site.replays} == {Repetition.CONVERSATION}
    return site.switches


def names(replay: Replay) -> list[str]:
    return ["".join(block.name or "" for block in request.blocks) for request in replay.requests]


def handovers(folder: Path, body: str) -> tuple[Replay, ...]:
    source = HEAD + "def run(task):\n" + textwrap.indent(textwrap.dedent(body), "    ")
    (folder / "app.py").write_text(source, encoding="utf-8")
    return resolve(discover([folder])).handovers


def test_a_test_that_is_made_anew_alternates(tmp_path: Path) -> None:
    (switch,) = switches(tmp_path, 'tools = A + B if "b" in text else A')
    assert not switch.held
    assert switch.decides == {"tools"}
    assert names(switch.replay) == ["ab", "a", "ab"]


def test_a_test_of_what_the_object_keeps_is_held(tmp_path: Path) -> None:
    (switch,) = switches(tmp_path, 'tools = A + B if self.mode == "b" else A')
    assert switch.held
    assert switch.tests == 1


def test_a_filter_tests_each_tool(tmp_path: Path) -> None:
    (switch,) = switches(tmp_path, 'tools = [tool for tool in A + B if tool["name"] in text]')
    assert switch.tests == 2


def test_what_does_not_depend_on_a_condition_is_no_switch(tmp_path: Path) -> None:
    assert switches(tmp_path, "tools = A if len(B) > 3 else B") == ()


def test_a_conversation_that_goes_on_elsewhere(tmp_path: Path) -> None:
    (replay,) = handovers(
        tmp_path,
        """
        messages = [{"role": "user", "content": task}]
        first = client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=messages)
        messages += [{"role": "assistant", "content": first.content}, {"role": "user", "content": "Improve it."}]
        return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=messages)
        """,
    )
    assert [request.model.known for request in replay.requests if request.model] == ["claude-haiku-4-5", "claude-sonnet-4-5"]
    assert replay.site == replay.requests[1].site


def test_a_fallback_continues_nothing(tmp_path: Path) -> None:
    body = """
    messages = [{"role": "user", "content": task}]
    try:
        return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=messages)
    except anthropic.RateLimitError:
        return client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=messages)
    """
    assert handovers(tmp_path, body) == ()


def test_a_fallback_in_every_turn_continues_nothing(tmp_path: Path) -> None:
    body = """
    messages = []
    for question in task:
        messages.append({"role": "user", "content": question})
        try:
            r = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=messages)
        except anthropic.RateLimitError:
            r = client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=messages)
        messages.append({"role": "assistant", "content": r.content})
    """
    assert handovers(tmp_path, body) == ()


def test_another_conversation_is_no_handover(tmp_path: Path) -> None:
    body = """
    plan = client.messages.create(model="claude-haiku-4-5", max_tokens=9, messages=[{"role": "user", "content": task}])
    steps = [{"role": "user", "content": "Carry it out."}, {"role": "assistant", "content": plan.content}]
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=steps)
    """
    assert handovers(tmp_path, body) == ()


def test_the_last_turn_of_a_counted_loop_is_heard(tmp_path: Path) -> None:
    source = HEAD + textwrap.dedent(
        """
        def run(task):
            messages = [{"role": "user", "content": task}]
            for step in range(20):
                tools = A if step < 19 else []
                r = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, tools=tools, messages=messages)
                messages.append({"role": "assistant", "content": r.content})
        """
    )
    (site,) = sites(tmp_path, app=source)
    assert names(site.replays[0])[:4] == ["a", "a", "a", ""]


def test_a_condition_knows_what_it_was_computed_from(tmp_path: Path) -> None:
    (switch,) = switches(
        tmp_path, 'lower = text.strip().lower()\n        tools = A + B if any(w in lower for w in ("x", "y")) else A'
    )
    assert about_the_message(switch)
    (other,) = switches(tmp_path, "tools = A + B if random.random() < 0.5 else A")
    assert not about_the_message(other)


def test_what_an_answer_turned_once_stays_turned(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app=HEAD
        + textwrap.dedent(
            """
            def run(task):
                phase, messages = "plan", [{"role": "user", "content": task}]
                while True:
                    tools = A if phase == "plan" else A + B
                    r = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, tools=tools, messages=messages)
                    messages.append({"role": "assistant", "content": r.content})
                    if any(block.name == "submit" for block in r.content):
                        phase = "write"
                    messages.append({"role": "user", "content": "Go on."})
            """
        ),
    )
    assert [names(replay)[:3] for replay in site.replays] == [["a", "ab", "ab"], ["a", "a", "a"]]


def test_what_hears_the_answer_is_not_what_is_asked(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app=HEAD
        + textwrap.dedent(
            """
            class Session:
                def __init__(self):
                    self.messages = []
                def send(self, text):
                    self.messages.append({"role": "user", "content": text})
                    r = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=self.messages)
                    self.messages.append({"role": "assistant", "content": r.content})
                    return r.content[0].text

            def serve(socket):
                session = Session()
                for text in socket:
                    socket.send(session.send(text))
            """
        ),
    )
    assert {replay.repetition for replay in site.replays} == {Repetition.CONVERSATION}


def test_a_variant_says_what_its_test_says(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
        from openai import OpenAI
        from somewhere import lookup
        client = OpenAI()

        def answer(question):
            found = lookup()
            text = "one"
            if found is not None:
                text = "other"
            return client.responses.create(model="gpt-4.1", instructions=text, input=question)
        """,
    )
    said = {replay.first.blocks[0].text.known: replay.variant.partition("; ")[2] for replay in site.replays}
    assert said == {"other": "found is not None is true", "one": "found is not None is false"}


def test_what_is_said_hangs_on_so_many_tests_that_those_of_the_tools_come_first(tmp_path: Path) -> None:
    parts = "\n        ".join(
        f'if "{word}" in text: parts.append("{word}")' for word in ["one", "two", "three", "four", "five", "six", "seven"]
    )
    body = f"""
def answer(text):
        parts = []
        {parts}
        tools = A + B if "b" in text else A
        return client.messages.create(
            model="claude-sonnet-4-5", max_tokens=9,
            messages=[{{"role": "user", "content": text + " ".join(parts)}}], tools=tools)
"""
    (site,) = sites(tmp_path, app=HEAD + body)
    (switch,) = site.switches
    assert switch.decides == {"tools"}
