"""What variables hold once a program is set up: those that begin as None and that another function fills.

A module's `_client = None` that `init()` replaces, one of a class that `cls._client = ...` does, an attribute that `connect()`
sets. The function that asks for the variable runs after them, so what they leave is meant, wherever the code itself does not say
that it is still None. Knows which functions write a variable, not when they are called.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from auditor.interp import attributes, functions, known
from auditor.interp.frame import BudgetExceededError
from auditor.interp.names import bindings
from auditor.interp.store import Cell
from auditor.limits import WRITER_STEPS, WRITERS
from auditor.values.domain import (
    NONE,
    Arguments,
    Choice,
    ClassValue,
    DictRef,
    ExternalObject,
    FunctionValue,
    Hole,
    Instance,
    ListRef,
    Partial,
    Text,
    TupleValue,
    Value,
)
from auditor.values.lifetime import Reason

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.project.syntax import FunctionNode, Module

Content = TypeVar("Content")

GIVEN = frozenset({Reason.NO_CALLERS, Reason.UNMODELLED_CALL, Reason.UNRESOLVED_IMPORT})
"""What a setter is given, and what a library makes, is not known; but it is not None any more."""


def of_global(machine: Machine, path: str, name: str) -> Value | None:
    """What a module's variable that begins as None is filled with; None where no function fills it, or one is running."""
    module = machine.project.module(path)
    if module is None:
        return None
    writers = _global_writers(machine, module).get(name, ())
    if not writers or running(machine, writers):
        return None
    key = ("settled", path, name)
    if key not in machine.cache:
        machine.cache[key] = NONE  # asked for again while it is worked out
        machine.cache[key] = _fill_global(machine, path, name, writers) or NONE
    found = machine.cache[key]
    return None if found == NONE else found  # type: ignore[return-value]


def of_attribute(machine: Machine, instance: Instance, name: str) -> Value | None:
    """What an instance's attribute that begins as None, or unset, is filled with by one of its other methods."""
    writers = attribute_writers(machine, instance.cls).get(name, ())
    if not writers or running(machine, [writer.node for writer in writers]):
        return None
    key = ("settled", instance.address, name)
    if key not in machine.memo:
        machine.memo[key] = NONE
        machine.memo[key] = _fill_attribute(machine, instance, name, writers) or NONE
    found = machine.memo[key]
    return None if found == NONE else found


def of_class(machine: Machine, cls: ClassValue, name: str) -> Value | None:
    """What a variable of a class that begins as None is filled with by one of its class methods, or by code that names it."""
    from auditor.interp import classes

    for owner in classes.mro(machine, cls):
        filled = _of_owner(machine, owner, name)
        if filled is not None:
            return filled
    return None


def _of_owner(machine: Machine, cls: ClassValue, name: str) -> Value | None:
    writers = _class_writers(machine, cls).get(name, ())
    if not writers or running(machine, [writer.node for writer in writers]):
        return None
    key = ("settled", cls.address, name)
    if key not in machine.cache:
        machine.cache[key] = NONE
        calls = ((one, Arguments((cls,) if one.kind == "class" else ())) for one in writers[:WRITERS])
        machine.cache[key] = _left(machine, cls.address, name, calls) or NONE
    found = machine.cache[key]
    return None if found == NONE else found  # type: ignore[return-value]


def running(machine: Machine, nodes: Iterable[object]) -> bool:
    """Whether the code that fills the variable is being evaluated: it sees what is there before."""
    return any(activation.function is node for activation in machine.stack for node in nodes)


def _fill_global(machine: Machine, path: str, name: str, writers: tuple[FunctionNode, ...]) -> Value | None:
    address = machine.modules.get(path)
    module = machine.project.module(path)
    if address is None or module is None:
        return None
    found = (defined(machine, module, address, node) for node in writers[:WRITERS])
    return _left(machine, address, name, ((function, Arguments()) for function in found if function is not None))


