"""CA802: arithmetic with the price of requests that leaves out the cache, counts it twice or multiplies it wrongly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from auditor.api import (
    Cached,
    Category,
    Confidence,
    Costing,
    Counted,
    Effort,
    Example,
    Fault,
    Finding,
    ProjectView,
    Rule,
    RuleMeta,
    Severity,
    Step,
    cached,
    confidence_of,
    faults,
    overwritten,
)

_CACHED_CALL = """    def ask(self, question: str) -> str:
        reply = self.client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=800,
            system=[{"type": "text", "text": HANDBOOK, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": question}],
        )
"""


class CostIgnoresCache(Rule):
    """The price of requests is worked out as if there were no cache, or with the cache in the wrong place.

    ## What it finds
    Sums of token counts at rates, followed from the usage of answers through variables, records and functions, in a project that
    caches with the provider: counts of the cache that have no part in the sum; cached tokens that are part of the input count
    already and are added once more (OpenAI, Gemini), or taken off a count that does not hold them (Anthropic); multiples of the
    input price that no model in question has. And running totals that add up input and output, but keep the last answer's cache
    counts alone.

    ## Why it costs
    Budgets, invoices and the decision whether caching pays rest on the sum. Anthropic's `input_tokens` leave out what was read
    and written, so that the better the cache works, the less the requests seem to cost; OpenAI's `prompt_tokens` contain the
    cached ones at their full price, so that a saving never shows.

    ## How to mend it
    Anthropic: `input_tokens * p + cache_creation_input_tokens * 1.25 * p + cache_read_input_tokens * 0.1 * p` (the multiples of
    your model and lifetime). OpenAI: `(prompt_tokens - cached_tokens) * p + cached_tokens * p_cached`. Add up all counts alike.

    ## When it stays quiet
    - Where something unknown is part of the sum.
    - Where nothing is cached, and sums over the answers of calls that do not cache.
    - Sums without a rate for input and one for output (limits and shares).
    - What requests would cost without a cache next to what they do cost.
    - A sum over the counts of several providers in a function that asks whose they are.
    - Tests, examples and notebooks.

    ## Fix safety
    There is no automatic fix: prices are the author's.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    https://developers.openai.com/api/docs/guides/prompt-caching
    """

    meta = RuleMeta(
        code="CA802",
        name="cost-ignores-cache",
        summary="cost arithmetic that leaves out the cache, counts it twice or multiplies it wrongly",
        category=Category.MONITORING,
        severity=Severity.MEDIUM,
        effort=Effort.LOW,
    )
    bad = (
        Example(
            "The cost is that of input and output, worked out in another file",
            """import logging

import anthropic

from billing import Bill, dollars

logger = logging.getLogger(__name__)
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.bill = Bill()

"""
            + _CACHED_CALL
            + """        usage = reply.usage
        logger.info("cache: %s read", usage.cache_read_input_tokens)
        self.bill.charge(dollars(usage.input_tokens, usage.output_tokens))
        return reply.content[0].text
""",
            files={
                "billing.py": """PRICES = {"input": 3.0, "output": 15.0}


class Bill:
    def __init__(self):
        self.total = 0.0

    def charge(self, amount):
        self.total += amount


def dollars(prompt, completion):
    cost_in = prompt / 1_000_000 * PRICES["input"]
    cost_out = completion / 1_000_000 * PRICES["output"]
    return round(cost_in + cost_out, 6)
"""
            },
        ),
        Example(
            "Two totals run, the cache's are overwritten",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.tokens = {"input": 0, "output": 0, "written": 0, "read": 0}

"""
            + _CACHED_CALL
            + """        self.tokens["input"] += reply.usage.input_tokens
        self.tokens["output"] += reply.usage.output_tokens
        self.tokens["written"] = reply.usage.cache_creation_input_tokens or 0
        self.tokens["read"] = reply.usage.cache_read_input_tokens or 0
        return reply.content[0].text
""",
        ),
        Example(
            "Cached tokens are charged as input and once more",
            """from dataclasses import dataclass

from openai import OpenAI

client = OpenAI()
POLICY = "Quote the policy word for word and name the paragraph that you quote from. " * 300
INPUT, CACHED, OUTPUT = 2.0 / 1e6, 0.5 / 1e6, 8.0 / 1e6


@dataclass
class Turn:
    prompt: int
    cached: int
    completion: int

    @property
    def cost(self) -> float:
        return self.prompt * INPUT + self.cached * CACHED + self.completion * OUTPUT


def answer(questions: list[str]) -> list[Turn]:
    turns = []
    for question in questions:
        completion = client.chat.completions.create(
            model="gpt-4.1",
            messages=[{"role": "system", "content": POLICY}, {"role": "user", "content": question}],
            prompt_cache_key="policy",
        )
        usage = completion.usage
        cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else 0
        turns.append(Turn(usage.prompt_tokens, cached or 0, usage.completion_tokens))
    print(sum(turn.cost for turn in turns))
    return turns
""",
        ),
        Example(
            "Reads at half of the input price",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
RATE = 3.0 / 1_000_000


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.spent = 0.0

"""
            + _CACHED_CALL
            + """        self.spent += self.price(reply.usage)
        return reply.content[0].text

    @staticmethod
    def price(usage: anthropic.types.Usage) -> float:
        written = usage.cache_creation_input_tokens or 0
        read = usage.cache_read_input_tokens or 0
        fresh = usage.input_tokens * RATE
        return fresh + written * RATE * 1.25 + read * RATE * 0.5 + usage.output_tokens * RATE * 5
""",
        ),
    )
    good = (
        Example(
            "Each count at its own rate",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
RATE = 3.0 / 1_000_000


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.spent = 0.0

"""
            + _CACHED_CALL
            + """        usage = reply.usage
        cost = usage.input_tokens * RATE
        cost += usage.output_tokens * 5 * RATE
        cost += (usage.cache_creation_input_tokens or 0) * 1.25 * RATE
        cost += (usage.cache_read_input_tokens or 0) * 0.1 * RATE
        self.spent += cost
        return reply.content[0].text
""",
        ),
        Example(
            "Cached tokens are taken off the prompt's",
            """from openai import OpenAI

client = OpenAI()
POLICY = "Quote the policy word for word and name the paragraph that you quote from. " * 300
PRICES = {"gpt-4.1": (2.0, 0.5, 8.0)}


def cost(model: str, usage) -> float:
    full, reduced, out = PRICES[model]
    cached = getattr(usage.prompt_tokens_details, "cached_tokens", 0) or 0
    fresh = usage.prompt_tokens - cached
    return (fresh * full + cached * reduced + usage.completion_tokens * out) / 1_000_000


def answer(questions: list[str]) -> float:
    spent = 0.0
    for question in questions:
        completion = client.chat.completions.create(
            model="gpt-4.1",
            messages=[{"role": "system", "content": POLICY}, {"role": "user", "content": question}],
            prompt_cache_key="policy",
        )
        spent += cost("gpt-4.1", completion.usage)
        print(completion.choices[0].message.content)
    return spent
""",
        ),
        Example(
            "A share of a limit is no cost",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
LIMIT = 200_000


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.used = 0

"""
            + _CACHED_CALL
            + """        print(reply.usage.model_dump_json())
        self.used += reply.usage.input_tokens + reply.usage.output_tokens
        share = (reply.usage.input_tokens + reply.usage.output_tokens) / LIMIT * 100
        print(f"{share:.1f} % of the limit in this turn")
        return reply.content[0].text
""",
        ),
        Example(
            "What it costs, beside what it would cost without a cache",
            """import anthropic

HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300
PRICE = {"in": 3.0, "out": 15.0, "write": 3.75, "read": 0.3}


def costs(usage: anthropic.types.Usage) -> tuple[float, float]:
    written, read = usage.cache_creation_input_tokens or 0, usage.cache_read_input_tokens or 0
    output = usage.output_tokens * PRICE["out"]
    actual = usage.input_tokens * PRICE["in"] + written * PRICE["write"] + read * PRICE["read"] + output
    uncached = (usage.input_tokens + written + read) * PRICE["in"] + output
    return actual / 1e6, uncached / 1e6


class Desk:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.saved = 0.0

"""
            + _CACHED_CALL
            + """        actual, uncached = costs(reply.usage)
        self.saved += uncached - actual
        return reply.content[0].text
""",
        ),
    )

    def check_project(self, project: ProjectView) -> Iterator[Finding]:
        for group in cached(project):
            for costing in faults(project.accounting, group):
                yield self._costing(costing)
            for fields in overwritten(project.accounting, group):
                names = " and ".join(f"`{each.target}`" for each in fields)
                added = " and ".join(f"`{name}`" for name in fields[0].neighbours)
                keep = "keeps" if len(fields) == 1 else "keep"
                yield self._finding(
                    group,
                    self.report(
                        group.views[0],
                        message=(
                            f"{names} {keep} the last answer's count alone, where {added} of the same record are added up:"
                            " whatever is worked out from the record leaves out most of the cache."
                        ),
                        recommendation="Add these counts up like the others: `+=` instead of `=`.",
                        subject=f"overwritten {', '.join(each.target for each in fields)}",
                        confidence=confidence_of(fields[0].quantity.evidence),
                        place=fields[0].where.place,
                    ),
                )

    def _costing(self, costing: Costing) -> Finding:
        group = costing.group
        message, mend = _words(group, costing)
        total = costing.sum.where.place
        steps = tuple(Step(each.place, f"`{each.field}` of the answer's usage") for each in costing.quantities[:8])
        return self._finding(
            group,
            self.report(
                group.views[0],
                message=message,
                recommendation=mend,
                subject=f"cost {costing.fault.value} {' '.join(kind.value for kind in costing.kinds)}",
                confidence=min(confidence_of(costing.evidence), Confidence.HIGH if group.asked else Confidence.MEDIUM),
                place=costing.place,
                trace=steps if costing.place == total else (*steps, Step(total, "the sum at these rates")),
            ),
        )

    @staticmethod
    def _finding(group: Cached, finding: Finding) -> Finding:
        return replace(finding, call_sites=tuple(view.site.id for view in group.views))


def _words(group: Cached, costing: Costing) -> tuple[str, str]:
    """Message and recommendation."""
    fields = {field.kind: f"`{field.last}`" for field in reversed(list(costing.table.fields.values())) if not field.ttl}
    names = " and ".join(fields.get(kind, kind.value) for kind in costing.kinds)
    given, read = fields.get(Counted.INPUT, "the input count"), fields.get(Counted.READ, "the cached tokens")
    split = f"Charge `{given.strip('`')} - {read.strip('`')}` at the full price and {read} at the reduced one."
    match costing.fault:
        case Fault.OMITTED if costing.table.includes_cached:
            return (
                f"This cost charges all of {given} at one price, but cached tokens are among them and cost less: the better the"
                " cache works, the more the sum overstates.",
                split,
            )
        case Fault.OMITTED:
            return (
                f"This cost leaves out {names}, which {given} does not contain: the better the cache works, the less the requests"
                " seem to cost.",
                f"Add {names} at their own prices.",
            )
        case Fault.TWICE:
            return f"{given} contains {read}: this sum charges cached tokens at the full price and once more.", split
        case Fault.SUBTRACTED:
            return (
                f"{given} does not contain the tokens of the cache: this sum takes them off a count that never held them.",
                f"Charge {given} as it is, and the counts of the cache beside it.",
            )
        case Fault.MULTIPLIER:
            right = " or ".join(f"{each:g}" for each in costing.right)
            who = group.title or "the provider"
            row = f" in the price list's row `{costing.row.label}`" if costing.row is not None else ""
            return (
                f"{names} is charged at {costing.ratio:.3g} times the price of input{row}; at {who} it is {right} times.",
                f"Charge {names} at {right} times the price of input, by the model's price list.",
            )
