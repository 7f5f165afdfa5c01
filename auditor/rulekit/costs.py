"""Cost arithmetic over usage, judged: what a sum at rates leaves out, counts twice or multiplies wrongly.

Knows amounts, usage tables and the providers' multipliers. Does not know syntax or findings. A sum to which something unknown was
added is not judged: that may be what seems to be missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from auditor.accounting.facts import Accounting, Overwriting, Row, Sum
from auditor.accounting.forms import Amount, Quantity, Term
from auditor.knowledge.facts import ModelFacts
from auditor.knowledge.providers import load as load_providers
from auditor.knowledge.usage import CACHE, Counted, UsageTable
from auditor.places import Place
from auditor.rulekit.monitoring import Cached, tables_of
from auditor.values.lifetime import Evidence

_TOLERANCE = 0.03  # of a multiplier: prices are written rounded


class Fault(StrEnum):
    OMITTED = "omitted"  # counts of the cache have no part in the sum
    TWICE = "twice"  # cached tokens are counted as input and once more
    SUBTRACTED = "subtracted"  # cached tokens are taken off an input count that does not hold them
    MULTIPLIER = "multiplier"  # a rate that is no such multiple of the input price at any model in question


@dataclass(frozen=True, slots=True)
class Costing:
    """A sum at rates with its fault, and those of the cached calls that it may be for.

    `kinds` are the counts at fault; `ratio` and `right` belong to `MULTIPLIER`.
    """

    sum: Sum
    group: Cached
    fault: Fault
    table: UsageTable
    kinds: tuple[Counted, ...]
    ratio: float = 0.0
    right: tuple[float, ...] = ()
    row: Row | None = None  # of a price list, where the fault is in it
    taken: Place | None = None  # where a count is subtracted, where that is the fault

    @property
    def place(self) -> Place:
        """Where it is to be mended."""
        if self.row is not None:
            return self.row.place
        return self.taken or self.sum.where.place

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        return tuple(dict.fromkeys(term.quantity for term in self.sum.amount.terms))

    @property
    def evidence(self) -> Evidence:
        """The weakest of all kinds of counts, by the surest count of each: several calls may hand theirs to the sum.

        Of counts that several APIs name alike, it is the use that tells.
        """
        surest: dict[Counted, Evidence] = {}
        for quantity in self.quantities:
            least = Evidence.weakest((Evidence.USAGE if quantity.table is None else Evidence.FLOW, quantity.evidence))
            held = surest.get(quantity.kind)
            surest[quantity.kind] = least if held is None or least.doubt < held.doubt else held
        return Evidence.weakest(surest.values())


def faults(accounting: Accounting, group: Cached) -> Iterator[Costing]:
    """Sums over counts of a provider that the application caches with, each with its first fault, by place."""
    tables = tables_of(group)
    sums = [found for found in _totals(accounting.sums) if found.where.context == "app" and not found.amount.rest]
    told = [(part, table) for found in sums for table in tables if (part := _of_table(found, table)) is not None]
    somewhere_cheaper = any(_cheaper(found.amount) for found in sums)
    seen: set[tuple[str, int]] = set()
    for found, table in told:
        place = found.where.place
        meant = _meant(found, group)
        if meant is None:
            continue
        costing = _fault(found, table, meant, somewhere_cheaper) or _in_a_row(found, table, meant)
        if costing is not None and (place.path, place.line) not in seen:
            seen.add((place.path, place.line))
            yield costing


def overwritten(accounting: Accounting, group: Cached) -> Iterator[Sequence[Overwriting]]:
    """Running records that keep the last answer's cache counts alone; fields of one record together."""
    names = {table.name for table in tables_of(group)}
    records: dict[tuple[str, str, str, tuple[str, ...]], list[Overwriting]] = {}
    for found in accounting.overwritings:
        if found.where.context == "app" and (found.quantity.table is None or found.quantity.table in names):
            key = (found.where.place.path, found.where.function, found.record, found.neighbours)
            records.setdefault(key, []).append(found)
    yield from records.values()


