"""Rows of which a request's own words leave some: others for each request, however long the rows stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.values.lifetime import Cause, Lifetime
from tests.llm.requests_of import sites

PROGRAM = """
import heapq
import json
import sqlite3

import anthropic
from fastapi import FastAPI

app = FastAPI()
client = anthropic.Anthropic()
notes = sqlite3.connect("notes.db")
LEAST = 0.8

def likeness(one, other):
    return sum(a * b for a, b in zip(one, other))

@app.post("/ask")
def ask(question: str, owner: str, number: int):
    rows = notes.execute("select text, owner, number, vector from notes").fetchall()
    {way}
    system = "Answer from these notes: " + facts
    return client.messages.create(
        model="claude-sonnet-4-5", max_tokens=9, system=system, messages=[{{"role": "user", "content": question}}]
    )
"""

LOOP = """found = []
    for row in rows:
        if any(word in row[0] for word in question.split()):
            found.append(row[0])
    facts = " ".join(found)"""

SORT = """rows = list(rows)
    rows.sort(key=lambda row: row[0].count(question))
    facts = " ".join(row[0] for row in rows[:3])"""

WANTED = {
    "words": 'facts = " ".join([row[0] for row in rows if question in row[0]])',
    "its own words": 'facts = " ".join([row[0] for row in rows if row[2] > 3 and row[0] in question])',
    "filter": 'facts = " ".join(row[0] for row in filter(lambda row: question in row[0], rows))',
    "loop": LOOP,
    "figure": 'facts = " ".join([row[0] for row in rows if likeness(json.loads(row[3]), question) > LEAST])',
    "sorted": 'facts = " ".join(row[0] for row in sorted(rows, key=lambda row: likeness(row[3], question))[:3])',
    "sort": SORT,
    "few": 'facts = " ".join(row[0] for row in heapq.nlargest(3, rows, key=lambda row: row[0].count(question)))',
    "best": "facts = max(rows, key=lambda row: likeness(row[3], question))[0]",
}

OTHERS = {
    "owner": 'facts = " ".join([row[0] for row in rows if row[1] == owner])',
    "owners": 'facts = " ".join([row[0] for row in rows if row[1] in (owner, "all")])',
    "but one": 'facts = " ".join([row[0] for row in rows if row[2] != number])',
    "earlier": 'facts = " ".join([row[0] for row in rows if row[2] < number])',
    "without": 'facts = " ".join([row[0] for row in rows if question not in row[0]])',
    "newest": 'facts = " ".join(row[0] for row in sorted(rows, key=lambda row: row[2])[:9])',
}


def _lives(tmp_path: Path, way: str) -> set[tuple[Lifetime, Cause]]:
    (site,) = sites(tmp_path, app=PROGRAM.format(way=way))
    system = site.replays[0].first.blocks[0]
    return {(hole.lifetime, hole.cause) for hole in system.text.holes()}


@pytest.mark.parametrize("way", WANTED.values(), ids=list(WANTED))
def test_what_is_asked_picks_the_rows(tmp_path: Path, way: str) -> None:
    assert _lives(tmp_path, way) == {(Lifetime.CALL, Cause.RETRIEVAL)}


@pytest.mark.parametrize("way", OTHERS.values(), ids=list(OTHERS))
def test_keys_and_orders_of_two_values_do_not(tmp_path: Path, way: str) -> None:
    assert {lifetime for lifetime, _ in _lives(tmp_path, way)} == {Lifetime.UNKNOWN}
