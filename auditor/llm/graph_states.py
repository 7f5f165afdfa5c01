"""What the keys of a graph's state hold where a node reads them: what other nodes wrote, else what the graph is invoked with.

A node that is come back to while the writer is not (an agent between its tools) finds the same value each time, for as long as
the graph runs; any other node, or one of a graph that remembers its conversations, finds a new one with every run. What nodes
write under one condition or another is not told apart.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from auditor.interp import assignments, functions, known, slices, stretches
from auditor.interp.frame import BudgetExceededError, Frame
from auditor.limits import STATE_DEPTH, WRITER_STEPS
from auditor.llm import graph_writes
from auditor.llm.graph_writes import Shape, Written
from auditor.llm.renewed import renewed
from auditor.project.contexts import is_test
from auditor.values.domain import (
    Arguments,
    Choice,
    ClassValue,
    Const,
    DictRef,
    ExternalObject,
    FunctionValue,
    Hole,
    Instance,
    Item,
    ListRef,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import holes_of
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.text import Condition

if TYPE_CHECKING:
    from auditor.llm.parameters import Guesser


class States:
    """Evaluates what is written; what a function's parameters are is the guesser's to say."""

    def __init__(self, guesser: Guesser) -> None:
        self._guesser = guesser
        self._reading: list[object] = []  # functions whose state is being made
        self._entry: object = None
        self._spent = 0  # steps in this entry
        self._too_dear: set[int] = set()  # what used up its budget in this entry

    def keys(self, function: FunctionValue, schema: ClassValue, names: list[str]) -> dict[str, Value]:
        """What is known of the state's keys, those that the node names first."""
        machine = self._guesser.machine
        shape = self._shape(function)
        if shape is None or len(self._reading) > STATE_DEPTH or function.node in self._reading:
            return {}
        assert isinstance(function.node, ast.AST)
        spelled = _spelled(function.node)
        near = [name for name in names if name in spelled]
        # Other functions that are handed the state may read any of it.
        read = near if self._reading else [*near, *(name for name in names if name not in spelled)][: machine.limits.state_keys]
        self._reading.append(function.node)
        try:
            found = [(name, self._value(function, shape, schema, name)) for name in read]
        finally:
            self._reading.pop()
        return {name: value for name, value in found if value is not None}

    def configured(self, function: FunctionValue, written: dict[str, list[Written]]) -> dict[str, Value]:
        """What the entries of a configuration are, where a node gets one."""
        shape = self._shape(function)
        if shape is None or len(self._reading) > STATE_DEPTH or function.node in self._reading:
            return {}
        self._reading.append(function.node)
        try:
            found = ((name, self._joined(function, shape, name, sources)) for name, sources in written.items())
            return {name: value for name, value in found if value is not None}
        finally:
            self._reading.pop()

    def leading(self, function: FunctionValue, schema: ClassValue, name: str) -> tuple[Item, ...]:
        """System messages that stand ahead of all others, because the graph is invoked with them or a node puts them there."""
        shape = self._shape(function)
        if shape is None or self._reading:
            return ()
        sources = (*self._sources(function, shape, schema, name), *self._given(schema))
        self._reading.append(function.node)
        try:
            for written in sources:
                if written.key == name and _may_begin(written.value):
                    value = self._kept(function, shape, name, written)
                    found = self._system(value) if isinstance(value, ListRef | TupleValue) else ()
                    if found:
                        return found
        finally:
            self._reading.pop()
        return ()

    def _system(self, messages: ListRef | TupleValue) -> tuple[Item, ...]:
        machine = self._guesser.machine
        found: list[Item] = []
        for item in machine.items(messages).items:
            match item:
                case ExternalObject(cls) if cls.endswith("SystemMessage"):
                    found.append(item)
                case DictRef() if known.text_of(known.lookup(machine.entries(item).entries, Text.of("role"))[0]) == "system":
                    found.append(item)
                case TupleValue() if known.text_of(known.plain((*machine.items(item).items, None)[0])) == "system":  # type: ignore[arg-type]
                    found.append(item)
                case _:
                    break
        return tuple(found)

    # Which of what is written

    def _shape(self, function: FunctionValue) -> Shape | None:
        """The graph that has the function as a node."""
        name = _last(function)
        found = [shape for shape in self._shapes() if name in shape.functions.values()]
        return next((shape for shape in found if shape.path == function.module), found[0] if found else None)

    def _shapes(self) -> list[Shape]:
        machine = self._guesser.machine
        if "graphs" not in machine.cache:
            machine.cache["graphs"] = graph_writes.shapes(machine.project)
        return machine.cache["graphs"]  # type: ignore[return-value]

    def _written(self, shape: Shape) -> dict[str, list[Written]]:
        """What each function of a graph writes."""
        machine, key = self._guesser.machine, ("graph writes", id(shape))
        if key not in machine.cache:
            names = dict.fromkeys(shape.functions.values())
            machine.cache[key] = {name: list(graph_writes.of_node(machine.project, shape.path, name)) for name in names}
        return machine.cache[key]  # type: ignore[return-value]

    def _given(self, schema: ClassValue) -> list[Written]:
        from auditor.interp import classes

        machine, key = self._guesser.machine, ("graph input", schema.address)
        if key not in machine.cache:
            keys = frozenset(classes.data_fields(machine, schema)) | {"messages"}
            machine.cache[key] = list(graph_writes.given(machine.project, keys, schema.name))
        return machine.cache[key]  # type: ignore[return-value]

    def _sources(self, function: FunctionValue, shape: Shape, schema: ClassValue, name: str) -> list[Written]:
        """Where a key's value comes from: what is sent to the node, what others write, or else what the graph begins with."""
        nodes, own = shape.named(_last(function)), _last(function)
        written = [one for found in self._written(shape).values() for one in found if one.key == name and one.node != own]
        sent = [one for one in written if one.target in nodes]
        plain = [one for one in written if not one.target]
        return sent or plain or [one for one in self._given(schema) if one.key == name] or self._from_outside(shape, name)

    def _from_outside(self, shape: Shape, name: str) -> list[Written]:
        """What graphs that have this one as a node send to it, or share with it."""
        found: list[Written] = []
        for other in self._shapes():
            graphs = {node for node, function in other.functions.items() if not function}
            if other is not shape and graphs:
                found += (one for written in self._written(other).values() for one in written if one.key == name)
                sent = [one for one in found if one.target in graphs]
                found = sent or [one for one in found if not one.target]
        return found

    def _value(self, function: FunctionValue, shape: Shape, schema: ClassValue, name: str) -> Value | None:
        if any(one.key == name and not one.target for one in self._written(shape).get(_last(function), ())):
            return None  # it may find what it left itself
        return self._joined(function, shape, name, self._sources(function, shape, schema, name))

    def _joined(self, function: FunctionValue, shape: Shape, name: str, sources: list[Written]) -> Value | None:
        """The one value that is written, or one that is made of several."""
        machine = self._guesser.machine
        found: list[Value] = []
        for one in sources[: machine.limits.graph_nodes]:
            value = self._kept(function, shape, name, one)
            if value is not None and value not in found:
                found.append(value)
        if len(found) < 2:
            return found[0] if found else None
        holes = [hole for value in found for hole in holes_of(value)]
        frame = self._guesser.frame(function.module)
        if all(isinstance(value, ExternalObject | Instance) for value in found):
            return _one_of(name, found)
        if not holes or not all(isinstance(value, Text | Hole | Const | Choice) for value in found):
            return None
        assert isinstance(function.node, ast.AST)
        return machine.derived(holes, function.node, frame, expression=f"state[{name!r}]")

    # What it is

    def _kept(self, function: FunctionValue, shape: Shape, name: str, written: Written) -> Value | None:
        """A value that stays while the graph runs, or that is another one each time the node is run."""
        machine = self._guesser.machine
        stays = self._stays(function, shape, written)
        key = ("state", id(function.node), id(written.value))
        if key not in machine.memo:
            made = self._evaluated(written)
            if made is None:
                return None
            machine.memo[key] = renewed(machine, made, _of_the_run, machine.limits.element_depth) if stays else made
        value = machine.memo[key]
        if stays:
            return value
        return renewed(machine, value, partial(_of_another, machine.epoch), machine.limits.element_depth)

    def _stays(self, function: FunctionValue, shape: Shape, written: Written) -> bool:
        around = frozenset(one for node in shape.named(_last(function)) for one in shape.around(node) if shape.around(node))
        writers = shape.named(written.node)
        return bool(around) and around.isdisjoint(writers) and (bool(written.target) or not self._remembers())

    def _remembers(self) -> bool:
        """Whether graphs of the project keep their state from run to run."""
        machine, key = self._guesser.machine, "checkpointers"
        if key not in machine.cache:
            machine.cache[key] = any(not is_test(path) for path in machine.project.mentioning("checkpointer="))
        return bool(machine.cache[key])

    def _evaluated(self, written: Written) -> Value | None:
        machine, guesser = self._guesser.machine, self._guesser
        frame = guesser.frame(written.path)
        if self._entry is not machine.memo:
            self._entry, self._spent, self._too_dear = machine.memo, 0, set()
        if frame is None or self._spent > machine.limits.steps // 2 or id(written.value) in self._too_dear:
            return None
        with self._apart():
            try:
                if not written.scope:
                    return machine.evaluate(written.value, frame)
                inner = self._around(written.scope, written.value, frame)
                return None if inner is None else machine.evaluate(written.value, inner)
            except BudgetExceededError:
                self._too_dear.add(id(written.value))
                return None

    @contextmanager
    def _apart(self) -> Iterator[None]:
        """Work with a budget of its own. Requests that are sent on the way are nobody's."""
        machine = self._guesser.machine
        steps, ceiling, full = machine.steps, machine.ceiling, machine.full
        stack = len(machine.stack)
        machine.steps, machine.ceiling, machine.full = 0, WRITER_STEPS, WRITER_STEPS
        try:
            with machine.unheard():
                yield
        finally:
            del machine.stack[stack:]
            self._spent += machine.steps
            machine.steps, machine.ceiling, machine.full = steps, ceiling, full

    def _around(self, scope: str, value: ast.expr, frame: Frame) -> Frame | None:
        """The variables of the function that writes, as far as the value depends on them."""
        machine = self._guesser.machine
        node = frame.module.functions.get(scope)
        if node is None or isinstance(node, ast.Lambda):
            return None
        owner = frame.module.owner.get(scope)
        outer = scope.rpartition(".")[0]
        scopes = frame.scopes
        if owner is None and outer in frame.module.functions:
            around = self._around(outer, node, frame)  # type: ignore[arg-type]
            scopes = around.scopes if around is not None else scopes
        inner = Frame(frame.module, (machine.store.allocate(), *scopes))
        self._bind(node, owner, inner, frame)
        slices.bind(machine, node, value, inner)
        for target, over in graph_writes.around(node, value):
            slices.bind(machine, node, over, inner)
            elements = machine.iterate(machine.evaluate(over, inner), over, inner).items
            element = stretches.first_of(machine, elements, over, inner)
            if element is not None:
                assignments.assign(machine, target, element, inner)
        return inner

    def _bind(self, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None, inner: Frame, frame: Frame) -> None:
        machine, guesser = self._guesser.machine, self._guesser
        function = functions.make(machine, node, frame, ())
        cls = machine.store.get(frame.local, owner) if owner is not None else None
        static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in node.decorator_list)
        receiver: tuple[Item, ...] = (guesser.instances.of(cls),) if isinstance(cls, ClassValue) and not static else ()
        role = "handler" if id(node) in guesser.ear.handlers else ""
        called = None if role or receiver else guesser.instances.called_with(function)
        arguments = called or guesser.arguments(function, len(receiver), role)
        functions.bind(machine, function, Arguments((*receiver, *arguments.positional), arguments.keywords), inner, node, frame)


