"""CA104: the system prompt has several variants, and requests that should share a prefix alternate between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.api import (
    ORDER_CAUSES,
    Category,
    Certainty,
    Condition,
    Confidence,
    Divergence,
    Effort,
    Example,
    Finding,
    Hole,
    Lifetime,
    Literal,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    Step,
    SwitchView,
    Turn,
    confidence_of,
    describe,
    each_users_own,
    gravity,
    itself,
    keeps_history,
    kind_of,
    tokens_in_words,
    turns_of,
)

# Three tests make eight prompts; what only two of them make is used often enough by each.
_MANY_TESTS = 3


class BranchingPrefix(Rule):
    """The system prompt has several variants, and requests that should share a prefix alternate between them.

    ## What it finds
    Sections of the system prompt that are there or not depending on what the user says, on an answer, on a throw of dice or on
    the length of the history, with every n-th turn, or on a mode that a command of the same conversation switches; and system
    prompts put together from many conditional sections for each user or request, with fixed text behind them.

    ## Why it costs
    Each variant is another prefix. When the variant changes in a conversation, system prompt and the whole history are processed
    at full price; when n sections come and go independently, the cache holds up to 2ⁿ copies of what stands behind them.

    ## How to mend it
    Send all sections always and let the text say when each applies, or put what is conditional behind the fixed text: into the
    newest message, or a block behind the last breakpoint.

    ## When it stays quiet
    - Variants that a conversation keeps.
    - One or two switches between users, or between modes that a conversation keeps.
    - Conditions of which nothing is known.
    - Conditions of which only a name says that they change (low confidence).
    - Sections at the end of the prompt of requests that stand alone.
    - A value of the user's or a default in its place.
    - Sections that hold the user's own data: each user has a prompt of their own (CA102).
    - Sections that hold what each request brings anew: they change whether or not they are there (CA101).
    - Text that is too short to be cached.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://github.com/anthropics/skills
    """

    meta = RuleMeta(
        code="CA104",
        name="branching-prefix",
        summary="the system prompt has variants that alternate between requests that should share a prefix",
        category=Category.PROMPT,
        severity=Severity.MEDIUM,
        effort=Effort.MEDIUM,
    )
    bad = (
        Example(
            "A section for questions about money",
            """from openai import OpenAI

client = OpenAI()
GUIDE = "Answer from the handbook and cite the section that you rely on. " * 200
MONEY = "Never promise a refund, and name the article of the terms that applies.\\n"


class Conversation:
    def __init__(self) -> None:
        self.items: list[dict] = []

    def _instructions(self, text: str) -> str:
        return (MONEY if "refund" in text.lower() else "") + GUIDE

    def say(self, text: str) -> str:
        self.items.append({"role": "user", "content": text})
        response = client.responses.create(model="gpt-4.1", instructions=self._instructions(text), input=self.items)
        self.items.append({"role": "assistant", "content": response.output_text})
        return response.output_text
""",
        ),
        Example(
            "Two wordings are tried by chance",
            """import random

import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
WORDINGS = {"a": "Be brief.\\n", "b": "Explain each step.\\n"}


class Bot:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.history: list[dict] = []

    def say(self, text: str) -> str:
        arm = "a" if random.random() < 0.5 else "b"
        self.history.append({"role": "user", "content": text})
        response = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            cache_control={"type": "ephemeral"},
            system=WORDINGS[arm] + HANDBOOK,
            messages=self.history,
        )
        self.history.append({"role": "assistant", "content": response.content[0].text})
        return response.content[0].text
""",
        ),
        Example(
            "Four sections for each user's settings ahead of the handbook",
            """import anthropic
from flask import Flask, request
from flask_login import current_user

app = Flask(__name__)
client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def preamble() -> str:
    parts = []
    if current_user.is_admin:
        parts.append("The user may see internal articles.")
    if current_user.is_minor:
        parts.append("Use words that a child understands.")
    if current_user.has_contract:
        parts.append("The user has a service contract.")
    if current_user.wants_sources:
        parts.append("Cite every source.")
    return "\\n".join(parts)


