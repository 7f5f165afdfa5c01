"""Joining what two branches left behind, without losing which branch it was.

Two texts or lists that share a beginning and an end become one with a conditional middle, so that the size of a join is linear
in the number of branches. Joins are exact: deciding the condition gives back either side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from auditor.limits import FEW_LEAVES, LEAVES, MANY_LEAVES, NESTED_ALTERNATIVES, NESTED_PIECES
from auditor.values.domain import (
    AltEntries,
    AltItems,
    BoundMethod,
    Choice,
    ClassValue,
    Const,
    Content,
    Entries,
    Entry,
    EntryItem,
    External,
    ExternalObject,
    FunctionValue,
    Instance,
    Item,
    Items,
    Partial,
    Spread,
    SpreadEntries,
    TupleValue,
    Value,
)
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason
from auditor.values.text import Alternative, Condition, Hole, Piece, Text

T = TypeVar("T")

Assumptions = Mapping[object, bool]


def _common(a: Sequence[T], b: Sequence[T]) -> tuple[int, int]:
    """Lengths of the common beginning and, behind it, of the common end."""
    limit = min(len(a), len(b))
    start = 0
    while start < limit and a[start] == b[start]:
        start += 1
    end = 0
    while end < limit - start and a[-1 - end] == b[-1 - end]:
        end += 1
    return start, end


CODE = (BoundMethod, ClassValue, External, ExternalObject, FunctionValue, Instance, Partial)

MANY = "one of many values"
"""What a value is called that is one of too many."""


def one_of_many(condition: Condition, *sides: Item | EntryItem) -> Hole:
    """One of more values than are told apart. It changes as often as most of the tests come out otherwise that choose it."""
    found = [condition, *choosing(sides, NESTED_ALTERNATIVES)]
    lifetime = sorted(one.lifetime for one in found)[(len(found) - 1) // 2]
    hole = next((one.hole for one in found if one.lifetime is lifetime and one.hole is not None), None)
    expression = MANY if MANY in condition.expression else f"{MANY}, last by {condition.told}"
    identity = ("alternatives", condition.identity)
    if lifetime < Lifetime.DAY or hole is None or hole.reason is not None:
        return Hole(identity, expression, Lifetime.UNKNOWN, reason=Reason.LIMIT, place=condition.place)
    # That a test asks what a loop is at (its index, a path made of it) does not say that each turn gets another value.
    evidence = Evidence.weakest((hole.evidence, Evidence.NAME)) if hole.cause is Cause.LOOP else hole.evidence
    chosen = Hole(identity, expression, lifetime, hole.cause, evidence, None, hole.place or condition.place, hole.trace)
    return chosen.along(condition.place, f"decides which of many values it is: `{condition.told}`")


def one_of_two(condition: Condition, a: Value, b: Value) -> Hole:
    """One of too many values on two sides. What stands in each of them is in it: each of them may be made of one user's words."""
    many = one_of_many(condition, a, b)
    held = _in_each(Choice(condition, a, b)) if many.reason is Reason.LIMIT else None
    if held is None:
        return many
    roots = held.roots or (held.identity,)
    return Hole(
        many.identity, many.expression, held.lifetime, held.cause, held.evidence, None, held.place, held.trace, roots=roots
    ).along(condition.place, f"is part of one of many values: `{condition.told}`")


def _in_each(value: Value | Piece) -> Hole | None:
    """A hole that is another value with every request, and stands in a value whichever way its tests come out."""
    match value:
        case Hole(lifetime=Lifetime.CALL, reason=None):
            return value
        case Choice():
            return _in_both(value.then, value.otherwise)
        case Alternative():
            return _in_both(value.then, value.otherwise)
        case Text(pieces):
            return next((found for piece in pieces if (found := _in_each(piece)) is not None), None)
        case _:
            return None


def _in_both(a: Value, b: Value) -> Hole | None:
    """The one of two such holes of which less is known."""
    held, other = _in_each(a), _in_each(b)
    return None if held is None or other is None else max(held, other, key=lambda hole: hole.evidence.doubt)


def one_of_few(condition: Condition, a: Value, b: Value) -> Value:
    """One of the values that many tests choose among, where these are few; else one of which nobody knows which.

    Classes, functions and objects are as many as the code has of them: a table of providers is told apart whatever the tests.
    """
    many = one_of_two(condition, a, b)
    kept = list(dict.fromkeys(leaves(Choice(condition, a, b), MANY_LEAVES)))
    if len(kept) > LEAVES or sum(not isinstance(one, CODE) for one in kept) > FEW_LEAVES:
        return many
    chosen = kept[-1]
    for number, one in reversed(list(enumerate(kept[:-1]))):
        identity = ("one of", many.identity, number)
        chosen = Choice(Condition(identity, many.expression, many.lifetime, condition.place, many), one, chosen)
    return chosen