def _left(machine: Machine, address: int, name: str, calls: Iterable[tuple[FunctionValue, Arguments]]) -> Value | None:
    """What the first of some calls that fills the variable leaves in it, each run as if nothing had been evaluated before."""
    for function, arguments in _given(calls):
        # The variable itself stays as it was.
        with apart(machine, besides=(address, name)):
            value = made(run(machine, function, arguments, lambda _: machine.store.get(address, name)))
        if value is not None:
            return value
    return None


def _given(calls: Iterable[tuple[FunctionValue, Arguments]]) -> Iterator[tuple[FunctionValue, Arguments]]:
    """Calls of what fills a variable, and behind them those with something in place of a default that is nothing, or of all.

    `def configure(self, key=""): if key: self._client = ...`: who sets the program up says which key.
    """
    once = tuple(calls)
    yield from once
    for function, arguments in once:
        empty = [name for name, value in function.defaults if _is_nothing(value)]
        for left in (*([name] for name in empty[:WRITERS]), *([empty] if len(empty) > 1 else ())):
            yield replace(function, defaults=tuple(one for one in function.defaults if one[0] not in left)), arguments


def _is_nothing(value: Value) -> bool:
    """Whether a default says that nothing was given: None, an empty text, 0, False."""
    plainly, plain = known.scalar(value)
    return plainly and not plain


@contextmanager
def apart(machine: Machine, besides: Cell | None = None, since: int = 0) -> Iterator[None]:
    """Evaluates something as if nothing had been evaluated before, with a small budget. What it writes stays for all entries, but
    for one cell, and for what it writes into that which was there before an address was given out."""
    state = (machine.assumptions, machine.stack, machine.steps, machine.ceiling, machine.memo, machine.full)
    machine.assumptions, machine.stack, machine.memo, machine.full = {}, [], {}, WRITER_STEPS
    machine.steps, machine.ceiling = 0, WRITER_STEPS
    made_before = -1 - machine.serial()  # what hangs on a library's object is kept under the negative of its number
    try:
        with machine.store.on_base(), machine.store.layer() as writes:
            yield
        if besides is not None:
            writes.pop(besides, None)
        with machine.store.on_base():
            own = {cell: content for cell, content in writes.items() if cell[0] > since or cell[0] < made_before}
            machine.store.commit(own if since else writes)
    finally:
        machine.assumptions, machine.stack, machine.steps, machine.ceiling, machine.memo, machine.full = state


def _fill_attribute(machine: Machine, instance: Instance, name: str, writers: tuple[FunctionValue, ...]) -> Value | None:
    given: Value | None = None
    own = Arguments((instance,))
    for function, arguments in _given((function, own) for function in writers[:WRITERS]):
        before = machine.store.get(instance.address, name)
        value = made(allowed(machine, function, arguments, lambda _: machine.store.get(instance.address, name)))
        left = machine.store.get(instance.address, name)
        if given is None and function in writers and isinstance(left, Hole) and left.reason in GIVEN:
            given = left
        if before is not None:
            machine.store.set(instance.address, name, before)
        if value is not None:
            return value
    return given


def defined(machine: Machine, module: Module, address: int, node: FunctionNode) -> FunctionValue | None:
    """The function of a module, or method of one of its classes, that a definition made; None for what is nested in others."""
    owner, _, name = module.scope_of.get(id(node), "").rpartition(".")
    value = machine.store.get(address, owner or name)
    member = attributes.class_member(machine, value, name) if owner and isinstance(value, ClassValue) else value
    return member if isinstance(member, FunctionValue) else None


def allowed(
    machine: Machine, function: FunctionValue, arguments: Arguments, result: Callable[[Value], Content]
) -> Content | None:
    """`run` with a small budget of its own, whatever it leads to; None as well where that does not suffice.

    That calls in it were given up says nothing of the entry's own.
    """
    saved, machine.costly, machine.led = (machine.full, machine.cut, machine.costly, machine.led), set(machine.costly), set()
    try:
        with machine.allowance(WRITER_STEPS):
            machine.full = machine.ceiling if machine.full is not None else None
            return run(machine, function, arguments, result)
    except BudgetExceededError:
        if machine.steps > machine.ceiling:
            raise
        return None
    finally:
        machine.full, machine.cut, machine.costly, machine.led = saved


