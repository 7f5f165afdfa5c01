"""Values that are chosen among many, by tests that nobody can decide: how long they live."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.values.lifetime import Lifetime, Reason
from auditor.values.text import Hole
from tests.llm.requests_of import sites

HEAD = """
import os
import anthropic
from fastapi import FastAPI

client = anthropic.Anthropic()
app = FastAPI()
WORDS = [(f"word{number}", f"topic {number}") for number in range(60)]
CHUNKS = [{"text": f"Fact {number}: plants need word{number}.", "weight": number} for number in range(60)]


def topic(text):
    for word, name in WORDS:
        if word in text:
            return name, "high"
    return "anything", "low"


def facts(query):
    scored = []
    for chunk in CHUNKS:
        score = 0.0
        for word in query.split():
            if len(word) > 3 and word in chunk["text"]:
                score += 0.1
        if score > 0.2:
            scored.append((score, chunk))
    scored.sort(key=lambda pair: pair[0], reverse=True)
    return [chunk["text"] for _, chunk in scored[:5]]


def send(system, text):
    return client.messages.create(
        model="claude-sonnet-4-5", max_tokens=9, system=system, messages=[{"role": "user", "content": text}]
    )
"""

HANDLER = """
@app.post("/ask")
def ask(text: str):
    %s
    return send(f"You help.\\n{found}\\nBe brief.", text)
"""

BY_INPUT = {
    "one of many, taken out of a tuple": "found, risk = topic(text)",
    "the best of what the words match": "found = '\\n'.join(facts(text))",
}
BY_SETTING = "found, risk = topic(os.environ['TOPIC'])"


def holes(folder: Path, line: str) -> list[Hole]:
    """The holes of the system prompt, in the variant that has most of them."""
    (site,) = sites(folder, app=HEAD + HANDLER % line)
    found = [list(replay.first.blocks[0].text.holes()) for replay in site.replays]
    return max(found, key=len)


@pytest.mark.parametrize("how", BY_INPUT)
def test_what_the_input_chooses_lives_as_long_as_the_input(how: str, tmp_path: Path) -> None:
    found = holes(tmp_path, BY_INPUT[how])
    assert found
    assert {(hole.lifetime, hole.reason) for hole in found} == {(Lifetime.CALL, None)}


def test_what_a_setting_chooses_proves_nothing(tmp_path: Path) -> None:
    (hole,) = holes(tmp_path, BY_SETTING)
    assert (hole.lifetime, hole.reason) == (Lifetime.UNKNOWN, Reason.LIMIT)


RULES = "\n".join(
    f"    if text.startswith('!{number}'):\n        return {'FAST' if number % 2 else 'SLOW'}, 'rule {number}'"
    for number in range(20)
)
BETWEEN_TWO = """
class Provider:
    def __init__(self, name):
        self.name = name


FAST, SLOW = Provider("fast"), Provider("slow")


def chosen(text):
RULES
    return SLOW, "nothing said"


@app.post("/two")
def two(text: str):
    provider, reason = chosen(text)
    return send(f"You are {provider.name}.", text)
""".replace("RULES", RULES)


def test_few_values_are_told_apart_however_many_tests_choose_among_them(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=HEAD + BETWEEN_TWO)
    assert {replay.first.blocks[0].text.known for replay in site.replays} == {"You are fast.", "You are slow."}


def test_the_caller_s_client_or_one_s_own_sends_each_request_once(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        agent="""
        from anthropic import Anthropic

        def own(client):
            if client is not None:
                return client
            return Anthropic(timeout=60)

        def run(question, client=None):
            client = own(client)
            messages = [{"role": "user", "content": question}]
            while True:
                answer = client.messages.create(model="claude-sonnet-4-6", max_tokens=900, messages=messages)
                messages.append({"role": "assistant", "content": answer.content})
                if answer.stop_reason != "tool_use":
                    return answer
                messages.append({"role": "user", "content": [{"type": "tool_result", "content": "1"}]})
        """,
        desk="""
        from agent import run

        def answer(question, client):
            return run(question, client)
        """,
    )
    counts = [[len(request.blocks) for request in replay.requests] for replay in site.replays]
    assert counts
    assert all(later > earlier for earlier, later in ((row[0], row[1]) for row in counts))


REGISTRY = """
import json
import sqlite3


class Provider:
    def __init__(self, model="claude-haiku-4-5"):
        self.model = model


CLASSES


PROVIDERS = {TABLE}


def settings(name):
    row = sqlite3.connect("settings.db").execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
    chosen = {"provider": "p0", "model": ""}
    if row:
        stored = json.loads(row[0])
        if stored.get("provider"):
            chosen["provider"] = stored["provider"]
        if stored.get("channel"):
            chosen["provider"] = stored["channel"]
        if stored.get("model"):
            chosen["model"] = stored["model"]
    return chosen


def provider_of(name, model=None):
    cls = PROVIDERS.get(name)
    if not cls:
        raise ValueError(name)
    if model:
        return cls(model=model)
    return cls()


@app.post("/registry")
def registry(text: str):
    found = settings("team")
    return provider_of(found["provider"], found["model"]).complete("Be brief.", text)
"""
CLASS = """
class P{number}(Provider):
    def complete(self, system, text):
        messages = [{{"role": "user", "content": text}}]
        return client.messages.create(model=self.model, max_tokens=9, system="{number}. " + system, messages=messages)
"""


def test_the_classes_of_a_table_are_told_apart_and_their_objects_fused(tmp_path: Path) -> None:
    """Seven classes under a key with several unknown values, each made with a model or without: fourteen objects."""
    made = "\n".join(CLASS.format(number=number) for number in range(7))
    table = ", ".join(f"'p{number}': P{number}" for number in range(7))
    found = sites(tmp_path, app=HEAD + REGISTRY.replace("CLASSES", made).replace("TABLE", table))
    mine = [one for one in found if one.site.function.endswith(".complete")]
    texts = [[block.text.known for block in one.replays[0].first.blocks if block.section.value == "system"] for one in mine]
    assert texts == [[f"{number}. Be brief."] for number in range(7)]
    assert any("claude-haiku-4-5" in str(replay.first.model) for one in mine for replay in one.replays)
