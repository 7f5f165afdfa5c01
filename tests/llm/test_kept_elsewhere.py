"""What one entry keeps in a container of a module or class, and another one finds there."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.values.lifetime import Reason
from tests.llm.requests_of import shape, sites

HEAD = """
from anthropic import Anthropic
from fastapi import Body, FastAPI

client = Anthropic()
app = FastAPI()

def send(told, manner="Be brief."):
    answer = client.messages.create(model="claude-haiku-4-5", max_tokens=9, system=manner, messages=told)
    told.append({"role": "assistant", "content": answer.content[0].text})
    return answer.content[0].text
"""

OF_A_CLASS = """
class Rooms:
    _all = {}

    @classmethod
    def open(cls, key):
        cls._all[key] = []

    @classmethod
    def of(cls, key):
        return cls._all.get(key)

@app.post("/open")
def begin(key: str = Body()):
    Rooms.open(key)

@app.post("/ask")
def ask(key: str = Body(), text: str = Body()):
    told = Rooms.of(key)
    if told is None:
        return "open it first"
    told.append({"role": "user", "content": text})
    return send(told)
"""

REGISTERS_ITSELF = """
class Room:
    known = {}

    def __init__(self, key):
        self.told = []
        Room.known[key] = self

@app.post("/open")
def begin(key: str = Body()):
    Room(key)

@app.post("/ask")
def ask(key: str = Body(), text: str = Body()):
    room = Room.known.get(key)
    if not room:
        return "open it first"
    room.told.append({"role": "user", "content": text})
    return send(room.told)
"""

BY_A_METHOD = """
from discord.ext import commands

ROOMS = {}

class Chat(commands.Cog):
    @commands.command()
    async def begin(self, ctx):
        ROOMS[ctx.channel.id] = []

    @commands.Cog.listener()
    async def on_message(self, message):
        if message.channel.id not in ROOMS:
            return
        told = ROOMS[message.channel.id]
        told.append({"role": "user", "content": message.content})
        await message.reply(send(told))
"""

BY_A_FUNCTION_THAT_IS_GIVEN_IT = """
from discord.ext import commands

async def begin_in(cog, ctx, text):
    if not text:
        await ctx.reply("Say something.")
        return
    told = [{"role": "user", "content": text}]
    told.append({"role": "assistant", "content": send(told)})
    cog.rooms[(ctx.author.id, ctx.channel.id)] = told

async def go_on(cog, message):
    told = cog.rooms.get((message.author.id, message.channel.id))
    if told is not None:
        told.append({"role": "user", "content": message.content})
        await message.reply(send(told))

class Chat(commands.Cog):
    def __init__(self, bot):
        self.bot = bot
        self.rooms = {}

    @commands.command()
    async def begin(self, ctx, text):
        await begin_in(self, ctx, text)

    @commands.Cog.listener()
    async def on_message(self, message):
        await go_on(self, message)
"""

BY_FUNCTIONS_INSIDE = """
import telebot

bot = telebot.TeleBot("token")
ROOMS = {}

def set_up(bot):
    @bot.message_handler(commands=["start"])
    def begin(message):
        ROOMS[message.chat.id] = {"told": []}

    @bot.message_handler(func=lambda message: True)
    def ask(message):
        room = ROOMS.get(message.chat.id)
        if not room:
            return
        room["told"].append({"role": "user", "content": message.text})
        bot.reply_to(message, send(room["told"]))

set_up(bot)
bot.infinity_polling()
"""

BY_A_LONG_FUNCTION = """
import threading
from flask import Flask, g, request

site = Flask(__name__)
ROOMS = {}
LOCK = threading.Lock()

@site.post("/open")
def begin():
    words = [word * 2 for word in "a b c d e f g h i j k l m n o p q r s t u v w x y z".split()]
    found = [one + other for one in words for other in words]
    more = [one.upper() for one in found for other in words[:8]]
    first = send([{"role": "user", "content": "(rings)"}])
    with LOCK:
        ROOMS[g.user.id] = {"told": [{"role": "user", "content": "(rings)"}, {"role": "assistant", "content": first}]}
    return first

@site.post("/ask")
def ask():
    with LOCK:
        room = ROOMS.get(g.user.id)
    if not room:
        return "", 400
    room["told"].append({"role": "user", "content": request.json["text"]})
    return send(room["told"])
"""

FORMS = {
    "class methods": OF_A_CLASS,
    "objects that register themselves": REGISTERS_ITSELF,
    "a method that writes a module's": BY_A_METHOD,
    "a function that the object is given to": BY_A_FUNCTION_THAT_IS_GIVEN_IT,
    "functions inside of another one": BY_FUNCTIONS_INSIDE,
    "a function that is too long to be run": BY_A_LONG_FUNCTION,
}


@pytest.mark.parametrize("form", FORMS)
def test_what_another_entry_keeps_by_a_key_is_there(form: str, tmp_path: Path) -> None:
    (site,) = sites(tmp_path, app=HEAD + FORMS[form])
    runs = [[[role for _, role, _ in shape(request)] for request in replay.requests] for replay in site.replays]
    assert any(run[0][-1:] == ["user"] and run[1][len(run[0]) :] == ["assistant", "user"] for run in runs if len(run) > 1)


def test_another_file_s_entry_fills_it_as_well(tmp_path: Path) -> None:
    begin = """
import chat
import rooms

@chat.app.post("/open")
def begin(key: str):
    rooms.ROOMS[key] = []
"""
    ask = """
import rooms

@app.post("/ask")
def ask(key: str = Body(), text: str = Body()):
    if key not in rooms.ROOMS:
        return "open it first"
    told = rooms.ROOMS[key]
    told.append({"role": "user", "content": text})
    return send(told)
