"""Runs the rules over the project, and the checklist. A rule that raises costs its own findings only, and is told of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.findings import Finding
from auditor.problems import Problem, internal
from auditor.rulekit import readiness
from auditor.rulekit.project_views import ProjectView
from auditor.rulekit.rule import Rule


def run(rules: Iterable[Rule], project: ProjectView) -> tuple[list[Finding], list[Problem]]:
    """All findings of all rules, unmerged, and one internal problem for each rule that failed."""
    findings: list[Finding] = []
    problems: list[Problem] = []
    for rule in rules:
        try:
            findings.extend(list(rule.check_project(project)))
        except Exception as error:  # noqa: BLE001 — whatever a rule does wrong, the other rules' findings are still true
            problems.append(internal(f"rule {rule.meta.code} ({rule.meta.name})", error))
    return findings, problems


def checklist(
    project: ProjectView, findings: Sequence[Finding], skipped: frozenset[str]
) -> tuple[tuple[readiness.Item, ...], list[Problem]]:
    """The production checklist, empty with a problem where it failed."""
    try:
        return readiness.checklist(project, findings, skipped), []
    except Exception as error:  # noqa: BLE001 — the findings are true without it
        return (), [internal("the production checklist", error)]
