"""What is known of a provider and a model, as values. Knows no files and no requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

Band = tuple[int, int]  # (low, high), tokens; a point where both are equal


class Mode(StrEnum):
    """What of a request is written to the cache and read from it."""

    BREAKPOINTS = "breakpoints"  # prefixes that end at a marker
    LONGEST_PREFIX = "longest-prefix"  # whatever begins alike
    BOUNDARIES = "boundaries"  # prefixes that end at a message or at a marker
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read: a key that facts name, a title, the day of the copy."""

    key: str
    title: str
    date: date
    url: str = ""


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per million tokens; `write` by lifetime ("5m", "1h", ...), empty where writing costs what input costs."""

    input: float
    output: float
    read: float | None
    write: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Markers:
    """What the API accepts of explicit breakpoints. `maximum` is None where surplus markers are ignored."""

    types: tuple[str, ...]
    ttls: tuple[str, ...]
    default_ttl: str
    sections: frozenset[str]
    maximum: int | None = None
    longer_first: bool = False
    refused_kinds: frozenset[str] = frozenset()
    refuses_empty_text: bool = False
    refuses_deferred: bool = False
    hoists_last_nested: bool = False


@dataclass(frozen=True, slots=True)
class Caching:
    """The rules by which requests are matched. `lookback` counts positions, the breakpoint's own block being the first."""

    mode: Mode
    order: tuple[str, ...]
    automatic: bool = False
    lookback: int | None = None
    run_kinds: frozenset[str] = frozenset()
    increment: int = 1
    writes: int | None = None
    lives: Mapping[str, str] = field(default_factory=dict)  # what is cached without markers, by retention, at most


@dataclass(frozen=True, slots=True)
class Invalidation:
    """Sections lost when a request parameter changes: surely, and on some models only.

    A dot in the name leads into the parameter's value. `default` is what the parameter means where it is left out.
    """

    parameter: str
    lost: frozenset[str]
    model_specific: frozenset[str] = frozenset()
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """A request parameter of caching.

    `generation` names the rules before which it is refused, `until` those from which on it is none any more (`instead` says what
    took its place). `values` are those that the API knows, none meaning any; `refused` lists by value the models that refuse it.
    `fields` are the values of an option that is a mapping, by API ("" for all of them) and name.
    """

    name: str
    values: tuple[str, ...] = ()
    deprecated: bool = False
    generation: str = ""
    until: str = ""
    instead: str = ""
    refused: Mapping[str, frozenset[str]] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Obsolete:
    """What caching needed once. `kind` and `name` are those of a request's caching options; `removed`: using it fails."""

    kind: str
    name: str
    since: date
    removed: bool
    words: str
    advice: str


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """All that matters of one model on one surface.

    `known` is False for a model id that the tables do not have: then `minimum` spans all current models of the provider, as it
    does for a model whose own no source tells, and prices are None. `tokenizer` names a family of `auditor.cache.tokens`.
    `tool_prompt` counts the tokens that the provider adds when tools are given, with tool choice free and forced.
    `write_multipliers` and `read_multiplier` are of the input price.
    """

    provider: str
    surface: str
    id: str
    title: str
    known: bool
    caching: Caching
    markers: Markers | None
    minimum: Band | None
    prices: Prices | None
    long_prices: tuple[int, Prices] | None
    tokenizer: str
    tool_prompt: tuple[int, int | None] | None
    retired: date | None
    keeps_thinking: bool
    generation: str
    invalidation: Mapping[str, Invalidation]
    options: Mapping[str, Option]
    obsolete: Mapping[tuple[str, str], Obsolete]
    messages: Mapping[str, str]
    write_multipliers: Mapping[str, float]
    read_multiplier: float | None
    sources: tuple[str, ...] = ()
