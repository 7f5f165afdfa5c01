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
    """A field of the cache is read. `providers` are those whose answers have it; none: anybody's."""

    where: Where
    field: str
    providers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Handover:
    """A usage object, or (`whole`) an answer that holds one, goes where it cannot be followed. `to` says where.

    `provider` is "" where it can be anybody's.
    """

    where: Where
    to: str
    provider: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A sum at the rates of one row of a price list: the key of the row, and where it is written."""

    label: str
    place: Place
    amount: Amount


@dataclass(frozen=True, slots=True)
class Sum:
    """Amounts were added to something that is weighted: a cost. `rows`: the same at the rates of each row of a price list.

    `chosen`: the function asks what the counts are of (a provider's name), so that the sum may be for some of them alone.
    """

    where: Where
    amount: Amount
    rows: tuple[Row, ...] = ()
    chosen: bool = True


@dataclass(frozen=True, slots=True)
class Ratio:
    """One amount was divided by another. `shown` is the text that the share is put into, where it is one of the same function."""

    where: Where
    numerator: Amount
    denominator: Amount
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Addition:
    """Arithmetic with a count that can be None."""

    where: Where
    quantity: Quantity
    expression: str
    operation: str


@dataclass(frozen=True, slots=True)
class Overwriting:
    """A running record whose cache counts are assigned where its other counts (`neighbours`) are added up."""

    where: Where
    record: str
    target: str
    quantity: Quantity
    neighbours: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A library that records usage is imported or switched on."""

    where: Where
    module: str


@dataclass(frozen=True, slots=True)
class Retrying:
    """Something is said of retries: a library for them (`module`) is imported, a loop waits where a call failed (`loop`), or
    (neither) a client is told to make none.
    """

    where: Where
    module: str = ""
    loop: bool = False


@dataclass(frozen=True, slots=True)
class Accounting:
    """All of it, by place. `tested` are tests that name a marker or a count of the cache.

    `partial`: more files handle usage than were read.
    """

    readings: tuple[Reading, ...] = ()
    handovers: tuple[Handover, ...] = ()
    sums: tuple[Sum, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    additions: tuple[Addition, ...] = ()
    overwritings: tuple[Overwriting, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    retrying: tuple[Retrying, ...] = ()
    tested: tuple[Place, ...] = ()
    partial: bool = False

    def watches(self, provider: str) -> bool:
        """Whether somebody may look at what this provider's answers tell of the cache."""
        return (
            self.partial
            or bool(self.instruments)
            or any(not reading.providers or provider in reading.providers for reading in self.readings)
            or any(handover.provider in {"", provider} for handover in self.handovers)
        )


Fact = Reading | Handover | Sum | Ratio | Addition | Overwriting | Instrument | Retrying
