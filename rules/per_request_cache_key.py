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
    Section,
    Severity,
    Text,
    TokenCount,
    confidence_of,
    few,
    of_messages,
    tokens_in_words,
    used_at,
)

_KEY = "prompt_cache_key"
_UNIQUE = frozenset({Cause.UUID, Cause.CLOCK, Cause.RANDOM})
_OWN = frozenset({Cause.INPUT, Cause.RETRIEVAL, Cause.RESPONSE})
# Ids of what more requests than one may be about, by the names that programs give them; and those of a request itself.
_LASTING = re.compile(
    r"user|session|conversation|thread|chat|tenant|customer|account|org|team|workspace|project|channel|agent|bot|id\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(r"(request|req|message|msg|trace|correlation|call|event)_?id\b", re.IGNORECASE)


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
    - One key per conversation that is made once and kept.
    - Keys of a user or tenant (CA702) or with the id of anything else that more requests may be about.
    - Keys that differ as the prompts do.
    - Clocks in coarse steps (`time.time() // 3600`).
    - Random choices among a few keys: these spread load.
    - Single requests.
    - Requests whose prompts differ from the start as well.

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
        Example(
            "Keys that differ as the prompts do, and the id of something that many ask about",
            """from flask import Flask, request
from openai import OpenAI

app = Flask(__name__)
client = OpenAI()
GUIDE = "Prefer short sentences, plain words and the active voice, and never begin with a number. " * 250
EDITORS = {"news": "You edit the news.", "sport": "You edit the sports pages."}


@app.post("/edit")
def edit() -> list[str]:
    edited = []
    for desk, role in EDITORS.items():
        response = client.responses.create(
            model="gpt-4.1", instructions=GUIDE + role, input=request.json["text"], prompt_cache_key=desk
        )
        edited.append(response.output_text)
    return edited


@app.post("/explain")
def explain() -> str:
    lesson = request.json["lesson"]
    response = client.responses.create(
        model="gpt-4.1", instructions=GUIDE, input=str(lesson), prompt_cache_key=f"lesson-{lesson['id']}"
    )
    return response.output_text
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
        reason = _reason(key, requests[1].params[_KEY], view)
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
            saving=view.saving(shared, self._written(view)) if view.certainty(shared) is Certainty.ABOVE else None,
            trace=hole.trace if hole is not None else (),
        )

    @staticmethod
    def _written(view: ReplayView) -> bool:
        """Whether a request pays for writing what the next one could have read."""
        return any(billing.written.estimate > 0 for billing in view.simulation.billing[1:])


def _reason(key: Text, later: Text, view: ReplayView) -> tuple[str, Confidence, Hole | None] | None:
    """Why the key differs, and how sure that is; None where it is a group's, or nothing is known of it."""
    kept = {hole.identity for hole in later.holes()}
    changing = [hole for hole in key.holes() if hole.identity not in kept]
    if not changing:
        counted = not list(key.holes()) and _same_prompt(view)
        return ("The loop's element", Confidence.MEDIUM, None) if counted else None
    for hole in changing:
        if hole.reason is not None or few(hole):
            continue
        what, sure = f"`{hole.expression}`", confidence_of(hole.evidence)
        if hole.lifetime is Lifetime.CALL and hole.cause in _UNIQUE:
            return what, sure, hole
        own = hole.lifetime is Lifetime.CALL and hole.cause in _OWN
        if own and _REQUEST.search(hole.expression):
            return what, min(sure, Confidence.MEDIUM), hole
        sent = of_messages(hole, view)
        if (own or sent) and not _LASTING.search(hole.expression):
            return what, min(sure, Confidence.MEDIUM if sent else Confidence.LOW), hole
    return None


def _same_prompt(view: ReplayView) -> bool:
    """Whether all requests have the same tools and the same system prompt: where these differ, the keys may as well."""
    prompts = [
        [block.text for block in request.blocks if block.section is not Section.MESSAGES] for request in view.replay.requests
    ]
    return all(prompt == prompts[0] for prompt in prompts)


def _place(key: Text, hole: Hole | None) -> Place | None:
    if hole is not None:
        return used_at(hole)
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