def run(machine: Machine, function: FunctionValue, arguments: Arguments, result: Callable[[Value], Content]) -> Content | None:
    """What `result` makes of what a function gave back and left behind. Requests that it sends on the way are nobody's."""
    try:
        with machine.unheard():
            return result(functions.invoke(machine, function, arguments, None, None))
    except BudgetExceededError:
        if machine.stack:
            raise
        return None


def made(value: object) -> Value | None:
    """The side of a value that is something the function made: None and what is unknown tell nothing."""
    match value:
        case Choice(_, then, otherwise):
            first, second = made(then), made(otherwise)
            return first if second is None else second if first is None else value
        case Instance() | ExternalObject() | FunctionValue() | ClassValue() | Partial() | ListRef() | DictRef() | TupleValue():
            return value
        case Text(pieces) if pieces and not any(getattr(piece, "reason", None) for piece in pieces):
            return value
        case _:
            return None


def _global_writers(machine: Machine, module: Module) -> dict[str, tuple[FunctionNode, ...]]:
    """Functions of a module's top level that declare a name global and assign it, by name."""
    key = ("global writers", module.path)
    found = machine.cache.get(key)
    if found is None:
        made: dict[str, tuple[FunctionNode, ...]] = {}
        for name, node in module.functions.items():
            if "." in name:
                continue
            declared = bindings(machine, node).globals
            if declared:
                for target in sorted(_assigned(node) & declared):
                    made[target] = (*made.get(target, ()), node)
        found = machine.cache[key] = made
    return found  # type: ignore[return-value]


def _assigned(node: ast.AST) -> set[str]:
    names: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Assign) and not (isinstance(part.value, ast.Constant) and part.value.value is None):
            names.update(target.id for target in part.targets if isinstance(target, ast.Name))
    return names


def attribute_writers(machine: Machine, cls: ClassValue) -> dict[str, tuple[FunctionValue, ...]]:
    """Attribute name to the methods that assign it on their receiver, `__init__` and properties left out."""
    from auditor.interp import classes

    key = ("attribute writers", cls.address)
    found = machine.cache.get(key)
    if found is None:
        made: dict[str, tuple[FunctionValue, ...]] = {}
        for owner in classes.mro(machine, cls):
            for name, targets in classes.writers(machine, owner).items():
                methods = [attributes.class_member(machine, owner, method) for method in targets if method != "__init__"]
                plain = tuple(one for one in methods if isinstance(one, FunctionValue) and one.kind == "function")
                made[name] = (*made.get(name, ()), *plain)
        found = machine.cache[key] = made
    return found  # type: ignore[return-value]


def _class_writers(machine: Machine, cls: ClassValue) -> dict[str, tuple[FunctionValue, ...]]:
    """Variable of a class to the class methods that assign it, and the functions without an instance that name it."""
    from auditor.interp import classes

    key = ("class writers", cls.address)
    found = machine.cache.get(key)
    if found is None:
        made: dict[str, tuple[FunctionValue, ...]] = {}
        for name, targets in classes.writers(machine, cls).items():
            methods = [attributes.class_member(machine, cls, method) for method in targets]
            made[name] = tuple(one for one in methods if isinstance(one, FunctionValue) and one.kind == "class")
        for name, function in _by_name(machine, cls):
            made[name] = (*made.get(name, ()), function)
        found = machine.cache[key] = made
    return found  # type: ignore[return-value]


def _by_name(machine: Machine, cls: ClassValue) -> Iterable[tuple[str, FunctionValue]]:
    """Functions of the class's module that assign `Class.name`, static and class methods among them."""
    module, address = machine.project.module(cls.module), machine.modules.get(cls.module)
    if module is None or address is None:
        return
    for node in module.functions.values():
        targets = {
            part.attr
            for part in ast.walk(node)
            if isinstance(part, ast.Attribute)
            and isinstance(part.ctx, ast.Store)
            and isinstance(part.value, ast.Name)
            and part.value.id == cls.name
        }
        function = defined(machine, module, address, node) if targets else None
        if function is not None and (function.kind != "function" or "." not in module.scope_of.get(id(node), "")):
            yield from ((target, function) for target in sorted(targets))
