"""Measures the tool on labelled call sites of real code: what it finds, what it misses, where it is wrong.

    python -m scripts.corpus CORPUS [--trees FOLDER] [--tool CHECKOUT] [--only NAME] [--save FILE] [--diff FILE]

CORPUS holds `labels.jsonl` (call sites judged in depth, with their defects), `callsites.jsonl` (lines that send a request, and
look-alikes) and the source trees that both speak of, unless `--trees` names another folder for them. Neither ships with the tool.

A call site counts as found where the report has one on its line. A defect counts as found where a finding of a rule that stands
for its kind touches the call site or the defect's own line. A finding of medium severity or more that touches a labelled site
without one of its kinds is a false alarm; rules about monitoring and safety (CA8, CA9) are left out there, since sites were not
labelled for them one by one.
"""

from __future__ import annotations

import argparse
import json
import os.path
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts import runs

RULES_OF_KIND: Mapping[str, str] = {
    "below_minimum": "CA201 CA202",
    "breakpoint_misplaced": "CA101 CA107 CA204 CA302 CA303 CA304 CA305 CA306 CA308 CA505",
    "cache_key_misuse": "CA103 CA701 CA702 CA703 CA704",
    "dynamic_prefix": "CA101 CA102 CA103 CA104 CA105 CA106 CA107 CA302 CA403 CA404",
    "history_rewritten": "CA601 CA602",
    "model_or_params_switching": "CA104 CA405 CA604",
    "no_cache_monitoring": "CA801 CA902",
    "no_caching": "CA107 CA203 CA204 CA306 CA308 CA603",
    "other": "CA104 CA204 CA303 CA304 CA305 CA308 CA505 CA704 CA804 CA901 CA902",
    "parallel_without_priming": "CA504 CA505",
    "too_many_breakpoints": "CA301 CA307",
    "ttl_order": "CA501",
    "ttl_too_short_or_long": "CA502 CA503",
    "unsorted_or_unstable_tools": "CA103 CA401 CA402 CA403 CA404",
    "unstable_serialization": "CA103",
    "wrong_cost_accounting": "CA802 CA803 CA804",
}
"""What defect of the labels a rule may stand for."""

NOT_LABELLED = ("CA8", "CA9")
STRONG = frozenset({"medium", "high", "critical"})

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding: where it stands (its trace included), and the lines of the call sites that it is about."""

    code: str
    strong: bool
    message: str
    places: tuple[Place, ...]
    sites: tuple[tuple[str, int, int], ...]

    def touches(self, site: Place) -> bool:
        path, line = site
        return any(path == other and first - 1 <= line <= last + 1 for other, first, last in self.sites) or self.near(site, 2)

    def near(self, place: Place, slack: int) -> bool:
        return any(place[0] == path and abs(place[1] - line) <= slack for path, line in self.places)

    def stands_for(self, kinds: Iterable[str]) -> bool:
        return any(self.code in RULES_OF_KIND.get(kind, "").split() for kind in kinds)


@dataclass(slots=True)
class Figures:
    """Counts over all trees, and the single cases behind them as lines."""

    counts: Counter[str] = field(default_factory=Counter)
    surfaces: dict[str, Counter[str]] = field(default_factory=dict)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    trees: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "counts": dict(sorted(self.counts.items())),
            "surfaces": {name: dict(counts) for name, counts in sorted(self.surfaces.items())},
            "kinds": {name: dict(counts) for name, counts in sorted(self.kinds.items())},
            "misses": self.misses,
            "alarms": self.alarms,
            "findings": self.findings,
            "trees": self.trees,
        }


def read(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Lines of a JSONL file by the tree that they are about."""
    by_tree: dict[str, list[dict[str, Any]]] = {}
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        by_tree.setdefault(Path(row["dir"]).name, []).append(row)
    return by_tree


