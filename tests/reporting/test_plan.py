"""Actions: what is grouped, what is added up, what comes first."""

from __future__ import annotations

from auditor.findings import Confidence, Effort, Finding, Saving, Severity
from auditor.places import Place
from auditor.reporting.plan import plan


def finding(
    code: str,
    line: int,
    *,
    path: str = "a.py",
    severity: Severity = Severity.HIGH,
    advice: str = "",
    effort: Effort = Effort.LOW,
    usd: float | None = None,
    site: str = "s:1:1",
    subject: str = "",
) -> Finding:
    saving = None if usd is None else Saving(usd, int(usd * 100), "steady traffic")
    return Finding(
        code, code.lower(), "c", severity, Confidence.HIGH, "m", advice or f"{code} {path} {line}", effort, Place(path, line),
        (site,), (), saving, None, subject, f"{code}-{path}-{line}-{site}",
    )  # fmt: skip


def groups(*findings: Finding) -> list[set[str]]:
    return [{finding.fingerprint for finding in action.findings} for action in plan(findings)]


def test_same_subject_in_one_file_is_one_action_and_in_two_files_two() -> None:
    assert len(groups(finding("CA101", 1, subject="now()"), finding("CA101", 9, subject="now()"))) == 1
    assert len(groups(finding("CA101", 1, subject="now()"), finding("CA101", 9, subject="now()", path="b.py"))) == 2
    assert len(groups(finding("CA101", 1, subject="now()"), finding("CA302", 9, subject="now()"))) == 2


def test_same_advice_at_one_place_is_one_action() -> None:
    assert len(groups(finding("CA101", 1, advice="Move it."), finding("CA302", 1, advice="Move it."))) == 1
    assert len(groups(finding("CA101", 1, advice="Move it."), finding("CA302", 2, advice="Move it."))) == 2
    assert len(groups(finding("CA101", 1, advice="Move it."), finding("CA302", 1, advice="Drop it."))) == 2


def test_groups_join_through_a_third_finding() -> None:
    chain = (
        finding("CA302", 1, advice="Move it."),
        finding("CA101", 9, subject="now()"),
        finding("CA101", 1, advice="Move it.", subject="now()"),
    )
    assert len(groups(*chain)) == 1


def test_order_is_severity_then_saving_then_effort() -> None:
    actions = plan(
        (
            finding("CA1", 1, severity=Severity.LOW, usd=99),
            finding("CA2", 2, effort=Effort.HIGH),
            finding("CA3", 3, effort=Effort.LOW),
            finding("CA4", 4, usd=1),
            finding("CA5", 5, usd=7, effort=Effort.HIGH),
            finding("CA6", 6, severity=Severity.CRITICAL),
        )
    )
    assert [action.findings[0].code for action in actions] == ["CA6", "CA5", "CA4", "CA3", "CA2", "CA1"]


def test_savings_add_over_call_sites_but_not_within_one() -> None:
    same = (finding("CA101", 1, usd=5, subject="x"), finding("CA101", 2, usd=3, subject="x"))
    (action,) = plan(same)
    assert action.saving == Saving(5, 500, "steady traffic")
    (action,) = plan((*same, finding("CA101", 3, usd=2, subject="x", site="t:1:1", effort=Effort.MEDIUM)))
    assert action.saving == Saving(7, 700, "steady traffic")
    assert action.effort is Effort.MEDIUM
