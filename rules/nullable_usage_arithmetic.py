"""CA804: arithmetic with counts of the cache that may be None."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Addition,
    Category,
    Confidence,
    Effort,
    Example,
    Finding,
    Nullable,
    ProjectView,
    Rule,
    RuleMeta,
    Severity,
    SiteView,
    Step,
    confidence_of,
    nullable_additions,
    reports,
)

_CLASS = """from collections.abc import Iterator

import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.read = 0

    def ask(self, question: str) -> str:
        reply = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=800,
            system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": question}],
        )
"""

_GEMINI = """from google import genai

client = genai.Client()
MANUAL = "Name the chapter of the manual that the answer comes from, and the page. " * 300


def ask_all(questions: list[str]) -> None:
    {start}
    for question in questions:
        response = client.models.generate_content(model="gemini-2.5-flash", contents=MANUAL + question)
        {count}
        print(response.text)
    print(cached)
"""


class NullableUsageArithmetic(Rule):
    """Counts of the cache that may be None are added up.

    ## What it finds
    Arithmetic and comparisons with cache fields of usage that the SDK declares as optional, where nothing asks for None first.
    Gemini's `cached_content_token_count` is None in every answer that used no cache; Anthropic's and OpenAI's fields are where
    a platform or an older answer does not report them.

    ## Why it costs
    `int + None` raises a TypeError: the answer is paid for and thrown away by the code that should watch its price.

    ## How to mend it
    `usage.cache_read_input_tokens or 0`.

    ## When it stays quiet
    - Where the code tests the count or the object that holds it, gives a default, or catches the TypeError.
    - Fields that are always numbers.
    - Where only a name tells that it is a count.

    ## Fix safety
    There is no automatic fix yet.

    ## Sources
    https://github.com/anthropics/anthropic-sdk-python/blob/main/src/anthropic/types/usage.py
    https://googleapis.github.io/python-genai/
    """

    meta = RuleMeta(
        code="CA804",
        name="nullable-usage-arithmetic",
        summary="arithmetic with counts of the cache that may be None",
        category=Category.MONITORING,
        severity=Severity.LOW,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "Added to a running total",
            _CLASS
            + """        self.read += reply.usage.cache_read_input_tokens
        return reply.content[0].text
""",
        ),
        Example(
            "Kept in a record and added up later",
            _CLASS
            + """        return line(Used(reply.usage.input_tokens, reply.usage.cache_read_input_tokens))


from ledger import Used, line  # noqa: E402
""",
            files={
                "ledger.py": (
                    "from dataclasses import dataclass\n\n\n@dataclass\nclass Used:\n    fresh: int\n    read: int | None\n\n\n"
                    'def line(used):\n    return f"{used.fresh + used.read} tokens, {used.read} of them from the cache"\n'
                )
            },
        ),
        Example(
            "None whenever nothing was cached",
            _GEMINI.format(start="cached = 0", count="cached += response.usage_metadata.cached_content_token_count"),
        ),
    )
    good = (
        Example(
            "With a zero for None",
            _CLASS
            + """        self.read += reply.usage.cache_read_input_tokens or 0
        return reply.content[0].text
""",
        ),
        Example(
            "Asked for first",
            _CLASS
            + """        usage = reply.usage
        if usage.cache_read_input_tokens is not None and usage.cache_creation_input_tokens is not None:
            self.read += usage.cache_read_input_tokens + usage.cache_creation_input_tokens
        return reply.content[0].text
""",
        ),
        Example(
            "Shown as it is",
            _GEMINI.format(start="cached = []", count="cached.append(response.usage_metadata.cached_content_token_count)"),
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        for additions in nullable_additions(project.accounting):
            site = _site_of(project, additions[0])
            if site is not None:
                yield self._finding(site, additions)

    def _finding(self, site: SiteView, additions: tuple[Addition, ...]) -> Finding:
        quantities = list(dict.fromkeys(each.quantity for each in additions))
        fields = list(dict.fromkeys(quantity.field for quantity in quantities))
        names = " and ".join(f"`{name}`" for name in fields)
        usual = any(quantity.nullable is Nullable.USUAL for quantity in quantities)
        when = "is None in every answer that used no cache" if usual else "may be None"
        done = additions[0].operation if len(fields) == 1 else additions[0].operation.replace("is ", "are ", 1)
        first = min(quantities, key=lambda quantity: quantity.place)
        return self.report(
            site,
            message=f"{names} {when if len(fields) == 1 else 'may be None'}, and {done} here without asking.",
            recommendation=f"Write `{fields[0]} or 0` where the count is read.",
            subject=f"nullable {' '.join(sorted(fields))}",
            severity=Severity.MEDIUM if usual else Severity.LOW,
            confidence=min(confidence_of(first.evidence), Confidence.HIGH if usual else Confidence.MEDIUM),
            place=additions[0].where.place,
            trace=tuple(Step(quantity.place, f"`{quantity.field}` is read here") for quantity in quantities[:6]),
        )


def _site_of(project: ProjectView, addition: Addition) -> SiteView | None:
    """A call whose answers have the count: the finding's call site."""
    return next((site for site in project.sites if reports(site.site.api, addition.quantity)), None)
