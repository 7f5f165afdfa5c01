"""CA704: an explicit cache that the API refuses, or that is made for one request alone."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Category,
    Certainty,
    Confidence,
    Effort,
    Example,
    ExplicitCache,
    Finding,
    ProjectView,
    Repetition,
    Replay,
    ReplayView,
    Rule,
    RuleMeta,
    Severity,
    SiteView,
    minimum_in_words,
    tokens_in_words,
    total,
)

_CREATES = "gemini.caches.create"
_HOUR = 3_600  # seconds
_TELLING = 100  # tokens from which a count says something of a content of which little is known


class ExplicitCacheMisuse(Rule):
    """An explicit cache is used in a way that fails, or that costs more than it saves.

    ## What it finds
    Gemini: a request that names `cached_content` and says `system_instruction`, `tools` or `tool_config` besides, or asks another
    model than the cache was made for; content that is too short for a cache; a cache that is made anew for each request; a cache
    of an hour or more, or without `ttl`, that a program leaves behind when it ends (low; medium where it leaves one for each
    element of a loop).

    ## Why it costs
    The first three are answered with 400. A cache for one request is written, stored for its lifetime (an hour where no `ttl`
    says otherwise) and read once: that costs more than sending the text. Storage is paid for by the hour until the lifetime ends,
    whether or not anybody is left to read.

    ## How to mend it
    Put everything that is fixed (instructions, tools, documents) into the cache, and only what is new into the request. Make the
    cache once, keep its name, and delete it when it is no longer needed.

    ## When it stays quiet
    - Caches that several requests read.
    - Caches made once and kept (in an object, a module or a mapping).
    - Names that may be None.
    - Caches without `ttl` of a program that goes on, such as a server.
    - Programs that delete their caches, or give them a lifetime below an hour.

    ## Fix safety
    There is no automatic fix: where a cache is kept is for you to say.

    ## Sources
    https://ai.google.dev/gemini-api/docs/caching
    https://cloud.google.com/vertex-ai/generative-ai/docs/context-cache/context-cache-overview
    """

    meta = RuleMeta(
        code="CA704",
        name="explicit-cache-misuse",
        summary="an explicit cache that the API refuses, or that is made for one request alone",
        category=Category.KEYS,
        severity=Severity.CRITICAL,
        effort=Effort.MEDIUM,
        providers=("gemini",),
    )
    bad = (
        Example(
            "The instructions once more beside the cache",
            """from google import genai
from google.genai import types

MODEL = "gemini-3.6-flash"
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 600
client = genai.Client()
cache = client.caches.create(
    model=MODEL,
    config=types.CreateCachedContentConfig(system_instruction="You read handbooks.", contents=[HANDBOOK], ttl="3600s"),
)


def answer(question: str) -> str:
    response = client.models.generate_content(
        model=MODEL,
        contents=question,
        config=types.GenerateContentConfig(cached_content=cache.name, system_instruction="You read handbooks."),
    )
    return response.text
""",
        ),
        Example(
            "A cache for each question",
            """from flask import Flask, request
from google import genai
from google.genai import types

app = Flask(__name__)
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 600


class Reader:
    def __init__(self, model: str = "gemini-3.6-flash") -> None:
        self.client = genai.Client()
        self.model = model

    def cache(self) -> types.CachedContent:
        config = types.CreateCachedContentConfig(contents=[HANDBOOK], display_name="handbook")
        return self.client.caches.create(model=self.model, config=config)

    def answer(self, question: str) -> str:
        config = types.GenerateContentConfig(cached_content=self.cache().name, temperature=0.2)
        return self.client.models.generate_content(model=self.model, contents=question, config=config).text


reader = Reader()


@app.post("/ask")
def ask() -> str:
    return reader.answer(request.json["question"])
""",
        ),
        Example(
            "Another model than the cache was made for",
            """import asyncio

from google import genai

CHEAP, GOOD = "gemini-3.6-flash", "gemini-3.1-pro"
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 600


async def main(questions: list[str]) -> None:
    client = genai.Client()
    cache = await client.aio.caches.create(model=CHEAP, config={"contents": [HANDBOOK], "ttl": "600s"})
    for question in questions:
        response = await client.aio.models.generate_content(
            model=GOOD, contents=question, config={"cached_content": cache.name}
        )
        print(response.text)
    await client.aio.caches.delete(name=cache.name)


if __name__ == "__main__":
    asyncio.run(main(["Where do I begin?", "How do I cancel?", "Who pays the postage?"]))
""",
        ),
        Example(
            "A script that leaves its cache to the provider",
            """import argparse

from google import genai
from google.genai import types

