"""Objects that are configured in one place and send in another: what calling them, or a method of theirs, does.

The surfaces say which class is an object of which kind, and which of its methods sends, binds further arguments, or makes
another object; what data cannot say is a family's own action, looked up by name. An object keeps its arguments by name in its
`ExternalObject`; whatever is made of it keeps them, and its origin, in turn.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.library import objects
from auditor.knowledge.objects import Action, Maker, Objects, Signature
from auditor.values.domain import Arguments, Const, ExternalObject, Hole, Item, Spread, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.llm.events import Ear
    from auditor.places import Place


UNKNOWN_PROVIDER = "unknown"
ADDRESSED = frozenset({"openai", "anthropic"})
"""Providers whose clients are pointed at other vendors' compatible endpoints."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a library's function, or of an object's method."""

    ear: Ear
    machine: Machine
    action: Action
    target: ExternalObject
    maker: Maker | None  # what made the object; None of a function
    arguments: Arguments
    node: ast.AST
    frame: Frame
    agent: Place | None = None  # where the agent is made that sends its own prompt

    @property
    def own(self) -> Arguments:
        """The call's arguments by name."""
        return named(self.arguments, self.action.signature)

    @property
    def all(self) -> Arguments:
        """The object's arguments with the call's on top."""
        return merged(self.held, self.own)

    @property
    def held(self) -> Arguments:
        """What the object was configured with, attributes that were set later included."""
        if self.maker is None or self.target.arguments is None:
            return Arguments()
        written = objects.written(self.machine, self.target)
        return merged(self.target.arguments, Arguments((), tuple(written.items()))) if written else self.target.arguments

    def send(self, arguments: Arguments | None = None, provider: str = "", surface: str = "") -> Value:
        """The request is heard."""
        endpoint = self.action.endpoint
        assert endpoint is not None
        if self.maker is not None:
            provider, surface = provider or self.maker.provider, surface or surface_of(self.maker, self.held)
            if provider in ADDRESSED:
                provider, surface = self.ear.host(self.machine, self.target, provider, surface)
        return self.ear.hear(
            self.machine,
            endpoint,
            provider or self.action.provider or UNKNOWN_PROVIDER,
            surface or "api",
            self.all if arguments is None else arguments,
            self.node,
            self.frame,
            guessed=self.target.guessed,
            agent=self.agent,
        )

    def make(self, arguments: Arguments, kind: str = "") -> ExternalObject:
        """Another object, of the action's kind, or of the same with other arguments."""
        cls = made_of(kind, self.target.cls) if kind else self.target.cls
        place = self.machine.place(self.node, self.frame)
        return ExternalObject(cls, (), arguments, self.machine.serial(), place, self.target.guessed)


ActionCode = Callable[[Call], Value | None]


def sends(call: Call) -> Value | None:
    return call.send()


def sends_each(call: Call) -> Value | None:
    """One request for each item of an argument; of unknown items, one for any of them."""
    name = call.action.keeps
    given = call.own.keyword(name)
    if given is None:
        return None
    answers: list[Item] = []
    for item in call.machine.iterate(given, call.node, call.frame).items[: call.machine.limits.requests]:
        one = known.plain(item)
        if isinstance(item, Spread):
            one = known.plain(item.elements[0]) if item.elements else item.hole
        if one is not None:
            answer = call.send(with_keyword(call.all, name, one))
            answers.append(Spread(answer, (answer,)) if isinstance(item, Spread) and isinstance(answer, Hole) else answer)
    return call.machine.new_list(answers)


def binds(call: Call) -> Value | None:
    """The same object with more arguments: `bind_tools`, `with_config`."""
    return call.make(call.all)


def makes(call: Call) -> Value | None:
    return call.make(call.all, call.action.makes)


ACTIONS: dict[str, ActionCode] = {"sends": sends, "sends-each": sends_each, "binds": binds, "makes": makes}


def kind_of(tables: Objects, cls: str) -> tuple[str, Maker] | None:
    """What kind of object a class's name stands for, and what made it (or what it was made of)."""
    kind, mark, origin = cls.partition(":")
    maker = tables.maker(origin if mark else cls)
    return None if maker is None else (kind if mark else maker.kind, maker)


def made_of(kind: str, cls: str) -> str:
    """The name of an object of that kind which another object made."""
    return f"{kind}:{cls.partition(':')[2] or cls}"


def surface_of(maker: Maker, arguments: Arguments) -> str:
    """Where the object's requests go: a flag among its arguments may say another surface than the usual one."""
    for name, surface in maker.switch.items():
        if isinstance(value := arguments.keyword(name), Const) and value.value is True:
            return surface
    return maker.surface


# Arguments by name


def named(arguments: Arguments, signature: Signature) -> Arguments:
    """All arguments as keywords, by the signature's names. Positions behind a spread are not known and left out."""
    if signature.variadic:
        return arguments
    out: dict[str, Value] = {}
    rename: Mapping[str, str] = signature.rename or {}
    for name, item in zip(signature.parameters, arguments.positional, strict=False):
        value = known.plain(item)
        if value is None:
            break
        out[rename.get(name, name)] = value
    out.update((rename.get(name, name), value) for name, value in arguments.keywords)
    return Arguments((), tuple(out.items()), arguments.unknown_keywords)


def merged(below: Arguments, above: Arguments) -> Arguments:
    """Both, the upper ones counting where a name is given twice."""
    keywords = dict(below.keywords) | dict(above.keywords)
    return Arguments((), tuple(keywords.items()), (*below.unknown_keywords, *above.unknown_keywords))


def with_keyword(arguments: Arguments, name: str, value: Value) -> Arguments:
    return merged(arguments, Arguments((), ((name, value),)))
