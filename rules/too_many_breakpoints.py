"""CA301: more breakpoints in one request than the provider accepts."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Block,
    Category,
    Confidence,
    Effort,
    Example,
    Finding,
    ReplayView,
    Rule,
    RuleMeta,
    Severity,
    describe,
    is_history,
    put_at,
)

_OTHERS = 3  # markers beside a run of which two blocks are then one too many


class TooManyBreakpoints(Rule):
    """A request carries more breakpoints than the provider accepts.

    ## What it finds
    More than four markers in one request over tools, system prompt and messages, the automatic one included; also where a
    loop gets there only with a later request, and where every block of a list carries one whose length only the data know.

    ## Why it costs
    The API answers 400 and the request fails.

    ## How to mend it
    Keep at most four: one on the last tool, one on the last system block, and one or two that move with the conversation. A
    marker on a later block covers everything before it.

    ## When it stays quiet
    - Where it is not known whether the markers are there.
    - Markers that a test of each single block decides on (low confidence).
    - Where one block of a list is marked by its position or under a condition.
    - Conversations that collect markers turn by turn, which are CA307's.

    ## Fix safety
    There is no automatic fix: which markers to keep is a decision.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA301",
        name="too-many-breakpoints",
        summary="more breakpoints in one request than the provider accepts",
        category=Category.BREAKPOINTS,
        severity=Severity.CRITICAL,
        effort=Effort.LOW,
        providers=("anthropic",),
    )
    bad = (
        Example(
            "Every document carries a marker",
            """import anthropic

client = anthropic.Anthropic()
CHAPTER = "The warranty covers every part of the device except for the battery and the case. " * 300


def answer(question: str) -> str:
    chapters = [{"type": "text", "text": CHAPTER, "cache_control": {"type": "ephemeral"}} for _ in range(6)]
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=chapters,
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "Four markers and automatic caching on top",
            """import anthropic

client = anthropic.Anthropic()
CHAPTER = "The warranty covers every part of the device except for the battery and the case. " * 300
CACHE = {"type": "ephemeral"}


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        cache_control=CACHE,
        system=[
            {"type": "text", "text": "One. " + CHAPTER, "cache_control": CACHE},
            {"type": "text", "text": "Two. " + CHAPTER, "cache_control": CACHE},
            {"type": "text", "text": "Three. " + CHAPTER, "cache_control": CACHE},
            {"type": "text", "text": "Four. " + CHAPTER, "cache_control": CACHE},
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "Each document that was found is marked, however many they are",
            """import anthropic


class Reader:
    def __init__(self, store) -> None:
        self.client = anthropic.Anthropic()
        self.store = store

    def answer(self, question: str) -> str:
        content = [{"type": "text", "text": page.text} for page in self.store.find(question)]
        for block in content:
            block["cache_control"] = {"type": "ephemeral"}
        content.append({"type": "text", "text": question})
        response = self.client.messages.create(
            model="claude-sonnet-4-5", max_tokens=500, messages=[{"role": "user", "content": content}]
        )
        return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "One marker behind the last chapter",
            """import anthropic

client = anthropic.Anthropic()
CHAPTER = "The warranty covers every part of the device except for the battery and the case. " * 300


def answer(question: str) -> str:
    chapters = [{"type": "text", "text": CHAPTER} for _ in range(6)]
    chapters[-1]["cache_control"] = {"type": "ephemeral"}
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=chapters,
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "The last document alone is marked",
            """import anthropic

client = anthropic.Anthropic()
CHAPTER = "The warranty covers every part of the device except for the battery and the case. " * 300


def answer_all(pages: list[str], questions: list[str]) -> list[str]:
    system = [{"type": "text", "text": CHAPTER}]
    for number, page in enumerate(pages):
        block = {"type": "text", "text": page}
        if number == len(pages) - 1:
            block["cache_control"] = {"type": "ephemeral"}
        system.append(block)
    answers = []
    for question in questions:
        response = client.messages.create(
            model="claude-sonnet-4-5", max_tokens=500, system=system, messages=[{"role": "user", "content": question}]
        )
        answers.append(response.content[0].text)
    return answers
""",
        ),
        Example(
            "Two markers",
            """import anthropic

client = anthropic.Anthropic()
CHAPTER = "The warranty covers every part of the device except for the battery and the case. " * 300
CACHE = {"type": "ephemeral"}


def answer(question: str, contract: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {"type": "text", "text": "One. " + CHAPTER, "cache_control": CACHE},
            {"type": "text", "text": "Contract. " + contract, "cache_control": CACHE},
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        if view.accumulating:
            return  # CA307 says so
        yield from self._counted(view)
        yield from self._open(view)

    def _open(self, view: ReplayView) -> Iterator[Finding]:
        """Every block of a run of unknown length carries a marker."""
        runs = [
            (block, block.marker)
            for request in view.replay.requests
            for block in request.blocks
            if block.marker is not None and block.marker.each and not block.marker.unknown
        ]
        for block, marker in runs[:1]:
            if view.growing and is_history(block):
                return  # a history as a whole: CA307's
            others = max(sum(one.marker is not None for one in request.blocks) for request in view.replay.requests) - 1
            yield self.report(
                view,
                message=(
                    f"Every block of {describe(block)} carries a marker, however many there are (`{self._source(block)}`): with"
                    " more than four in a request the API answers 400."
                ),
                recommendation="Mark the last block alone: a marker covers everything before it.",
                subject="a marker on every block",
                # How many there are nobody knows: two of them are near to certain, five are likely.
                severity=Severity.CRITICAL if others >= _OTHERS else Severity.HIGH,
                confidence=Confidence.MEDIUM,
                place=put_at(view, marker, block),
            )

    @staticmethod
    def _source(block: Block) -> str:
        return next((hole.expression for hole in block.text.holes()), "?")

    def _counted(self, view: ReplayView) -> Iterator[Finding]:
        for rejection in view.rejections("too-many-breakpoints"):
            when = "" if rejection.request == 0 else f" From request {rejection.request + 1} on."
            yield self.report(
                view,
                message=f"{rejection.message.rstrip('.')}: the API answers 400.{when}",
                recommendation="Keep at most four markers: a marker on a later block covers everything before it.",
                subject="too many breakpoints",
                # Where each block is asked whether it is marked, that all of them are is one of many possible outcomes.
                confidence=Confidence.LOW if view.replay.alike else Confidence.HIGH,
            )
            return  # later requests of the replay fail for the same reason
