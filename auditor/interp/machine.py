"""The evaluator's hub: budgets, conditions, holes, and the dispatch to one module per construct.

Knows how the parts work together. Each construct lives in its own module and receives the machine; libraries are described by
the knowledge tables and the overlays in `interp.library`; LLM calls are announced to a `Listener`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Container, Iterable
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from auditor.interp import attributes, calls, containers, excerpts, expressions, functions, sessions, strings, tests
from auditor.interp.frame import Activation, BudgetExceededError, Frame
from auditor.interp.store import ENTRIES, ITEMS, Layer, Store
from auditor.interp.trimming import TRIMMED
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
from auditor.values.join import decide, decide_entries, decide_items, join, leaves, one_of_many
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason
from auditor.values.moment import START, Moment
from auditor.values.text import COARSE, Condition, Hole, Text

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from auditor.interp.marking import Mark
    from auditor.knowledge.library import Library
    from auditor.limits import Limits
    from auditor.places import Place
    from auditor.project.project import Project
    from auditor.project.syntax import Module

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


class Machine:
    """Evaluates code of one project. Create one per audit; `entry` bounds one evaluation."""

    def __init__(self, project: Project, library: Library, limits: Limits, listener: Listener) -> None:
        self.project = project
        self.library = library
        self.limits = limits
        self.listener = listener
        self.store = Store()
        self.assumptions: dict[object, bool] = {}
        self.stack: list[Activation] = []
        self.limits_reached: Counter[str] = Counter()
        self.modules: dict[str, int] = {}  # path -> address of its scope
        self.loading: set[str] = set()
        self.main: str | None = None  # path of the module that runs as `__main__`
        self.steps = 0
        self.ceiling = limits.steps  # what `steps` may reach: the entry's budget, or less in a call that is kept short
        self.hot: Container[tuple[str, str]] | None = None  # functions (file, name) that lead to a request; None: all do
        self.cut = False  # whether a call that leads to a request was given up in this entry
        self.full: int | None = None  # the ceiling around a call that is kept short, inside of one
        self.forks = 0  # sides of open conditions that were evaluated
        self.stretching = 0  # stretches around what is being evaluated, of which it looks at one element
        self.epoch = 0  # counts replays of the entry
        self.cache: dict[object, object] = {}  # per audit: parsed templates, local names, places
        self.memo: dict[object, Value] = {}  # per entry: abstract instances
        self.born: dict[int, Place] = {}  # where lists, mappings and instances were written
        self.grown: set[int] = set()  # lists of this entry that something was added to
        self.singled: set[int] = set()  # elements of stretches that were taken out by their position
        self.started: Place | None = None  # where what is being evaluated was started without waiting for it
        self.awaited: tuple[ast.AST, ...] = ()  # expressions that are waited for
        self.dropped: tuple[ast.AST, ...] = ()  # expressions whose value nobody uses
        self.marks: list[Mark] = []  # markers that were written since the last request
        self.visited: dict[int, tuple[ast.AST, Frame]] = {}  # functions that ran in this entry
        self.moment: Moment = START  # by the waits of this entry
        self.periods: dict[
            int, tuple[float, Place | None]
        ] = {}  # function's node -> how often it runs by itself, and where that is written
        self.beat: dict[str, tuple[float, Place | None]] = {}  # the same by a task's name
        self.scheduled = False  # whether this entry has run what it handed to a scheduler
        self.sent = 0  # addresses below are of what was there when the last request was sent
        self.entered = 0  # addresses below are of what was there before the call that is replayed
        self.keys: dict[tuple[Place | None, str], Hashable] = {}  # input by which this entry keeps something between calls
        self.trimmed: dict[str, Hole] = {}  # attributes of this entry that were set to what lost its front
        self.serialised: dict[Text, Value] = {}  # JSON texts of this entry, and what they were made of
        self.writing: list[int] = []  # addresses of what is being written as text: data may contain themselves
        self._serial = 0
        self._identities: dict[object, int] = {}

    @property
    def turns(self) -> int:
        """How often a loop that sends, or a function, is looked at."""
        return self.limits.marked_turns if self.listener.restless else self.limits.turns

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
        self.entered, self.keys = 0, {}
        self.grown, self.sent = set(), 0
        self.moment, self.scheduled = START, False
        self.marks, self.visited = [], {}
        self.cut = False
        try:
            with self.store.layer() as layer:
                yield layer
        finally:
            self.assumptions, self.stack, self.steps, self.ceiling, self.memo, self.epoch = saved

    @contextmanager
    def allowance(self, steps: int) -> Iterator[Layer]:
        """Work that may take so many steps and no more. What it writes is committed at the end.

        Where it takes more, BudgetExceededError is raised and what it wrote until then is not known any more; raised beyond
        the ceiling around it, it concerns that one. Yields the writes.
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
            for address, key in dict.fromkeys((*writes, *self.store.lost)):
                self.store.set(address, key, self._given_up(self.store.get(address, key), key))
            raise
        finally:
            self.ceiling = saved
            self.store.lost = lost

    def leads(self, function: FunctionValue) -> bool:
        """Whether a call may lead to a request, so that all of the budget is for it. What stands inside of it may as well."""
        if self.hot is None:
            return True
        name = function.name
        while name:
            if (function.module, name) in self.hot:
                return True
            name = name.rpartition(".")[0]
        return False

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

    # Holes

    def identity(self, key: object) -> object:
        """A short stand-in for an identity: equal keys give equal ones, so that identities made of identities stay small."""
        try:
            return ("#", self._identities.setdefault(key, len(self._identities)))
        except TypeError:  # holds something that has no hash: nothing else is known to be the same
            return ("new", self.serial())

    def condition(
        self, key: object, expression: str, lifetime: Lifetime, place: Place | None = None, hole: Hole | None = None
    ) -> Condition:
        """The condition with the identity that the key stands for."""
        return Condition(self.identity(key), expression, lifetime, place, hole, self.stretching > 0)

    @contextmanager
    def any_element(self) -> Iterator[None]:
        """What is tested meanwhile is tested of one element of a stretch: of the others, it may come out otherwise."""
        self.stretching += 1
        try:
            yield
        finally:
            self.stretching -= 1

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def place(self, node: ast.AST | None, frame: Frame | None) -> Place | None:
        if node is None or frame is None:
            return None
        key = (frame.module.path, id(node))
        found = self.cache.get(key)
        if found is None:
            if not hasattr(node, "lineno"):
                return None
            found = self.cache[key] = frame.module.place(node)
        return found  # type: ignore[return-value]

    def source(self, node: ast.AST | None) -> str:
        """The expression as the author would recognise it, on one short line."""
        if node is None:
            return "?"
        path: list[ast.AST] = []
        current = node
        while not isinstance(found := self.cache.get(("source", id(current))), str):
            path.append(current)
            first = excerpts.leftmost(current)
            if first is None or not excerpts.large(current):
                break
            current = first
        for step in reversed(path):
            if not isinstance(found, str):
                found = excerpts.excerpt(step)
            elif not found.endswith("..."):  # the beginning of a larger expression
                found += "..."
            self.cache["source", id(step)] = found
        return str(found)

    def describe(self, node: ast.AST, module: Module, place: Place | None, text: str) -> None:
        """Says of a node that stands for source in another language where that is and how its author spells it.

        Whoever describes a node keeps it: it is known by its identity.
        """
        if place is not None:
            self.cache[module.path, id(node)] = place
        line = " ".join(text.split())
        self.cache["source", id(node)] = line if len(line) <= excerpts.WIDTH else line[: excerpts.WIDTH - 3] + "..."

    def hole(
        self,
        node: ast.AST | None,
        frame: Frame | None,
        lifetime: Lifetime,
        cause: Cause = Cause.VALUE,
        *,
        identity: object = None,
        expression: str | None = None,
        evidence: Evidence = Evidence.FLOW,
        reason: Reason | None = None,
        type: str | None = None,
        characters: tuple[int, int | None] = (0, None),
        content: Text | None = None,
    ) -> Hole:
        """A hole born at a node. Without an identity it is a new value at every evaluation."""
        key = self.identity(identity) if identity is not None else ("new", self.serial())
        made = Hole(
            key,
            expression if expression is not None else self.source(node),
            lifetime,
            cause,
            evidence,
            reason,
            self.place(node, frame),
            type=type,
            characters=characters,
            content=content,
        )
        return sessions.same(self, made)

    def unknown(self, reason: Reason, node: ast.AST | None, frame: Frame | None, expression: str | None = None) -> Hole:
        return self.hole(node, frame, Lifetime.UNKNOWN, evidence=Evidence.NONE, reason=reason, expression=expression)

    def derived(
        self,
        sources: Iterable[Hole],
        node: ast.AST | None,
        frame: Frame | None,
        *,
        identity: object = None,
        expression: str | None = None,
        reason: Reason | None = None,
        type: str | None = None,
        characters: tuple[int, int | None] = (0, None),
        content: Text | None = None,
    ) -> Hole:
        """What is computed from holes: lives as long as the shortest-lived of them, and is as surely known as that one."""
        holes = list(sources)
        made = self._derived(
            holes,
            node,
            frame,
            identity=identity,
            expression=expression,
            reason=reason,
            type=type,
            characters=characters,
            content=content,
        )
        roots = dict.fromkeys(root for hole in holes for root in (hole.identity, *hole.roots))
        return sessions.same(self, replace(made, roots=tuple(roots)[: self.limits.roots]) if roots else made)

    def _derived(
        self,
        holes: list[Hole],
        node: ast.AST | None,
        frame: Frame | None,
        *,
        identity: object,
        expression: str | None,
        reason: Reason | None,
        type: str | None,
        characters: tuple[int, int | None],
        content: Text | None,
    ) -> Hole:
        cut = next((hole for hole in holes if hole.type == TRIMMED), None) if type is None else None
        if cut is not None:
            made = self._derived(
                [replace(hole, type=None) for hole in holes],
                node,
                frame,
                identity=identity,
                expression=expression,
                reason=reason,
                type=None,
                characters=characters,
                content=content,
            )
            return replace(made, type=TRIMMED, place=cut.place)
        lifetime = Lifetime.shortest(hole.lifetime for hole in holes)
        if not holes and reason is not None:
            lifetime = Lifetime.UNKNOWN
        main = next((hole for hole in holes if hole.lifetime is lifetime), None)
        if type is None and main is not None and all(hole.type == COARSE for hole in holes if hole.lifetime is lifetime):
            type = COARSE
        expression = expression if expression is not None else self.source(node)
        if main is None or lifetime is Lifetime.UNKNOWN or lifetime is Lifetime.CONSTANT:
            why = reason or (main.reason if main else None)
            cause = main.cause if main else Cause.VALUE
            evidence = main.evidence if main else Evidence.NONE
            if why is not None:
                lifetime = Lifetime.UNKNOWN
            return self.hole(
                node,
                frame,
                lifetime,
                cause,
                identity=identity,
                expression=expression,
                evidence=evidence,
                reason=why,
                type=type,
                characters=characters,
                content=content,
            )
        result = Hole(
            self.identity(identity) if identity is not None else ("new", self.serial()),
            expression,
            lifetime,
            main.cause,
            main.evidence,
            None,
            main.place or self.place(node, frame),
            main.trace,
            type,
            characters,
            content,
        )
        return result.along(self.place(node, frame), f"becomes part of `{expression}`")

    # Conditions

    @contextmanager
    def assuming(self, condition: Condition, outcome: bool) -> Iterator[Layer]:
        saved, moment = self.assumptions, self.moment
        self.assumptions = {**saved, condition.identity: outcome}
        self.forks += 1
        try:
            with self.store.layer() as layer:
                yield layer
        finally:
            self.assumptions = saved
            self.moment = moment.around(self.moment)

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
            self.limits_reached["choices"] += 1
            hole = one_of_many(value.condition, value.then, value.otherwise)
            return self.derived([hole], node, frame, reason=hole.reason)
        choice = value
        return self.fork(
            choice.condition,
            lambda: self.each(choice.then, function, node, frame),
            lambda: self.each(choice.otherwise, function, node, frame),
        )

    def condition_of(self, hole: Hole) -> tuple[Condition, bool]:
        """The test of a hole's truth."""
        return self.condition(("truth", hole.identity), hole.expression, hole.lifetime, hole.place, hole), True

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
        return Items(decide_items(content.items, self.assumptions), content.order)

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
