"""Conversations that a function is handed as an object: who made it has filled it, too.

Knows which lists of a passive object its own methods add to. Does not know what is in them: the function's callers do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.interp import classes
from auditor.project import growing
from auditor.values.domain import ClassValue, Instance, ListRef, Spread, Value

if TYPE_CHECKING:
    from auditor.llm.parameters import Guesser


def filled(guesser: Guesser, made: Value) -> Value:
    """The object that a parameter stands for, with whatever its methods were called to add before it was handed over.

    One that sends requests itself begins with the entry, and one that a module keeps is that very object.
    """
    if not isinstance(made, Instance) or guesser.instances.acts(made.cls) or guesser.instances.kept(made):
        return made
    machine, store = guesser.machine, guesser.machine.store
    added = [name for name in _added_to(guesser, made.cls) if isinstance(store.get(made.address, name), ListRef)]
    if not added:
        return made
    guesser.filled = True
    other = Instance(store.allocate(), made.cls)
    for name in store.keys(made.address):
        value = store.get(made.address, name)
        if name in added and isinstance(value, ListRef):
            rest = guesser.untold_field(made, name)
            value = machine.new_list((*store.items(value.address).items, Spread(rest)))
        if value is not None:
            store.set(other.address, name, value)
    return other


def _added_to(guesser: Guesser, cls: ClassValue) -> tuple[str, ...]:
    """Attributes of a class to which its methods add."""
    machine, key = guesser.machine, ("added to", cls.address)
    found = machine.cache.get(key)
    if found is None:
        found = machine.cache[key] = tuple(sorted(set(_additions(guesser, cls))))
    return found  # type: ignore[return-value]


def _additions(guesser: Guesser, cls: ClassValue) -> Iterator[str]:
    for one in classes.mro(guesser.machine, cls):
        assert isinstance(one.node, ast.ClassDef)
        for method in one.node.body:
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.args.args:
                yield from _of_method(method, method.args.args[0].arg)


def _of_method(method: ast.FunctionDef | ast.AsyncFunctionDef, receiver: str) -> Iterator[str]:
    for node in ast.walk(method):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name(id=owner), attr=name), attr=how)):
                if owner == receiver and how in growing.LISTS:
                    yield name
            case ast.AugAssign(target=ast.Attribute(value=ast.Name(id=owner), attr=name), op=ast.Add()):
                if owner == receiver:
                    yield name
            case _:
                pass
