"""Lists that lose their front as they grow: what a replay of a few turns shows of a history of many.

Where the code drops the oldest items of a list that was there when an earlier request was sent, a *mark* stays in their place:
zero items, a hole of type "trimmed" whose place is that of the dropping. The mark goes along wherever the list's items go.
Knows lists. Does not know messages.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.store import ITEMS
from auditor.values.domain import (
    Choice,
    Const,
    Content,
    Hole,
    Item,
    Items,
    Length,
    ListRef,
    SetRef,
    Spread,
    TupleValue,
    Value,
    const,
)
from auditor.values.lifetime import Cause, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.places import Place

TRIMMED = "trimmed"
"""The type of a hole that stands for what lost its front."""

LENGTH = "length"
"""The type of a hole that is how many items there are."""

SOME_BOUND = 1 << 30
"""The length of a deque that is bounded by a number which nobody knows: no replay is as long."""


@dataclass(frozen=True, slots=True)
class Window:
    """So many of the newest items; None where nobody knows how many."""

    count: int | None


def is_mark(item: Item) -> bool:
    return isinstance(item, Spread) and not item.elements and item.hole.type == TRIMMED


def told(holes: Iterable[Hole]) -> list[Hole]:
    """Holes as the sources of what only tells of them: a length, a position, a choice that depends on a window is no window."""
    return [replace(hole, type=None) if hole.type == TRIMMED else hole for hole in holes]


def unmarked(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(item for item in items if not is_mark(item)) if any(is_mark(item) for item in items) else items


def marked(
    machine: Machine,
    items: tuple[Item, ...],
    node: ast.AST | None,
    frame: Frame | None,
    place: Place | None = None,
    kept: int | None = None,
) -> tuple[Item, ...]:
    """The items with a mark in front of them, once. `place`: where to mend it, if not at the node. `kept`: how many are left."""
    if any(is_mark(item) for item in items):
        return items
    hole = replace(machine.hole(node, frame, Lifetime.TURN, Cause.HISTORY, type=TRIMMED), kept=kept)
    return (Spread(hole if place is None else replace(hole, place=place)), *items)


def keeps(machine: Machine, value: ListRef, cut: Value) -> bool:
    """Whether a list that was cut out of another one holds all of it, whatever is lost later."""
    return isinstance(cut, ListRef) and unmarked(machine.items(cut).items) == unmarked(machine.items(value).items)


def mark_in(machine: Machine, value: Value) -> Spread | None:
    items = machine.items(value).items if isinstance(value, ListRef) else ()
    return next((item for item in items if isinstance(item, Spread) and is_mark(item)), None)


def mark(machine: Machine, value: ListRef, mark: Spread) -> None:
    """Puts a mark into a list without a condition: sooner or later it loses its front, whatever a test of its length says now."""

    def behind(content: Content) -> Content:
        if not isinstance(content, Items) or any(map(is_mark, content.items)):
            return content
        return Items((mark, *content.items), content.order)

    machine.store.amend(value.address, ITEMS, behind)


def grows(machine: Machine, value: Value) -> bool:
    """Whether a list was there when the last request was sent, and is added to: how long it gets nobody knows.

    Or whether it was made of one that does: `[m for m in history if m["role"] != "system"]`.
    """
    if not isinstance(value, ListRef):
        return False
    return added_to(machine, value) and (value.address < machine.sent or value.address in machine.views)


def added_to(machine: Machine, value: Value) -> bool:
    """Whether something was added to a list, or to one that it was made of."""
    return isinstance(value, ListRef) and value.address in machine.grown


def viewed(machine: Machine, source: Value | None, made: ListRef) -> ListRef:
    """A list with the items of another one, or some of them: it is as long as that one lets it be."""
    if source is not None and added_to(machine, source):
        machine.grown.add(made.address)
        if grows(machine, source):
            machine.views.add(made.address)
    return made


def lengthened(machine: Machine, sources: Iterable[Value], made: ListRef) -> ListRef:
    """A new list with the items of others and more: `[*history, message]`, `history + [message]`.

    One that is made of such a list again, after a request, is a history, which each turn makes anew; examples that stand in
    front of each request's own message are not, however many requests there are.
    """
    lists = [one for source in sources for one in _lists(source)]
    if machine.loading or not lists:
        return made
    if any(added_to(machine, source) or source.address in machine.longer for source in lists):
        machine.grown.add(made.address)
        if any(grows(machine, source) for source in lists):
            machine.views.add(made.address)
    else:
        machine.longer.add(made.address)
    return made


def _lists(value: Value) -> Iterator[ListRef]:
    match value:
        case ListRef():
            yield value
        case Choice(_, then, otherwise):
            yield from _lists(then)
            yield from _lists(otherwise)
        case _:
            pass


def continued(machine: Machine, made: ListRef) -> ListRef:
    """A list that stands for one which somebody else keeps and adds to: the messages that a library hands over."""
    machine.grown.add(made.address)
    machine.views.add(made.address)
    return made


def wide(machine: Machine, value: Value, numbers: list[int | None]) -> bool:
    """`messages[-10:]` of a conversation's messages: while it is short, all of them are among those."""
    lower, upper, step = numbers
    if lower is None or lower > -3 or upper is not None or step not in {None, 1} or not grows(machine, value):
        return False
    assert isinstance(value, ListRef)
    stretches = (item.hole for item in machine.items(value).items if isinstance(item, Spread))
    return any(hole.lifetime is Lifetime.TURN and hole.cause is Cause.HISTORY for hole in stretches)