def seen(report: runs.Report) -> list[Seen]:
    sites = {site["id"]: site for site in report["call_sites"]}
    found = []
    for one in report["findings"]:
        about = [sites[site] for site in one["call_sites"] if site in sites]
        found.append(
            Seen(
                one["code"],
                one["severity"] in STRONG and not one["code"].startswith(NOT_LABELLED),
                one["message"],
                tuple((_path(step["path"]), step["line"]) for step in (one, *one["trace"])),
                tuple((_path(site["path"]), site["line"], site["end_line"] or site["line"]) for site in about),
            )
        )
    return found


def _path(path: str) -> str:
    return os.path.normpath(path)


def count_sites(figures: Figures, tree: str, report: runs.Report | None, rows: Iterable[dict[str, Any]]) -> None:
    """Call sites found, missed, and taken for one."""
    mine = [
        (_path(site["path"]), site["line"], site["end_line"] or site["line"]) for site in (report or {}).get("call_sites", ())
    ]
    for row in rows:
        if row["label"] not in {"positive", "negative"}:  # neither right nor wrong to report
            continue
        path, line = _path(row["file"]), row["line"]
        hit = any(path == other and (first <= line <= last or abs(first - line) <= 1) for other, first, last in mine)
        label = "sites" if row["label"] == "positive" else "look-alikes"
        figures.counts[label] += 1
        figures.counts[f"{label} found"] += hit
        where = f"{tree}/{path}:{line}"
        if label == "sites":
            figures.surfaces.setdefault(row["api"], Counter()).update({"of": 1, "found": int(hit)})
            if not hit:
                figures.misses.append(f"{where} call site {row['api']}: {row['code'][:80]}")
        elif hit:
            figures.alarms.append(f"{where} taken for a call site: {row['code'][:80]}")


def count_defects(figures: Figures, tree: str, found: list[Seen], label: dict[str, Any]) -> None:
    """Defects that have to be found at one labelled site, and what is said about it that is not so."""
    site = (_path(label["file"]), label["line"])
    defects = [(defect, _evidence(defect["evidence"], site)) for defect in label["defects"]]
    for defect, place in defects:
        if not defect.get("must_report", defect["confidence"] != "arguable"):
            continue
        kind = defect["kind"]
        hit = any(one.stands_for([kind]) and (one.touches(site) or one.near(place, 3)) for one in found)
        figures.counts.update({"defects": 1, "defects found": int(hit)})
        figures.kinds.setdefault(kind, Counter()).update({"of": 1, "found": int(hit)})
        if not hit:
            figures.misses.append(f"{tree}/{place[0]}:{place[1]} {kind} [{defect['severity']}]: {defect['what'][:140]}")
    kinds = {defect["kind"] for defect, _ in defects}
    here = [one for one in found if one.strong and (one.touches(site) or any(one.near(place, 3) for _, place in defects))]
    for one in here:
        right = one.stands_for(kinds)
        figures.counts.update({"findings at labelled sites": 1, "findings that are right": int(right)})
        if not right:
            path, line = one.places[0]
            figures.alarms.append(f"{tree}/{path}:{line} {one.code} at a site that is {label['verdict']}: {one.message[:120]}")
    if label["verdict"] != "defective":
        alarmed = any(one.touches(site) and not one.stands_for(kinds) for one in here)
        figures.counts.update({"quiet sites": 1, "quiet sites alarmed": int(alarmed)})


def _evidence(text: str, site: Place) -> Place:
    """`path:line` or `path:line-line`; the call site itself where the evidence is something else."""
    path, _, lines = text.rpartition(":")
    first = lines.split("-")[0]
    return (_path(path), int(first)) if path and first.isdigit() else site


def measure(corpus: Path, trees: Path, tool: Path, only: str, jobs: int, limit: float) -> Figures:
    labels, sites = read(corpus / "labels.jsonl"), read(corpus / "callsites.jsonl")
    names = [name for name in sorted(labels) if only in name]
    there = {name: trees / name for name in names if (trees / name).is_dir()}
    figures = Figures()
    figures.counts["trees absent"] = len(names) - len(there)
    for run in runs.over(there, tool, jobs=jobs, limit=limit, tell=runs.progress):
        figures.trees[run.name] = run.costs
        figures.findings.extend(runs.findings(run))
        found = seen(run.report) if run.report is not None else []
        figures.counts["findings"] += len(found)
        figures.counts["strong findings"] += sum(one.strong for one in found)
        count_sites(figures, run.name, run.report, sites.get(run.name, ()))
        for label in labels[run.name]:
            count_defects(figures, run.name, found, label)
    figures.misses.sort()
    figures.alarms.sort()
    return figures


