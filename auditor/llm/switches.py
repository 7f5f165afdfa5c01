"""What consecutive requests look like where the outcome of a condition changes between them.

A variant takes each condition one way and stays there. But a test that is evaluated anew for every request may come out
otherwise the next time: its outcomes alternate here, and everything else stays as it is. A condition that is tested once for
all requests (its identity is the same in each) is held: it turns only for the next user, conversation or process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from auditor.knowledge.sdk import Sdk
from auditor.limits import ALTERNATING_REQUESTS, Limits
from auditor.llm import continued, dialogues
from auditor.llm.events import Event
from auditor.llm.request import Repetition, Replay, Request, Section, Switch
from auditor.llm.requests import build
from auditor.llm.variants import conditions, grouped, steady_ones
from auditor.places import Place
from auditor.values.text import Condition


def switches(events: Sequence[Event], repetition: Repetition, entry: Place | None, sdk: Sdk, limits: Limits) -> Iterator[Switch]:
    """One for each condition that decides something else than the messages."""
    events = events[:ALTERNATING_REQUESTS]
    if len(events) < 2 or repetition is Repetition.ONCE:
        return
    tests = conditions([*map(_ahead, events), *events])
    kept = steady_ones(tests)
    found = grouped(condition for condition in tests if condition.identity not in kept)
    ways = {
        others: {**{condition.identity: others for rest in found.values() for condition in rest}, **kept}
        for others in (True, False)
    }
    always = {
        others: _changed([sent for event in events for sent in build(event, sdk, steady)]) for others, steady in ways.items()
    }
    for group in list(found.values())[: limits.conditions]:
        turns = _turns(group, events)
        held = len(set(turns.values())) < 2
        for others, steady in ways.items():
            requests: list[Request] = []
            for number, event in enumerate(events):
                alternating = {identity: (number if held else turn) % 2 == 0 for identity, turn in turns.items()}
                requests.extend(build(event, sdk, steady | alternating))
            decides = _changed(requests) - always[others]
            if decides:
                words = f"{group[0].expression} turns out differently from request to request"
                replay = Replay(events[0].site, tuple(continued.whole(requests[: limits.requests])), repetition, words, entry)
                yield Switch(group[0], replay, decides, max(Counter(turns.values()).values()), held)
                break


def _ahead(event: Event) -> Event:
    """The event without what is said: what decides about the rest is looked at first, as a history holds many conditions."""
    return replace(event, arguments=tuple((name, value) for name, value in event.arguments if name not in dialogues.ARGUMENTS))


def _changed(requests: Sequence[Request]) -> frozenset[str]:
    """The parts that differ somewhere between a request and the next one of the same run or conversation."""
    parts = [ahead(request) for request in requests]
    return frozenset(
        name for one, other in pairwise(parts) for name in one.keys() | other.keys() if one.get(name) != other.get(name)
    )


def _turns(group: Sequence[Condition], events: Sequence[Event]) -> dict[object, int]:
    """For each condition of one place, the how manieth test of it is; the tests for one request count as one."""
    mine = {condition.identity for condition in group}
    first: dict[object, int] = {}
    for number, event in enumerate(events):
        for condition in conditions([event]):
            if condition.identity in mine:
                first.setdefault(condition.identity, number)
    ranks = {number: rank for rank, number in enumerate(sorted(set(first.values())))}
    return {identity: ranks[number] for identity, number in first.items()}


def ahead(request: Request) -> dict[str, object]:
    """What stands ahead of the messages or decides about them, part by part: model, parameters, tools, system prompt; holes by
    expression."""
    parts: dict[str, object] = {name: value.render() for name, value in request.params.items()}
    parts["model"] = request.model and request.model.render()
    for section in (Section.TOOLS, Section.SYSTEM):
        parts[section.value] = [block.text.render() for block in request.blocks if block.section is section]
    return parts
