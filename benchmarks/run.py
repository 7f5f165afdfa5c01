"""Compares the tool with ruff on one tree: wall time, start-up, peak memory.

Usage: `python benchmarks/run.py [TREE] [--runs N]`. The two run alternately, so that both see the same machine; medians are
compared. Knows processes and clocks; does not look at what they print.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = {0, 1}  # findings are no failure
KIB_PER_RSS = 1 if sys.platform == "linux" else 1 / 1024  # ru_maxrss counts bytes on macOS


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: seconds of wall time and peak memory in MiB (at least that of this small script, which Linux counts in)."""

    seconds: float
    mebibytes: float


def find(tool: str) -> str:
    """The tool beside this interpreter, else on the path. Exits when there is none."""
    beside = Path(sys.executable).parent / tool
    found = str(beside) if beside.exists() else shutil.which(tool)
    if found is None:
        sys.exit(f"{tool} is not installed")
    return found


def measure(command: list[str]) -> Sample:
    """Run once with its output thrown away. Exits when it fails otherwise than by findings."""
    quiet = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_WRONLY, 0) for descriptor in (1, 2)]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in ACCEPTED:
        sys.exit(f"{' '.join(command)} ended with {code}")
    return Sample(seconds, usage.ru_maxrss * KIB_PER_RSS / 1024)


def side_by_side(ours: list[str], theirs: list[str], runs: int) -> tuple[list[Sample], list[Sample]]:
    """Alternate the two commands, after one run of each that is not counted."""
    pairs = [(measure(ours), measure(theirs)) for _ in range(runs + 1)][1:]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def report(title: str, ours: Sequence[Sample], theirs: Sequence[Sample]) -> None:
    seconds = [statistics.median(sample.seconds for sample in samples) for samples in (ours, theirs)]
    memory = [max(sample.mebibytes for sample in samples) for samples in (ours, theirs)]
    print(
        f"{title:<10} cache-audit {seconds[0] * 1000:8.1f} ms {memory[0]:7.1f} MiB"
        f"   ruff {seconds[1] * 1000:8.1f} ms {memory[1]:7.1f} MiB   ratio {seconds[0] / seconds[1]:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("tree", nargs="?", type=Path, default=ROOT / "examples", help="what both check (default: examples/)")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each (default: 5)")
    arguments = parser.parse_args()
    if not arguments.tree.exists():
        parser.error(f"{arguments.tree} does not exist")
    tool, ruff, tree = find("cache-audit"), find("ruff"), str(arguments.tree)
    files = sum(1 for _ in arguments.tree.rglob("*.py")) if arguments.tree.is_dir() else 1
    print(f"{tree}: {files} Python files, medians of {arguments.runs} alternating runs, peak memory")
    report("start-up", *side_by_side([tool, "--version"], [ruff, "--version"], arguments.runs))
    report("check", *side_by_side([tool, "check", tree], [ruff, "check", "--no-cache", tree], arguments.runs))


if __name__ == "__main__":
    main()
