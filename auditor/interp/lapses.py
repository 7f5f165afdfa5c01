"""How long ago something was: tests of the time between two readings of the clock.

Work takes no time in a replay. So what was kept a request ago is fresh, an hour's silence has not passed, and a cooldown is not
over: `now - self._at < TTL` has an expected outcome, which variants of a request take (`auditor/llm/variants.py`). The test stays
open for the evaluation itself: what the code does in the other case, it may do.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.values.domain import Choice, ExternalObject, Value
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.text import Hole

if TYPE_CHECKING:
    from auditor.interp.machine import Machine, Test

CLOCKS = frozenset({"time.time", "datetime.datetime"})
SPANS = frozenset({"datetime.timedelta", "pendulum.duration", "pendulum.Duration"})
LITTLE = 60
"""Seconds of waits that are no lapse: those between two tries. Whoever waits longer (a poller) may find that time has passed."""
ORDER: dict[type[ast.cmpop], int] = {ast.Lt: -1, ast.LtE: -1, ast.Gt: 1, ast.GtE: 1}


@dataclass(frozen=True, slots=True)
class Lapse:
    """`moments` times now, moved: 1 is a moment, 0 a span between two. `moved` is the sign of what was added, 0 for nothing."""

    moments: int
    moved: float = 0


def note(machine: Machine, op: ast.operator, left: Value, right: Value, made: Hole) -> Hole:
    """Remembers what the sum or the difference of two values is, where one of them is a reading of the clock."""
    if made.cause is Cause.CLOCK and isinstance(op, ast.Add | ast.Sub):
        found = _sum(_of(machine, left), _of(machine, right), left, right, 1 if isinstance(op, ast.Add) else -1)
        if found is not None:
            machine.lapses[made.identity] = found
    return made


def same(machine: Machine, source: object, made: Hole) -> Hole:
    """The same in another form: `(now - then).total_seconds()`."""
    found = machine.lapses.get(source)
    if found is not None:
        machine.lapses[made.identity] = found
    return made


def expected(machine: Machine, op: ast.cmpop, left: Value, right: Value) -> bool | None:
    """How the comparison comes out while no time passes; None where it is not of times, or the code has waited."""
    way = ORDER.get(type(op))
    if way is None or machine.moment.most > LITTLE:
        return None
    one, other = _of(machine, left), _of(machine, right)
    if one is None or other is None:  # a number, a setting: how long is long
        span = _span(right) if one is not None else _span(left) if other is not None else None
        if span is None:
            return None
        one, other = one or Lapse(0, span), other or Lapse(0, span)
    if one.moments != other.moments:
        return (one.moments > other.moments) is (way > 0)
    gap = one.moved - other.moved
    return (gap > 0) is (way > 0) if gap else None


def of_either(value: Choice, a: Test, b: Test, outcome: bool) -> tuple[bool | None, bool]:
    """The expected outcome of a test that hangs on several, and whether one of them is of times.

    What else is tested along with how long ago something was kept is whether it is there, which it is.
    """
    tests = [value.condition, *(side[0] for side in (a, b) if not isinstance(side, bool))]
    if not any(test.lapse for test in tests):
        return None, False
    sides = (_truth(a), _truth(b))
    first = value.condition.expected
    truth = sides[0] if first is True or sides[0] is sides[1] else sides[1] if first is False else None
    return (None, False) if truth is None else (truth is outcome, True)


def _truth(test: Test) -> bool | None:
    if isinstance(test, bool):
        return test
    condition, outcome = test
    return None if condition.expected is None else condition.expected is outcome


def _of(machine: Machine, value: Value) -> Lapse | None:
    if not isinstance(value, Hole) or value.cause is not Cause.CLOCK:
        return None
    found = machine.lapses.get(value.identity)
    if found is not None:
        return found
    return Lapse(1) if value.type in CLOCKS and not value.roots and value.lifetime is not Lifetime.DAY else None


def _sum(one: Lapse | None, other: Lapse | None, left: Value, right: Value, sign: int) -> Lapse | None:
    if one is not None and other is not None:
        made = Lapse(one.moments + sign * other.moments, one.moved + sign * other.moved)
        return made if made.moments in (0, 1) else None
    if one is not None and (span := _span(right)) is not None:
        return Lapse(one.moments, one.moved + sign * span)
    if other is not None and sign > 0 and (span := _span(left)) is not None:
        return Lapse(other.moments, other.moved + span)
    return None


def _span(value: Value) -> float | None:
    """The sign of a span of time: of a number, a setting or a parameter; a moment that something else tells is none."""
    found, raw = known.scalar(value)
    if found:
        return (raw > 0) - (raw < 0) if isinstance(raw, int | float) else None
    match value:
        case ExternalObject(cls=name):
            return 1 if name in SPANS else None
        case Hole(cause=Cause.ENVIRONMENT) | Hole(cause=Cause.VALUE):
            return 1
        case _:
            return None