def choosing(values: Iterable[Item | EntryItem], limit: int) -> list[Condition]:
    """The conditions of the alternatives in values, at most `limit` of them."""
    pending = list(values)
    out: list[Condition] = []
    while pending and len(out) < limit:
        match pending.pop():
            case Choice(condition, then, otherwise):
                out.append(condition)
                pending += (then, otherwise)
            case AltItems(condition, then_items, else_items):
                out.append(condition)
                pending += (*then_items, *else_items)
            case AltEntries(condition, then_entries, else_entries):
                out.append(condition)
                pending += (*then_entries, *else_entries)
            case Spread(_, elements):
                pending += elements
            case Entry(_, value):
                pending.append(value)
            case Text(pieces):
                for piece in pieces:
                    if isinstance(piece, Alternative):
                        out.append(piece.condition)
                        pending += (piece.then, piece.otherwise)
            case _:
                pass
    return out


def _nested(text: Text, limit: int) -> int:
    """Conditional pieces of a text, inner ones included, counted up to a limit."""
    count = 0
    for piece in text.pieces:
        if isinstance(piece, Alternative):
            count += 1
            if count < limit:
                count += _nested(piece.then, limit - count)
            if count < limit:
                count += _nested(piece.otherwise, limit - count)
        if count >= limit:
            break
    return count


def join_text(condition: Condition, a: Text, b: Text) -> Text:
    start, end = _common(a.pieces, b.pieces)
    left, right = Text(a.pieces[start : len(a.pieces) - end]), Text(b.pieces[start : len(b.pieces) - end])
    if not left.pieces and not right.pieces:
        return a
    middle: Piece = Alternative(condition, left, right)
    if _nested(left, NESTED_PIECES) + _nested(right, NESTED_PIECES) >= NESTED_PIECES:
        middle = one_of_two(condition, left, right)
    return Text((*a.pieces[:start], middle, *a.pieces[len(a.pieces) - end :]))


def _inside(content: Iterable[Item | EntryItem], limit: int) -> int:
    """Alternatives among items or entries, inner ones included, counted up to a limit."""
    count = 0
    for item in content:
        match item:
            case AltItems(_, then, otherwise) | AltEntries(_, then, otherwise):
                count += 1 + _inside((*then, *otherwise), limit - count - 1)
            case Spread(_, elements):
                count += _inside(elements, limit - count)
            case Entry(_, value):
                count += len(leaves(value, limit)) - 1
            case _:
                count += len(leaves(item, limit)) - 1 if isinstance(item, Choice) else 0
        if count >= limit:
            break
    return count


def either(condition: Condition, then: tuple[Item, ...], otherwise: tuple[Item, ...]) -> tuple[Item, ...]:
    """One of two runs of items, depending on a condition; unknown where more are nested than can be told apart."""
    if then == otherwise:
        return then
    if _inside((*then, *otherwise), NESTED_ALTERNATIVES) >= NESTED_ALTERNATIVES:
        return (*dict.fromkeys(_marks((*then, *otherwise))), Spread(one_of_many(condition, *then, *otherwise)))
    return (AltItems(condition, then, otherwise),)


def _marks(items: Iterable[Item]) -> Iterator[Item]:
    """What tells that a list loses its front: whichever way its items came about, it does."""
    for item in items:
        match item:
            case Spread(Hole(type="trimmed"), ()):
                yield item
            case AltItems(_, then, otherwise):
                yield from _marks((*then, *otherwise))
            case _:
                pass


def either_entries(condition: Condition, then: tuple[EntryItem, ...], otherwise: tuple[EntryItem, ...]) -> tuple[EntryItem, ...]:
    """One of two runs of entries."""
    if then == otherwise:
        return then
    if _inside((*then, *otherwise), NESTED_ALTERNATIVES) >= NESTED_ALTERNATIVES:
        return (SpreadEntries(one_of_many(condition, *then, *otherwise)),)
    return (AltEntries(condition, then, otherwise),)


def join_items(condition: Condition, a: Items, b: Items) -> Items:
    start, end = _common(a.items, b.items)
    left, right = a.items[start : len(a.items) - end], b.items[start : len(b.items) - end]
    middle = either(condition, left, right)
    return Items((*a.items[:start], *middle, *a.items[len(a.items) - end :]), a.order or b.order)


def join_entries(condition: Condition, a: Entries, b: Entries) -> Entries:
    keys_a = [entry.key if isinstance(entry, Entry) else entry for entry in a.entries]
    keys_b = [entry.key if isinstance(entry, Entry) else entry for entry in b.entries]
    order = a.order or b.order
    start = 0
    joined: list[EntryItem] = []
    while start < min(len(keys_a), len(keys_b)) and keys_a[start] == keys_b[start]:
        one, other = a.entries[start], b.entries[start]
        if isinstance(one, Entry) and isinstance(other, Entry):
            joined.append(Entry(one.key, join(condition, one.value, other.value)))
        else:
            joined.append(one)
        start += 1
    left, right = a.entries[start:], b.entries[start:]
    if left or right:
        _, end = _common(left, right)
        joined.extend(either_entries(condition, left[: len(left) - end], right[: len(right) - end]))
        joined.extend(left[len(left) - end :])
    return Entries(tuple(joined), order)


def _records(*values: TupleValue) -> bool:
    """Whether each item of the tuples certainly is one value, so that what is taken out by its position stays apart."""
    return not any(isinstance(item, Spread | AltItems) for value in values for item in value.items)


