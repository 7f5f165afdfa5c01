"""Prefix groups: requests of different call sites that hold the same fixed text and yet share no prefix that holds it.

The same long system prompt behind other tools, the same tools and instructions behind another first line: the cache keeps a
copy for each. Knows requests of one model and where two of them part. Does not know how often they are sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.cache.atoms import Form, Forms
from auditor.cache.divergence import Spot, compare_blocks
from auditor.cache.measure import Measure
from auditor.cache.outcome import UNTOLD_MINIMUM, Simulation, TokenCount
from auditor.cache.tokens import Counter, Precision
from auditor.knowledge.facts import ModelFacts
from auditor.limits import Limits
from auditor.llm.request import Block, CallSite, Request, Section


@dataclass(frozen=True, slots=True)
class Parting:
    """A call site whose requests part from those of the group's first one.

    `common` tokens stand ahead of the place where they part, `shareable` ones behind it, in both. `here` is the first block of
    this site's request that differs, `there` its counterpart; None past the end of what stands ahead of the messages.
    """

    site: CallSite
    common: TokenCount
    shareable: TokenCount
    here: Block | None
    there: Block | None


@dataclass(frozen=True, slots=True)
class PrefixGroup:
    """Call sites of one model that could share more of their prefix than they do, the first one by place leading."""

    provider: str
    model: str
    leader: CallSite
    partings: tuple[Parting, ...]


def prefix_groups(simulations: Iterable[Simulation], counter: Counter, limits: Limits) -> tuple[PrefixGroup, ...]:
    """Groups among one simulation of each call site, in the order given. A call site belongs to at most one group."""
    by_model: dict[tuple[str, str, str], list[Simulation]] = {}
    for simulation in simulations:
        request, name = simulation.replay.first, _model(simulation)
        if not request.opaque and name is not None and request.site.context not in ("test", "example"):
            by_model.setdefault((request.provider, request.surface, name), []).append(simulation)
    left = limits.site_pairs
    found: list[PrefixGroup] = []
    for (provider, _, model), members in sorted(by_model.items(), key=lambda item: item[0]):
        measure = Measure(counter, members[0].facts, Forms(), Precision.RATIO)
        waiting = [member for member in members if _long_enough(member.replay.first, member.facts)]
        while len(waiting) > 1 and left > 0:
            leader, *rest = waiting
            rest = rest[:left]
            left -= len(rest)
            partings = [
                parting for other in rest if (parting := _part(leader.replay.first, other.replay.first, measure)) is not None
            ]
            sites = {parting.site for parting in partings}
            waiting = [member for member in waiting[1:] if member.replay.site not in sites]
            if partings:
                found.append(PrefixGroup(provider, model, leader.replay.site, tuple(partings)))
    return tuple(found)


def _model(simulation: Simulation) -> str | None:
    """What tells whose cache is asked; None where the model is not known."""
    facts, model = simulation.facts, simulation.replay.first.model
    if facts is not None and facts.known:
        return facts.id
    return model.known if model is not None else None


def _long_enough(request: Request, facts: ModelFacts | None) -> bool:
    """Whether the fixed text ahead of the messages can reach the minimum at all: a token has at least one character."""
    return sum(len(block.text.literal) for block in _ahead(request)) >= _least(facts)


def _least(facts: ModelFacts | None) -> int:
    """Tokens that are worth sharing."""
    return facts.minimum[1] if facts is not None and facts.minimum is not None else UNTOLD_MINIMUM


def _ahead(request: Request) -> Iterator[Block]:
    return (block for block in request.blocks if block.section is not Section.MESSAGES and not block.deferred)


def _part(one: Request, other: Request, measure: Measure) -> Parting | None:
    """Where two requests part, if what they hold in common behind it could certainly be cached."""
    forms = measure.forms.of(one), measure.forms.of(other)
    pair = compare_blocks(*forms)
    first = min(pair.differences, key=lambda item: item.spot, default=None)
    if first is None or not first.certain:
        return None
    here, there = (_block_at(blocks, first.spot) for blocks in (forms[1], forms[0]))
    if all(block is None or block.section is Section.MESSAGES for block in (here, there)):
        return None  # what differs is what they are asked
    _, shareable = measure.shared(one, other, first.spot, other)
    if shareable.low < _least(measure.facts):
        return None
    return Parting(other.site, measure.before(other, first.spot), shareable, _ahead_only(here), _ahead_only(there))


def _block_at(forms: Sequence[Form], spot: Spot) -> Block | None:
    return forms[spot.block].block if spot.block < len(forms) else None


def _ahead_only(block: Block | None) -> Block | None:
    return block if block is not None and block.section is not Section.MESSAGES else None
