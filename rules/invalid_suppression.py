"""CA002: a suppression comment that cannot be understood."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.api import Category, Effort, Example, Finding, ProjectView, Rule, RuleMeta, Severity

_CALL = """import anthropic

client = anthropic.Anthropic()


def answer(question: str) -> str:
    response = client.messages.create({comment}
        model="claude-sonnet-4-5",
        max_tokens=500,
        system="Answer politely.",
        messages=[{{"role": "user", "content": question}}],
    )
    return response.content[0].text
"""


class InvalidSuppression(Rule):
    """A suppression comment cannot be understood.

    ## What it finds
    A `# cache-audit:` comment without a list of rules, with a rule that does not exist, with a group instead of single rules,
    or with a word other than `ignore` and `ignore-file`.

    ## Why it costs
    It suppresses nothing, although its author relies on it.

    ## How to mend it
    Write `# cache-audit: ignore[CA101] reason`, with codes or names of rules, separated by commas.

    ## When it stays quiet
    - Well-formed comments, used or not (CA001 tells of unused ones).

    ## Fix safety
    There is no automatic fix.

    ## Sources
    The README's section on suppressing findings.
    """

    meta = RuleMeta(
        code="CA002",
        name="invalid-suppression",
        summary="a suppression comment cannot be understood",
        category=Category.SUPPRESSION,
        severity=Severity.LOW,
        effort=Effort.LOW,
    )
    bad = (
        Example("A rule that does not exist", _CALL.format(comment="  # cache-audit: ignore[CA1O1]")),
        Example("No rule at all", _CALL.format(comment="  # cache-audit: ignore")),
    )
    good = (
        Example("No comment", _CALL.format(comment="")),
        Example("A comment on something else", _CALL.format(comment="  # sends the question")),
    )

    def check_project(self, project: ProjectView) -> Iterable[Finding]:
        """The engine finds these itself: it reads the comments anyway."""
        return ()