def _join_item(condition: Condition, a: Item, b: Item) -> Item:
    return a if isinstance(a, Spread | AltItems) or isinstance(b, Spread | AltItems) else join(condition, a, b)


def join(condition: Condition, a: Value, b: Value) -> Value:
    """The value that is `a` where the condition holds and `b` where not."""
    if a is b or a == b:
        return a
    if isinstance(a, Text) and isinstance(b, Text):
        return join_text(condition, a, b)
    if isinstance(a, TupleValue) and isinstance(b, TupleValue):
        if len(a.items) == len(b.items) and a.order == b.order and _records(a, b):
            return TupleValue(
                tuple(_join_item(condition, one, other) for one, other in zip(a.items, b.items, strict=True)), a.order
            )
        joined = join_items(condition, Items(a.items, a.order), Items(b.items, b.order))
        return TupleValue(joined.items, joined.order)
    if len(leaves(a, LEAVES)) + len(leaves(b, LEAVES)) > LEAVES:
        return one_of_few(condition, a, b)
    return Choice(condition, a, b)


def join_content(condition: Condition, a: Content, b: Content) -> Content:
    if a is b or a == b:
        return a
    if isinstance(a, Items) and isinstance(b, Items):
        return join_items(condition, a, b)
    if isinstance(a, Entries) and isinstance(b, Entries):
        return join_entries(condition, a, b)
    if isinstance(a, Items | Entries) or isinstance(b, Items | Entries):
        return a  # one address holds one kind of content: cannot happen
    return join(condition, a, b)


# Deciding conditions


def decide_text(text: Text, assumptions: Assumptions) -> Text:
    if not any(isinstance(piece, Alternative) for piece in text.pieces):
        return text
    pieces: list[Piece | Text] = []
    decided = False
    for piece in text.pieces:
        if not isinstance(piece, Alternative):
            pieces.append(piece)
            continue
        known = assumptions.get(piece.condition.identity)
        if known is None:
            then, otherwise = decide_text(piece.then, assumptions), decide_text(piece.otherwise, assumptions)
            same = then is piece.then and otherwise is piece.otherwise
            pieces.append(piece if same else Alternative(piece.condition, then, otherwise))
            decided = decided or not same
        else:
            pieces.append(decide_text(piece.then if known else piece.otherwise, assumptions))
            decided = True
    return Text.of(*pieces) if decided else text


def decide_items(items: tuple[Item, ...], assumptions: Assumptions) -> tuple[Item, ...]:
    if not any(isinstance(item, AltItems) for item in items):
        return items
    out: list[Item] = []
    for item in items:
        if isinstance(item, AltItems):
            known = assumptions.get(item.condition.identity)
            if known is None:
                out.append(item)
            else:
                out.extend(decide_items(item.then if known else item.otherwise, assumptions))
        else:
            out.append(item)
    return tuple(out)


def decide_entries(entries: tuple[EntryItem, ...], assumptions: Assumptions) -> tuple[EntryItem, ...]:
    if not any(isinstance(entry, AltEntries) for entry in entries):
        return entries
    out: list[EntryItem] = []
    for entry in entries:
        if isinstance(entry, AltEntries):
            known = assumptions.get(entry.condition.identity)
            if known is None:
                out.append(entry)
            else:
                out.extend(decide_entries(entry.then if known else entry.otherwise, assumptions))
        else:
            out.append(entry)
    return tuple(out)


def decide(value: Value, assumptions: Assumptions) -> Value:
    """The value under what is already known of conditions on this path."""
    while isinstance(value, Choice):
        known = assumptions.get(value.condition.identity)
        if known is None:
            return value
        value = value.then if known else value.otherwise
    if isinstance(value, Text):
        return decide_text(value, assumptions)
    return value


def leaves(value: Value, limit: int = 64) -> list[Value]:
    """The values that a choice can be, at most `limit` of them."""
    pending: list[Value] = [value]
    out: list[Value] = []
    while pending and len(out) < limit:
        current = pending.pop()
        if isinstance(current, Choice):
            pending.extend((current.otherwise, current.then))
        else:
            out.append(current)
    return out


def all_holes(items: Iterable[Item]) -> list[Hole]:
    """The holes that stand in several values."""
    return [hole for item in items for hole in holes_of(item)]


def holes_of(value: Item | EntryItem | None) -> list[Hole]:
    """The holes that stand in a value itself (not in what a reference points to)."""
    match value:
        case Hole():
            return [value]
        case Text():
            return list(value.holes())
        case Choice(_, then, otherwise):
            return [*holes_of(then), *holes_of(otherwise)]
        case TupleValue(items, order):
            return [hole for item in items for hole in holes_of(item)] + ([order] if order else [])
        case AltItems(_, then_items, else_items):
            return [hole for item in (*then_items, *else_items) for hole in holes_of(item)]
        case Entry(_, entry_value):
            return holes_of(entry_value)
        case SpreadEntries(hole):
            return [hole]
        case Const() | None:
            return []
        case _:
            return [value.hole] if hasattr(value, "hole") else []
