"""CA403: which tools are sent depends on the user, the request or the turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from auditor.api import (
    ORDER_CAUSES,
    Category,
    Cause,
    Certainty,
    Divergence,
    Effort,
    Example,
    Finding,
    Kind,
    Lifetime,
    ProjectView,
    Repetition,
    ReplayView,
    Request,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    Spot,
    SwitchView,
    Turn,
    confidence_of,
    follows,
    gravity,
    keeps_history,
    kind_of,
    tokens_in_words,
    turns,
)

# Two tests leave four sets of tools, each of which many users share.
_FEW_TESTS = 2


class PerRequestTools(Rule):
    """Which tools are sent depends on the user, the request or the turn.

    ## What it finds
    Tools that are chosen by what the user says, by the turn of an agent loop or by what was used before; a last request that
    leaves the tools out; tool lists that are filtered by each user's permissions or looked up for each request. Where nothing is
    cached yet that is worth it (CA203), a change within a conversation is of low severity.

    ## Why it costs
    Tools stand first in the prefix. A request with another set of tools shares nothing with the one before it: tools, system
    prompt and the whole conversation are processed at full price, and again when the set changes back.

    ## How to mend it
    Send the same tools with every request of a conversation and say by `tool_choice` (OpenAI: `allowed_tools`) which may be
    used, or let the tool itself refuse. Large sets belong behind a tool search (`defer_loading`), which keeps the prefix.

    ## When it stays quiet
    - One set for each process, configuration or mode, each of which many requests use.
    - Sets that are chosen once for a conversation from a few fixed ones.
    - Tools that are loaded later without being part of the prefix.
    - Tools that whoever asks may bring along.
    - Single requests.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-use-with-prompt-caching
    https://developers.openai.com/api/docs/guides/prompt-caching
    """

    meta = RuleMeta(
        code="CA403",
        name="per-request-tools",
        summary="which tools are sent depends on the user, the request or the turn",
        category=Category.TOOLS,
        severity=Severity.HIGH,
        effort=Effort.MEDIUM,
    )
    bad = (
        Example(
            "Tools are chosen by the words of the question",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
EMPTY = {"type": "object", "properties": {}}
TOOLS = {
    "calendar": {"name": "calendar", "description": "Lists the user's appointments.", "input_schema": EMPTY},
    "mail": {"name": "mail", "description": "Searches the user's mail.", "input_schema": EMPTY},
    "weather": {"name": "weather", "description": "Tells the weather.", "input_schema": EMPTY},
}


class Assistant:
    def __init__(self) -> None:
        self.messages: list[dict] = []

    def _tools_for(self, text: str) -> list[dict]:
        return [tool for name, tool in TOOLS.items() if name in text.lower()]

    def ask(self, text: str) -> str:
        self.messages.append({"role": "user", "content": text})
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            cache_control={"type": "ephemeral"},
            tools=self._tools_for(text),
            system=HANDBOOK,
            messages=self.messages,
        )
        self.messages.append({"role": "assistant", "content": response.content})
        return response.content[0].text
""",
        ),
        Example(
            "The last step of an agent goes without tools",
            """import json

from openai import AsyncOpenAI

client = AsyncOpenAI()
STEPS = 8
GUIDE = "Work step by step, and check the result of every tool before you go on. " * 200
TOOLS = [
    {
        "type": "function",
        "function": {"name": "run", "description": "Runs a command.", "parameters": {"type": "object", "properties": {}}},
    }
]


async def work(task: str, run) -> str:
    messages = [{"role": "system", "content": GUIDE}, {"role": "user", "content": task}]
    answer = None
    for step in range(STEPS):
        extra = {"tools": TOOLS} if step < STEPS - 1 else {}
        response = await client.chat.completions.create(model="gpt-4.1", messages=messages, **extra)
        answer = response.choices[0].message
        messages.append(answer)
        if not answer.tool_calls:
            break
        for call in answer.tool_calls:
            result = await run(**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    return answer.content
""",
        ),
        Example(
            "Each user's own permissions filter the tools",
            """import anthropic
from flask import Flask, request
from flask_login import current_user

from catalogue import TOOLS

app = Flask(__name__)
client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def permitted() -> list[dict]:
    return [tool for tool in TOOLS if tool["name"] in current_user.permissions]


@app.post("/ask")
def ask() -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=permitted(),
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": request.json["question"]}],
    )
    return response.content[0].text
""",
            files={
                "catalogue.py": """EMPTY = {"type": "object", "properties": {}}
TOOLS = [
    {"name": "archive", "description": "Archives a document.", "input_schema": EMPTY},
    {"name": "delete", "description": "Deletes a document.", "input_schema": EMPTY},
    {"name": "find", "description": "Finds documents.", "input_schema": EMPTY},
    {"name": "share", "description": "Shares a document.", "input_schema": EMPTY},
]
"""
            },
        ),
        Example(
            "A closing request without the tools",
            """import anthropic

GUIDE = "Work step by step, and check the result of every tool before you go on. " * 300


class Agent:
    def __init__(self, tools: list[dict]) -> None:
        self.client = anthropic.Anthropic()
        self.tools = tools

    def _system(self) -> list[dict]:
        return [{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}]

    def run(self, task: str) -> str:
        messages = [{"role": "user", "content": task}]
        for _ in range(5):
            response = self.client.messages.create(
                model="claude-sonnet-4-5",
                max_tokens=2000,
                cache_control={"type": "ephemeral"},
                system=self._system(),
                tools=self.tools,
                messages=messages,
            )
            messages.append({"role": "assistant", "content": response.content})
            if response.stop_reason != "tool_use":
                return response.content[0].text
            messages.append({"role": "user", "content": self.results(response)})
        messages.append({"role": "user", "content": "Sum up what you found."})
        closing = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=2000,
            cache_control={"type": "ephemeral"},
            system=self._system(),
            messages=messages,
        )
        return closing.content[0].text


agent = Agent([{"name": "run", "description": "Runs a command.", "input_schema": {"type": "object", "properties": {}}}])
""",
        ),
        Example(
            "A handler whose message decides by its words which tools its loop has",
            """import re

import anthropic
from telegram import Update

client = anthropic.AsyncAnthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
TURNS = 8


def tool(name: str) -> dict:
    return {"name": name, "description": f"Does what {name} is for.", "input_schema": {"type": "object", "properties": {}}}


GROUPS = {
    "memory": [tool("remember"), tool("recall")],
    "mail": [tool("find_mail"), tool("send_mail")],
    "weather": [tool("forecast")],
    "calendar": [tool("find_dates"), tool("make_date")],
    "music": [tool("play")],
}
WORDS = [
    ("mail", re.compile("mail|inbox")),
    ("weather", re.compile("weather|rain")),
    ("calendar", re.compile("date|meeting")),
    ("music", re.compile("song|play")),
]


def tools_for(text: str) -> list[dict]:
    chosen = ["memory"]
    for group, pattern in WORDS:
        if pattern.search(text):
            chosen.append(group)
    tools = [dict(one) for group in chosen for one in GROUPS[group]]
    tools[-1] = {**tools[-1], "cache_control": {"type": "ephemeral"}}
    return tools


async def on_message(update: Update, context) -> None:
    text = update.message.text
    tools, messages = tools_for(text), [{"role": "user", "content": text}]
    for _ in range(TURNS):
        answer = await client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=900,
            tools=tools,
            system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
            messages=messages,
        )
        messages.append({"role": "assistant", "content": answer.content})
        if answer.stop_reason != "tool_use":
            await update.message.reply_text(answer.content[0].text)
            return
        messages.append({"role": "user", "content": [run(block) for block in answer.content if block.type == "tool_use"]})
""",
        ),
    )
    good = (
        Example(
            "All tools with every request",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
EMPTY = {"type": "object", "properties": {}}
TOOLS = {
    "calendar": {"name": "calendar", "description": "Lists the user's appointments.", "input_schema": EMPTY},
    "mail": {"name": "mail", "description": "Searches the user's mail.", "input_schema": EMPTY},
    "weather": {"name": "weather", "description": "Tells the weather.", "input_schema": EMPTY},
}


class Assistant:
    def __init__(self) -> None:
        self.messages: list[dict] = []

    def ask(self, text: str) -> str:
        self.messages.append({"role": "user", "content": text})
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            cache_control={"type": "ephemeral"},
            tools=list(TOOLS.values()),
            system=HANDBOOK,
            messages=self.messages,
        )
        self.messages.append({"role": "assistant", "content": response.content})
        return response.content[0].text
""",
        ),
        Example(
            "A mode that a conversation keeps",
            """import anthropic

EMPTY = {"type": "object", "properties": {}}
READ = [{"name": "find", "description": "Finds documents.", "input_schema": EMPTY}]
WRITE = [*READ, {"name": "write", "description": "Writes a document.", "input_schema": EMPTY}]
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
MODES = {"reader": READ, "writer": WRITE}


class Assistant:
    def __init__(self, mode: str) -> None:
        self.client = anthropic.Anthropic()
        self.tools = MODES[mode]
        self.messages: list[dict] = []

    def ask(self, text: str) -> str:
        self.messages.append({"role": "user", "content": text})
        response = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            cache_control={"type": "ephemeral"},
            tools=self.tools,
            system=HANDBOOK,
            messages=self.messages,
        )
        self.messages.append({"role": "assistant", "content": response.content})
        return response.content[0].text
