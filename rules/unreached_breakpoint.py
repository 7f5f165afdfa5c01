"""CA306: code places a marker, and no replayed request carries it."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Category,
    Certainty,
    Confidence,
    Effort,
    Example,
    Finding,
    Place,
    ProjectView,
    ReplayView,
    Rule,
    RuleMeta,
    Severity,
    SiteView,
    tokens_in_words,
)


class UnreachedBreakpoint(Rule):
    """A marker is written on the way to a request, and no request carries it.

    ## What it finds
    Code that puts `cache_control` on a block or makes a block that has one, on the way to a call none of whose requests carries a
    marker: a copy that is thrown away (also while the program is loaded), a result that nobody passes on, a list that is built
    anew afterwards; a test ahead of the marker that fails for every request, as one for the names of older models or for an
    index behind the last one.

    ## Why it costs
    The author believes that caching is on. Nothing is cached, every request pays the full price, and no error tells of it.

    ## How to mend it
    Pass on what was marked: return the copy and use the result, or mark the very list that is sent.

    ## When it stays quiet
    - Requests of which something could not be read.
    - Markers that some request of the project carries.
    - Markers that are written under a condition which may hold.
    - Settings that switch caching off.
    - Calls with caching switched on in another way.
    - Tests.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA306",
        name="unreached-breakpoint",
        summary="a marker is written that no request carries",
        category=Category.BREAKPOINTS,
        severity=Severity.HIGH,
        effort=Effort.LOW,
        providers=("anthropic",),
    )
    bad = (
        Example(
            "The marked copy is not what is sent",
            """import copy

import anthropic

client = anthropic.Anthropic()


class Chat:
    def __init__(self) -> None:
        self.history: list[dict] = []

    def _with_marker(self) -> list[dict]:
        messages = copy.deepcopy(self.history)
        messages[-1]["content"][-1]["cache_control"] = {"type": "ephemeral"}
        return messages

    def say(self, text: str) -> str:
        self.history.append({"role": "user", "content": [{"type": "text", "text": text}]})
        self._with_marker()
        response = client.messages.create(model="claude-sonnet-4-5", max_tokens=1000, messages=self.history)
        self.history.append({"role": "assistant", "content": response.content[0].text})
        return response.content[0].text
""",
        ),
        Example(
            "Each tool is copied before it is marked",
            """import anthropic

client = anthropic.AsyncAnthropic()
TOOLS = [
    {"name": "find", "description": "Finds a booking. " * 300, "input_schema": {"type": "object", "properties": {}}},
    {"name": "refund", "description": "Sends money back. " * 300, "input_schema": {"type": "object", "properties": {}}},
]


def mark_last(tools: list[dict]) -> list[dict]:
    last = dict(tools[-1])
    last["cache_control"] = {"type": "ephemeral"}
    return tools


async def ask(question: str):
    return await client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=mark_last(TOOLS),
        messages=[{"role": "user", "content": question}],
    )
""",
        ),
        Example(
            "The marked blocks are joined to one string",
            """import anthropic

ROLE = "You answer the questions of people who rent out holiday homes. " * 200
RULES = "Never promise a refund before the host has agreed to it. " * 200


def system_blocks() -> list[dict]:
    blocks = [{"type": "text", "text": part} for part in (ROLE, RULES)]
    blocks[-1] = {**blocks[-1], "cache_control": {"type": "ephemeral"}}
    return blocks


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()

    def answer(self, question: str) -> str:
        system = "\\n".join(block["text"] for block in system_blocks())
        response = self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=500, system=system, messages=[{"role": "user", "content": question}]
        )
        return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "The marked copy is sent",
            """import copy

import anthropic

client = anthropic.Anthropic()


class Chat:
    def __init__(self) -> None:
        self.history: list[dict] = []

    def _with_marker(self) -> list[dict]:
        messages = copy.deepcopy(self.history)
        messages[-1]["content"][-1]["cache_control"] = {"type": "ephemeral"}
        return messages

    def say(self, text: str) -> str:
        self.history.append({"role": "user", "content": [{"type": "text", "text": text}]})
        response = client.messages.create(model="claude-sonnet-4-5", max_tokens=1000, messages=self._with_marker())
        self.history.append({"role": "assistant", "content": response.content[0].text})
        return response.content[0].text
""",
        ),
        Example(
            "A switch of the configuration decides",
            """import os

import anthropic

client = anthropic.Anthropic()
RULES = "Never promise a refund before the host has agreed to it. " * 200
CACHING = os.getenv("CACHING", "on") == "on"


def answer(question: str) -> str:
    block = {"type": "text", "text": RULES}
    if CACHING:
        block["cache_control"] = {"type": "ephemeral"}
    response = client.messages.create(
        model="claude-sonnet-4-5", max_tokens=500, system=[block], messages=[{"role": "user", "content": question}]
    )
    return response.content[0].text
""",
        ),
        Example(
            "Marked for one call, left plain for another",
            """import anthropic

client = anthropic.Anthropic()
RULES = "Never promise a refund before the host has agreed to it. " * 200


def answer(question: str) -> str:
    system = [{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}]
    title = client.messages.create(
        model="claude-haiku-4-5", max_tokens=20, messages=[{"role": "user", "content": "A title for: " + question}]
    )
    response = client.messages.create(
        model="claude-sonnet-4-5", max_tokens=500, system=system, messages=[{"role": "user", "content": question}]
    )
    return title.content[0].text + response.content[0].text
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        carried = project.carried
        for site in project.sites:
            if site.site.context != "test" and site.views and not any(view.intended for view in site.views):
                yield from self._of_site(site, carried)

    def _of_site(self, site: SiteView, carried: frozenset[Place]) -> Iterator[Finding]:
        if not all(_markable(view) for view in site.views):
            return
        readable = all(view.formed for view in site.views)
        for view in site.views:
            if readable and (wasted := view.wasted(carried)):
                yield self._lost(view, wasted[0])
                return
            if view.certainty(view.stable_prefix) is Certainty.ABOVE and (barred := view.barred(carried)):
                yield self._never(view, barred[0])
                return

    def _lost(self, view: ReplayView, place: Place) -> Finding:
        return self.report(
            view,
            message=(
                "A marker is written here on the way to a request, and neither this request nor another one carries it:"
                " nothing is cached."
            ),
            recommendation="Send what was marked: pass on the copy, or mark the very list that is sent.",
            subject="unreached marker",
            confidence=Confidence.MEDIUM,
            place=place,
        )

    def _never(self, view: ReplayView, place: Place) -> Finding:
        return self.report(
            view,
            message=(
                "The test ahead of this marker fails for every request that the code sends"
                f" ({tokens_in_words(view.stable_prefix)} that stay the same): it is never set."
            ),
            recommendation="Mend the test, or mark the last block that stays the same without one.",
            subject="unreached marker",
            confidence=Confidence.MEDIUM,
            place=place,
        )


def _markable(view: ReplayView) -> bool:
    """Whether markers mean something to whom the request goes, and all of its arguments are seen."""
    facts = view.simulation.facts
    known = not view.request.opaque and not any(name.startswith("**") for name, _ in view.request.unknown)
    return known and facts is not None and facts.markers is not None and not view.simulation.implicit
