"""Reading plain Python values out of abstract ones, where they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.limits import KNOWN_DEPTH
from auditor.values.domain import (
    Choice,
    Const,
    DictRef,
    Entry,
    EntryItem,
    External,
    Item,
    ListRef,
    SetRef,
    Text,
    TupleValue,
    Value,
)
from auditor.values.lifetime import Lifetime, Reason
from auditor.values.text import Alternative, Hole, Literal

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def is_none(value: object) -> bool:
    return isinstance(value, Const) and value.value is None


def text_of(value: object) -> str | None:
    return value.known if isinstance(value, Text) else None


def int_of(value: object) -> int | None:
    if isinstance(value, Const) and isinstance(value.value, int):
        return int(value.value)
    return None


def scalar(value: object) -> tuple[bool, object]:
    """(True, the Python value) for known text, constants and tuples of them; (False, None) else."""
    if isinstance(value, Const):
        return True, value.value
    if isinstance(value, Text):
        known = value.known
        return (True, known) if known is not None else (False, None)
    if isinstance(value, TupleValue) and value.order is None:
        parts = [scalar(item) for item in value.items]
        if all(known for known, _ in parts):
            return True, tuple(part for _, part in parts)
    return False, None


def python(machine: Machine, value: object, depth: int = 0) -> tuple[bool, object]:
    """(True, the Python value) of what is known through and through: scalars, and lists, tuples, sets and mappings of them."""
    if depth > KNOWN_DEPTH:
        return False, None
    match value:
        case ListRef() | TupleValue() | SetRef():
            content = machine.items(value)
            machine.step(len(content.items) >> 3)
            parts = [python(machine, item, depth + 1) for item in content.items]
            if content.order is not None or not all(found for found, _ in parts):
                return False, None
            plain_items = [part for _, part in parts]
            if isinstance(value, SetRef):
                return _set_of(plain_items)
            return True, tuple(plain_items) if isinstance(value, TupleValue) else plain_items
        case DictRef():
            pairs: dict[object, object] = {}
            for entry in machine.entries(value).entries:
                if not isinstance(entry, Entry):
                    return False, None
                known_key, key = scalar(entry.key)
                known_value, part = python(machine, entry.value, depth + 1)
                if not (known_key and known_value):
                    return False, None
                pairs[key] = part
            return True, pairs
        case _:
            return scalar(value)


def _set_of(items: list[object]) -> tuple[bool, object]:
    try:
        return True, set(items)
    except TypeError:
        return False, None


def same_key(a: Value, b: Value) -> bool | None:
    """Whether two mapping keys are equal; None where that is not known."""
    if a == b:
        return True
    known_a, one = scalar(a)
    known_b, other = scalar(b)
    if known_a and known_b:
        return bool(one == other)
    from auditor.interp import enums

    if enums.certainly_differ(a, b) or _other_type(a, b) or _other_words(a, b):
        return False
    if known_a != known_b and not isinstance(a, Hole | Text) and not isinstance(b, Hole | Text):
        return False
    return None


def _other_type(a: Value, b: Value) -> bool:
    """Whether two values are different builtin types: `{str: ..., int: ...}`."""
    return (
        isinstance(a, External)
        and isinstance(b, External)
        and a.name.startswith("builtins.")
        and b.name.startswith("builtins.")
        and a.name != b.name
    )


def _other_words(a: Value, b: Value) -> bool:
    """Whether two texts differ whatever their holes stand for: `f"chat_{user}"` is no `"user_id"`."""
    if not (isinstance(a, Text) and isinstance(b, Text)):
        return False
    one, other = _ends(a), _ends(b)
    fronts, backs = (one[0], other[0]), (one[1][::-1], other[1][::-1])
    return any(not (x.startswith(y) or y.startswith(x)) for x, y in (fronts, backs))


def _ends(text: Text) -> tuple[str, str]:
    """The words that a text certainly begins and ends with."""
    if not text.pieces:
        return "", ""
    first, last = text.pieces[0], text.pieces[-1]
    return first.text if isinstance(first, Literal) else "", last.text if isinstance(last, Literal) else ""


def lookup(entries: tuple[EntryItem, ...], key: Value) -> tuple[Value | None, bool]:
    """The entry's value for a key, and whether the answer is sure (no unknown entries could hold it)."""
    sure = True
    for entry in reversed(entries):
        if isinstance(entry, Entry):
            equal = same_key(entry.key, key)
            if equal:
                return entry.value, sure
            if equal is None:
                sure = False
        else:
            sure = False
    return None, sure


def ways(value: Value, limit: int) -> Value:
    """A text with conditional pieces as a choice between texts: what looks something up by it asks for either.

    A text that can be read in more ways than the limit stays as it is.
    """
    return _ways(value) if isinstance(value, Text) and _readings(value, limit) <= limit else value


def _ways(value: Text) -> Value:
    for index, piece in enumerate(value.pieces):
        if isinstance(piece, Alternative):
            front, rest = Text(value.pieces[:index]), Text(value.pieces[index + 1 :])
            sides = [_ways(Text.of(front, side, rest)) for side in (piece.then, piece.otherwise)]
            return Choice(piece.condition, *sides)
    return value


def _readings(text: Text, limit: int) -> int:
    """In how many ways a text can be read; any number beyond the limit stands for all of them."""
    count = 1
    for piece in text.pieces:
        if isinstance(piece, Alternative):
            count *= _readings(piece.then, limit) + _readings(piece.otherwise, limit)
            if count > limit:
                break
    return count


def plain(item: Item) -> Value | None:
    """The item where it certainly is one value."""
    from auditor.values.domain import AltItems, Spread

    return None if isinstance(item, Spread | AltItems) else item


def missing(expression: str, identity: object = None) -> Hole:
    """A value that should be there and was not found."""
    return Hole(identity or ("missing", expression), expression, Lifetime.UNKNOWN, reason=Reason.MISSING)
