"""CA101: a value that differs with every request stands ahead of, or inside, text that could be cached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from auditor.api import (
    GROWING_CAUSES,
    INCIDENTAL,
    MANY,
    ORDER_CAUSES,
    Category,
    Cause,
    Certainty,
    Confidence,
    Effort,
    Example,
    Finding,
    Impact,
    Kind,
    Lifetime,
    Literal,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    Spot,
    Step,
    arriving,
    confidence_of,
    describe,
    grave,
    impact,
    loss_in_words,
    marker_should_move,
)

_WORDS = {
    Cause.CLOCK: "the clock",
    Cause.UUID: "a fresh unique id",
    Cause.RANDOM: "a random value",
    Cause.INPUT: "this request's input",
    Cause.RETRIEVAL: "data fetched for this request",
    Cause.LOOP: "the loop's current item",
    Cause.COUNT: "a number that goes up with the requests",
    Cause.RESPONSE: "a model's answer",
}

_SHOWN = 4  # other values that a finding names


@dataclass(frozen=True, slots=True)
class _Case:
    """A value of one replay that costs something."""

    view: ReplayView
    spot: Spot
    cost: Impact


class VolatilePrefix(Rule):
    """A value that changes with every request stands ahead of text that could be cached.

    ## What it finds
    A clock, a unique id, a random number, this request's input, retrieved documents or database rows inside the system prompt or
    an earlier message, or the number of the turn in the system prompt, with stable text or a growing history behind it, or with a
    cache breakpoint at or behind it. Where even the mended prefix is below the model's minimum it says so once, at low severity;
    so it does of a history that is cut before it reaches it, where nothing switches caching on.

    ## Why it costs
    A cache serves a request exactly as far as its bytes repeat those of an earlier one. From the changing value on, everything is
    processed at full price; a breakpoint behind it writes a new cache entry every time (at a premium) that nobody ever reads.

    ## How to mend it
    Move the value behind the last breakpoint: into the user message, or into a block of its own after the cached ones. If the
    model needs today's date only, format it as a date.

    ## When it stays quiet
    - Values in the last user message.
    - Values behind the last breakpoint.
    - Single calls without a breakpoint.
    - Input that is fixed for the requests that follow one another.
    - Values that are made once and kept: by a constructor, by whoever asks first, for as long as a time limit lets them.
    - Values of which only the name is known (low confidence).
    - Input that is the whole prompt, whoever sends it, where nothing is marked.
    - Input that the prompt is chosen by, compared with words of the source: there is one prefix for each of them.

    ## Fix safety
    There is no automatic fix: moving text changes the prompt.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://developers.openai.com/api/docs/guides/prompt-caching
    """

    meta = RuleMeta(
        code="CA101",
        name="volatile-prefix",
        summary="a value that changes with every request stands ahead of cacheable text",
        category=Category.PROMPT,
        severity=Severity.CRITICAL,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "A timestamp in front of a marked system prompt",
            """from datetime import datetime

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {
                "type": "text",
                "text": f"Current time: {datetime.now().isoformat()}\\n{HANDBOOK}",
                "cache_control": {"type": "ephemeral"},
            }
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "A request id in front of OpenAI instructions",
            """import uuid

from openai import OpenAI

client = OpenAI()
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 300


def classify(ticket: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[
            {"role": "system", "content": f"Request {uuid.uuid4()}\\n" + RULES},
            {"role": "user", "content": ticket},
        ],
    )
    return response.choices[0].message.content
""",
        ),
    )
    good = (
        Example(
            "The timestamp stands in the user message",
            """from datetime import datetime

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": f"Current time: {datetime.now().isoformat()}\\n{question}"}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "A volatile block behind the marked one",
            """from datetime import datetime

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": f"Current time: {datetime.now().isoformat()}"},
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        """One finding for what one prompt is filled with: what stands in it is mended together, wherever it comes from."""
        groups: dict[tuple[object, ...], list[_Case]] = {}
        for view in site.views:
            if view.request.opaque:
                continue
            firsts: dict[Section, str] = {}
            for case in self._cases(view):
                if site.stays(view, case.spot):
                    continue
                hole, block = case.spot.hole, case.spot.block
                alone = hole.cause in INCIDENTAL
                key = (case.spot.place, hole.cause) if alone else (block.section, firsts.setdefault(block.section, block.label))
                groups.setdefault(key, []).append(case)
        for cases in groups.values():
            yield self._finding(cases)

    def _cases(self, view: ReplayView) -> Iterator[_Case]:
        late = arriving(view)
        for spot in (*view.spots, *late):
            if not self._concerns(spot) or _one_of_few(view, spot):
                continue
            cost = impact(view, spot, slow=spot in late)
            if (
                cost is None
                or marker_should_move(view, spot)
                or _given(spot, cost)
                or not self._certain_in_messages(view, spot, cost)
            ):
                continue
            yield _Case(view, spot, cost)

    @staticmethod
    def _concerns(spot: Spot) -> bool:
        hole = spot.hole
        return (
            hole.lifetime in (Lifetime.CALL, Lifetime.TURN)
            and hole.reason is None
            and hole.cause not in ORDER_CAUSES
            # Earlier turns and answers belong into the messages; in a system prompt they are another text in every turn.
            and (spot.block.section is Section.SYSTEM or hole.cause not in GROWING_CAUSES)
            and spot.block.section is not Section.TOOLS
            and spot.block.kind is not Kind.STRETCH
        )

    @staticmethod
    def _certain_in_messages(view: ReplayView, spot: Spot, cost: Impact) -> bool:
        """Content of messages is supposed to be this request's: only what stands in the way of much fixed text is a defect."""
        if spot.block.section is not Section.MESSAGES:
            return True
        if view.fixed(spot) or _answered(view, spot):
            return False
        if spot.hole.cause in INCIDENTAL:
            return True
        diverges = any(d.certain and d.block == spot.index for d in view.simulation.divergences)
        return diverges and view.certainty(view.behind(spot)) is Certainty.ABOVE

    def _finding(self, cases: list[_Case]) -> Finding:
        # The gravest speaks; among equals the one that stands first in the prefix, then in the source.
        first = min(cases, key=lambda case: (-grave(case.view, case.cost), case.spot.index, case.spot.piece, _where(case.spot)))
        view, spot, cost = first.view, first.spot, first.cost
        hole = spot.hole
        others = {
            case.spot.expression: case.spot
            for case in sorted(cases, key=lambda case: case.spot.expression)
            if case.spot.expression != spot.expression
            and (case.spot.hole.entered or not hole.entered)
            and case.spot.expression != MANY  # which stands nowhere in the source
        }
        origin = _WORDS.get(hole.cause, "a value of this request")
        confidence = confidence_of(hole.evidence)
        if view.replay.repetition.value == "unknown":
            confidence = min(confidence, Confidence.MEDIUM)
        values = MANY if spot.expression == MANY else f"`{spot.expression}`"
        more = f", as do {_listed(spot, others)}" if others else ""
        return self.report(
            view,
            message=(
                f"{values[:1].upper()}{values[1:]} ({origin}) stands in {describe(spot.block)}{more}:"
                f" {loss_in_words(view, cost)}."
            ),
            recommendation=(
                f"Move {'them' if others else values} behind the cached text: into the user message, or a block after the last"
                " breakpoint."
            ),
            subject=spot.expression,
            severity=grave(view, cost),
            confidence=confidence,
            place=spot.place,
            trace=(*spot.trace, *_elsewhere(spot, others)),
            saving=None if cost.reach is Certainty.BELOW or cost.across else view.saving(cost.lost, cost.marked),
        )


def _answered(view: ReplayView, spot: Spot) -> bool:
    """Whether the model's own answer follows the message: it was sent as it stands, and stays in the conversation."""
    own = spot.block.message
    behind = next((block for block in view.blocks[spot.index + 1 :] if block.message != own), None)
    return behind is not None and behind.role == "assistant" and any(hole.cause is Cause.RESPONSE for hole in behind.text.holes())


def _one_of_few(view: ReplayView, spot: Spot) -> bool:
    """Whether the prompt is chosen by comparing the value with words of the source: there is a prefix for each of them."""
    return any(
        condition.named and condition.hole is not None and condition.hole.identity == spot.hole.identity
        for condition, _ in view.replay.conditions
    )


def _given(spot: Spot, cost: Impact) -> bool:
    """Whether whoever sends the request brings the whole prompt along: nothing of it is the program's, nothing marked."""
    own = any(isinstance(piece, Literal) and piece.text.strip() for piece in spot.block.text.pieces)
    return spot.hole.cause is Cause.INPUT and not own and not cost.marked and not cost.lost.estimate


def _where(spot: Spot) -> tuple[str, int, int]:
    place = spot.place
    return ("", 0, 0) if place is None else (place.path, place.line, place.column)


def _listed(spot: Spot, others: Mapping[str, Spot]) -> str:
    """The other values, with their blocks where these are not the first one's."""
    shown = [
        f"`{expression}`" if other.block.label == spot.block.label else f"`{expression}` in {describe(other.block)}"
        for expression, other in list(others.items())[:_SHOWN]
    ]
    return f"{', '.join(shown)} and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ", ".join(shown)


def _elsewhere(spot: Spot, others: Mapping[str, Spot]) -> Iterator[Step]:
    """Where the values of other blocks enter the prompt."""
    for expression, other in list(others.items())[:_SHOWN]:
        if other.place is not None and other.block.label != spot.block.label:
            yield Step(other.place, f"`{expression}` lands in {describe(other.block)}")
