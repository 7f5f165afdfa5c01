"""CA106: examples or context are picked or ordered at random ahead of stable content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.api import (
    Category,
    Cause,
    Certainty,
    Effort,
    Example,
    Finding,
    Impact,
    Repetition,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    Spot,
    TokenCount,
    confidence_of,
    describe,
    grave,
    impact,
    loss_in_words,
)


class ShuffledExamples(Rule):
    """Examples, context or phrases are picked or ordered at random ahead of text that could be cached.

    ## What it finds
    `random.sample`, `random.choice`, `random.shuffle`, NumPy's `choice` and `permutation` of few-shot examples, documents,
    greetings or messages, drawn anew for each request, ahead of or inside text that is or should be cached.

    ## Why it costs
    The content is known, but each request puts another part of it first. From there on nothing repeats an earlier request: the
    examples, the instructions behind them and the conversation are processed at full price, and a breakpoint writes each time.

    ## How to mend it
    Pick the examples once, or all of them in a fixed order. Where the choice should vary, draw with a generator that is made
    with the same seed for every request, or keep a handful of fixed selections and use each many times. Examples that must be
    chosen for the question belong behind the last breakpoint.

    ## When it stays quiet
    - Random choice in the last user message or behind the last breakpoint.
    - Choices that are made once: at import, in `__init__`, before a loop.
    - Generators that are made with a fixed seed for each request.
    - Tools, which are CA402's.
    - Single calls.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://developers.openai.com/api/docs/guides/prompt-caching
    """

    meta = RuleMeta(
        code="CA106",
        name="shuffled-examples",
        summary="examples or context are picked or ordered at random ahead of cacheable text",
        category=Category.PROMPT,
        severity=Severity.HIGH,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "A sample of examples opens the system prompt",
            """import random

import anthropic

from examples import EXAMPLES

RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200


class Classifier:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()

    def _system(self) -> list[dict]:
        shots = "\\n".join(f"{ticket} -> {queue}" for ticket, queue in random.sample(EXAMPLES, 2))
        return [{"type": "text", "text": f"Examples:\\n{shots}\\n\\n{RULES}", "cache_control": {"type": "ephemeral"}}]

    def classify(self, ticket: str) -> str:
        response = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=100,
            system=self._system(),
            messages=[{"role": "user", "content": ticket}],
        )
        return response.content[0].text
""",
            files={
                "examples.py": """EXAMPLES = [
    ("Parcel lost", "logistics"),
    ("Card declined", "payments"),
    ("Cannot sign in", "accounts"),
]
"""
            },
        ),
        Example(
            "Documents are shuffled against position bias",
            """import random

from openai import AsyncOpenAI

client = AsyncOpenAI()
CHAPTERS = [
    "Chapter 1. Parcels are insured from the counter to the door. " * 60,
    "Chapter 2. Refunds are paid to the card that was charged. " * 60,
    "Chapter 3. Accounts without orders are closed after two years. " * 60,
]


async def ask(question: str) -> str:
    chapters = list(CHAPTERS)
    random.shuffle(chapters)
    response = await client.responses.create(
        model="gpt-4.1",
        instructions="Answer from these chapters.\\n\\n" + "\\n\\n".join(chapters),
        input=question,
    )
    return response.output_text
""",
        ),
        Example(
            "A style that is drawn for every ticket",
            """import numpy as np
from openai import OpenAI

client = OpenAI()
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 10
MANUAL = {"role": "user", "content": "The manual of the queues. " * 400}


def classify(tickets: list[str]) -> list[str]:
    queues = []
    for ticket in tickets:
        style = np.random.choice(["Be brief.", "Be exact.", "Be kind."])
        response = client.chat.completions.create(
            model="gpt-4o",
            messages=[
                {"role": "system", "content": f"{style} {RULES}"},
                MANUAL,
                {"role": "user", "content": ticket},
            ],
        )
        queues.append(response.choices[0].message.content)
    return queues
""",
        ),
    )
    good = (
        Example(
            "The same seed for every request",
            """import random

import anthropic

