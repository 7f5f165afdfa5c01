"""CA505: a warming request whose prefix differs from the requests that it should warm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.api import (
    Category,
    Confidence,
    Effort,
    Example,
    Finding,
    ProjectView,
    ReplayView,
    Request,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    describe,
    difference,
)

TINY = 16
"""Tokens of an answer that nobody can want to read."""
NAMES = ("warm", "keep_alive", "keepalive", "prime", "preload", "heartbeat")
"""Parts of names that say, where the answer may be one token long, what a request is for."""
REFUSED = {
    "thinking": ("enabled", "adaptive"),
    "tool_choice": ('"any"', '"tool"'),
    "output_config": ("format",),
}
"""What the API refuses together with an answer of no tokens: parameter, and what it must hold."""


class IneffectiveWarmUp(Rule):
    """A request that is to fill the cache, or to keep it alive, has another prefix than the requests that should read it.

    ## What it finds
    A request whose answer nobody looks at and that allows for a few tokens only (none at all, or one in a function whose name
    says so), where no call of the project that sends to the same provider begins with what it caches: another model, other
    tools, another system prompt, or a marker on its placeholder message; also a warming request that the API refuses, with
    `max_tokens=0` together with thinking, streaming or a forced tool.

    ## Why it costs
    Each warming request pays the write price for an entry that nothing reads, and the requests that it is meant for find the
    cache as cold as before.

    ## How to mend it
    Build both requests with one function: same model, tools, system prompt and thinking, the marker on the last block that they
    share, which is never the placeholder message.

    ## When it stays quiet
    - Warming requests that begin like some other request.
    - Projects in which another call to the provider could not be read.
    - Checks that carry no marker and no telling name.
    - Tests.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA505",
        name="ineffective-warm-up",
        summary="a warming request has another prefix than the requests that it should warm",
        category=Category.LIFETIME,
        severity=Severity.HIGH,
        effort=Effort.LOW,
        providers=("anthropic",),
    )
    bad = (
        Example(
            "The warm-up forgets the tools, which stand first",
            """import anthropic

client = anthropic.Anthropic()
RULES = "Never promise a refund before the host has agreed to it. " * 300
TOOLS = [{"name": "refund", "description": "Sends money back.", "input_schema": {"type": "object", "properties": {}}}]
SYSTEM = [{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}]


def warm_up() -> None:
    client.messages.create(
        model="claude-sonnet-4-5", max_tokens=1, system=SYSTEM, messages=[{"role": "user", "content": "hi"}]
    )
""",
            {
                "service.py": """from fastapi import FastAPI

from app import SYSTEM, TOOLS, client

api = FastAPI()


@api.post("/ask")
def ask(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=800,
        system=SYSTEM,
        tools=TOOLS,
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
"""
            },
        ),
        Example(
            "The marker of the keep-alive request sits on its placeholder",
            """import asyncio

import anthropic

RULES = "Never promise a refund before the host has agreed to it. " * 300


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.AsyncAnthropic()

    async def keep_alive(self) -> None:
        while True:
            await self.client.messages.create(
                model="claude-sonnet-4-5",
                max_tokens=0,
                system=RULES,
                cache_control={"type": "ephemeral"},
                messages=[{"role": "user", "content": "ping"}],
            )
            await asyncio.sleep(240)
""",
            {
                "desk.py": """import anthropic

from app import RULES, Desk


class Answers(Desk):
    async def answer(self, question: str) -> str:
        system = [{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}]
        response = await self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=500, system=system, messages=[{"role": "user", "content": question}]
        )
        return response.content[0].text
"""
            },
        ),
        Example(
            "The cache of one model is warmed for another one",
            """import anthropic

client = anthropic.Anthropic()
RULES = [
    {
        "type": "text",
        "text": "Never promise a refund before the host has agreed to it. " * 500,
        "cache_control": {"type": "ephemeral", "ttl": "1h"},
    }
]


def prime_cache(model: str = "claude-haiku-4-5") -> None:
    client.messages.create(model=model, max_tokens=1, system=RULES, messages=[{"role": "user", "content": "ok"}])


prime_cache()
""",
            {
                "answers.py": """from app import RULES, client


def answer(questions: list[str]) -> list[str]:
    return [ask(question) for question in questions]


def ask(question: str) -> str:
    response = client.messages.create(
        model="claude-opus-4-1", max_tokens=500, system=RULES, messages=[{"role": "user", "content": question}]
    )
    return response.content[0].text
"""
            },
        ),
    )
    good = (
        Example(
            "Both requests are built by one function",
            """import anthropic

client = anthropic.Anthropic()
RULES = "Never promise a refund before the host has agreed to it. " * 300
TOOLS = [{"name": "refund", "description": "Sends money back.", "input_schema": {"type": "object", "properties": {}}}]


def send(text: str, max_tokens: int):
    return client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=max_tokens,
        system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}],
        tools=TOOLS,
        messages=[{"role": "user", "content": text}],
    )


def warm_up() -> None:
    send("hi", max_tokens=1)


def answer(question: str) -> str:
    return send(question, max_tokens=800).content[0].text
""",
        ),
        Example(
            "A check that the key is valid warms nothing and is not meant to",
            """import anthropic


def check_key(key: str) -> bool:
    client = anthropic.Anthropic(api_key=key)
    try:
        client.messages.create(model="claude-haiku-4-5", max_tokens=1, messages=[{"role": "user", "content": "hi"}])
    except anthropic.AuthenticationError:
        return False
    return True
""",
        ),
        Example(
            "A short answer that is read",
            """import anthropic

client = anthropic.Anthropic()
RULES = "Say Y if somebody has to be woken up for this line of the log, else N. " * 200


def urgent(lines: list[str]) -> list[bool]:
    found = []
    for line in lines:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=1,
            system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": line}],
        )
        found.append(response.content[0].text == "Y")
    return found
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        # One call may send both: a function that is given the text and the length of the answer.
        sent = [(view, request) for site in project.sites for view in site.views for request in view.replay.requests]
        warming = _first_of_each([(view, request) for view, request in sent if _warms(view, request)])
        others = _first_of_each([(view, request) for view, request in sent if not _warms(view, request)])
        for view, request in warming:
            refused = self._refused(view, request)
            if refused:
                why = f"the API refuses {refused} together with `max_tokens=0`"
                yield self._said(view, request, why, refused, [one for _, one in others])
                continue
            served = [(other, one) for other, one in others if one.provider == request.provider]
            if not served or not self._all_read(project, view):
                continue
            found = [self._misses(view, request, one) for _, one in served]
            if all(found):
                closest = _closest(view, [other for other, _ in served], found)
                yield self._said(view, request, closest, "another prefix", [one for _, one in served])

    @staticmethod
    def _all_read(project: ProjectView, view: ReplayView) -> bool:
        """Whether nothing that may be what is warmed stayed unread."""
        return all(_read(site) for site in project.sites if site.site.context == view.site.context)

    @staticmethod
    def _refused(view: ReplayView, request: Request) -> str:
        if request.max_tokens != 0:
            return ""
        if view.site.api.endswith(".stream"):
            return "streaming"
        params = request.params
        return next(
            (f"`{name}`" for name, parts in REFUSED.items() if name in params and any(p in params[name].literal for p in parts)),
            "",
        )

    @staticmethod
    def _misses(view: ReplayView, one: Request, its: Request) -> str:
        """Why another request certainly reads nothing of what this one caches; empty where it may."""
        if one.model is not None and its.model is not None and one.model.known and its.model.known and one.model != its.model:
            return f"it asks {one.model.known}, they ask {its.model.known}"
        markers = view.markers_of(one)
        if not markers:
            return "it carries no marker, so that nothing is cached"
        if any(marker.unknown for _, marker in markers):
            return ""
        missing = [index if _own(one, its, index) else difference(one, its, index + 1) for index, _ in markers]
        if any(at is None for at in missing):
            return ""
        last = missing[-1] or 0
        block = one.blocks[last]
        if block.section is Section.MESSAGES:
            return "its marker stands on its own placeholder message, which no other request repeats"
        if last < len(its.blocks) and its.blocks[last].section is Section.TOOLS and block.section is not Section.TOOLS:
            return "it leaves out the tools, which stand ahead of everything else"
        return f"{describe(block)} is another one there"

    def _said(self, view: ReplayView, request: Request, why: str, subject: str, others: Sequence[Request]) -> Finding:
        shared = {place for other in others if other.site == request.site for place in other.way}
        own = [place for place in request.way if place not in shared] if shared else []
        return self.report(
            view,
            message=f"This request is sent to fill the cache, but no other request will read anything of it: {why}.",
            recommendation=(
                "Build the warming request with the function that builds the others: same model, tools, system prompt and"
                " thinking, the marker on the last block that they share."
            ),
            subject=f"ineffective warm-up: {subject}",
            confidence=Confidence.HIGH if request.max_tokens == 0 else Confidence.MEDIUM,
            place=own[-1] if own else None,  # one function sends both: who asks it for the warming request
        )


def _first_of_each(sent: Sequence[tuple[ReplayView, Request]]) -> list[tuple[ReplayView, Request]]:
    """One request of each replay."""
    return list({id(view): (view, request) for view, request in reversed(sent)}.values())[::-1]


def _warms(view: ReplayView, request: Request) -> bool:
    """Whether a request is there for the cache alone: nobody looks at an answer of a few tokens."""
    if request.max_tokens is None or request.max_tokens > TINY or view.site.context == "test":
        return False
    # Whoever shares the function that sends says further up what the request is for.
    functions = (view.site.function.rsplit(".", 1)[-1], *request.functions)
    named = any(part in name.lower() for name in functions for part in NAMES)
    if request.max_tokens == 0:
        return True
    return (request.unused and (view.intended or named)) or (named and request.max_tokens == 1)


def _own(one: Request, its: Request, index: int) -> bool:
    """Whether a block is this request's question, and not a document that the others open their question with, too."""
    block = one.blocks[index]
    return block.per_request and (index >= len(its.blocks) or its.blocks[index].text.render() != block.text.render())


def _read(site: SiteView) -> bool:
    return bool(site.views) and not any(view.request.opaque for view in site.views)


def _closest(view: ReplayView, served: Sequence[ReplayView], found: Sequence[str]) -> str:
    """The reason of the request that is most like the warming one: in its file or, else, the first."""
    near = (why for other, why in zip(served, found, strict=True) if other.site.place.path == view.site.place.path)
    return next(near, found[0])
