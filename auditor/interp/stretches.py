"""Sequences that are known in part: working on every item of them, however stretches and alternatives are nested.

Knows what a `Spread` and an `AltItems` stand for; comprehensions and the builtins that walk over sequences build on it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from auditor.interp import containers, elements, selecting, trimming
from auditor.values.domain import AltItems, Choice, DictRef, Hole, Item, ListRef, Spread, Text, TupleValue, Value
from auditor.values.join import either, holes_of
from auditor.values.lifetime import Evidence, Lifetime
from auditor.values.quick import replace

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Produce = Callable[[Value], Sequence[Item]]


def expanded(machine: Machine, items: Iterable[Item], produce: Produce, node: ast.AST, frame: Frame) -> list[Item]:
    """What `produce` makes of every value, in place: stretches stay stretches, alternatives alternatives."""
    out: list[Item] = []
    for item in items:
        match item:
            case Spread() if trimming.is_mark(item):
                out.append(item)
            case Spread(hole, inner):
                before = machine.listener.heard
                run = inner or (containers.element(hole),)
                with machine.any_element():
                    produced = expanded(machine, run, produce, node, frame)
                if machine.listener.heard > before:  # what is sent for each element is sent for another one too
                    _once_more(machine, item, produce, node, frame)
                out.append(stretch(machine, item, produced, node, frame))
            case AltItems(condition, then, otherwise):
                with machine.assuming(condition, True) as first:
                    a = expanded(machine, then, produce, node, frame)
                with machine.assuming(condition, False) as second:
                    b = expanded(machine, otherwise, produce, node, frame)
                machine.store.merge(condition, first, second)
                out.extend(either(condition, tuple(a), tuple(b)))
            case _:
                out.extend(produce(item))
    return out


def _once_more(machine: Machine, item: Spread, produce: Produce, node: ast.AST, frame: Frame) -> None:
    if all(isinstance(element, Hole) for element in item.elements):
        produce(machine.hole(node, frame, Lifetime.CALL, item.hole.cause, evidence=Evidence.USAGE))
    elif len(item.elements) == 1 and isinstance(only := item.elements[0], DictRef | ListRef | TupleValue | Text):
        produce(elements.another(machine, item, only, node, frame))


def stretch(machine: Machine, source: Spread, produced: Sequence[Item], node: ast.AST, frame: Frame) -> Spread:
    """What became of a stretch whose elements became `produced`: it is as long as before and as short-lived as what is in it."""
    over = selecting.by_tests(machine, source.hole, produced, node, frame)
    holes = [over, *(hole for one in produced for hole in holes_of(one))]
    identity = ("each", id(node), over.identity, tuple(hole.identity for hole in holes))
    made = machine.derived(holes, node, frame, identity=identity)
    if over.lifetime >= made.lifetime:
        made = replace(made, cause=over.cause).told_of(over)
    cut = source.hole.type == trimming.TRIMMED
    return Spread(replace(made, type=source.hole.type if cut else None, kept=source.hole.kept), tuple(produced))


def any_of(machine: Machine, source: Spread, node: ast.AST | None, frame: Frame) -> Value:
    """Any one item of a stretch."""
    found = first_of(machine, source.elements, node, frame)
    return found if found is not None else containers.element(source.hole)


def first_of(machine: Machine, items: Sequence[Item], node: ast.AST | None, frame: Frame) -> Value | None:
    """The first value among items; None where there certainly is none. A stretch that may be empty is taken to hold one."""
    for index, item in enumerate(items):
        match item:
            case Spread():
                return any_of(machine, item, node, frame)
            case AltItems(condition, then, otherwise):
                rest = items[index + 1 :]
                a, b = (first_of(machine, (*side, *rest), node, frame) for side in (then, otherwise))
                if a is None or b is None:
                    return a if a is not None else b
                return a if a == b else Choice(condition, a, b)
            case _:
                return item
    return None


def backwards(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items the other way round, within stretches and alternatives too."""
    out: list[Item] = []
    for item in items:
        match item:
            case Spread(hole, inner):
                out.append(Spread(hole, backwards(inner)))
            case AltItems(condition, then, otherwise):
                out.append(AltItems(condition, backwards(then), backwards(otherwise)))
            case _:
                out.append(item)
    return tuple(reversed(out))


def with_item(items: tuple[Item, ...], index: int, value: Value) -> tuple[Item, ...] | None:
    """The items with another one at a position, counted from the end where it is negative; None where there is none for certain.

    Where an alternative is in the way, the position is another one on each of its sides; of a stretch, the item at its edge is
    taken out of it.
    """
    if index < 0:
        found = with_item(backwards(items), -index - 1, value)
        return None if found is None else backwards(found)
    for position, item in enumerate(items[: index + 1]):
        before, behind, left = items[:position], items[position + 1 :], index - position
        match item:
            case AltItems(condition, then, otherwise):
                first, second = with_item(then, left, value), with_item(otherwise, left, value)
                if first is not None and second is not None:
                    return (*before, AltItems(condition, first, second), *behind)
                first = (first and (*first, *behind)) or with_item((*then, *behind), left, value)
                second = (second and (*second, *behind)) or with_item((*otherwise, *behind), left, value)
                if first is None and second is None:
                    return None
                return (*before, AltItems(condition, first or (*then, *behind), second or (*otherwise, *behind)))
            case Spread():
                return (*before, value, item, *behind) if left == 0 else None
            case _ if left == 0:
                return (*before, value, *behind)
            case _:
                continue
    return None
