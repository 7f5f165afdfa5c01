"""One defect, one finding: joins the findings of one cause, and caps those that only tests and examples have.

Knows findings. Does not know rules or files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from auditor.findings import Finding, Severity


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """Findings with one code, place and subject become one: the gravest speaks, with all call sites, its own first.

    Call sites at which next to nothing is lost have a finding of low severity of their own: a grave one is not true of them.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.code, finding.place, finding.subject), []).append(finding)
    return sorted((joined for group in groups.values() for joined in _joined_by_gravity(group)), key=_order)


def _joined_by_gravity(group: list[Finding]) -> Iterator[Finding]:
    grave = [finding for finding in group if finding.severity > Severity.LOW]
    affected = {site for finding in grave for site in finding.call_sites}
    little = [finding for finding in group if finding.severity <= Severity.LOW and affected.isdisjoint(finding.call_sites)]
    if grave:
        yield _joined(grave)
    if little and (not grave or all(finding.call_sites for finding in group)):
        yield _joined(little)


def _joined(group: list[Finding]) -> Finding:
    # Ties are broken by the text, so that the order of visiting decides nothing.
    ranked = sorted(group, key=lambda f: (-f.severity, -f.confidence, f.call_sites, f.message))
    main = ranked[0]
    # The first call site speaks for the finding; the others follow in reading order.
    others = sorted({site for finding in ranked for site in finding.call_sites} - set(main.call_sites[:1]), key=_site_order)
    confidence = max(finding.confidence for finding in ranked)
    return replace(main, call_sites=(*main.call_sites[:1], *others), confidence=confidence)


def _site_order(site: str) -> tuple[str, int, int]:
    path, line, column = site.rsplit(":", 2)
    return path, int(line), int(column)


def _order(finding: Finding) -> tuple[object, ...]:
    place = finding.place
    return place.path, place.line, place.column, finding.code, finding.subject, -finding.severity


def cap(findings: Iterable[Finding], contexts: Mapping[str, str], caps: Mapping[str, Severity]) -> list[Finding]:
    """Lowers findings all of whose call sites stand in capped contexts. `contexts` maps call-site ids to contexts."""
    result = []
    for finding in findings:
        limits = [caps.get(contexts.get(site, "app"), Severity.CRITICAL) for site in finding.call_sites]
        limit = max(limits, default=Severity.CRITICAL)
        result.append(replace(finding, severity=limit) if finding.severity > limit else finding)
    return result
