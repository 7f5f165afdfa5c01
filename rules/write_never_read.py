"""CA204: caching is switched on where no later request can read what is written."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Breakpoint,
    Category,
    Cause,
    Certainty,
    Confidence,
    Effort,
    Example,
    Finding,
    Hole,
    Kind,
    Lifetime,
    ProjectView,
    Repetition,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    TokenCount,
    Verdict,
    confidence_of,
    describe,
    put_at,
    shares,
    tokens_in_words,
    total,
)

OF_THE_RUN = frozenset({Cause.INPUT, Cause.RETRIEVAL, Cause.CLOCK, Cause.UUID, Cause.RANDOM, Cause.ENVIRONMENT, Cause.RESPONSE})
"""What differs from one run of a program to the next."""
NEGLIGIBLE = 400
"""Tokens whose write premium is not worth a word."""


class WriteNeverRead(Rule):
    """Caching is switched on where no later request can read what is written.

    ## What it finds
    A marker, or automatic caching, on a message that is another one in every request although the conversation never goes on,
    with nothing before it that could be cached or that has no marker of its own; the single call of a script, whose marked
    prefix holds what only this run knows.

    ## Why it costs
    Writing to the cache costs more than sending: at Anthropic a quarter more for five minutes, twice as much for an hour. The
    first read pays for that; where none comes, each request pays the premium for nothing.

    ## How to mend it
    Take the marker away, or put it on the last block that other requests repeat. Automatic caching marks the last block: in
    single requests put a marker of your own on the stable part instead.

    ## When it stays quiet
    - Conversations.
    - Calls that share the prefix with another call of the project.
    - Values of which it is not known how long they stay.
    - A script whose prefix is fixed: it may be started again.
    - Prefixes below the minimum (CA201).
    - Stable content that only lacks the marker (CA302).
    - Tests and notebooks.

    ## Fix safety
    There is no automatic fix: whether another program repeats the prefix cannot be seen.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA204",
        name="write-never-read",
        summary="caching is switched on where no later request can read what is written",
        category=Category.SIZE,
        severity=Severity.MEDIUM,
        effort=Effort.LOW,
        providers=("anthropic", "openai"),
    )
    bad = (
        Example(
            "A script that summarises the page it is given, once",
            """import sys

import anthropic
import requests

client = anthropic.Anthropic()
GUIDE = "Summarise the report for the board: what changed, what it costs, what has to be decided. " * 150


def main() -> None:
    report = requests.get(sys.argv[1]).text
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=1500,
        messages=[
            {
                "role": "user",
                "content": [{"type": "text", "text": GUIDE + report, "cache_control": {"type": "ephemeral"}}],
            }
        ],
    )
    print(response.content[0].text)


if __name__ == "__main__":
    main()
""",
        ),
        Example(
            "Each upload is marked, and asked about once",
            """import anthropic
from fastapi import FastAPI, Request

app = FastAPI()
client = anthropic.AsyncAnthropic()


@app.post("/extract")
async def extract(request: Request) -> str:
    text = (await request.body()).decode()
    block = {"type": "text", "text": "List every name and every amount in this text. " * 120 + text}
    block["cache_control"] = {"type": "ephemeral", "ttl": "1h"}
    message = {"role": "user", "content": [block]}
    response = await client.messages.create(model="claude-sonnet-4-5", max_tokens=2000, messages=[message])
    return response.content[0].text
""",
        ),
        Example(
            "Automatic caching on top of a marked prompt, in requests that nothing follows",
            """import anthropic
import requests

HANDBOOK = "Answer from the pages below and cite the one that you rely on. " * 300


class Answerer:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.system = [{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}]

    def answer_all(self, questions: list[str]) -> list[str]:
        return [self.answer(question) for question in questions]

    def answer(self, question: str) -> str:
        pages = requests.get("https://search.example/pages", params={"q": question}).text
        response = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            cache_control={"type": "ephemeral"},
            system=self.system,
            messages=[{"role": "user", "content": "Use the pages. " * 250 + pages + question}],
        )
        return response.content[0].text
""",
        ),
    )
    good = (
        Example(
            "The document is marked and asked several questions",
            """import sys
from pathlib import Path

import anthropic

client = anthropic.Anthropic()
QUESTIONS = ["Who are the parties?", "When does it end?", "What does it cost?"]


def main() -> None:
    contract = Path(sys.argv[1]).read_text()
    head = {"type": "text", "text": "Read with care. " * 500 + contract, "cache_control": {"type": "ephemeral"}}
    for question in QUESTIONS:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=300,
            messages=[{"role": "user", "content": [head, {"type": "text", "text": question}]}],
        )
        print(response.content[0].text)


if __name__ == "__main__":
    main()
""",
        ),
        Example(
            "Two calls about one text: the second reads what the first wrote",
            """import sys

import anthropic

client = anthropic.Anthropic()


def main() -> None:
    with open(sys.argv[1]) as file:
        text = "Read with care. " * 500 + file.read()
    for task in ("Summarise the text.", "List the open questions."):
        head = {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=900,
            messages=[{"role": "user", "content": [head, {"type": "text", "text": task}]}],
        )
        print(response.content[0].text)


main()
""",
        ),
        Example(
            "A library: who calls it, and how often with one text, is not known",
            """import anthropic


class Reader:
    def __init__(self, client: anthropic.Anthropic, model: str = "claude-sonnet-4-5") -> None:
        self.client = client
        self.model = model

    def ask(self, document: str, question: str) -> str:
        blocks = [
            {"type": "text", "text": document, "cache_control": {"type": "ephemeral"}},
            {"type": "text", "text": question},
        ]
        response = self.client.messages.create(
            model=self.model, max_tokens=500, messages=[{"role": "user", "content": blocks}]
        )
        return response.content[0].text
""",
        ),
        Example(
            "A command with a fixed prompt, which may be started again",
            """import anthropic
import click

client = anthropic.Anthropic()
GUIDE = "Turn the description into one shell command and explain each of its options. " * 200


@click.command()
@click.argument("description")
def main(description: str) -> None:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=300,
        system=[{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": description}],
    )
    click.echo(response.content[0].text)
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        views = [view for site in project.sites for view in site.views]
        for site in project.sites:
            if site.site.context in {"test", "notebook"}:
                continue
            # The first turn of a conversation repeats nothing either: its marker is read when the conversation goes on.
            read = {
                bp.marker.place
                for view in site.views
                for bp in view.breakpoints()
                if bp.verdict is Verdict.EFFECTIVE or view.growing
            }
            for view in site.views:
                wasted = self._wasted(view)
                if wasted is None or wasted[0].marker.place in read:
                    continue
                others = (other for other in views if other is not view)
                if not any(other.site != site.site and shares(view, wasted[0].block, other) for other in others):
                    yield self._finding(view, *wasted)

    def _wasted(self, view: ReplayView) -> tuple[Breakpoint, Hole] | None:
        """The last breakpoint that nobody reads, and the value that makes it so; None where one may be read."""
        points = [bp for bp in view.breakpoints() if not bp.marker.unknown and bp.verdict is not Verdict.REJECTED]
        if not points or not points[-1].marker.written:
            return None
        last = points[-1]
        if view.replay.repetition is Repetition.ONCE:
            hole = self._of_the_run(view, last.block) if len(view.replay.requests) == 1 else None
            sure = view.certainty(last.tokens) is not Certainty.BELOW
            return (last, hole) if hole is not None and sure else None
        if view.growing or last.verdict is not Verdict.NEVER_READ or not view.blocks[last.block].per_request:
            return None
        if any(block.kind is Kind.STRETCH and block.section is Section.MESSAGES for block in view.blocks[: last.block]):
            return None  # messages of unknown number ahead of the last one: whoever sends them may send them again and one more
        hole = next(
            (spot.hole for spot in view.spots if spot.block.per_request and (view.renewed(spot) or not view.stable(spot))), None
        )
        start = view.last_marker_before(last.block) + 1
        before = view.literal_between(start, last.block)
        movable = before.estimate > 0 and view.certainty(view.literal_between(0, last.block)) is not Certainty.BELOW
        return None if hole is None or hole.reason is not None or movable else (last, hole)

    @staticmethod
    def _of_the_run(view: ReplayView, block: int) -> Hole | None:
        """A value up to the marked block that another run of the program has otherwise; None where it stands in the way of text
        that could be cached, which is CA101's."""
        for spot in view.spots:
            hole = spot.hole
            named = hole.cause is Cause.FILE and hole.lifetime is Lifetime.PROCESS  # a file that the command line names
            if spot.index <= block and hole.reason is None and (named or hole.cause in OF_THE_RUN):
                return spot.hole if view.certainty(view.behind(spot)) is Certainty.BELOW else None
        return None

    @staticmethod
    def _written(view: ReplayView, last: int) -> TokenCount:
        """What the breakpoint writes: everything behind the last one that is read."""
        read = [bp.block for bp in view.breakpoints() if bp.verdict is Verdict.EFFECTIVE and bp.block < last]
        return total(view.tokens(index) for index in range(max(read, default=-1) + 1, last + 1))

    def _finding(self, view: ReplayView, bp: Breakpoint, hole: Hole) -> Finding:
        written = self._written(view, bp.block)
        once = view.replay.repetition is Repetition.ONCE
        why = "the program sends one request" if once else f"the marked block differs with every request (`{hole.expression}`)"
        small = written.estimate < NEGLIGIBLE and (written.high or NEGLIGIBLE) <= NEGLIGIBLE
        return self.report(
            view,
            message=(
                f"The marker on {describe(view.blocks[bp.block])} writes {tokens_in_words(written)} to the cache and no request"
                f" reads them: {why}."
            ),
            recommendation=f"Take the marker away: {view.break_even(bp.marker.ttl)}, and no read follows.",
            subject=f"write never read: {view.blocks[bp.block].label or view.blocks[bp.block].section.value}",
            severity=Severity.LOW if once or small else Severity.MEDIUM,
            confidence=min(Confidence.MEDIUM, confidence_of(hole.evidence)),
            place=put_at(view, bp.marker, view.blocks[bp.block]),
            saving=view.premium(written, bp.marker.ttl),
        )
