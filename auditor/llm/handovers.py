"""Conversations that pass from one call to another: a second call sends what a first one sent, its answer, and more.

Each call site's requests are replayed by themselves, and those that come to it on several ways with several prompts or models
apart from each other; what the cache sees of a conversation is all of them. Knows requests that were heard in one evaluation, in
order. A request with the very same messages (a fallback, a second try) continues nothing, and what its call site sends from then
on continues that request and not the other's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.knowledge.sdk import Sdk
from auditor.limits import Limits
from auditor.llm.evaluation import Evaluation
from auditor.llm.events import Event
from auditor.llm.request import Block, CallSite, Repetition, Replay, Request, Section
from auditor.llm.requests import build
from auditor.llm.switches import ahead
from auditor.llm.variants import conditions


@dataclass(frozen=True, slots=True)
class _Sent:
    event: Event
    request: Request
    messages: tuple[Block, ...]

    @property
    def way(self) -> tuple[CallSite, tuple[int, ...]]:
        return self.event.site, self.event.path


def handovers(heard: Iterable[Evaluation], sdk: Sdk, limits: Limits) -> Iterator[Replay]:
    """For two call sites of one conversation, or two ways to one of them, whose prompts differ: the last request of one, the
    first of the other and, where the conversation comes back, the next of the one. Each pair of sites or ways once."""
    known: set[frozenset[object]] = set()
    for evaluation in heard:
        if len({(event.site, event.path) for event in evaluation.events}) < 2:
            continue
        sent: list[_Sent] = []
        again: set[tuple[CallSite, tuple[Block, ...]]] = set()
        for event in evaluation.events[: 4 * limits.requests]:
            item = _main(event, sdk) if event.site.sends else None
            if item is None:
                continue
            if all(item.messages != other.messages for other in sent):
                sent.append(item)
            else:
                again.add((event.site, item.messages))
        for number, later in enumerate(sent):
            earlier = next((item for item in reversed(sent[:number]) if continues(item, later)), None)
            if earlier is None or earlier.way == later.way or (later.event.site, earlier.messages) in again:
                continue
            one_site = earlier.event.site == later.event.site
            pair: frozenset[object] = frozenset((earlier.way, later.way) if one_site else (earlier.event.site, later.event.site))
            if pair in known or ahead(earlier.request) == ahead(later.request):
                continue
            known.add(pair)
            back = _back(sent[number + 1 :], earlier, later)
            requests = (earlier.request, later.request, *((back.request,) if back is not None else ()))
            words = f"the conversation of {earlier.event.place} goes on here"
            yield Replay(later.event.site, requests, Repetition.CONVERSATION, words, evaluation.place)


def _main(event: Event, sdk: Sdk) -> _Sent | None:
    """The request of an event with every open condition true; None where it is none or one of many."""
    found = build(event, sdk, {condition.identity: True for condition in conditions([event])})
    if len(found) != 1 or found[0].opaque:
        return None
    messages = tuple(block for block in found[0].blocks if block.section is Section.MESSAGES)
    return _Sent(event, found[0], messages) if messages else None


def continues(earlier: _Sent, later: _Sent) -> bool:
    """Whether the later request repeats all messages of the earlier one and adds some."""
    one, two = earlier.messages, later.messages
    if len(two) <= len(one) or two[: len(one)] != one:
        return False
    own = any(True for block in one for _ in block.text.holes()) or any(block.role == "assistant" for block in two[len(one) :])
    decided = later.event.assumptions
    return own and not any(decided.get(identity, outcome) != outcome for identity, outcome in earlier.event.assumptions.items())


def _back(rest: Sequence[_Sent], earlier: _Sent, later: _Sent) -> _Sent | None:
    """The request with which the conversation comes back to where it was."""
    return next((item for item in rest if item.way == earlier.way and continues(later, item)), None)
