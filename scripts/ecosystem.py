"""Runs the tool over real packages and repositories, and tells what a change of the tool changes there.

    python -m scripts.ecosystem run --save FILE [--tool CHECKOUT] [--only NAME] [--cache FOLDER] [--mirror FOLDER]
    python -m scripts.ecosystem diff BEFORE AFTER

What is run over stands in `ecosystem.toml`, pinned by hash or commit. `run` fetches what the cache folder has not yet (the
only step that needs a network), runs the tool over each tree in a process of its own and saves figures and findings; `diff`
compares two such files: one of the base of a change, one of its head. A finding that goes or comes needs a reason there.

Packages are taken as wheels, since an installer runs a source distribution's own code to learn what it is; nothing that is
fetched is ever run or imported. A mirror is a folder of git directories, `owner+name` each, that is asked before the network.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts import runs

LIST = Path(__file__).with_name("ecosystem.toml")
CACHE = Path.home() / ".cache" / "cache-audit" / "ecosystem"


@dataclass(frozen=True, slots=True)
class Package:
    """A wheel of the package index."""

    name: str
    version: str
    sha256: str

    @property
    def folder(self) -> str:
        return f"{self.name}-{self.version}"

    def fetch(self, folder: Path, mirror: Path | None) -> None:
        with tempfile.TemporaryDirectory() as work:
            wanted = Path(work, "wanted.txt")
            wanted.write_text(f"{self.name}=={self.version} --hash=sha256:{self.sha256}\n", "utf-8")
            options = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--require-hashes"]
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, *options, "--requirement", wanted, "--dest", work], check=True)
            (wheel,) = Path(work).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)  # noqa: S202 - its hash is known


@dataclass(frozen=True, slots=True)
class Repository:
    """A commit of a public repository."""

    name: str
    commit: str

    @property
    def folder(self) -> str:
        return f"{self.name.replace('/', '+')}@{self.commit[:8]}"

    def fetch(self, folder: Path, mirror: Path | None) -> None:
        source = self._mirrored(mirror)
        with tempfile.TemporaryDirectory() as work:
            if source is None:
                source = Path(work)
                subprocess.run(["git", "init", "--quiet", "--bare", work], check=True)
                url = f"https://github.com/{self.name}"
                subprocess.run(["git", "-C", work, "fetch", "--quiet", "--depth", "1", url, self.commit], check=True)
            made = subprocess.run(["git", "-C", source, "archive", "--format=tar", self.commit], check=True, capture_output=True)
            with tarfile.open(fileobj=io.BytesIO(made.stdout)) as archive:
                archive.extractall(folder, filter="data")

    def _mirrored(self, mirror: Path | None) -> Path | None:
        """A git directory of the mirror that has the commit."""
        for found in sorted(mirror.glob(f"{self.name.replace('/', '+')}/*")) if mirror is not None else ():
            asked = subprocess.run(
                ["git", "-C", found, "cat-file", "-e", f"{self.commit}^{{tree}}"], capture_output=True, check=False
            )
            if asked.returncode == 0:
                return found
        return None


Source = Package | Repository


def sources(path: Path = LIST) -> list[Source]:
    listed = tomllib.loads(path.read_text("utf-8"))
    packages = [Package(**row) for row in listed["package"]]
    return [*packages, *(Repository(**row) for row in listed["repository"])]


def fetched(wanted: list[Source], cache: Path, mirror: Path | None) -> tuple[dict[str, Path], dict[str, str]]:
    """Trees by name, and why others could not be had. A tree stands in the cache whole or not at all."""
    trees: dict[str, Path] = {}
    failed: dict[str, str] = {}
    cache.mkdir(parents=True, exist_ok=True)
    for source in wanted:
        folder = cache / source.folder
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=cache) as work:
                made = Path(work, "tree")
                try:
                    source.fetch(made, mirror)
                except (subprocess.CalledProcessError, OSError, ValueError, zipfile.BadZipFile, tarfile.TarError) as error:
                    failed[source.folder] = str(error)
                    continue
                shutil.move(made, folder)
        trees[source.folder] = folder
    return trees, failed


def figures(run: runs.Run) -> dict[str, Any]:
    """What is kept of one run."""
    if run.report is None:
        return run.costs
    report, summary = run.report, run.report["summary"]
    sites = report["call_sites"]
    return {
        **run.costs,
        "files": summary["files_scanned"],
        "analyzed": summary["files_analyzed"],
        "sites": summary["call_sites"],
        "resolved": summary["call_sites_resolved"],
        "grade": summary["grade"],
        "rules": dict(sorted(Counter(one["code"] for one in report["findings"]).items())),
        "limits": report["limits"],
        "problems": len(report["errors"]),
        "call sites": sorted(f"{run.name}/{site['path']}:{site['line']} {site['api']}" for site in sites),
        "findings": runs.findings(run),
    }


def run(given: argparse.Namespace) -> int:
    wanted = [source for source in sources() if given.only in source.folder]
    trees, failed = fetched(wanted, given.cache, given.mirror)
    done = runs.over(trees, given.tool, jobs=given.jobs, limit=given.limit, tell=runs.progress)
    saved = {one.name: figures(one) for one in done}
    for name, why in failed.items():
        print(f"{name}: not fetched: {why}", file=sys.stderr)
    given.save.write_text(json.dumps(saved, indent=1) + "\n", "utf-8")
    print("\n".join(table(saved)))
    return 1 if failed or any(one.error for one in done) else 0


def table(saved: Mapping[str, Mapping[str, Any]]) -> list[str]:
    head = ("tree", "files", "sites", "resolved", "findings", "wall s", "processor s", "MiB", "")
    rows = []
    for name, one in saved.items():
        counts = [str(one[what]) if what in one else "-" for what in ("files", "sites", "resolved")]
        found = str(len(one["findings"])) if "findings" in one else "-"
        rows.append((name, *counts, found, *(f"{one[what]:g}" for what in ("seconds", "processor", "mebibytes")), one["error"]))
    return runs.table([head, *rows])


def diff(given: argparse.Namespace) -> int:
    before, after = (json.loads(path.read_text("utf-8")) for path in (given.before, given.after))
    print("\n".join(changes(before, after) or ["nothing changed"]))
    return 0


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs between two runs, over the trees that both ran over to the end."""
    both = [name for name in sorted(before.keys() & after.keys()) if "findings" in before[name] and "findings" in after[name]]

    def lines(saved: Mapping[str, Any], what: str) -> list[str]:
        return [line for name in both for line in saved[name][what]]

    def counted(saved: Mapping[str, Any]) -> Counter[str]:
        return sum((Counter(saved[name]["rules"]) for name in both), Counter())

    old, new = counted(before), counted(after)
    rules = [f"  {code}: {old[code]} -> {new[code]}" for code in sorted(old.keys() | new.keys()) if old[code] != new[code]]
    resolved = [
        f"  {name}: {before[name]['resolved']} of {before[name]['sites']} -> {after[name]['resolved']} of {after[name]['sites']}"
        for name in both
        if (before[name]["resolved"], before[name]["sites"]) != (after[name]["resolved"], after[name]["sites"])
    ]
    return [
        *(["findings by rule:", *rules] if rules else []),
        *(["resolved call sites:", *resolved] if resolved else []),
        *runs.compared(lines(before, "call sites"), lines(after, "call sites"), "call sites"),
        *runs.compared(lines(before, "findings"), lines(after, "findings"), "findings"),
        *runs.slower(before, after),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the tool over real packages and repositories.")
    commands = parser.add_subparsers(required=True)
    running = commands.add_parser("run", help="fetch what is missing, run, save")
    running.add_argument("--save", type=Path, required=True, metavar="FILE", help="figures and findings as JSON")
    running.add_argument("--tool", type=Path, default=runs.HERE, help="checkout of the tool (default: this one)")
    running.add_argument("--only", default="", metavar="NAME", help="trees whose name contains this")
    running.add_argument("--cache", type=Path, default=CACHE, metavar="FOLDER", help=f"where trees are kept (default: {CACHE})")
    running.add_argument("--mirror", type=Path, metavar="FOLDER", help="git directories to take repositories from first")
    running.add_argument("--jobs", type=int, default=2, help="trees at a time")
    running.add_argument("--limit", type=float, default=300, metavar="SECONDS", help="time that one tree may take")
    running.set_defaults(command=run)
    comparing = commands.add_parser("diff", help="what changed between two saved runs")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    comparing.set_defaults(command=diff)
    given = parser.parse_args()
    return int(given.command(given))


if __name__ == "__main__":
    sys.exit(main())
