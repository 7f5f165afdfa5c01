"""All that a rule needs, and all that it may import: the contract for built-in rules and for users' own.

A rule is a class with `meta`, a docstring with the fixed headings, `bad` and `good` examples, and one of the hooks of `Rule`.
It reads requests and what the simulated cache did with them, never source text.
"""

from __future__ import annotations

from auditor.accounting.facts import Addition
from auditor.cache.outcome import (
    UNTOLD_MINIMUM,
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
from auditor.knowledge.facts import Mode, ModelFacts
from auditor.knowledge.usage import Counted, Nullable
from auditor.llm.request import Block, CallSite, ExplicitCache, Kind, Marker, Repetition, Replay, Request, Section, Switch
from auditor.places import Place, Step
from auditor.rulekit.arrivals import arriving, counts
from auditor.rulekit.costs import Costing, Fault, faults, overwritten
from auditor.rulekit.exposure import Exposure, Matter, exposures
from auditor.rulekit.hit_rates import HitRate, misleading
from auditor.rulekit.impact import INCIDENTAL, Impact, grave, impact, loss_in_words, marker_should_move
from auditor.rulekit.keys import few, of_messages, used_at
from auditor.rulekit.losses import after, against, before, scaled, total
from auditor.rulekit.markers import put_at
from auditor.rulekit.meta import Category, Example, FixAvailability, RuleMeta, Status
from auditor.rulekit.monitoring import Cached, cached, watched
from auditor.rulekit.nullable import nullable_additions, reports
from auditor.rulekit.prefixes import difference, is_history, shares
from auditor.rulekit.project_views import ProjectView, SiteView, SwitchView
from auditor.rulekit.readiness import Answer, Item, operations
from auditor.rulekit.rounds import short_loop
from auditor.rulekit.rule import Rule, confidence_of
from auditor.rulekit.sections import each_users_own, itself
from auditor.rulekit.sharing import Shared, shared_behind
from auditor.rulekit.spots import GROWING_CAUSES, ORDER_CAUSES, Spot
from auditor.rulekit.turns import (
    Turn,
    about_the_message,
    confidence_of_switch,
    follows,
    gravity,
    keeps_history,
    kind_of,
    measures,
    messages,
    turns,
    turns_of,
)
from auditor.rulekit.views import ReplayView, within
from auditor.rulekit.windows import answered_by_tools, late, little, much, soon_full
from auditor.rulekit.wording import describe, minimum_in_words, tokens_in_words
from auditor.values.join import MANY
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason
from auditor.values.moment import Gap, in_words, seconds_of
from auditor.values.text import COARSE, Condition, Hole, Literal, Text

__all__ = [
    "COARSE",
    "GROWING_CAUSES",
    "INCIDENTAL",
    "MANY",
    "ORDER_CAUSES",
    "UNTOLD_MINIMUM",
    "ZERO",
    "Addition",
    "Answer",
    "Applicability",
    "Block",
    "Breakpoint",
    "Cached",
    "CallSite",
    "Category",
    "Cause",
    "Certainty",
    "Condition",
    "Confidence",
    "Costing",
    "Counted",
    "Divergence",
    "Edit",
    "Effort",
    "Evidence",
    "Example",
    "ExplicitCache",
    "Exposure",
    "Fault",
    "Finding",
    "Fix",
    "FixAvailability",
    "Gap",
    "HitRate",
    "Hole",
    "Impact",
    "Item",
    "Kind",
    "Lifetime",
    "Literal",
    "Marker",
    "Matter",
    "Mode",
    "ModelFacts",
    "Nullable",
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
    "Shared",
    "Simulation",
    "SiteView",
    "Spot",
    "Status",
    "Step",
    "Switch",
    "SwitchView",
    "Text",
    "TokenCount",
    "Turn",
    "Verdict",
    "about_the_message",
    "after",
    "against",
    "answered_by_tools",
    "arriving",
    "before",
    "cached",
    "confidence_of",
    "confidence_of_switch",
    "counts",
    "describe",
    "difference",
    "each_users_own",
    "exposures",
    "faults",
    "few",
    "follows",
    "grave",
    "gravity",
    "impact",
    "in_words",
    "is_history",
    "itself",
    "keeps_history",
    "kind_of",
    "late",
    "little",
    "loss_in_words",
    "marker_should_move",
    "measures",
    "messages",
    "minimum_in_words",
    "misleading",
    "much",
    "nullable_additions",
    "of_messages",
    "operations",
    "overwritten",
    "put_at",
    "reports",
    "scaled",
    "seconds_of",
    "shared_behind",
    "shares",
    "short_loop",
    "soon_full",
    "tokens_in_words",
    "total",
    "turns",
    "turns_of",
    "used_at",
    "watched",
    "within",
]
