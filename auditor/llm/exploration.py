"""How far up the callers a call site is looked at from.

A function that sends is evaluated alone first, then from its callers, theirs, and so on: as long as parameters stay unknown, and
only above callers from which the request is really heard. What is heard from a caller replaces what was heard without it. An
entry is evaluated once, whatever the number of call sites that it leads to; where its budget ends before one of them was heard
often enough, once more for that one.

A call that nothing reaches is looked at once more with defaults that callers may change: `if stream:` behind `stream=False`.
"""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from auditor.limits import Limits
from auditor.llm.entries import Callers, Candidate, Scope
from auditor.llm.evaluation import Evaluation, Evaluator, Way
from auditor.llm.events import Event
from auditor.llm.timetables import Timetables
from auditor.values.domain import (
    Frozen,
    FrozenChoice,
    FrozenDict,
    FrozenEntry,
    FrozenItem,
    FrozenList,
    FrozenObject,
    FrozenSpread,
)
from auditor.values.lifetime import Evidence, Reason
from auditor.values.text import Hole, Text

NOWHERE = Scope("", "")
NEAREST = Scope("", "nearest")
Run = tuple[Scope, Scope, bool, tuple[int, int]]
"""An entry; the only scope that its budget is for; whether it is for what stands behind the calls of an earlier run; line and
column of the only call of the entry that it is for, or `ALL`.

The scope is `NOWHERE` where the budget is for all requests, `NEAREST` where it is for what lies on the shortest way to each."""

Kept = dict[tuple[Run, Event], None]
"""Requests that are shown, each with the run in which it was heard."""

ALL = (0, 0)

ENOUGH = 2
"""Requests that show whether the next one repeats the one before."""


