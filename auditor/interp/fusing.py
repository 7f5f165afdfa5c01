"""Objects of one class that were made on many ways, as one object with conditional attributes.

A factory makes one of six providers with the configured model, or with its own default: twelve objects, more than are told apart.
As six, each with one of two models, they are. Only objects that hold no lists or mappings of their own are fused: what is added
to those on one way would not be seen by who kept another reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.limits import LEAVES, MANY_LEAVES
from auditor.values.domain import Choice, ClassValue, DictRef, Instance, ListRef, SetRef, Value
from auditor.values.join import join, leaves, one_of_few
from auditor.values.text import Condition

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def joined(machine: Machine, condition: Condition, a: Value, b: Value) -> Value:
    """As `join`, with objects of one class fused where there are too many."""
    if len(leaves(a, LEAVES)) + len(leaves(b, LEAVES)) <= LEAVES:
        return join(condition, a, b)
    either = Choice(condition, a, b)
    found = leaves(either, MANY_LEAVES)
    alike: dict[ClassValue, list[Instance]] = {}
    for one in dict.fromkeys(found):
        if isinstance(one, Instance):
            alike.setdefault(one.cls, []).append(one)
    several = {cls: ones for cls, ones in alike.items() if len(ones) > 1 and _plain(machine, ones)}
    if not several or len(found) >= MANY_LEAVES:
        return join(condition, a, b)
    made = {cls: _fused(machine, either, ones[0]) for cls, ones in several.items()}
    then, otherwise = _replaced(a, made), _replaced(b, made)
    return one_of_few(condition, then, otherwise)


def _plain(machine: Machine, ones: list[Instance]) -> bool:
    """Whether the objects have the same attributes, none of them a list or mapping that is another for each."""
    store = machine.store
    names = store.keys(ones[0].address)
    return len(names) <= machine.limits.twin_parts and all(
        sorted(store.keys(one.address)) == sorted(names) and not any(_own(machine, one, ones[0], name) for name in names)
        for one in ones
    )


def _own(machine: Machine, one: Instance, first: Instance, name: str) -> bool:
    value = machine.store.get(one.address, name)
    kept = any(isinstance(leaf, ListRef | DictRef | SetRef | Instance) for leaf in leaves(value, MANY_LEAVES))  # type: ignore[arg-type]
    return kept and value != machine.store.get(first.address, name)


def _fused(machine: Machine, either: Choice, first: Instance) -> Instance:
    """One object of a class with the attributes of whichever it is."""
    made = Instance(machine.store.allocate(), first.cls)
    for name in machine.store.keys(first.address):
        value = _attribute(machine, either, first.cls, name)
        assert value is not None
        machine.store.set(made.address, name, value)
    return made


def _attribute(machine: Machine, value: Value, cls: ClassValue, name: str) -> Value | None:
    """An attribute of whichever object of the class a choice is; None on ways where it is none."""
    if isinstance(value, Choice):
        then, otherwise = (_attribute(machine, side, cls, name) for side in (value.then, value.otherwise))
        if then is None or otherwise is None:
            return then if otherwise is None else otherwise
        return join(value.condition, then, otherwise)
    if not isinstance(value, Instance) or value.cls != cls:
        return None
    return machine.store.get(value.address, name)  # type: ignore[return-value]


def _replaced(value: Value, made: dict[ClassValue, Instance]) -> Value:
    if isinstance(value, Choice):
        return join(value.condition, _replaced(value.then, made), _replaced(value.otherwise, made))
    return made.get(value.cls, value) if isinstance(value, Instance) else value
