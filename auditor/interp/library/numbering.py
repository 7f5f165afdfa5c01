"""Numbers without an end: `itertools.count`, of which whoever asks for the next one takes it (`next(self._ids)`).

Going through them in a loop is another thing: it ends by itself, and how often it turns is not known.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.library import iteration
from auditor.values.domain import Arguments, Count, Hole, Value, const
from auditor.values.lifetime import Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

COUNTER = "itertools.count"


def _count(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    start = known.int_of(arguments.get(0, "start") or const(0))
    step = known.int_of(arguments.get(1, "step") or const(1))
    if start is None or step is None:
        return None
    made = machine.hole(node, frame, Lifetime.UNKNOWN, reason=Reason.UNMODELLED_CALL, type=COUNTER)
    machine.cache["counts from", made.identity] = (start, step)
    return made


def _next(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    counter = arguments.get(0)
    given = machine.cache.get(("counts from", counter.identity)) if isinstance(counter, Hole) else None
    if not isinstance(given, tuple):
        return iteration.OVERLAYS["builtins.next"](machine, arguments, node, frame)
    assert isinstance(counter, Hole)
    told = ("counted to", counter.identity)
    number = known.int_of(machine.memo[told]) if told in machine.memo else None
    taken = given[0] if number is None else number + given[1]
    machine.memo[told] = const(taken)
    return const(Count(taken))


OVERLAYS: dict[str, iteration.Overlay] = {COUNTER: _count, "builtins.next": _next}
