"""CA308: a switch that is meant to turn caching on or to change it, and does nothing, or makes the request fail."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.api import (
    Category,
    Certainty,
    Confidence,
    Effort,
    Example,
    Finding,
    Literal,
    Mode,
    ModelFacts,
    Place,
    ReplayView,
    Rule,
    RuleMeta,
    Severity,
    Text,
    against,
    tokens_in_words,
)

_OPTIONS = "prompt_cache_options"


class IneffectiveCachingOption(Rule):
    """A caching option has no effect, or the API refuses it.

    ## What it finds
    What the beta of prompt caching needed and nothing needs any more: `client.beta.prompt_caching`, the headers
    `prompt-caching-2024-07-31` and `extended-cache-ttl-2025-04-11`. `cache_control` sent where nobody reads it: through
    Anthropic's OpenAI-compatible endpoint, or to OpenAI. Options that the model does not have: `prompt_cache_options` and
    `prompt_cache_breakpoint` before gpt-5.6, `prompt_cache_retention` on models without it, the top-level `cache_control` on
    Bedrock's older models. And explicit mode (`prompt_cache_options`) without any breakpoint, which switches caching off.

    ## Why it costs
    An option without effect looks like caching and is none: every request pays the full price. A refused one makes every request
    fail with 400, a removed one with AttributeError.

    ## How to mend it
    Mark blocks with `cache_control` in a call of `client.messages`; with OpenAI leave caching to itself, or from gpt-5.6 on use
    `prompt_cache_breakpoint`; take an option that the model has, or none.

    ## When it stays quiet
    - Options of models that are not listed.
    - Markers that a router (LiteLLM, OpenRouter) hands on or translates.
    - Response caches of frameworks (`set_llm_cache`, `caching=True`): these keep whole answers, which is another thing and may be
      meant.
    - A gateway in front of Anthropic's own API, to which Anthropic's client is pointed.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://platform.claude.com/docs/en/api/openai-sdk
    https://developers.openai.com/api/docs/guides/prompt-caching
    """

    meta = RuleMeta(
        code="CA308",
        name="ineffective-caching-option",
        summary="a caching option has no effect, or the API refuses it",
        category=Category.BREAKPOINTS,
        severity=Severity.MEDIUM,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "The attribute of the beta",
            """import os

import anthropic

client = anthropic.Anthropic(api_key=os.environ["ANTHROPIC_API_KEY"])
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.beta.prompt_caching.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
    return response.content[0].text
