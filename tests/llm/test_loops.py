"""Loops of agents: which way leads to the next request, and what that request holds then."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import Replay
from tests.llm.requests_of import sites

HEAD = """
import anthropic

client = anthropic.Anthropic()
"""

WAYS = {
    "goes on and returns": """
        for _ in range(20):
            answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=history)
            if answer.stop_reason == "tool_use":
                history.append({"role": "assistant", "content": answer.content})
                history.append({"role": "user", "content": "result"})
                continue
            history.append({"role": "assistant", "content": "last word"})
            return history
        return history
    """,
    "goes on in two ways and returns": """
        while True:
            answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=history)
            if answer.stop_reason == "end_turn":
                return history
            if answer.stop_reason == "pause_turn":
                history.append({"role": "assistant", "content": answer.content})
                continue
            if answer.stop_reason == "tool_use":
                if not tools:
                    return history
                history.append({"role": "assistant", "content": answer.content})
                history.append({"role": "user", "content": "result"})
                continue
            return history
    """,
    "goes on and breaks": """
        while True:
            answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=history)
            history.append({"role": "assistant", "content": answer.content})
            if answer.stop_reason == "tool_use":
                history.append({"role": "user", "content": "result"})
                continue
            history.append({"role": "user", "content": "last word"})
            break
        return history
    """,
    "returns on either side of its last test": """
        while True:
            answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=history)
            if answer.stop_reason == "tool_use":
                history.append({"role": "assistant", "content": answer.content})
                history.append({"role": "user", "content": "result"})
                continue
            if answer.stop_reason == "max_tokens":
                raise RuntimeError("too long")
            else:
                return history
    """,
}


def grown(replay: Replay) -> bool:
    """Whether every request of a run repeats the one before it and adds to it: an answer and a tool's result."""
    first, second, third = ([block.text.render() for block in request.blocks] for request in replay.requests[:3])
    return second == [*first, "{response.content}", "result"] and third == [*second, "{response.content}", "result"]


@pytest.mark.parametrize("way", WAYS)
def test_the_side_that_goes_on_sends_the_next_request(way: str, tmp_path: Path) -> None:
    body = WAYS[way].strip("\n")
    program = HEAD + "def run(question, tools):\n        history = [{'role': 'user', 'content': question}]\n" + body
    (site,) = sites(tmp_path, app=program)
    assert any(grown(replay) for replay in site.replays)


def test_behind_the_loop_it_may_have_ended_either_way(tmp_path: Path) -> None:
    _, last = sites(
        tmp_path,
        app="""
        import anthropic

        client = anthropic.Anthropic()

        def run(question):
            history = [{"role": "user", "content": question}]
            for _ in range(20):
                answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=history)
                if answer.stop_reason == "tool_use":
                    history.append({"role": "user", "content": "result"})
                    continue
                history.append({"role": "user", "content": "last word"})
                break
            return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=history)
        """,
    )
    ends = {replay.first.blocks[-1].text.render() for replay in last.replays}
    assert ends == {"result", "last word"}
