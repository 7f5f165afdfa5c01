"""One side of an open condition: what is known while it is evaluated, and a layer for what it writes.

A test of one of two values (`if not history:`, where the history is what a store holds or a new list) hangs on what chooses
between them. Once that is decided as well, the test says how the test of the chosen value itself came out.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from auditor.interp.machine import Machine
    from auditor.interp.store import Layer
    from auditor.values.text import Condition


def supposed(machine: Machine, condition: Condition, outcome: bool) -> dict[Hashable, bool]:
    """The assumptions, with the condition come out that way and what follows from it."""
    known = {**machine.assumptions, **condition.taken(outcome)}
    if condition.hangs is not None:
        machine.hanging.setdefault(condition.hangs[0].identity, {})[condition.identity] = condition
    for of_either in machine.hanging.get(condition.identity, {}).values():
        came = known.get(of_either.identity)
        if came is not None:
            known.update(_of_chosen(of_either, came, outcome))
    return known


def _of_chosen(of_either: Condition, came: bool, which: bool) -> dict[Hashable, bool]:
    """How the chosen value's own test came out, where the test of either came out so."""
    assert of_either.hangs is not None
    _, then, otherwise = of_either.hangs
    side = then if which else otherwise
    return {} if isinstance(side, bool) else side[0].taken(came is side[1])


class Assuming:
    """What `Machine.assuming` gives: open conditions are what evaluation does most, and a generator costs as much as one does."""

    __slots__ = ("_assumed", "_layer", "_machine", "_moment", "_saved")

    def __init__(self, machine: Machine, condition: Condition, outcome: bool) -> None:
        self._machine = machine
        self._saved, self._moment = machine.assumptions, machine.moment
        self._assumed = supposed(machine, condition, outcome)
        self._layer = machine.store.layer()

    def __enter__(self) -> Layer:
        self._machine.assumptions = self._assumed
        self._machine.forks += 1
        return self._layer.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        machine = self._machine
        try:
            self._layer.__exit__(kind, error, trace)
        finally:
            machine.assumptions = self._saved
            if machine.moment is not self._moment:
                machine.moment = self._moment.around(machine.moment)
