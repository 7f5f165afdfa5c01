"""CA502: what is cached has expired by the time that the code sends its next request."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Breakpoint,
    Category,
    Certainty,
    Confidence,
    Effort,
    Example,
    Finding,
    ProjectView,
    ReplayView,
    Rule,
    RuleMeta,
    Severity,
    SiteView,
    Step,
    Verdict,
    describe,
    in_words,
    shares,
)


class TtlShorterThanGap(Rule):
    """The code waits longer between its requests than a cached prefix lives.

    ## What it finds
    A marker whose lifetime is shorter than the time that the code itself lets pass before each next request: `sleep` in a loop,
    a job of a scheduler (`schedule`, APScheduler, Celery beat, `repeat_every`, `tasks.loop`), a cron expression, a timer. Waits
    are summed up along the way; the work between them comes on top.

    ## Why it costs
    A read prolongs the life of what it reads, so that one request within the lifetime keeps it alive. Where each comes too late,
    each pays for writing the prefix again, and none reads it: that is dearer than no caching.

    ## How to mend it
    Where a longer lifetime is on offer that covers the gap, use it: `"ttl": "1h"` at Anthropic, which has paid after two reads.
    Where none is, take the marker away, or let one job send all of its requests in a row.

    ## When it stays quiet
    - Times that the code does not tell.
    - Waits that only happen under a condition (a retry after an error).
    - Code that sends several requests in a row.
    - Markers that are on the requests of a conversation as well, through another caller.
    - Prefixes that another call of the project sends as well.
    - Tests.

    ## Fix safety
    There is no automatic fix: whether a longer lifetime pays depends on the price of the model.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA502",
        name="ttl-shorter-than-gap",
        summary="the code waits longer between its requests than a cached prefix lives",
        category=Category.LIFETIME,
        severity=Severity.MEDIUM,
        effort=Effort.LOW,
        providers=("anthropic", "openai"),
    )
    bad = (
        Example(
            "A watcher that sleeps for ten minutes",
            """import time

import anthropic

client = anthropic.Anthropic()
RULES = "Read the log excerpt and say whether somebody has to be woken up, with the reason. " * 200
PAUSE = 10 * 60


def judge(excerpt: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=200,
        system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": excerpt}],
    )
    return response.content[0].text


def watch(path: str) -> None:
    while True:
        with open(path) as log:
            verdict = judge(log.read()[-4000:])
        notify(verdict)
        time.sleep(PAUSE)
""",
        ),
        Example(
            "A scheduler's job, every half hour",
            """import anthropic
from apscheduler.schedulers.asyncio import AsyncIOScheduler

GUIDE = "Write the digest in the tone of the house: short sentences, no jargon, one headline. " * 200


class Digest:
    def __init__(self, feed) -> None:
        self.client = anthropic.AsyncAnthropic()
        self.feed = feed
        self.scheduler = AsyncIOScheduler()

    def start(self) -> None:
        self.scheduler.add_job(self.publish, "interval", minutes=30)
        self.scheduler.start()

    async def publish(self) -> None:
        items = await self.feed.latest()
        system = [{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}]
        response = await self.client.messages.create(
            model="claude-opus-4-1", max_tokens=900, system=system, messages=[{"role": "user", "content": items}]
        )
        await self.feed.post(response.content[0].text)
""",
        ),
        Example(
            "A task that Celery sends every morning",
            """from celery import Celery
from celery.schedules import crontab

import anthropic

app = Celery("reports", broker="redis://localhost")
app.conf.beat_schedule = {
    "morning-report": {"task": "reports.report", "schedule": crontab(hour=6, minute=30)},
}
MANUAL = "Compare the figures with those of the day before and explain every change above five percent. " * 200


@app.task(name="reports.report")
def report() -> None:
    client = anthropic.Anthropic()
    answer = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=2000,
        system=[{"type": "text", "text": MANUAL, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        messages=[{"role": "user", "content": load_figures()}],
    )
    send_mail(answer.content[0].text)
""",
        ),
    )
    good = (
        Example(
            "An hour's lifetime for a job that runs every half hour",
            """import anthropic
import schedule

client = anthropic.Anthropic()
GUIDE = "Write the digest in the tone of the house: short sentences, no jargon, one headline. " * 200


def publish() -> None:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=900,
        system=[{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
        messages=[{"role": "user", "content": latest_items()}],
    )
    post(response.content[0].text)


def main() -> None:
    schedule.every(30).minutes.do(publish)
    while True:
        schedule.run_pending()
""",
        ),
        Example(
            "Every night a run of many requests",
            """import anthropic
from apscheduler.schedulers.blocking import BlockingScheduler

client = anthropic.Anthropic()
scheduler = BlockingScheduler()
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200


@scheduler.scheduled_job("cron", hour=2)
def sort_tickets() -> None:
    for ticket in open_tickets():
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=50,
            system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": ticket.text}],
        )
        ticket.assign(response.content[0].text)
""",
        ),
        Example(
            "A long wait after an error only",
            """import asyncio

import anthropic

client = anthropic.AsyncAnthropic()
RULES = "Sort the ticket into one of the queues and say in one sentence why it belongs there. " * 200


async def sort_ticket(text: str) -> str:
    while True:
        try:
            response = await client.messages.create(
                model="claude-sonnet-4-5",
                max_tokens=50,
                system=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}],
                messages=[{"role": "user", "content": text}],
            )
            return response.content[0].text
        except anthropic.RateLimitError:
            await asyncio.sleep(900)


async def sort_tickets(tickets: list[str]) -> list[str]:
    return [await sort_ticket(ticket) for ticket in tickets]
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        for site in project.sites:
            if site.site.context == "test":
                continue
            for view, last in self._late(site):
                others = (view for other in project.sites if other is not site for view in other.views)
                if not any(shares(view, last.block, other) for other in others):
                    yield self._finding(view, last)

    @staticmethod
    def _late(site: SiteView) -> Iterator[tuple[ReplayView, Breakpoint]]:
        """The last expired breakpoint of each variant, unless some way through the program reads what it writes.

        Where the same marker is on the requests of a conversation, its time is chosen for those.
        """
        read = {Verdict.EFFECTIVE, Verdict.UNKNOWN}
        alive = {
            bp.marker.place
            for view in site.views
            for bp in view.breakpoints()
            if bp.verdict in read or (view.growing and bp.verdict is not Verdict.EXPIRED)
        }
        for view in site.views:
            late = [bp for bp in view.breakpoints() if bp.verdict is Verdict.EXPIRED and not bp.marker.unknown]
            if late and late[-1].marker.place not in alive:
                yield view, late[-1]

    def _finding(self, view: ReplayView, last: Breakpoint) -> Finding:
        gap = min(view.gaps, key=lambda gap: gap.least)
        enough = view.longer_ttl(view.waits)
        facts = view.simulation.facts
        default = facts.markers.default_ttl if facts is not None and facts.markers is not None else ""
        if enough is not None:
            advice = f'Give the marker a lifetime that covers the gap, `"ttl": "{enough}"`: {view.break_even(enough)}.'
        else:
            advice = (
                "No lifetime on offer covers the gap: take the marker away, or send the requests that share the prefix in a row;"
                f" {view.break_even(last.marker.ttl)}."
            )
        steps = () if gap.place is None else (Step(gap.place, f"waits {in_words(gap.least)} before the next request"),)
        return self.report(
            view,
            message=(
                f"What the marker on {describe(view.blocks[last.block])} caches lives {last.marker.ttl or default} and the code"
                f" sends its next request {in_words(gap.least)} later: every request writes it anew, none reads it."
            ),
            recommendation=advice,
            subject="ttl shorter than the gap",
            confidence=Confidence.HIGH if view.certainty(last.tokens) is Certainty.ABOVE else Confidence.MEDIUM,
            place=last.marker.place,
            trace=steps,
            saving=view.saving(last.tokens, written=True) if enough is not None else None,
        )
