"""The evaluator's hub: budgets, conditions, content, and the dispatch to one module per construct.

Knows how the parts work together. Each construct lives in its own module and receives the machine; libraries are described by
the knowledge tables and the overlays in `interp.library`; LLM calls are announced to a `Listener`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from auditor.interp import (
    attributes,
    calls,
    containers,
    contributing,
    expressions,
    functions,
    held,
    sessions,
    strings,
    supposing,
    tests,
    twins,
)
from auditor.interp.frame import Activation, BudgetExceededError, Frame, Loop
from auditor.interp.origins import Origins
from auditor.interp.store import ENTRIES, ITEMS, Layer, Store
from auditor.values.domain import (
    Arguments,
    Choice,
    Content,
    DictRef,
    Entries,
    EntryItem,
    External,
    ExternalObject,
    FunctionValue,
    Item,
    Items,
    ListRef,
    SetRef,
    Spread,
    SpreadEntries,
    TupleValue,
    Value,
)
from auditor.values.join import decide, decide_entries, decide_items, join, leaves, one_of_few, one_of_many
from auditor.values.lifetime import Lifetime, Reason
from auditor.values.moment import START, Moment
from auditor.values.text import Condition, Hole, Text

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from auditor.interp.endings import Ended
    from auditor.interp.lapses import Lapse
    from auditor.interp.marking import Mark, Tested
    from auditor.interp.positions import Position
    from auditor.knowledge.library import Library
    from auditor.limits import Limits
    from auditor.places import Place
    from auditor.project.project import Project

Test = bool | tuple[Condition, bool]
"""Outcome of a test: decided, or a condition and the outcome of it that makes the test true."""


class Listener(Protocol):
    """Hears of calls on library objects; may answer with the call's value."""

    def call(
        self, machine: Machine, target: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame
    ) -> Value | None: ...

    def decorated(
        self, machine: Machine, decorator: External | ExternalObject, function: FunctionValue, node: ast.expr, frame: Frame
    ) -> Value | None:
        """What a library's decorator makes of a function, where it is more than the function."""
        ...

    def unknown_call(self, machine: Machine, callee: Hole, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None: ...

    def pipe(self, machine: Machine, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value | None:
        """`left | right` of which one is a library's object."""
        ...

    def is_data(self, cls: str) -> bool:
        """Whether objects of that library class have their constructor's keywords as attributes."""
        ...

    def sends(self, cls: str) -> bool:
        """Whether objects of that library class send requests, or make what does."""
        ...

    @property
    def heard(self) -> int:
        """How many requests were heard so far: a loop that sends is replayed, another is widened."""
        ...

    @property
    def restless(self) -> bool:
        """Whether the last request differed from the one before it in a way that a few more turns would settle."""
        ...

    def forget(self, heard: int) -> None:
        """Drops all but the first `heard` requests: what sent the others is evaluated again."""
        ...


class Machine(Origins):
    """Evaluates code of one project. Create one per audit; `entry` bounds one evaluation."""

    def __init__(self, project: Project, library: Library, limits: Limits, listener: Listener) -> None:
        super().__init__(limits)
        self.project = project
        self.library = library
        self.listener = listener
        self.store = Store()
        self.assumptions: dict[Hashable, bool] = {}
        self.hanging: dict[Hashable, dict[Hashable, Condition]] = {}  # tests of one of two values, by what chooses
        self.equalities: dict[Value, dict[Value, object]] = {}  # what was compared, with which constants, by what condition
        self.positions: dict[object, Position] = {}  # where in a list a number stands, by identity
        self.walking = False  # whether the test of a loop is evaluated that goes through a list by an index
        self.lapses: dict[object, Lapse] = {}  # sums and differences of times, by identity
        self.stack: list[Activation] = []
        self.limits_reached: Counter[str] = Counter()
        self.modules: dict[str, int] = {}  # path -> address of its scope
        self.main: str | None = None  # path of the module that runs as `__main__`
        self.steps = 0
        self.ceiling = limits.steps  # what `steps` may reach: the entry's budget, or less in a call that is kept short
        self.hot: Container[tuple[str, str]] | None = None  # functions (file, name) that lead to a request; None: all do
        self.aside: frozenset[tuple[str, str]] = frozenset()  # functions that lead to other requests than this run is for
        self.aim: frozenset[int] = frozenset()  # statements around the only call that this run is for
        self.leading: frozenset[str] = frozenset()  # names of what leads to this run's requests, where it is sparing
        self._contributing: dict[tuple[int, frozenset[str]], dict[int, int]] = {}  # ... and calls that make what those get
        self.sparing = False  # whether calls that lead nowhere get little of the budget each: what follows them has to be reached
        self.passed: frozenset[int] = frozenset()  # calls that lead to requests which another run has heard: they get as little
        self.led: set[int] = set()  # calls of this entry that lead to a request, and ended or took half of the budget
        self.costly: set[int] = set()  # functions that took more than they may, in this entry
        self.dear: set[int] = set()  # functions of this entry that lead to no request, and of its budget took as much in one call
        self.blamed = 0  # steps that those took
        self.cut = False  # whether a call that leads to a request was given up in this entry
        self.full: int | None = None  # the ceiling around a call that is kept short, inside of one
        self.forks = 0  # sides of open conditions that were evaluated
        self.stretching = 0  # stretches around what is being evaluated, of which it looks at one element
        self.memos: set[Hashable] = set()  # what was fetched into a variable by who found nothing in it
        self.looked: list[tuple[frozenset[Hashable], frozenset[Hashable]]] = []  # ... and what is an element's own
        self.unveiled = False  # whether something that is not known turned out to be a list (`interp/unveiled.py`)
        self.epoch = 0  # counts replays of the entry
        self.loops: list[Loop] = []  # those that are running, the innermost last
        self.memo: dict[object, Value] = {}  # per entry: abstract instances
        self.born: dict[int, Place] = {}  # where lists, mappings and instances were written
        self.cycles: set[int] = set()  # lists that `next` turns
        self.grown: set[int] = set()  # lists of this entry that something was added to
        self.longer: set[int] = set()  # lists of this entry that were made of another one and more
        self.views: set[int] = set()  # lists of this entry that were made of what such a list held
        self.fronts: dict[int, Place | None] = {}  # lists of this entry, and where an item was last taken from their front
        self.singled: set[int] = set()  # elements of stretches that were taken out by their position
        self.ended: Ended | None = None  # the call that was evaluated last, where nothing comes back from it
        self.started: Place | None = None  # where what is being evaluated was started without waiting for it
        self.begun = 0  # what the store gave out since then is its own
        self.awaited: tuple[ast.AST, ...] = ()  # expressions that are waited for
        self.dropped: tuple[ast.AST, ...] = ()  # expressions whose value nobody uses
        self.marks: list[Mark] = []  # markers that were written since the last request
        self.veiled: list[Place] = []  # ... and those that were written since then into what is not known
        self.loaded: dict[
            str, dict[Mark, None]
        ] = {}  # those that functions wrote while modules were loaded, by the callers' files
        self.tested: list[Tested] = []  # tests since then that decide whether something is marked
        self.early: dict[str, list[Tested]] = {}  # those that were made while modules were loaded, by the marker's file
        self.operands: list[object] | None = None  # what is compared meanwhile, in such a test
        self.visited: dict[int, tuple[ast.AST, Frame]] = {}  # functions that ran in this entry
        self.moment: Moment = START  # by the waits of this entry
        self.periods: dict[
            int, tuple[float, Place | None]
        ] = {}  # function's node -> how often it runs by itself, and where that is written
        self.beat: dict[str, tuple[float, Place | None]] = {}  # the same by a task's name
        self.scheduled = False  # whether this entry has run what it handed to a scheduler
        self.unnoticed = False  # whether this is work of which no request is heard
        self.rewritten: set[Hashable] = set()  # stretches whose elements a loop has just written to
        self.counted: dict[int, int] = {}  # statements of this entry that count, and how many requests were heard by then
        self.aged = 0  # turns before the code does something to what is not among the last messages any more
        self.sent = 0  # addresses below are of what was there when the last request was sent
        self.instead = 0  # handlers around what is evaluated, and loops that came to nothing ahead of it
        self.founded: set[Hashable] = set()  # ids made in this entry, under which it has put something into a store
        self.entered = 0  # addresses below are of what was there before the call that is replayed
        self.keys: dict[tuple[Place | None, str], Hashable] = {}  # input by which this entry keeps something between calls
        self.trimmed: dict[str, Hole] = {}  # attributes of this entry that were set to what lost its front
        self.serialised: dict[Text, Value] = {}  # JSON texts of this entry, and what they were made of
        self.writing: list[int] = []  # addresses of what is being written as text: data may contain themselves

    @property
    def turns(self) -> int:
        """How often a loop that sends, or a function, is looked at."""
        if self.listener.restless:
            return self.limits.marked_turns
        return max(self.limits.turns, min(self.aged, self.limits.marked_turns))

    # Budgets

    def step(self, cost: int = 1) -> None:
        """Counts work: one for a syntax node, more for an operation over large content."""
        self.steps += cost
        if self.steps > self.ceiling:
            raise BudgetExceededError

    @contextmanager
    def entry(self) -> Iterator[Layer]:
        """One evaluation from an entry: own layer, own budget, own assumptions. Everything is undone at the end."""
        saved = (self.assumptions, self.stack, self.steps, self.ceiling, self.memo, self.epoch)
        self.assumptions, self.stack, self.steps, self.memo, self.epoch = {}, [], 0, {}, 0
        self.ceiling = self.limits.steps
        self.writing = []
        self.serialised, self.trimmed, self.started = {}, {}, None
        self.entered, self.keys, self.instead, self.founded = 0, {}, 0, set()
        self.longer = set()
        self.grown, self.views, self.fronts, self.sent, self.aged = set(), set(), {}, 0, 0
        self.counted = {}
        self.moment, self.scheduled = START, False
        self.marks, self.veiled, self.visited = [], [], {}
        self.tested, self.operands = [], None
        self.cut, self.full = False, None
        self.loops, self.stretching, self.looked, self.hanging = [], 0, [], {}
        written = self.store.written
        try:
            with self.store.layer() as layer:
                yield layer
        finally:
            for address in self.store.forget(written):
                self.born.pop(address, None)
            self.assumptions, self.stack, self.steps, self.ceiling, self.memo, self.epoch = saved

    @contextmanager
    def allowance(self, steps: int) -> Iterator[Layer]:
        """Work that may take so many steps and no more. What it writes is committed at the end.

        Where it takes more, BudgetExceededError is raised and what it wrote until then is not known any more, but for what was
        fetched once and kept; raised beyond the ceiling around it, it concerns that one. Yields the writes.
        """
        saved, stack, assumptions = self.ceiling, len(self.stack), self.assumptions
        self.ceiling = min(saved, self.steps + steps)
        lost, self.store.lost = self.store.lost, {}
        writes: Layer = {}
        try:
            with self.store.layer() as writes:
                yield writes
            self.store.commit(writes)
        except BudgetExceededError:
            del self.stack[stack:]
            self.assumptions = assumptions
            for (address, key), written in {**writes, **self.store.lost}.items():
                memo = isinstance(written, Hole) and written.identity in self.memos
                self.store.set(address, key, written if memo else self._given_up(self.store.get(address, key), key))
            raise
        finally:
            self.ceiling = saved
            self.store.lost = lost

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Work for what it leaves behind: its requests are nobody's, it takes no time, and what it starts is not run."""
        heard, moment, unnoticed = self.listener.heard, self.moment, self.unnoticed
        self.unnoticed = True
        try:
            yield
        finally:
            self.moment, self.unnoticed = moment, unnoticed
            self.listener.forget(heard)

    def leads(self, function: FunctionValue) -> bool:
        """Whether a call may lead to a request, so that all of the budget is for it. What stands inside of it may as well."""
        return self.hot is None or _within(function, self.hot)

    def leads_aside(self, function: FunctionValue) -> bool:
        """Whether a call leads to other requests only than those that this run is for."""
        return (function.module, function.name) in self.aside

    def contributing(self, function: object) -> dict[int, int]:
        """Calls in the function that make what this run's requests are sent with, where it is sparing."""
        key = (id(function), self.leading)
        if key not in self._contributing:
            self._contributing[key] = contributing.levels(function, self.leading) if isinstance(function, ast.AST) else {}
        return self._contributing[key]

    @contextmanager
    def failed(self, sends: bool) -> Iterator[None]:
        """What runs where code failed, or came to no end, that sends requests or not."""
        saved = self.instead
        self.instead += sends
        try:
            yield
        finally:
            self.instead = saved

    @contextmanager
    def keeping_short(self, steps: int) -> Iterator[None]:
        """A call that leads to no request: it must not use up what the way to the request needs."""
        saved, self.full = self.full, self.ceiling
        try:
            with self.allowance(steps):
                yield
        finally:
            self.full = saved

    @contextmanager
    def passing(self) -> Iterator[None]:
        """A call that another run has followed: nothing in it leads to what this one is for."""
        saved = (self.hot, self.sparing)
        self.hot, self.sparing = frozenset(), True
        try:
            yield
        finally:
            self.hot, self.sparing = saved

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """A call that leads to a request after all, out of one that is kept short (a decorator's wrapper, a retry helper)."""
        saved, before = (self.ceiling, self.full), self.steps
        assert self.full is not None
        self.ceiling, self.full = self.full, None
        try:
            yield
        finally:
            self.ceiling, self.full = saved[0] + self.steps - before, saved[1]

    def _given_up(self, before: Content | None, key: str) -> Content:
        """What a cell holds that work wrote which was given up."""
        hole = self.unknown(Reason.LIMIT, None, None, key if key.isidentifier() else "what costly code wrote")
        if key == ITEMS:
            return Items((Spread(hole),), before.order if isinstance(before, Items) else None)
        return Entries((SpreadEntries(hole),)) if key == ENTRIES else hole

    def limit(self, name: str, node: ast.AST | None, frame: Frame | None, expression: str = "") -> Hole:
        """The value where a limit was reached."""
        self.limits_reached[name] += 1
        return self.unknown(Reason.LIMIT, node, frame, expression or f"limit of {name}")

    # Conditions

    def condition(
        self,
        key: object,
        expression: str,
        lifetime: Lifetime,
        place: Place | None = None,
        hole: Hole | None = None,
        *,
        named: bool = False,
        denied: bool = False,
        expected: bool | None = None,
    ) -> Condition:
        """The condition with the identity that the key stands for."""
        repeated, identity = self.stretching > 0, self.identity(key)
        return Condition(identity, expression, lifetime, place, hole, repeated, named, (), denied, expected)

    def again(self, hole: Hole) -> Hole:
        return sessions.same(self, hole)

    @contextmanager
    def any_element(self) -> Iterator[None]:
        """What is tested meanwhile is tested of one element of a stretch: of the others, it may come out otherwise."""
        self.stretching += 1
        try:
            yield
        finally:
            self.stretching -= 1

    def assuming(self, condition: Condition, outcome: bool) -> supposing.Assuming:
        """One side of an open condition, in a layer of its own, whose writes it yields."""
        return supposing.Assuming(self, condition, outcome)

    def fork(self, condition: Condition, then: Callable[[], Value], otherwise: Callable[[], Value]) -> Value:
        """Evaluates both sides, each under its assumption, and joins values and effects."""
        known = self.assumptions.get(condition.identity)
        if known is not None:
            return then() if known else otherwise()
        with self.assuming(condition, True) as first:
            a = then()
        with self.assuming(condition, False) as second:
            b = otherwise()
        self.store.merge(condition, first, second)
        return join(condition, a, b)

    def each(
        self, value: Value, function: Callable[[Value], Value], node: ast.AST | None = None, frame: Frame | None = None
    ) -> Value:
        """Applies a function to the value, or to each side of a choice under its condition."""
        value = decide(value, self.assumptions)
        if not isinstance(value, Choice):
            return function(value)
        if len(leaves(value, self.limits.choices + 1)) > self.limits.choices:
            few = one_of_few(value.condition, value.then, value.otherwise)
            if isinstance(few, Choice) and len(leaves(few, self.limits.choices + 1)) <= self.limits.choices:
                return self.each(few, function, node, frame)
            self.limits_reached["choices"] += 1
            hole = one_of_many(value.condition, value.then, value.otherwise)
            return self.derived([hole], node, frame, reason=hole.reason)
        choice = value
        same = twins.one_of(self, choice)
        if same is not None:
            return self.each(same, function, node, frame)
        return self.fork(
            choice.condition,
            lambda: self.each(choice.then, function, node, frame),
            lambda: self.each(choice.otherwise, function, node, frame),
        )

    def each_plain(self, value: Value, function: Callable[[Value], Value], node: ast.AST, frame: Frame) -> Value:
        """As `each`, for a function that writes nothing: no layer of the store is needed for either side."""
        value = decide(value, self.assumptions)
        if not isinstance(value, Choice):
            return function(value)
        if len(leaves(value, self.limits.choices + 1)) > self.limits.choices:
            return self.each(value, function, node, frame)
        saved, sides = self.assumptions, []
        try:
            for outcome, side in ((True, value.then), (False, value.otherwise)):
                self.assumptions = saved
                self.assumptions = supposing.supposed(self, value.condition, outcome)
                self.forks += 1
                sides.append(self.each_plain(side, function, node, frame))
        finally:
            self.assumptions = saved
        return join(value.condition, *sides)

    def condition_of(self, hole: Hole) -> tuple[Condition, bool]:
        """The test of a hole's truth."""
        return self.test_of(hole, self.identity(("truth", hole.identity))), True

    def test_of(self, hole: Hole, identity: object, *, expected: bool | None = None) -> Condition:
        """The test of a hole's truth, that has the identity."""
        place = hole.trace[-1].place if hole.trace else hole.place  # where it was last worked on is nearest to its test
        each = self.stretching > 0
        return Condition(identity, hole.expression, hole.lifetime, place, hole, each, expected=expected, selective=each)

    # Content

    def new_list(self, items: Iterable[Item] = (), order: Hole | None = None, maxlen: int | None = None) -> ListRef:
        reference = ListRef(self.store.allocate(), maxlen)
        self.set_items(reference, items, order)
        return reference

    def new_set(self, items: Iterable[Item] = ()) -> SetRef:
        reference = SetRef(self.store.allocate())
        self.set_items(reference, items)
        return reference

    def new_dict(self, entries: Iterable[EntryItem] = (), order: Hole | None = None, default: Value | None = None) -> DictRef:
        reference = DictRef(self.store.allocate(), default)
        self.set_entries(reference, entries, order)
        return reference

    def items(self, value: ListRef | SetRef | TupleValue) -> Items:
        """Content of a sequence, as far as this path's conditions decide it."""
        content = Items(value.items, value.order) if isinstance(value, TupleValue) else self.store.items(value.address)
        return Items(held.there(self, decide_items(content.items, self.assumptions)), content.order)

    def entries(self, value: DictRef) -> Entries:
        content = self.store.entries(value.address)
        return Entries(decide_entries(content.entries, self.assumptions), content.order)

    def set_items(self, value: ListRef | SetRef, items: Iterable[Item], order: Hole | None = None) -> None:
        self.store.set(value.address, ITEMS, Items(self.bounded(tuple(items)), order))

    def bounded(self, content: tuple[Item, ...]) -> tuple[Item, ...]:
        """The items within the limit of a sequence; what is beyond becomes one unknown stretch."""
        self.step(len(content) >> 3)
        if len(content) <= self.limits.items:
            return content
        self.limits_reached["items"] += 1
        return (*content[: self.limits.items], Spread(self.unknown(Reason.LIMIT, None, None, "items beyond the limit")))

    def set_entries(self, value: DictRef, entries: Iterable[EntryItem], order: Hole | None = None) -> None:
        content = tuple(entries)
        self.step(len(content) >> 3)
        if len(content) > self.limits.items:
            self.limits_reached["items"] += 1
            content = content[: self.limits.items]
        self.store.set(value.address, ENTRIES, Entries(content, order))

    def text(self, *parts: Text | str) -> Text:
        """Concatenation within the limits of a text."""
        self.step(sum(len(part.pieces) for part in parts if isinstance(part, Text)) >> 3)
        if sum(len(part) if isinstance(part, str) else part.length for part in parts) > self.limits.text_characters:
            return Text((self.limit("text_characters", None, None, "text beyond the limit"),))
        joined = Text.of(*parts)
        if len(joined.pieces) > self.limits.pieces:
            self.limits_reached["pieces"] += 1
            hole = self.unknown(Reason.LIMIT, None, None, "text beyond the limit")
            joined = Text((*joined.pieces[: self.limits.pieces], hole))
        return joined

    # Dispatch

    def evaluate(self, node: ast.expr, frame: Frame) -> Value:
        return expressions.evaluate(self, node, frame)

    def call(self, callee: Value, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
        return calls.call(self, callee, arguments, node, frame)

    def attribute(self, value: Value, name: str, node: ast.AST | None, frame: Frame) -> Value:
        return attributes.get(self, value, name, node, frame)

    def truth(self, value: Value) -> Test:
        return tests.truth(self, value)

    def to_text(self, value: Value, node: ast.AST | None, frame: Frame) -> Text:
        return strings.to_text(self, value, node, frame)

    def iterate(self, value: Value, node: ast.AST | None, frame: Frame) -> Items:
        return containers.iterate(self, value, node, frame)

    def invoke(self, function: FunctionValue, arguments: Arguments, node: ast.AST | None, frame: Frame | None) -> Value:
        return functions.invoke(self, function, arguments, node, frame)


def _within(function: FunctionValue, scopes: Container[tuple[str, str]]) -> bool:
    """Whether a function, or one that it stands in, is among the scopes."""
    name = function.name
    while name:
        if (function.module, name) in scopes:
            return True
        name = name.rpartition(".")[0]
    return False
