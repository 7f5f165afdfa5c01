"""All that a rule needs, and all that it may import: the contract for built-in rules and for users' own.

A rule is a class with `meta`, a docstring with the fixed headings, `bad` and `good` examples, and one of the hooks of `Rule`.
It reads requests and what the simulated cache did with them, never source text.
"""

from __future__ import annotations

from auditor.cache.outcome import (
    ZERO,
    Breakpoint,
    Certainty,
    Divergence,
    Rejection,
    Simulation,
    TokenCount,
    Verdict,
)
from auditor.findings import Applicability, Confidence, Edit, Effort, Finding, Fix, Saving, Severity
from auditor.knowledge.usage import Counted
from auditor.llm.request import Block, CallSite, Kind, Marker, Repetition, Replay, Request, Section
from auditor.places import Place, Step
from auditor.rulekit.costs import Costing, Fault, faults, overwritten
from auditor.rulekit.hit_rates import HitRate, misleading
from auditor.rulekit.impact import INCIDENTAL, Impact, grave, impact, loss_in_words, marker_should_move
from auditor.rulekit.losses import after, against, before, scaled, total
from auditor.rulekit.meta import Category, Example, FixAvailability, RuleMeta, Status
from auditor.rulekit.monitoring import Cached, cached, watched
from auditor.rulekit.rule import Rule, confidence_of
from auditor.rulekit.views import (
    GROWING_CAUSES,
    ORDER_CAUSES,
    ProjectView,
    ReplayView,
    SiteView,
    Spot,
    describe,
    minimum_in_words,
    tokens_in_words,
)
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason
from auditor.values.text import Hole, Literal, Text

__all__ = [
    "GROWING_CAUSES",
    "INCIDENTAL",
    "ORDER_CAUSES",
    "ZERO",
    "Applicability",
    "Block",
    "Breakpoint",
    "Cached",
    "CallSite",
    "Category",
    "Cause",
    "Certainty",
    "Confidence",
    "Costing",
    "Counted",
    "Divergence",
    "Edit",
    "Effort",
    "Evidence",
    "Example",
    "Fault",
    "Finding",
    "Fix",
    "FixAvailability",
    "HitRate",
    "Hole",
    "Impact",
    "Kind",
    "Lifetime",
    "Literal",
    "Marker",
    "Place",
    "ProjectView",
    "Reason",
    "Rejection",
    "Repetition",
    "Replay",
    "ReplayView",
    "Request",
    "Rule",
    "RuleMeta",
    "Saving",
    "Section",
    "Severity",
    "Simulation",
    "SiteView",
    "Spot",
    "Status",
    "Step",
    "Text",
    "TokenCount",
    "Verdict",
    "after",
    "against",
    "before",
    "cached",
    "confidence_of",
    "describe",
    "faults",
    "grave",
    "impact",
    "loss_in_words",
    "marker_should_move",
    "minimum_in_words",
    "misleading",
    "overwritten",
    "scaled",
    "tokens_in_words",
    "total",
    "watched",
]
