"""Slices, read and written: parts of lists and of texts, and which of them move while a list grows."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from auditor.interp import containers, known, positions, stretches, subscripts, trimming
from auditor.values.domain import (
    AltItems,
    Choice,
    External,
    ExternalObject,
    Item,
    ListRef,
    Spread,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import choosing, decide, holes_of
from auditor.values.lifetime import Lifetime, Reason
from auditor.values.quick import replace
from auditor.values.text import Hole, Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def cut(machine: Machine, receiver: Value, bounds: list[Value | None], node: ast.AST, frame: Frame) -> Value:  # noqa: C901 - one case per kind of value
    """`receiver[lower:upper:step]`."""
    from auditor.interp.library import stores

    receiver = decide(receiver, machine.assumptions)
    if isinstance(receiver, Choice):
        return machine.each(receiver, lambda side: cut(machine, side, bounds, node, frame), node, frame)
    for at, bound in enumerate(bounds):
        if isinstance(bound, Choice):
            before, after = bounds[:at], bounds[at + 1 :]
            return machine.each(bound, partial(_cut_to, machine, receiver, before, after, node, frame), node, frame)
    numbers = [None if bound is None or known.is_none(bound) else known.int_of(bound) for bound in bounds]
    exact = all(
        bound is None or known.is_none(bound) or number is not None for bound, number in zip(bounds, numbers, strict=True)
    )
    match receiver:
        case ListRef() | TupleValue():
            content = machine.items(receiver)
            between = positions.between(machine, positions.content(machine, receiver), bounds)
            if between is not None:
                return machine.new_list(between) if isinstance(receiver, ListRef) else TupleValue(between)
            trimming.ages(machine, receiver, numbers[1])
            windowed = _window(bounds, numbers, node) or (exact and trimming.wide(machine, receiver, numbers))
            if windowed and trimming.added_to(machine, receiver):
                # However many last items it keeps, those of the few turns of a replay are among them.
                kept = content.items
                if trimming.grows(machine, receiver):
                    kept = trimming.marked(machine, kept, node, frame, kept=_at_the_end(numbers[0]))
                return trimming.viewed(machine, receiver, machine.new_list(kept, content.order))
            items = _cut_items(machine, content.items, numbers, exact, bounds, node, frame)
            if any(bound is not None for bound in bounds[:2]):
                for element in (one for item in items if isinstance(item, Spread) for one in item.elements):
                    subscripts.single_out(machine, element)
            if exact and numbers[1] is None and _moves(bounds[0], numbers[0]) and trimming.grows(machine, receiver):
                items = list(trimming.marked(machine, tuple(items), node, frame, kept=_at_the_end(numbers[0])))
            if isinstance(receiver, ListRef):
                return trimming.viewed(machine, receiver, machine.new_list(items, content.order))
            return TupleValue(tuple(items), content.order)
        case Text():
            return _cut_text(machine, receiver, numbers, exact, bounds, node, frame)
        case Hole():
            # A fixed number of items less at the front is the same front each time: `messages[1:]`, behind the system prompt.
            newest = bounds[0] is None and stores.newest(machine, receiver, node, bounds[1])
            keeps_front = not newest and not _from_the_end(bounds[0], numbers[0], node)
            identity = ("slice", receiver.identity, tuple(numbers)) if exact else None
            result = machine.derived([receiver], node, frame, identity=identity, reason=receiver.reason)
            window = replace(result, type="trimmed", place=machine.place(node, frame), kept=_at_the_end(numbers[0]))
            return result if keeps_front else window
        case ExternalObject() if stores.is_store(machine, receiver):
            rows = machine.iterate(receiver, node, frame)
            return cut(machine, TupleValue(rows.items, rows.order), bounds, node, frame)
        case External(name):
            from auditor.interp.library import objects

            return objects.of_table(machine, name, None, node, frame)
        case _:
            return machine.derived(holes_of(receiver), node, frame, reason=Reason.UNSUPPORTED)


def _cut_to(
    machine: Machine,
    receiver: Value,
    before: list[Value | None],
    after: list[Value | None],
    node: ast.AST,
    frame: Frame,
    bound: Value,
) -> Value:
    return cut(machine, receiver, [*before, bound, *after], node, frame)


def _window(bounds: list[Value | None], numbers: list[int | None], node: ast.AST) -> bool:
    """Whether a slice keeps a number of last items that is not known: a setting, a row, a parameter that nobody passes."""
    lower, upper, step = bounds
    if lower is None or numbers[0] is not None or not (upper is None or known.is_none(upper)) or step is not None:
        return False
    match node:
        case ast.Subscript(slice=ast.Slice(lower=ast.UnaryOp(op=ast.USub()))):
            holes = holes_of(lower)
            seen = {None, Reason.NO_CALLERS, Reason.EXTERNAL_DATA}
            return bool(holes) and all(hole.reason in seen and _settled(hole) for hole in holes)
        case _:
            return False


def _settled(hole: Hole) -> bool:
    """Whether a bound may stay what it is from one request to the next: one that does not may count what is new."""
    return hole.lifetime <= Lifetime.SESSION


def _moves(bound: Value | None, number: int | None) -> bool:
    """Whether a slice begins farther back in the list the longer it is."""
    return number is not None and (number < 0 or trimming.is_length(bound))


def _from_the_end(bound: Value | None, number: int | None, node: ast.AST) -> bool:
    """Whether a slice keeps a number of last items, so that of a growing list another front is lost each time.

    A bound of which nothing is seen may be anything, as well the place from which on items are new.
    """
    if bound is None or known.is_none(bound):
        return False
    if number is not None:
        return number < 0
    match node:
        case ast.Subscript(slice=ast.Slice(lower=ast.UnaryOp(op=ast.USub()) | ast.BinOp(op=ast.Sub()) | ast.Call())):
            return True
        case _:
            return any(_measured(identity) for hole in holes_of(bound) for identity in (hole.identity, *hole.roots))


def _measured(identity: object) -> bool:
    """Whether a value is a list's length, or computed from one: `excess = len(history) - LIMIT`."""
    return isinstance(identity, tuple) and bool(identity) and identity[0] == "len"


