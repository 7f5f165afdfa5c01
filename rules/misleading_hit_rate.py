"""CA803: a hit rate that is not the share of the input that was read from the cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.api import (
    Category,
    Counted,
    Effort,
    Example,
    Finding,
    HitRate,
    ProjectView,
    Rule,
    RuleMeta,
    Severity,
    cached,
    confidence_of,
    misleading,
)

_DESK = """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.read = self.written = self.fresh = 0

    def ask(self, question: str) -> str:
        reply = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=800,
            system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": question}],
        )
        self.fresh += reply.usage.input_tokens
        self.read += reply.usage.cache_read_input_tokens or 0
        self.written += reply.usage.cache_creation_input_tokens or 0
        return reply.content[0].text

"""

_OPENAI = """from openai import OpenAI

client = OpenAI()
POLICY = "Quote the policy word for word and name the paragraph that you quote from. " * 300


def answer(questions: list[str]) -> None:
    for question in questions:
        response = client.responses.create(
            model="gpt-4.1", instructions=POLICY, input=question, prompt_cache_key="policy"
        )
        usage = response.usage
        cached = usage.input_tokens_details.cached_tokens
"""


class MisleadingHitRate(Rule):
    """A hit rate is worked out of something else than all of the input.

    ## What it finds
    Cached tokens divided by a sum that is not the input: read against read and written (Anthropic's uncached `input_tokens` are
    left out), read against `input_tokens` alone (which do not contain the cached ones), or a sum that contains them twice
    (OpenAI, Gemini: the input count holds them already). Or requests that read anything are counted, and the text that shows
    their share calls it one of tokens.

    ## Why it costs
    The rate looks good while most of the input pays the full price, or moves where nothing changed. A prompt of which one
    tenth is cached shows a rate of 100 % as soon as that tenth is read.

    ## How to mend it
    Anthropic and Bedrock: `read / (input + read + written)`. OpenAI and Gemini: `cached / input`, as the input holds the cached.

    ## When it stays quiet
    - Where it is not certain whose counts they are.
    - Reads for each token written.
    - Shares of the total with the output.
    - Shares of requests that say so.
    - Tests, examples and notebooks.

    ## Fix safety
    There is no automatic fix: the rate may be shown under another name on purpose.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://developers.openai.com/api/docs/guides/prompt-caching
    """

    meta = RuleMeta(
        code="CA803",
        name="misleading-hit-rate",
        summary="a hit rate that is not the share of the input that was read from the cache",
        category=Category.MONITORING,
        severity=Severity.LOW,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "Uncached input is left out",
            _DESK
            + """    def hit_rate(self) -> float:
        cached = self.read + self.written
        return self.read / cached * 100 if cached else 0.0
""",
        ),
        Example(
            "Reads against the input that was not cached, in another file",
            _DESK
            + """    def report(self) -> str:
        return line(self.fresh, self.read)


from dashboard import line  # noqa: E402
""",
            files={
                "dashboard.py": (
                    'def line(fresh, read):\n    rate = read / max(fresh, 1)\n    return f"cache hit rate {rate:.1%}"\n'
                )
            },
        ),
        Example(
            "The input holds the cached tokens already",
            _OPENAI
            + """        rate = cached / (usage.input_tokens + cached)
        print(f"{rate:.0%} from the cache", response.output_text)
""",
        ),
    )
    good = (
        Example(
            "All of the input",
            _DESK
            + """    def hit_rate(self) -> float:
        total = self.read + self.written + self.fresh
        return self.read / total * 100 if total else 0.0
""",
        ),
        Example(
            "How often an entry is read",
            _DESK
            + """    def reuse(self) -> float:
        return self.read / self.written if self.written else 0.0
""",
        ),
        Example(
            "The cached part of the input",
            _OPENAI
            + """        rate = cached / usage.input_tokens
        print(f"{rate:.0%} from the cache", response.output_text)
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        for group in cached(project):
            for found in misleading(project.accounting, group):
                message, mend = _words(found)
                finding = self.report(
                    group.views[0],
                    message=message,
                    recommendation=mend,
                    subject="hit rate",
                    confidence=confidence_of(found.evidence),
                    place=found.ratio.where.place,
                )
                yield replace(finding, call_sites=tuple(view.site.id for view in group.views))


def _words(found: HitRate) -> tuple[str, str]:
    """Message and recommendation."""
    fields = {field.kind: f"`{field.last}`" for field in reversed(list(found.table.fields.values())) if not field.ttl}
    read, given = fields[Counted.READ], fields[Counted.INPUT]
    if found.of_answers:
        said = " ".join(found.ratio.shown.split())
        return (
            f"This is the share of requests that read anything, however little, from the cache; the text says tokens: `{said}`.",
            "Add the tokens up: those that were read, and all of the input. Or say that it is a share of requests.",
        )
    if found.table.includes_cached:
        what = f"counts {read} twice: {given} holds them" if not found.missing else f"leaves out {given}"
        return f"The sum that {read} are divided by {what}.", f"Divide {read} by {given}."
    missing = " and ".join(fields[kind] for kind in found.missing)
    all_of_it = " + ".join(fields[kind] for kind in (Counted.INPUT, Counted.READ, Counted.WRITE))
    return (
        f"What {read} are divided by leaves out {missing}, so that the rate is not the share of the input that the cache serves.",
        f"Divide {read} by {all_of_it}.",
    )
