"""What comes first: `sorted`, `min`, `max` and `heapq`.

Exact where all that is compared is known. Where it is not, an order by what the request asks is another one for each request.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auditor.interp import known, portions, selecting, stretches
from auditor.interp.library import listings
from auditor.values.domain import Arguments, Const, Hole, Item, Items, Length, Spread, TupleValue, Value, const
from auditor.values.join import all_holes
from auditor.values.lifetime import Cause, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]

_VARYING_ORDER = frozenset({Cause.LISTING_ORDER, Cause.SET_ORDER, Cause.CONCURRENCY})


def keys(machine: Machine, items: Sequence[Item], key: Value | None, node: ast.AST, frame: Frame) -> list[Value | None]:
    """What each item is compared by; None of items that are not known one by one."""
    values = [known.plain(item) for item in items]
    if key is None or known.is_none(key):
        return values
    return [None if value is None else machine.call(key, Arguments((value,)), node, frame) for value in values]


def ordered(machine: Machine, content: Items, arguments: Arguments, node: ast.AST, frame: Frame) -> Items:
    """`sorted(content)`: the order is fixed afterwards, whatever it was before; which it is may stay unknown."""
    items, by = content.items, arguments.keyword("key")
    reverse = known.scalar(arguments.keyword("reverse"))[1] is True
    compared = keys(machine, items, by, node, frame)
    found = [listings.sort_key(machine, value) for value in compared]
    if not all(sure for sure, _ in found):
        # Pairs sort by their first part where that settles it: `sorted(mapping.items())`.
        heads = [known.scalar(one.items[0]) if isinstance(one, TupleValue) and one.items else (False, None) for one in compared]
        if all(sure for sure, _ in heads) and len({repr(raw) for _, raw in heads}) == len(heads):
            found = heads
    if all(sure for sure, _ in found):
        raw: list[Any] = [key for _, key in found]
        try:
            order = sorted(range(len(items)), key=raw.__getitem__, reverse=reverse)
        except TypeError:
            return Items(items)
        ties = any(raw[one] == raw[other] for one, other in itertools.pairwise(order))
        return Items(tuple(items[index] for index in order), content.order if ties else None)
    if len(items) > 1 and all(value is not None for value in compared):
        unknown = machine.derived(all_holes(value for value in compared if value is not None), node, frame)
        return Items(items, unknown)
    return Items(tuple(_sorted_stretch(machine, item, by, node, frame) for item in items))


def _sorted_stretch(machine: Machine, item: Item, by: Value | None, node: ast.AST, frame: Frame) -> Item:
    """Where only the order of a stretch varied, sorted it lives as long as the deployment: the content of a folder."""
    if not isinstance(item, Spread):
        return item
    if item.hole.cause not in _VARYING_ORDER:
        key = _key_of_any(machine, item, by, node, frame)
        return item if key is None else replace(item, hole=selecting.by_key(machine, item.hole, key, node, frame))
    hole = machine.hole(node, frame, Lifetime.DEPLOY, Cause.FILE, identity=("sorted", item.hole.identity), type=item.hole.type)
    return Spread(hole, (hole,) if len(item.elements) == 1 and isinstance(item.elements[0], Hole) else item.elements)


def _key_of_any(machine: Machine, item: Spread, by: Value | None, node: ast.AST, frame: Frame) -> Value | None:
    """What any element of a stretch is compared by, where that is not the element itself."""
    if by is None or known.is_none(by):
        return None
    with machine.any_element():
        return machine.call(by, Arguments((stretches.any_of(machine, item, node, frame),)), node, frame)


def _sorted(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    if first is None:
        return None
    content = ordered(machine, machine.iterate(first, node, frame), arguments, node, frame)
    return machine.new_list(content.items, content.order)


def _extreme(greatest: bool) -> Overlay:
    def extreme(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        items, by = arguments.positional, arguments.keyword("key")
        if len(items) == 1 and (first := known.plain(items[0])) is not None:
            items = machine.iterate(first, node, frame).items
            if not items:
                return arguments.keyword("default")
        found = [known.scalar(key) for key in keys(machine, items, by, node, frame)]
        if items and all(sure for sure, _ in found):
            raw: list[Any] = [key for _, key in found]
            try:
                index = (max if greatest else min)(range(len(raw)), key=raw.__getitem__)
            except TypeError:
                return None
            if greatest and any(isinstance(item, Const) and isinstance(item.value, Length) for item in items):
                return const(Length(raw[index]))  # sooner or later it is the length that is the greatest
            return known.plain(items[index])
        rows = [_sorted_stretch(machine, item, by, node, frame) for item in items]
        return machine.derived(all_holes(rows), node, frame, reason=Reason.UNSUPPORTED)

    return extreme


def _first_few(greatest: bool) -> Overlay:
    """`heapq.nlargest(count, rows, key)`: the first of the sorted rows."""

    def first_few(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        count, rows, by = arguments.get(0, "n"), arguments.get(1, "iterable"), arguments.get(2, "key")
        if count is None or rows is None:
            return None
        given = Arguments((), (("reverse", const(greatest)), *((("key", by),) if by is not None else ())))
        content = ordered(machine, machine.iterate(rows, node, frame), given, node, frame)
        return portions.cut(machine, machine.new_list(content.items, content.order), [None, count, None], node, frame)

    return first_few


OVERLAYS: dict[str, Overlay] = {
    "builtins.sorted": _sorted,
    "builtins.min": _extreme(False),
    "builtins.max": _extreme(True),
    "heapq.nlargest": _first_few(True),
    "heapq.nsmallest": _first_few(False),
}
