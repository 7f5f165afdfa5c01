"""CA701: the key of the cache is another one with every request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from auditor.api import (
    Category,
    Cause,
    Certainty,
    Confidence,
    Effort,
    Evidence,
    Example,
    Finding,
    Hole,
    Lifetime,
    Literal,
    Place,
    Repetition,
    ReplayView,
    Rule,
    RuleMeta,
    Severity,
    Text,
    TokenCount,
    confidence_of,
    tokens_in_words,
)

_KEY = "prompt_cache_key"
_UNIQUE = frozenset({Cause.UUID, Cause.CLOCK})
_OWN = frozenset({Cause.INPUT, Cause.RETRIEVAL, Cause.RESPONSE})
# What many requests have in common, by the names that programs give it: a key of it is a question of CA702.
_LASTING = re.compile(
    r"user|session|conversation|thread|chat|tenant|customer|account|org|team|workspace|project|channel|agent|bot", re.IGNORECASE
)
_BUCKET = re.compile(r"//|%|round|floor")  # a clock in coarse steps, a hash in a few shards


class PerRequestCacheKey(Rule):
    """`prompt_cache_key` is another one with every request.

    ## What it finds
    A key that is made anew for each request: from `uuid`, a token or the clock, from the question or from a hash over the whole
    prompt, or counted up in a loop.

    ## Why it costs
    The provider looks for a cached prefix only among requests of the same key. With a key for each request there is never one:
    every prompt is processed at full price, and from gpt-5.6 on written to the cache as well.

    ## How to mend it
    Name the prompt, not the request: one fixed key for all requests that begin alike (`"support-v3"`), with the tenant or the
    conversation in it only where the cached prefix is theirs.

    ## When it stays quiet
    One key per conversation that is made once and kept, keys of a user or tenant (CA702), clocks rounded to hours, random
    choices among a few keys (these spread load), single requests, and requests whose prompts differ from the start as well.

    ## Fix safety
    There is no automatic fix: which requests belong together is for you to say.

    ## Sources
    https://developers.openai.com/api/docs/guides/prompt-caching
    https://docs.x.ai/docs/guides/prompt-caching
    """

    meta = RuleMeta(
        code="CA701",
        name="per-request-cache-key",
        summary="the cache key is another one with every request",
        category=Category.KEYS,
        severity=Severity.HIGH,
        effort=Effort.LOW,
        providers=("openai", "xai", "mistral"),
    )
    bad = (
        Example(
            "A new uuid for each request",
            """from uuid import uuid4

from flask import Flask, request
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def complete(question: str, cache_key: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        prompt_cache_key=cache_key,
        messages=[{"role": "system", "content": HANDBOOK}, {"role": "user", "content": question}],
    )
    return response.choices[0].message.content


@app.post("/ask")
def ask() -> str:
    return complete(request.json["question"], cache_key=f"ask-{uuid4()}")
""",
        ),
        Example(
            "A hash over everything that is sent",
            """import hashlib
import json

from fastapi import FastAPI
from openai import AsyncOpenAI
from pydantic import BaseModel

app = FastAPI()
client = AsyncOpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Ask(BaseModel):
    text: str


@app.post("/ask")
async def ask(body: Ask) -> str:
    items = [{"role": "developer", "content": HANDBOOK}, {"role": "user", "content": body.text}]
    key = hashlib.sha256(json.dumps(items, sort_keys=True).encode()).hexdigest()
    response = await client.responses.create(model="gpt-6-sol", input=items, extra_body={"prompt_cache_key": key[:32]})
    return response.output_text
""",
        ),
        Example(
            "Numbered requests of a job",
            """import time

from openai import OpenAI

HANDBOOK = "Sort the letter into one of the categories of the handbook, and say why in a sentence. " * 300


class Sorter:
    def __init__(self) -> None:
        self.client = OpenAI()
        self.model = "gpt-5.1"

    def options(self, number: int) -> dict[str, str]:
        return {"model": self.model, "prompt_cache_key": f"sort-{int(time.time())}-{number}"}

    def run(self, letters: list[str]) -> list[str]:
        answers = []
        for number, letter in enumerate(letters):
            response = self.client.responses.create(instructions=HANDBOOK, input=letter, **self.options(number))
            answers.append(response.output_text)
        return answers
""",
        ),
    )
    good = (
        Example(
            "One key for all requests that begin alike",
            """from flask import Flask, request
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
VERSION = 3


@app.post("/ask")
def ask() -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        prompt_cache_key=f"handbook-v{VERSION}",
        messages=[{"role": "system", "content": HANDBOOK}, {"role": "user", "content": request.json["question"]}],
    )
    return response.choices[0].message.content
