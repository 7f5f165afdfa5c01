"""A conversation that is begun where there is none yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import SiteReplays
from tests.llm.requests_of import shape, sites

PLAIN = """
import json
import openai
import redis
from fastapi import FastAPI, Request

app = FastAPI()
store = redis.Redis()
client = openai.OpenAI()

@app.post("/talk")
async def talk(request: Request):
    data = await request.json()
    history = json.loads(store.get(data["user"]))
    if not history:
        history.append({"role": "system", "content": "You book tables."})
    history.append({"role": "user", "content": data["text"]})
    answer = client.chat.completions.create(model="gpt-4o", messages=history)
    history.append({"role": "assistant", "content": answer.choices[0].message.content})
    store.set(data["user"], json.dumps(history))
"""

OR_NEW = """
import json
import openai
import redis
from fastapi import FastAPI, Request

app = FastAPI()
store = redis.Redis()
client = openai.OpenAI()

def load(user):
    kept = store.hgetall(user)
    if not kept:
        return "asking", []
    return json.loads(kept["state"]), json.loads(kept["history"])

def answer(text, history):
    if not history:
        history.append({"role": "system", "content": "You book tables."})
    history.append({"role": "user", "content": text})
    response = client.chat.completions.create(model="gpt-4o", messages=history)
    history.append({"role": "assistant", "content": response.choices[0].message.content})
    return history

@app.post("/talk")
async def talk(request: Request):
    data = await request.json()
    state, history = load(data["user"])
    history = answer(data["text"], history)
    store.hset(data["user"], mapping={"state": json.dumps(state), "history": json.dumps(history)})
"""


def _roles(found: SiteReplays) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The roles of the first request's messages and of the second's, of each variant."""
    return {tuple(tuple(role for _, role, _ in shape(request)) for request in replay.requests[:2]) for replay in found.replays}  # type: ignore[misc]


@pytest.mark.parametrize("test", ["not history", "len(history) == 0", "not len(history) > 0", "len(history) < 1"])
def test_behind_not_history_there_is_nothing_before(tmp_path: Path, test: str) -> None:
    (found,) = sites(tmp_path, app=PLAIN.replace("not history", test))
    assert _roles(found) == {
        (("?", "user"), ("?", "user", "assistant", "user")),
        (("system", "user"), ("system", "user", "assistant", "user")),
    }


def test_what_is_chosen_says_how_its_own_test_came_out(tmp_path: Path) -> None:
    (found,) = sites(tmp_path, app=OR_NEW)
    assert _roles(found) == {
        (("?", "user"), ("?", "user", "assistant", "user")),
        (("system", "user"), ("system", "user", "assistant", "user")),
        (("system", "user"), ("system", "user")),
    }


def test_what_is_kept_or_nothing_is_kept_under_that_condition(tmp_path: Path) -> None:
    kept = 'json.loads(store.get(data["user"]))'
    (found,) = sites(tmp_path, app=PLAIN.replace(kept, 'json.loads(store.get(data["user"]) or "[]")'))
    assert (("?", "user"), ("?", "user", "assistant", "user")) in _roles(found)
