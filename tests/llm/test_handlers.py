"""What a framework passes to its handlers is that event's input, also as a data class and the data classes in it."""

from __future__ import annotations

from pathlib import Path

from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason
from tests.llm.requests_of import requests, sites

APP = """
from dataclasses import dataclass, field
from fastapi import FastAPI
from openai import OpenAI
from pydantic import BaseModel, Field

app = FastAPI()
client = OpenAI()

@dataclass
class Where:
    city: str

class Base(BaseModel):
    user_id: str

class Ask(Base):
    text: str = Field(..., min_length=1)
    where: Where
    model: str = "gpt-4.1"
    tags: list[str] = Field(default_factory=list)

@app.post("/ask")
async def ask(body: Ask, tone: str):
    return client.responses.create(
        model=body.model, input=f"{body.text} in {body.where.city} {tone}", prompt_cache_key=body.user_id)
"""


def test_a_body_is_the_events_input(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=APP)
    first, second = site.replays[0].requests[:2]
    one, two = (list(request.blocks[-1].text.holes()) for request in (first, second))
    assert [hole.expression for hole in one] == ["body.text", "body.where.city", "tone"]
    assert {(hole.lifetime, hole.cause, hole.evidence) for hole in one} == {(Lifetime.CALL, Cause.INPUT, Evidence.USAGE)}
    assert not {hole.identity for hole in one} & {hole.identity for hole in two}
    assert first.model is not None
    assert first.model.known == "gpt-4.1", "a default holds until somebody says otherwise"


def test_a_field_that_names_a_user_is_the_users(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=APP)
    (key,) = site.replays[0].first.params["prompt_cache_key"].holes()
    assert (key.lifetime, key.evidence) == (Lifetime.USER, Evidence.NAME)


def test_what_dependencies_give_is_no_input(tmp_path: Path) -> None:
    given, annotated = sites(
        tmp_path,
        app="""
from dataclasses import dataclass
from typing import Annotated
from fastapi import Depends, FastAPI
from openai import AsyncOpenAI

app = FastAPI()

@dataclass
class Options:
    model: str

def client() -> AsyncOpenAI:
    return AsyncOpenAI(base_url="https://openrouter.ai/api/v1")

def options() -> Options:
    return Options("y")

@app.post("/ask")
async def ask(
    text: str,
    llm: Annotated[AsyncOpenAI, Depends(client)],
    chosen: Annotated[Options, Depends(options)],
    other: AsyncOpenAI,
):
    await llm.chat.completions.create(model=chosen.model, messages=[{"role": "user", "content": text}])
    await other.chat.completions.create(model="x", messages=[{"role": "user", "content": text}])
""",
    )
    first = given.replays[0].first
    assert (first.provider, first.model.known if first.model else None) == ("openrouter", "y")
    assert annotated.replays[0].first.provider == "openai"


def test_who_asks_is_asked_by_the_dependency(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
from fastapi import Depends, FastAPI, Header
from motor.motor_asyncio import AsyncIOMotorClient
from openai import OpenAI

app = FastAPI()
client = OpenAI()
users = AsyncIOMotorClient().app.users

async def current(authorization: str = Header()):
    return await users.find_one({"token": authorization.removeprefix("Bearer ")})

@app.post("/ask")
async def ask(user=Depends(current)):
    return client.responses.create(model="gpt-4.1", instructions=f"You help {user['name']}.", input="Go on.")
""",
    )
    holes = [hole for request in site.replays[0].requests[:2] for hole in request.blocks[0].text.holes()]
    assert {(hole.lifetime, hole.cause, hole.evidence) for hole in holes} == {(Lifetime.USER, Cause.RETRIEVAL, Evidence.USAGE)}


def test_parts_of_an_event_that_name_who_asks(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
from openai import OpenAI

client = OpenAI()

def handler(event, context):
    about = f"{event['user_id']} {event['headers']['X-Tenant']} {event['session_id']} {event['city']}"
    return client.responses.create(model="gpt-4.1", instructions=about, input="Go on.")
""",
    )
    holes = list(site.replays[0].first.blocks[0].text.holes())
    assert [hole.lifetime for hole in holes] == [Lifetime.USER, Lifetime.USER, Lifetime.SESSION, Lifetime.CALL]
    assert {hole.evidence for hole in holes} == {Evidence.USAGE}


def test_parts_of_an_event_that_are_asked_for_by_a_method(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
from flask import Flask, request
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()

@app.route("/whatsapp", methods=["POST"])
def hook():
    about = f"{request.values.get('From', '')} {request.json.get('session_id')} {request.values.get('Body', '')}"
    return client.responses.create(model="gpt-4.1", instructions=about, input="Go on.")
""",
    )
    holes = list(site.replays[0].first.blocks[0].text.holes())
    assert [hole.lifetime for hole in holes] == [Lifetime.USER, Lifetime.SESSION, Lifetime.CALL]


def test_each_turn_of_a_loop_has_values_of_its_own(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
import sys
from openai import OpenAI

client = OpenAI()

def run():
    for number, name in enumerate(sys.argv[1:]):
        with open(name) as file:
            client.responses.create(model="gpt-4.1", instructions=f"Round {number}", input=file.read())

if __name__ == "__main__":
    run()
""",
    )
    first, second = site.replays[0].requests[:2]
    for one, other in zip(first.blocks, second.blocks, strict=True):
        assert not {hole.identity for hole in one.text.holes()} & {hole.identity for hole in other.text.holes()}
        assert list(one.text.holes())


