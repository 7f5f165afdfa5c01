"""Hearing requests while code is evaluated: what is called, on which kind of client, with which arguments.

A call counts by what its receiver is. Where the receiver is unknown, the attribute path and parameters that only such a call
has decide, and the event is marked as guessed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.interp import known, marking
from auditor.interp.frame import Loop
from auditor.interp.freeze import Freezer
from auditor.interp.library import builtin
from auditor.interp.marking import Mark, Tested
from auditor.knowledge.answers import ANSWER
from auditor.llm import actions, bedrock, configured, dialogues, http, instructor, posting, senders, ways
from auditor.llm.request import CallSite
from auditor.places import Place
from auditor.values.domain import (
    Arguments,
    BoundMethod,
    External,
    ExternalObject,
    Frozen,
    FrozenAlt,
    FrozenChoice,
    FrozenDict,
    FrozenEntry,
    FrozenEntryItem,
    FrozenItem,
    FrozenList,
    FrozenObject,
    FrozenSpread,
    FunctionValue,
    Hole,
    Text,
    Value,
)
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.moment import START, Moment

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.knowledge.library import Library
    from auditor.knowledge.sdk import Endpoint, Sdk


@dataclass(frozen=True, slots=True)
class Event:
    """One request that was heard: arguments as they were at that moment, and what was decided on the way there."""

    site: CallSite
    endpoint: Endpoint
    provider: str
    surface: str
    arguments: tuple[tuple[str, Frozen], ...]
    unknown_arguments: tuple[FrozenEntryItem, ...]
    assumptions: dict[object, bool] = field(compare=False)
    path: tuple[int, ...]  # the call expressions that led here, recursion folded
    epoch: int
    guessed: bool
    place: Place
    started: Place | None = None  # where it is started without waiting for the one before
    moment: Moment = START
    through: tuple[str, ...] = ()  # attributes on the way that change nothing of what is sent: `beta`, `prompt_caching`
    unused: bool = False  # nobody looks at the answer
    markers: int = 0  # how many breakpoints its arguments hold
    marked: tuple[Mark, ...] = ()  # what was marked since the request before
    meant: tuple[Place, ...] = ()  # where functions on the way would mark something
    tested: tuple[Tested, ...] = ()  # tests since the request before that decide about a marker
    loop: Loop | None = None  # the innermost one around it
    agent: Place | None = None  # where the agent is made that sends its own prompt
    loaded: tuple[Mark, ...] = ()  # what functions marked for this file while modules were loaded
    instead: bool = field(default=False, compare=False)  # only where what other requests stand in has failed, or come to no end
    way: tuple[Place, ...] = field(default=(), compare=False)  # where the calls stand that led here, the outermost first
    functions: tuple[str, ...] = field(default=(), compare=False)  # what the functions on the way are called, as `way`

    def argument(self, name: str) -> Frozen | None:
        for key, value in self.arguments:
            if key == name:
                return value
        return None


Dispatch = Callable[["Machine", Hole, Arguments, ast.AST, "Frame"], Value | None]


class Ear:
    """Listener of the machine: collects events, answers with the model's response."""

    def __init__(self, sdk: Sdk, context: Callable[[str], str]) -> None:
        self.sdk = sdk
        self.events: list[Event] = []
        self.handlers: dict[int, str] = {}  # id of a function's node -> the decorator that makes it an event's handler
        self.once = False  # whether the entry runs once per process: nothing comes back to what it does
        self.dispatch: Dispatch | None = None  # finds methods by name where the receiver is unknown
        self.ended: set[Place | None] = set()  # where explicit caches are made that are deleted again; None: nobody knows which
        self.seen: set[tuple[str, int, int]] = set()  # places of calls that reached the listener
        self._context = context
        self._of_modules = {  # packages that are clients themselves, with the first names of their endpoints
            cls: {endpoint.path[0] for endpoint in sdk.endpoints if endpoint.provider == client[0]}
            for cls, client in sdk.clients.items()
            if "." not in cls
        }

    @property
    def heard(self) -> int:
        return len(self.events)

    @property
    def restless(self) -> bool:
        # What a tool of the loop sends itself, mostly unmarked, may lie between two requests of the loop.
        marked = (event for event in reversed(self.events) if event.markers)
        last = next(marked, None)
        before = next((event for event in marked if last is not None and event.site == last.site), None)
        return last is not None and before is not None and last.markers > before.markers

    def forget(self, heard: int) -> None:
        del self.events[heard:]

    def is_data(self, cls: str) -> bool:
        maker = self.sdk.objects.maker(cls)
        kind = cls.partition(":")[0]
        return (maker is not None and maker.data) or kind == "tool" or kind in self.sdk.objects.data_kinds

    def sends(self, cls: str) -> bool:
        return cls in self.sdk.clients or configured.kind_of(self.sdk.objects, cls) is not None

    def pipe(self, machine: Machine, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value | None:
        return actions.pipe(self, machine, left, right, node, frame)

    # What was called

    def call(self, machine: Machine, target: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        self._registered(machine, target, arguments)
        if target.cls in self.sdk.wrappers and not target.path:
            return known.plain(arguments.positional[0]) if arguments.positional else None
        if not target.path and self.sdk.is_mapping(target.cls):
            return builtin.OVERLAYS["builtins.dict"](machine, arguments, node, frame)
        answer = actions.call(self, machine, target, arguments, node, frame) or actions.retriever(
            machine, target.path, node, frame
        )
        if answer is not None:
            return answer
        wrapped = instructor.client_of(target)
        if wrapped is not None:
            return self.call(machine, wrapped, arguments, node, frame)
        name = (target.path or (target.cls.rsplit(".", 1)[-1],))[-1]
        posted = self._posted(machine, name, arguments, node, frame, target if len(target.path) == 1 else None)
        if posted is not None:
            return posted
        path = [name for name in target.path if name not in self.sdk.transparent]
        client = self._client(target, path)
        if client is None:
            return self._guess(machine, (*target.cls.split("."), *path), arguments, node, frame)
        if path and path[-1] in self.sdk.same_client and len(path) == 1:
            options = configured.merged(target.arguments or Arguments(), Arguments((), arguments.keywords))
            return ExternalObject(target.cls, (), options, target.identity, target.place)
        provider, surface = client
        for endpoint in self.sdk.endpoints:
            if endpoint.provider == provider and tuple(path) == endpoint.path:
                provider, surface = self.host(machine, target, provider, surface)
                return self.hear(
                    machine,
                    endpoint,
                    provider,
                    surface,
                    _with_headers(target, arguments),
                    node,
                    frame,
                    guessed=target.guessed,
                    through=self._through(target.path),
                )
        return None

    def _client(self, target: ExternalObject, path: list[str]) -> tuple[str, str] | None:
        found = self.sdk.clients.get(target.cls)
        package, _, names = target.cls.partition(".")
        if found is None and names.split(".")[0] in self._of_modules.get(package, ()):
            # the module-level client: `openai.chat.completions.create(...)`
            path[:0] = names.split(".")
            return self.sdk.clients[package]
        return found

    def unknown_call(self, machine: Machine, callee: Hole, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        path = _attribute_path(callee)
        found = actions.retriever(machine, path, node, frame) or self._posted(machine, path[-1], arguments, node, frame)
        if (found := found or self._guess(machine, path, arguments, node, frame)) is not None:
            return found
        return self.dispatch(machine, callee, arguments, node, frame) if self.dispatch is not None else None

    def _guess(self, machine: Machine, path: tuple[str, ...], arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        """A call on a receiver that is not known: its attribute path and parameters must both be those of an endpoint."""
        names = tuple(name for name in path if name not in self.sdk.transparent)
        for endpoint in self.sdk.endpoints:
            if names[-len(endpoint.path) :] != endpoint.path or len(names) <= len(endpoint.path):
                continue
            if names[: -len(endpoint.path)][-1:] in OTHERS:
                continue
            given = {name for name, _ in arguments.keywords}
            foreign = given & (FOREIGN - endpoint.telling)
            telling = bool(given & endpoint.telling) and not foreign
            spread = bool(arguments.unknown_keywords) and not foreign and not arguments.positional
            if telling or spread or (len(endpoint.path) > 2 and not arguments.positional):
                surface = "api" if len(endpoint.path) < 3 else "unknown"
                return self.hear(
                    machine,
                    endpoint,
                    endpoint.provider,
                    surface,
                    arguments,
                    node,
                    frame,
                    guessed=True,
                    through=self._through(path),
                )
        for _, action in self.sdk.objects.guesses(names):
            assert action.endpoint is not None
            if {name for name, _ in arguments.keywords} & action.endpoint.telling:
                plain = configured.named(arguments, action.signature)
                return self.hear(machine, action.endpoint, action.endpoint.provider, "api", plain, node, frame, guessed=True)
        return actions.guess(self, machine, names, arguments, node, frame) if len(names) > 1 else None

    def _through(self, path: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in path if name in self.sdk.transparent)

    def host(self, machine: Machine, target: ExternalObject, provider: str, surface: str) -> tuple[str, str]:
        """Another address than the SDK's own: whose models answer there, where that is known."""
        given = target.arguments.keyword("base_url") if target.arguments is not None else None
        if given is None or known.is_none(given):
            return provider, surface
        url = machine.to_text(given, None, None).literal if isinstance(given, Text) else ""  # type: ignore[arg-type]
        if isinstance(given, Hole) and given.content is not None:
            url = given.content.literal
        if not url:
            return provider, surface
        for host in self.sdk.hosts:
            if any(part in url for part in host.match):
                return host.provider, host.surface if host.provider != provider else surface
        # A gateway speaks the provider's own protocol: of Claude's, it hands markers on; of OpenAI's, other vendors speak it too.
        return (provider, surface) if provider == "anthropic" else ("compatible", "compatible")

    def _posted(
        self,
        machine: Machine,
        name: str,
        arguments: Arguments,
        node: ast.AST,
        frame: Frame,
        client: ExternalObject | None = None,
    ) -> Value | None:
        """A request that the program posts itself."""
        found = http.recognise(machine, self.sdk, name, arguments, client)
        if found is None:
            return None
        endpoint = found.route.endpoint
        host = next((host for host in self.sdk.hosts if any(part in found.url.literal for part in host.match)), None)
        provider, surface = endpoint.provider, "api"
        if host is not None and host.provider != endpoint.provider:
            provider, surface = host.provider, host.surface
        elif host is None and found.url.literal.startswith("http"):
            provider, surface = "compatible", "compatible"
        meant, path, function = posting.caller(machine, node, frame)
        module = machine.project.module(path)
        place = None
        if module is not None and isinstance(meant, ast.Call):
            place = module.place(posting.sent(self.sdk, module.functions.get(function, module.tree), meant))
        return self.hear(
            machine, endpoint, provider, surface, found.body, node, frame, guessed=False, place=place, function=function
        )

    # Hearing

    def hear(
        self,
        machine: Machine,
        endpoint: Endpoint,
        provider: str,
        surface: str,
        arguments: Arguments,
        node: ast.AST,
        frame: Frame,
        *,
        guessed: bool,
        place: Place | None = None,
        function: str = "",
        through: tuple[str, ...] = (),
        agent: Place | None = None,
    ) -> Value:
        written = place or machine.place(node, frame) or Place(frame.module.path, 1)
        overriding = place is None and senders.overriding(machine, node)
        meant = senders.sender(machine) if overriding else None
        if place is None and meant is None:
            meant = senders.handed(machine, node, endpoint.path[-1])
        place, function = meant if meant is not None else (written, function)
        site = CallSite(endpoint.api, place, function or frame.name, self._context(place.path), endpoint.sends)
        if not machine.loading:
            self.seen.add((written.path, written.line, written.column))
        if not machine.loading and (meant is not None or not overriding):
            self.seen.add((place.path, place.line, place.column))
            machine.sent = machine.store.allocate()
            freezer = Freezer(machine)
            frozen = tuple(
                (name, _told(name, freezer.value(_spelled_out(machine, value), 0))) for name, value in arguments.keywords
            )
            if endpoint.other_models and bedrock.other_work(endpoint, dict(frozen)):
                return machine.hole(node, frame, Lifetime.CALL, Cause.RESPONSE, expression="response")
            self.events.append(
                Event(
                    site,
                    endpoint,
                    provider,
                    surface,
                    frozen,
                    freezer.entries(arguments.unknown_keywords),
                    dict(machine.assumptions),
                    ways.identities(machine, node),
                    machine.epoch,
                    guessed,
                    place,
                    machine.started,
                    machine.moment,
                    through,
                    any(node is (one.value if isinstance(one, ast.Await) else one) for one in machine.dropped),
                    held := sum(markers(value) for _, value in frozen),
                    marking.taken(machine),
                    marking.unseen(machine) + (() if held else marking.meant(machine)),
                    marking.tests(machine, place.path),
                    machine.loops[-1] if machine.loops else None,
                    agent,
                    marking.loaded(machine, place.path),
                    machine.instead > 0,
                    ways.places(machine),
                    ways.functions(machine),
                )
            )
        return machine.hole(node, frame, Lifetime.TURN, Cause.RESPONSE, expression="response", type=ANSWER)

    def decorated(
        self, machine: Machine, decorator: External | ExternalObject, function: FunctionValue, node: ast.expr, frame: Frame
    ) -> Value | None:
        if isinstance(decorator, ExternalObject):
            answer = actions.call(self, machine, decorator, Arguments((function,)), node, frame)
            if answer is not None:
                return answer
        name = decorator.name if isinstance(decorator, External) else ".".join((decorator.cls, *decorator.path))
        library = machine.library
        if name in self.sdk.tool_decorators:
            told = Arguments((function,), _told_of_tool(decorator, function))
            return ExternalObject("tool:" + name, (), told, machine.serial(), machine.place(node, frame))
        if _of_handlers(library, name, library.handler_methods) or name in library.handler_decorators:
            self.handlers[id(function.node)] = name
        return None

    def _registered(self, machine: Machine, target: ExternalObject, arguments: Arguments) -> None:
        """Functions that are handed to a framework as an event's handlers: `Route("/ask", ask)`."""
        name = ".".join((target.cls, *target.path))
        if _of_handlers(machine.library, name, machine.library.handler_registrars):
            for value in (known.plain(item) for item in (*arguments.positional, *(one for _, one in arguments.keywords))):
                function = value.function if isinstance(value, BoundMethod) else value
                if isinstance(function, FunctionValue):
                    self.handlers.setdefault(id(function.node), name)


def _of_handlers(library: Library, name: str, methods: frozenset[str]) -> bool:
    return name.split(".", 1)[0] in library.handler_libraries and name.rsplit(".", 1)[-1] in methods


def _told_of_tool(decorator: External | ExternalObject, function: FunctionValue) -> tuple[tuple[str, Value], ...]:
    """A tool's name and description, as the program may ask for them: the function's, unless the decorator says others."""
    given = decorator.arguments if isinstance(decorator, ExternalObject) and decorator.arguments is not None else Arguments()
    name = given.get(0, "name")
    told: list[tuple[str, Value]] = [("name", name if isinstance(name, Text) else Text.of(function.name.rsplit(".", 1)[-1]))]
    described = given.keyword("description")
    if described is None and isinstance(function.node, ast.FunctionDef | ast.AsyncFunctionDef):
        described = Text.of(ast.get_docstring(function.node) or "")
    return (*told, ("description", described)) if described is not None else tuple(told)


def _with_headers(client: ExternalObject, arguments: Arguments) -> Arguments:
    """The call's arguments with the headers that its client adds to every request."""
    headers = client.arguments.keyword(HEADERS) if client.arguments is not None else None
    return arguments if headers is None else configured.with_keyword(arguments, HEADERS, headers)


def _told(name: str, value: Frozen) -> Frozen:
    return dialogues.told(name, value) if name in dialogues.ARGUMENTS else value


HEADERS = "default_headers"


def markers(value: Frozen | FrozenItem) -> int:
    """Breakpoints in a value, at most: where an open condition decides, those of the side that has more."""
    match value:
        case FrozenChoice(_, then, otherwise):
            return max(markers(then), markers(otherwise))
        case FrozenAlt(_, then, otherwise):
            return max(sum(map(markers, then)), sum(map(markers, otherwise)))
        case FrozenList(items):
            return sum(markers(item) for item in items)
        case FrozenSpread(_, elements):
            return max((markers(one) for one in elements), default=0)
        case FrozenDict(entries):
            plain = [entry for entry in entries if isinstance(entry, FrozenEntry)]
            own = sum(isinstance(entry.key, Text) and entry.key.known in marking.MARKERS for entry in plain)
            return own + sum(markers(entry.value) for entry in plain)
        case FrozenObject(_, attributes):
            return markers(attributes)
        case _:
            return 0


def _spelled_out(machine: Machine, value: Value) -> Value:
    """What a JSON text that is an argument of its own (a body) was made of."""
    return machine.serialised.get(value, value) if isinstance(value, Text) else value


OTHERS = frozenset({("threads",), ("conversations",), ("agents",)})
"""Whose `messages.create` is another service's: OpenAI's threads, Twilio's conversations, Letta's agents."""
FOREIGN = frozenset({"to", "from_", "body", "thread_id", "media_url", "channel", "chat_id", "conversation_id", "userId"})


def _attribute_path(callee: Hole) -> tuple[str, ...]:
    """`a.b.c` of the holes that `unknown.a.b.c` was looked up through, behind a mark for the unknown receiver."""
    names: list[str] = []
    identity: object = callee.identity
    while isinstance(identity, tuple) and len(identity) == 3 and identity[0] == "attr":
        names.append(str(identity[2]))
        identity = identity[1]
    return ("?", *reversed(names))
