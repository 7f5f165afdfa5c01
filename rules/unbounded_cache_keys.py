"""CA702: more cache keys than prompts: one for each user, session or process, although the cached prefix is the same for all."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator

from auditor.api import (
    Block,
    Category,
    Cause,
    Certainty,
    Confidence,
    Effort,
    Example,
    Finding,
    Hole,
    Kind,
    Lifetime,
    Repetition,
    ReplayView,
    Rule,
    RuleMeta,
    Severity,
    SiteView,
    Text,
    TokenCount,
    confidence_of,
    few,
    tokens_in_words,
    used_at,
)

_KEY = "prompt_cache_key"
_NARROW = re.compile(r"user|session|conversation|thread|chat|tenant|customer|account", re.IGNORECASE)
_NARROW_LIFETIMES = frozenset({Lifetime.USER, Lifetime.SESSION})
_GIVEN = frozenset({Cause.INPUT, Cause.LOOP, Cause.RETRIEVAL})
"""What a request is about: its input, a message that was taken from a queue, a row."""


class UnboundedCacheKeys(Rule):
    """There are more cache keys than prompts.

    ## What it finds
    `prompt_cache_key` with the id of a user or session where nothing of the cached prefix is theirs, and keys from `hash()`,
    `id()` or a default `repr`, which differ from process to process.

    ## Why it costs
    The key keeps requests apart: text that all of them share is processed at full price, and from gpt-5.6 on written, once
    for each key. Users with one request in the cache's lifetime never read anything.

    ## How to mend it
    One key for each prompt (`"support-v3"`). Where a user's own text or history stands behind the shared prefix and is long,
    a key for each of them is right.

    ## When it stays quiet
    - Conversations: their history is what is cached, and a key each is right.
    - Prompts that contain the user's own text.
    - Prefixes below the minimum.
    - Keys that spread the load over a few shards.
    - Keys of a deployment or worker.
    - Ids of which only the name is known (low confidence).

    ## Fix safety
    There is no automatic fix: which requests belong together is for you to say.

    ## Sources
    https://developers.openai.com/api/docs/guides/prompt-caching
    https://docs.python.org/3/reference/datamodel.html#object.__hash__
    """

    meta = RuleMeta(
        code="CA702",
        name="unbounded-cache-keys",
        summary="one cache key for each user, session or process where the cached prefix is the same for all",
        category=Category.KEYS,
        severity=Severity.MEDIUM,
        effort=Effort.LOW,
        providers=("openai",),
    )
    bad = (
        Example(
            "One key for each signed-in user",
            """from flask import Flask, request
from flask_login import current_user
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


@app.post("/ask")
def ask() -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[{"role": "system", "content": HANDBOOK}, {"role": "user", "content": request.json["question"]}],
        prompt_cache_key=f"ask-{current_user.id}",
    )
    return response.choices[0].message.content
""",
        ),
        Example(
            "A session's id through two classes",
            """from fastapi import FastAPI, Request
from openai import AsyncOpenAI

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
app = FastAPI()


class Gateway:
    def __init__(self, model: str = "gpt-5.1") -> None:
        self.client = AsyncOpenAI()
        self.model = model

    async def ask(self, text: str, **options: str) -> str:
        response = await self.client.responses.create(model=self.model, instructions=HANDBOOK, input=text, **options)
        return response.output_text


class Desk:
    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def answer(self, text: str, session: str) -> str:
        return await self.gateway.ask(text, prompt_cache_key="desk:" + session)


desk = Desk(Gateway())


@app.post("/ask")
async def ask(request: Request) -> str:
    body = await request.json()
    return await desk.answer(body["text"], request.session["id"])
""",
        ),
        Example(
            "A hash that differs between workers",
            """from openai import OpenAI

HANDBOOK = "Sort the letter into one of the categories of the handbook, and say why in a sentence. " * 300


def key_of(text: str) -> str:
    return str(hash(text))


def sort(client: OpenAI, letter: str) -> str:
    response = client.responses.create(
        model="gpt-5.1", instructions=HANDBOOK, input=letter, prompt_cache_key=key_of(HANDBOOK)
    )
    return response.output_text
