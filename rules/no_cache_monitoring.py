"""CA801: the project caches, and nothing in it reads whether the cache hits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.api import (
    Cached,
    Category,
    Confidence,
    Effort,
    Example,
    Finding,
    ProjectView,
    Rule,
    RuleMeta,
    Severity,
    cached,
    watched,
)


class NoCacheMonitoring(Rule):
    """The project caches with a provider, and nothing in it reads what the answers tell of the cache.

    ## What it finds
    Markers, automatic caching, cache keys or a provider's implicit caching of a long shared prefix, in a project that reads none
    of the cache fields of usage: not as an attribute or key, not by handing the usage object or the whole answer to a logger or
    another library, and without a library that records it. One finding for providers whose usage has the same fields.

    ## Why it costs
    A cache fails silently: a prefix below the minimum, a timestamp, a changed tool list cost the full price, or the write premium
    with every request, and the answers look as before. The usage fields are the only place where it shows.

    ## How to mend it
    Log the cache fields of every answer's usage, and watch the share of the input that is read from the cache:
    `read / (uncached + written + read)`, in tokens.

    ## When it stays quiet
    - Where the configuration says that it is watched (`deployment.monitoring`).
    - Where the usage or the answer leaves what can be followed (a callback, a return value that nobody in the project takes).
    - Where a tracing library is imported.
    - In scripts that send one request.
    - In tests, examples and notebooks.
    - Agent frameworks that record by themselves.

    ## Fix safety
    There is no automatic fix: where to log is a decision.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://developers.openai.com/api/docs/guides/prompt-caching
    https://ai.google.dev/gemini-api/docs/caching
    """

    meta = RuleMeta(
        code="CA801",
        name="no-cache-monitoring",
        summary="the project caches, and nothing reads whether the cache hits",
        category=Category.MONITORING,
        severity=Severity.MEDIUM,
        effort=Effort.LOW,
        of_project=True,
    )
    bad = (
        Example(
            "Only the text of the answer is used",
            """import anthropic
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
client = anthropic.AsyncAnthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Question(BaseModel):
    text: str


@app.post("/ask")
async def ask(question: Question) -> dict[str, str]:
    message = await client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question.text}],
    )
    return {"answer": message.content[0].text}
""",
        ),
        Example(
            "Input and output are counted, the cache is not",
            """import logging

from anthropic import Anthropic

logger = logging.getLogger(__name__)


class Reviewer:
    def __init__(self, guide: str) -> None:
        self.client = Anthropic()
        self.guide = guide
        self.tokens = {"in": 0, "out": 0}

    def review(self, patches: list[str]) -> list[str]:
        reviews = []
        for patch in patches:
            reply = self.client.messages.create(
                model="claude-sonnet-4-5",
                max_tokens=1500,
                system=[{"type": "text", "text": self.guide, "cache_control": {"type": "ephemeral", "ttl": "5m"}}],
                messages=[{"role": "user", "content": patch}],
            )
            self.tokens["in"] += reply.usage.input_tokens
            self.tokens["out"] += reply.usage.output_tokens
            reviews.append("".join(block.text for block in reply.content if block.type == "text"))
        logger.info("%s tokens in, %s tokens out", self.tokens["in"], self.tokens["out"])
        return reviews


def main(paths: list[str]) -> None:
    guide = "Look for missing tests, unclear names and swallowed errors, and say where. " * 300
    reviewer = Reviewer(guide)
    for text in reviewer.review([open(path).read() for path in paths]):
        print(text)
""",
        ),
        Example(
            "A cache key, and a stream of which only the deltas are read",
            """from collections.abc import Iterator

from openai import OpenAI

from settings import MODEL, TENANT

client = OpenAI()
POLICY = "Quote the policy word for word and name the paragraph that you quote from. " * 300