def _one_of(name: str, objects: list[Value]) -> Value:
    """One of several objects, as the program is started or called."""
    value = objects[-1]
    for index, one in reversed(list(enumerate(objects[:-1]))):
        value = Choice(
            Condition(("one of", name, index), f"{name} is the {index + 1}. that is given", Lifetime.PROCESS), one, value
        )
    return value


def _last(function: FunctionValue) -> str:
    return graph_writes.called(function.name)


def _may_begin(value: ast.expr) -> bool:
    """Whether messages may begin with the system's, as they are written."""
    match value:
        case ast.List(elts=[first, *_]):
            return "ystem" in ast.dump(first.func if isinstance(first, ast.Call) else first)
        case ast.BinOp(left=left):
            return _may_begin(left)
        case _:
            return isinstance(value, ast.Name | ast.Call)


def _spelled(node: ast.AST) -> set[str]:
    """The keys and attributes that code names."""
    return {
        name
        for part in ast.walk(node)
        for name in (
            part.attr
            if isinstance(part, ast.Attribute)
            else part.value
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
            else "",
        )
    }


def _of_another(run: int, hole: Hole) -> Hole:
    """What a hole is in the next run: another one, if it changes."""
    if hole.cause is Cause.RESPONSE and hole.lifetime is Lifetime.TURN:  # no part of a history here
        hole = replace(hole, lifetime=Lifetime.CALL)
    changes = run and (hole.lifetime is Lifetime.CALL or hole.reason is not None)
    return replace(hole, identity=("run", run, hole.identity)) if changes else hole


def _of_the_run(hole: Hole) -> Hole:
    """What was made for one run of the graph, as that run's nodes find it."""
    return replace(hole, lifetime=Lifetime.SESSION) if hole.lifetime > Lifetime.SESSION else hole