def _cut_items(
    machine: Machine,
    items: tuple[Item, ...],
    numbers: list[int | None],
    exact: bool,
    bounds: list[Value | None],
    node: ast.AST,
    frame: Frame,
) -> list[Item]:
    if exact and all(known.plain(item) is not None for item in items):
        return list(items[slice(*numbers)])
    lower, upper, step = numbers
    if exact and numbers == [None, None, -1]:
        return list(stretches.backwards(items))
    if exact and step in (None, 1):
        if bounds[0] is None or lower == 0:
            if upper is None:
                return list(items)
            if upper < 0:
                return _drop_last(machine, items, -upper, node, frame)
        elif upper is None and lower is not None and lower < 0:
            return _keep_last(machine, items, -lower, node, frame)
        elif (
            upper is None
            and lower is not None
            and all(known.plain(item) is not None for item in items[:lower])
            and len(items) >= lower
        ):
            return list(items[lower:])
    if not items:
        return []
    holes = [hole for item in items for hole in (holes_of(item) if isinstance(item, Spread) else trimming.told(holes_of(item)))]
    holes += trimming.told(hole for bound in bounds for hole in holes_of(bound))
    # Which items there are, and so which of them are left, is for the conditions to say.
    holes += trimming.told(condition.hole for condition in choosing(items, machine.limits.items) if condition.hole is not None)
    trims_front = _from_the_end(bounds[0], lower, node)
    stretch = machine.derived(holes, node, frame, reason=Reason.UNSUPPORTED if not holes else None)
    if trims_front and holes and not any(hole.reason is not None for hole in holes):
        stretch = replace(stretch, type="trimmed", place=machine.place(node, frame), kept=_at_the_end(lower))
    element = subscripts.one_of(items)
    inner = next((item.elements for item in items if isinstance(item, Spread) and item.elements), ())
    return [Spread(stretch, (element,) if element is not None else inner)]


def _drop_last(machine: Machine, items: tuple[Item, ...], count: int, node: ast.AST, frame: Frame) -> list[Item]:
    """`items[:-count]`: exact where the last ones are known one by one; a stretch of unknown length loses some and is left."""
    tail = items[-count:]
    if len(items) >= count and all(known.plain(item) is not None for item in tail):
        return list(items[:-count])
    left = count
    for index in range(len(items) - 1, -1, -1):
        last = items[index]
        if trimming.is_mark(last):
            continue
        if isinstance(last, Spread):
            return [*items[:index], replace(last, hole=replace(last.hole, identity=("shorter", last.hole.identity, left)))]
        left -= 1
        if not left:
            return list(items[:index])
    return [item for item in items if trimming.is_mark(item)]


def _at_the_end(lower: int | None) -> int | None:
    """How many items `items[-20:]` keeps."""
    return -lower if lower is not None and lower < 0 else None


