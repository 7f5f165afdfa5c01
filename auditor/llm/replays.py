"""From what was heard to replays: consecutive requests of one call site on one way through the program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from itertools import pairwise, starmap

from auditor.knowledge.sdk import Sdk
from auditor.limits import Limits
from auditor.llm import continued, excluded
from auditor.llm.evaluation import Evaluation
from auditor.llm.events import Event
from auditor.llm.idle import Idle
from auditor.llm.request import Block, CallSite, Kind, LeftOut, Repetition, Replay, Request, Section, SiteReplays, Switch
from auditor.llm.requests import build, loops
from auditor.llm.switches import switches
from auditor.llm.variants import conditions, decisions, grouped, of_markers
from auditor.places import Place
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.text import RAISED, Condition


def of_site(
    site: CallSite, heard: Iterable[tuple[Evaluation, list[Event]]], sdk: Sdk, limits: Limits, idle: Idle | None = None
) -> SiteReplays:
    """All replays of one call site; equal ones once. `idle` knows which entries nobody calls."""
    found = [_of_entry(evaluation, events, sdk, limits) for evaluation, events in heard]
    left = idle.without([(one.evaluation, one.replays) for one in found]) if idle is not None else ()
    uncalled = [one for number, one in enumerate(found) if number in left]
    found = [one for number, one in enumerate(found) if number not in left]
    replays: dict[object, Replay] = {}
    for replay in (replay for one in found for replay in one.replays):
        replays.setdefault((replay.repetition, *map(_content, replay.requests)), replay)
    unknown = dict.fromkeys(
        reason for one in found for replay in one.replays for request in replay.requests for reason in request.unknown
    )
    turning: dict[object, Switch] = {}
    for switch in (switch for one in found for switch in one.switches):
        turning.setdefault((switch.condition.place, switch.condition.expression), switch)
    kept = shared_out([replay for replay in replays.values() if not _raises(replay)] or [*replays.values()], 2 * limits.variants)
    turns = {replay.repetition for replay in kept}
    multi = True if Repetition.CONVERSATION in turns else None if Repetition.UNKNOWN in turns or not kept else False
    return SiteReplays(
        site, tuple(kept), tuple(unknown), multi, tuple(turning.values())[: limits.variants], left_out=tuple(_left_out(uncalled))
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """What one entry sends from a call site."""

    evaluation: Evaluation
    replays: tuple[Replay, ...]
    switches: tuple[Switch, ...]


def _left_out(found: Iterable[_Found]) -> Iterable[LeftOut]:
    """What is told of entries whose requests stand for nothing that is sent; one may have been run several times."""
    most: dict[tuple[str, Place], int] = {}
    for one in found:
        if one.evaluation.place is not None:
            key = (one.evaluation.entry.name, one.evaluation.place)
            most[key] = max(most.get(key, 0), len({tuple(map(_content, replay.requests)) for replay in one.replays}))
    return (LeftOut(name, place, count) for (name, place), count in sorted(most.items(), key=lambda item: item[0][1]))


def _of_entry(evaluation: Evaluation, events: list[Event], sdk: Sdk, limits: Limits) -> _Found:
    replays: list[Replay] = []
    turning: list[Switch] = []
    for sequence in _alike(events, sdk):
        mine = list(_sequence(evaluation, sequence[: limits.requests], sdk, limits))
        replays.extend(mine)
        kinds = [replay.repetition for replay in mine]
        sent = Repetition.CONVERSATION if Repetition.CONVERSATION in kinds else kinds[0] if kinds else Repetition.ONCE
        turning.extend(switches(sequence, sent, evaluation.place, sdk, limits))
    return _Found(evaluation, tuple(replays), tuple(turning))


def _raises(replay: Replay) -> bool:
    """Whether Python raises before anything is sent: a brace too many in a template that is filled in."""
    return any(hole.type == RAISED for request in replay.requests for block in request.blocks for hole in block.text.holes())


def shared_out(replays: list[Replay], most: int) -> list[Replay]:
    """So many of the replays: of each entry in turn the one that shows most of what those taken before do not.

    So no caller crowds out another, and no test that changes little one that changes much.
    """
    if len(replays) <= most:
        return replays
    parts = [frozenset(part for one in replay.requests for part in _parts(one)) for replay in replays]
    left: dict[Place | None, list[tuple[int, int]]] = {}
    for number, replay in enumerate(replays):
        left.setdefault(replay.entry, []).append((-len(parts[number]), number))
    for ranked in left.values():
        heapify(ranked)
    seen: set[object] = set()
    taken: list[int] = []
    while len(taken) < most:
        for ranked in left.values():
            if ranked and len(taken) < most:
                number = _newest(ranked, parts, seen)
                seen |= parts[number]
                taken.append(number)
    return [replays[number] for number in sorted(taken)]


def _newest(ranked: list[tuple[int, int]], parts: Sequence[frozenset[object]], seen: set[object]) -> int:
    """Takes off the one with most that is new; what was new of another one before can only have become less."""
    _, number = heappop(ranked)
    while ranked and (now := (-len(parts[number] - seen), number)) > ranked[0]:
        _, number = heapreplace(ranked, now)
    return number


def _parts(request: Request) -> Iterable[object]:
    """What a request says, piece by piece, whichever other requests say some of it too."""
    yield ("trimmed", request.trimmed)
    yield ("model", request.model.render() if request.model else None)
    for number, block in enumerate(request.blocks):
        yield (number, block.section, block.text.render(), block.marker)


def _alike(events: list[Event], sdk: Sdk) -> list[list[Event]]:
    """Requests that follow one another: those that came the same way, and those that came another way with the same prompt.

    A helper that is called with different system prompts sends requests that have nothing to do with one another.
    """
    sequences: dict[object, list[Event]] = {}
    shapes: dict[object, object] = {}
    for event, side in zip(events, _sides(events), strict=True):
        way = (event.path, side)
        if way not in shapes:
            shapes[way] = _shape(event, sdk)
        sequences.setdefault((shapes[way], side), []).append(event)
    return list(sequences.values())


def _sides(events: list[Event]) -> list[tuple[object, ...]]:
    """Which side of the tests before it each request is sent on, where requests that came the same way are sent on both.

    One or the other is sent, never both. A test counts that was made once for all these requests, or once for those of each
    repetition of the entry; a test that is made anew for each request says nothing about the next one.
    """
    always = _contested(events, lambda event: event.path)
    each = _contested(events, lambda event: (event.path, event.epoch))
    sides: list[tuple[object, ...]] = []
    for event in events:
        fixed = always[event.path]
        once = (identity for identity in each[event.path, event.epoch] if identity not in fixed)
        outcomes = (event.assumptions[identity] for identity in once)
        sides.append((*((identity, event.assumptions[identity]) for identity in fixed), *outcomes))
    return sides


def _contested(events: list[Event], group: Callable[[Event], object]) -> dict[object, tuple[object, ...]]:
    """Conditions that all requests of a group were sent under, and that came out both ways for them."""
    groups: dict[object, list[Event]] = {}
    for event in events:
        groups.setdefault(group(event), []).append(event)
    found: dict[object, tuple[object, ...]] = {}
    for key, (first, *others) in groups.items():
        shared = [identity for identity in first.assumptions if all(identity in event.assumptions for event in others)]
        found[key] = tuple(
            identity for identity in shared if any(event.assumptions[identity] != first.assumptions[identity] for event in others)
        )
    return found


def _shape(event: Event, sdk: Sdk) -> object:
    """What a request is made of apart from its messages, holes by their expressions; the way itself where nothing is known."""
    first = next(iter(build(event, sdk, {})), None)
    if first is None or first.opaque:
        return event.path
    prompt = tuple((block.section, block.text.render()) for block in first.blocks if block.section is not Section.MESSAGES)
    model = first.model.render() if first.model is not None else None
    return (prompt, model, first.provider) if prompt or _messages(first) else event.path


def _content(request: Request) -> tuple[object, ...]:
    """What two replays of the same requests have in common."""
    return (
        request.provider,
        request.surface,
        request.model.render() if request.model else None,
        tuple((block.section, block.role, block.text.render(), block.marker) for block in request.blocks),
        request.automatic,
        tuple((name, text.render()) for name, text in request.params.items()),
        request.trimmed,  # a few turns look alike whatever will be dropped later
    )


def _sequence(evaluation: Evaluation, events: list[Event], sdk: Sdk, limits: Limits) -> Iterable[Replay]:
    found = conditions(events)
    repeated = {key for event in events for key, tests in grouped(of_markers(event)).items() if len(tests) > 1}
    for decided, chosen in decisions(found, limits.conditions):
        requests: list[Request] = []
        ends: list[int] = []
        sent, outcomes = excluded.apart(found, events, decided)
        for event in sent:
            requests.extend(build(event, sdk, outcomes))
            ends.append(len(requests))
        if not requests:
            continue
        requests = continued.whole(requests[: limits.requests])
        repetition = _repetition(evaluation, events, requests)
        yield Replay(
            events[0].site,
            tuple(requests),
            repetition,
            _words(evaluation, chosen),
            evaluation.place,
            chosen,
            alike=any(outcome and not repeated.isdisjoint(grouped([condition])) for condition, outcome in chosen),
            assumed=events[0].assumptions,
        )


def _words(evaluation: Evaluation, chosen: tuple[tuple[Condition, bool], ...]) -> str:
    entry = f"{evaluation.entry.path}:{evaluation.entry.name or 'top level'}"
    tests = ", ".join(f"{condition.told} is {'true' if condition.holds(outcome) else 'false'}" for condition, outcome in chosen)
    return f"from {entry}" + (f"; {tests}" if tests else "")


def _repetition(evaluation: Evaluation, events: list[Event], requests: list[Request]) -> Repetition:
    if len(requests) >= 2 and _grows(requests[0], requests[1]) and not _begun_anew(requests):
        return Repetition.CONVERSATION
    if any(_goes_on(one, other) for one, other in pairwise(requests)):
        return Repetition.CONVERSATION
    alone = evaluation.script and len(requests) == 1 and not _loaded(requests[0])
    if loops(events[0]) or (_history(requests[0]) and not alone and not _begun_anew(requests)):
        return Repetition.CONVERSATION
    epochs = {event.epoch for event in events}
    if len(requests) > len(epochs):
        return Repetition.LOOP
    return Repetition.ONCE if evaluation.script else Repetition.HANDLER


def _messages(request: Request) -> list[Block]:
    return [block for block in request.blocks if block.section is Section.MESSAGES]


def _grows(one: Request, other: Request) -> bool:
    """Whether the later request repeats the earlier one's messages and adds some."""
    first, second = _messages(one), _messages(other)
    return bool(first) and len(second) > len(first) and first[0].text == second[0].text