EXAMPLES = [("Parcel lost", "logistics"), ("Card declined", "payments"), ("Cannot sign in", "accounts")]
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200
client = anthropic.Anthropic()


def classify(ticket: str) -> str:
    chosen = random.Random(42).sample(EXAMPLES, 2)
    shots = "\\n".join(f"{text} -> {queue}" for text, queue in chosen)
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=100,
        system=[{"type": "text", "text": f"Examples:\\n{shots}\\n\\n{RULES}", "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": ticket}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "Seeded anew before each selection",
            """import random

from openai import OpenAI

EXAMPLES = [("Parcel lost", "logistics"), ("Card declined", "payments"), ("Cannot sign in", "accounts")]
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200
client = OpenAI()


def classify(tickets: list[str]) -> list[str]:
    queues = []
    for ticket in tickets:
        random.seed(7)
        shots = "\\n".join(f"{text} -> {queue}" for text, queue in random.sample(EXAMPLES, 2))
        response = client.chat.completions.create(
            model="gpt-4.1",
            messages=[{"role": "system", "content": f"{shots}\\n\\n{RULES}"}, {"role": "user", "content": ticket}],
        )
        queues.append(response.choices[0].message.content)
    return queues
""",
        ),
        Example(
            "Chosen once when the object is made",
            """import random

import anthropic

EXAMPLES = [("Parcel lost", "logistics"), ("Card declined", "payments"), ("Cannot sign in", "accounts")]
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200


class Classifier:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.shots = "\\n".join(f"{text} -> {queue}" for text, queue in random.sample(EXAMPLES, 2))

    def classify(self, ticket: str) -> str:
        response = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=100,
            system=[{"type": "text", "text": f"{self.shots}\\n\\n{RULES}", "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": ticket}],
        )
        return response.content[0].text
""",
        ),
        Example(
            "Chosen for the question, behind the breakpoint",
            """import random

import anthropic

EXAMPLES = [("Parcel lost", "logistics"), ("Card declined", "payments"), ("Cannot sign in", "accounts")]
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200
client = anthropic.Anthropic()


def classify(ticket: str) -> str:
    shots = "\\n".join(f"{text} -> {queue}" for text, queue in random.choices(EXAMPLES, k=2))
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=100,
        system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": f"Examples:\\n{shots}\\n\\nTicket: {ticket}"}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        for spot in view.spots:
            hole = spot.hole
            if hole.cause is not Cause.SHUFFLE or hole.reason is not None or spot.block.section is Section.TOOLS:
                continue
            if view.fixed_in_run(spot) or spot.block.per_request:
                continue
            cost = self._cost(view, spot)
            if cost is None or (cost.reach is Certainty.BELOW and not cost.growing and not cost.marked):
                continue
            yield self.report(
                view,
                message=(
                    f"`{spot.expression}` is drawn at random for each request and stands in {describe(spot.block)}:"
                    f" {loss_in_words(view, cost)}."
                ),
                recommendation="Draw once, or with a generator of the same seed for each request, or behind the last breakpoint.",
                subject=spot.expression,
                severity=min(grave(view, cost), Severity.HIGH),
                confidence=confidence_of(hole.evidence),
                place=spot.place,
                trace=spot.trace,
                saving=None if cost.reach is Certainty.BELOW else view.saving(cost.lost, cost.marked),
            )

    @staticmethod
    def _cost(view: ReplayView, spot: Spot) -> Impact | None:
        """What is lost. All of what is only shuffled would repeat in a fixed order; of a sample that is not known."""
        cost = impact(view, spot)
        if spot.hole.type != "shuffled" or view.replay.repetition is Repetition.ONCE:
            return cost
        block = view.tokens(spot.index)
        inside = max(0, block.estimate - view.literal(spot.index).estimate)
        whole = view.behind(spot) + TokenCount(inside, inside, inside, block.method)
        if cost is not None:
            return replace(cost, lost=whole, hit=view.certainty(whole), reach=view.certainty(view.mended + whole))
        cached = view.marked_behind >= spot.index or view.simulation.implicit
        return Impact(whole, view.certainty(whole), view.certainty(whole), False, False, False) if cached else None