def tables(figures: Figures) -> list[str]:
    counts, share = figures.counts, runs.share
    failed = sum(bool(costs["error"]) for costs in figures.trees.values())
    surfaces = [(name, share(one["found"], one["of"])) for name, one in sorted(figures.surfaces.items())]
    kinds = [(name, share(one["found"], one["of"])) for name, one in sorted(figures.kinds.items())]
    costs = [
        (name, f"{one['seconds']:.1f} s", f"{one['processor']:.1f} s", f"{one['mebibytes']} MiB", one["error"])
        for name, one in figures.trees.items()
    ]
    return [
        f"trees: {len(figures.trees)} ({counts['trees absent']} absent, {failed} failed), findings: {counts['findings']} "
        f"(medium or more: {counts['strong findings']})",
        f"call sites found: {share(counts['sites found'], counts['sites'])}",
        f"look-alikes taken for one: {share(counts['look-alikes found'], counts['look-alikes'])}",
        f"defects found: {share(counts['defects found'], counts['defects'])}",
        f"precision at labelled sites: {share(counts['findings that are right'], counts['findings at labelled sites'])}",
        f"quiet sites alarmed: {share(counts['quiet sites alarmed'], counts['quiet sites'])}",
        "",
        *runs.table([("surface", "found"), *surfaces]),
        "",
        *runs.table([("kind of defect", "found"), *kinds]),
        "",
        *runs.table([("tree", "wall", "processor", "memory", ""), *costs]),
    ]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs between two saved measurements."""
    names = sorted(before["counts"].keys() | after["counts"].keys())
    pairs = [(name, before["counts"].get(name, 0), after["counts"].get(name, 0)) for name in names]
    counts = [f"  {name}: {old} -> {new}" for name, old, new in pairs if old != new]
    return [
        *(["counts:", *counts] if counts else []),
        *runs.compared(before["misses"], after["misses"], "misses"),
        *runs.compared(before["alarms"], after["alarms"], "false alarms"),
        *runs.compared(before["findings"], after["findings"], "findings"),
        *runs.slower(before["trees"], after["trees"]),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the tool on labelled call sites of real code.")
    parser.add_argument("corpus", type=Path, help="folder with labels.jsonl, callsites.jsonl and the trees")
    parser.add_argument("--trees", type=Path, help="folder with the trees, where they stand elsewhere")
    parser.add_argument("--tool", type=Path, default=runs.HERE, help="checkout of the tool (default: this one)")
    parser.add_argument("--only", default="", metavar="NAME", help="trees whose name contains this")
    parser.add_argument("--jobs", type=int, default=2, help="trees at a time")
    parser.add_argument("--limit", type=float, default=300, metavar="SECONDS", help="time that one tree may take")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write the figures and findings as JSON")
    parser.add_argument("--diff", type=Path, metavar="FILE", help="tell what changed since figures that were saved")
    given = parser.parse_args()
    figures = measure(given.corpus, given.trees or given.corpus, given.tool, given.only, given.jobs, given.limit)
    print("\n".join(tables(figures)))
    for title, lines in (("misses", figures.misses), ("false alarms", figures.alarms)):
        if lines:
            print(f"\n{title}:", *lines, sep="\n  ")
    if given.save is not None:
        given.save.write_text(json.dumps(figures.as_json(), indent=1) + "\n", "utf-8")
    if given.diff is not None:
        before = json.loads(given.diff.read_text("utf-8"))
        print("\n" + "\n".join(changes(before, figures.as_json()) or [f"nothing changed since {given.diff}"]))
    return 1 if any(costs["error"] for costs in figures.trees.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
