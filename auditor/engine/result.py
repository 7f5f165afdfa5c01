"""The outcome of one audit: all that reports are made of. Knows no formats and no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.cache.groups import PrefixGroup
from auditor.cache.outcome import Simulation
from auditor.findings import Finding
from auditor.llm.request import SiteReplays
from auditor.problems import Problem
from auditor.rulekit.readiness import Item
from auditor.values.lifetime import Reason

__all__ = ["AuditResult", "Problem", "SiteResult"]


@dataclass(frozen=True, slots=True)
class SiteResult:
    """A call site, its variants, and what the cache does with each (`simulations` aligned with `replays.replays`).

    `switches` are aligned with `replays.switches`.
    """

    replays: SiteReplays
    simulations: tuple[Simulation, ...]
    switches: tuple[Simulation, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditResult:
    """Everything that an audit found. Tuples are sorted by place, so that equal inputs give equal results.

    `root` is what paths are relative to. `unknown` counts the reasons of unknown values over all call sites; `limits` counts the
    limits that were reached, by name.
    """

    root: str
    sites: tuple[SiteResult, ...]
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...] = ()
    baselined: tuple[Finding, ...] = ()
    hidden: tuple[Finding, ...] = ()  # below --min-severity / --min-confidence or not selected by them
    problems: tuple[Problem, ...] = ()
    files_scanned: int = 0
    files_analyzed: int = 0
    files_unreadable: int = 0
    prompt_files: int = 0
    unknown: Mapping[Reason, int] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    prefix_groups: tuple[PrefixGroup, ...] = ()
    checklist: tuple[Item, ...] = ()
    documents: tuple[SiteResult, ...] = ()  # prompts that stand alone, as if they were sent
