"""Dates and times: how much of the clock is left in a formatted value decides how long it lives."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known, lapses
from auditor.values.domain import Arguments, Const, Value
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.text import COARSE, Hole

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]

FINER_THAN_DAY = re.compile(r"%[-#]?[HIMSfpsXcTRr+]")  # a zone turns with daylight saving alone
FINER_THAN_MONTH = re.compile(r"%[-#]?[djaAuwDFxUVWeg]")
FINER_THAN_HOUR = re.compile(r"%[-#]?[MSfsXcTRr+]")
DAILY_ATTRIBUTES = frozenset({"day"})
MONTHLY_ATTRIBUTES = frozenset({"year", "month"})
ZONE_ATTRIBUTES = frozenset({"tzinfo", "tz", "timezone"})
ZONE_METHODS = frozenset({"tzname", "utcoffset", "dst"})
BELOW_THE_HOUR = frozenset({"minute", "second", "microsecond"})
DAILY_METHODS = frozenset({"date", "weekday", "isoweekday", "toordinal", "isocalendar"})
SAME_METHODS = frozenset({"astimezone", "replace", "in_timezone", "in_tz", "to", "shift", "floor", "normalize"})


def is_clock(hole: Hole) -> bool:
    return hole.cause is Cause.CLOCK


def is_dated(hole: Hole) -> bool:
    return is_clock(hole) and hole.type in {"datetime.datetime", "datetime.date"}


def _daily(
    machine: Machine, hole: Hole, node: ast.AST | None, frame: Frame, what: object, type: str | None = None, period: str = "day"
) -> Hole:
    """A part of a moment that stays the same all day, or for an hour, longer than an entry of a cache lives unread; the same part
    of any moment of the run is the same value."""
    made = machine.hole(
        node,
        frame,
        max(Lifetime.DAY, hole.lifetime) if hole.lifetime < Lifetime.DAY else Lifetime.DAY,
        Cause.CLOCK,
        identity=(period, what),
        evidence=hole.evidence,
        type=type,
        characters=(1, 32),
    )
    return Hole(
        made.identity,
        made.expression,
        made.lifetime if hole.lifetime >= Lifetime.DAY else hole.lifetime,
        made.cause,
        made.evidence,
        None,
        hole.place,
        hole.trace,
        made.type,
        made.characters,
    ).along(
        machine.place(node, frame),
        f"becomes `{made.expression}`, which changes once {'an' if period == 'hour' else 'a'} {period}",
    )


def _monthly(machine: Machine, hole: Hole, node: ast.AST | None, frame: Frame, what: object) -> Hole:
    """A month, a year or a zone: it changes less often than programs do, so that no cache is lost by it that would have lived."""
    return machine.hole(
        node, frame, Lifetime.DEPLOY, Cause.VALUE, identity=("month", what), evidence=hole.evidence, characters=(1, 32)
    )


def attribute(machine: Machine, hole: Hole, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    moved = isinstance(hole.identity, tuple) and hole.identity[:1] == ("#",)  # made of a moment: it has other parts
    what = (name, id(node)) if moved else name
    if name == "days" and moved and is_clock(hole):  # since a moment, or until it
        return _daily(machine, hole, node, frame, what)
    if name == "seconds" and hole.identity in machine.lapses:
        return lapses.same(machine, hole.identity, machine.derived([hole], node, frame, identity=("seconds", hole.identity)))
    if not is_dated(hole):
        return None
    if name in MONTHLY_ATTRIBUTES | ZONE_ATTRIBUTES:
        return _monthly(machine, hole, node, frame, what)
    if name in DAILY_ATTRIBUTES:
        return _daily(machine, hole, node, frame, what)
    if name == "hour":
        return replace(_daily(machine, hole, node, frame, what, period="hour"), type=COARSE)
    return None


def method(machine: Machine, callee: Hole, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A call of a method of a moment: `callee` is the attribute that was looked up."""
    identity = callee.identity
    if not (is_clock(callee) and isinstance(identity, tuple) and len(identity) == 3 and identity[0] == "attr"):
        return None
    name = identity[2]
    if name in {"strftime", "format"}:
        spec = known.text_of(known.plain(arguments.positional[0])) if arguments.positional else None
        if spec is not None:
            return formatted(machine, callee, spec, node, frame)
    if name in ZONE_METHODS:
        return _monthly(machine, callee, node, frame, name)
    if name in DAILY_METHODS:
        return _daily(machine, callee, node, frame, name, "datetime.date")
    if name == "replace" and {key for key, value in arguments.keywords if isinstance(value, Const)} >= BELOW_THE_HOUR:
        return _daily(machine, callee, node, frame, name, "datetime.datetime", "hour")
    if name in SAME_METHODS:
        given = tuple(arguments.positional), tuple(arguments.keywords)
        identity = ("moment", identity, given)
        return machine.derived([callee], node, frame, identity=identity, type="datetime.datetime", characters=(8, 40))
    if name == "total_seconds":
        return lapses.same(machine, identity[1], machine.derived([callee], node, frame, identity=("written", identity)))
    if name in {"isoformat", "ctime", "timestamp", "time", "__str__"}:
        return machine.derived([callee], node, frame, identity=("written", identity), characters=(8, 40))
    return None


def formatted(machine: Machine, hole: Hole, spec: str, node: ast.AST, frame: Frame) -> Hole | None:
    """The moment as `strftime(spec)` or `{:spec}` writes it."""
    if not is_clock(hole):
        return None
    if "%" in spec and not FINER_THAN_DAY.search(spec) and not FINER_THAN_MONTH.search(spec):
        return _monthly(machine, hole, node, frame, spec)
    if hole.lifetime is Lifetime.CALL and "%" in spec and not FINER_THAN_DAY.search(spec):
        return _daily(machine, hole, node, frame, spec)
    if hole.lifetime >= Lifetime.DAY and "%" in spec and FINER_THAN_DAY.search(spec) and not FINER_THAN_HOUR.search(spec):
        return replace(_daily(machine, hole, node, frame, spec, period="hour"), type=COARSE)
    # The same moment is written the same way each time, whenever that is.
    return machine.derived([hole], node, frame, identity=("written", hole.identity, spec), characters=(1, 40))


def _strftime(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    spec = known.text_of(arguments.get(0, "format"))
    moment = arguments.get(1, "t")
    if moment is not None and not (isinstance(moment, Hole) and is_clock(moment)):
        return None
    now = moment if isinstance(moment, Hole) else machine.hole(node, frame, Lifetime.CALL, Cause.CLOCK, type="datetime.datetime")
    return formatted(machine, now, spec, node, frame) if spec is not None else now


def _from_timestamp(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    if isinstance(first, Hole) and is_clock(first):
        return machine.derived([first], node, frame, type="datetime.datetime", characters=(8, 40))
    return None


OVERLAYS: dict[str, Overlay] = {
    "time.strftime": _strftime,
    "datetime.datetime.fromtimestamp": _from_timestamp,
    "datetime.datetime.strftime": lambda machine, arguments, node, frame: _strftime(
        machine, Arguments(tuple(reversed(arguments.positional)), arguments.keywords), node, frame
    ),
}
