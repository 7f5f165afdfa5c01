"""The least time between two runs of a cron schedule. Knows the fields' grammar; nothing of programs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

RANGES = {"second": (0, 59), "minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 6)}
SIZES = {"second": 1, "minute": 60, "hour": 3600}
NAMES = {
    name: number
    for names in ("sun mon tue wed thu fri sat", "- jan feb mar apr may jun jul aug sep oct nov dec")
    for number, name in enumerate(names.split())
}
DAY = 86400.0
SHORTEST_MONTH = 28


def fields_of(text: str) -> dict[str, str] | None:
    """The fields of a cron line: five, or six with seconds in front. None of anything else."""
    parts = text.split()
    names = list(RANGES)
    if len(parts) == len(names):
        return dict(zip(names, parts, strict=True))
    return {"second": "0", **dict(zip(names[1:], parts, strict=True))} if len(parts) == len(names) - 1 else None


def values(field: str, low: int, high: int) -> frozenset[int] | None:
    """The numbers that a field stands for; None where it is not understood."""
    found: set[int] = set()
    for part in field.lower().replace("?", "*").split(","):
        body, _, step = part.strip().partition("/")
        first, dash, last = body.partition("-")
        if body == "*":
            start, stop = low, high
        else:
            bounds = [_number(first), _number(last) if dash else None]
            if bounds[0] is None or (dash and bounds[1] is None):
                return None
            start = bounds[0]
            stop = bounds[1] if bounds[1] is not None else high if step else start
        if step and not (step.isdigit() and int(step)):
            return None
        found.update(range(start, stop + 1, int(step) if step else 1))
    return frozenset(found) or None


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else NAMES.get(text[:3])


def least_gap(fields: Mapping[str, str]) -> float | None:
    """Seconds between the two runs of the schedule that are closest; None where a field is not understood."""
    sets: dict[str, frozenset[int]] = {}
    for name, (low, high) in RANGES.items():
        found = values(fields.get(name, "*"), low, high)
        if found is None:
            return None
        sets[name] = found
    for name, coarser in (("second", "minute"), ("minute", "hour"), ("hour", "")):
        size = RANGES[name][1] + 1
        inner = _steps(sets[name])
        outer = [size - max(sets[name]) + min(sets[name])] if not coarser or 1 in _steps(sets[coarser]) else []
        if len(sets[name]) > 1:
            return float(min(inner + outer) * SIZES[name])
    return DAY * _days(sets["day"], sets["weekday"])


def _steps(numbers: frozenset[int]) -> list[int]:
    ordered = sorted(numbers)
    return [after - before for before, after in pairwise(ordered)]


def _days(days: frozenset[int], weekdays: frozenset[int]) -> int:
    """Days between two runs at the least, of a schedule that runs once on each of its days."""
    every_day, every_weekday = len(days) == 31, len({day % 7 for day in weekdays}) == 7
    gaps = []
    if not every_weekday:
        week = sorted({day % 7 for day in weekdays})
        gaps.append(min([*_steps(frozenset(week)), 7 - week[-1] + week[0]]))
    if not every_day:
        gaps.append(min([*_steps(days), SHORTEST_MONTH - max(days) + min(days)]) if len(days) > 1 else SHORTEST_MONTH)
    return max(1, min(gaps, default=1))
