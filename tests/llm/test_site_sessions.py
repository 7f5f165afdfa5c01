"""What a site keeps for its visitor between requests (Flask, Django, Starlette): conversations grow there, logins are open."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.llm.request import Repetition
from auditor.values.lifetime import Lifetime
from tests.llm.requests_of import shape, sites

SEND = """
    answer = Anthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, system="Be brief.", messages=told)
    told.append({"role": "assistant", "content": answer.content[0].text})
"""

FLASK = """
from anthropic import Anthropic
from flask import Flask, jsonify, redirect, request, session

app = Flask(__name__)

@app.post("/ask")
def ask():
    if "visitor" not in session:
        return redirect("/login")
    {begin}
    told.append({"role": "user", "content": request.json["text"]})
    {send}
    {keep}
    return jsonify(answer.content[0].text)
"""

BEGINNINGS = {
    "a default": ('told = session.get("told", [])', 'session["told"] = told'),
    "a key of the visitor's own": (
        """key = f"told_{session['visitor']}"
    told = session.get(key) or session.get(key, [])""",
        "session[key] = told",
    ),
    "a first request": (
        """if "told" not in session:
        session["told"] = []
    told = session["told"]""",
        "session.modified = True",
    ),
    "set where nothing is": ('told = session.setdefault("told", [])', "session.modified = True"),
}


@pytest.mark.parametrize("begun", BEGINNINGS)
def test_a_conversation_in_the_session_grows(begun: str, tmp_path: Path) -> None:
    begin, keep = BEGINNINGS[begun]
    code = FLASK.replace("{begin}", begin).replace("{keep}", keep).replace("{send}", SEND.strip())
    (site,) = sites(tmp_path, app=code)
    replay = next(one for one in site.replays if one.repetition is Repetition.CONVERSATION)
    first, second = replay.requests[:2]
    added = [role for _, role, _ in shape(second)][len(shape(first)) :]
    assert added == ["assistant", "user"]
    assert first.blocks[0].lifetime is Lifetime.CONSTANT


STARTED = """
from anthropic import Anthropic
from flask import Flask, request, session

app = Flask(__name__)

@app.post("/start")
def start():
    session["told"] = [{"role": "user", "content": "The manual: press the green button."}]
    return {}

@app.post("/ask")
def ask():
    told = session["told"]
    told.append({"role": "user", "content": request.form["text"]})
    answer = Anthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, messages=told)
    told.append({"role": "assistant", "content": answer.content[0].text})
    session["told"] = told
    return {"text": answer.content[0].text}
"""


def test_another_page_of_the_site_begins_it(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, views=STARTED)
    first, second = site.replays[0].requests[:2]
    assert shape(first)[0][2] == "The manual: press the green button."
    assert [role for _, role, _ in shape(second)] == ["user", "user", "assistant", "user"]


VIEW = """
from anthropic import Anthropic
from django.http import JsonResponse

def ask(request):
    told = request.session.get("told", [])
    told.append({"role": "user", "content": request.POST["text"]})
    answer = Anthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, system=request.session["style"], messages=told)
    told.append({"role": "assistant", "content": answer.content[0].text})
    request.session["told"] = told[-20:]
    return JsonResponse({"text": answer.content[0].text})
"""


def test_what_is_not_put_there_by_this_request_stays_for_the_session(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, views=VIEW)
    first, second = site.replays[0].requests[:2]
    assert first.blocks[0] == second.blocks[0]
    assert first.blocks[0].lifetime is Lifetime.SESSION
    assert "assistant" in [role for _, role, _ in shape(second)]


KEPT = """
import uuid
from dataclasses import dataclass, field
from anthropic import Anthropic
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()

@dataclass
class Talk:
    manner: str
    told: list = field(default_factory=list)

class Talks:
    def __init__(self):
        self._kept = {}

    def begin(self):
        key = str(uuid.uuid4())
        self._kept[key] = {kept}
        return key

    def of(self, key):
        return self._kept.get(key)

talks = Talks()

class Ask(BaseModel):
    {name}: str
    text: str

@app.post("/begin")
def begin():
    return talks.begin()

@app.post("/ask")
def ask(body: Ask):
    talk = talks.of(body.{name})
    if talk is None:
        raise HTTPException(404)
    told = talk{told}
    told.append({"role": "user", "content": body.text})
    answer = Anthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, system=talk{manner}, messages=told)
    told.append({"role": "assistant", "content": answer.content[0].text})
    return answer.content[0].text
"""
FORMS = {
    "an object": ('Talk("Be brief.")', ".told", ".manner"),
    "a mapping": ('{"told": [], "manner": "Be brief."}', '["told"]', '["manner"]'),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["session_id", "user_id", "key"])
def test_what_one_method_of_a_store_keeps_another_one_gives(name: str, form: str, tmp_path: Path) -> None:
    kept, told, manner = FORMS[form]
    code = KEPT.replace("{name}", name).replace("{kept}", kept).replace("{told}", told).replace("{manner}", manner)
    (site,) = sites(tmp_path, app=code)
    first, second = site.replays[0].requests[:2]
    assert shape(first)[0][2] == "Be brief."
    assert [role for _, role, _ in shape(first)] == ["system", "user"]
    assert [role for _, role, _ in shape(second)] == ["system", "user", "assistant", "user"]


HUNG = """
from anthropic import Anthropic
from flask import Flask, request

app = Flask(__name__)
app.talks = {}

@app.post("/begin")
def begin():
    app.talks[request.json["key"]] = {"told": [], "manner": "Be brief."}
    return {}

@app.post("/ask")
def ask():
    talk = app.talks.get(request.json["key"])
    if not talk:
        return {}, 404
    talk["told"].append({"role": "user", "content": request.json["text"]})
    answer = Anthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, system=talk["manner"], messages=talk["told"])
    talk["told"].append({"role": "assistant", "content": answer.content[0].text})
    return {"text": answer.content[0].text}
"""


def test_what_hangs_on_the_application_is_filled_by_another_page(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=HUNG)
    first, second = site.replays[0].requests[:2]
    assert [role for _, role, _ in shape(first)] == ["system", "user"]
    assert [role for _, role, _ in shape(second)] == ["system", "user", "assistant", "user"]
