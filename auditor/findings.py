"""What a rule says: finding, severity, confidence, fix. Knows places and steps; does not know rules or formats."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from auditor.places import Place, Step


class Severity(IntEnum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        return self.name.lower()


class Confidence(IntEnum):
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def label(self) -> str:
        return self.name.lower()


class Effort(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Applicability(StrEnum):
    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the span by the text. Spans are those of `Place`, end exclusive in columns."""

    place: Place
    replacement: str


@dataclass(frozen=True, slots=True)
class Fix:
    applicability: Applicability
    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Saving:
    """Money per 1,000 requests in US dollars, with the assumptions in words."""

    usd_per_1000: float
    tokens_per_request: int
    assumptions: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect, reported once, where it is mended. `call_sites` are ids, the main one first.

    `subject` is the stable part of the fingerprint: what is wrong, free of line numbers (an expression, a marker's block).
    """

    code: str
    name: str
    category: str
    severity: Severity
    confidence: Confidence
    message: str
    recommendation: str
    effort: Effort
    place: Place
    call_sites: tuple[str, ...] = ()
    trace: tuple[Step, ...] = ()
    saving: Saving | None = None
    fix: Fix | None = None
    subject: str = ""
    fingerprint: str = ""
