"""Which outcomes of open conditions a call site's requests are looked at under.

Conditions of one place are decided alike in consecutive requests: a variant is a way that the program can stay on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product

from auditor.interp.marking import MARKERS
from auditor.limits import COMBINED_CONDITIONS, SEEN_EVENTS
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
from auditor.values.same import Same
from auditor.values.text import Alternative, Condition, Text

Node = Frozen | FrozenItem | FrozenEntryItem | Alternative
FORKS = (FrozenChoice, FrozenAlt, FrozenEntryAlt, Alternative)


def conditions(events: Iterable[Event]) -> list[Condition]:
    """Open conditions of the events' arguments, each identity once, in the order of the request."""
    found: dict[object, Condition] = {}
    for event in events:
        for node in _forks(Same(event)):
            if node.condition.identity not in event.assumptions:
                found.setdefault(node.condition.identity, node.condition)
    return list(found.values())


def of_markers(event: Event) -> list[Condition]:
    """Those of the event's conditions on which it hangs whether something is marked.

    Which elements of a stretch are kept (the parts of an answer that call a tool) says nothing of that: what is kept is marked.
    """
    kept = {id(fork) for fork in _kept(event)}
    forks = (node for node in _forks(Same(event)) if id(node) not in kept and any(map(_is_marker, _nodes(node))))
    return [fork.condition for fork in forks if fork.condition.identity not in event.assumptions]


def _kept(event: Event) -> Iterator[FrozenAlt]:
    """Elements of stretches that are left out under a condition, and are more than a marker."""
    stretches = (node for node in _sent(event) if isinstance(node, FrozenSpread))
    for node in (part for stretch in stretches for part in stretch.elements):
        if isinstance(node, FrozenAlt) and not (node.then and node.otherwise) and not _only_marks(node.then + node.otherwise):
            yield node


def _only_marks(items: Sequence[FrozenItem]) -> bool:
    """Whether items are nothing but markers, as Bedrock's cache points are."""
    return any(isinstance(one, FrozenDict) and one.entries and all(map(_is_marker, one.entries)) for one in items)


def decisions(found: Sequence[Condition], limit: int) -> Iterator[tuple[dict[object, bool], tuple[tuple[Condition, bool], ...]]]:
    """Ways to decide the conditions, at most about 2**COMBINED_CONDITIONS or one more than `limit` + 1, the main one first."""
    steady = steady_ones(found)
    groups = grouped(condition for condition in found if condition.identity not in steady)
    keys = list(groups)
    if len(keys) <= COMBINED_CONDITIONS:
        ways = list(product((True, False), repeat=len(keys)))
    else:
        every = tuple(True for _ in keys)
        ways = [tuple(_usual(groups[key][0]) for key in keys), every, tuple(False for _ in keys)]
        ways += [tuple(index != turned for index in range(len(keys))) for turned in range(min(len(keys), limit))]
    seen: set[tuple[bool, ...]] = set()
    for way in ways:
        decided: dict[object, bool] = dict(steady)
        for key, outcome in zip(keys, way, strict=True):
            decided.update((condition.identity, outcome) for condition in groups[key])
        for condition in found:
            decided.update(condition.taken(decided[condition.identity]))
        hanging = ((condition, condition.follows(decided)) for condition in found if condition.hangs is not None)
        decided.update({condition.identity: outcome for condition, outcome in hanging if outcome is not None})
        chosen = tuple((groups[key][0], decided[groups[key][0].identity]) for key in keys)
        outcomes = tuple(decided[condition.identity] for condition in found)
        if outcomes not in seen:
            seen.add(outcomes)
            yield decided, chosen


def _usual(condition: Condition, depth: int = 20) -> bool:
    """How a test comes out where what it asks for is there; one of several, as they do."""
    if condition.expected is not None or condition.hangs is None or not depth:
        return condition.expected is not False
    which, *sides = condition.hangs
    side = sides[not _usual(which, depth - 1)]
    return side if isinstance(side, bool) else _usual(side[0], depth - 1) is side[1]


def steady_ones(found: Iterable[Condition]) -> dict[object, bool]:
    """The outcomes of tests of how long ago something was: in consecutive requests, no time has passed."""
    return {condition.identity: condition.expected for condition in found if condition.lapse and condition.expected is not None}


def grouped(found: Iterable[Condition]) -> dict[object, list[Condition]]:
    """Conditions that one place of the program tests again and again."""
    groups: dict[object, list[Condition]] = {}
    for condition in found:
        key = (condition.place, condition.expression) if condition.place is not None else condition.identity
        groups.setdefault(key, []).append(condition)
    return groups


@lru_cache(maxsize=SEEN_EVENTS)
def _forks(event: Same[Event]) -> tuple[FrozenChoice | FrozenAlt | FrozenEntryAlt | Alternative, ...]:
    """The open decisions in an event's arguments, from the outside in."""
    return tuple(node for node in _sent(event.value) if isinstance(node, FORKS))


def _sent(event: Event) -> Iterator[Node]:
    """Everything that the event's arguments are made of, from the outside in."""
    for _, value in event.arguments:
        yield from _nodes(value)
    for entry in event.unknown_arguments:
        yield from _nodes(entry)


def _nodes(node: Node) -> Iterator[Node]:
    left = [node]
    while left:
        node = left.pop()
        yield node
        parts = _parts(node)
        if parts:
            left.extend(reversed(parts))


def _parts(node: Node) -> Sequence[Node]:
    match node:
        case FrozenChoice(_, then, otherwise) | Alternative(_, then, otherwise):
            return (then, otherwise)
        case FrozenAlt(_, then, otherwise):
            return (*then, *otherwise)
        case FrozenEntryAlt(_, one, other):
            return (*one, *other)
        case Text(pieces):
            return [piece for piece in pieces if isinstance(piece, Alternative)]
        case FrozenList(parts) | FrozenSpread(_, parts):
            return parts
        case FrozenDict(entries):
            return entries
        case FrozenEntry(key, value):
            return (key, value)
        case FrozenObject(_, attributes):
            return (attributes,)
        case _:
            return ()


def _is_marker(node: Node) -> bool:
    return isinstance(node, FrozenEntry) and isinstance(node.key, Text) and node.key.known in MARKERS
