"""CA307: each turn of a conversation adds a marker and none is taken away."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Category,
    Confidence,
    Effort,
    Example,
    Finding,
    Place,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    is_history,
    put_at,
)


class AccumulatingBreakpoints(Rule):
    """Each turn of a conversation adds a marker to the history, and none is taken away.

    ## What it finds
    A conversation or an agent loop whose requests carry one more marker each time, until there are more than the provider
    accepts; a history of any length whose messages all carry one.

    ## Why it costs
    Anthropic accepts four breakpoints in a request. The first turns work, and then every request of the conversation is answered
    with 400: tests with short conversations do not show it.

    ## How to mend it
    Take the marker off the earlier messages before a new one is set, or set it on a copy of the history that is made for the
    request. Markers are no content: moving one loses nothing of the cache. Or pass `cache_control` to the call: the automatic
    breakpoint moves along by itself.

    ## When it stays quiet
    - Markers that are taken away again.
    - Windows over the last few messages.
    - Histories that the program cannot make longer.
    - Places of which it is not known whether a marker is there.
    - Markers that a test of each single block decides on (low confidence), unless it compares what is known of the block itself.

    ## Fix safety
    There is no automatic fix: where the marker has to go depends on how the history is kept.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA307",
        name="accumulating-breakpoints",
        summary="each turn of a conversation adds a marker and none is taken away",
        category=Category.BREAKPOINTS,
        severity=Severity.CRITICAL,
        effort=Effort.LOW,
        providers=("anthropic",),
    )
    bad = (
        Example(
            "A chat that marks each question as it is added",
            """import anthropic


class Chat:
    def __init__(self, handbook: str) -> None:
        self.client = anthropic.Anthropic()
        self.system = [{"type": "text", "text": handbook, "cache_control": {"type": "ephemeral"}}]
        self.history: list[dict] = []

    def say(self, text: str) -> str:
        content = [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]
        self.history.append({"role": "user", "content": content})
        response = self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=1000, system=self.system, messages=self.history
        )
        self.history.append({"role": "assistant", "content": response.content[0].text})
        return response.content[0].text
""",
        ),
        Example(
            "An agent loop that marks the last tool result in place",
            """import anthropic

client = anthropic.Anthropic()
TOOLS = [{"name": "run", "description": "Runs a command.", "input_schema": {"type": "object", "properties": {}}}]


def mark(messages: list[dict]) -> None:
    messages[-1]["content"][-1]["cache_control"] = {"type": "ephemeral"}


def work(task: str) -> str:
    messages = [{"role": "user", "content": [{"type": "text", "text": task}]}]
    while True:
        mark(messages)
        response = client.messages.create(model="claude-sonnet-4-5", max_tokens=2000, tools=TOOLS, messages=messages)
        messages.append({"role": "assistant", "content": response.content})
        if response.stop_reason != "tool_use":
            return response.content[0].text
        call = response.content[-1]
        result = {"type": "tool_result", "tool_use_id": call.id, "content": run(call.input)}
        messages.append({"role": "user", "content": [result]})
""",
        ),
        Example(
            "A history from the database, every message marked on the way",
            """import anthropic

client = anthropic.AsyncAnthropic()
CACHE = {"type": "ephemeral"}


def to_blocks(row: dict) -> dict:
    return {"role": row["role"], "content": [{"type": "text", "text": row["text"], "cache_control": CACHE}]}


async def reply(history: list[dict], question: str) -> str:
    messages = [to_blocks(row) for row in history]
    messages.append({"role": "user", "content": question})
    response = await client.messages.create(model="claude-sonnet-4-5", max_tokens=800, messages=messages)
    return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "The marker moves: it is taken off before it is set again",
            """import anthropic

client = anthropic.Anthropic()
CACHE = {"type": "ephemeral"}


class Chat:
    def __init__(self) -> None:
        self.history: list[dict] = []

    def say(self, text: str) -> str:
        for message in self.history:
            if message["role"] == "user":
                message["content"][-1].pop("cache_control", None)
        self.history.append({"role": "user", "content": [{"type": "text", "text": text, "cache_control": CACHE}]})
        response = client.messages.create(model="claude-sonnet-4-5", max_tokens=1000, messages=self.history)
        self.history.append({"role": "assistant", "content": response.content[0].text})
        return response.content[0].text
""",
        ),
        Example(
            "A window of two: the last two questions carry a marker",
            """import anthropic

client = anthropic.Anthropic()


def chat() -> None:
    history: list[dict] = []
    while True:
        history.append({"role": "user", "content": [{"type": "text", "text": input("> ")}]})
        questions = [message for message in history if message["role"] == "user"]
        for message in questions:
            message["content"][-1].pop("cache_control", None)
        for message in questions[-2:]:
            message["content"][-1]["cache_control"] = {"type": "ephemeral"}
        response = client.messages.create(model="claude-sonnet-4-5", max_tokens=1000, messages=history)
        history.append({"role": "assistant", "content": response.content[0].text})


chat()
""",
        ),
        Example(
            "The marker is set on a copy that is made for the request",
            """import copy

import anthropic


class Chat:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.history: list[dict] = []

    def say(self, text: str) -> str:
        self.history.append({"role": "user", "content": [{"type": "text", "text": text}]})
        messages = copy.deepcopy(self.history)
        messages[-1]["content"][-1]["cache_control"] = {"type": "ephemeral"}
        response = self.client.messages.create(model="claude-sonnet-4-5", max_tokens=1000, messages=messages)
        self.history.append({"role": "assistant", "content": response.content[0].text})
        return response.content[0].text
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        for view in site.views:
            if view.accumulating:
                place = self._added(view)
                sure = self._sure(view, place)
                yield self._finding(view, place, "each turn adds a marker and none is taken away", sure)
                continue
            runs = [block for block in view.blocks if view.growing and is_history(block) and block.marker is not None]
            if any(block.marker is not None and block.marker.each and not block.marker.unknown for block in runs):
                place = put_at(view, runs[0].marker, runs[0])
                sure = min(Confidence.MEDIUM, self._sure(view, place))
                yield self._finding(view, place, "every message of the history carries a marker", sure)

    @staticmethod
    def _sure(view: ReplayView, place: Place | None) -> Confidence:
        """Where each block is asked whether it is marked, that all of them are is one of many possible outcomes.

        It is a likely one where what is known of the block itself is compared, and nothing is asked that may keep count.
        """
        if not view.replay.alike:
            return Confidence.HIGH
        tests = view.tests_of(place)
        return Confidence.MEDIUM if tests and all(test.known for test in tests) else Confidence.LOW

    @staticmethod
    def _added(view: ReplayView) -> Place | None:
        """Where the last request's last marker is written."""
        marked = [block for block in view.replay.requests[-1].blocks if block.marker and block.section is Section.MESSAGES]
        return put_at(view, marked[-1].marker, marked[-1]) if marked else None

    def _finding(self, view: ReplayView, place: Place | None, what: str, confidence: Confidence) -> Finding:
        facts = view.simulation.facts
        most = facts.markers.maximum if facts is not None and facts.markers is not None else None
        refused = next((rejection.request + 1 for rejection in view.rejections("too-many-breakpoints")), None)
        when = f"request {refused}" if refused is not None else "some turns on"
        return self.report(
            view,
            message=(
                f"In this conversation {what}: from {when} there are more than the {most or 'accepted number of'} that the API"
                " takes, and it answers 400."
            ),
            recommendation=(
                "Take the marker off the earlier messages before a new one is set, or set it on a copy made for the request."
            ),
            subject="accumulating breakpoints",
            confidence=confidence,
            place=place,
        )
