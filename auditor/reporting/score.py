"""Score and grade of call sites and of a project. Pure arithmetic over an AuditResult; knows no formats.

Call site: 100 minus the weights of its findings, not below 0. A finding that names several call sites counts at each.

Caps: an open critical finding allows no more than 69 (D), a high one no more than 89 (B), to its call sites and to the project.
A cache that never hits is no A, however many other call sites work: what is critical was already measured by what is lost.

Project: the mean over the resolved call sites, minus the weights of the findings that belong to no graded call site (those of
the project itself, and those of sites that could not be graded: they must not vanish with their site). The mean is weighted
by tokens: what a site caches plus what its first divergence keeps from the cache. Counting the latter too is what makes a
broken 8,000-token prompt weigh as much as a working one. No site weighs less than `WEIGHT_FLOOR`, so that a project of tiny
prompts has a mean and a finding in one of them is never worth nothing.

A call site of which nothing is known is not graded. A project without call sites, or where more than half of them are not
graded, has neither score nor grade.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from auditor.engine.result import AuditResult, SiteResult
from auditor.findings import Finding, Severity
from auditor.reporting.coverage import Resolution, representative, resolution, stable_tokens_lost

WEIGHTS: Mapping[Severity, int] = {Severity.CRITICAL: 10, Severity.HIGH: 5, Severity.MEDIUM: 2, Severity.LOW: 1}
GRADES: tuple[tuple[int, str], ...] = ((90, "A"), (80, "B"), (70, "C"), (60, "D"), (0, "F"))  # from this score on
CAPS: tuple[tuple[Severity, int], ...] = ((Severity.CRITICAL, 69), (Severity.HIGH, 89))  # the most that a finding allows
WEIGHT_FLOOR = 256  # tokens


@dataclass(frozen=True, slots=True)
class SiteScore:
    """Score from 0 to 100 and grade, both `None` where the site is not graded; `weight` in tokens."""

    score: int | None
    grade: str | None
    weight: int


@dataclass(frozen=True, slots=True)
class Score:
    """The project's score from 0 to 100, with one decimal, and its call sites' by id."""

    score: float | None
    grade: str | None
    sites: Mapping[str, SiteScore]


def score(result: AuditResult) -> Score:
    """Score and grade everything. Only open findings count: not the suppressed, baselined or hidden ones."""
    by_site: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in result.findings:
        for identity in dict.fromkeys(finding.call_sites):
            by_site[identity].append(finding)
    sites = {site.replays.site.id: _score_site(site, by_site[site.replays.site.id]) for site in result.sites}
    graded = {identity: site for identity, site in sites.items() if site.score is not None}
    if not graded or 2 * len(graded) < len(sites):
        return Score(None, None, sites)
    homeless = [finding for finding in result.findings if not any(identity in graded for identity in finding.call_sites)]
    mean = sum(site.score * site.weight for site in graded.values() if site.score is not None) / sum(
        site.weight for site in graded.values()
    )
    # A finding that is at home at a graded site has lowered that site already; its cap holds for the whole project all the same.
    points = min(mean - sum(WEIGHTS[finding.severity] for finding in homeless), cap(result.findings))
    total = round(max(0.0, points), 1)
    return Score(total, grade(total), sites)


def grade(score: float) -> str:
    """The letter for a score from 0 to 100."""
    return next(letter for least, letter in GRADES if score >= least)


def cap(findings: Iterable[Finding]) -> int:
    """The best score that such findings allow."""
    found = {finding.severity for finding in findings}
    return next((most for severity, most in CAPS if severity in found), 100)


def _score_site(site: SiteResult, findings: list[Finding]) -> SiteScore:
    weight = _weight(site)
    if resolution(site) is Resolution.NONE:
        return SiteScore(None, None, weight)
    points = max(0, min(cap(findings), 100 - sum(WEIGHTS[finding.severity] for finding in findings)))
    return SiteScore(points, grade(points), weight)


def _weight(site: SiteResult) -> int:
    simulation = representative(site)
    if simulation is None or not site.replays.site.sends:
        return WEIGHT_FLOOR
    return max(WEIGHT_FLOOR, simulation.cacheable.estimate + stable_tokens_lost(simulation).estimate)
