"""What a framework hands from a program's start to its handlers: the bot itself, and what was put into it by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.llm.requests_of import shape, sites

SETTINGS = """
class Settings:
    def __init__(self):
        self.manner = "Answer as a cook."
"""

BOT = """
import discord
from discord.ext import commands
from settings import Settings

class Helper(commands.Bot):
    def __init__(self):
        super().__init__(command_prefix="!", intents=discord.Intents.default())
        self.settings = None

    async def setup_hook(self):
        self.settings = Settings()
        await self.load_extension("cog")

Helper().run("token")
"""

COG = """
from anthropic import AsyncAnthropic
from discord.ext import commands

class Ask(commands.Cog):
    def __init__(self, bot{declared}):
        self.bot = bot

    @commands.hybrid_command()
    async def ask(self, ctx, text: str):
        await AsyncAnthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, system=self.bot.settings.manner,
            messages=[{"role": "user", "content": text}])

async def {setup}(bot):
    await bot.add_cog(Ask(bot))
"""


@pytest.mark.parametrize(
    ("declared", "setup", "seen"),
    [("", "setup", True), (": commands.Bot", "setup", True), ("", "other", False)],
)
def test_extensions_ask_the_projects_own_bot(declared: str, setup: str, seen: bool, tmp_path: Path) -> None:
    cog = COG.replace("{declared}", declared).replace("{setup}", setup)
    (site,) = sites(tmp_path, settings=SETTINGS, bot=BOT, cog=cog)
    assert (shape(site.replays[0].requests[0])[0][2] == "Answer as a cook.") is seen


START = """
from aiogram import Bot, Dispatcher
from chat import router
from settings import Settings

async def main():
    settings = Settings()
    dp = Dispatcher({made})
    {put}
    dp.include_router(router)
    await dp.start_polling(Bot("token"){polled})
"""

CHAT = """
from aiogram import F, Router
from anthropic import AsyncAnthropic

router = Router()

@router.message(F.text)
async def on_text(message, settings):
    await AsyncAnthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, system=settings.manner,
        messages=[{"role": "user", "content": message.text}])
"""

MIDDLEWARE = """
from aiogram import BaseMiddleware
from settings import Settings

class Given(BaseMiddleware):
    def __init__(self):
        self.settings = Settings()

    async def __call__(self, handler, event, data):
        data["settings"] = self.settings
        return await handler(event, data)
"""


@pytest.mark.parametrize(
    ("made", "put", "polled", "more"),
    [
        ("", 'dp["settings"] = settings', "", ""),
        ("", 'dp.workflow_data["settings"] = settings', "", ""),
        ("settings=settings", "", "", ""),
        ("", "", ", settings=settings", ""),
        ("", "", "", MIDDLEWARE),
        ("", 'other["settings"] = settings', "", None),
    ],
)
def test_a_handlers_parameter_is_what_the_start_put_under_its_name(
    made: str, put: str, polled: str, more: str | None, tmp_path: Path
) -> None:
    start = START.replace("{made}", made).replace("{put}", put).replace("{polled}", polled)
    (site,) = sites(tmp_path, settings=SETTINGS, main=start, chat=CHAT, given=more or "")
    assert (shape(site.replays[0].requests[0])[0][2] == "Answer as a cook.") is (more is not None)


SERVICE = """
from anthropic import AsyncAnthropic

class Service:
    def __init__(self, manner):
        self.manner = manner

    async def ask(self, told):
        await AsyncAnthropic().messages.create(model="claude-haiku-4-5", max_tokens=9, system=self.manner,
            messages=[{"role": "user", "content": told}])
"""

ROUTES = """
from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel
from service import Service

class Ask(BaseModel):
    text: str

{lifespan}

def service(request: Request) -> Service:
    return request.app.state.service

@app.post("/ask")
async def ask(body: Ask, request: Request, given=Depends(service)):
    await {asked}.ask(body.text)
"""

LIFESPAN = """async def lifespan(application):
    manner = "Answer as a cook."
    application.state.service = Service(manner)
    yield

app = FastAPI(lifespan=lifespan)
"""
STARTUP = """app = FastAPI()

@app.on_event("startup")
async def start():
    app.state.service = Service("Answer as a cook.")
"""


@pytest.mark.parametrize("asked", ["request.app.state.service", "app.state.service", "given"])
@pytest.mark.parametrize("started", [LIFESPAN, STARTUP])
def test_what_the_start_hangs_on_the_application(started: str, asked: str, tmp_path: Path) -> None:
    (site,) = sites(tmp_path, service=SERVICE, main=ROUTES.replace("{lifespan}", started).replace("{asked}", asked))
    found = shape(site.replays[0].requests[0])
    assert [text for *_, text in found] == ["Answer as a cook.", "{body.text}"]


POLLED = """
from service import Service
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

async def on_text(update: Update, context: ContextTypes.DEFAULT_TYPE):
    await context.bot_data["service"].ask(update.message.text)

def main():
    application = Application.builder().token("token").build()
    application.bot_data["service"] = Service("Answer as a cook.")
    application.add_handler(MessageHandler(filters.TEXT, on_text))
    application.run_polling()
"""


def test_what_the_start_leaves_in_a_bots_data(tmp_path: Path) -> None:
    (site,) = sites(tmp_path, service=SERVICE, main=POLLED)
    found = shape(site.replays[0].requests[0])
    assert [text for *_, text in found] == ["Answer as a cook.", "{update.message.text}"]