MODEL = "gemini-3.6-flash"
QUESTIONS = ["Who signed it?", "When does it end?", "What does leaving it early cost?"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("contract")
    path = parser.parse_args().contract
    client = genai.Client()
    document = client.files.upload(file=path)
    config = types.CreateCachedContentConfig(contents=[document], system_instruction="You read contracts.")
    cache = client.caches.create(model=MODEL, config=config)
    for question in QUESTIONS:
        asked = types.GenerateContentConfig(cached_content=cache.name)
        print(client.models.generate_content(model=MODEL, contents=question, config=asked).text)


if __name__ == "__main__":
    main()
""",
        ),
        Example(
            "Too little for a cache",
            """from google import genai

client = genai.Client()
cache = client.caches.create(
    model="gemini-3.6-flash",
    config={"system_instruction": "Answer politely and cite the section of the handbook that you rely on.", "ttl": "300s"},
)
""",
        ),
    )
    good = (
        Example(
            "One cache for all questions",
            """from google import genai
from google.genai import types

MODEL = "gemini-3.6-flash"
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 600


class Reader:
    def __init__(self) -> None:
        self.client = genai.Client()
        self.cache = self.client.caches.create(
            model=MODEL, config=types.CreateCachedContentConfig(contents=[HANDBOOK], ttl="600s")
        )

    def answer(self, question: str) -> str:
        config = types.GenerateContentConfig(cached_content=self.cache.name, temperature=0.2)
        return self.client.models.generate_content(model=MODEL, contents=question, config=config).text


reader = Reader()
for line in ("Where do I begin?", "How do I cancel?", "Who pays the postage?"):
    print(reader.answer(line))
""",
        ),
        Example(
            "A script that deletes its cache at the end",
            """from google import genai
from google.genai import types

MODEL = "gemini-3.6-flash"
QUESTIONS = ["Who signed it?", "When does it end?", "What does leaving it early cost?"]


def main(path: str) -> None:
    client = genai.Client()
    document = client.files.upload(file=path)
    config = types.CreateCachedContentConfig(contents=[document], system_instruction="You read contracts.")
    cache = client.caches.create(model=MODEL, config=config)
    try:
        for question in QUESTIONS:
            asked = types.GenerateContentConfig(cached_content=cache.name)
            print(client.models.generate_content(model=MODEL, contents=question, config=asked).text)
    finally:
        client.caches.delete(name=cache.name)


if __name__ == "__main__":
    main("contract.pdf")
""",
        ),
        Example(
            "A cache for each document, and several questions to each",
            """from pathlib import Path

from google import genai
from google.genai import types

MODEL = "gemini-3.6-flash"
QUESTIONS = ("What is it about?", "Who signed it?", "What does it cost?")
client = genai.Client()


def read(document: Path) -> list[str]:
    config = types.CreateCachedContentConfig(contents=[document.read_text()], ttl="300s")
    cache = client.caches.create(model=MODEL, config=config)
    answers = []
    for question in QUESTIONS:
        response = client.models.generate_content(
            model=MODEL, contents=question, config=types.GenerateContentConfig(cached_content=cache.name)
        )
        answers.append(response.text)
    client.caches.delete(name=cache.name)
    return answers
""",
        ),
        Example(
            "A cache that is made when it is first needed",
            """from google import genai
from google.genai import types

MODEL = "gemini-3.6-flash"
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 600


class Reader:
    def __init__(self) -> None:
        self.client = genai.Client()
        self.caches: dict[str, str] = {}

    def cache(self, language: str) -> str:
        if language not in self.caches:
            config = types.CreateCachedContentConfig(contents=[HANDBOOK], system_instruction=f"Answer in {language}.")
            self.caches[language] = self.client.caches.create(model=MODEL, config=config).name
        return self.caches[language]

    def answer(self, language: str, question: str) -> str:
        config = types.GenerateContentConfig(cached_content=self.cache(language))
        return self.client.models.generate_content(model=MODEL, contents=question, config=config).text
""",
        ),
        Example(
            "A function that keeps its results",
            """from functools import lru_cache

from google import genai

MODEL = "gemini-3.6-flash"
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 600


@lru_cache(maxsize=1)
def client() -> genai.Client:
    return genai.Client()


@lru_cache(maxsize=8)
def cache_for(language: str) -> str:
    contents = [HANDBOOK, f"Answer in {language}."]
    return client().caches.create(model=MODEL, config={"contents": contents, "ttl": "3600s"}).name


def answer(language: str, question: str) -> str:
    config = {"cached_content": cache_for(language)}
    return client().models.generate_content(model=MODEL, contents=question, config=config).text
""",
        ),
        Example(
            "Instructions only where there is no cache",
            """from google import genai
from google.genai import types

MODEL = "gemini-3.6-flash"
client = genai.Client()


def answer(question: str, cache_name: str | None = None) -> str:
    if cache_name:
        config = types.GenerateContentConfig(cached_content=cache_name)
    else:
        config = types.GenerateContentConfig(system_instruction="Answer politely.")
    return client.models.generate_content(model=MODEL, contents=question, config=config).text
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        for view in site.views:
            yield from self._refused(view)
            yield from self._too_small(view)
        if site.views and all(_each_its_own(view) for view in site.views):
            view = site.views[0]
            if (cache := view.request.cache) is not None:
                yield self._made_for_one(view, cache)

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        yield from super().check_project(project)
        for site in project.sites:
            if site.site.api == _CREATES and not site.replays.ended:
                view = next((view for view in site.views if _left_behind(view, project)), None)
                if view is not None:
                    yield self._forgotten(view)

    def _forgotten(self, view: ReplayView) -> Finding:
        return self.report(
            view,
            message="The program ends and leaves its cache behind: its storage is paid for an hour or more, and nobody reads it.",
            recommendation="Delete the cache at the end (`caches.delete`, in a `finally`), or give it a `ttl` of some minutes.",
            subject="a cache left behind",
            severity=Severity.LOW if view.replay.repetition is Repetition.ONCE else Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
        )

    def _refused(self, view: ReplayView) -> Iterator[Finding]:
        for rejection in view.rejections("cached-content"):
            request = view.replay.requests[rejection.request]
            other = rejection.option == "model"
            yield self.report(
                view,
                message=f"{rejection.message.rstrip('.')}: the API answers 400.",
                recommendation=(
                    "Send the request to the model that the cache was made for."
                    if other
                    else f"Put `{rejection.option}` into the cache alone, and leave it out of the request."
                ),
                subject=f"{rejection.option} beside cached_content",
                confidence=Confidence.HIGH if request.cache is not None and request.cache.blocks else Confidence.MEDIUM,
            )

    def _too_small(self, view: ReplayView) -> Iterator[Finding]:
        if view.site.api != _CREATES or view.request.opaque or view.request.unknown or view.minimum is None:
            return
        size = total(view.tokens(index) for index in range(len(view.blocks)))
        if view.blocks and view.certainty(size) is Certainty.BELOW:
            yield self.report(
                view,
                message=(
                    f"The content of the cache is {tokens_in_words(size)}, below {minimum_in_words(view.minimum)}:"
                    " the API answers 400 (Cached content is too small)."
                ),
                recommendation="Send so short a text with each request; a cache is for long documents.",
                subject="content below the minimum",
            )

    def _made_for_one(self, view: ReplayView, cache: ExplicitCache) -> Finding:
        size = total(view.tokens(index) for index in range(cache.blocks))
        amount = f" of {tokens_in_words(size)}" if size.low >= _TELLING else ""
        return self.report(
            view,
            message=(
                f"A cache{amount} is made for each request and read by that one alone: it costs what the text costs, and its"
                " storage until it ends."
            ),
            recommendation="Make the cache once, keep its name, and let all requests name it; or send the text without one.",
            subject="a cache for each request",
            severity=Severity.HIGH,
            place=cache.place,
        )


def _left_behind(view: ReplayView, project: ProjectView) -> bool:
    """Whether the one run that makes the cache also sends everything that reads it, and its lifetime is an hour or more."""
    made = view.site.place
    readers = [
        other.replay
        for site in project.sites
        for other in site.views
        if (cache := other.request.cache) is not None and cache.place is not None and cache.place.overlaps(made)
    ]
    ends = all(_ends(replay) and replay.entry == view.replay.entry for replay in (view.replay, *readers))
    return bool(readers) and ends and view.site.context != "test" and _an_hour(view)


def _ends(replay: Replay) -> bool:
    """Whether a program sends these requests and then goes on to its end."""
    endless = any(request.loop is not None and request.loop.most is None for request in replay.requests)
    return replay.repetition in {Repetition.ONCE, Repetition.LOOP} and not endless


def _an_hour(view: ReplayView) -> bool:
    """By default, or as it says: `ttl="7200s"`."""
    if "expire_time" in view.request.params:
        return False
    ttl = view.request.params.get("ttl")
    seconds = ttl.known.removesuffix("s") if ttl is not None and ttl.known else ""
    return ttl is None or (seconds.isdecimal() and int(seconds) >= _HOUR)


def _each_its_own(view: ReplayView) -> bool:
    """Whether every request of the replay names a cache that was made for it alone."""
    requests = view.replay.requests
    if len(requests) < 2 or view.replay.repetition is Repetition.ONCE:
        return False
    caches = [request.cache for request in requests if request.cache is not None and request.cache.blocks]
    made = [cache.identity for cache in caches if not cache.kept]
    return len(made) == len(requests) == len(set(made))