def _totals(sums: Sequence[Sum]) -> list[Sum]:
    """Sums that are no part of a wider one. The difference of two costs is a saving, no cost."""
    costs = [found for found in sums if all(term.factor.number > 0 for term in found.amount.of(Counted.INPUT, Counted.OUTPUT))]
    parts = [(found, {(term.quantity.place, term.quantity.kind) for term in found.amount.terms}) for found in costs]
    wholes: list[Sum] = []
    for found, counts in parts:
        size = (found.amount.rest, len(found.amount.terms))  # a count may be in it twice: taken off, and at its own rate
        wider = any(
            counts < others or (counts == others and (other.amount.rest, len(other.amount.terms)) > size)
            for other, others in parts
        )
        if not wider:
            wholes.append(found)
    return wholes


def _meant(found: Sum, group: Cached) -> Cached | None:
    """The calls that cache of those whose answers the sum is for; None where none of them does: it leaves nothing out."""
    each = [term.quantity.calls for term in found.amount.terms]
    if not all(each):
        return group
    calls = frozenset[Place]().union(*each)
    return group.of_calls(calls)


def _of_table(found: Sum, table: UsageTable) -> Sum | None:
    """The sum over counts of one provider; None where it is none of theirs.

    A function that is handed several providers' counts gets those of one with each call: the others' are no part of it.
    """
    if _counts_of(found.amount, table):
        return found
    own = tuple(term for term in found.amount.terms if _may_be_of(term, table))
    foreign = [term for term in found.amount.cache_terms if term.quantity.table is None and term not in own]
    if found.chosen or foreign or all(term.quantity.table is None for term in own):
        return None
    return replace(found, amount=replace(found.amount, terms=own), rows=())


def _counts_of(amount: Amount, table: UsageTable) -> bool:
    """Whether all counts may be of this table."""
    return all(_may_be_of(term, table) for term in amount.terms)


def _may_be_of(term: Term, table: UsageTable) -> bool:
    named = term.quantity.table
    return named == table.name or (named is None and table.by_last_name(term.quantity.field) is not None)


def _fault(found: Sum, table: UsageTable, group: Cached, somewhere_cheaper: bool) -> Costing | None:
    amount = found.amount
    inputs = [term for term in amount.of(Counted.INPUT) if term.factor.number > 0]
    outputs = amount.of(Counted.OUTPUT)
    # Input and output at one and the same rate: a share of a limit, no cost.
    if not inputs or not outputs or {term.factor for term in inputs} & {term.factor for term in outputs}:
        return None
    missing = tuple(kind for kind in (Counted.READ, Counted.WRITE) if not amount.of(kind) and _charged(kind, table))
    if missing:
        return Costing(found, group, Fault.OMITTED, table, missing)
    certain = amount.kinds == {term.quantity.kind for term in amount.terms if term.quantity.table == table.name}
    reads = amount.of(Counted.READ)
    if certain and table.includes_cached and not any(_taken_off(term) for term in reads):
        return Costing(found, group, Fault.TWICE, table, (Counted.READ,))
    taken = [term for term in amount.cache_terms if any(_inverse(term, given) for given in inputs)]
    if certain and not table.includes_cached and taken:
        return Costing(found, group, Fault.SUBTRACTED, table, (Counted.READ,), taken=taken[0].taken)
    return _multiplied(found, inputs, table, group, somewhere_cheaper)


def _charged(kind: Counted, table: UsageTable) -> bool:
    """Whether a cost without this count is wrong: reads always, writes where the count of input leaves them out."""
    reported = any(field.kind is kind for field in table.fields.values())
    return reported and (kind is Counted.READ or not table.includes_cached)


def _taken_off(term: Term) -> bool:
    """Whether the term lowers the sum; a rate such as `(cached - full)` does, too."""
    return term.factor.number < 0 or any("-" in symbol for symbol in term.factor.symbols)


def _inverse(term: Term, other: Term) -> bool:
    return term.factor.symbols == other.factor.symbols and term.factor.number == -other.factor.number


