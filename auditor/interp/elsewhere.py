"""Containers that another entry fills: one handler keeps notes in a module's list, and another one sends what is there.

The one that sends is evaluated alone and would find the container empty. Where no function that puts something there has to do
with the one that is running (neither leads to the other, nothing leads to both), the container may hold whatever those put
there. Where one has, what is there is for the running code to tell. Knows calls by their names only, not in what order entries
run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.interp import classes, known, putters, sessions
from auditor.interp.containers import element
from auditor.limits import LEADING_NAMES
from auditor.project.contexts import is_test
from auditor.values.domain import Instance, Items, ListRef, SetRef, Spread, Value
from auditor.values.lifetime import Lifetime, Reason
from auditor.values.text import Hole

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.interp.putters import Container, Putter


def fills(machine: Machine, container: Container) -> bool:
    """Whether other entries fill the container, and they alone."""
    if container.address >= machine.entered or not machine.stack:
        return False
    entry = machine.stack[0]
    told = ("filled by others", container.address, id(entry.function))
    if told not in machine.cache:
        machine.cache[told] = False  # asked for again while it is worked out
        found = [one for one in (*putters.putters(machine, container), *methods(machine, container)) if not is_test(one.path)]
        own = _above(machine, _name(machine, entry.path, entry.function)) if found else frozenset()
        above = [_above(machine, _name(machine, one.path, one.node)) for one in found]
        machine.cache[told] = bool(own) and all(one and own.isdisjoint(one) for one in above)
    return bool(machine.cache[told])


def methods(machine: Machine, container: Container) -> Iterator[Putter]:
    """Methods that put something into a container which an object of a module has as an attribute."""
    for path, address in list(machine.modules.items()):
        for name in machine.store.keys(address) if not path.endswith("/") else ():
            value = machine.store.get(address, name)
            if not isinstance(value, Instance):
                continue
            for attribute in machine.store.keys(value.address):
                held = machine.store.get(value.address, attribute)
                if isinstance(held, putters.Container) and held.address == container.address:
                    for owner in classes.mro(machine, value.cls):
                        yield from putters.of_class(machine, owner, attribute)


def hole(machine: Machine, container: Container) -> Hole:
    """What is in a container that other entries fill: nobody knows how much that is."""
    name = next((one.name for one in putters.holders(machine, container)), "what other calls keep")
    return Hole(("elsewhere", container.address), name, Lifetime.UNKNOWN, reason=Reason.EXTERNAL_DATA)


def items(machine: Machine, container: ListRef | SetRef) -> Items | None:
    """What a list or set holds where other entries fill it; None where they do not. Objects are what these put there last."""
    if not fills(machine, container):
        return None
    told = ("filled elsewhere", container.address)
    if told not in machine.cache:
        machine.cache[told] = None  # asked for again while it is worked out
        machine.cache[told] = putters.made(machine, container, lambda: _last(machine, container))
    kept: Value | None = machine.cache[told]  # type: ignore[assignment]
    there = hole(machine, container)
    return Items((Spread(there, (kept if kept is not None and sessions.grows(machine, kept) else element(there),)),))


def _last(machine: Machine, container: ListRef | SetRef) -> Value | None:
    found = (known.plain(item) for item in reversed(machine.items(container).items))
    return next((one for one in found if one is not None), None)


def _name(machine: Machine, path: str, function: object) -> str:
    """The name that a function is called by: of a constructor, its class's."""
    module = machine.project.module(path)
    scope = module.scope_of.get(id(function), "") if module is not None else ""
    owner, _, name = scope.rpartition(".")
    return owner.rpartition(".")[2] if name == "__init__" else name


def _above(machine: Machine, name: str) -> frozenset[str]:
    """The names of all functions that lead to one of that name, itself among them, and of files that call one as they are run;
    nothing where there are too many to tell."""
    told = ("above", name)
    if told not in machine.cache:
        found, waiting = {name}, [name]
        while waiting and len(found) <= LEADING_NAMES:
            for reference in machine.project.references(waiting.pop(), lambda path: not is_test(path)):
                module = machine.project.module(reference.path) if isinstance(reference.node, ast.Call) else None
                node = module.functions.get(reference.scope) if module is not None else None
                above = _name(machine, reference.path, node) if node is not None else reference.path
                if module is not None and above not in found:
                    found.add(above)
                    waiting += [above] if node is not None else []
        machine.cache[told] = frozenset(found) if name and len(found) <= LEADING_NAMES else frozenset()
    return machine.cache[told]  # type: ignore[return-value]
