"""Evaluating entries: each once, replayed a few times on the same state, with the requests that were heard."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from auditor.interp import aiming, attributes, modules
from auditor.interp.frame import BudgetExceededError, Frame
from auditor.interp.library import own_rows, reruns, schedules
from auditor.limits import NAMESAKES
from auditor.llm import programs
from auditor.llm.entries import Scope
from auditor.llm.events import Ear, Event
from auditor.llm.parameters import Guesser
from auditor.problems import Problem, internal
from auditor.project.contexts import is_test
from auditor.values.domain import Arguments, BoundMethod, Choice, ClassValue, ExternalObject, FunctionValue, Hole, Instance, Value
from auditor.values.lifetime import Reason

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.places import Place


Callee = FunctionValue | BoundMethod | Choice
"""What an entry is called as; a choice is between methods of several instances."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was heard from one entry. `script`: it runs once per process.

    `led`: calls of functions that lead to a request, and ended or took half of the budget. `costly`: functions that were given
    up. `defaulted`: whether a parameter that nobody passes has a default, so that with defaults left open it may be otherwise.
    `filled`: whether it was handed an object that its callers are known to fill, not with what.
    """

    entry: Scope
    place: Place | None
    events: tuple[Event, ...]
    script: bool
    handler: bool
    failed: str | None = None
    steps: int = 0
    led: frozenset[int] = frozenset()
    costly: frozenset[int] = frozenset()
    dear: frozenset[int] = frozenset()
    defaulted: bool = True
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """How an entry is run, and what its budget is for.

    `opened`: callers may pass something else than its parameters' defaults. `hot`: these scopes alone, and not all that lead to
    some request, may use up the budget. `sparing`: of the rest, what makes their requests gets more than what does not. `costly`:
    functions that get little of it. `aim`: a call in the entry itself, to which it goes straight. `before`: a run that has heard
    what the first of its calls lead to, and knows what costs too much.
    """

    opened: bool = False
    hot: frozenset[Scope] = frozenset()
    sparing: bool = False
    costly: frozenset[int] = frozenset()
    aim: ast.Call | None = None
    before: Evaluation | None = None


PLAIN = Way()


class Evaluator:
    """Runs entries on one machine. `hot` are the scopes that lead to a call site: methods found there by name may be meant."""

    def __init__(self, machine: Machine, ear: Ear, hot: Iterable[Scope]) -> None:
        self.machine = machine
        self.ear = ear
        self._by_name: dict[str, list[Scope]] = {}
        leading = sorted(hot)
        self._hot = frozenset((scope.path, scope.name) for scope in leading)
        self.guesser = Guesser(machine, ear, self._hot)
        for scope in leading:
            module = machine.project.module(scope.path)
            if module is not None and scope.name in module.owner:
                self._by_name.setdefault(scope.name.rsplit(".", 1)[-1], []).append(scope)
        self._dispatching: list[Scope] = []
        self._calls: dict[Scope, dict[int, str]] = {}
        self.problems: list[Problem] = []  # entries whose evaluation failed by an error of the tool
        ear.dispatch = self._dispatch

    def run(self, entry: Scope, way: Way = PLAIN) -> Evaluation:
        """What `_run` hears from an entry; once more where only its end shows that it adds to what it asked before."""
        own_rows.begin(self.machine)
        found = self._run(entry, way)
        late = own_rows.late(self.machine)
        if not late or not found.events:
            return found
        own_rows.begin(self.machine, late)
        return self._run(entry, way)

    def _run(self, entry: Scope, way: Way) -> Evaluation:
        """What is heard from an entry."""
        machine, ear, before = self.machine, self.ear, way.before
        self.guesser.opened, self.guesser.defaulted, self.guesser.filled = way.opened, False, False
        leading = {(scope.path, scope.name) for scope in way.hot}
        machine.hot = frozenset(leading) or self._hot
        machine.aside = self._hot - machine.hot
        machine.passed, machine.led = self.passed(before) if before else frozenset(), set()
        machine.costly, machine.dear = set(before.costly if before else way.costly), set()
        own = leading == {(entry.path, entry.name)} and way.aim is None
        machine.sparing = way.sparing or own
        machine.leading = frozenset(name.rsplit(".", 1)[-1] for _, name in leading) if way.sparing else frozenset()
        start = len(ear.events)
        script, handler, failed = not entry.name, False, None
        place = None
        module = machine.project.module(entry.path)
        if module is None or modules.scope(machine, entry.path) is None:
            return Evaluation(entry, None, (), script, handler)
        node = module.functions.get(entry.name)
        place = module.place(node if node is not None else module.tree)
        machine.aim = aiming.around(node, way.aim) if node is not None and way.aim is not None else frozenset()
        with machine.entry():
            try:
                if script:
                    script = self._script(entry.path)
                    handler = not script
                else:
                    script, handler = self._function(entry)
            except BudgetExceededError:
                failed = "steps"
            except RecursionError:
                machine.limits_reached["python recursion"] += 1
                failed = "recursion"
            except Exception as error:  # noqa: BLE001 - what is heard from other entries is true whatever goes wrong in this one
                name = machine.project.display(entry.path)
                self.problems.append(internal(f"evaluating `{entry.name or name}`", error, name, place.line))
                failed = "error"
            finally:
                machine.main = None
                steps = machine.steps
                failed = failed or ("steps" if machine.cut else None)
        events = tuple(ear.events[start:])
        del ear.events[start:]
        led, given_up, dear = frozenset(machine.led), frozenset(machine.costly), frozenset(machine.dear)
        defaulted, filled = self.guesser.defaulted, self.guesser.filled
        return Evaluation(entry, place, events, script, handler, failed, steps, led, given_up, dear, defaulted, filled)

    def passed(self, before: Evaluation) -> frozenset[int]:
        """Calls of the entry itself that were followed as far as a request, or as far as it is worth."""
        return before.led.union(*(event.path for event in before.events)) & self.calls_of(before.entry)

    def left(self, before: Evaluation) -> bool:
        """Whether calls of the entry itself were not reached that by their name lead to a request, behind others that were."""
        names = {name.rsplit(".", 1)[-1] for _, name in self._hot}
        passed = self.passed(before)
        return bool(passed and self.calls_of(before.entry, names) - passed)

    def calls_of(self, entry: Scope, names: Container[str] | None = None) -> frozenset[int]:
        """The calls that a function's body makes, those of functions inside of it included; only of what has one of the names."""
        if entry not in self._calls:
            module = self.machine.project.module(entry.path)
            inner = f"{entry.name}."
            within = (node for node, scope in module.calls if scope == entry.name or scope.startswith(inner)) if module else ()
            self._calls[entry] = {id(node): _called(node) for node in within}
        return frozenset(call for call, name in self._calls[entry].items() if names is None or name in names)

    def may_open(self, entry: Scope) -> bool:
        """Whether a parameter of the function, or of its class's constructor, has a default that decides something."""
        module = self.machine.project.module(entry.path)
        if module is None:
            return False
        owner = module.owner.get(entry.name)
        functions = [module.functions.get(name) for name in (entry.name, f"{owner}.__init__")]
        given = (
            default
            for function in functions
            if function is not None
            for default in (*function.args.defaults, *function.args.kw_defaults)
        )
        return any(not (default is None or (isinstance(default, ast.Constant) and default.value is None)) for default in given)

    def _script(self, path: str) -> bool:
        """The module as a program: its top level, with the main guard. Whether it runs once only."""
        machine = self.machine
        module = machine.project.module(path)
        assert module is not None
        machine.main = path
        once = not reruns.reruns(machine, module)
        for _ in self._epochs(1 if once else machine.limits.marked_turns, None):
            modules.run(machine, Frame(module, (machine.store.allocate(),)))
        return once

    def _epochs(self, most: int, period: tuple[float, Place | None] | None) -> Iterator[None]:
        """Runs of an entry, one after the other, while they send and the limits leave room for more."""
        machine = self.machine
        self.ear.once = most == 1
        for epoch in range(most):
            if epoch >= machine.turns:
                break
            machine.epoch = epoch
            machine.begin(first=not epoch)
            if epoch:
                machine.moment = machine.moment.paused() if period is None else machine.moment.after(*period)
                if machine.steps > machine.limits.steps // 2 and epoch > 1:
                    break  # two requests of a costly entry have to do
                machine.ceiling = machine.steps + machine.limits.steps
            before = self.ear.heard
            machine.assumptions = {}
            yield
            crowded = self.ear.heard > 4 * machine.limits.requests and not machine.sparing
            if machine.scheduled or self.ear.heard == before or crowded:
                break

    def _function(self, entry: Scope) -> tuple[bool, bool]:
        machine = self.machine
        callee = self._callee(entry)
        if callee is None:
            return False, False
        function, skip = _written_as(callee)
        role = self._role(function)
        handler = id(function.node) in self.ear.handlers
        script = role == "command" or programs.is_program(machine.project, entry.path, entry.name, function.node)  # type: ignore[arg-type]
        written = self._written(entry, function)
        period = schedules.period_of(machine, function)
        connection = self._connection(function)
        for _ in self._epochs(1 if script else machine.limits.marked_turns, period):
            if connection and self._talks():
                break
            machine.entered = machine.store.allocate()
            machine.call(callee, self.guesser.arguments(written, skip, role), function.node, self._frame(entry))  # type: ignore[arg-type]
        return script, handler

    def _connection(self, function: FunctionValue) -> bool:
        """Whether the function runs once for a connection over which many messages come, such as a websocket's handler."""
        name = self.ear.handlers.get(id(function.node), "").rsplit(".", 1)[-1]
        return name in self.machine.library.handler_connections

    def _talks(self) -> bool:
        """Whether requests of the run before follow one another: the next connection is another conversation."""
        sites = [event.site for event in self.ear.events]
        return len(sites) > len(set(sites))

    def _role(self, function: FunctionValue) -> str:
        """What calls the function, by its decorators: "command" (a shell), "handler" (an event), or "" (code)."""
        decorator = self.ear.handlers.get(id(function.node), "")
        if decorator in self.machine.library.script_decorators or any(
            name.rsplit(".", 1)[-1] == "command" and name.split(".", 1)[0] in {"click", "typer", "app", "cli"}
            for name in function.decorators
        ):
            return "command"
        return "handler" if decorator else ""

    def _frame(self, entry: Scope) -> Frame:
        frame = self.guesser.frame(entry.path)
        assert frame is not None
        return frame

    def _callee(self, entry: Scope) -> Callee | None:
        """The entry as something that can be called: a function, or a method of an instance or of one of several."""
        machine = self.machine
        module = machine.project.module(entry.path)
        frame = self.guesser.frame(entry.path)
        if module is None or frame is None:
            return None
        owner = module.owner.get(entry.name)
        if owner is not None and "." not in owner:
            return self._method(entry, owner, frame)
        if "." not in entry.name:
            value = machine.store.get(frame.local, entry.name)
            return value if isinstance(value, FunctionValue) else self._wrapped(entry, frame)
        return self._nested(entry, frame)

    def _method(self, entry: Scope, owner: str, frame: Frame) -> Callee | None:
        machine = self.machine
        cls = machine.store.get(frame.local, owner)
        if not isinstance(cls, ClassValue):
            return None
        member = attributes.class_member(machine, cls, entry.name.rsplit(".", 1)[-1])
        if not isinstance(member, FunctionValue):
            return None
        if member.kind == "static":
            return member
        if member.kind == "class":
            return BoundMethod(member, cls)
        return self._bound(member, self.guesser.instances.of(cls), cls)

    def _bound(self, member: FunctionValue, instance: Value, cls: ClassValue) -> Callee:
        """The method of an instance; of an abstract class, of each of its implementations."""
        if isinstance(instance, Choice):
            sides = (self._bound(member, side, cls) for side in (instance.then, instance.otherwise))
            return Choice(instance.condition, *sides)
        if not isinstance(instance, Instance):
            instance = Instance(self.machine.store.allocate(), cls)
        return BoundMethod(member, instance)

    def _written(self, entry: Scope, function: FunctionValue) -> FunctionValue:
        """The function as written, whose parameters a decorator's wrapper (`*args, **kwargs`) only hands on."""
        frame = self._frame(entry)
        node = frame.module.functions.get(entry.name)
        if node is None or node is function.node or isinstance(node, ast.Lambda):
            return function
        from auditor.interp import functions

        return functions.make(self.machine, node, frame, ())

    def _wrapped(self, entry: Scope, frame: Frame) -> FunctionValue | None:
        """A function that a decorator turned into something else: what was written is called."""
        module = frame.module
        node = module.functions.get(entry.name)
        if node is None:
            return None
        from auditor.interp import functions

        return functions.make(self.machine, node, frame, ())

    def _nested(self, entry: Scope, frame: Frame) -> FunctionValue | None:
        """A function inside of another: the outer one is run first, then the inner one is called in its scope."""
        machine = self.machine
        outer = Scope(entry.path, entry.name.rsplit(".", 1)[0])
        callee = self._callee(outer)
        if callee is None:
            return None
        function, skip = _written_as(callee)
        events = len(self.ear.events)
        first = machine.store.allocate()
        known = self.guesser.instances.called_with(function)
        arguments = known or self.guesser.arguments(function, skip, self._role(function))
        machine.entered = first  # what was there before is what other functions filled
        machine.call(callee, arguments, function.node, frame)  # type: ignore[arg-type]
        del self.ear.events[events:]
        name = entry.name.rsplit(".", 1)[-1]
        made = range(first, machine.store.allocate())
        named = (_undecorated(machine.store.get(address, name)) for address in made)
        # What a decorator of the project made of it has the function itself as a parameter of the decorator.
        handed = (machine.store.get(address, key) for address in made for key in tuple(machine.store.keys(address)))
        return next((one for one in chain(named, handed) if isinstance(one, FunctionValue) and one.name == entry.name), None)

    # Calls on receivers that are not known

    def _common(self, name: str) -> bool:
        """Whether so many functions of the project, tests' stand-ins aside, have the name that it tells nothing."""
        key = ("definitions", name)
        found = self.machine.cache.get(key)
        if not isinstance(found, int):
            project, spelled = self.machine.project, f"def {name}("
            paths = (path for path in project.mentioning(spelled) if not is_test(path))
            found = sum(project.data(path).count(spelled.encode()) for path in paths)
            self.machine.cache[key] = found
        return found > NAMESAKES

    def _held(self, frame: Frame, name: str, paths: set[str]) -> bool:
        """Whether a variable of the function holds an object with that method: what is not known is then something else, as in
        `await socket.send(await session.send(text))`."""
        held = (self.machine.store.get(frame.local, variable) for variable in self.machine.store.keys(frame.local))
        return frame.function is not None and any(
            isinstance(value, Instance)
            and isinstance(method := attributes.class_member(self.machine, value.cls, name), FunctionValue)
            and method.module in paths
            for value in held
        )

    def _dispatch(self, machine: Machine, callee: Hole, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        """A method of an unknown object: a project class's, if only few have one of that name on the way to a call site."""
        identity = callee.identity
        if not (isinstance(identity, tuple) and len(identity) == 3 and identity[0] == "attr") or callee.reason is None:
            return None
        found = [scope for scope in self._by_name.get(str(identity[2]), ()) if scope not in self._dispatching]
        if not 0 < len(found) <= NAMESAKES or callee.reason is Reason.RECURSION or self._common(str(identity[2])):
            return None
        if self._held(frame, str(identity[2]), {scope.path for scope in found}):
            return None
        results: list[Value] = []
        for scope in found[:1] if len(found) == 1 else found:
            owner_frame = self.guesser.frame(scope.path)
            module = machine.project.module(scope.path)
            if owner_frame is None or module is None or "." in module.owner[scope.name]:
                continue
            self._dispatching.append(scope)
            try:
                method = self._method(scope, module.owner[scope.name], owner_frame)
                if method is not None:
                    results.append(machine.call(method, arguments, node, frame))
            finally:
                self._dispatching.pop()
        return results[0] if results else None


def _called(node: ast.Call) -> str:
    """The name that a call is written with, without what it is looked up on."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _undecorated(value: object) -> object:
    """The function that a decorator made something else of: a library's tool."""
    made = value.arguments.positional if isinstance(value, ExternalObject) and value.arguments is not None else ()
    return made[0] if made else value


def _written_as(callee: Callee) -> tuple[FunctionValue, int]:
    """The function that is called, and how many of its parameters the call binds by itself."""
    while isinstance(callee, Choice):
        assert isinstance(callee.then, FunctionValue | BoundMethod | Choice)
        callee = callee.then
    return (callee.function, 1) if isinstance(callee, BoundMethod) else (callee, 0)
