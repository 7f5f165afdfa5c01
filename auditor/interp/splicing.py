"""Sequences put one behind the other: which part of the whole has no fixed order.

Knows items and their order. Does not know who puts them together. Where one part was shuffled, that part becomes a stretch that
is another one each time, and what stands beside it stays where it is: few-shot messages behind a system prompt. Any other order
that is not fixed (a set's, a listing's) is the whole's, as sorting the whole settles it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.values.domain import Item, Items, ListRef, Spread, Value
from auditor.values.lifetime import Cause

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def joined(*parts: Items) -> Items:
    """One sequence of them all."""
    several = sum(bool(part.items) for part in parts) > 1
    items: list[Item] = []
    order = None
    for part in parts:
        if part.order is None or part.order.cause is not Cause.SHUFFLE:
            items.extend(part.items)
            order = order or part.order
        elif several and part.items:
            items.append(Spread(part.order, part.items))
        elif part.items:
            items.extend(part.items)
            order = part.order
    return Items(tuple(items), order)


def written_as(machine: Machine, made: ListRef, *sources: Value) -> ListRef:
    """A list that was put together stands where the longest of those was written that it was made of."""
    lists = [source for source in sources if isinstance(source, ListRef) and source.address in machine.born]
    if lists:
        longest = max(lists, key=lambda one: len(machine.items(one).items))
        machine.born[made.address] = machine.born[longest.address]
    return made