"""
    (site,) = sites(tmp_path, rooms="ROOMS = {}\n", begin=begin, chat=HEAD + ask)
    second = site.replays[0].requests[1]
    assert [role for _, role, _ in shape(second)] == ["system", "user", "assistant", "user"]


MANNERS = """
MANNERS = {}

@app.post("/manner")
def choose(user: str = Body(), manner: str = Body()):
    MANNERS[{put}] = manner

@app.post("/ask")
def ask(user: str = Body(), text: str = Body()):
    {ask}
    return send([{"role": "user", "content": text}], manner)
"""
ASKED = {
    "a user's": ("user", "manner = MANNERS.get(user)\n    if manner is None:\n        return 'choose'"),
    "everybody's": ('"all"', "if 'all' not in MANNERS:\n        return 'choose'\n    manner = MANNERS['all']"),
}


@pytest.mark.parametrize("name", ASKED)
def test_of_what_another_entry_is_given_nothing_is_known_but_that_it_is_there(name: str, tmp_path: Path) -> None:
    put, ask = ASKED[name]
    (site,) = sites(tmp_path, app=HEAD + MANNERS.replace("{put}", put).replace("{ask}", ask))
    (hole,) = site.replays[0].first.blocks[0].text.holes()
    assert hole.reason is Reason.EXTERNAL_DATA


def test_what_the_entry_itself_keeps_is_not_there_before(tmp_path: Path) -> None:
    """A cache by a constant key is filled by the request that finds nothing; a default says what nobody changed."""
    code = """
KEPT = {}
MANNERS = {}

def manual():
    if "manual" not in KEPT:
        KEPT["manual"] = "Rules of the house."
    return KEPT["manual"]

@app.post("/manner")
def choose(user: str = Body(), manner: str = Body()):
    MANNERS[user] = manner

@app.post("/ask")
def ask(user: str = Body(), text: str = Body()):
    return send([{"role": "user", "content": text}], manual() + MANNERS.get(user, "Be brief."))
"""
    (site,) = sites(tmp_path, app=HEAD + code)
    assert [shape(request)[0][2] for request in site.replays[0].requests[:2]] == ["Rules of the house.Be brief."] * 2


def test_what_may_be_there_is_asked_for_both_ways(tmp_path: Path) -> None:
    """Answers that are kept: that somebody may have asked the same before says nothing of who asks first."""
    code = """
ANSWERS = {}

def known(text):
    return text in ANSWERS

def keep(text, answer):
    ANSWERS[text] = answer

@app.post("/ask")
def ask(text: str = Body()):
    if known(text):
        return ANSWERS[text]
    answer = send([{"role": "user", "content": text}])
    keep(text, answer)
    return answer
"""
    (site,) = sites(tmp_path, app=HEAD + code)
    assert [role for _, role, _ in shape(site.replays[0].first)] == ["system", "user"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ('NOTES.get(key, "")', {"Known: {NOTES.get(key, '')}", "Known: "}),
        ('NOTES.get(key, "none")', {"Known: none"}),
        ('" ".join(NOTES.values())', {"Known: {NOTES.values()}"}),
        ('" ".join(name for name in NOTES)', {"Known: {(name for name in NOTES)}"}),
        ('" ".join(name + note for name, note in NOTES.items())', {"Known: {(name + note for name, note in NOTES.items())}"}),
        ("str(NOTES)", {"Known: {{NOTES}}"}),
        ('f"{len(NOTES)} notes"', {"Known: {len(NOTES)} notes"}),
        ('("much" if NOTES else "little")', {"Known: much", "Known: little"}),
        ('("much" if len(NOTES) > 0 else "little")', {"Known: much", "Known: little"}),
        ('json.dumps({"notes": dict(NOTES), "more": {**NOTES}})', {'Known: {"notes": {{dict(NOTES)}}, "more": {{NOTES}}}'}),
        ('"; ".join(LOG)', {"Known: {LOG}"}),
        ('" ".join(line.strip() for line in LOG[-9:])', {"Known: {(line.strip() for line in LOG[-9:])}"}),
        ('("much" if LOG else "little")', {"Known: much", "Known: little"}),
        ('f"{len(LOG)} lines"', {"Known: {len(LOG)} lines"}),
        ('" ".join(page.shown() for page in PAGES)', {"Known: {(page.shown() for page in PAGES)}"}),
        ('" ".join(sorted(KEYS))', {"Known: {KEYS}"}),
        ('" ".join(OWN)', {"Known: own"}),
    ],
    ids=[
        "with an empty default",
        "with a default",
        "values",
        "keys",
        "items",
        "as text",
        "number",
        "whether there are any",
        "whether there is one",
        "as JSON",
        "list",
        "end of a list",
        "whether a list has any",
        "number of a list",
        "list of objects",
        "set",
        "list of one's own",
    ],
)
def test_a_mapping_that_another_entry_fills_is_not_empty(asked: str, told: set[str], tmp_path: Path) -> None:
    handlers = f"""
import json

NOTES = {{}}
LOG, PAGES, OWN = [], [], []
KEYS = set()

class Page:
    def __init__(self, text):
        self.text = text

    def shown(self):
        return f"<{{self.text}}>"

def say(words):
    OWN.append(words)

@app.post("/note")
def note(key: str = Body(), text: str = Body()):
    NOTES[key] = text
    LOG.append(text)
    PAGES.append(Page(text))
    KEYS.add(key)

@app.post("/ask")
def ask(key: str = Body()):
    if not OWN:
        say("own")
    return send([{{"role": "user", "content": "Known: " + {asked}}}])
"""
    (site,) = sites(tmp_path, app=HEAD + handlers)
    assert {text for replay in site.replays for _, _, text in shape(replay.first) if text.startswith("Known")} == told
