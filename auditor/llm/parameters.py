"""What an entry's parameters are when nobody in the project passes them: from annotations, decorators, defaults, then names."""

from __future__ import annotations

import ast
from collections.abc import Container
from typing import TYPE_CHECKING, Unpack

from auditor.interp import classes, enums, known
from auditor.interp.frame import Frame
from auditor.interp.library import commandline, paths, reruns
from auditor.llm import abstract, bodies, configured, each, graph_contexts, graphs, handed, passed
from auditor.llm.graph_states import States
from auditor.llm.instances import Instances
from auditor.project import growing
from auditor.project.syntax import last_name, parameters
from auditor.values.domain import (
    NONE,
    Arguments,
    Choice,
    ClassValue,
    EntryItem,
    External,
    ExternalObject,
    FunctionValue,
    Hole,
    Instance,
    Item,
    Spread,
    SpreadEntries,
    Value,
)
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason
from auditor.values.text import Condition

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.interp.origins import Known
    from auditor.llm.events import Ear


class Guesser:
    """Makes values for parameters without callers. `leading`: functions (file, name) that lead to a request."""

    def __init__(self, machine: Machine, ear: Ear, leading: Container[tuple[str, str]] = frozenset()) -> None:
        self.machine = machine
        self.ear = ear
        self.leading = leading
        self.opened = False  # whether defaults are what callers may change
        self.defaulted = False  # whether it was asked since the entry began
        self.filled = False
        self.instances = Instances(self)
        self.states = States(self)

    def frame(self, path: str) -> Frame | None:
        from auditor.interp import modules

        address = modules.scope(self.machine, path)
        module = self.machine.project.module(path)
        return Frame(module, (address,)) if module is not None and address is not None else None

    def arguments(self, function: FunctionValue, skip: int, role: str = "") -> Arguments:
        """Arguments for every parameter behind the first `skip`.

        `role` is "handler" where each call is an event's, "command" where the command line gives them.
        """
        frame = self.frame(function.module)
        node = function.node
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if frame is None:
            return Arguments()
        defaults = dict(function.defaults)
        given = [
            (argument.arg, self.parameter(argument, defaults.get(argument.arg), frame, function, role))
            for argument in list(parameters(node))[skip:]
        ]
        positional: tuple[Item, ...] = ()
        keywords: tuple[EntryItem, ...] = ()
        if node.args.vararg is not None:
            positional = (Spread(self._rest(node.args.vararg, "*", frame)),)
        if node.args.kwarg is not None:
            keywords = (SpreadEntries(self._rest(node.args.kwarg, "**", frame)),)
        return Arguments(positional, tuple(given), keywords)

    def _rest(self, argument: ast.arg, stars: str, frame: Frame) -> Hole:
        """What `*args` or `**kwargs` of an entry hold: whatever callers that are not seen pass."""
        identity, expression = ("rest", id(argument)), f"{stars}{argument.arg}"
        return self.untold(argument, frame, evidence=Evidence.NONE, identity=identity, expression=expression)

    def untold(
        self, node: ast.AST | None, frame: Frame | None, evidence: Evidence = Evidence.FLOW, **known: Unpack[Known]
    ) -> Hole:
        """What only callers tell that are not seen, or tell otherwise each."""
        return self.machine.hole(node, frame, Lifetime.UNKNOWN, evidence=evidence, reason=Reason.NO_CALLERS, **known)

    def untold_field(self, instance: Instance, name: str) -> Hole:
        """What those give or add to a field who make the object."""
        identity = ("field", instance.address, name)
        return self.untold(None, None, identity=identity, expression=f"{instance.cls.name}.{name}")

    def parameter(self, argument: ast.arg, default: Value | None, frame: Frame, function: FunctionValue, role: str) -> Value:
        machine, name = self.machine, argument.arg
        provider = _provider(default)
        if provider is not None:
            return self._provided(provider, frame)
        sent = _part_of_request(default)
        fact = machine.library.attributes.get(("fastapi.Request", name if sent != "cookie" else "cookies"))
        if sent and fact is not None:
            header = ("request", sent, name)
            return machine.hole(
                argument, frame, fact.lifetime, fact.cause, identity=header, expression=name, evidence=Evidence.USAGE
            )
        commanded = self._of_command(argument, default, frame, function, role)
        if commanded is not None:
            return commanded
        provided = self._annotated(argument.annotation, frame)
        if provided is not None:
            return provided
        asked = machine.library.fact(default.cls) if isinstance(default, ExternalObject) and not default.path else None
        if asked is not None and asked.cause is Cause.INPUT:
            return self._asked(argument, asked.lifetime, frame)
        state = graphs.state(self, function, argument, frame) or graph_contexts.given(self, function, argument, frame)
        if state is not None:
            return state
        typed = self.of_annotation(argument.annotation, frame)
        told = self._of_view(name, function, frame) or (self._told(function, name) if typed is None else "")
        handled = typed.name if isinstance(typed, External) else told
        if (
            handled in machine.library.handler_types
            or any(handled == kind for kind, _ in machine.library.told.values())
            or (role == "" and name in machine.library.handler_parameters and (typed is None or _of_lambda(function)))
        ):
            return machine.hole(
                argument,
                frame,
                Lifetime.CALL,
                Cause.INPUT,
                expression=name,
                evidence=Evidence.USAGE if handled or _of_lambda(function) else Evidence.NAME,
                type=handled or None,
            )
        if role == "handler" and isinstance(typed, Instance) and bodies.is_body(machine, typed.cls):
            return bodies.read(self, typed.cls, argument, frame, name)
        if role == "handler" and not isinstance(typed, Instance | Choice) and not self.ear.sends(handled):
            return handed.by_name(self, name, frame) or machine.hole(
                argument,
                frame,
                Lifetime.CALL,
                Cause.INPUT,
                expression=name,
                evidence=Evidence.USAGE,
                type=_plain_type(typed, argument.annotation),
            )
        if isinstance(typed, Instance | Choice):
            if role == "instance":
                return self._unless_default(typed, default, argument)
            return passed.filled(self, each.anew(self, typed))
        if isinstance(typed, External) and not typed.name.startswith(("builtins.", "typing.", "collections.abc.")):
            return self._external(typed.name, argument, frame)
        if default is not None and not known.is_none(default) and not isinstance(default, ExternalObject):
            self.defaulted = True
            if not self.opened:
                return default
        unknown = self._unknown(argument, frame, typed)
        return self.machine.new_list((Spread(unknown),)) if _is_list(argument, typed, function) else unknown

    def _unknown(self, argument: ast.arg, frame: Frame, typed: Value | None) -> Hole:
        """What nobody is seen to pass; what its name says is evidence of low confidence."""
        machine, name = self.machine, argument.arg
        lifetime = machine.library.names.get(name, Lifetime.UNKNOWN)
        if lifetime is Lifetime.UNKNOWN:
            plain = _plain_type(typed, argument.annotation)
            return self.untold(argument, frame, Evidence.NONE, expression=name, type=plain)
        cause = Cause.HISTORY if lifetime is Lifetime.TURN else Cause.INPUT if lifetime is Lifetime.CALL else Cause.VALUE
        identity = ("name", name) if lifetime in (Lifetime.DAY, Lifetime.USER, Lifetime.SESSION) else None
        return machine.hole(
            argument,
            frame,
            lifetime,
            cause,
            identity=identity,
            expression=name,
            evidence=Evidence.NAME,
            type=_plain_type(typed, argument.annotation),
        )

    def _of_command(
        self, argument: ast.arg, default: Value | None, frame: Frame, function: FunctionValue, role: str
    ) -> Value | None:
        """What the command line gives: as a decorator or the default declares it, else a plain value or a path."""
        machine, name = self.machine, argument.arg
        options = commandline.declared(machine, function, frame)
        if options is not None and name in options:
            return commandline.of_process(machine, name, options[name], argument, frame)
        declares, chosen = commandline.typer_default(default)
        if declares:
            return commandline.of_process(machine, name, chosen, argument, frame)
        typed = self.of_annotation(argument.annotation, frame) if role == "command" and options is None else None
        match typed:
            case External(kind) if kind in paths.PATHS:
                return paths.make(None, commandline.of_process(machine, name, default, argument, frame))
            case External(kind) if kind.startswith("builtins."):
                return commandline.of_process(machine, name, default, argument, frame)
            case _:
                return None

    def _told(self, function: FunctionValue, name: str) -> str:
        """The type of a parameter of which something is asked that only a request or an event has; empty where nothing tells."""
        kind, attributes = self.machine.library.told.get(name, ("", frozenset()))
        assert isinstance(function.node, ast.AST)
        asked = kind and any(
            isinstance(part, ast.Attribute)
            and part.attr in attributes
            and isinstance(part.value, ast.Name)
            and part.value.id == name
            for part in ast.walk(function.node)
        )
        return kind if asked else ""

    def _of_view(self, name: str, function: FunctionValue, frame: Frame) -> str:
        """The type of the request that a framework's class passes to its methods; empty for other parameters."""
        machine, owner = self.machine, frame.module.owner.get(function.name)
        cls = machine.store.get(frame.local, owner) if owner is not None and name in machine.library.handler_parameters else None
        base = classes.external_base(machine, cls) if isinstance(cls, ClassValue) else None
        return machine.library.handler_classes.get(base, "") if base is not None else ""

    def _unless_default(self, typed: Instance | Choice, default: Value | None, argument: ast.arg) -> Value:
        """What a constructor without callers gets: with `client: Client | None = None` it may as well make its own."""
        if not known.is_none(default):
            return typed
        if isinstance(typed, Instance) and abstract.declared(self.machine, typed.cls):
            return NONE  # nothing in the project is one
        condition = Condition(("given", id(argument)), f"{argument.arg} is not None", Lifetime.PROCESS)
        return Choice(condition, typed, NONE)

    def _asked(self, node: ast.AST | None, lifetime: Lifetime, frame: Frame) -> Hole:
        """What the framework fills in from the request: a parameter whose default says so, a security scheme's answer."""
        name = node.arg if isinstance(node, ast.arg) else "credentials"
        identity = ("asked", name) if lifetime <= Lifetime.SESSION else None
        return self.machine.hole(node, frame, lifetime, Cause.INPUT, identity=identity, expression=name, evidence=Evidence.USAGE)

    def _external(self, cls: str, argument: ast.arg, frame: Frame) -> ExternalObject:
        """An object of a library's class; one that is configured elsewhere in a way that is not known."""
        machine = self.machine
        if cls in paths.PATHS:
            of = self.untold(argument, frame, expression=argument.arg)
            return paths.make(None, of)
        given = Arguments()
        if configured.kind_of(self.ear.sdk.objects, cls) is not None:
            expression = f"{argument.arg}'s configuration"
            identity = ("configuration", id(argument))
            hole = self.untold(argument, frame, identity=identity, expression=expression)
            given = Arguments((), (), (SpreadEntries(hole),))
        return ExternalObject(cls, (), given, machine.serial(), machine.place(argument, frame))

    def _provided(self, provider: Value, frame: Frame) -> Value:
        """What a dependency-injection framework would pass: the provider's result."""
        if isinstance(provider, FunctionValue):
            # A dependency's own parameters come out of the request, as the handler's do.
            value = self.machine.invoke(provider, self.arguments(provider, 0, "handler"), None, frame)
            from auditor.values.domain import ListRef

            if isinstance(value, ListRef):  # a provider that yields
                items = self.machine.items(value).items
                first = known.plain(items[0]) if items else None
                return first if first is not None else value
            return value
        if isinstance(provider, ClassValue):
            return self.instances.of(provider)
        scheme = self.machine.library.fact(provider.cls) if isinstance(provider, ExternalObject) else None
        if scheme is not None and scheme.cause is Cause.INPUT:
            return self._asked(None, scheme.lifetime, frame)
        return self.machine.unknown(Reason.DYNAMIC, None, frame, "dependency")

    # Types

    def of_annotation(self, node: ast.expr | None, frame: Frame) -> Value | None:
        """An instance of the annotated project class, or the name of a library's type."""
        if node is None:
            return None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return None
            return self.of_annotation(node, frame)
        match node:
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                found = self.of_annotation(left, frame)
                return (
                    found
                    if found is not None and not (isinstance(found, External) and found.name == "builtins.None")
                    else self.of_annotation(right, frame)
                )
            case ast.Subscript(value=outer, slice=inner):
                name = self.machine.source(outer).rsplit(".", 1)[-1]
                if name in {"Optional", "Annotated", "Required", "NotRequired", "Final"}:
                    first = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else inner
                    if name == "Annotated" and isinstance(inner, ast.Tuple):
                        provided = self._annotated_dependency(inner, frame)
                        if provided is not None:
                            return provided
                    return self.of_annotation(first, frame)
                if name == "Union" and isinstance(inner, ast.Tuple):
                    return next((found for part in inner.elts if (found := self.of_annotation(part, frame)) is not None), None)
                return self.of_annotation(outer, frame)
            case ast.Name() | ast.Attribute():
                value = self.machine.evaluate(node, frame)
                if isinstance(value, ClassValue) and not enums.is_enum(self.machine, value):
                    return self.instances.of(value)
                own = abstract.heir(self.machine, value.name) if isinstance(value, External) else None
                if own is not None:
                    return self.instances.of(own)
                return value if isinstance(value, External | Choice) else None
            case _:
                return None

    def loaded_by(self, scope: str, frame: Frame) -> Value | None:
        """What a framework that loads a module calls the module's function of this name with: discord's `setup(bot)`."""
        if scope not in self.machine.library.loaders:
            return None
        imported = {name for node in frame.module.imports for name in reruns.libraries(node)}
        for base in sorted(self.machine.library.applications):
            own = abstract.heir(self.machine, base) if base.split(".", 1)[0] in imported else None
            if own is not None:
                return self.instances.of(own)
        return None

    def _annotated(self, node: ast.expr | None, frame: Frame) -> Value | None:
        """What a dependency gives that is written in the annotation: `Annotated[Client, Depends(make)]`."""
        match node:
            case ast.Subscript(value=outer, slice=ast.Tuple() as inner) if self.machine.source(outer).endswith("Annotated"):
                return self._annotated_dependency(inner, frame)
            case _:
                return None

    def _annotated_dependency(self, inner: ast.Tuple, frame: Frame) -> Value | None:
        for extra in inner.elts[1:]:
            value = self.machine.evaluate(extra, frame)
            if (
                isinstance(value, ExternalObject)
                and value.cls.rsplit(".", 1)[-1] in {"Depends", "Security"}
                and value.arguments is not None
            ):
                provider = known.plain(value.arguments.positional[0]) if value.arguments.positional else None
                if provider is not None:
                    return self._provided(provider, frame)
        return None


