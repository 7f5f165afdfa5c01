"""CA301: more breakpoints in one request than the provider accepts."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import Category, Effort, Example, Finding, ReplayView, Rule, RuleMeta, Severity


class TooManyBreakpoints(Rule):
    """A request carries more breakpoints than the provider accepts.

    ## What it finds
    More than four markers in one request over tools, system prompt and messages, the automatic one included; also where a
    loop or a conversation gets there only with a later request.

    ## Why it costs
    The API answers 400 and the request fails.

    ## How to mend it
    Keep at most four: one on the last tool, one on the last system block, and one or two that move with the conversation. A
    marker on a later block covers everything before it.

    ## When it stays quiet
    Where it is not known whether the markers are there.

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
            "Two markers",
            """import anthropic

client = anthropic.Anthropic()
CHAPTER = "The warranty covers every part of the device except for the battery and the case. " * 300
CACHE = {"type": "ephemeral"}


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {"type": "text", "text": "One. " + CHAPTER, "cache_control": CACHE},
            {"type": "text", "text": "Two. " + CHAPTER, "cache_control": CACHE},
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        for rejection in view.rejections("too-many-breakpoints"):
            when = "" if rejection.request == 0 else f" From request {rejection.request + 1} on."
            yield self.report(
                view,
                message=f"{rejection.message.rstrip('.')}: the API answers 400.{when}",
                recommendation="Keep at most four markers: a marker on a later block covers everything before it.",
                subject="too many breakpoints",
            )
            return  # later requests of the replay fail for the same reason
