"""CA504: requests with one prefix are started side by side before any of them could fill the cache."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Category,
    Certainty,
    Confidence,
    Effort,
    Example,
    Finding,
    ProjectView,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    difference,
)


class ColdFanOut(Rule):
    """Parallel requests share a prefix, and all start before the first has answered.

    ## What it finds
    A thread pool, `asyncio.gather` or a task group that sends several requests with one cacheable prefix at once, where no
    earlier request with that prefix was waited for.

    ## Why it costs
    A cache entry can be read once the response that writes it has begun. Requests that start together all miss, and where
    writing costs a premium each of them pays it for the same prefix.

    ## How to mend it
    Send one request first and wait for it (or for its first token), then the others.

    ## When it stays quiet
    - Requests whose prefix is certainly too short to be cached.
    - Requests that are waited for one by one.
    - A fan-out behind a first request with the same prefix.
    - Code that switches no caching on.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA504",
        name="cold-fan-out",
        summary="requests with one prefix are started side by side before any of them could fill the cache",
        category=Category.LIFETIME,
        severity=Severity.MEDIUM,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "A thread pool asks many questions about one handbook",
            """from concurrent.futures import ThreadPoolExecutor

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def ask(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text


def ask_all(questions: list[str]) -> list[str]:
    with ThreadPoolExecutor(max_workers=8) as pool:
        futures = []
        for question in questions:
            futures.append(pool.submit(ask, question))
        return [future.result() for future in futures]
""",
        ),
        Example(
            "Coroutines gathered in a comprehension",
            """import asyncio

import anthropic

client = anthropic.AsyncAnthropic()
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200


async def classify(ticket: str) -> str:
    response = await client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=50,
        system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": ticket}],
    )
    return response.content[0].text


async def classify_all(tickets: list[str]) -> list[str]:
    return await asyncio.gather(*[classify(ticket) for ticket in tickets])
""",
        ),
        Example(
            "An executor's map",
            """from concurrent.futures import ThreadPoolExecutor

import anthropic

client = anthropic.Anthropic()
STYLE = "Translate into plain English and keep all numbers as they are. " * 600


def translate(page: str) -> str:
    answer = client.messages.create(
        model="claude-opus-4-5",
        max_tokens=4000,
        system=[{"type": "text", "text": STYLE, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        messages=[{"role": "user", "content": page}],
    )
    return answer.content[0].text


def translate_all(pages: list[str]) -> list[str]:
    with ThreadPoolExecutor() as executor:
        return list(executor.map(translate, pages))
""",
        ),
    )
    good = (
        Example(
            "One after another",
            """import anthropic

client = anthropic.AsyncAnthropic()
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200


async def classify(ticket: str) -> str:
    response = await client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=50,
        system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": ticket}],
    )
    return response.content[0].text


async def classify_all(tickets: list[str]) -> list[str]:
    return [await classify(ticket) for ticket in tickets]
""",
        ),
        Example(
            "The first one is waited for",
            """import asyncio

import anthropic

client = anthropic.AsyncAnthropic()
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200


async def classify(ticket: str) -> str:
    response = await client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=50,
        system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": ticket}],
    )
    return response.content[0].text


async def classify_all(tickets: list[str]) -> list[str]:
    first = await classify(tickets[0])
    return [first, *await asyncio.gather(*[classify(ticket) for ticket in tickets[1:]])]
""",
        ),
        Example(
            "A prompt too short to be cached",
            """from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI

client = OpenAI()


def title(text: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "system", "content": "Give a title of five words."}, {"role": "user", "content": text}],
    )
    return response.choices[0].message.content


def titles(texts: list[str]) -> list[str]:
    with ThreadPoolExecutor() as executor:
        return list(executor.map(title, texts))
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        every = [view for site in project.sites for view in site.views if not view.request.opaque]
        for view in every:
            if not any(_waited_for(other, view) for other in every):
                yield from self.check_replay(view)

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        requests = view.replay.requests
        # What is sent behind the fan-out, and waited for (another try, a second round), takes nothing back.
        if len(requests) < 2 or any(request.started is None for request in requests[:2]) or view.site.context == "test":
            return
        if not view.intended or any(request.automatic is not None for request in requests[:1]):
            return
        place = requests[0].started
        # The marked prefix that the first two share: what the second could have read.
        shared = [
            point
            for point in view.breakpoints()
            if point.block < len(requests[1].blocks)
            and all(
                one.text == other.text
                for one, other in zip(requests[0].blocks, requests[1].blocks[: point.block + 1], strict=False)
            )
        ]
        if not shared or view.certainty(shared[-1].tokens) is Certainty.BELOW:
            return
        where = "system prompt" if view.blocks[shared[-1].block].section is Section.SYSTEM else "prefix"
        yield self.report(
            view,
            message=(
                f"Requests that share a marked {where} are started here side by side: none can read what another writes, and each"
                " pays for writing it."
            ),
            recommendation="Send one request and wait for its answer to begin before the others are started.",
            subject="cold fan-out",
            confidence=Confidence.HIGH if view.certainty(shared[-1].tokens) is Certainty.ABOVE else Confidence.MEDIUM,
            place=place,
            saving=view.saving(shared[-1].tokens, written=True),
        )


def _waited_for(first: ReplayView, fan: ReplayView) -> bool:
    """Whether another call, which is waited for above the fan-out in the same function, sends what all of them begin with."""
    place = fan.request.started
    one, its = first.site, fan.site
    if one.place == its.place:
        return False
    if place is None or first.request.started is not None or (one.place.path, one.function) != (place.path, its.function):
        return False
    marked = [index for index, _ in fan.markers if not fan.blocks[index].per_request]
    if one.place.line >= place.line or not marked or first.request.model != fan.request.model:
        return False
    return difference(fan.request, first.request, marked[0] + 1) is None
