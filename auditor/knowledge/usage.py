"""Typed access to `usage.toml`: what answers tell of the tokens they used. Contains no decisions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from auditor.knowledge.table import Table


class Counted(StrEnum):
    """What a field counts. Programs count answers themselves, too: all of them, and those that read from the cache."""

    INPUT = "input"
    READ = "read"
    WRITE = "write"
    OUTPUT = "output"
    TOTAL = "total"
    ANSWERS = "answers"
    HITS = "hits"


CACHE = frozenset({Counted.READ, Counted.WRITE})


class Nullable(StrEnum):
    """Whether a field can be None: never, by its declared type, or as a rule where nothing was cached."""

    NEVER = ""
    TYPED = "typed"
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Field:
    """One field by its dotted name."""

    name: str
    kind: Counted
    nullable: Nullable
    ttl: str = ""

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class UsageTable:
    """The usage object of one API. `includes_cached`: its input count holds cached tokens too.

    `raw` are tables of the providers' own usage that its answers hold besides.
    """

    name: str
    apis: tuple[str, ...]
    provider: str
    types: frozenset[str]
    includes_cached: bool
    reports_writes: bool
    nested: Mapping[str, Nullable]
    fields: Mapping[str, Field]
    source: tuple[str, ...]
    raw: tuple[str, ...] = ()

    def by_last_name(self, name: str) -> Field | None:
        return next((field for field in self.fields.values() if field.last == name), None)

    def reports(self, api: str) -> bool:
        return any(api.startswith(prefix) for prefix in self.apis)


@dataclass(frozen=True, slots=True)
class UsageKnowledge:
    """All tables. `names` maps a program's own names of counts to what they count.

    `metadata` are attributes under which a framework keeps what the provider's own answer said, `within` the table of the usage
    that stands there under a key.
    """

    tables: Mapping[str, UsageTable]
    carriers: frozenset[str]
    answers: frozenset[str]
    dumps: frozenset[str]
    metadata: frozenset[str]
    within: Mapping[str, str]
    silent: frozenset[str]
    names: Mapping[str, Counted]
    instruments: tuple[str, ...]
    switches: frozenset[str]
    traced: tuple[str, ...]
    retriers: frozenset[str]

    def of_api(self, api: str) -> UsageTable | None:
        """The table of the answers of an API (`CallSite.api`)."""
        return next((table for table in self.tables.values() if table.reports(api)), None)

    def having(self, name: str) -> tuple[UsageTable, ...]:
        """The tables that have a field of that last name, nested ones included."""
        return tuple(table for table in self.tables.values() if table.by_last_name(name) is not None)

    @property
    def cache_fields(self) -> Mapping[str, tuple[UsageTable, ...]]:
        """Last names of the fields that tell of the cache, with the tables that have them."""
        found: dict[str, tuple[UsageTable, ...]] = {}
        for table in self.tables.values():
            for field in table.fields.values():
                if field.kind in CACHE:
                    found[field.last] = (*found.get(field.last, ()), table)
        return found


@lru_cache(maxsize=1)
def load() -> UsageKnowledge:
    """The tables of `usage.toml`. Raises KnowledgeError."""
    text = files("auditor.knowledge").joinpath("usage.toml").read_text("utf-8")
    root = Table(tomllib.loads(text), "usage.toml")
    sources = root.sub("sources").data
    tables = {table.name: table for table in (_table(row, sources) for row in root.each("usage"))}
    carriers, names, instruments = root.sub("carriers"), root.sub("names"), root.sub("instruments")
    within = carriers.sub("within")
    listed = {name: kind for kind in Counted if kind.value in names for name in names.texts(kind.value)}
    knowledge = UsageKnowledge(
        MappingProxyType(tables),
        frozenset(carriers.texts("usage")),
        frozenset(carriers.texts("answers")),
        frozenset(carriers.texts("dumps")),
        frozenset(carriers.texts("metadata")),
        MappingProxyType({key: within.text(key) for key in within.data}),
        frozenset(carriers.texts("silent")),
        MappingProxyType(listed),
        instruments.texts("modules"),
        frozenset(instruments.texts("switches")),
        instruments.texts("traced"),
        frozenset(instruments.texts("retriers")),
    )
    for part in (root, carriers, within, names, instruments):
        part.finish()
    return knowledge


def _table(row: Table, sources: Mapping[str, object]) -> UsageTable:
    nested = row.sub("nested")
    table = UsageTable(
        row.text("name"),
        row.texts("apis"),
        row.text("provider"),
        frozenset(row.texts("types")),
        row.flag("includes_cached"),
        row.flag("reports_writes"),
        MappingProxyType({name: Nullable(nested.text(name)) for name in nested.data}),
        MappingProxyType({name: _field(name, field) for name, field in row.subs("fields")}),
        row.cited(sources),
        row.texts("raw", ()),
    )
    row.finish()
    return table


def _field(name: str, row: Table) -> Field:
    field = Field(name, Counted(row.text("kind")), Nullable(row.text("nullable", "")), row.text("ttl", ""))
    row.finish()
    return field
