"""What the simulated cache did: the vocabulary between simulator, rules and reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.knowledge.facts import ModelFacts
from auditor.llm.request import Marker, Replay
from auditor.values.lifetime import Lifetime
from auditor.values.text import Hole, Piece


@dataclass(frozen=True, slots=True)
class TokenCount:
    """An interval of tokens: certainly at least `low`, most likely `estimate`, certainly at most `high` (None: unbounded)."""

    low: int
    estimate: int
    high: int | None
    method: str = "ratio"  # "exact", "o200k", "ctok", "ratio", "bytes", "api"

    def __add__(self, other: TokenCount) -> TokenCount:
        high = None if self.high is None or other.high is None else self.high + other.high
        return TokenCount(self.low + other.low, self.estimate + other.estimate, high, other.method)


ZERO = TokenCount(0, 0, 0, "exact")

UNTOLD_MINIMUM = 1_024
"""Tokens taken for a model's minimum where no source tells one: as many as most providers ask for."""


class Certainty(StrEnum):
    """Where an interval stands against a threshold."""

    BELOW = "below"
    NEAR = "near"
    ABOVE = "above"


class Verdict(StrEnum):
    """What became of one breakpoint over the replay."""

    EFFECTIVE = "effective"  # a later request reads what it wrote
    BELOW_MINIMUM = "below minimum"
    NEAR_MINIMUM = "near minimum"
    NEVER_READ = "never read"  # written each time, never read
    EXPIRED = "expired"  # read by nobody because every next request comes too late
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """One breakpoint of the first request: block index, its whole prefix in tokens, and its fate."""

    block: int
    marker: Marker
    tokens: TokenCount
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first place where a request differs from the one before it.

    `block` counts in the later request. `hole` is the hole that differs (None where literal text, a whole block, a parameter or
    an order does). `certain` is False where a hole of unknown lifetime stands there: it may be the same. `lost` counts the
    tokens behind it that both requests share: what the cache could have served. `lost_static` counts those of them that are
    tools, system or fixed message text of the source, without grown history.
    """

    request: int
    block: int
    piece: int
    hole: Hole | None
    before: Piece | None
    after: Piece | None
    certain: bool
    lifetime: Lifetime
    lost: TokenCount
    lost_static: TokenCount
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Billing:
    """Tokens of one request by what they cost."""

    read: TokenCount
    written: TokenCount
    uncached: TokenCount


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why the API answers 400. `code` is the rule's subject: "too-many-breakpoints", "ttl-order", "marker-place",
    "marker-value", "empty-text", "thinking", "deferred-tool", "automatic-conflict", "unsupported-option", "cached-content".
    `option` names the option where it is one."""

    code: str
    message: str
    block: int | None
    marker: Marker | None = None
    request: int = 0
    option: str = ""


@dataclass(frozen=True, slots=True)
class Simulation:
    """The cache over one replay.

    `minimum` is the (low, high) band of the model's minimum prefix in tokens: wider than a point where sources or possible
    models disagree, None where the model's provider has none or it is not known. `prefix_tokens[i]` counts block i of the
    first request. `cacheable` counts the stable prefix of the first request: everything up to the first certain divergence
    (or the end of what repeats); its low bound ends at the first uncertain one. `facts` are those of the first request's model.
    `billing` is aligned with the requests, a rejected one costing nothing; uncertain differences are taken to be none there.
    `enabled` says whether caching is switched on at all (markers, automatic, implicit).
    """

    replay: Replay
    minimum: tuple[int, int] | None
    prefix_tokens: tuple[TokenCount, ...]
    cacheable: TokenCount
    breakpoints: tuple[Breakpoint, ...]
    divergences: tuple[Divergence, ...]
    billing: tuple[Billing, ...]
    rejections: tuple[Rejection, ...]
    enabled: bool
    implicit: bool
    facts: ModelFacts | None = None
