"""The action plan: findings of one cause become one action, the most rewarding first. Knows findings; no formats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from auditor.findings import Effort, Finding, Saving, Severity
from auditor.places import Place

_EFFORTS = (Effort.LOW, Effort.MEDIUM, Effort.HIGH)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `findings` are those that it mends, the gravest first; `effort` is that of the hardest of them."""

    text: str
    severity: Severity
    effort: Effort
    context: str
    findings: tuple[Finding, ...]
    saving: Saving | None


def plan(findings: Iterable[Finding]) -> tuple[Action, ...]:
    """Actions by severity, then saving, then least effort, then place."""
    actions = [_action(group) for group in _groups(tuple(findings))]
    return tuple(sorted(actions, key=_urgency))


def _urgency(action: Action) -> tuple[int, float, int, int, Place, str]:
    saving = action.saving
    return (
        -action.severity,
        -saving.usd_per_1000 if saving else 0.0,
        -saving.tokens_per_request if saving else 0,
        _EFFORTS.index(action.effort),
        action.findings[0].place,
        action.text,
    )


def _groups(findings: tuple[Finding, ...]) -> list[list[Finding]]:
    """Findings that share a cause, directly or through a third one."""
    parent = list(range(len(findings)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[Hashable, int] = {}
    for index, finding in enumerate(findings):
        for cause in _causes(finding):
            parent[root(index)] = root(first.setdefault(cause, index))
    groups: defaultdict[int, list[Finding]] = defaultdict(list)
    for index, finding in enumerate(findings):
        groups[root(index)].append(finding)
    return list(groups.values())


def _causes(finding: Finding) -> Iterator[Hashable]:
    """What two findings must share to be mended at one stroke: the same defect of one subject in one file, the same defect
    at one place, or the same advice at one place."""
    place = (finding.place.path, finding.place.line, finding.place.column)
    if finding.subject:
        yield "subject", finding.code, finding.subject, finding.place.path
    yield "code", finding.code, place
    yield "advice", finding.recommendation, place


def _action(group: list[Finding]) -> Action:
    ordered = sorted(group, key=lambda finding: (-finding.severity, finding.place, finding.code))
    lead = ordered[0]
    return Action(
        lead.recommendation,
        lead.severity,
        max((finding.effort for finding in ordered), key=_EFFORTS.index),
        _context(ordered),
        tuple(ordered),
        _saving(ordered),
    )


def _context(findings: list[Finding]) -> str:
    codes = dict.fromkeys(f"{finding.code} {finding.name}" for finding in findings)
    places = dict.fromkeys(f"{finding.place.path}:{finding.place.line}" for finding in findings)
    sites = {site for finding in findings for site in finding.call_sites}
    parts = [", ".join(codes), ", ".join(places)]
    if sites:
        parts.append(f"{len(sites)} call site{'s' if len(sites) > 1 else ''}")
    return " · ".join(parts)


def _saving(findings: list[Finding]) -> Saving | None:
    """The sum over call sites. Findings of one site compete for the same tokens, so that there only the largest counts."""
    best: dict[str, Saving] = {}
    for finding in findings:
        if finding.saving is None:
            continue
        site = finding.call_sites[0] if finding.call_sites else ""
        if site not in best or finding.saving.usd_per_1000 > best[site].usd_per_1000:
            best[site] = finding.saving
    if not best:
        return None
    return Saving(
        round(sum(saving.usd_per_1000 for saving in best.values()), 6),
        sum(saving.tokens_per_request for saving in best.values()),
        "; ".join(dict.fromkeys(saving.assumptions for saving in best.values() if saving.assumptions)),
    )