""",
        ),
        Example(
            "A key for each conversation, made once",
            """from uuid import uuid4

from openai import OpenAI

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Conversation:
    def __init__(self, client: OpenAI) -> None:
        self.client = client
        self.key = f"conversation-{uuid4()}"
        self.messages = [{"role": "system", "content": HANDBOOK}]

    def say(self, text: str) -> str:
        self.messages.append({"role": "user", "content": text})
        response = self.client.chat.completions.create(
            model="gpt-4.1", messages=self.messages, prompt_cache_key=self.key
        )
        answer = response.choices[0].message.content
        self.messages.append({"role": "assistant", "content": answer})
        return answer


def main() -> None:
    conversation = Conversation(OpenAI())
    while line := input("> "):
        print(conversation.say(line))


if __name__ == "__main__":
    main()
""",
        ),
        Example(
            "A hash over what is fixed, and a few keys to spread the load",
            """import hashlib
import random

from openai import OpenAI

HANDBOOK = "Sort the letter into one of the categories of the handbook, and say why in a sentence. " * 300
DIGEST = hashlib.sha256(HANDBOOK.encode()).hexdigest()[:12]


def sort(client: OpenAI, letters: list[str]) -> list[str]:
    answers = []
    for letter in letters:
        key = f"{DIGEST}-{random.randint(0, 3)}"
        response = client.responses.create(model="gpt-5.1", instructions=HANDBOOK, input=letter, prompt_cache_key=key)
        answers.append(response.output_text)
    return answers


if __name__ == "__main__":
    print(sort(OpenAI(), open("letters.txt", encoding="utf-8").read().split("---")))
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        requests = view.replay.requests
        if len(requests) < 2 or view.replay.repetition is Repetition.ONCE:
            return
        for earlier, later in pairwise(requests):
            one, two = earlier.params.get(_KEY), later.params.get(_KEY)
            if one is None or two is None or one == two:
                return  # at least once the key was kept
        key = requests[0].params[_KEY]
        reason = _reason(key, requests[1].params[_KEY])
        if reason is None:
            return
        what, confidence, hole = reason
        shared = min((view.shared_with(later) for later in requests[1:]), key=lambda count: count.estimate)
        if shared.estimate == 0:
            return  # prompts that differ from the start share nothing that a key could keep apart
        place = _place(key, hole)
        yield self.report(
            view,
            message=(
                f"{what} makes another `{_KEY}` for each request, so that none finds what another one left in the cache:"
                f" {_amount(view, shared)}."
            ),
            recommendation=f"Name the prompt instead of the request: one fixed `{_KEY}` for all requests that begin alike.",
            subject=what,
            severity=_severity(view, shared),
            confidence=confidence if view.repeated else min(confidence, Confidence.MEDIUM),
            place=place,
            trace=hole.trace if hole is not None else (),
        )


def _reason(key: Text, later: Text) -> tuple[str, Confidence, Hole | None] | None:
    """Why the key differs, and how sure that is; None where it is a group's, or nothing is known of it."""
    kept = {hole.identity for hole in later.holes()}
    changing = [hole for hole in key.holes() if hole.identity not in kept]
    if not changing:
        literal = any(isinstance(piece, Literal) for piece in key.pieces)
        return ("The loop's element", Confidence.MEDIUM, None) if literal and not list(key.holes()) else None
    for hole in changing:
        if hole.lifetime is not Lifetime.CALL or hole.reason is not None or _BUCKET.search(hole.expression):
            continue
        if hole.cause in _UNIQUE:
            return f"`{hole.expression}`", confidence_of(hole.evidence), hole
        if hole.cause in _OWN and not _LASTING.search(hole.expression):
            sure = Confidence.LOW if hole.evidence is Evidence.NAME else Confidence.MEDIUM
            return f"`{hole.expression}`", sure, hole
    return None


def _place(key: Text, hole: Hole | None) -> Place | None:
    if hole is not None:
        return hole.entered.place if hole.entered is not None and hole.cause in _OWN else hole.place
    return next((piece.place for piece in key.pieces if isinstance(piece, Literal) and piece.place is not None), None)


def _amount(view: ReplayView, shared: TokenCount) -> str:
    if view.certainty(shared) is Certainty.BELOW:
        return f"although the {tokens_in_words(shared)} that they share are too few to be cached anyway"
    return f"{tokens_in_words(shared)} that they share are processed anew with every request"


def _severity(view: ReplayView, shared: TokenCount) -> Severity:
    match view.certainty(shared):
        case Certainty.ABOVE:
            return Severity.HIGH
        case Certainty.NEAR:
            return Severity.MEDIUM
        case Certainty.BELOW:
            return Severity.LOW
