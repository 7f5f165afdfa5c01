"""Of more replays than are kept those stay that show something of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from auditor.llm.replays import shared_out
from auditor.llm.request import Replay
from auditor.places import Place
from tests.llm.requests_of import sites

PROGRAM = """
    import anthropic

    client = anthropic.Anthropic()

    def send(*said: str) -> None:
        messages = [{"role": "user", "content": text} for text in said]
        client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=messages)

    send("one")
    send("one", "two")
    send("one", "two", "three")
    send("one", "other")
"""


def replays(folder: Path) -> list[Replay]:
    (site,) = sites(folder, app=PROGRAM)
    first = site.replays[0]
    return [replace(first, requests=(request,)) for request in first.requests]


def said(replay: Replay) -> list[str]:
    return [block.text.render() for block in replay.first.blocks]


def test_what_another_one_says_too_is_left_out_first(tmp_path: Path) -> None:
    kept = shared_out(replays(tmp_path), 2)
    assert list(map(said, kept)) == [["one", "two", "three"], ["one", "other"]]


def test_they_stay_in_their_order_where_there_is_room(tmp_path: Path) -> None:
    all_of_them = replays(tmp_path)
    assert shared_out(all_of_them, 4) == all_of_them


def test_no_entry_crowds_out_another(tmp_path: Path) -> None:
    one, two, three, _ = replays(tmp_path)
    elsewhere = replace(one, entry=Place("other.py", 1, 0))
    assert shared_out([two, three, elsewhere], 2) == [three, elsewhere]
