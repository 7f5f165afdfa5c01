"""Gemini requests are read from every way of writing them, and look-alikes are left alone."""

from __future__ import annotations

from pathlib import Path

from tests.llm.requests_of import requests, shape, sites

GENAI = "from google import genai\nfrom google.genai import types\nclient = genai.Client()\n"


def test_options_as_object_mapping_and_late_attributes(tmp_path: Path) -> None:
    found = requests(
        tmp_path,
        GENAI
        + """
def lookup(city: str) -> str: ...
config = types.GenerateContentConfig(temperature=0)
config.system_instruction = "Set later."
client.models.generate_content(model="gemini-3.6-flash", contents="a", config=types.GenerateContentConfig(
    system_instruction="Be kind.", tools=[lookup, types.Tool(function_declarations=[{"name": "find"}, {"name": "sort"}])]))
client.models.generate_content(model="gemini-3.6-flash", contents="b", config={"system_instruction": ["One.", "Two."]})
client.aio.models.generate_content(model="gemini-3.6-flash", contents="c", config=config)
""",
    )
    first, second, third = found
    assert [block.name for block in first.blocks[:3]] == ["lookup", "find", "sort"]
    assert shape(first)[3:] == [("system", "system", "Be kind."), ("messages", "user", "a")]
    assert shape(second) == [("system", "system", "One."), ("system", "system", "Two."), ("messages", "user", "b")]
    assert shape(third) == [("system", "system", "Set later."), ("messages", "user", "c")]
    assert {request.provider for request in found} == {"gemini"}


def test_neighbouring_parts_are_one_message(tmp_path: Path) -> None:
    (request,) = requests(
        tmp_path,
        GENAI
        + """
client.models.generate_content(model="gemini-3.6-flash", contents=[
    "p", types.Part.from_text(text="q"),
    types.Content(role="model", parts=[types.Part(text="r")]), {"role": "user", "parts": ["s"]}])
""",
    )
    assert [(block.message, block.role, block.text.render()) for block in request.blocks] == [
        (0, "user", "p"),
        (0, "user", "q"),
        (1, "assistant", "r"),
        (2, "user", "s"),
    ]


def test_a_chat_keeps_its_history(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app=GENAI
        + """
chat = client.chats.create(model="gemini-3.6-flash", config={"system_instruction": "Tutor."})
for line in ("one", "two", "three"):
    chat.send_message(line)
""",
    )
    assert site.multi_turn
    third = site.replays[0].requests[2]
    roles = ["system", "user", "assistant", "user", "assistant", "user"]
    assert [block.role for block in third.blocks] == roles
    assert third.blocks[-1].text.known == "three"


def test_an_explicit_cache_and_its_use(tmp_path: Path) -> None:
    (site_create, site_use) = sites(
        tmp_path,
        app=GENAI
        + """
def answer(question):
    cache = client.caches.create(model="gemini-3.6-flash", config=types.CreateCachedContentConfig(
        system_instruction="S", contents=["D"], ttl="600s"))
    return client.models.generate_content(model="gemini-3.6-flash", contents=question,
        config=types.GenerateContentConfig(cached_content=cache.name))
""",
    )
    made = site_create.replays[0].first
    assert site_create.site.api == "gemini.caches.create"
    assert shape(made) == [("system", "system", "S"), ("messages", "user", "D")]
    assert made.params["ttl"].known == "600s"
    used = [request.params["cached_content"] for request in site_use.replays[0].requests]
    assert used[0] != used[1], "each call makes a cache of its own"
    assert next(used[0].holes()).place is not None
    assert next(used[0].holes()).place == site_create.site.place


