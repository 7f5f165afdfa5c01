"""What a web application carries for all of its requests: `app.state.desk`, set where it starts."""

from __future__ import annotations

from pathlib import Path

from tests.llm.requests_of import sites

DESK = """
import anthropic

class Desk:
    def __init__(self, model):
        self.model = model
        self.talks = {}

    def history(self, user):
        return self.talks.setdefault(user, [])

    async def answer(self, history):
        return await anthropic.AsyncAnthropic().messages.create(model=self.model, max_tokens=9, messages=history)
"""

STARTED = """
from contextlib import asynccontextmanager
from fastapi import FastAPI
from desk import Desk

@asynccontextmanager
async def lifespan(app):
    model = "claude-" + "opus-4-6"
    print("starting")
    app.state.desk = Desk(model)
    yield
    app.state.desk = None

app = FastAPI(lifespan=lifespan)
"""

ROUTES = """
from fastapi import APIRouter, Request

router = APIRouter()

@router.post("/chat")
async def chat(request: Request, user: str, text: str):
    desk = request.app.state.desk
    history = desk.history(user)
    history.append({"role": "user", "content": text})
    answer = await desk.answer(history)
    history.append({"role": "assistant", "content": answer.content})
    return answer
"""

OWN_ROUTE = """
@app.post("/chat")
async def chat(user: str, text: str):
    history = app.state.desk.history(user)
    history.append({"role": "user", "content": text})
    answer = await app.state.desk.answer(history)
    history.append({"role": "assistant", "content": answer.content})
"""


def sent(folder: Path, **files: str) -> tuple[str, bool]:
    """The model, and whether the conversation was seen to grow."""
    (site,) = sites(folder, desk=DESK, **files)
    request = site.replays[0].first
    counts = [len(one.blocks) for one in site.replays[0].requests]
    assert request.model is not None
    return request.model.render(), counts == sorted(counts) and counts[-1] > counts[0]


def test_what_hangs_on_the_application_is_what_its_start_hung_there(tmp_path: Path) -> None:
    assert sent(tmp_path, main=STARTED, routes=ROUTES) == ("claude-opus-4-6", True)


def test_a_route_of_the_same_module_finds_it_as_well(tmp_path: Path) -> None:
    assert sent(tmp_path, main=STARTED + OWN_ROUTE) == ("claude-opus-4-6", True)


def test_what_hangs_on_a_request_is_not_the_application_s(tmp_path: Path) -> None:
    middleware = """
    from desk import Desk
    from starlette.requests import Request

    async def typed(request: Request, call_next):
        request.state.desk = Desk("claude-" + request.headers["x-model"])
        return await call_next(request)

    async def named(request, call_next):
        request.state.desk = Desk("claude-" + request.headers["x-model"])
        return await call_next(request)
    """
    assert sent(tmp_path, main=STARTED, a_middleware=middleware, routes=ROUTES) == ("claude-opus-4-6", True)


def test_what_is_hung_in_place_of_itself_is_asked_for_once(tmp_path: Path) -> None:
    """What hangs there is made of what hung there before: the call is heard, and nothing goes round in circles."""
    again = STARTED.replace("Desk(model)", "Desk(model, before=app.state.desk)")
    desk = DESK.replace("def __init__(self, model):", "def __init__(self, model, before=None):")
    (site,) = sites(tmp_path, desk=desk, main=again, routes=ROUTES)
    (request, *_) = site.replays[0].requests
    assert request.model is not None
    assert request.model.render() == "claude-opus-4-6"


def test_a_factory_that_starts_it_is_passed_nothing(tmp_path: Path) -> None:
    """Its parameters are what they are without an argument; what it loads itself instead is known, however many steps later."""
    more = "".join(f"    part{number} = [model, {'settings' if not number else f'part{number - 1}'}]\n" for number in range(20))
    factory = f"""
from fastapi import FastAPI
from desk import Desk

class Settings:
    model = "claude-opus-4-6"

def create_app(settings: Settings | None = None):
    settings = settings or Settings()
    model = settings.model
{more}    desk = Desk(model, part19)
    app = FastAPI()
    app.state.desk = desk
    return app
"""
    desk = DESK.replace("def __init__(self, model):", "def __init__(self, model, parts):")
    (site,) = sites(tmp_path, desk=desk, main=factory, routes=ROUTES)
    assert {request.model.render() for replay in site.replays for request in replay.requests if request.model} == {
        "claude-opus-4-6"
    }
