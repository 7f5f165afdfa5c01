"""How a run ends: exit codes from an audit's result. Knows no output."""

from __future__ import annotations

from auditor.config.settings import GRADES, Settings
from auditor.engine.result import AuditResult
from auditor.findings import Severity

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_INTERNAL = 3


def exit_code(result: AuditResult, settings: Settings, grade: str | None) -> int:
    """The worst that is to be said: an internal error before findings. A grade that was withheld fails nothing."""
    if any(problem.internal for problem in result.problems):
        return EXIT_INTERNAL
    if settings.strict and result.files_unreadable:
        return EXIT_INTERNAL
    if settings.fail_on != "never":
        threshold = Severity[settings.fail_on.upper()]
        if any(finding.severity >= threshold for finding in result.findings):
            return EXIT_FINDINGS
    if settings.min_grade is not None and grade in GRADES and GRADES.index(grade) > GRADES.index(settings.min_grade):
        return EXIT_FINDINGS
    return EXIT_CLEAN
