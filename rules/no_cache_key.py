"""CA703: several long prompts that begin alike, and no key that tells them apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.api import (
    Category,
    Certainty,
    Confidence,
    Effort,
    Example,
    Finding,
    Lifetime,
    Mode,
    ProjectView,
    ReplayView,
    Request,
    Rule,
    RuleMeta,
    Section,
    Severity,
    Step,
    tokens_in_words,
)

_KEY = "prompt_cache_key"
_ALIKE = 1_500  # characters: more than the 256 tokens by which requests are distributed, whatever the language's share of them


@dataclass(frozen=True, slots=True)
class _Prompt:
    view: ReplayView
    text: str  # the prefix that all requests of the call share


class NoCacheKey(Rule):
    """Several long prompts begin alike, and no key tells them apart.

    ## What it finds
    OpenAI's models before gpt-5.6: two or more prompts of the project, each long enough to be cached and sent again and again,
    that begin with the same text (more than 256 tokens) and go on differently, without `prompt_cache_key`. Whether there are as
    many requests a minute the code does not say: hence the low severity.

    ## Why it costs
    Requests are distributed over machines by their first 256 tokens or so and by the key. All these prompts go to one machine;
    from about 15 requests a minute on some are sent elsewhere, where nothing is cached. With a key each, every prompt has that
    much for itself.

    ## How to mend it
    A fixed `prompt_cache_key` for each prompt.

    ## When it stays quiet
    - A single prompt.
    - Prompts that differ from the start.
    - Prompts below the minimum.
    - Models from gpt-5.6 on: they are distributed by the whole prefix.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://developers.openai.com/api/docs/guides/prompt-caching
    """

    meta = RuleMeta(
        code="CA703",
        name="no-cache-key",
        summary="several long prompts begin alike, and no key tells them apart",
        category=Category.KEYS,
        severity=Severity.LOW,
        effort=Effort.LOW,
        providers=("openai",),
    )
    bad = (
        Example(
            "One handbook, two tasks",
            """from openai import OpenAI

client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def ask(task: str, text: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4.1", messages=[{"role": "system", "content": HANDBOOK + task}, {"role": "user", "content": text}]
    )
    return response.choices[0].message.content


def answer(question: str) -> str:
    return ask("Answer the question.", question)


def sort(letter: str) -> str:
    return ask("Name the section that the letter belongs to.", letter)
""",
        ),
        Example(
            "The same tools ahead of different instructions",
            """import json

from openai import AsyncOpenAI

CATALOGUE = "An article of the catalogue, by its number, with all of its fields and what they mean to a customer. "
TOOLS = [
    {"type": "function", "name": name, "description": CATALOGUE * 40, "parameters": {"type": "object", "properties": {}}}
    for name in ("find_article", "list_articles", "order_article")
]


class Shop:
    def __init__(self) -> None:
        self.client = AsyncOpenAI()

    async def advise(self, question: str) -> str:
        response = await self.client.responses.create(
            model="gpt-5.1", tools=TOOLS, instructions="You advise customers.", input=question
        )
        return response.output_text

    async def order(self, basket: dict[str, int]) -> str:
        response = await self.client.responses.create(
            model="gpt-5.1", tools=TOOLS, instructions="You place orders.", input=json.dumps(basket, sort_keys=True)
        )
        return response.output_text
""",
        ),
        Example(
            "A style guide in front of each editor's own part",
            """from concurrent.futures import ThreadPoolExecutor

from openai import OpenAI

GUIDE = "Prefer short sentences, plain words and the active voice, and never begin with a number. " * 250
EDITORS = {"news": "You edit the news.", "sport": "You edit the sports pages."}
client = OpenAI()


def edit(desk: str, text: str) -> str:
    messages = [
        {"role": "system", "content": GUIDE},
        {"role": "system", "content": EDITORS[desk]},
        {"role": "user", "content": text},
    ]
    return client.chat.completions.create(model="gpt-4o", messages=messages).choices[0].message.content


def news(text: str) -> str:
    return edit("news", text)


def sport(text: str) -> str:
    return edit("sport", text)


