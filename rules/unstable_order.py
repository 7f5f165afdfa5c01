"""CA103: bytes whose order or form is not fixed stand in the prefix."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Category,
    Cause,
    Certainty,
    Effort,
    Example,
    Finding,
    Impact,
    Lifetime,
    ReplayView,
    Rule,
    RuleMeta,
    Section,
    Severity,
    Spot,
    confidence_of,
    describe,
    grave,
    impact,
    loss_in_words,
)

_WORDS = {
    Cause.SET_ORDER: ("a set is iterated", "Sort it: `sorted(...)`"),
    Cause.LISTING_ORDER: ("a directory listing has no fixed order", "Sort the listing: `sorted(...)`"),
    Cause.KEY_ORDER: ("the keys of the serialised mapping have no fixed order", "Pass `sort_keys=True` to `json.dumps`"),
    Cause.IDENTITY: ("an object's identity or hash differs between processes", "Write a stable name or content hash instead"),
    Cause.CONCURRENCY: ("results stand in their order of completion", "Put the results into a fixed order before use"),
}


class UnstableOrder(Rule):
    """The order or the form of prompt text is not fixed.

    ## What it finds
    A set that is iterated into the prompt, an unsorted `glob` or `listdir`, `json.dumps` without `sort_keys` of data whose
    key order the source does not fix, `hash()`, `id()` or a default `repr`, results in order of completion.

    ## Why it costs
    The content is the same, the bytes are not. The order of a set of strings differs from process to process: every worker
    and every restart has a prefix of its own.

    ## How to mend it
    Sort before joining; pass `sort_keys=True`; write names and content hashes instead of identities.

    ## When it stays quiet
    - Sorted data.
    - Dicts in the order of the source (Python keeps it), and `json.dumps` of a literal.
    - Such text in the last user message.

    ## Fix safety
    There is no automatic fix yet; sorting is nearly always safe.

    ## Sources
    https://docs.python.org/3/reference/datamodel.html#object.__hash__
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA103",
        name="unstable-order",
        summary="bytes whose order or form is not fixed stand in the prefix",
        category=Category.PROMPT,
        severity=Severity.HIGH,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "A set joined into the system prompt",
            """import anthropic

client = anthropic.Anthropic()
TOPICS = {"billing", "delivery", "refunds", "warranty"}
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {
                "type": "text",
                "text": "Topics: " + ", ".join(TOPICS) + "\\n" + HANDBOOK,
                "cache_control": {"type": "ephemeral"},
            }
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "File names in the order of the file system",
            """import os

from openai import OpenAI

client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    files = "\\n".join(os.listdir("documents"))
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[
            {"role": "system", "content": f"Documents:\\n{files}\\n{HANDBOOK}"},
            {"role": "user", "content": question},
        ],
    )
    return response.choices[0].message.content
""",
        ),
    )
    good = (
        Example(
            "The set is sorted",
            """import anthropic

client = anthropic.Anthropic()
TOPICS = {"billing", "delivery", "refunds", "warranty"}
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[
            {
                "type": "text",
                "text": "Topics: " + ", ".join(sorted(TOPICS)) + "\\n" + HANDBOOK,
                "cache_control": {"type": "ephemeral"},
            }
        ],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "A dict in the order of the source",
            """import json

from openai import OpenAI

client = OpenAI()
LIMITS = {"refund": 50, "discount": 10}
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[
            {"role": "system", "content": f"Limits: {json.dumps(LIMITS)}\\n{HANDBOOK}"},
            {"role": "user", "content": question},
        ],
    )
    return response.choices[0].message.content
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        for spot in view.spots:
            if spot.hole.cause not in _WORDS or spot.hole.reason is not None or spot.block.section is Section.TOOLS:
                continue
            cost = impact(view, spot, slow=spot.hole.lifetime is not Lifetime.CALL)
            if cost is None or (cost.reach is Certainty.BELOW and not cost.growing and not cost.marked):
                continue
            # The usual process-lived order costs each process one write; only an order that differs with each call costs all.
            severity = min(grave(view, cost), Severity.HIGH)
            if spot.hole.lifetime is not Lifetime.CALL and cost.hit is not Certainty.ABOVE:
                severity = min(severity, Severity.MEDIUM)
            what, mend = _WORDS[spot.hole.cause]
            subject = f"{what.capitalize()} in `{spot.expression}`, part of {describe(spot.block)}"
            yield self.report(
                view,
                message=f"{subject}: {self._cost(view, spot, cost)}.",
                recommendation=f"{mend}, so that equal content gives equal bytes.",
                subject=spot.expression,
                severity=severity,
                confidence=confidence_of(spot.hole.evidence),
                place=spot.place,
                trace=spot.trace,
                saving=view.saving(cost.lost, cost.marked) if self._each_time(spot, cost) else None,
            )

    @staticmethod
    def _each_time(spot: Spot, cost: Impact) -> bool:
        """Whether every single request loses what stands behind."""
        return spot.hole.lifetime is Lifetime.CALL and cost.reach is not Certainty.BELOW and not cost.across

    @staticmethod
    def _cost(view: ReplayView, spot: Spot, cost: Impact) -> str:
        if spot.hole.lifetime is Lifetime.CALL:
            return loss_in_words(view, cost)
        return (
            f"every process has a prefix of its own, and about {cost.lost.estimate:,} tokens behind it are cached anew for each"
        )
