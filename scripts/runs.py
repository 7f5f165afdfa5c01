"""Runs of the tool over trees of real code: in processes of their own, side by side, each within a time limit.

Knows processes, clocks and the tool's JSON report. Does not know what the trees are for: `corpus.py` and `ecosystem.py` do.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
ACCEPTED = {0, 1}  # findings are no failure
KIB_PER_RSS = 1 if sys.platform == "linux" else 1 / 1024  # ru_maxrss counts bytes on macOS

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One tree: the report, or why there is none; seconds of wall and processor time; peak memory in MiB."""

    name: str
    report: Report | None
    error: str
    seconds: float
    processor: float
    mebibytes: float

    @property
    def costs(self) -> dict[str, Any]:
        return {
            "seconds": round(self.seconds, 1),
            "processor": round(self.processor, 1),
            "mebibytes": round(self.mebibytes),
            "error": self.error,
        }


def over(
    trees: Mapping[str, Path], tool: Path, *, jobs: int, limit: float, tell: Callable[[Run], None] = lambda run: None
) -> list[Run]:
    """Runs the checkout `tool` over every tree, `jobs` at a time; in the order of names whatever ends first."""

    def one(name: str) -> Run:
        run = measure(name, trees[name], tool, limit)
        tell(run)
        return run

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(one, sorted(trees)))


def measure(name: str, tree: Path, tool: Path, limit: float) -> Run:
    """One run. Findings of low confidence are left out, as by default."""
    command = [sys.executable, "-m", "auditor", "check", ".", "--format", "json", "--no-cache", "--fail-on", "never"]
    environment = {**os.environ, "PYTHONPATH": str(tool.resolve())}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        process = subprocess.Popen(command, cwd=tree, env=environment, stdout=out, stderr=err, start_new_session=True)
        status, usage = _ended(process.pid, start + limit)
        seconds = time.monotonic() - start
        code = process.returncode = os.waitstatus_to_exitcode(status)
        report, error = None, ""
        if code in ACCEPTED:
            out.seek(0)
            report = json.load(out)
        else:
            err.seek(0)
            last = err.read()[-400:].decode("utf-8", "replace").strip()
            error = f"no end within {limit:.0f} s" if seconds >= limit else f"exit code {code}: {last}"
    return Run(name, report, error, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KIB_PER_RSS / 1024)


def _ended(pid: int, deadline: float) -> tuple[int, Any]:
    """Status and resources of a child, which is stopped with all that it started where it does not end in time."""
    while time.monotonic() < deadline:
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if found:
            return status, usage
        time.sleep(0.05)
    os.killpg(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    return status, usage


def progress(run: Run) -> None:
    """A line on stderr for a run that ended."""
    sites = run.report["summary"]["call_sites"] if run.report is not None else "-"
    print(f"{run.name}: {run.seconds:.1f} s, {run.mebibytes:.0f} MiB, {sites} call sites {run.error}", file=sys.stderr)


def findings(run: Run) -> list[str]:
    """The findings as lines that two runs can be compared by: tree, place, rule, severity."""
    found = run.report["findings"] if run.report is not None else []
    return sorted(f"{run.name}/{one['path']}:{one['line']} {one['code']} {one['name']} [{one['severity']}]" for one in found)


# Two runs


def compared(before: Iterable[str], after: Iterable[str], title: str) -> list[str]:
    """What is gone and what is new, as lines with `-` and `+`."""
    old, new = list(before), list(after)
    gone, added = _surplus(old, new), _surplus(new, old)
    if not gone and not added:
        return []
    changes = sorted([*((line, "-") for line in gone), *((line, "+") for line in added)])
    return [f"{title}: {len(gone)} gone, {len(added)} new", *(f"  {sign} {line}" for line, sign in changes)]


def _surplus(these: list[str], those: list[str]) -> list[str]:
    """Lines that `these` have and `those` have not, as often as they have them more."""
    rest = list(those)
    out = []
    for line in these:
        if line in rest:
            rest.remove(line)
        else:
            out.append(line)
    return out


def slower(before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Trees whose processor time or memory changed by more than a third, and those that failed or no longer do."""
    lines = []
    for name in sorted(before.keys() & after.keys()):
        old, new = before[name], after[name]
        for what, least in (("processor", 2.0), ("mebibytes", 100)):
            a, b = float(old[what]), float(new[what])
            if max(a, b) > least and max(a, b) > 4 / 3 * min(a, b):
                lines.append(f"  {name}: {what} {a:g} -> {b:g}")
        if bool(old["error"]) != bool(new["error"]):
            lines.append(f"  {name}: {old['error'] or 'no error'} -> {new['error'] or 'no error'}")
    lines.extend(f"  {name}: only in one of the runs" for name in sorted(before.keys() ^ after.keys()))
    return ["costs:", *lines] if lines else []


def table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows with columns of equal width: the first to the left, numbers to the right."""
    cells = list(rows)
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        ).rstrip()
        for row in cells
    ]


def share(found: int, of: int) -> str:
    return f"{found}/{of} ({found / of:.0%})" if of else "-"