def test_the_older_sdk_and_vertex(tmp_path: Path) -> None:
    found = requests(
        tmp_path,
        """
import google.generativeai as old
from vertexai.generative_models import GenerativeModel, Part
model = old.GenerativeModel("gemini-2.5-pro", system_instruction="Old.")
model.generate_content(["hello"])
model.start_chat().send_message("hi")
GenerativeModel(model_name="gemini-2.5-flash", system_instruction=["Vertex."]).generate_content([Part.from_text("v")])
""",
    )
    assert [(request.surface, request.model.known if request.model else None) for request in found] == [
        ("api", "gemini-2.5-pro"),
        ("api", "gemini-2.5-pro"),
        ("vertex", "gemini-2.5-flash"),
    ]
    assert [shape(request)[0][2] for request in found] == ["Old.", "Old.", "Vertex."]
    assert [shape(request)[-1][2] for request in found] == ["hello", "hi", "v"]


def test_a_model_of_unknown_configuration_says_so(tmp_path: Path) -> None:
    (site,) = sites(
        tmp_path,
        app="""
from vertexai.generative_models import GenerativeModel
def infer(model: GenerativeModel, prompt: str):
    return model.generate_content(prompt)
""",
    )
    assert any("configuration" in what for what, _ in site.unknown)


def test_look_alikes_are_no_call_sites(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app="""
from google import genai
class Writer:
    def generate_content(self, topic):
        return topic
def run(bot, writer, topic):
    Writer().generate_content(topic)
    writer.generate_content(topic)
    bot.send_message(topic)
    bot.send_message(chat_id=1, text="hello")
""",
    )
    assert not found


def test_a_request_begins_with_the_cache_that_it_names(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app=GENAI
        + """
made = client.caches.create(model="gemini-3.6-flash", config={"contents": ["D"], "system_instruction": "S"})
client.caches.update(name=made.name, config={"ttl": "7200s"})
made = client.caches.get(name=made.name)
kept = {"handbook": made.name}
config = types.GenerateContentConfig(cached_content=kept["handbook"], tools=[])
client.models.generate_content(model="gemini-3.6-flash", contents="Q", config=config)
config.tool_config = {"mode": "ANY"}
client.models.generate_content(model="gemini-3.6-flash", contents="Q", config=config)
client.models.generate_content(model="gemini-3.6-flash", contents="Q", config={"cached_content": "cachedContents/7"})
""",
    )
    used, refused, named = (site.replays[0].first for site in found[1:])
    assert shape(used) == [("system", "system", "S"), ("messages", "user", "D"), ("messages", "user", "Q")]
    assert [(block.message, block.per_request) for block in used.blocks] == [(None, False), (0, False), (1, True)]
    assert used.cache is not None
    assert (used.cache.blocks, used.cache.own, used.cache.place) == (2, (), found[0].site.place)
    assert refused.cache is not None
    assert refused.cache.own == ("tool_config",)
    assert refused.cache.identity == used.cache.identity
    assert named.cache is not None
    assert (named.cache.blocks, named.cache.sure) == (0, True)


def test_a_model_of_a_cache_is_the_caches(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app="""
from vertexai.generative_models import GenerativeModel
from vertexai.preview import caching
cache = caching.CachedContent.create(model_name="gemini-2.5-pro", model="gemini-2.5-pro", contents=["D"])
GenerativeModel.from_cached_content(cached_content=cache).generate_content("Q")
""",
    )
    used = found[1].replays[0].first
    assert used.model is not None
    assert used.model.known == "gemini-2.5-pro"
    assert used.blocks[0].text.known == "D"


def test_a_chat_that_is_handed_in_sends(tmp_path: Path) -> None:
    found = sites(
        tmp_path,
        app="""
from google.genai.chats import Chat
from vertexai.generative_models import ChatSession

def reply(chat: ChatSession, prompt: str) -> str:
    return chat.send_message(prompt, stream=True)

def ask(chat: Chat, prompt: str) -> str:
    return chat.send_message(prompt).text

def post(chat, prompt):
    return chat.send_message(prompt)
""",
    )
    assert [(site.site.function, site.replays[0].first.surface) for site in found] == [("reply", "vertex"), ("ask", "api")]