def _goes_on(one: Request, other: Request) -> bool:
    """Whether all but the first message comes again, an answer among them, and more behind it: what is put in front is new."""
    first, second = _messages(one)[1:], _messages(other)[1:]
    repeated = [block.text for block in first] == [block.text for block in second[: len(first)]]
    answers = any(block.role == "assistant" and block.text.lifetime is Lifetime.TURN for block in first)
    return repeated and answers and len(second) > len(first)


def _begun_anew(requests: list[Request]) -> bool:
    """Whether each run of an entry has a conversation of its own, of which no request goes on where another one ended.

    So it is with what asks for the last word where a loop of tools took too long.
    """
    begun = [next(iter(_messages(request)), None) for request in requests]
    first = begun[0]
    if first is None or first.kind is not Kind.TEXT or any(starmap(_follows, pairwise(requests))):
        return False
    own = {hole.identity for hole in first.text.holes() if hole.lifetime is Lifetime.CALL or hole.cause is Cause.RESPONSE}
    return bool(own) and any(
        other is not None and own.isdisjoint(hole.identity for hole in other.text.holes()) for other in begun[1:]
    )


def _follows(one: Request, other: Request) -> bool:
    """Whether the later request repeats all messages of the earlier one."""
    first, second = ([block.text for block in _messages(request)] for request in (one, other))
    return second[: len(first)] == first


def _loaded(request: Request) -> bool:
    """Whether something of unknown number that is no answer stands in the messages: turns from before this run."""
    stretches = (block for block in _messages(request) if block.kind is Kind.STRETCH)
    return any(hole.cause is not Cause.RESPONSE for block in stretches for hole in block.text.holes())


def _history(request: Request) -> bool:
    """Whether earlier turns of unknown number stand in the messages, ahead of something of this request."""
    messages = _messages(request)
    roles = {block.role for block in messages if block.kind is not Kind.STRETCH}
    stretches = [block for block in messages if block.kind is Kind.STRETCH]
    return any(hole.lifetime.name == "TURN" for block in stretches for hole in block.text.holes()) or (
        "assistant" in roles and bool(stretches)
    )
