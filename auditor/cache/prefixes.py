"""Caches that need no marker: those that serve the longest common prefix, and those that stop at message ends.

Knows OpenAI's two generations; does not know explicit markers' rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auditor.cache.atoms import Form
from auditor.cache.breakpoints import Stop
from auditor.cache.divergence import Pair, Spot
from auditor.cache.measure import Measure
from auditor.cache.options import default_ttl, explicit_mode
from auditor.cache.outcome import ZERO, Billing, TokenCount
from auditor.cache.rejections import Placed
from auditor.knowledge.facts import Band, ModelFacts
from auditor.llm.request import Kind, Replay, Request
from auditor.values.moment import between, seconds_of

LEADING_ROLES = frozenset({"system", "developer", "tool"})


def common_prefix(measure: Measure, request: Request, pair: Pair) -> TokenCount:
    """What a request shares with an earlier one at its front; certainly up to the first uncertain difference."""
    forms = measure.forms.of(request)
    sure = min((item.spot for item in pair.differences), default=Spot(min(pair.sure, len(forms))))
    likely = min((item.spot for item in pair.differences if item.certain), default=Spot(min(pair.maybe, len(forms))))
    least, most = measure.before(request, sure), measure.before(request, likely)
    return TokenCount(min(least.low, most.low), most.estimate, most.high, most.method)


RETENTION = "prompt_cache_retention"


def retained(request: Request, facts: ModelFacts) -> float | None:
    """Seconds after which nothing is left of what a request caches without markers; None where that is not known."""
    lives, given = facts.caching.lives, request.params.get(RETENTION)
    said = given.known if given is not None else ""
    if not lives or said is None:
        return None
    refused = facts.options[RETENTION].refused if RETENTION in facts.options else {}
    able = [span for value, span in lives.items() if facts.id not in refused.get(value, ())]
    chosen = [lives[said]] if said in lives else able
    return max((seconds_of(span) or 0.0 for span in chosen), default=None)


def bill_longest(
    replay: Replay, measure: Measure, compare: Callable[[int, int], Pair], minimum: Band | None, facts: ModelFacts
) -> tuple[Billing, ...]:
    """Request by request: whatever begins like any earlier request is read, in steps of so many tokens; writing is free.

    A request that reads an entry keeps it alive, and is itself one that begins alike: only those that came lately count.
    """
    found, increment = [], facts.caching.increment
    lives = [retained(request, facts) for request in replay.requests]
    for number, request in enumerate(replay.requests):
        whole = measure.prefix(request, len(measure.forms.of(request)))
        alive = [
            earlier
            for earlier in range(number)
            if (life := lives[earlier]) is None or between(replay.requests[earlier].moment, request.moment).least <= life
        ]
        shared = [common_prefix(measure, request, compare(earlier, number)) for earlier in alive]
        best = max(shared, key=lambda count: (count.estimate, count.low), default=ZERO)
        read = TokenCount(
            stepped(best.low, minimum[1] if minimum else 0, increment),
            stepped(best.estimate, minimum[0] if minimum else 0, increment),
            None if best.high is None else stepped(best.high, minimum[0] if minimum else 0, increment),
            best.method,
        )
        found.append(Billing(read, ZERO, minus(whole, read)))
    return tuple(found)


def stepped(tokens: int, minimum: int, increment: int) -> int:
    return 0 if tokens < minimum else tokens - tokens % increment


def minus(whole: TokenCount, part: TokenCount) -> TokenCount:
    high = None if whole.high is None else max(0, whole.high - part.low)
    low = 0 if part.high is None else max(0, whole.low - part.high)
    return TokenCount(low, max(0, whole.estimate - part.estimate), high, whole.method)


def boundary_stops(
    request: Request, forms: Sequence[Form], explicit: Sequence[Placed], facts: ModelFacts
) -> tuple[list[Stop], list[Stop]]:
    """Where a request of the newer generation writes, and where it looks for earlier entries."""
    position = {form.index: number for number, form in enumerate(forms)}
    marked = [Stop(position[item.block], item.marker.unknown, seconds_of(item.ttl)) for item in explicit]
    only_explicit = explicit_mode(request)
    most = facts.caching.writes or len(marked) + 1
    if only_explicit:
        return marked[-most:], marked
    leading, ends = message_ends(forms)
    unsure = only_explicit is None
    lives = seconds_of(default_ttl(request) or (facts.markers.default_ttl if facts.markers is not None else ""))
    implicit = [Stop(end, unsure, lives) for end in {*leading[-1:], *ends[-1:]}]
    last = ends[-(facts.caching.lookback or len(ends) or 1) :]
    looked = [Stop(end, unsure) for end in sorted({*leading[-1:], *last})]
    return [*marked[-(most - 1) :], *implicit], [*marked, *looked]


def message_ends(forms: Sequence[Form]) -> tuple[list[int], list[int]]:
    """The end of the initial developer messages (at most one), and the ends of user messages and groups of tool results."""
    lead = 0
    while lead < len(forms) and forms[lead].block.role in LEADING_ROLES and forms[lead].block.kind is not Kind.TOOL_RESULT:
        lead += 1
    ends = []
    for number in range(lead, len(forms)):
        block = forms[number].block
        following = forms[number + 1].block if number + 1 < len(forms) else None
        if block.kind is Kind.TOOL_RESULT:
            if following is None or following.kind is not Kind.TOOL_RESULT:
                ends.append(number)
        elif block.role == "user" and (following is None or following.message != block.message):
            ends.append(number)
    started = any(form.block.section != "tools" for form in forms[:lead])
    return ([lead - 1] if started else []), ends
