"""GitLab's code quality report: a JSON list of issues with fingerprints that are unique within the report."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

from auditor.reporting.characters import one_line
from auditor.reporting.options import Options
from auditor.reporting.schema import Document

_SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor"}


def render(document: Document, options: Options) -> str:
    """Findings as issues; errors as issues of severity `info`, so that a file that was not read does not look clean."""
    seen: Counter[str] = Counter()
    issues = []
    for finding in document["findings"]:
        key = finding["fingerprint"] or f"{finding['code']}:{finding['path']}:{finding['line']}:{finding['message']}"
        issues.append(
            {
                "description": one_line(f"{finding['code']} {finding['name']}: {finding['message']}"),
                "check_name": finding["code"],
                "fingerprint": _unique(key, seen),
                "severity": _SEVERITIES[finding["severity"]],
                "location": {
                    "path": finding["path"],
                    "lines": {"begin": max(1, finding["line"]), "end": max(1, finding["end_line"])},
                },
            }
        )
    for error in document["errors"]:
        issues.append(
            {
                "description": one_line(error["message"]),
                "check_name": "cache-audit-error",
                "fingerprint": _unique(f"error:{error['path']}:{error['message']}", seen),
                "severity": "info",
                "location": {"path": error["path"] or ".", "lines": {"begin": max(1, error["line"])}},
            }
        )
    return json.dumps(issues, indent=2) + "\n"


def _unique(key: str, seen: Counter[str]) -> str:
    seen[key] += 1
    return hashlib.sha256(f"{key}#{seen[key]}".encode("utf-8", "backslashreplace")).hexdigest()[:32]
