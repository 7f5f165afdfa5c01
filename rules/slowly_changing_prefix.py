"""CA105: a date, a host name or an import-time value stands ahead of stable text."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    COARSE,
    INCIDENTAL,
    Category,
    Cause,
    Certainty,
    Effort,
    Example,
    Finding,
    Kind,
    Lifetime,
    ReplayView,
    Rule,
    RuleMeta,
    Severity,
    Spot,
    confidence_of,
    describe,
    impact,
    tokens_in_words,
)

_PER_PROCESS = INCIDENTAL | {Cause.HOST}
# Less text than this behind a date is nothing to lose: what is lost are conversations that run while the day ends.
_FEW = 100
_CENT = 0.01  # dollars in 1,000 requests: for less nobody moves a date
_HISTORY = "the history of running conversations"
_PERIOD = {Lifetime.DAY: "day", Lifetime.PROCESS: "process", Lifetime.DEPLOY: "deployment"}


class SlowlyChangingPrefix(Rule):
    """A value that changes once a day, with every process or with every deployment stands ahead of stable text.

    ## What it finds
    Today's date in the system prompt, a host name, a process id, a git revision, a clock that is read at import.

    ## Why it costs
    At midnight, at every restart and on every worker the cache starts empty for all the text behind the value. A conversation
    that crosses midnight loses its whole history.

    ## How to mend it
    Put the value behind the stable text: at the end of the system prompt after the breakpoint, or into the user message.

    ## When it stays quiet
    - Little stable text behind the value.
    - Values in the last user message.
    - A date beside a clock that is read for each request, which CA101 tells of.
    - Environment variables, configuration files and instance attributes, which are stable enough.

    ## Fix safety
    There is no automatic fix: moving text changes the prompt.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA105",
        name="slowly-changing-prefix",
        summary="a value bound to a day, a process or a deployment stands ahead of stable text",
        category=Category.PROMPT,
        severity=Severity.MEDIUM,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "Today's date opens the system prompt",
            """from datetime import date

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
                "text": f"Today is {date.today()}.\\n{HANDBOOK}",
                "cache_control": {"type": "ephemeral"},
            }
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "The host's name in front of the instructions",
            """import socket

from openai import OpenAI

client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[
            {"role": "system", "content": f"Server {socket.gethostname()}\\n{HANDBOOK}"},
            {"role": "user", "content": question},
        ],
    )
    return response.choices[0].message.content
""",
        ),
    )
    good = (
        Example(
            "The date stands in the user message",
            """from datetime import date

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": f"Today is {date.today()}. {question}"}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "An environment variable is stable enough",
            """import os

from openai import OpenAI

client = OpenAI()
COMPANY = os.environ["COMPANY"]
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[
            {"role": "system", "content": f"You work for {COMPANY}.\\n{HANDBOOK}"},
            {"role": "user", "content": question},
        ],
    )
    return response.choices[0].message.content
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        told: set[object] = set()  # where values were told of: what is made of one moment is mended once
        for spot in view.spots:
            hole = spot.hole
            daily = hole.lifetime is Lifetime.DAY
            slow = hole.lifetime in {Lifetime.PROCESS, Lifetime.DEPLOY} and hole.cause in _PER_PROCESS
            if not (daily or slow) or hole.reason is not None or spot.piece < 0 or spot.block.kind is Kind.STRETCH:
                continue
            cost = impact(view, spot, slow=daily)
            if cost is None or _drowned(view, spot) or (spot.place is not None and spot.place in told):
                continue
            behind = view.behind(spot)
            if daily and cost.reach is Certainty.BELOW and not view.growing:
                continue
            if not daily and view.certainty(behind) is not Certainty.ABOVE:
                continue
            told.add(spot.place)
            period = "hour" if hole.type == COARSE else _PERIOD[hole.lifetime]
            # A breakpoint behind it holds what stands ahead of it as well.
            lost = cost.lost if cost.marked else behind
            lasting = cost.growing and lost.estimate >= _FEW
            saving = view.saving_renewed(lost, period, earlier=daily and cost.growing)
            worth = saving is None or saving.usd_per_1000 >= _CENT
            what = tokens_in_words(lost) if cost.marked else f"{tokens_in_words(lost)} behind it"
            if daily and cost.growing:
                what = f"{what} and {_HISTORY}" if lasting else _HISTORY
            yield self.report(
                view,
                message=(
                    f"`{spot.expression}` stands in {describe(spot.block)}: with every new {period} the cache starts empty"
                    f" for {what}."
                ),
                recommendation=f"Put `{spot.expression}` behind the stable text, or into the user message.",
                subject=spot.expression,
                severity=Severity.MEDIUM if daily and worth and (lasting or cost.hit is not Certainty.BELOW) else Severity.LOW,
                confidence=confidence_of(hole.evidence),
                place=spot.place,
                trace=spot.trace,
                saving=saving,
            )


def _drowned(view: ReplayView, spot: Spot) -> bool:
    """Whether a clock's or another incidental value of each request stands in the same text, or ahead of it: CA101 tells of that,
    and until it is mended nothing is there that a new day could take away."""
    return any(
        other.index <= spot.index
        and other.hole.lifetime is Lifetime.CALL
        and other.hole.cause in INCIDENTAL
        and not other.hole.reason
        for other in view.spots
    )
