"""One line a finding: `path:line:column: CODE [severity/confidence] message`. For editors, grep and diffs."""

from __future__ import annotations

from auditor.reporting import wording
from auditor.reporting.characters import one_line
from auditor.reporting.options import Options
from auditor.reporting.schema import Document


def render(document: Document, options: Options) -> str:
    """Findings, then errors; nothing else, not even a summary."""
    lines = [
        f"{finding['path']}:{finding['line']}:{finding['column']}: {finding['code']} "
        f"[{finding['severity']}/{finding['confidence']}] {finding['message']}"
        for finding in document["findings"]
    ]
    lines += [f"{wording.place_of_error(error)}: error: {error['message']}" for error in document["errors"]]
    return "".join(one_line(line) + "\n" for line in lines)
