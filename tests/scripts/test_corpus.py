"""The measuring scripts, over a corpus of two files: what is found, missed and wrongly said comes out as such."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("scripts", reason="the scripts are part of the checkout alone")

from scripts import corpus, ecosystem, runs

pytestmark = pytest.mark.checkout

PROGRAM = """\
import uuid

import anthropic

client = anthropic.Anthropic()
RULES = "Answer in one sentence, name the section that you rely on, and say so where you do not know. " * 300


def ask(question: str) -> str:
    answer = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=100,
        system=[{"type": "text", "text": f"{uuid.uuid4()} {RULES}", "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return answer.content[0].text


def pick(client: "Shelf") -> None:
    client.messages.create("a letter")


for line in open("questions.txt"):
    print(ask(line))
"""


def defect(kind: str, line: int) -> dict[str, object]:
    what = {"kind": kind, "what": kind, "evidence": f"app.py:{line}", "severity": "high", "confidence": "certain"}
    return {**what, "must_report": True}


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "app.py").write_text(PROGRAM, "utf-8")
    (tree / "questions.txt").write_text("Why?\nHow?\n", "utf-8")
    label = {"dir": "tree", "file": "app.py", "line": 10, "verdict": "defective"}
    labels = [{**label, "defects": [defect("dynamic_prefix", 13), defect("ttl_order", 13)]}]
    sites = [
        {"dir": "tree", "file": "app.py", "line": 10, "label": "positive", "api": "anthropic.messages.create", "code": "create("},
        {"dir": "tree", "file": "app.py", "line": 24, "label": "positive", "api": "openai.chat", "code": "print("},
        {"dir": "tree", "file": "app.py", "line": 20, "label": "negative", "api": "", "code": "client.messages.create("},
    ]
    for name, rows in (("labels", labels), ("callsites", sites)):
        (tmp_path / f"{name}.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return tmp_path


def test_a_corpus_is_measured(labelled: Path) -> None:
    figures = corpus.measure(labelled, labelled, runs.HERE, "", 1, 120)
    assert figures.counts["sites"] == 2
    assert figures.counts["sites found"] == 1
    assert figures.counts["look-alikes found"] == 0
    assert (figures.counts["defects"], figures.counts["defects found"]) == (2, 1)
    assert figures.counts["findings at labelled sites"] == figures.counts["findings that are right"] == 1
    assert [miss.split(" ")[1] for miss in figures.misses] == ["ttl_order", "call"]
    assert not figures.trees["tree"]["error"]
    assert "defects found: 1/2 (50%)" in corpus.tables(figures)


def test_what_a_change_changes(labelled: Path) -> None:
    before = corpus.measure(labelled, labelled, runs.HERE, "", 1, 120).as_json()
    assert corpus.changes(before, before) == []
    after = {**before, "misses": before["misses"][1:], "findings": [], "counts": {**before["counts"], "findings": 0}}
    told = "\n".join(corpus.changes(before, after))
    assert "ttl_order" in told
    assert "CA101" in told


def test_the_ecosystem_is_pinned_and_compared() -> None:
    listed = ecosystem.sources()
    assert len({source.folder for source in listed}) == len(listed) >= 20
    saved = {
        "rules": {"CA101": 1},
        "sites": 2,
        "resolved": 1,
        "call sites": ["a.py:1"],
        "findings": ["a.py:1 CA101"],
        "error": "",
    }
    costs = {"seconds": 1.0, "processor": 1.0, "mebibytes": 10}
    now = {**saved, "rules": {"CA101": 1, "CA201": 1}, "resolved": 2, "findings": ["a.py:1 CA101", "a.py:2 CA201"]}
    told = "\n".join(ecosystem.changes({"p": {**saved, **costs}}, {"p": {**now, **costs}}))
    assert "CA201: 0 -> 1" in told
    assert "p: 1 of 2 -> 2 of 2" in told
    assert "a.py:2 CA201" in told
    assert ecosystem.changes({"p": {**saved, **costs}}, {"p": {**saved, **costs}}) == []
