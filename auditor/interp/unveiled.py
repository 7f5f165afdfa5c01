"""What is not known turns out to be a list of messages: code adds one to it, or puts one into its place.

`history = json.loads(stored)` and `history.append({"role": "user", ...})`: from then on, wherever this same value is met, it is
the list of whatever messages were there and what was added. A request that asks the store for the same again finds what this one
added if the model's answer was: who adds it keeps the list. Does not look at what else may have an `append`.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import containers, known, stretches, trimming
from auditor.limits import MEANT_DEPTH
from auditor.project import growing
from auditor.values.domain import AltItems, Arguments, Choice, DictRef, Entry, Hole, Item, ListRef, Spread, Text, Value, const

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

OF_MODEL = frozenset({"assistant", "model"})
_EDGES = frozenset({0, -1})
"""Positions of a list of unknown length at which something may be put for certain."""


def add(machine: Machine, method: Hole, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`unknown.append(message)`; None where what is added is no message."""
    identity = method.identity
    if name not in growing.LISTS or not isinstance(identity, tuple) or not _messages(machine, arguments):
        return None
    owner = replace(method, identity=identity[1], expression=method.expression.removesuffix(f".{name}"))
    return containers.list_method(machine, _unveil(machine, owner, node, frame), name, arguments, node, frame)


def put(machine: Machine, receiver: Hole, key: Value, value: Value, node: ast.AST, frame: Frame) -> None:
    """`unknown[0] = message` and `unknown[0]["content"] = text`: the instructions ahead of a stored history are written anew.

    Nothing where what is put is no message, or where it stands within what nobody knows.
    """
    owner, index = receiver, key
    match node:
        case ast.Subscript(value=ast.Subscript(value=ast.Name() as name, slice=ast.Constant(value=int() as at))) if (
            known.text_of(key) == "content"
        ):
            inner = machine.evaluate(name, frame)
            if not isinstance(inner, Hole):
                return
            owner, index = inner, const(at)
            role = Entry(Text.of("role"), _part(machine, owner, "role", node, frame))
            value = machine.new_dict([role, Entry(Text.of("content"), value)])
        case _ if _role(machine, value) is None:
            return
    position = known.int_of(index)
    if position not in _EDGES:
        return
    found = _unveil(machine, owner, node, frame)
    content = machine.items(found)
    items = stretches.with_item(trimming.unmarked(content.items), position, value)
    if items is not None:
        marks = (item for item in content.items if trimming.is_mark(item))
        machine.set_items(found, machine.bounded((*marks, *items)), content.order)


def _unveil(machine: Machine, owner: Hole, node: ast.AST, frame: Frame) -> ListRef:
    """The list that a value turns out to be: of messages that nobody knows, as long as nothing was added to it."""
    found = _list(machine, owner)
    if found is None:
        with machine.store.on_base():
            found = machine.new_list([Spread(owner, (_message(machine, owner, node, frame),))])
        machine.memo["unveiled", owner.identity] = found
        machine.unveiled = True
        machine.memo["unveiled in", owner.identity] = const(machine.epoch)
    return found


def _message(machine: Machine, owner: Hole, node: ast.AST, frame: Frame) -> DictRef:
    """What such a list holds already: messages like the ones that are added, of whom and what is not known."""
    return machine.new_dict([Entry(Text.of(key), _part(machine, owner, key, node, frame)) for key in ("role", "content")])


def _part(machine: Machine, owner: Hole, key: str, node: ast.AST, frame: Frame) -> Hole:
    return machine.derived([owner], node, frame, identity=("message", owner.identity, key), reason=owner.reason)


def meant(machine: Machine, value: Value, depth: int = 0) -> Value:
    """The value, or the list that it turned out to be."""
    match value:
        case Hole():
            return _list(machine, value) or value
        case Choice(condition, then, otherwise) if depth < MEANT_DEPTH:
            a, b = meant(machine, then, depth + 1), meant(machine, otherwise, depth + 1)
            return value if a is then and b is otherwise else Choice(condition, a, b)
        case _:
            return value


def _list(machine: Machine, owner: Hole) -> ListRef | None:
    found = machine.memo.get(("unveiled", owner.identity))
    if not isinstance(found, ListRef) or not machine.store.holds(found):
        return None
    this = machine.memo.get(("unveiled in", owner.identity)) == const(machine.epoch)
    return found if this or _answered(machine, machine.items(found).items) else None


def _messages(machine: Machine, arguments: Arguments) -> bool:
    """Whether a message is added, or a list of them."""
    given: list[Item] = list(arguments.positional)
    for item in arguments.positional:
        if isinstance(item, ListRef):
            given += machine.items(item).items
    return any(_role(machine, item) is not None for item in given)


def _answered(machine: Machine, items: tuple[Item, ...], depth: int = 0) -> bool:
    """Whether the model's answer is among the items, under whatever condition."""
    for item in items:
        if isinstance(item, AltItems):
            if depth < MEANT_DEPTH and _answered(machine, (*item.then, *item.otherwise), depth + 1):
                return True
        elif _role(machine, item) in OF_MODEL:
            return True
    return False


def _role(machine: Machine, item: Item) -> str | None:
    plain = known.plain(item)
    if not isinstance(plain, DictRef):
        return None
    role, _ = known.lookup(machine.entries(plain).entries, Text.of("role"))
    return None if role is None else known.text_of(role) or ""