def _keep_last(machine: Machine, items: tuple[Item, ...], count: int, node: ast.AST, frame: Frame) -> list[Item]:
    """`items[-count:]` where a stretch of unknown length stands among them: a window that moves."""
    kept: list[Item] = []
    for item in reversed(items):
        if isinstance(item, Spread):
            return [containers.trimmed(machine, item, node, frame, count), *kept]
        if isinstance(item, AltItems):
            kept.insert(0, _moving(machine, item, node, frame, count))
            continue
        if len(kept) >= count:
            break
        kept.insert(0, item)
    return kept


def _moving(machine: Machine, item: AltItems, node: ast.AST, frame: Frame, count: int) -> AltItems:
    """Alternatives within a window: a stretch in one of them loses its front, as one that stands there for certain does."""
    sides = (
        tuple(
            containers.trimmed(machine, one, node, frame, count)
            if isinstance(one, Spread)
            else _moving(machine, one, node, frame, count)
            if isinstance(one, AltItems)
            else one
            for one in side
        )
        for side in (item.then, item.otherwise)
    )
    return AltItems(item.condition, *sides)


def _cut_text(
    machine: Machine,
    receiver: Text,
    numbers: list[int | None],
    exact: bool,
    bounds: list[Value | None],
    node: ast.AST,
    frame: Frame,
) -> Value:
    text = receiver.known
    if exact and text is not None:
        place = next((piece.place for piece in receiver.pieces if isinstance(piece, Literal)), None)
        return Text.of(Literal(text[slice(*numbers)], place))
    _, upper, step = numbers
    first = receiver.pieces[0] if receiver.pieces else None
    if (
        exact
        and step is None
        and bounds[0] is None
        and upper is not None
        and upper > 0
        and isinstance(first, Literal)
        and len(first.text) >= upper
    ):
        return Text.of(Literal(first.text[:upper], first.place))
    holes = [*receiver.holes(), *(hole for bound in bounds for hole in holes_of(bound))]
    if not holes:
        return machine.unknown(Reason.UNSUPPORTED, node, frame)
    limit = upper if exact and upper is not None and upper >= 0 else None
    return machine.derived(
        holes, node, frame, identity=("slice", receiver, tuple(numbers)) if exact else None, characters=(0, limit)
    )


def put(machine: Machine, receiver: Value, bounds: list[Value | None], value: Value, node: ast.AST, frame: Frame) -> None:
    """`receiver[a:b] = value`."""
    receiver = decide(receiver, machine.assumptions)
    if not isinstance(receiver, ListRef):
        return
    numbers = [None if bound is None else known.int_of(bound) for bound in bounds]
    content = machine.items(receiver)
    new = machine.iterate(value, node, frame)
    exact = all(bound is None or number is not None for bound, number in zip(bounds, numbers, strict=True))
    if exact and (all(bound is None for bound in bounds) or all(known.plain(item) is not None for item in content.items)):
        items = list(content.items)
        items[slice(*numbers)] = new.items
        machine.set_items(receiver, items, content.order or new.order)
        return
    hole = machine.derived([hole for item in content.items for hole in holes_of(item)], node, frame, reason=Reason.UNSUPPORTED)
    machine.set_items(receiver, [Spread(hole)], content.order)


def delete(machine: Machine, receiver: Value, bounds: list[Value | None], node: ast.AST, frame: Frame) -> None:
    """`del receiver[a:b]`: what remains is the list without it."""
    receiver = decide(receiver, machine.assumptions)
    if not isinstance(receiver, ListRef):
        return
    numbers = [None if bound is None else known.int_of(bound) for bound in bounds]
    content = machine.items(receiver)
    if all(bound is None or number is not None for bound, number in zip(bounds, numbers, strict=True)) and all(
        known.plain(item) is not None for item in content.items
    ):
        items = list(content.items)
        if (bounds[0] is None or numbers[0] == 0) and trimming.grows(machine, receiver):
            items = list(trimming.marked(machine, tuple(items), node, frame))
        else:
            del items[slice(*numbers)]
        machine.set_items(receiver, items, content.order)
        return
    lower = numbers[0]
    out: list[Item] = []
    for item in content.items:
        if isinstance(item, Spread) and (bounds[0] is None or lower is not None):
            out.append(containers.trimmed(machine, item, node, frame))
        else:
            out.append(item)
    machine.set_items(receiver, out, content.order)
