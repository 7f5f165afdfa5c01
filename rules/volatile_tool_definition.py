"""CA404: a clock, an id or a user's value inside a tool definition."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    GROWING_CAUSES,
    INCIDENTAL,
    ORDER_CAUSES,
    Block,
    Category,
    Cause,
    Certainty,
    Effort,
    Example,
    Finding,
    Kind,
    Lifetime,
    Repetition,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    Spot,
    confidence_of,
    describe,
    minimum_in_words,
    tokens_in_words,
)


class VolatileToolDefinition(Rule):
    """A value that changes with the request or the user stands inside a tool definition.

    ## What it finds
    A clock, a unique id, this request's input or a user's data in a tool's name, description or schema.

    ## Why it costs
    Tools stand first in the prefix, before the system prompt. A changed description means that tools, system prompt and the whole
    conversation are processed at full price.

    ## How to mend it
    Keep definitions fixed. Say what changes in the user message or in the tool's result.

    ## When it stays quiet
    - Values that are fixed for the process or the deployment: what was fetched once and kept is as good as written.
    - Single calls without a marker.
    - Tools that are left out of the prefix (`defer_loading`).
    - Definitions of which nothing is written: they are looked up as a whole, of which CA403 tells.
    - Values of which only the name is known (low confidence).

    ## Fix safety
    There is no automatic fix: moving text changes the prompt.

    ## Sources
    https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-use-with-prompt-caching
    """

    meta = RuleMeta(
        code="CA404",
        name="volatile-tool-definition",
        summary="a clock, an id or a user's value stands inside a tool definition",
        category=Category.TOOLS,
        severity=Severity.CRITICAL,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "The time in a tool's description",
            """from datetime import datetime

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=[
            {
                "name": "book",
                "description": f"Books a slot. The time is {datetime.now()}.",
                "input_schema": {"type": "object", "properties": {"slot": {"type": "string"}}},
            }
        ],
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "A fresh id in a tool's name",
            """import uuid

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=[
            {
                "name": f"search_{uuid.uuid4().hex}",
                "description": "Searches the archive.",
                "input_schema": {"type": "object", "properties": {"query": {"type": "string"}}},
            }
        ],
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "A fixed definition, the time in the message",
            """from datetime import datetime

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=[
            {
                "name": "book",
                "description": "Books a slot.",
                "input_schema": {"type": "object", "properties": {"slot": {"type": "string"}}},
            }
        ],
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": f"The time is {datetime.now()}. {question}"}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "A value from the environment",
            """import os

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
REGION = os.environ.get("REGION", "eu")


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        tools=[
            {
                "name": "search",
                "description": f"Searches the archive of region {REGION}.",
                "input_schema": {"type": "object", "properties": {"query": {"type": "string"}}},
            }
        ],
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        if view.replay.repetition is Repetition.ONCE and not view.intended:
            return
        for spot in view.spots:
            if self._concerns(spot) and not _kept(view, spot):
                yield self._finding(view, spot)

    @staticmethod
    def _concerns(spot: Spot) -> bool:
        hole, block = spot.hole, spot.block
        inside = block.section is Section.TOOLS and block.kind is Kind.TOOL and spot.piece >= 0 and _written(block)
        known = hole.reason is None and hole.cause not in ORDER_CAUSES | GROWING_CAUSES
        visitor = hole.lifetime is Lifetime.SESSION and hole.cause is Cause.INPUT  # what a web session or a thread's id says
        return inside and known and (visitor or hole.lifetime in {Lifetime.CALL, Lifetime.USER})

    def _finding(self, view: ReplayView, spot: Spot) -> Finding:
        reach = view.certainty(view.mended)
        # What is read ahead of the requests that follow one another: only the next conversation finds another value.
        early = spot.hole.lifetime is Lifetime.CALL and view.fixed_in_run(spot)
        if reach is Certainty.BELOW and not view.growing:
            severity = Severity.LOW
            total = tokens_in_words(view.mended)
            cost = f"nothing can be cached, as the fixed text ({total}) is below {minimum_in_words(view.minimum)}"
        elif early:
            # What is fetched is mostly what was fetched before; a clock never is.
            again = reach is Certainty.ABOVE and view.growing and spot.hole.cause in INCIDENTAL
            severity = Severity.MEDIUM if again else Severity.LOW
            cost = f"{tokens_in_words(view.mended)} behind it are processed anew wherever it is read anew"
        else:
            severity = Severity.CRITICAL if reach is Certainty.ABOVE or view.growing else Severity.HIGH
            history = " and the whole history" if view.growing else ""
            cost = f"{tokens_in_words(view.mended)}{history} behind it are processed at full price whenever it differs"
        if spot.hole.lifetime is not Lifetime.CALL or view.fixed(spot) or not view.repeated:
            severity = min(severity, Severity.HIGH)
        return self.report(
            view,
            message=f"`{spot.expression}` stands in {describe(spot.block)}, ahead of the system prompt: {cost}.",
            recommendation=f"Keep the definition fixed; say `{spot.expression}` in the user message or the tool's result.",
            subject=spot.expression,
            severity=severity,
            confidence=confidence_of(spot.hole.evidence),
            place=spot.place,
            trace=spot.trace,
            saving=view.saving(view.mended, view.intended) if reach is Certainty.ABOVE else None,
        )


def _written(block: Block) -> bool:
    """Whether anything of the definition is spelled; of one that is looked up as a whole CA403 tells."""
    return any(letter.isalnum() for letter in block.text.literal)


def _kept(view: ReplayView, spot: Spot) -> bool:
    """Whether the value was fetched by whoever asked first, and stays for all others."""
    return spot.hole.lifetime is Lifetime.CALL and spot.hole.cause not in INCIDENTAL and view.kept(spot)
