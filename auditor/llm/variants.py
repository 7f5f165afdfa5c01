"""Which outcomes of open conditions a call site's requests are looked at under.

Conditions of one place are decided alike in consecutive requests: a variant is a way that the program can stay on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from auditor.limits import COMBINED_CONDITIONS
from auditor.llm.events import Event
from auditor.values.domain import (
    Frozen,
    FrozenAlt,
    FrozenChoice,
    FrozenDict,
    FrozenEntry,
    FrozenEntryAlt,
    FrozenEntryItem,
    FrozenItem,
    FrozenList,
    FrozenObject,
    FrozenSpread,
)
from auditor.values.text import Alternative, Condition, Text


def conditions(events: Iterable[Event]) -> list[Condition]:
    """Open conditions of the events' arguments, each identity once, in the order of the request."""
    found: dict[object, Condition] = {}
    for event in events:
        for _, value in event.arguments:
            for condition in _of(value):
                if condition.identity not in event.assumptions:
                    found.setdefault(condition.identity, condition)
        for entry in event.unknown_arguments:
            for condition in _of_entry(entry):
                if condition.identity not in event.assumptions:
                    found.setdefault(condition.identity, condition)
    return list(found.values())


def decisions(found: Sequence[Condition], limit: int) -> Iterator[tuple[dict[object, bool], tuple[tuple[Condition, bool], ...]]]:
    """Ways to decide the conditions, at most about 2**COMBINED_CONDITIONS or one more than `limit` + 1, the main one first."""
    groups = grouped(found)
    keys = list(groups)
    if len(keys) <= COMBINED_CONDITIONS:
        ways = list(product((True, False), repeat=len(keys)))
    else:
        every = tuple(True for _ in keys)
        ways = [every, tuple(False for _ in keys)]
        ways += [tuple(index != turned for index in range(len(keys))) for turned in range(min(len(keys), limit))]
    for way in ways:
        decided = {condition.identity: outcome for key, outcome in zip(keys, way, strict=True) for condition in groups[key]}
        yield decided, tuple((groups[key][0], outcome) for key, outcome in zip(keys, way, strict=True))


def grouped(found: Iterable[Condition]) -> dict[object, list[Condition]]:
    """Conditions that one place of the program tests again and again."""
    groups: dict[object, list[Condition]] = {}
    for condition in found:
        key = (condition.place, condition.expression) if condition.place is not None else condition.identity
        groups.setdefault(key, []).append(condition)
    return groups


def _of(value: Frozen) -> Iterator[Condition]:
    match value:
        case FrozenChoice(condition, then, otherwise):
            yield condition
            yield from _of(then)
            yield from _of(otherwise)
        case Text(pieces):
            for piece in pieces:
                if isinstance(piece, Alternative):
                    yield piece.condition
                    yield from _of(piece.then)
                    yield from _of(piece.otherwise)
        case FrozenList(items):
            for item in items:
                yield from _of_item(item)
        case FrozenDict(entries):
            for entry in entries:
                yield from _of_entry(entry)
        case FrozenObject(_, attributes):
            yield from _of(attributes)
        case _:
            return


def _of_item(item: FrozenItem) -> Iterator[Condition]:
    match item:
        case FrozenAlt(condition, then, otherwise):
            yield condition
            for one in (*then, *otherwise):
                yield from _of_item(one)
        case FrozenSpread(_, elements):
            for element in elements:
                yield from _of_item(element)
        case _:
            yield from _of(item)


def _of_entry(entry: FrozenEntryItem) -> Iterator[Condition]:
    match entry:
        case FrozenEntryAlt(condition, then, otherwise):
            yield condition
            for one in (*then, *otherwise):
                yield from _of_entry(one)
        case FrozenEntry(key, value):
            yield from _of(key)
            yield from _of(value)
        case _:
            return
