"""CA902: items of the production checklist that configuration or code answer with no."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Answer,
    Category,
    Effort,
    Example,
    Finding,
    Item,
    ProjectView,
    Rule,
    RuleMeta,
    Severity,
    operations,
)

_APP = """import anthropic

client = anthropic.Anthropic({options})
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{{"type": "text", "text": HANDBOOK, "cache_control": {{"type": "ephemeral"}}}}],
        messages=[{{"role": "user", "content": question}}],
    )
    print(response.usage)
    return response.content[0].text
"""

_MENDING = {
    "lifetime": (Severity.MEDIUM, "Choose a lifetime that spans the pause, or keep the prefix warm."),
    "warming": (
        Severity.LOW,
        "Keep the prefix warm by a request within its lifetime, or cache it only where requests come in a row.",
    ),
    "image-detail": (Severity.LOW, "Send an image with the same `detail` in every request."),
    "monitoring": (Severity.LOW, "Watch the share of the input that is read from the cache, and what it saves."),
    "retries": (Severity.LOW, "Leave the client's retries on, or repeat failed requests with backoff."),
}


class Readiness(Rule):
    """An item of the production checklist is answered with no.

    ## What it finds
    What the configuration's `[tool.cache-audit.deployment]` or the code says about the surroundings of the calls: requests that
    come further apart than entries live, or are sparse, with nothing that keeps the cache warm; monitoring that the
    configuration denies; images that one call sends with another detail each time; clients that are told to make no retries, in
    a project that repeats nothing by other means. One finding for each item. The report shows the whole checklist, with what is
    in order and what is unknown.

    ## Why it costs
    A cache whose entries expire between two requests is written each time and never read. What nobody watches breaks silently,
    and what is not retried is lost in the first second of overload.

    ## How to mend it
    As the finding says for its item.

    ## When it stays quiet
    - Where nothing answers: an item that neither code nor configuration tells of is unknown, never no.
    - Where another rule tells of the same (CA801 of missing monitoring).

    ## Fix safety
    There is no automatic fix: these are decisions of operation.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA902",
        name="readiness",
        summary="an item of the production checklist that configuration or code answer with no",
        category=Category.SAFETY,
        severity=Severity.MEDIUM,
        effort=Effort.MEDIUM,
        of_project=True,
    )
    bad = (
        Example(
            "Four requests in an hour, and entries that live for five minutes",
            _APP.format(options=""),
            files={"cache-audit.toml": "[deployment]\nrequests-per-hour = 4\n"},
        ),
        Example(
            "Nobody watches, says the configuration",
            _APP.format(options=""),
            files={"cache-audit.toml": '[deployment]\nmonitoring = false\ntraffic = "steady"\n'},
        ),
        Example("A client without retries", _APP.format(options="max_retries=0")),
        Example(
            "A first look at a low resolution, a second at a high one",
            """import base64

from openai import OpenAI

client = OpenAI()
GUIDE = "Read the drawing, and name every part with its number and its position. " * 200


def ask(path: str, question: str, detail: str) -> str:
    with open(path, "rb") as file:
        data = base64.b64encode(file.read()).decode()
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}", "detail": detail}}
    completion = client.chat.completions.create(
        model="gpt-4.1",
        prompt_cache_key="drawings",
        messages=[
            {"role": "system", "content": GUIDE},
            {"role": "user", "content": [picture, {"type": "text", "text": question}]},
        ],
    )
    print(completion.usage.prompt_tokens_details.cached_tokens)
    return completion.choices[0].message.content


def main() -> None:
    if "unclear" in ask("plan.png", "Which parts are there?", "low"):
        print(ask("plan.png", "Which parts are there?", "high"))


main()
""",
        ),
    )
    good = (
        Example(
            "Requests come within the lifetime",
            _APP.format(options=""),
            files={"cache-audit.toml": '[deployment]\ntraffic = "steady"\nrequests-per-hour = 90\nmonitoring = true\n'},
        ),
        Example(
            "Far apart, and kept warm",
            _APP.format(options=""),
            files={"cache-audit.toml": "[deployment]\nrequests-per-hour = 4\nwarming = true\n"},
        ),
        Example(
            "Retries are made elsewhere",
            _APP.format(options="max_retries=0"),
            files={"jobs.py": "import tenacity\n\nfrom app import answer\n\nrun = tenacity.retry(answer)\n"},
        ),
        Example(
            "A loop waits and tries again",
            _APP.format(options="max_retries=0"),
            files={
                "patience.py": """import time

import anthropic

from app import answer


def patiently(question: str) -> str:
    for attempt in range(5):
        try:
            return answer(question)
        except anthropic.RateLimitError:
            time.sleep(2**attempt)
    raise RuntimeError("the API does not answer")
"""
            },
        ),
        Example("Nothing is said", _APP.format(options="")),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        site = next((site for site in project.sites if site.site.context == "app"), None)
        if site is None:
            return
        for item in operations(project):
            if item.answer is Answer.NO and not item.told:
                severity, mend = _MENDING[item.name]
                yield self.report(
                    site,
                    message=_sentence(item),
                    recommendation=mend,
                    subject=f"readiness {item.name}",
                    severity=severity,
                    place=item.place,
                    trace=item.trace,
                )


def _sentence(item: Item) -> str:
    return f"{item.question} No: {item.evidence}."
