"""What a program keeps between requests in mappings: conversations by the key that each request brings.

`sessions[session_id].append(...)`: a service that keeps lists by a key expects the same key again. So a value of the request's
input under which a list was kept is the same one in the next call that is replayed: what is looked at is one conversation. And a
mapping that another function fills holds something by the time that this one looks a key up. Knows mappings that were there
before the call, and those that a library keeps (`reruns`). Does not know how many sessions there are, nor databases.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known, settled
from auditor.interp.library import reruns
from auditor.limits import WRITERS
from auditor.values.domain import NONE, Arguments, Choice, DictRef, Entry, ExternalObject, Hole, Instance, ListRef, Value
from auditor.values.join import holes_of
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.project.syntax import FunctionNode, Module


def note(machine: Machine, mapping: DictRef, key: Value, value: Value) -> None:
    """`mapping[key] = value`: remembers the key where it is the request's own and the value is something that grows."""
    if _lasts(machine, mapping) and _grows(value):
        for hole in _own(key):
            machine.keys.setdefault((hole.place, hole.expression), hole.identity)


def same(machine: Machine, hole: Hole) -> Hole:
    """The value that an earlier call kept something under, where this one is made in the same place."""
    if not machine.keys or not _brought(hole):
        return hole
    identity = machine.keys.get((hole.place, hole.expression))
    if identity is None:
        return hole
    return replace(hole, identity=identity, lifetime=Lifetime.UNKNOWN if hole.reason is not None else Lifetime.SESSION)


def filled(machine: Machine, mapping: DictRef, key: Value) -> Value | None:
    """What another function puts into a mapping: a module's, under a key that this call brings, or one that a library keeps for
    the session, under a name. None where none does.
    """
    if reruns.is_session(machine, mapping):
        return _set_elsewhere(machine, mapping, key)
    if not _lasts(machine, mapping) or not any(True for _ in _own(key)):
        return None
    known = ("filled", mapping.address)
    if known not in machine.memo:
        machine.memo[known] = NONE  # asked for again while it is worked out
        machine.memo[known] = _fill(machine, mapping) or NONE
    value = machine.memo[known]
    return None if value == NONE else value


def _set_elsewhere(machine: Machine, mapping: DictRef, key: Value) -> Value | None:
    """What a handler that ran before (`on_chat_start`) keeps by `mapping.set("key", …)`."""
    name = known.text_of(key)
    told = ("set elsewhere", mapping.address, name)
    if name is None or told in machine.memo:
        return None
    machine.memo[told] = NONE
    for path, address in list(machine.modules.items()):
        module = machine.project.module(path)
        nodes = _setters(machine, module).get(name, ()) if module is not None else ()
        if module is not None and nodes and not settled.running(machine, nodes):
            value = _run(machine, module, address, lambda _: known.lookup(machine.entries(mapping).entries, key)[0], nodes)
            if value is not None:
                return value
    return None


def _setters(machine: Machine, module: Module) -> dict[str, tuple[FunctionNode, ...]]:
    """Functions of a module's top level that call `….set("key", …)`, by key."""
    told = ("session setters", module.path)
    found = machine.cache.get(told)
    if found is None:
        made: dict[str, tuple[FunctionNode, ...]] = {}
        for name, node in module.functions.items():
            for part in ast.walk(node) if "." not in name else ():
                match part:
                    case ast.Call(func=ast.Attribute(attr="set"), args=[ast.Constant(value=str() as key), _]):
                        made[key] = (*made.get(key, ()), node)
                    case _:
                        pass
        found = machine.cache[told] = made
    return found  # type: ignore[return-value]


def _lasts(machine: Machine, mapping: DictRef) -> bool:
    return mapping.address < machine.entered


def _grows(value: Value) -> bool:
    match value:
        case ListRef() | Instance() | ExternalObject():  # such as an SDK's chat
            return True
        case Choice(_, then, otherwise):
            return _grows(then) or _grows(otherwise)
        case _:
            return False


def _own(key: Value) -> Iterator[Hole]:
    """The parts of a key that came with this request."""
    return (hole for hole in holes_of(key) if hole.lifetime is Lifetime.SESSION or _brought(hole))


def _brought(hole: Hole) -> bool:
    """Whether a value came with this request or was looked up for it, as far as is known: nobody keeps things by the time."""
    if hole.cause not in {Cause.INPUT, Cause.RETRIEVAL, Cause.VALUE}:
        return False
    return hole.lifetime is Lifetime.CALL or hole.reason is not None


def _fill(machine: Machine, mapping: DictRef) -> Value | None:
    for path, address in list(machine.modules.items()):
        module = machine.project.module(path)
        if module is None:
            continue
        for name, nodes in _writers(machine, module).items():
            if machine.store.get(address, name) == mapping:
                return _run(machine, module, address, lambda _: _last(machine, mapping), nodes)
    return None


def _run(
    machine: Machine, module: Module, address: int, result: Callable[[Value], Value | None], nodes: tuple[FunctionNode, ...]
) -> Value | None:
    for node in nodes[:WRITERS]:
        function = settled.defined(machine, module, address, node)
        if function is not None and not settled.running(machine, [node]):
            value = settled.made(settled.run(machine, function, Arguments(), result))
            if value is not None and _grows(value):
                return value
    return None


def _last(machine: Machine, mapping: DictRef) -> Value | None:
    entries = machine.entries(mapping).entries
    return entries[-1].value if entries and isinstance(entries[-1], Entry) else None


def _writers(machine: Machine, module: Module) -> dict[str, tuple[FunctionNode, ...]]:
    """Functions of a module's top level that put something into a variable by a key, by the variable's name."""
    key = ("mapping writers", module.path)
    found = machine.cache.get(key)
    if found is None:
        made: dict[str, tuple[FunctionNode, ...]] = {}
        for name, node in module.functions.items():
            if "." not in name:
                for target in sorted(_put_into(node)):
                    made[target] = (*made.get(target, ()), node)
        found = machine.cache[key] = made
    return found  # type: ignore[return-value]


def _put_into(node: ast.AST) -> set[str]:
    return {
        target.value.id
        for part in ast.walk(node)
        if isinstance(part, ast.Assign)
        for target in part.targets
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name)
    }
