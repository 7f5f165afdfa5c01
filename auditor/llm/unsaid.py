"""Fields of data that nobody is seen to make: a default that says "nothing" is there for those to fill who make them; and what
the constructor of any other object leaves unset, for those who set it from outside.

Knows what a class declares of its fields, and what the places that make one give. A default that says something stays what it is;
so does state that the class itself keeps. Does not know what is given but for switches and further data.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.interp import classes
from auditor.llm import callsites, filling
from auditor.project.syntax import last_name
from auditor.values.domain import FALSE, NONE, TRUE, Choice, ClassValue, Instance
from auditor.values.lifetime import Lifetime
from auditor.values.text import Condition, Text

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.llm.parameters import Guesser


@dataclass(frozen=True, slots=True)
class Making:
    """What is known of a class of data: where its fields are declared, and what those give who make an object."""

    declared: Mapping[str, tuple[ClassValue, ast.AnnAssign]]
    state: frozenset[str]
    """Attributes that a method sets: they begin as the class says, and change while an object is used."""
    orders: Mapping[str, int]
    given: callsites.Given


def unsaid(guesser: Guesser, made: Instance, depth: int = 0) -> None:
    """Opens what data leave unset to those who make them, and to the step of the program that fills it; so with the data that
    they are made of."""
    machine = guesser.machine
    if not classes.is_data(machine, made.cls) or depth > machine.limits.depth:
        return
    for name in classes.data_fields(machine, made.cls):
        value = machine.store.get(made.address, name)
        if isinstance(value, Instance):
            unsaid(guesser, value, depth + 1)
        elif (isinstance(value, Text) and value.known == "") or (value == NONE and filling.fills(machine, made.cls, name)):
            machine.store.set(made.address, name, guesser.untold_field(made, name))
        elif value in (NONE, FALSE) and _left_to_others(guesser, made.cls, name):
            other = TRUE if value == FALSE else _given(guesser, made.cls, name)
            if other is not None:
                condition = Condition(("given", made.address, name), f"{made.cls.name}.{name}", Lifetime.UNKNOWN)
                machine.store.set(made.address, name, Choice(condition, other, value))


def left_unset(guesser: Guesser, made: Instance, since: int, seen: set[int] | None = None) -> None:
    """Opens what a constructor leaves unset (`self.client = None`) to code that sets it from outside (`loop.client = client`); so
    with the objects that were made along with it, whose addresses are behind `since`."""
    store, seen = guesser.machine.store, set() if seen is None else seen
    if made.address in seen or classes.is_data(guesser.machine, made.cls):
        return
    seen.add(made.address)
    for name in store.keys(made.address):
        value = store.get(made.address, name)
        if isinstance(value, Instance) and value.address > since:
            left_unset(guesser, value, since, seen)
        elif value == NONE and filling.fills(guesser.machine, made.cls, name):
            store.set(made.address, name, guesser.untold_field(made, name))


def _given(guesser: Guesser, cls: ClassValue, name: str) -> Instance | None:
    """The data that a field holds where somebody gives it.

    Of other things nothing would be known: to look at what hangs on them both ways costs what the rest needs.
    """
    declared = _making(guesser, cls).declared.get(name)
    frame = guesser.frame(declared[0].module) if declared is not None else None
    typed = guesser.of_annotation(declared[1].annotation, frame) if declared is not None and frame is not None else None
    return typed if isinstance(typed, Instance) and classes.is_data(guesser.machine, typed.cls) else None


def _left_to_others(guesser: Guesser, cls: ClassValue, name: str) -> bool:
    """Whether those who make an object may give the field: some place does, or no place is seen."""
    made = _making(guesser, cls)
    order = made.orders.get(name)
    if order is None or name.startswith("_") or name in made.state or _set_by_itself(made.declared.get(name)):
        return False
    given = made.given
    return not given.called or given.anything or given.positional > order or name in given.keywords


def _set_by_itself(declared: tuple[ClassValue, ast.AnnAssign] | None) -> bool:
    if declared is None:
        return True
    keywords = declared[1].value.keywords if isinstance(declared[1].value, ast.Call) else ()
    return any(
        keyword.arg == "init" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False for keyword in keywords
    )


def _making(guesser: Guesser, cls: ClassValue) -> Making:
    """What is known of a class, worked out once: each of its fields asks, for each parameter of its type."""
    machine = guesser.machine
    key = ("making", cls.address)
    found = machine.cache.get(key)
    if found is None:
        found = machine.cache[key] = _worked_out(machine, cls)
    assert isinstance(found, Making)
    return found


def _worked_out(machine: Machine, cls: ClassValue) -> Making:
    owners = [(owner, owner.node) for owner in classes.mro(machine, cls) if isinstance(owner.node, ast.ClassDef)]
    declared: dict[str, tuple[ClassValue, ast.AnnAssign]] = {}
    state: set[str] = set()
    for owner, node in owners:
        for item in node.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                declared.setdefault(item.target.id, (owner, item))
        parts = ast.walk(node)
        state.update(part.attr for part in parts if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store))
    places = [one.node for one in callsites.calls(machine, cls.name.rsplit(".", 1)[-1], tests=False)]
    made = [place for place in (*places, *_by_itself(cls)) if isinstance(place, ast.Call)]
    orders = {name: order for order, name in enumerate(classes.data_fields(machine, cls))}
    return Making(declared, frozenset(state), orders, callsites.Given.of(made))


def _by_itself(cls: ClassValue) -> Iterator[ast.Call]:
    """Calls by which the class makes objects of itself: `cls(...)`."""
    for part in ast.walk(cls.node) if isinstance(cls.node, ast.ClassDef) else ():
        if isinstance(part, ast.Call) and last_name(part.func) == "cls":
            yield part