def lasts(machine: Machine, value: ListRef | SetRef, stretch: Hole) -> bool:
    """Whether a stretch of a list may be what earlier requests left: what one gathers from elsewhere for itself is no history."""
    if value.address < max(machine.entered, machine.sent):
        return True
    retrieved = stretch.lifetime is Lifetime.CALL and stretch.cause is Cause.RETRIEVAL
    return not retrieved and stretch.reason is not Reason.UNMODELLED_CALL


def ages(machine: Machine, value: Value, end: int | None) -> None:
    """`history[:-4]`: what is done to older messages begins once there are some, one request and one answer with each turn."""
    if end is not None and end < -1 and grows(machine, value):
        machine.aged = max(machine.aged, -end // 2 + 3)


def lost_front(machine: Machine, value: Value) -> Hole | None:
    """The hole that tells where a value's front was dropped, if it was."""
    match value:
        case Hole(type="trimmed"):
            return value
        case ListRef() | TupleValue():
            items = machine.items(value).items
            return next((item.hole for item in items if isinstance(item, Spread) and item.hole.type == TRIMMED), None)
        case Choice(_, then, otherwise):
            return lost_front(machine, then) or lost_front(machine, otherwise)
        case _:
            return None


def length(machine: Machine, value: ListRef | TupleValue | SetRef) -> Const:
    """How many items there are now; of a list that grows, a number that grows too.

    A list of numbers that are known (positions, counters) is as long as they say.
    """
    items = unmarked(machine.items(value).items)
    counts = bool(items) and all(isinstance(item, Const) for item in items)
    return const(Length(len(items)) if grows(machine, value) and not counts else len(items))


def is_length(value: Value | None) -> bool:
    return isinstance(value, Const) and isinstance(value.value, Length)


def long(machine: Machine, node: ast.Compare, left: Value, right: Value, frame: Frame) -> Value | None:
    """`len(history) > 20` of a list that grows from request to request: sooner or later, whatever its length is now.

    `len(history) - position > 1` asks where something stands in the list; what asks for the length names it.
    """
    if not is_length(left) or not isinstance(node.ops[0], ast.Gt | ast.GtE | ast.Lt | ast.LtE):
        return None
    now, bound = known.int_of(left), known.int_of(right)
    if now is None or bound is None or not isinstance(node.left, ast.Call | ast.Name | ast.Attribute):
        return None
    if now >= bound if isinstance(node.ops[0], ast.GtE | ast.Lt) else now > bound:  # so long already
        return None
    return machine.hole(node, frame, Lifetime.TURN, Cause.HISTORY, identity=("long", id(node), machine.epoch))


def carried(machine: Machine, before: Items, after: Items, mark: Spread) -> Items:
    """A list that grew while a marked one was gone through carries the mark too."""
    if len(after.items) <= len(before.items) or any(is_mark(item) for item in after.items):
        return after
    at = len(before.items)
    return Items((*after.items[:at], mark, *after.items[at:]), after.order)