def test_fields_that_a_spread_mapping_fills(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
from openai import OpenAI

client = OpenAI()

def handler(event, context):
    about = "{name} of {city}".format(**event["profile"])
    return client.responses.create(model="gpt-4.1", instructions=about, input="Go on.")
""",
    )
    holes = list(site.replays[0].first.blocks[0].text.holes())
    assert [(hole.expression, hole.lifetime) for hole in holes] == [("name", Lifetime.CALL), ("city", Lifetime.CALL)]


def test_the_event_of_a_lambda_is_input_whatever_its_type(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        """
from typing import Any
from openai import OpenAI
client = OpenAI()

def handler(event: dict[str, Any], context: Any = None) -> dict[str, Any]:
    asked = event.get("body", {})
    return client.chat.completions.create(model="gpt-4.1", messages=[
        {"role": "system", "content": f"The customer stands at {asked['place']}."}, {"role": "user", "content": asked["text"]}])
""",
    )
    for block in request.blocks:
        (hole,) = block.text.holes()
        assert (hole.lifetime, hole.cause, hole.reason) == (Lifetime.CALL, Cause.INPUT, None)


ROWS = """
from anthropic import Anthropic
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from tables import Guide, Pupil

app = FastAPI()
session = Session(create_engine("sqlite://"))

class Ask(BaseModel):
    guide: int
    bot_id: int
    text: str

@app.post("/{student_id}/ask")
async def ask(student_id: str, body: Ask):
    pupil = session.query(Pupil).filter(Pupil.id == student_id).first()
    bot = session.execute(select(Guide).where(Guide.id == body.bot_id)).scalar_one()
    guide = session.execute(select(Guide).where(Guide.id == body.guide)).scalar_one()
    return Anthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, messages=[{"role": "user", "content": body.text}],
        system=f"{pupil.name} {bot.manner} {guide.text}")
"""


def test_rows_of_who_or_what_a_conversation_is_with_stay_for_it(tmp_path: Path) -> None:
    """The next request of that pupil is about the same pupil; what a field's name does not say so of may be anything."""
    (site,) = sites(tmp_path, app=ROWS)
    one, two = (list(request.blocks[0].text.holes()) for request in site.replays[0].requests[:2])
    assert [hole.lifetime for hole in one] == [Lifetime.USER, Lifetime.USER, Lifetime.CALL]
    assert [a == b for a, b in zip(one, two, strict=True)] == [True, True, False]


LATER = """
from anthropic import Anthropic
from fastapi import FastAPI, HTTPException
from lanes import later

app = FastAPI()
client = Anthropic()

class Visit:
    def __init__(self, guide: str):
        self.guide = guide

visits: dict[str, Visit] = {}

@app.post("/visits")
async def begin(visit: str):
    visits[visit] = Visit("Answer as the guide of the museum does.")

@app.post("/ask")
async def ask(visit: str, text: str):
    found = visits.get(visit)
    if found is None:
        raise HTTPException(404, "no such visit")

    def answer():
        return client.messages.create(
            model="claude-sonnet-4-5", max_tokens=9, system=found.guide, messages=[{"role": "user", "content": text}]
        ).content[0].text

    later.put(answer)
"""


def test_what_a_handler_leaves_for_later_knows_what_another_one_kept(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=LATER)
    assert site.replays
    for replay in site.replays:
        system, question = replay.first.blocks
        assert system.text.known == "Answer as the guide of the museum does."
        (hole,) = question.text.holes()
        assert (hole.expression, hole.lifetime) == ("text", Lifetime.CALL), "the outer function is the handler"


KEPT_ROW = """
import os
from anthropic import Anthropic
from fastapi import FastAPI
from supabase import create_client

app = FastAPI()
client = Anthropic()
base = create_client(os.environ["URL"], os.environ["KEY"])

class Visit:
    def __init__(self):
        self.guide = ""

visits = {}

@app.post("/visits")
def resume(visit: str):
    found = Visit()
    found.guide = base.table("visits").select("*").eq("id", visit).single().execute().data.get("guide", "")
    visits[visit] = found

@app.post("/ask")
def ask(visit: str, text: str):
    return client.messages.create(
        model="claude-sonnet-4-5", max_tokens=9, system=visits.get(visit).guide, messages=[{"role": "user", "content": text}]
    )
"""


def test_a_row_that_was_kept_is_not_what_the_store_was_made_with(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=KEPT_ROW)
    (hole,) = site.replays[0].first.blocks[0].text.holes()
    assert (hole.cause, hole.reason) == (Cause.RETRIEVAL, Reason.EXTERNAL_DATA)


CONNECTION = """
import anthropic
from fastapi import FastAPI, WebSocket
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from tables import Goal

app = FastAPI()
engine = create_engine("sqlite://")
client = anthropic.Anthropic()

@app.{decorator}("/chat/{{goal_id}}")
async def chat(socket: WebSocket, goal_id: int):
    with Session(engine) as session:
        goal = session.execute(select(Goal).where(Goal.id == goal_id)).scalar_one()
    told = []
    while True:
        told.append({{"role": "user", "content": await socket.receive_text()}})
        reply = client.messages.create(
            model="claude-opus-4-8", max_tokens=9, system=f"The goal: {{goal.title}}", messages=told
        )
        told.append({{"role": "assistant", "content": reply.content}})
"""


def test_a_connection_is_one_conversation(tmp_path: Path) -> None:
    """What was looked up as it began stays; another connection's is another conversation's."""
    (site,) = sites(tmp_path, app=CONNECTION.format(decorator="websocket"))
    for replay in site.replays:
        assert len(replay.requests) > 1
        assert len({request.blocks[0].text for request in replay.requests}) == 1
    (other,) = sites(tmp_path, app=CONNECTION.format(decorator="post"))
    assert {len({request.blocks[0].text for request in replay.requests}) for replay in other.replays} != {1}
