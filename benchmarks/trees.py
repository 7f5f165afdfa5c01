"""Compares two versions of the tool on one tree: what they report, processor time, peak memory.

Usage: `python benchmarks/trees.py TREE OTHER_CHECKOUT [--runs N]`. This checkout and the other one run alternately, so that both
see the same machine, and the best run of each counts: a busy machine only ever takes longer. Where the JSON reports differ apart
from their date, that is said first. Knows processes and clocks; does not look at what the reports say.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = {0, 1}  # findings are no failure
KIB_PER_RSS = 1 if sys.platform == "linux" else 1 / 1024  # ru_maxrss counts bytes on macOS


def run(checkout: Path, tree: Path) -> tuple[object, float, float]:
    """The report of one check, its seconds of processor time, its peak memory in MiB."""
    with tempfile.TemporaryFile() as report:
        child = os.fork()
        if not child:
            os.dup2(report.fileno(), 1)
            os.chdir(tree)
            environment = {**os.environ, "PYTHONPATH": str(checkout)}
            command = [sys.executable, "-P", "-m", "auditor", "check", ".", "--format", "json"]
            os.execve(command[0], command, environment)  # noqa: S606
        _, status, usage = os.wait4(child, 0)
        if os.waitstatus_to_exitcode(status) not in ACCEPTED:
            sys.exit(f"{checkout}: exit code {os.waitstatus_to_exitcode(status)}")
        report.seek(0)
        found = json.load(report)
    del found["generated_at"]
    return found, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KIB_PER_RSS / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("other", type=Path, help="a checkout of another version")
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    runs = [[run(checkout, options.tree) for checkout in (options.other, ROOT)] for _ in range(options.runs)]
    before, after = zip(*runs, strict=True)
    print("the reports are the same" if before[0][0] == after[0][0] else "the reports DIFFER")
    for name, index, unit in (("processor", 1, "s"), ("peak memory", 2, "MiB")):
        old, new = (min(float(str(one[index])) for one in side) for side in (before, after))
        print(f"{name}: {old:.1f} {unit} before, {new:.1f} {unit} after, {new / old:.2f} of it")


if __name__ == "__main__":
    main()
