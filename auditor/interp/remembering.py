"""What one turn of a loop leaves for the next one: variables that some element sets and a later one is tested against.

A loop over a stretch of unknown elements is looked at in one turn for any of them. Whoever reads a stream piece by piece
(`current = ...` at a block's start, `if current:` at its end) does nothing in a first turn: so what such a variable is afterwards
is what it may be before. Knows variables of the function itself that are nothing at first. Does not know counters or attributes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.values.domain import Choice, Const, Hole, Text, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def remember(machine: Machine, node: ast.For | ast.AsyncFor, source: Hole, turn: Callable[[], object], frame: Frame) -> None:
    """Leaves in the loop's variables what an earlier turn may have left there; `turn` is one of them, for trial."""
    before = {name: value for name in _tested(machine, node) if (value := _nothing(machine, frame, name)) is not None}
    if not before:
        return
    heard, returns, decisions, staying = machine.listener.heard, len(frame.returns), len(frame.decisions), len(frame.staying)
    assumptions, moment, rewritten = machine.assumptions, machine.moment, set(machine.rewritten)
    first = machine.store.allocate()
    with machine.store.layer() as writes, machine.any_element():
        turn()
    del frame.returns[returns:], frame.decisions[decisions:], frame.staying[staying:]
    machine.assumptions, machine.moment, machine.rewritten = assumptions, moment, rewritten
    if machine.listener.heard > heard:
        machine.listener.forget(heard)
        return
    machine.store.commit({cell: after for cell, after in writes.items() if cell[0] > first})
    for name, value in before.items():
        after = writes.get((frame.local, name))
        if after is not None and after != value:
            condition = machine.condition(
                ("earlier", id(node), name),
                f"`{name}` set by an earlier one",
                source.lifetime,
                machine.place(node, frame),
                source,
            )
            machine.store.set(frame.local, name, Choice(condition, after, value))  # type: ignore[arg-type]


def _nothing(machine: Machine, frame: Frame, name: str) -> Value | None:
    """The variable's value if it is None, False or an empty text."""
    value = machine.store.get(frame.local, name)
    empty = (isinstance(value, Const) and (value.value is None or value.value is False)) or (
        isinstance(value, Text) and not value.pieces
    )
    return value if empty else None  # type: ignore[return-value]


def _tested(machine: Machine, node: ast.For | ast.AsyncFor) -> frozenset[str]:
    """Variables that the body both sets and tests."""
    key = ("remembered", id(node))
    found = machine.cache.get(key)
    if not isinstance(found, frozenset):
        parts = [part for statement in node.body for part in ast.walk(statement)]
        stored = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        tests = [part.test for part in parts if isinstance(part, ast.If | ast.IfExp)]
        read = {part.id for test in tests for part in ast.walk(test) if isinstance(part, ast.Name)}
        found = machine.cache[key] = frozenset(stored & read)
    return found
