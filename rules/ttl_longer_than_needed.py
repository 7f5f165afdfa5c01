"""CA503: the price of an hour is paid where the code itself sends the next request within minutes."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Breakpoint,
    Category,
    Confidence,
    Effort,
    Example,
    Finding,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    SiteView,
    Verdict,
    describe,
    in_words,
    seconds_of,
)


class TtlLongerThanNeeded(Rule):
    """A marker asks for a long lifetime although the code sends each next request well within the short one.

    ## What it finds
    A marker with `"ttl": "1h"` in code whose requests all follow one another within five minutes as far as the code tells: a
    script's loop without long waits, a job that a scheduler runs every few minutes.

    ## Why it costs
    Writing for an hour costs twice the input price, writing for five minutes one and a quarter. Every read prolongs the life of
    what it reads, so that the short lifetime never ends while such code runs.

    ## How to mend it
    Leave `ttl` out. Keep the hour where people or other programs send the next request, at times that nobody knows.

    ## When it stays quiet
    - Functions that others call at times of their own (handlers, methods, libraries).
    - Loops that wait for a person, a queue or a command.
    - Agents that run tools.
    - Batches.
    - Notebooks and tests.

    ## Fix safety
    There is no automatic fix: only the author knows whether the program is started again within the hour.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA503",
        name="ttl-longer-than-needed",
        summary="the price of a long lifetime is paid although the next request comes within the short one",
        category=Category.LIFETIME,
        severity=Severity.LOW,
        effort=Effort.LOW,
        providers=("anthropic", "openai"),
    )
    bad = (
        Example(
            "A script that goes through a list",
            """import json
from pathlib import Path

import anthropic

client = anthropic.Anthropic()
RULES = "Say which of the categories the review belongs to, and quote the words that decide it. " * 200


def classify(review: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=100,
        system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        messages=[{"role": "user", "content": review}],
    )
    return response.content[0].text


def main() -> None:
    reviews = json.loads(Path("reviews.json").read_text())
    Path("out.json").write_text(json.dumps([classify(review) for review in reviews]))


if __name__ == "__main__":
    main()
""",
        ),
        Example(
            "A job that runs every two minutes",
            """import anthropic
from discord.ext import commands, tasks

GUIDE = "Answer the questions of the channel that nobody has answered, in the tone of the house. " * 200
HOUR = {"type": "ephemeral", "ttl": "1h"}


class Helper(commands.Cog):
    def __init__(self, bot: commands.Bot) -> None:
        self.bot = bot
        self.client = anthropic.AsyncAnthropic()
        self.look.start()

    @tasks.loop(minutes=2)
    async def look(self) -> None:
        open_questions = await self.bot.open_questions()
        answer = await self.client.messages.create(
            model="claude-opus-4-1",
            max_tokens=800,
            system=[{"type": "text", "text": GUIDE, "cache_control": HOUR}],
            messages=[{"role": "user", "content": open_questions}],
        )
        await self.bot.post(answer.content[0].text)
""",
        ),
        Example(
            "Questions about one document, with a pause for the rate limit",
            """import asyncio
import sys

import anthropic

QUESTIONS = ["Who are the parties?", "When does it end?", "What does it cost?", "Which law applies?"]


async def ask_all(contract: str) -> list[str]:
    client = anthropic.AsyncAnthropic()
    text = "Read the contract with care. " * 400 + contract
    head = {"type": "text", "text": text, "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    answers = []
    for question in QUESTIONS:
        response = await client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=300,
            messages=[{"role": "user", "content": [head, {"type": "text", "text": question}]}],
        )
        answers.append(response.content[0].text)
        await asyncio.sleep(20)
    return answers


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(asyncio.run(ask_all(file.read())))
""",
        ),
    )
    good = (
        Example(
            "A service: who asks next, and when, nobody knows",
            """import anthropic
from fastapi import FastAPI

app = FastAPI()
client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


@app.post("/ask")
def ask(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "A loop that waits for a person",
            """import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def main() -> None:
    while True:
        question = input("> ")
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            messages=[{"role": "user", "content": question}],
        )
        print(response.content[0].text)


main()
""",
        ),
        Example(
            "A script whose steps run commands that may take long",
            """import subprocess

import anthropic

client = anthropic.Anthropic()
GUIDE = "Read the output of the test run and say which change broke it, in one sentence. " * 200


def main(commits: list[str]) -> None:
    for commit in commits:
        run = subprocess.run(["make", "test", f"COMMIT={commit}"], capture_output=True, text=True)
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=300,
            system=[{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            messages=[{"role": "user", "content": run.stdout}],
        )
        print(commit, response.content[0].text)
""",
        ),
    )

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        if site.site.context in {"test", "notebook"} or "batches" in site.site.api:
            return
        if all(self._quick(view) for view in site.views):
            yield from super().check_site(site)

    @staticmethod
    def _quick(view: ReplayView) -> bool:
        """Whether each next request certainly comes within the shortest lifetime on offer."""
        shortest = seconds_of(view.longer_ttl(0.0) or "")
        if shortest is None or not view.gaps or any(block.section is Section.TOOLS for block in view.blocks):
            return False
        return all(gap.most is not None and gap.most < shortest for gap in view.gaps)

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        shortest = view.longer_ttl(0.0) or ""
        for bp in view.breakpoints():
            if bp.verdict is Verdict.EFFECTIVE and not bp.marker.unknown and self._long(bp, shortest):
                yield self._finding(view, bp, shortest)
                return

    @staticmethod
    def _long(bp: Breakpoint, shortest: str) -> bool:
        asked = seconds_of(bp.marker.ttl or "")
        return asked is not None and asked > (seconds_of(shortest) or 0.0)

    def _finding(self, view: ReplayView, bp: Breakpoint, shortest: str) -> Finding:
        gap = max(gap.most or 0.0 for gap in view.gaps)
        pace = f"{in_words(gap)} later at most, and the work between them" if gap else "right after the one before"
        return self.report(
            view,
            message=(
                f"The marker on {describe(view.blocks[bp.block])} pays for {bp.marker.ttl} although the code sends each next"
                f" request {pace}: every read prolongs the {shortest} that cost less."
            ),
            recommendation=(
                f'Leave `ttl` out (or write `"{shortest}"`): {view.break_even(shortest)}, with {bp.marker.ttl} instead'
                f" {view.break_even(bp.marker.ttl)}."
            ),
            subject="ttl longer than needed",
            confidence=Confidence.MEDIUM,
            place=bp.marker.place,
        )