def _multiplied(found: Sum, inputs: Sequence[Term], table: UsageTable, group: Cached, somewhere_cheaper: bool) -> Costing | None:
    models, only = _models(group, table), _only_lifetime(group)
    for kind in (Counted.READ, Counted.WRITE):
        costing = _wrong(found, inputs, kind, models, only, table, group)
        # What it would cost without a cache is a fair question beside what it does cost.
        if costing is not None and not (costing.ratio == 1.0 and somewhere_cheaper):
            return costing
    return None


def _wrong(
    found: Sum, inputs: Sequence[Term], kind: Counted, models: Sequence[ModelFacts], ttl: str, table: UsageTable, group: Cached
) -> Costing | None:
    """A rate that is no right multiple of the input price at any of the models."""
    for term in found.amount.of(kind):
        ratios = {
            term.factor.number / given.factor.number
            for given in inputs
            if given.factor.symbols == term.factor.symbols and term.factor.number > 0
        }
        right = _multiples(models, kind, term.quantity.ttl or ttl)
        if len(ratios) != 1 or not right:
            continue
        ratio = ratios.pop()
        if not any(abs(ratio - each) <= _TOLERANCE * each for each in right):
            return Costing(found, group, Fault.MULTIPLIER, table, (kind,), ratio, right)
    return None


def _in_a_row(found: Sum, table: UsageTable, group: Cached) -> Costing | None:
    """A wrong multiple in the row of a model of this provider, in a price list."""
    for row in found.rows:
        facts = load_providers().lookup(group.provider, row.label)
        inputs = [term for term in row.amount.of(Counted.INPUT) if term.factor.number > 0]
        if facts is None or not facts.known or not inputs:
            continue
        for kind in (Counted.READ, Counted.WRITE):
            costing = _wrong(Sum(found.where, row.amount), inputs, kind, [facts], "", table, group)
            if costing is not None and costing.ratio != 1.0:
                return replace(costing, row=row)
    return None


def _cheaper(amount: Amount) -> bool:
    """Whether cached tokens have a rate of their own."""
    plain = {term.factor for term in amount.of(Counted.INPUT)}
    return any(term.factor not in plain and not _taken_off(term) for term in amount.of(*CACHE))


def _models(group: Cached, table: UsageTable) -> list[ModelFacts]:
    """The models in question, or all of the provider's where one is not known; all that are asked through one framework."""
    beside = [view for view in group.beside if not table.provider and table.reports(view.site.api)]
    used = [view.simulation.facts for view in (*group.views, *beside)]
    provider = load_providers().providers.get(group.provider)
    known = [facts for facts in used if facts is not None and facts.known]
    return known if len(known) == len(used) else list(provider.models) if provider is not None else []


def _multiples(models: Sequence[ModelFacts], kind: Counted, ttl: str) -> tuple[float, ...]:
    """What reads or writes cost as multiples of the input price at any of them."""
    return tuple(sorted({round(each, 4) for facts in models for each in _of_model(facts, kind, ttl)}))


def _only_lifetime(group: Cached) -> str:
    """The lifetime that all markers of these calls ask for; empty where there are several, or one is not known."""
    markers = [marker for view in group.views for _, marker in view.markers]
    asked = {marker.ttl or "" for marker in markers}
    only = asked.pop() if len(asked) == 1 and not any(marker.unknown for marker in markers) else ""
    return only if all(view.markers for view in group.views) else ""


def _of_model(facts: ModelFacts, kind: Counted, ttl: str) -> Iterator[float]:
    if kind is Counted.READ:
        if facts.read_multiplier is not None:
            yield facts.read_multiplier
        if facts.prices is not None and facts.prices.read is not None:
            yield facts.prices.read / facts.prices.input
        return
    for lifetime, multiplier in facts.write_multipliers.items():
        if not ttl or lifetime == ttl:
            yield multiplier
    if facts.prices is not None:
        for lifetime, price in facts.prices.write.items():
            if not ttl or lifetime == ttl:
                yield price / facts.prices.input