class Explorer:
    """The runs of one project's entries, and what is heard in them."""

    def __init__(self, evaluator: Evaluator, callers: Callers, sending: Iterable[Candidate], limits: Limits) -> None:
        self._evaluator = evaluator
        self._scopes: set[Scope] = set()
        self._handing: dict[Scope, set[int]] = {}
        self._calls: dict[Scope, list[ast.Call]] = {}
        for candidate in sending:
            scope = Scope(candidate.path, candidate.scope)
            self._scopes.add(scope)
            self._calls.setdefault(scope, []).append(candidate.node)
            if candidate.handed:
                self._handing.setdefault(scope, set()).add(id(candidate.node))
        self._callers = callers
        self._timetables = Timetables(evaluator.machine.project, callers, limits.caller_levels)
        self._limits = limits
        self._done: dict[Run, Evaluation] = {}
        self._hot: dict[tuple[Scope, frozenset[Scope], bool], Evaluation] = {}  # runs by what their budget was for
        self._in_vain: Counter[tuple[str, Scope]] = Counter()  # runs that were repeated and brought nothing more

    def explore(self, scopes: Iterable[Scope] | None = None) -> list[Evaluation]:
        """Evaluations in which the sending calls are heard, each restricted to the events that no caller explains better.

        `scopes`: starting from these functions alone.
        """
        kept: Kept = {}
        for scope in sorted(self._scopes if scopes is None else scopes):
            for entry in self._entries(scope):
                for run in self._runs(entry, scope):
                    kept.update(((run, event), None) for event in self._done[run].events if self._belongs(event, scope))
        kept = self._told_elsewhere(kept)
        return [
            _restricted(self._done[run], tuple(event for event in self._done[run].events if (run, event) in kept))
            for run in sorted({run for run, _ in kept})
        ]

    def _told_elsewhere(self, kept: Kept) -> Kept:
        """The same with requests that were heard from entries tried for another function's sake only.

        They count where a site was not heard from its own callers, or from nobody who gives the function what it sends.
        """
        explained = {event.site for run, event in kept if not self._left_open(run, event)}
        found = [
            (run, event)
            for run in sorted(self._done)
            for event in self._done[run].events
            if event.site not in explained and any(map(partial(self._belongs, event), self._scopes))
        ]
        told = {event.site for run, event in found if not self._left_open(run, event)}
        heard = {event.site for _, event in kept} | told
        out = {one: None for one in kept if one[1].site not in told}
        return out | {one: None for one in found if one[1].site not in heard or not self._left_open(*one)}

    def explore_opened(self, scopes: Iterable[Scope]) -> list[Evaluation]:
        """Evaluations of functions some of whose calls nothing reached, with what their parameters' defaults decided left open.

        Only requests that were not heard before count.
        """
        heard = {event.site for evaluation in self._done.values() for event in evaluation.events}
        out = []
        for scope in sorted(scope for scope in scopes if self._evaluator.may_open(scope))[: self._limits.opened]:
            closed = self._done.get((scope, NOWHERE, False, ALL))
            if closed is not None and not closed.defaulted:
                continue  # no default decided anything: it would be the same run
            evaluation = self._evaluator.run(scope, Way(opened=True))
            out.append(_restricted(evaluation, tuple(event for event in evaluation.events if event.site not in heard)))
        return [evaluation for evaluation in out if evaluation.events]

    def _run(self, entry: Scope, scope: Scope) -> Run:
        """The run of an entry in which the scope's requests are heard.

        Where other requests used up the budget before one followed another, the entry is run again with all of it for the nearest
        ways (a tool that is an agent of its own is passed over: it is an entry too), then for the way to this scope alone; and so
        is the function that sends itself, where what it calls took what its own last calls needed.
        """
        run = (entry, NOWHERE, False, ALL)
        if run not in self._done:
            self._done[run] = self._evaluator.run(entry)
        if self._enough(run, scope):
            return run
        if entry == scope and self._short(scope):
            return run  # it goes straight to each of the others
        if entry != scope:
            nearest = (entry, NEAREST, False, ALL)
            if nearest not in self._done and (hot := self._callers.ways(entry, self._scopes)):
                self._done[nearest] = self._hot_run(entry, hot)
            if nearest in self._done and self._better(nearest, run, scope):
                run = nearest
            if self._enough(run, scope):
                return run
        again = (entry, scope, False, ALL)
        if again not in self._done:
            if entry != scope and max(self._in_vain["from", entry], self._in_vain["to", scope]) >= self._limits.in_vain:
                return run  # for its own calls a function is run again once at most, whatever others it leads to
            hot = {scope} if entry == scope else self._callers.ways(entry, [scope]) or self._callers.above([scope])
            self._done[again] = self._hot_run(entry, hot, sparing=entry != scope)
            if not self._better(again, run, scope):
                self._in_vain.update((("from", entry), ("to", scope)))
        return again if self._better(again, run, scope) else run

    def _hot_run(self, entry: Scope, hot: Iterable[Scope], *, sparing: bool = False) -> Evaluation:
        """A run of an entry with all of its budget for some scopes: another one for the very same would be the same."""
        key = (entry, frozenset(hot), sparing)
        if key not in self._hot:
            whole = self._done[entry, NOWHERE, False, ALL]
            self._hot[key] = self._evaluator.run(entry, Way(hot=key[1], sparing=sparing, costly=whole.dear))
        return self._hot[key]

    def _enough(self, run: Run, scope: Scope) -> bool:
        """Whether nothing more of the scope can be heard from the run's entry, or need be."""
        entry = run[0]
        heard = self._count(run, scope) >= ENOUGH and (entry != scope or self._all_heard(run, scope))
        return heard or not self._done[run].failed

    def _runs(self, entry: Scope, scope: Scope) -> list[Run]:
        """That run, and one more where the entry sends behind what its budget lasted for.

        A handler that looks at a picture first and answers then sends from both places: what was evaluated before is passed over.
        """
        run = self._run(entry, scope)
        if entry == scope and not self._enough(run, scope):
            return [run, *self._straight(scope)]
        behind = (entry, NOWHERE, True, ALL)
        if behind not in self._done:
            whole = self._done[entry, NOWHERE, False, ALL]
            if entry == scope or not whole.failed or not self._evaluator.left(whole):
                return [run]
            made = self._evaluator.run(entry, Way(before=whole))
            passed = self._evaluator.passed(whole)
            events = tuple(event for event in made.events if passed.isdisjoint(event.path))
            self._done[behind] = replace(made, events=events)
        return [run, behind]

    def _short(self, scope: Scope) -> list[ast.Call]:
        """The function's own calls that it did not come to twice for want of steps; none where they are too many."""
        events = self._done[scope, NOWHERE, False, ALL].events
        short = [node for node in self._calls[scope] if len({one.epoch for one in self._of_call(events, scope, node)}) < ENOUGH]
        return short if len(short) <= self._limits.aimed else []

    def _of_call(self, events: Iterable[Event], scope: Scope, node: ast.Call) -> tuple[Event, ...]:
        """The requests that a call of the scope sends, or that are sent by what it hands a method or a URL to."""
        position = self._position(scope, node)
        handed = id(node) in self._handing.get(scope, ())
        return tuple(
            event
            for event in events
            if (self._sends(event, scope) and (event.place.line, event.place.column) == position)
            or (handed and id(node) in event.path)
        )

    def _position(self, scope: Scope, node: ast.Call) -> tuple[int, int]:
        """Line and column of a call of the scope, as its place has them."""
        module = self._evaluator.machine.project.module(scope.path)
        assert module is not None
        place = module.place(node)
        return place.line, place.column

    def _straight(self, scope: Scope) -> list[Run]:
        """Runs of a function that go straight to those calls."""
        runs: list[Run] = []
        for node in self._short(scope):
            run = (scope, scope, False, self._position(scope, node))
            if run not in self._done:
                made = self._evaluator.run(scope, Way(hot=frozenset([scope]), aim=node))
                self._done[run] = replace(made, events=self._of_call(made.events, scope, node))
            runs.append(run)
        return runs

    def _better(self, one: Run, other: Run, scope: Scope) -> bool:
        """Whether the first of two runs of an entry heard more of the scope's requests."""
        if one[0] == scope:
            return (len(self._own(one, scope)), self._mine(one, scope)) > (len(self._own(other, scope)), self._mine(other, scope))
        return self._count(one, scope) > self._count(other, scope)

    def _own(self, run: Run, scope: Scope) -> set[tuple[int, int]]:
        """Which of the calls that stand in the scope were heard."""
        return {(event.place.line, event.place.column) for event in self._done[run].events if self._sends(event, scope)}

    def _mine(self, run: Run, scope: Scope) -> int:
        """How often the calls that stand in the scope were heard: one that is heard once follows nothing."""
        return sum(self._sends(event, scope) for event in self._done[run].events)

    def _all_heard(self, run: Run, scope: Scope) -> bool:
        """Whether every call of the scope was heard: the last ones of a long function may lie beyond its budget."""
        return len(self._own(run, scope)) >= len(self._calls.get(scope, ()))

    def _count(self, run: Run, scope: Scope) -> int:
        """How many of the scope's requests follow one another: those that are sent both ways of a test do not."""
        found = self._done[run]
        mine = [event for event in found.events if self._belongs(event, scope)]
        return len(mine) if found.script else len({event.epoch for event in mine})

    def _belongs(self, event: Event, scope: Scope) -> bool:
        """Whether a scope sends a request itself, or hands method or URL to a function that nothing else tells to send."""
        if self._sends(event, scope):
            return True
        handing = self._handing.get(scope)
        return (
            handing is not None and not handing.isdisjoint(event.path) and not any(map(partial(self._sends, event), self._scopes))
        )

    def _sends(self, event: Event, scope: Scope) -> bool:
        name = scope.name or "<module>"
        path = self._evaluator.machine.project.display(scope.path)
        return event.place.path == path and (event.site.function == name or event.site.function.startswith(f"{name}."))

    def _left_open(self, run: Run, event: Event) -> bool:
        """Whether a request was heard from the function that sends it alone, which nobody gave what it takes."""
        return self._sends(event, run[0]) and open_parameter(event)

    def _heard(self, entry: Scope, scope: Scope) -> list[Event]:
        return [event for run in self._runs(entry, scope) for event in self._done[run].events if self._belongs(event, scope)]

    def _through(self, event: Event, entry: Scope) -> bool:
        """Whether the request was heard by way of the entry, and not of another function of its name."""
        return not self._evaluator.calls_of(entry).isdisjoint(event.path)

    def _leads_through(self, caller: Scope, entry: Scope, scope: Scope) -> bool:
        return any(self._through(event, entry) for event in self._heard(caller, scope))

    def _open(self, entry: Scope, scope: Scope, events: list[Event]) -> bool:
        """Whether the entry's callers may tell more of the request than it does."""
        filled = any(self._done[run].filled for run in self._runs(entry, scope))
        return filled or any(map(open_parameter, events)) or self._callers.override(entry) or self._enclosed(entry)

    def _enclosed(self, entry: Scope) -> bool:
        """Whether it is a function inside of another: what that one was given stands for one call of it only."""
        module = self._evaluator.machine.project.module(entry.path)
        return module is not None and "." in entry.name and entry.name not in module.owner

    def _on_one_object(self, caller: Scope, entry: Scope) -> bool:
        """Whether both are methods of one class: what the caller does to the object in between is told by no parameter."""
        module = self._evaluator.machine.project.module(entry.path)
        owner = module.owner.get(entry.name) if module is not None and caller.path == entry.path else None
        return module is not None and owner is not None and module.owner.get(caller.name) == owner

    def _sends_later(self, caller: Scope, entry: Scope) -> bool:
        """Whether something may come of the entry only after what the caller's own callers do.

        It works on the same state, or gives them a function that does the call: `llm = self.get_llm()`.
        """
        return caller.path == entry.path or self._callers.hands_out(caller)

    def _entries(self, scope: Scope) -> list[Scope]:
        """The outermost entries from which the scope's requests are heard."""
        leaves: list[Scope] = []
        below: dict[Scope, set[Scope]] = {scope: set()}  # entries that were tried, and which of the others each leads to
        tried, spent = 1, self._done[self._run(scope, scope)].steps
        frontier = [(scope, 0)]
        while frontier:
            entry, level = frontier.pop(0)
            events = self._heard(entry, scope)
            above: list[Scope] = []
            timed = False
            followed = level < self._limits.caller_levels and bool(events)
            if level == 0 or followed:
                callers = list(self._callers.of(entry))
                if level > 0 and not self._open(entry, scope, events):
                    beside = [caller for caller in callers if self._on_one_object(caller, entry)]
                    timed = not beside
                    callers = [*beside, *self._timetables.above(entry)]
                for caller in callers:
                    if caller in below:
                        # Tried for another function that it calls: what is heard from there may come through this one as well.
                        if caller not in {entry, *above, *below[entry]} and self._leads_through(caller, entry, scope):
                            above.append(caller)
                        continue
                    if tried >= self._limits.entries or spent >= self._limits.site_steps:
                        reached = "site steps" if spent >= self._limits.site_steps else "entries"
                        self._evaluator.machine.limits_reached[reached] += 1
                        break
                    below[caller] = set()
                    tried += 1
                    spent += sum(self._done[run].steps for run in self._runs(caller, scope))
                    if self._leads_through(caller, entry, scope):
                        above.append(caller)
                    elif events and self._sends_later(caller, entry) and not self._done[self._run(caller, scope)].failed:
                        callers.extend(self._callers.of(caller))
            frontier.extend((caller, level + 1) for caller in above if not below[caller])
            for caller in above:
                below[caller] |= {entry, *below[entry]}
            # Where a caller's evaluation ended early, later requests are only heard from below it. How often a schedule runs
            # what is told already, two of them tell.
            least = ENOUGH if timed else math.inf
            if events and all(self._done[self._run(one, scope)].failed and len(self._heard(one, scope)) < least for one in above):
                leaves.append(entry)
        return leaves


def _restricted(evaluation: Evaluation, events: tuple[Event, ...]) -> Evaluation:
    return replace(evaluation, events=events, steps=0)


def open_parameter(event: Event) -> bool:
    """Whether something of the request is a parameter that the entry got from nobody."""
    return any(_open(value) for _, value in event.arguments) or bool(event.unknown_arguments)


def _open(value: Frozen | FrozenItem) -> bool:
    match value:
        case Hole():
            return value.reason is Reason.NO_CALLERS or value.evidence is Evidence.NAME
        case Text():
            return any(hole.reason is Reason.NO_CALLERS or hole.evidence is Evidence.NAME for hole in value.holes())
        case FrozenList(items):
            return any(_open(item) for item in items)
        case FrozenDict(entries):
            return any(_open(entry.value) if isinstance(entry, FrozenEntry) else True for entry in entries)
        case FrozenObject(_, attributes):
            return _open(attributes)
        case FrozenChoice(_, then, otherwise):
            return _open(then) or _open(otherwise)
        case FrozenSpread(hole, _):
            return _open(hole)
        case _:
            return False
