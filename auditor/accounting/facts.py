"""What the project does with usage: the vocabulary between this package and the rules. Knows no syntax."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.accounting.forms import Amount, Quantity
from auditor.places import Place


@dataclass(frozen=True, slots=True)
class Where:
    """A place, the function around it, and what its file is for ("app", "test", "example", "notebook")."""

    place: Place
    function: str
    context: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A field of the cache is read. `tables` are the usage tables that have it."""

    where: Where
    field: str
    tables: frozenset[str]


@dataclass(frozen=True, slots=True)
class Handover:
    """A usage object (`whole` answer: something that holds one) goes where it cannot be followed. `to` says where."""

    where: Where
    to: str
    api: str | None
    whole: bool
    shown: bool  # printed, logged or put into a text, all of it


@dataclass(frozen=True, slots=True)
class Sum:
    """Amounts were added to something that is weighted: a cost."""

    where: Where
    amount: Amount


@dataclass(frozen=True, slots=True)
class Ratio:
    """One amount was divided by another."""

    where: Where
    numerator: Amount
    denominator: Amount


@dataclass(frozen=True, slots=True)
class Addition:
    """Arithmetic with a count that can be None."""

    where: Where
    quantity: Quantity
    expression: str
    operation: str


@dataclass(frozen=True, slots=True)
class Overwriting:
    """A running record whose cache counts are assigned where its other counts are added up."""

    where: Where
    target: str
    quantity: Quantity
    neighbours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A library that records usage is imported."""

    where: Where
    module: str


@dataclass(frozen=True, slots=True)
class Accounting:
    """All of it, by place."""

    readings: tuple[Reading, ...] = ()
    handovers: tuple[Handover, ...] = ()
    sums: tuple[Sum, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    additions: tuple[Addition, ...] = ()
    overwritings: tuple[Overwriting, ...] = ()
    instruments: tuple[Instrument, ...] = ()


Fact = Reading | Handover | Sum | Ratio | Addition | Overwriting | Instrument