""",
        ),
        Example(
            "The header of the beta, set once for the client",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Assistant:
    def __init__(self, betas: tuple[str, ...] = ("prompt-caching-2024-07-31", "pdfs-2024-09-25")) -> None:
        self.client = anthropic.AsyncAnthropic(default_headers={"anthropic-beta": ",".join(betas)})

    async def answer(self, question: str) -> str:
        response = await self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": question}],
        )
        return response.content[0].text
""",
        ),
        Example(
            "A marker through the endpoint that speaks OpenAI's language",
            """import os

from openai import OpenAI

client = OpenAI(base_url="https://api.anthropic.com/v1/", api_key=os.environ["ANTHROPIC_API_KEY"])
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
SYSTEM = {"role": "system", "content": [{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}]}


def answers(questions: list[str]) -> list[str]:
    found = []
    for question in questions:
        response = client.chat.completions.create(
            model="claude-sonnet-4-5", messages=[SYSTEM, {"role": "user", "content": question}]
        )
        found.append(response.choices[0].message.content)
    return found
""",
        ),
        Example(
            "An option that came with a later model",
            """from openai import OpenAI

from settings import MODEL, OPTIONS

client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.responses.create(
        model=MODEL,
        instructions=HANDBOOK,
        input=[{"role": "user", "content": question}],
        **OPTIONS,
    )
    return response.output_text
""",
            files={
                "settings.py": """MODEL = "gpt-5.2"
OPTIONS = {"prompt_cache_key": "handbook", "prompt_cache_options": {"mode": "implicit", "ttl": "12h"}}
"""
            },
        ),
        Example(
            "Explicit mode, and nothing marked",
            """from openai import AsyncOpenAI

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Desk:
    def __init__(self, client: AsyncOpenAI) -> None:
        self.client = client
        self.options = {"prompt_cache_options": {"mode": "explicit", "ttl": "12h"}, "model": "gpt-6-sol"}

    async def answer(self, question: str) -> str:
        messages = [{"role": "developer", "content": HANDBOOK}, {"role": "user", "content": question}]
        response = await self.client.responses.create(input=messages, **self.options)
        return response.output_text
""",
        ),
    )
    good = (
        Example(
            "A beta header that is about something else",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Assistant:
    def __init__(self) -> None:
        self.client = anthropic.AsyncAnthropic(default_headers={"anthropic-beta": "files-api-2025-04-14"})

    async def answer(self, question: str) -> str:
        response = await self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=500,
            system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": question}],
        )
        return response.content[0].text
""",
        ),
        Example(
            "A marker that a router hands on",
            """import os

from openai import OpenAI

client = OpenAI(base_url="https://openrouter.ai/api/v1", api_key=os.environ["OPENROUTER_API_KEY"])
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
SYSTEM = {"role": "system", "content": [{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}]}


def answers(questions: list[str]) -> list[str]:
    found = []
    for question in questions:
        response = client.chat.completions.create(
            model="anthropic/claude-sonnet-4.5", messages=[SYSTEM, {"role": "user", "content": question}]
        )
        found.append(response.choices[0].message.content)
    return found
""",
        ),
        Example(
            "The same option on a model that has it",
            """from openai import OpenAI

from settings import MODEL, OPTIONS

client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.responses.create(
        model=MODEL,
        input=[{"role": "developer", "content": HANDBOOK}, {"role": "user", "content": question}],
        **OPTIONS,
    )
    return response.output_text
""",
            files={
                "settings.py": """MODEL = "gpt-6-sol"
OPTIONS = {"prompt_cache_key": "handbook", "prompt_cache_options": {"mode": "implicit", "ttl": "12h"}}
"""
            },
        ),
        Example(
            "The longer retention on a model of its time",
            """from openai import OpenAI

client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.responses.create(
        model="gpt-5.1",
        instructions=HANDBOOK,
        input=question,
        prompt_cache_retention="24h",
    )
    return response.output_text
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        facts = view.simulation.facts
        if facts is None:
            return
        yield from self._refused(view)
        yield from self._outdated(view, facts)
        yield from self._foreign(view, facts)
        if facts.caching.mode is Mode.NONE and view.intended:
            yield self._unread(view, facts)
        options = view.request.params.get(_OPTIONS)
        if facts.caching.mode is Mode.BOUNDARIES and options is not None and not view.simulation.enabled:
            yield from self._off(view, options)

    def _refused(self, view: ReplayView) -> Iterator[Finding]:
        for rejection in view.rejections("unsupported-option"):
            request = view.replay.requests[rejection.request]
            place = rejection.marker.place if rejection.marker is not None else None
            if place is None and rejection.option in request.params:
                place = _written(request.params[rejection.option])
            yield self.report(
                view,
                message=f"{rejection.message.rstrip('.')}: the API answers 400.",
                recommendation="Take the option away, or send the request to a model that has it.",
                subject=rejection.option or "top-level cache_control",
                severity=Severity.CRITICAL,
                place=place,
            )

    def _outdated(self, view: ReplayView, facts: ModelFacts) -> Iterator[Finding]:
        """What belonged to an earlier state of the API."""
        for request in view.replay.requests:
            found = [(sent, facts.obsolete.get((sent.kind, sent.name))) for sent in request.caching_options]
            fails = any(past is not None and past.removed for _, past in found)
            for sent, past in found:
                if past is not None and past.removed is fails:  # who mends what fails takes the rest away as well
                    yield self.report(
                        view,
                        message=f"{past.words[:1].upper()}{past.words[1:]}.",
                        recommendation=past.advice,
                        subject=sent.name,
                        # Whoever runs what was removed has a version that still has it: its cache works until the next upgrade.
                        severity=Severity.LOW,
                        place=sent.place,
                    )
            for name, option in facts.options.items():
                if name in request.params and option.until and facts.known and facts.generation >= option.until:
                    yield self.report(
                        view,
                        message=f"`{name}` is deprecated, and `{facts.id}` keeps its cache by `{option.instead}`.",
                        recommendation=f"Say the lifetime in `{option.instead}`.",
                        subject=name,
                        severity=Severity.LOW,
                        place=_written(request.params[name]),
                    )

    def _foreign(self, view: ReplayView, facts: ModelFacts) -> Iterator[Finding]:
        """Anthropic's marker on its way to OpenAI. Where the model is none of OpenAI's, some other server may answer there."""
        newer = facts.caching.mode is Mode.BOUNDARIES
        for option in view.request.caching_options:
            if option.kind == "foreign":
                yield self.report(
                    view,
                    message=f"`{option.name}` is Anthropic's: OpenAI does not know it, and caches as if it were not there.",
                    recommendation=(
                        'Mark the block with `"prompt_cache_breakpoint": {"mode": "explicit"}` instead.'
                        if newer
                        else "Take it away: this model caches the longest common prefix by itself."
                    ),
                    subject=f"foreign {option.name}",
                    confidence=Confidence.HIGH if facts.known and view.request.surface == "api" else Confidence.LOW,
                    place=option.place,
                )

    def _off(self, view: ReplayView, options: Text) -> Iterator[Finding]:
        """The implicit breakpoint is switched off, and there is no other: as it should be where nothing could be cached."""
        if view.certainty(view.stable_prefix) is Certainty.ABOVE and view.repeated:
            yield self.report(
                view,
                message=(
                    f"`{_OPTIONS}` switches the implicit breakpoint off, and no block carries one: nothing is cached, and"
                    f" {tokens_in_words(view.stable_prefix)} are processed at full price with every request."
                ),
                recommendation=(
                    'End the stable text with `"prompt_cache_breakpoint": {"mode": "explicit"}`, or leave the mode at `implicit`.'
                ),
                subject="explicit mode without a breakpoint",
                severity=Severity.MEDIUM,
                confidence=Confidence.MEDIUM,
                place=_written(options),
            )

    def _unread(self, view: ReplayView, facts: ModelFacts) -> Finding:
        """Markers on a surface that does not cache at all."""
        marker = view.markers[0][1] if view.markers else None
        large = against(view.mended, facts.minimum) is Certainty.ABOVE and view.repeated
        return self.report(
            view,
            message=(
                "`cache_control` has no effect here: the OpenAI-compatible endpoint of Anthropic does not cache, so that"
                f" {tokens_in_words(view.mended)} of fixed text are processed at full price with every request."
            ),
            recommendation="Call Anthropic's own API with the same markers: `anthropic.Anthropic().messages.create(...)`.",
            subject="cache_control where nothing is cached",
            severity=Severity.HIGH if large else Severity.MEDIUM,
            place=marker.place if marker is not None else None,
        )


def _written(value: Text) -> Place | None:
    """Where a parameter's value is written."""
    return next((piece.place for piece in value.pieces if isinstance(piece, Literal) and piece.place is not None), None)