def stream(history: list[dict[str, str]]) -> Iterator[str]:
    chunks = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "system", "content": POLICY}, *history],
        prompt_cache_key=f"policy-{TENANT}",
        stream=True,
    )
    for chunk in chunks:
        if chunk.choices and chunk.choices[0].delta.content:
            yield chunk.choices[0].delta.content
""",
            files={"settings.py": 'MODEL = "gpt-4.1"\nTENANT = "north"\n'},
        ),
    )
    good = (
        Example(
            "The cache fields are logged in another file",
            """import anthropic

from metrics import record

client = anthropic.AsyncAnthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


async def ask(question: str) -> str:
    message = await client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    record(message.usage)
    return message.content[0].text
""",
            files={
                "metrics.py": (
                    "import statsd\n\nclient = statsd.StatsClient()\n\n\ndef record(usage):\n"
                    '    for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"):\n'
                    "        client.incr(name, getattr(usage, name, 0) or 0)\n"
                )
            },
        ),
        Example(
            "The whole usage goes to the log",
            """import json
import logging

from anthropic import Anthropic

logger = logging.getLogger(__name__)
client = Anthropic()
GUIDE = "Look for missing tests, unclear names and swallowed errors, and say where. " * 300


def review(patches: list[str]) -> list[str]:
    reviews = []
    for patch in patches:
        reply = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=1500,
            system=[{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": patch}],
        )
        logger.info("usage %s", json.dumps(reply.usage.model_dump()))
        reviews.append(reply.content[0].text)
    return reviews
""",
        ),
        Example(
            "A tracing library records every answer",
            """from langfuse.openai import OpenAI

client = OpenAI()
POLICY = "Quote the policy word for word and name the paragraph that you quote from. " * 300


def answer(question: str) -> str:
    completion = client.chat.completions.create(
        model="gpt-4.1",
        messages=[{"role": "system", "content": POLICY}, {"role": "user", "content": question}],
        prompt_cache_key="policy",
    )
    return completion.choices[0].message.content
""",
        ),
        Example(
            "A wrapper that gives the whole answer back to its users",
            """import anthropic
from anthropic.types import Message


class Gateway:
    def __init__(self, system: str) -> None:
        self._client = anthropic.Anthropic()
        self._system = [{"type": "text", "text": system * 300, "cache_control": {"type": "ephemeral"}}]

    def send(self, messages: list[dict]) -> Message:
        return self._client.messages.create(
            model="claude-sonnet-4-5", max_tokens=800, system=self._system, messages=messages
        )
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        unwatched: dict[tuple[str, ...], list[Cached]] = {}
        for group in cached(project):
            if project.deployment.get("monitoring") is not True and not watched(project, group.provider):
                unwatched.setdefault(group.fields or (group.provider,), []).append(group)
        for groups in unwatched.values():
            yield self._unwatched(groups)

    def _unwatched(self, groups: list[Cached]) -> Finding:
        """Providers whose answers are asked for in one way are watched in one way."""
        views = [view for group in sorted(groups, key=lambda group: not group.asked) for view in group.views]
        asked = any(group.asked for group in groups)
        calls = "one call" if len(views) == 1 else f"{len(views)} calls"
        titles = [group.title for group in groups if group.title]
        where = f" with {' and '.join(titles)}" if titles else ""
        fields = ", ".join(f"`{name}`" for name in groups[0].fields) or "the cache fields"
        finding = self.report(
            views[0],
            message=(
                f"The project caches{where} ({calls}), and nothing in it reads {fields} of the answers' usage: a cache that"
                " never hits would go unnoticed."
            ),
            recommendation=f"Log {fields} of every answer, and watch the share of the input that is read from the cache.",
            subject=f"cache of {groups[0].provider} is not watched",
            severity=Severity.MEDIUM if asked else Severity.LOW,
            confidence=Confidence.HIGH if asked else Confidence.MEDIUM,
        )
        return replace(finding, call_sites=tuple(view.site.id for view in views))
