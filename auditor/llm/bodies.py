"""What an event brings to its handler, where the handler declares a data class for it: every field without a default is input,
and so is what names a conversation. Lists are there to be filled, whatever they begin with; further text and switches may be
given or left out, for as long as a conversation lasts. Defaults that say something stay what they are.

Knows data classes and telling names of fields. Does not know which function is a handler.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import classes
from auditor.limits import BODY_DEPTH
from auditor.values.domain import NONE, Arguments, Choice, ClassValue, External, Hole, Instance, Value, const
from auditor.values.lifetime import Cause, Evidence, Lifetime
from auditor.values.quick import replace
from auditor.values.text import Text

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.llm.parameters import Guesser


LASTING = frozenset({Lifetime.USER, Lifetime.SESSION})
LISTS = frozenset({"builtins.list", "typing.List", "typing.MutableSequence", "collections.abc.MutableSequence"})
_TEXTS = frozenset({"builtins.str", "builtins.dict", "typing.Dict", "typing.Any", "typing.Mapping", "collections.abc.Mapping"})


def is_body(machine: Machine, cls: ClassValue) -> bool:
    """Whether an event brings objects of this class: data, but no settings."""
    return classes.is_data(machine, cls) and "BaseSettings" not in classes.base_names(machine, cls)


def read(guesser: Guesser, cls: ClassValue, argument: ast.arg, frame: Frame, path: str, depth: int = 0) -> Value:
    """An object of the class as an event brings it. `path` is the expression that means it."""
    machine = guesser.machine
    given: list[tuple[str, Value]] = []
    for owner in reversed(classes.mro(machine, cls)):
        inner = guesser.frame(owner.module)
        for item in owner.node.body if isinstance(owner.node, ast.ClassDef) else ():
            if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
                continue
            name, default = f"{path}.{item.target.id}", _default(item.value)
            switch = default.value if isinstance(default, ast.Constant) and isinstance(default.value, bool) else None
            if switch is not None:
                given.append((item.target.id, _either(machine, item, name, const(not switch), const(switch))))
                continue
            typed = guesser.of_annotation(item.annotation, inner) if inner is not None else None
            must = _required(item.value) or _goes_on(machine, item.target.id, default)
            listed = not must and _is_list(typed)
            if not must and not listed and not (_says_nothing(default) and _tells(typed)):
                continue
            value: Value
            if isinstance(typed, Instance) and is_body(machine, typed.cls) and depth < BODY_DEPTH:
                value = read(guesser, typed.cls, argument, frame, name, depth + 1)
            else:
                kind = typed.name if isinstance(typed, External) else None
                value = _field(machine, item.target.id, name, kind, item if inner else argument, inner or frame)
            if not must and isinstance(value, Hole) and value.lifetime is Lifetime.CALL:
                # Whoever gives it gives it with every event of a conversation, and the same each time.
                value = replace(value, lifetime=Lifetime.SESSION, identity=("given", id(item), name))
            if not must:
                value = _either(machine, item, name, value, _without(machine, default, listed=listed))
            given.append((item.target.id, value))
    return classes.instantiate(machine, cls, Arguments((), tuple(given)), argument, frame)


def _either(machine: Machine, item: ast.AnnAssign, name: str, given: Value, default: Value) -> Choice:
    """What an event may bring, or leave as the class has it."""
    return Choice(machine.condition(("given", id(item), name), name, Lifetime.UNKNOWN), given, default)


def _without(machine: Machine, default: ast.expr | None, *, listed: bool) -> Value:
    """What a field that need not be given holds where it is not."""
    if isinstance(default, ast.Constant) and default.value is None:
        return NONE
    return machine.new_list() if listed else Text.of("")


def _default(value: ast.expr | None) -> ast.expr | None:
    """What a field holds that nobody gives: `None`, `Field(None, ...)`, `Field(default=None)`."""
    if not isinstance(value, ast.Call):
        return value
    named = [keyword.value for keyword in value.keywords if keyword.arg == "default"]
    return next(iter((*value.args[:1], *named)), None)


def _constant(default: ast.expr | None) -> object:
    return default.value if isinstance(default, ast.Constant) else default


def _says_nothing(default: ast.expr | None) -> bool:
    return default is not None and _constant(default) in (None, "")


def _is_list(typed: Value | None) -> bool:
    return isinstance(typed, External) and typed.name in LISTS


def _tells(typed: Value | None) -> bool:
    """Whether a field holds text or data: of numbers, no prompt hangs on whether they are given."""
    return isinstance(typed, Instance) or (isinstance(typed, External) and typed.name in _TEXTS)


def _goes_on(machine: Machine, name: str, default: ast.expr | None) -> bool:
    """Whether a field that may be left out names what goes on from one event to the next: only the first leaves it out."""
    lifetime = machine.library.names.get(name) or machine.library.parts.get(name)
    return lifetime is Lifetime.SESSION and _says_nothing(default)


def _field(machine: Machine, name: str, expression: str, kind: str | None, node: ast.AST, frame: Frame) -> Hole:
    """A field of an event. Its name may say that more than one event has it in common."""
    guessed = machine.library.names.get(name, Lifetime.CALL)
    lifetime = guessed if guessed in LASTING else machine.library.parts.get(name, Lifetime.CALL)
    shared = lifetime in LASTING
    return machine.hole(
        node,
        frame,
        lifetime if shared else Lifetime.CALL,
        Cause.VALUE if shared else Cause.INPUT,
        identity=("name", name) if shared else None,
        expression=expression,
        evidence=Evidence.NAME if guessed in LASTING else Evidence.USAGE,
        type=kind,
    )


def _required(default: ast.expr | None) -> bool:
    """Whether a field has to be given: it has no default, or `Field(...)` without one."""
    if not isinstance(default, ast.Call):
        return default is None or (isinstance(default, ast.Constant) and default.value is ...)
    named = {keyword.arg for keyword in default.keywords}
    first = default.args[0] if default.args else None
    without = first is None or (isinstance(first, ast.Constant) and first.value is ...)
    return without and not named & {"default", "default_factory", "factory"}