@app.post("/ask")
def ask() -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {
                "type": "text",
                "text": preamble() + HANDBOOK,
                "cache_control": {"type": "ephemeral"},
            }
        ],
        messages=[{"role": "user", "content": request.json["question"]}],
    )
    return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "All sections, always",
            """from openai import OpenAI

client = OpenAI()
GUIDE = "Answer from the handbook and cite the section that you rely on. " * 200
MONEY = "Where the question is about a refund, name the article of the terms that applies.\\n"


class Conversation:
    def __init__(self) -> None:
        self.items: list[dict] = []

    def say(self, text: str) -> str:
        self.items.append({"role": "user", "content": text})
        response = client.responses.create(model="gpt-4.1", instructions=MONEY + GUIDE, input=self.items)
        self.items.append({"role": "assistant", "content": response.output_text})
        return response.output_text
""",
        ),
        Example(
            "The arm is drawn once for a conversation",
            """import random

import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
WORDINGS = {"a": "Be brief.\\n", "b": "Explain each step.\\n"}


class Bot:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.arm = "a" if random.random() < 0.5 else "b"
        self.history: list[dict] = []

    def say(self, text: str) -> str:
        self.history.append({"role": "user", "content": text})
        response = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            cache_control={"type": "ephemeral"},
            system=WORDINGS[self.arm] + HANDBOOK,
            messages=self.history,
        )
        self.history.append({"role": "assistant", "content": response.content[0].text})
        return response.content[0].text
""",
        ),
        Example(
            "The conditional section stands in the newest message",
            """from openai import OpenAI

client = OpenAI()
GUIDE = "Answer from the handbook and cite the section that you rely on. " * 200
MONEY = "Never promise a refund, and name the article of the terms that applies.\\n"


class Conversation:
    def __init__(self) -> None:
        self.items: list[dict] = []

    def say(self, text: str) -> str:
        note = MONEY if "refund" in text.lower() else ""
        self.items.append({"role": "user", "content": note + text})
        response = client.responses.create(model="gpt-4.1", instructions=GUIDE, input=self.items)
        self.items.append({"role": "assistant", "content": response.output_text})
        return response.output_text
""",
        ),
        Example(
            "One section for administrators",
            """import anthropic
from flask import Flask, request
from flask_login import current_user

app = Flask(__name__)
client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
ADMIN = "The user may see internal articles.\\n"


@app.post("/ask")
def ask() -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {
                "type": "text",
                "text": (ADMIN if current_user.is_admin else "") + HANDBOOK,
                "cache_control": {"type": "ephemeral"},
            }
        ],
        messages=[{"role": "user", "content": request.json["question"]}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        pairs = list(turns_of(site))
        for turn in pairs:
            if turn.switch is not None and Section.SYSTEM in turn.switch.decides:
                yield from self._within(turn, turn.switch.condition)
        if not any(turn.switch is not None and Section.SYSTEM in turn.switch.decides for turn in pairs):
            yield from self._state(pairs)
        yield from self._between(site)

    def _state(self, pairs: Sequence[Turn]) -> Iterator[Finding]:
        """The prompt is another one in the next turn by what the program keeps: a mode, a phase."""
        for turn in pairs:
            changes = (one for one in turn.changes if kind_of(turn, one) == Section.SYSTEM and _written(turn, one))
            change = next(changes, None)
            severity = gravity(turn, change) if change is not None else None
            if change is None or severity is None or any(_unknown(condition) for condition, _ in turn.view.replay.conditions):
                continue
            history = " and the whole history" if keeps_history(turn.view) else ""
            block = turn.after.blocks[change.block] if change.block < len(turn.after.blocks) else turn.before.blocks[change.block]
            yield self.report(
                turn.view,
                message=(
                    f"The text of {describe(block)} becomes another one in the middle of a conversation:"
                    f" {tokens_in_words(change.lost_static)} of fixed text{history} behind it are processed at full price"
                    " whenever it does."
                ),
                recommendation="Say what holds now in the newest message, and leave the system prompt as it was.",
                subject=f"prompt by state in {block.label or block.section.value}",
                severity=min(severity, Severity.MEDIUM),
                confidence=Confidence.MEDIUM if turn.view.replay.conditions else Confidence.HIGH,
                trace=tuple(_steps(change)),
            )
            return

    def _within(self, turn: Turn, condition: Condition) -> Iterator[Finding]:
        """The prompt changes in the middle of a conversation."""
        confidence = turn.confidence
        change = next((change for change in turn.changes if kind_of(turn, change) == Section.SYSTEM and change.certain), None)
        severity = gravity(turn, change) if change is not None else None
        if confidence is None or change is None or severity is None or _anew(turn, change):
            return
        history = " and the whole history" if keeps_history(turn.view) else ""
        yield self.report(
            turn.view,
            message=(
                f"`{condition.told}` decides for each request of a conversation what the system prompt says:"
                f" {tokens_in_words(change.lost_static)} of fixed text{history} behind it are processed at full price whenever it"
                " turns out differently."
            ),
            recommendation="Say it always, or in the newest message.",
            subject=f"prompt by {condition.expression}",
            severity=severity,
            confidence=confidence,
            place=condition.place,
        )

    def _between(self, site: SiteView) -> Iterator[Finding]:
        """Many sections come and go independently, from user to user or request to request."""
        found = [(turning, change) for turning in site.switches if (change := _apart(turning)) is not None]
        # Several tests of one value do not come out independently.
        values: dict[object, int] = {}
        for turning, _ in found:
            value = turning.switch.condition.hole and turning.switch.condition.hole.identity
            values[value] = max(values.get(value, 0), turning.switch.tests)
        tests = sum(values.values())
        if tests < _MANY_TESTS:
            return
        turning, change = max(found, key=lambda item: item[1].lost_static.estimate)
        view, condition = turning.view, turning.switch.condition
        if not view.cached or view.certainty(change.lost_static) is not Certainty.ABOVE:
            return
        whose = "user" if all(item.switch.condition.lifetime is Lifetime.USER for item, _ in found) else "request"
        yield self.report(
            view,
            message=(
                f"{tests} conditions decide for each {whose} what the system prompt says, `{condition.told}` the first of"
                f" them: {tokens_in_words(change.lost_static)} of fixed text behind are cached for up to {2**tests} variants."
            ),
            recommendation="Put the fixed text first, end it with a breakpoint, and let the conditional sections follow.",
            subject=f"prompt by {whose}: {condition.expression}",
            severity=Severity.MEDIUM,
            confidence=min(_evidence(turning) for turning, _ in found),
            place=condition.place,
        )


def _anew(turn: Turn, change: Divergence) -> bool:
    """Whether what only one of the two requests has is another text each time, for itself."""
    if change.block >= min(len(turn.before.blocks), len(turn.after.blocks)):
        return False
    before, after = (list(request.blocks[change.block].text.pieces) for request in (turn.before, turn.after))
    while before and after and _alike(before[0], after[0]):
        del before[0], after[0]
    while before and after and _alike(before[-1], after[-1]):
        del before[-1], after[-1]
    return any(
        isinstance(piece, Hole) and piece.lifetime is Lifetime.CALL and piece.reason is None for piece in (*before, *after)
    )


def _alike(one: object, other: object) -> bool:
    """Whether two pieces are written alike: the same text, or the same expression in the same place."""
    if isinstance(one, Hole) and isinstance(other, Hole):
        return (one.expression, one.place) == (other.expression, other.place)
    return isinstance(one, Literal) and isinstance(other, Literal) and one.text == other.text


def _steps(change: Divergence) -> Iterator[Step]:
    """The two texts."""
    for piece, words in ((change.before, "this text in one request"), (change.after, "this one in the next")):
        if isinstance(piece, Literal) and piece.place is not None:
            yield Step(piece.place, words)


def _written(turn: Turn, change: Divergence) -> bool:
    """Whether two texts of the source take turns; a number that counts never comes back (CA101)."""
    written = change.certain and isinstance(change.before, Literal) and isinstance(change.after, Literal)
    return written and not turn.counts(change)


def _unknown(condition: Condition) -> bool:
    return condition.hole is None or condition.hole.reason is not None


def _apart(turning: SwitchView) -> Divergence | None:
    """Where requests of different users or of no common conversation part by the condition."""
    switch, view = turning.switch, turning.view
    hole = switch.condition.hole
    if Section.SYSTEM not in switch.decides or hole is None or hole.reason is not None or (view.growing and not switch.held):
        return None
    if hole.cause in ORDER_CAUSES:
        return None  # which of known things comes first, of which other rules tell
    if switch.condition.lifetime not in (Lifetime.USER, Lifetime.CALL):
        return None
    for change in view.simulation.divergences:
        if change.certain and change.parameter is None and change.block < len(view.blocks):
            if itself(change, hole):
                return None  # the user's name or a default: no section that comes and goes, and of the name other rules tell
            if switch.condition.lifetime is Lifetime.USER and each_users_own(view.replay, change):
                return None  # one more variant for each user is none: CA102 tells of it
            return change if view.blocks[change.block].section is Section.SYSTEM else None
    return None


def _evidence(turning: SwitchView) -> Confidence:
    hole = turning.switch.condition.hole
    return Confidence.LOW if hole is None else confidence_of(hole.evidence)
