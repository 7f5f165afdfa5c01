"""Known findings that a run leaves out: read and written as JSON, matched by fingerprint.

Does not know settings; writing to disk is the caller's business.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from auditor.findings import Finding

VERSION = 1


class BaselineError(Exception):
    """The baseline cannot be read; the message names the file and why."""


def load(path: Path) -> frozenset[str]:
    """The fingerprints of a baseline file. Raises BaselineError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BaselineError(f"{path}: cannot read the baseline: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise BaselineError(f"{path}: the baseline is not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise BaselineError(f"{path}:{error.lineno}:{error.colno}: the baseline is not JSON: {error.msg}") from error
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(data.get("findings"), list):
        raise BaselineError(f"{path}: not a baseline of version {VERSION}; write a new one with --write-baseline")
    prints = [entry.get("fingerprint") for entry in data["findings"] if isinstance(entry, dict)]
    if len(prints) != len(data["findings"]) or not all(isinstance(value, str) for value in prints):
        raise BaselineError(f"{path}: every finding of a baseline needs a fingerprint")
    return frozenset(str(value) for value in prints)


def dump(findings: Iterable[Finding]) -> str:
    """The text of a baseline with these findings, sorted so that it diffs well."""
    entries = sorted(
        ({"path": f.place.path, "code": f.code, "message": f.message, "fingerprint": f.fingerprint} for f in findings),
        key=lambda entry: (entry["path"], entry["code"], entry["fingerprint"]),
    )
    return json.dumps({"version": VERSION, "findings": entries}, indent=2, ensure_ascii=False) + "\n"
