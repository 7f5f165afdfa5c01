"""CA001: a suppression comment that suppresses nothing."""

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


class UnusedSuppression(Rule):
    """A suppression comment suppresses nothing.

    ## What it finds
    A `# cache-audit: ignore[...]` comment none of whose rules has a finding there, though at least one of them has run.

    ## Why it costs
    It hides the next defect on that line, and it tells readers of a defect that is gone.

    ## How to mend it
    Remove the comment, or the codes that no longer apply.

    ## When it stays quiet
    - Comments for rules that were not selected in this run.

    ## Fix safety
    There is no automatic fix yet; removing the comment is safe.

    ## Sources
    The README's section on suppressing findings.
    """

    meta = RuleMeta(
        code="CA001",
        name="unused-suppression",
        summary="a suppression comment suppresses nothing",
        category=Category.SUPPRESSION,
        severity=Severity.LOW,
        effort=Effort.LOW,
    )
    bad = (
        Example("Nothing to suppress in the call", _CALL.format(comment="  # cache-audit: ignore[CA101] fixed last week")),
        Example("Nothing to suppress in the file", "# cache-audit: ignore-file[volatile-prefix]\n" + _CALL.format(comment="")),
    )
    good = (
        Example("No comment", _CALL.format(comment="")),
        Example("A comment on something else", _CALL.format(comment="  # sends the question")),
    )

    def check_project(self, project: ProjectView) -> Iterable[Finding]:
        """The engine finds these itself: only it knows which comments were used."""
        return ()
