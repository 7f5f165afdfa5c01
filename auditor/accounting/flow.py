"""The state of the flow: what cells hold, what was seen where, and which functions are to be evaluated again.

A cell is a place where values meet: a parameter, a result, a field of a record, a module's variable. Values only ever widen, so
that evaluating the functions again and again comes to rest. Knows no syntax beyond a unit's words.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from auditor.accounting import accessors
from auditor.accounting.facts import Fact
from auditor.accounting.forms import (
    ANY_WORD,
    NOTHING,
    UNSET,
    Amount,
    Answer,
    Items,
    Made,
    Record,
    Usage,
    Value,
    Word,
    anyones,
    joined,
    of_rows,
)
from auditor.accounting.program import Program, Unit
from auditor.knowledge.usage import UsageKnowledge
from auditor.limits import FORMULA_TERMS
from auditor.values.lifetime import Evidence

Key = tuple[str, str]  # a unit: path and qualified name
Cell = TypeVar("Cell", bound=Hashable)


@dataclass(slots=True)
class Flow:
    """`sent` maps the places of calls that send to what they answer.

    `by_names` lets annotations stand for what no call is seen to give, and attributes and entries of unknown objects be those
    that counts are kept under; `guess` lets names stand for counts where nothing else is known.
    `fresh` are names by which something new can be reached, `given` units that were given something new.
    """

    program: Program
    knowledge: UsageKnowledge
    sent: Mapping[tuple[str, int, int], Answer]
    by_names: bool = False
    guess: bool = False
    facts: dict[Key, list[Fact]] = field(default_factory=dict)
    locals: dict[Key, dict[str, Value]] = field(default_factory=dict)
    called: set[Key] = field(default_factory=set)
    fresh: set[str] = field(default_factory=set)
    given: set[Key] = field(default_factory=set)
    _givers: set[str] = field(default_factory=set)
    _parameters: dict[tuple[Key, str], Value] = field(default_factory=dict)
    _open: set[tuple[Key, str]] = field(default_factory=set)  # parameters that some caller gives something unknown
    _passed: set[tuple[Key, str]] = field(default_factory=set)  # parameters that some call names, whatever it hands over
    _results: dict[Key, Value] = field(default_factory=dict)
    _globals: dict[tuple[str, str], Value] = field(default_factory=dict)
    _fields: dict[Made, dict[str, Value]] = field(default_factory=dict)
    _unknown: set[tuple[Made, str]] = field(default_factory=set)  # fields that something unknown was put into
    kept: dict[str, Record] = field(default_factory=dict)  # dictionaries of the project's own, by the carrier's name they go by
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of a database's tables, in order
    tabled: set[str] = field(default_factory=set)  # columns that counts are put into, and classes whose fields hold them
    _attributes: dict[str, Value] = field(default_factory=dict)
    _entries: dict[str, Value] = field(default_factory=dict)
    _accessors: dict[Key, bool] = field(default_factory=dict)
    labels: dict[Made, str] = field(default_factory=dict)  # the keys under which rows of price lists stand

    # Parameters and results

    def reads_by_name(self, unit: Unit) -> bool:
        """Whether a function reads a field by the name that it is given; looked at once."""
        if unit.key not in self._accessors:
            self._accessors[unit.key] = accessors.is_accessor(unit.node)
        return self._accessors[unit.key]

    def parameter(self, unit: Key, name: str) -> Value:
        held = self._parameters.get((unit, name))
        return anyones(held) if (unit, name) in self._open else held

    def give(self, unit: Key, name: str, value: Value) -> None:
        """Hands a value to a function. Texts of all callers would be one of several in it: they are not handed on."""
        self.pass_by(unit, (name,))
        if isinstance(value, Word):
            return
        if value is None and self.guess and (unit, name) not in self._open:
            # All that can be followed has been: this caller's is another call's answer, for all that is known.
            self._open.add((unit, name))
            if followed(self._parameters.get((unit, name))):
                self.given.add(unit)
        wider = _widened(self._parameters, (unit, name), value)
        if followed(wider) or isinstance(wider, Record):
            self.given.add(unit)

    def pass_by(self, unit: Key, names: Iterable[str]) -> None:
        """Notes that parameters are handed something: their defaults do not stand."""
        found = {(unit, name) for name in names} - self._passed
        if found:
            self._passed |= found
            self.given.add(unit)

    def at_default(self, unit: Key, name: str) -> bool:
        """Whether the function is called, and every call leaves the parameter at its default."""
        return unit in self.called and (unit, name) not in self._passed

    def result(self, unit: Key) -> Value:
        return self._results.get(unit)

    def give_back(self, unit: Key, value: Value) -> None:
        if isinstance(value, Word):
            return
        self._tell(unit[1].rsplit(".", 1)[-1], _widened(self._results, unit, value))

    def new_givers(self) -> list[str]:
        """Names of functions that give back something that is followed, and of columns that hold it; each is told of once."""
        names = {key[1].rsplit(".", 1)[-1] for key, value in self._results.items() if key[1] and followed(value)}
        names |= self.tabled
        found = sorted(names - self._givers)
        self._givers |= names
        return found

    # Variables and fields

    def variable(self, path: str, name: str) -> Value:
        held = self._globals.get((path, name))
        return None if held == ANY_WORD else held

    def set_variable(self, path: str, name: str, value: Value) -> None:
        # A text is not known any more where something unknown takes its place.
        self._tell(name, _widened(self._globals, (path, name), ANY_WORD if value is None else value))

    def field(self, record: Record, name: str) -> Value:
        """What a field of any of the records holds; for a key that is not known, what was stored under unknown ones."""
        found: Value = None
        each: list[tuple[Made, float]] = []
        for made in record.made:
            held = self._of(made, name)
            found = joined(found, held)
            if isinstance(held, Amount) and held.scalar is not None and not held.scalar.symbols and not held.counted:
                each.append((made, held.scalar.number))
        return of_rows(name, each) if len(each) > 1 and len(each) == len(record.made) else found

    def _of(self, made: Made, name: str) -> Value:
        own = self._fields.get(made, {}).get(name)
        shared = self._fields.get(made.any, {}).get(name)
        if own is not None and not followed(shared):
            return UNSET if own == NOTHING and (made, name) in self._unknown else own
        held = joined(own, shared)
        return UNSET if held == NOTHING and not self._unknown.isdisjoint({(made, name), (made.any, name)}) else held

    def fields(self, record: Record) -> Iterator[tuple[str, Value]]:
        for made in record.made:
            yield from list(self._fields.get(made, {}).items())

    def lacks(self, record: Record, name: str) -> bool:
        """Whether dictionaries, of which all keys are known, certainly have no such entry."""
        return all(
            not made.name
            and made.line
            and not {name, "*"} & self._fields.get(made, {}).keys()
            and self._unknown.isdisjoint({(made, name), (made, "*")})
            for made in record.made
        )

    def set_field(self, record: Record, name: str, value: Value) -> None:
        for made in dict.fromkeys(cell for one in record.made for cell in (one, one.any)):
            if value is None:
                self._unknown.add((made, name))
            self._tell(name, _widened(self._fields.setdefault(made, {}), name, value))
            if not made.name:
                self.set_entry(name, value)

        if name in self.knowledge.carriers and isinstance(value, Record) and not any(made.name for made in value.made):
            known = self.kept.get(name)
            wider_kept = Record.of(*value.made, *(known.made if known is not None else ()))
            if wider_kept != known and len(wider_kept.made) <= FORMULA_TERMS:
                self.kept[name] = wider_kept
                self.fresh.add(name)

    def attribute(self, name: str) -> Value:
        """What an attribute of that name holds in any class."""
        return self._attributes.get(name) if self.by_names else None

    @property
    def stored_names(self) -> set[str]:
        """Names of attributes and entries that counts are kept under."""
        return {*self._attributes, *self._entries}

    def set_attribute(self, name: str, value: Value) -> None:
        self._tell(name, _widened(self._attributes, name, value))

    def entry(self, name: str) -> Value:
        """What dictionaries of the project keep under a key that tells of tokens: files and stores give it back by the key."""
        held = self._entries.get(name) if self.by_names else None
        return held.mapped(least=Evidence.USAGE) if isinstance(held, Amount) else None

    def set_entry(self, name: str, value: Value) -> None:
        if not isinstance(value, Amount) or not value.counted or "tok" not in name.lower():
            return
        self.tabled.add(name)
        self._tell(name, _widened(self._entries, name, value))

    def _tell(self, word: str, value: Value) -> None:
        if followed(value):
            self.fresh.add(word)

    def due(self, unit: Unit) -> bool:
        """Whether the unit names or is given something new."""
        return unit.key in self.given or not unit.words.isdisjoint(self.fresh)


def followed(value: Value) -> bool:
    """Whether a value has to do with usage. What a record holds is followed by the names of its fields."""
    match value:
        case Answer() | Usage():
            return True
        case Amount():
            return value.counted
        case Items(members):
            return any(followed(member) for member in members)
        case _:
            return False


def _widened(cells: dict[Cell, Value], cell: Cell, value: Value) -> Value:
    """What a cell then holds that is given a value; None where nothing new is learnt."""
    held = cells.get(cell)
    wider = joined(held, value)
    if same(wider, held):
        return None
    cells[cell] = wider
    return wider


def same(one: Value, other: Value) -> bool:
    """Whether nothing was learnt; also of what does not take part in comparing amounts."""
    if one != other:
        return False
    if not isinstance(one, Amount) or not isinstance(other, Amount):
        return True
    mine, theirs = (
        [(of.nullable, of.total, of.calls) for of in (term.quantity for term in amount.terms)] for amount in (one, other)
    )
    return mine == theirs
