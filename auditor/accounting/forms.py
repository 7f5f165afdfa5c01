"""What flows through code that handles usage: answers, usage objects, records, and amounts.

An amount is a linear form: counted tokens times a known number times symbolic rates, summed. So `input_tokens * price / 1e6`
keeps what was counted and at which rate, whatever names and functions it went through. Knows no syntax and no files.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from auditor.knowledge.usage import CACHE, Counted, Nullable
from auditor.limits import FORMULA_TERMS
from auditor.places import Place
from auditor.values.lifetime import Evidence

Calls = frozenset[Place]
"""Calls that send, by their places; empty: any."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A count of tokens. `table` names the usage table, None where several have such a field; `total` is a running sum.

    `calls` are the calls whose answers it counts; empty where it may be any.
    """

    kind: Counted
    field: str
    table: str | None
    place: Place
    evidence: Evidence = Evidence.FLOW
    nullable: Nullable = dataclasses.field(default=Nullable.NEVER, compare=False)
    total: bool = dataclasses.field(default=False, compare=False)
    ttl: str = ""
    calls: Calls = dataclasses.field(default=frozenset(), compare=False)


@dataclass(frozen=True, slots=True)
class Factor:
    """A number times rates that are known by what they are called only.

    `rows` are what the symbols among them that are `listed` come to in each row of a price list.
    """

    number: float = 1.0
    symbols: tuple[str, ...] = ()
    rows: tuple[tuple[Made, float], ...] = ()
    listed: tuple[str, ...] = ()

    def times(self, other: Factor) -> Factor:
        # A rate and its inverse cancel: `p * n / p`.
        symbols = list(self.symbols)
        for symbol in other.symbols:
            if inverse(symbol) in symbols:
                symbols.remove(inverse(symbol))
            else:
                symbols.append(symbol)
        rows, listed = (self.rows or other.rows), (*self.listed, *other.listed)
        if self.rows and other.rows:
            theirs = dict(other.rows)
            rows = tuple((made, value * theirs[made]) for made, value in self.rows if made in theirs)
        return Factor(self.number * other.number, tuple(sorted(symbols)), rows, listed if rows else ())

    def in_row(self, made: Made) -> Factor | None:
        """The factor with the numbers of one row; None where it has none there."""
        found = dict(self.rows).get(made)
        left = list(self.symbols)
        for symbol in self.listed:
            if symbol not in left:
                return None
            left.remove(symbol)
        return Factor(self.number * found, tuple(left)) if found is not None else None

    def inverted(self) -> Factor | None:
        if not self.number:
            return None
        return Factor(1.0 / self.number, tuple(sorted(inverse(symbol) for symbol in self.symbols)))

    @property
    def priced(self) -> bool:
        """Whether it is anything but a plain count."""
        return bool(self.symbols) or abs(self.number) != 1.0


def inverse(symbol: str) -> str:
    return symbol[2:] if symbol.startswith("1/") else f"1/{symbol}"


@dataclass(frozen=True, slots=True)
class Term:
    quantity: Quantity
    factor: Factor
    taken: Place | None = field(default=None, compare=False)  # where it is subtracted


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of terms, or a number without any. `rest`: something unknown was added. `unset`: see `UNSET`."""

    terms: tuple[Term, ...] = ()
    scalar: Factor | None = None
    rest: bool = False
    unset: bool = False

    @property
    def counted(self) -> bool:
        return bool(self.terms)

    def scaled(self, factor: Factor) -> Amount:
        if not factor.number:
            return NOTHING  # however many there are
        return Amount(
            tuple(replace(term, factor=term.factor.times(factor)) for term in self.terms),
            self.scalar.times(factor) if self.scalar is not None else None,
            self.rest,
            self.unset,
        )

    def without_none(self) -> Amount:
        return self.mapped(nullable=Nullable.NEVER)

    def running(self) -> Amount:
        return self.mapped(total=True)

    def mapped(
        self,
        *,
        nullable: Nullable | None = None,
        total: bool | None = None,
        least: Evidence = Evidence.FLOW,
        anyones: bool = False,
    ) -> Amount:
        def changed(quantity: Quantity) -> Quantity:
            return replace(
                quantity,
                nullable=quantity.nullable if nullable is None else nullable,
                total=quantity.total if total is None else total,
                evidence=Evidence.weakest((quantity.evidence, least)),
                calls=frozenset() if anyones else quantity.calls,
            )

        return replace(self, terms=tuple(replace(term, quantity=changed(term.quantity)) for term in self.terms))

    @property
    def kinds(self) -> frozenset[Counted]:
        return frozenset(term.quantity.kind for term in self.terms)

    def of(self, *kinds: Counted) -> tuple[Term, ...]:
        return tuple(term for term in self.terms if term.quantity.kind in kinds)

    @property
    def cache_terms(self) -> tuple[Term, ...]:
        return self.of(*CACHE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered, or something that holds it.

    `table` is the usage table's name, None where it is not known; `provider` is "" where it can be anybody. `event`: one piece of
    a stream. `calls` are those that it may answer, empty where it may be any.
    """

    table: str | None
    provider: str = ""
    calls: Calls = frozenset()
    event: bool = dataclasses.field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """A usage object, or the object nested in it under `path`; `table`, `provider` and `calls` as of the answer.

    `kept`: of one that is known by the name that it is found under, the dictionaries that the project puts under this name.
    """

    table: str | None
    provider: str = dataclasses.field(default="", compare=False)
    path: str = ""
    evidence: Evidence = dataclasses.field(default=Evidence.FLOW, compare=False)
    plain: bool = dataclasses.field(default=False, compare=False)  # a dictionary: a missing field is no attribute
    kept: Record | None = None
    calls: Calls = frozenset()


@dataclass(frozen=True, slots=True)
class Record:
    """Dictionaries, or instances of project classes, by where they are made; what they hold is kept apart.

    Several where it may be any of them.
    """

    made: tuple[Made, ...]

    @staticmethod
    def of(*made: Made) -> Record:
        return Record(tuple(sorted(set(made))))


@dataclass(frozen=True, slots=True, order=True)
class Made:
    """Where records are made: a class with all of its instances, one that a module makes of it, or the place of a dictionary."""

    path: str
    name: str  # the class's qualified name, "" for a dictionary
    line: int = 0
    column: int = 0

    @property
    def any(self) -> Made:
        """Any instance of the class; a dictionary is its own."""
        return Made(self.path, self.name) if self.name and self.line else self


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence: its members one by one, or (`many`) one that stands for all."""

    members: tuple[Value, ...]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A function or class of the project."""

    path: str
    name: str
    bound: Record | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A short text, such as the name of a field; `text` is None where it is one of several."""

    text: str | None


ANY_WORD = Word(None)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a store and not taken yet: a row stands for all of them."""

    row: Record


Value = Amount | Answer | Usage | Record | Items | Query | Code | Word | None

NOTHING = Amount((), Factor(0.0))


def of_rows(name: str, values: Sequence[tuple[Made, float]]) -> Amount:
    """The number that a field of that name holds in one of several rows."""
    return Amount((), Factor(1.0, (name,), tuple(values), (name,)))


SOME_NUMBER = Amount()
"""One of several numbers: known by what it is called only."""

UNSET = Amount(unset=True)
"""Zero until something unknown takes its place: a summand like zero, but a rate that is known by what it is called."""

OPEN = Amount(rest=True, unset=True)
"""Zero or something unknown: as a summand unknown, as a rate known by what it is called."""


def number(value: float) -> Amount:
    try:
        return Amount((), Factor(float(value)))
    except OverflowError:  # an integer beyond every float
        return SOME_NUMBER


def count(quantity: Quantity) -> Amount:
    return Amount((Term(quantity, Factor()),))


def factor_of(value: Value, written: str) -> Factor | None:
    """The value as a rate; an unknown one goes by what it is called. None where it counts tokens."""
    if isinstance(value, Amount):
        if value.counted or (value.rest and not value.unset):
            return None
        if value.scalar is not None:
            return value.scalar
    return Factor(1.0, (written,))


def taken(value: Value, place: Place) -> Value:
    """The value as it is subtracted there, unless a part of it was before."""
    if not isinstance(value, Amount):
        return value
    return replace(value, terms=tuple(replace(term, taken=term.taken or place) for term in value.terms))


def added(left: Value, right: Value, sign: float = 1.0) -> Value:
    """The sum, or the difference. Unknown summands are remembered as such."""
    if not isinstance(left, Amount) and not isinstance(right, Amount):
        return None
    one = left if isinstance(left, Amount) else Amount(rest=True)
    two = (right if isinstance(right, Amount) else Amount(rest=True)).scaled(Factor(sign))
    if not one.counted and not two.counted:
        if {one, two} <= {NOTHING, UNSET}:
            return UNSET if UNSET in {one, two} else NOTHING
        one, two = (NOTHING if each == UNSET else each for each in (one, two))
        if one.scalar is not None and two.scalar is not None and not one.scalar.symbols and not two.scalar.symbols:
            return number(one.scalar.number + two.scalar.number)
        return None
    rest = one.rest or two.rest or not (one.counted or plain(one)) or not (two.counted or plain(two))
    return Amount(unique((*one.terms, *two.terms)), None, rest)


def plain(value: Value) -> bool:
    """A known number, such as a fee, or nothing yet: a summand that hides no count."""
    if not isinstance(value, Amount) or value.counted or value.rest:
        return False
    return value.unset or (value.scalar is not None and not value.scalar.symbols)


def unique(terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(terms))[:FORMULA_TERMS]


def joined(one: Value, other: Value) -> Value:
    """What either of two values may be. Start values (0, None, empty) give way to what is added to them later."""
    if one == other or other is None:
        return one
    if one is None:
        return other
    if isinstance(one, Amount) and isinstance(other, Amount):
        return _joined_amounts(one, other)
    if isinstance(one, Items) and isinstance(other, Items):
        return _joined_items(one, other)
    if isinstance(one, Usage) and isinstance(other, Usage):
        kept = joined(one.kept, other.kept)
        usage = replace(one, table=_agreed(one.table, other.table), provider=_agreed(one.provider, other.provider) or "")
        usage = replace(usage, calls=either_call(one.calls, other.calls))
        return replace(usage, kept=kept if isinstance(kept, Record) else None)
    if isinstance(one, Record) and isinstance(other, Record):
        return Record.of(*(one.made + other.made)[:FORMULA_TERMS])
    if isinstance(one, Query) and isinstance(other, Query):
        return Query(Record.of(*(one.row.made + other.row.made)[:FORMULA_TERMS]))
    if isinstance(one, Word) and isinstance(other, Word):
        return ANY_WORD
    if isinstance(one, Answer) and isinstance(other, Answer):
        provider = _agreed(one.provider, other.provider) or ""
        return replace(one, table=_agreed(one.table, other.table), provider=provider, calls=either_call(one.calls, other.calls))
    # Of different kinds, what says more of usage counts: amounts of nothing and empty lists are start values.
    ranks = (Word, Amount, Items, Query, Record, Code, Answer, Usage)
    return max(one, other, key=lambda value: (_telling(value), ranks.index(type(value))))


def one_of(values: Iterable[Value]) -> Value:
    """Any of several values that are all seen where they meet: one that is unknown takes the place of a zero."""
    found: Value = None
    unknown = False
    for value in values:
        found = joined(found, value)
        unknown |= value is None
    return OPEN if unknown and found in (NOTHING, UNSET) else found


def either_call(one: Calls, other: Calls) -> Calls:
    """The calls of either; any, where those of one may be any, or where they are many."""
    both = one | other
    return both if one and other and len(both) <= FORMULA_TERMS else frozenset()


def anyones(value: Value) -> Value:
    """The same, of whatever call."""
    match value:
        case Answer() | Usage():
            return replace(value, calls=frozenset())
        case Amount() if value.counted:
            return value.mapped(anyones=True)
        case _:
            return value


def _agreed(one: str | None, other: str | None) -> str | None:
    return one if one == other else None


def _telling(value: Value) -> bool:
    return (
        not isinstance(value, Word)
        and not (isinstance(value, Amount) and not value.counted)
        and not (isinstance(value, Items) and not value.members)
    )


def _joined_amounts(one: Amount, other: Amount) -> Amount:
    if OPEN in {one, other}:
        return other if one == OPEN else one
    if one.counted or other.counted:
        by_term: dict[Term, Term] = {}
        for term in (*one.terms, *other.terms):
            held = by_term.get(term)
            by_term[term] = term if held is None else _wider(held, term)
        return Amount(tuple(by_term.values())[:FORMULA_TERMS], None, one.rest or other.rest)
    for start in (NOTHING, UNSET):
        if start in {one, other}:
            return other if one == start else one
    return one if one == other else SOME_NUMBER


def _wider(one: Term, other: Term) -> Term:
    quantity = one.quantity
    nullable = max(quantity.nullable, other.quantity.nullable, key=list(Nullable).index)
    calls = either_call(quantity.calls, other.quantity.calls)
    return replace(one, quantity=replace(quantity, nullable=nullable, total=quantity.total or other.quantity.total, calls=calls))


def _joined_items(one: Items, other: Items) -> Items:
    if not one.many and not other.many and len(one.members) == len(other.members):
        return Items(tuple(joined(a, b) for a, b in zip(one.members, other.members, strict=True)))
    return Items((joined(any_of(one), any_of(other)),), True)


def any_of(items: Items) -> Value:
    """What any member may be."""
    found: Value = None
    for member in items.members:
        found = joined(found, member)
    return found