def _is_list(argument: ast.arg, typed: Value | None, function: FunctionValue) -> bool:
    """Whether a parameter is a list that the function may add to: what it adds is known, whatever the list holds."""
    if isinstance(typed, External):
        return typed.name in bodies.LISTS
    assert isinstance(function.node, ast.AST)
    return typed is None and any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr in growing.LISTS
        and isinstance(part.func.value, ast.Name)
        and part.func.value.id == argument.arg
        for part in ast.walk(function.node)
    )


def _plain_type(value: Value | None, annotation: ast.expr | None) -> str | None:
    """The type of a parameter that is declared to be of one type, or None."""
    return value.name if isinstance(value, External) and not _union(annotation) else None


def _union(annotation: ast.expr | None) -> bool:
    match annotation:
        case ast.Constant(value=str(spelled)):
            return "|" in spelled or "Union" in spelled
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return all(not (isinstance(side, ast.Constant) and side.value is None) for side in (left, right))
        case ast.Subscript(value=outer):
            return last_name(outer) == "Union"
        case _:
            return False


def _provider(default: Value | None) -> Value | None:
    """What a dependency-injection framework would ask for the parameter's value: `Depends(make)`."""
    if not isinstance(default, ExternalObject) or default.arguments is None:
        return None
    if default.cls.rsplit(".", 1)[-1] not in {"Depends", "Security"}:
        return None
    given = default.arguments
    return known.plain(given.positional[0]) if given.positional else given.keyword("dependency")


def _part_of_request(default: Value | None) -> str:
    """Which part of a web request a parameter is declared to be by its default: `Header()`, `Cookie()`; empty for others."""
    declared = default.cls.rpartition(".") if isinstance(default, ExternalObject) else ("", "", "")
    return declared[2].lower() if declared[0].startswith("fastapi") and declared[2] in {"Header", "Cookie"} else ""


def _of_lambda(function: FunctionValue) -> bool:
    """Whether the function has the signature that AWS Lambda calls: `handler(event, context)`."""
    node = function.node
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    names = [argument.arg.lstrip("_") for argument in parameters(node)]
    return names == ["event", "context"]