""",
        ),
        Example(
            "Administrators have one more tool",
            """import anthropic
from flask import Flask, request
from flask_login import current_user

app = Flask(__name__)
client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
EMPTY = {"type": "object", "properties": {}}
TOOLS = [{"name": "find", "description": "Finds documents.", "input_schema": EMPTY}]
ADMIN = [{"name": "purge", "description": "Deletes documents for good.", "input_schema": EMPTY}]


@app.post("/ask")
def ask() -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=TOOLS + ADMIN if current_user.is_admin else TOOLS,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": request.json["question"]}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "The environment switches a tool on",
            """import os

from openai import OpenAI

client = OpenAI()
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200
TOOLS = [{"type": "function", "name": "find", "description": "Finds tickets.", "parameters": {"type": "object"}}]
if os.environ.get("WITH_SEARCH") == "1":
    TOOLS.append({"type": "web_search"})


def classify(tickets: list[str]) -> list[str]:
    return [
        client.responses.create(model="gpt-4.1", instructions=RULES, tools=TOOLS, input=ticket).output_text
        for ticket in tickets
    ]
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        for turn in turns(project):
            if _tools(turn.before) != _tools(turn.after) and not (_open(turn.before) and _open(turn.after)):
                yield from self._within(turn)
        for site in project.sites:
            yield from self._between(site)
            for view in site.views:
                if not view.request.opaque:
                    yield from self._looked_up(view)

    def _within(self, turn: Turn) -> Iterator[Finding]:
        """The tools change in the middle of a conversation."""
        confidence, view = turn.confidence, turn.view
        change = next((change for change in turn.changes if kind_of(turn, change) == Section.TOOLS), None)
        severity = gravity(turn, change) if change is not None and change.certain else None
        if change is not None and change.certain and self._once_cached(view, change):
            severity = Severity.LOW
        if confidence is None or change is None or severity is None:
            return
        come, gone = _tools(turn.after) - _tools(turn.before), _tools(turn.before) - _tools(turn.after)
        when = "in this request of the conversation"
        if turn.switch is not None:
            when = f"whenever `{turn.switch.condition.told}` turns out differently"
        elif turn.elsewhere:
            when = f"when the conversation of {turn.before.site.place.path}:{turn.before.site.place.line} goes on here"
        lost = tokens_in_words(change.lost_static) + " of fixed text" + (" and the whole history" if keeps_history(view) else "")
        yield self.report(
            view,
            message=(
                f"The tools change {when} ({_named(come, gone)}). They stand first: {lost} behind them"
                f" {'are not in the cache' if view.cached else 'could not be read from a cache, once there is one'}."
            ),
            recommendation=(
                "Send the same tools with every request of a conversation, and say by `tool_choice` which of them may be used."
            ),
            subject=f"tools change {turn.switch.condition.expression if turn.switch is not None else turn.elsewhere}",
            severity=Severity.LOW if turn.after.instead else severity,
            confidence=confidence,
            place=turn.switch.condition.place if turn.switch is not None else turn.after.site.place,
            saving=view.saving_turned(change.lost_static),
        )

    @staticmethod
    def _once_cached(view: ReplayView, change: Divergence) -> bool:
        """Whether nothing is cached yet of what is worth it (CA203): switching caching on will not help this request."""
        return not view.cached and view.certainty(change.lost_static) is Certainty.ABOVE

    def _between(self, site: SiteView) -> Iterator[Finding]:
        """Each user or request has a set of its own out of many."""
        for turning in site.switches:
            tests, condition = turning.switch.tests, turning.switch.condition
            hole = condition.hole
            if hole is None or hole.reason is not None or tests <= _FEW_TESTS or not self._per_user(turning):
                continue
            view = turning.view
            change = next((change for change in view.simulation.divergences if change.certain and _of_tools(view, change)), None)
            if change is None or not view.cached or view.certainty(change.lost_static) is Certainty.BELOW:
                continue
            whose = "user" if condition.lifetime is Lifetime.USER else "request"
            yield self.report(
                view,
                message=(
                    f"`{condition.told}` decides about each of {tests} tools for every {whose}: they stand first, so that"
                    f" {tokens_in_words(change.lost_static)} behind them are cached anew for every combination."
                ),
                recommendation="Send all tools to everybody and refuse calls that are not allowed, or offer a few fixed sets.",
                subject=f"tools by {whose}: {condition.expression}",
                severity=Severity.MEDIUM,
                confidence=confidence_of(hole.evidence),
                place=condition.place,
                saving=view.saving_shared(change.lost_static),
            )

    @staticmethod
    def _per_user(turning: SwitchView) -> bool:
        requests = turning.view.replay.requests
        changed = [(one, other) for one, other in pairwise(requests) if _tools(one) != _tools(other)]
        narrow = turning.switch.condition.lifetime in (Lifetime.USER, Lifetime.CALL)
        # A request that carries on the one before with other tools is told of as such.
        conversation = turning.view.replay.repetition is Repetition.CONVERSATION and not turning.switch.held
        return bool(changed) and narrow and not (conversation and any(follows(one, other) for one, other in changed))

    def _looked_up(self, view: ReplayView) -> Iterator[Finding]:
        """Tools of which only is known that they are looked up for each user or request."""
        if not (view.repeated and view.cached):
            return
        for spot in view.spots:
            ranked = spot.piece < 0
            if (
                spot.block.section is not Section.TOOLS
                or not self._narrow(spot)
                or not (ranked or spot.block.kind is Kind.STRETCH)
            ):
                continue
            if ranked and (view.fixed(spot) or spot.index > 0):
                continue  # one order of all of them, told of the first
            if spot.hole.lifetime is Lifetime.CALL and view.kept(spot):
                continue  # looked up once, and kept
            if spot.hole.cause is Cause.INPUT and spot.hole.lifetime is Lifetime.SESSION and not ranked:
                continue  # who asks may bring them along, and they are its own
            lost = view.behind(spot)
            if view.certainty(lost) is Certainty.BELOW and not (view.growing and keeps_history(view) and not view.fixed(spot)):
                continue
            whose = "user" if spot.hole.lifetime in (Lifetime.USER, Lifetime.SESSION) else "request"
            yield self.report(
                view,
                message=(
                    f"The tools are {'put in order' if ranked else 'looked up'} for each {whose} (`{spot.expression}`). They"
                    f" stand first, so that {tokens_in_words(lost)} behind them are cached anew for every {whose}."
                ),
                recommendation="Send the same tools with every request, or load the others through a tool search.",
                subject=f"tools by {whose}: {spot.expression}",
                severity=Severity.MEDIUM if view.fixed(spot) or whose == "user" else Severity.HIGH,
                confidence=confidence_of(spot.hole.evidence),
                place=spot.hole.trace[-1].place if spot.hole.trace else spot.place,
                trace=spot.trace,
                saving=view.saving_shared(lost) if whose == "user" else view.saving(lost, view.intended),
            )

    @staticmethod
    def _narrow(spot: Spot) -> bool:
        hole = spot.hole
        return hole.reason is None and hole.cause not in ORDER_CAUSES and hole.lifetime in (Lifetime.USER, Lifetime.CALL)


def _tools(request: Request) -> Counter[str]:
    """The tools that take part in the prefix, by name; those without one by their text."""
    blocks = (block for block in request.blocks if block.section is Section.TOOLS and not block.deferred)
    return Counter(block.name or block.text.render()[:40] for block in blocks)


def _of_tools(view: ReplayView, change: Divergence) -> bool:
    """Whether the two requests part among the tools."""
    blocks = view.replay.requests[change.request].blocks
    before = view.replay.requests[change.request - 1].blocks
    parts = [one[change.block].section for one in (blocks, before) if change.block < len(one)]
    return change.parameter is None and Section.TOOLS in parts


def _open(request: Request) -> bool:
    """Whether there are tools of which nothing is known: they may be the ones of another request."""
    stretches = (block for block in request.blocks if block.section is Section.TOOLS and block.kind is Kind.STRETCH)
    return any(hole.reason is not None for block in stretches for hole in block.text.holes())


def _named(come: Counter[str], gone: Counter[str]) -> str:
    def listed(names: Counter[str]) -> str:
        shown = [f"`{name}`" for name in sorted(names)]
        return ", ".join(shown[:3]) + (f" and {len(shown) - 3} more" if len(shown) > 3 else "")

    parts = [f"{verb} {listed(names)}" for verb, names in (("with", come), ("without", gone)) if names]
    return ", ".join(parts)