def night(letters: list[str]) -> list[str]:
    with ThreadPoolExecutor() as pool:
        return [*pool.map(news, letters), *pool.map(sport, letters)]
""",
        ),
    )
    good = (
        Example(
            "A key for each task",
            """from openai import OpenAI

client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def ask(task: str, text: str, key: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4.1",
        messages=[{"role": "system", "content": HANDBOOK + task}, {"role": "user", "content": text}],
        prompt_cache_key=key,
    )
    return response.choices[0].message.content


def answer(question: str) -> str:
    return ask("Answer the question.", question, "answer")


def sort(letter: str) -> str:
    return ask("Name the section that the letter belongs to.", letter, "sort")
""",
        ),
        Example(
            "A single prompt",
            """from openai import OpenAI

client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    response = client.chat.completions.create(
        model="gpt-4.1", messages=[{"role": "system", "content": HANDBOOK}, {"role": "user", "content": question}]
    )
    return response.choices[0].message.content
""",
        ),
        Example(
            "Prompts that differ from the start",
            """from openai import OpenAI

client = OpenAI()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
RULES = "Name the section that the letter belongs to, and the reason in one short sentence. " * 300


def answer(question: str) -> str:
    response = client.responses.create(model="gpt-4.1", instructions=HANDBOOK, input=question)
    return response.output_text


def sort(letter: str) -> str:
    response = client.responses.create(model="gpt-4.1", instructions=RULES, input=letter)
    return response.output_text
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        for group in _groups(prompt for site in project.sites for view in site.views for prompt in _prompt(view)):
            first, *others = group
            steps = tuple(Step(other.view.site.place, "another prompt that begins alike") for other in others)
            yield self.report(
                first.view,
                message=(
                    f"{len(group)} prompts begin with the same text and go on differently, and no `{_KEY}` tells them apart: they"
                    f" share the 15 or so requests a minute within which a cached prefix"
                    f" ({tokens_in_words(first.view.stable_prefix)} here) is surely found."
                ),
                recommendation=f"Give each prompt a fixed `{_KEY}` of its own.",
                subject="prompts that begin alike",
                confidence=Confidence.MEDIUM,
                trace=steps,
            )


def _prompt(view: ReplayView) -> Iterator[_Prompt]:
    """The view's prompts, where a key could matter to them."""
    facts = view.simulation.facts
    if facts is None or not facts.known or facts.provider != "openai" or facts.caching.mode is not Mode.LONGEST_PREFIX:
        return
    if view.request.opaque or not view.repeated or _KEY in view.request.params:
        return
    if view.certainty(view.stable_prefix) is Certainty.ABOVE:
        # One call may send a prompt for each of several roles in turn.
        roles = dict.fromkeys(_role(request) for request in view.replay.requests)
        for text in roles if len(roles) > 1 and "" not in roles else [_shared(view)]:
            yield _Prompt(view, f"{facts.id}\0{text}")


def _shared(view: ReplayView) -> str:
    """The text of the prefix up to what differs from request to request."""
    parts = []
    for block in view.blocks:
        if block.per_request or any(block is spot.block and not view.stable(spot) for spot in view.spots):
            break
        parts.append(block.text.render())
    return "\n".join(parts)


def _role(request: Request) -> str:
    """The text ahead of a request's messages; empty where it is not the same for all."""
    blocks = [block for block in request.blocks if block.section is not Section.MESSAGES]
    holes = [hole for block in blocks for hole in block.text.holes()]
    if any(hole.reason is not None or not hole.lifetime <= Lifetime.DEPLOY for hole in holes):
        return ""
    return "\n".join(block.text.render() for block in blocks)


def _groups(prompts: Iterable[_Prompt]) -> Iterator[list[_Prompt]]:
    """Prompts that begin alike, each different one once, in the order of the project."""
    groups: dict[str, dict[str, _Prompt]] = {}
    for prompt in sorted(prompts, key=lambda prompt: prompt.view.site.place):
        groups.setdefault(prompt.text[:_ALIKE], {}).setdefault(prompt.text, prompt)
    for beginning, group in groups.items():
        if len(group) > 1 and len(beginning) == _ALIKE:
            yield list(group.values())