""",
        ),
    )
    good = (
        Example(
            "One key for the prompt",
            """from flask import Flask, request
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


@app.post("/ask")
def ask() -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[{"role": "system", "content": HANDBOOK}, {"role": "user", "content": request.json["question"]}],
        prompt_cache_key="ask-v3",
    )
    return response.choices[0].message.content
""",
        ),
        Example(
            "A conversation's own key",
            """from flask import Flask, request, session
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


@app.post("/say")
def say() -> str:
    history = session.setdefault("history", [])
    history.append({"role": "user", "content": request.json["text"]})
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[{"role": "system", "content": HANDBOOK}, *history],
        prompt_cache_key=f"chat-{session['id']}",
    )
    history.append({"role": "assistant", "content": response.choices[0].message.content})
    return history[-1]["content"]
""",
        ),
        Example(
            "A hash that is the same everywhere",
            """import hashlib

from openai import OpenAI

HANDBOOK = "Sort the letter into one of the categories of the handbook, and say why in a sentence. " * 300


def key_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sort(client: OpenAI, letter: str) -> str:
    response = client.responses.create(
        model="gpt-5.1", instructions=HANDBOOK, input=letter, prompt_cache_key=key_of(HANDBOOK)
    )
    return response.output_text
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        # One without turns yet is a conversation's first request. A key of the process is no conversation's own.
        if not any(_conversation(view) and not _of_process(view) for view in site.views):
            yield from super().check_site(site)

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        key = view.request.params.get(_KEY)
        if key is None or view.replay.repetition is Repetition.ONCE:
            return
        shared = _of_all(view)
        if view.certainty(shared) is not Certainty.ABOVE:
            return
        for hole in key.holes():
            found = _narrow(hole)
            if found is None:
                continue
            each, confidence = found
            yield self.report(
                view,
                message=(
                    f"`{hole.expression}` makes a `{_KEY}` for each {each}, although {tokens_in_words(shared)} at the front of"
                    f" the prompt are the same for all: they are cached once for each {each}."
                ),
                recommendation=f"Name the prompt: one fixed `{_KEY}` for all requests that begin with this text.",
                subject=hole.expression,
                confidence=min(confidence, Confidence.HIGH if view.repeated else Confidence.MEDIUM),
                place=used_at(hole),
                trace=hole.trace,
            )
            return


def _conversation(view: ReplayView) -> bool:
    """Whether earlier turns stand in the messages, or may: then they are what each key's cache is for."""
    keys = {hole.identity for hole in _key(view).holes()}
    return view.growing or any(
        block.role == "assistant"
        or (block.kind is Kind.STRETCH and (block.lifetime is not Lifetime.CALL or _loaded(block, keys)))
        for block in view.blocks
    )


def _of_process(view: ReplayView) -> bool:
    return any(hole.cause is Cause.IDENTITY for hole in _key(view).holes())


def _loaded(block: Block, keys: set[Hashable]) -> bool:
    """Whether messages were looked up by what the key is made of."""
    return any(not keys.isdisjoint(hole.roots) for hole in block.text.holes())


def _key(view: ReplayView) -> Text:
    return view.request.params.get(_KEY) or Text()


def _narrow(hole: Hole) -> tuple[str, Confidence] | None:
    """Whom the value belongs to, and how sure that is; None where it is not known to be narrower than the prompt."""
    if hole.reason is not None or few(hole):
        return None
    if hole.cause is Cause.IDENTITY:
        return "process", Confidence.HIGH
    if hole.lifetime in _NARROW_LIFETIMES:
        return hole.lifetime.label, confidence_of(hole.evidence)
    named = _NARROW.search(hole.expression)
    if named is not None and hole.cause in _GIVEN:
        return named[0].lower(), min(confidence_of(hole.evidence), Confidence.MEDIUM)
    return None


def _of_all(view: ReplayView) -> TokenCount:
    """The known prefix up to the first value that is not everybody's."""
    for spot in view.spots:
        if spot.block.per_request or not (Lifetime.CONSTANT <= spot.hole.lifetime < Lifetime.USER):
            return view.ahead(spot)
    return view.mended
