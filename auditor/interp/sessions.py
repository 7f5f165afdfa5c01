"""What a program keeps between requests in mappings: conversations by the key that each request brings.

`sessions[session_id].append(...)`: a service that keeps lists by a key expects the same key again. So a value of the request's
input under which a list was kept is the same one in the next call that is replayed: what is looked at is one conversation. And a
mapping that another function fills holds something by the time that this one looks a key up. Knows mappings that were there
before the call, and those that a library keeps (`reruns`). Does not know how many sessions there are, nor databases.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterator
from itertools import groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING

from auditor.interp import known, putters, settled
from auditor.interp.library import reruns
from auditor.interp.store import ENTRIES
from auditor.limits import WRITER_STEPS, WRITERS
from auditor.values.domain import (
    NONE,
    AltEntries,
    Arguments,
    Choice,
    DictRef,
    Entry,
    EntryItem,
    ExternalObject,
    Hole,
    Instance,
    ListRef,
    Spread,
    SpreadEntries,
    Value,
    const,
)
from auditor.values.join import holes_of
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.quick import replace

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.interp.putters import Putter
    from auditor.project.syntax import FunctionNode, Module

BROUGHT = frozenset({Cause.INPUT, Cause.RETRIEVAL, Cause.VALUE})


def note(machine: Machine, mapping: DictRef, key: Value, value: Value) -> None:
    """`mapping[key] = value`: remembers the key where it is the request's own and the value is something that grows."""
    if _lasts(machine, mapping) and grows(machine, value):
        for hole in _own(key):
            machine.keys.setdefault((hole.place, hole.expression), hole.identity)


def same(machine: Machine, hole: Hole) -> Hole:
    """The value that an earlier call kept something under, where this one is made in the same place."""
    if not machine.keys or not _brought(hole):
        return hole
    identity = machine.keys.get((hole.place, hole.expression))
    if identity is None:
        return hole
    return replace(hole, identity=identity, lifetime=Lifetime.SESSION if hole.lifetime is Lifetime.CALL else hole.lifetime)


def filled(machine: Machine, mapping: DictRef, key: Value, node: ast.AST | None, frame: Frame) -> Value | None:
    """What another function puts into a mapping: a module's, a class's or an object's, under a key that this call brings or that
    both spell, or one that a library keeps for the session, under a name. None where none does.

    Of what does not grow nothing is known but that it is there.
    """
    if reruns.is_session(machine, mapping):
        return _set_elsewhere(machine, mapping, key)
    if not _lasts(machine, mapping):
        return None
    if not _comes(key):
        return _put(machine, mapping, key, node, frame) if known.text_of(key) is not None else None
    return _kept(machine, mapping, frame) or _put(machine, mapping, key, node, frame)


def whole(machine: Machine, mapping: DictRef, node: ast.AST | None, frame: Frame) -> tuple[EntryItem, ...]:
    """The entries of a mapping that is asked as a whole: where this request put nothing there, what other functions put."""
    entries = machine.entries(mapping).entries
    if entries or not _lasts(machine, mapping) or _last_put(machine, mapping) is None:
        return entries
    held = _kept(machine, mapping, frame)
    identity = ("elsewhere", mapping.address)
    hole = machine.hole(node, frame, Lifetime.UNKNOWN, identity=identity, reason=Reason.EXTERNAL_DATA)
    return (SpreadEntries(hole, held),)


def _last_put(machine: Machine, mapping: DictRef) -> Value | None:
    """What another function put there last."""
    return _once(machine, ("filled elsewhere", mapping.address), mapping, lambda: _last(machine, mapping))


def _kept(machine: Machine, mapping: DictRef, frame: Frame) -> Value | None:
    """What grows, under whatever key."""
    told = ("filled", mapping.address)
    if told not in machine.memo:
        machine.memo[told] = NONE  # asked for again while it is worked out
        machine.memo[told] = (
            _fill(machine, mapping) or _fill_attribute(machine, mapping, frame) or _fill_hung(machine, mapping, frame) or NONE
        )
    value = machine.memo[told]
    return None if value == NONE else value


def _fill(machine: Machine, mapping: DictRef) -> Value | None:
    value = _last_put(machine, mapping)
    return value if value is not None and grows(machine, value) else None


def _put(machine: Machine, mapping: DictRef, key: Value, node: ast.AST | None, frame: Frame) -> Value | None:
    """What another function puts under the key, where it is an object or fixed; else that something is there."""
    if mapping.default is not None or not known.lookup(machine.entries(mapping).entries, key)[1]:
        return None
    if known.text_of(key) is None:
        value = _last_put(machine, mapping)
    else:
        value = _once(machine, ("filled elsewhere", mapping.address, key), mapping, lambda: _under(machine, mapping, key))
        settles = settled.made(value)
        if settles is not None:
            return settles
    if value is None:
        return None
    identity = ("elsewhere", mapping.address, key)
    return machine.hole(node, frame, Lifetime.UNKNOWN, identity=identity, reason=Reason.EXTERNAL_DATA)


def _once(machine: Machine, told: Hashable, mapping: DictRef, read: Callable[[], Value | None]) -> Value | None:
    """What `read` finds in the mapping once another function has put something there; asked once for all entries."""
    if told not in machine.cache:
        machine.cache[told] = NONE  # asked for again while it is worked out
        machine.cache[told] = putters.made(machine, mapping, read) or NONE
    found = machine.cache[told]
    return None if found == NONE else found  # type: ignore[return-value]


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
        if module is not None and nodes:
            value = _run(machine, module, address, lambda _: known.lookup(machine.entries(mapping).entries, key)[0], nodes)
            if value is not None:
                return value
    return None


def left(
    machine: Machine, mapping: DictRef, key: Value, node: ast.AST | None, frame: Frame, default: Value | None
) -> Value | None:
    """What an earlier request may have left under a key of the session's mapping, in which this one has put nothing.

    A list that is asked for with a list as the default, or that the session's first request begins, is that list and whatever
    earlier requests added to it.
    """
    if not reruns.shared(machine, mapping):
        return None
    hole = machine.hole(
        node, frame, Lifetime.SESSION, Cause.INPUT, identity=("left", mapping.address, key), expression=machine.source(node)
    )
    begun = default if isinstance(default, ListRef) else _begun(machine, mapping, key)
    return hole if begun is None else machine.new_list([*machine.items(begun).items, Spread(hole)])


def _begun(machine: Machine, mapping: DictRef, key: Value) -> ListRef | None:
    """`if key not in session: session[key] = []`: the list that the session's first request begins."""
    for entry in machine.entries(mapping).entries:
        if isinstance(entry, AltEntries):
            for side in (entry.then, entry.otherwise):
                found, _ = known.lookup(side, key)
                if isinstance(found, ListRef):
                    return found
    return None


def holds(machine: Machine, mapping: DictRef, key: Value, negated: bool, node: ast.AST, frame: Frame) -> Value | None:
    """`key in session`, where this request has put nothing there: open, and asked again the same question."""
    if not reruns.shared(machine, mapping):
        return None
    hole = machine.hole(node, frame, Lifetime.SESSION, Cause.INPUT, identity=("left", mapping.address, key))
    condition = machine.condition(
        ("left", hole.identity), machine.source(node), Lifetime.SESSION, machine.place(node, frame), hole, denied=negated
    )
    return Choice(condition, const(not negated), const(negated))


def _setters(machine: Machine, module: Module) -> dict[str, tuple[FunctionNode, ...]]:
    """Functions of a module's top level that call `….set("key", …)`, or write `….session["key"] = …`, by key."""
    told = ("session setters", module.path)
    found = machine.cache.get(told)
    if found is None:
        made: dict[str, tuple[FunctionNode, ...]] = {}
        for name, node in module.functions.items():
            for part in ast.walk(node) if "." not in name else ():
                match part:
                    case ast.Call(func=ast.Attribute(attr="set"), args=[ast.Constant(value=str() as key), _]):
                        made[key] = (*made.get(key, ()), node)
                    case ast.Assign(targets=[ast.Subscript(value=owner, slice=ast.Constant(value=str() as key))]) if (
                        _called_session(owner)
                    ):
                        made[key] = (*made.get(key, ()), node)
                    case _:
                        pass
        found = machine.cache[told] = made
    return found  # type: ignore[return-value]


def _called_session(owner: ast.expr) -> bool:
    """`session[…]`, `request.session[…]`: what a site keeps for its visitor is called so wherever it comes from."""
    match owner:
        case ast.Name(id="session") | ast.Attribute(attr="session"):
            return True
        case _:
            return False


def _lasts(machine: Machine, mapping: DictRef) -> bool:
    return mapping.address < machine.entered or reruns.is_session(machine, mapping)


def grows(machine: Machine, value: Value) -> bool:
    match value:
        case ListRef() | Instance() | ExternalObject():  # such as an SDK's chat
            return True
        case DictRef():
            return any(isinstance(entry, Entry) and grows(machine, entry.value) for entry in machine.entries(value).entries)
        case Choice(_, then, otherwise):
            return grows(machine, then) or grows(machine, otherwise)
        case _:
            return False


def _comes(key: Value) -> bool:
    """Whether the key came with this request, or some part of it: so does what an object has that was asked for (`user.id`)."""
    return (isinstance(key, ExternalObject) and bool(key.path)) or any(True for _ in _own(key))


def _own(key: Value) -> Iterator[Hole]:
    """The parts of a key that came with this request: with it anew, as who asks, or as what nobody is seen to pass."""
    return (hole for hole in holes_of(key) if _brought(hole))


def _brought(hole: Hole) -> bool:
    """Whether a value came with this request or was looked up for it, as far as is known: nobody keeps things by the time."""
    if hole.reason is not None:
        return hole.cause in BROUGHT
    if hole.cause is Cause.VALUE:
        return hole.lifetime in {Lifetime.USER, Lifetime.SESSION, Lifetime.CALL}
    return hole.cause in BROUGHT and hole.lifetime >= Lifetime.SESSION


def _fill_attribute(machine: Machine, mapping: DictRef, frame: Frame) -> Value | None:
    """What another method of the object that has the mapping puts into it: `create` of a store that is asked by `get`.

    Or what a function does that such an object is handed to: `def begin(desk): desk.talks[key] = …`.
    """
    from auditor.interp import classes

    for instance, name in _holders(machine, mapping, frame):
        methods = [one for owner in classes.mro(machine, instance.cls) for one in putters.of_class(machine, owner, name)]
        for method in methods[:WRITERS]:
            called = None if settled.running(machine, [method.node]) else putters.call(machine, method)
            if called is None or called[0].kind != "function":
                continue
            value = settled.made(settled.allowed(machine, called[0], Arguments((instance,)), lambda _: _last(machine, mapping)))
            if value is not None and grows(machine, value):
                return value
        for putter, parameter in islice(putters.of_given(machine, name), WRITERS):
            given = Arguments(keywords=((parameter, instance),))
            value = None if settled.running(machine, [putter.node]) else _stated(machine, mapping, name, putter, given)
            if value is not None and grows(machine, value):
                return value
    return None


def _stated(machine: Machine, mapping: DictRef, name: str, putter: Putter, given: Arguments) -> Value | None:
    """What the function's own statement puts there: as a whole it may well be a command that sends requests of its own."""
    before = machine.entries(mapping)
    with machine.unheard(), machine.allowance(WRITER_STEPS):
        value = settled.made(putters.stated(machine, {name}, putter, given, lambda: _last(machine, mapping)))
    machine.store.amend(mapping.address, ENTRIES, lambda _: before)
    return value


def _holders(machine: Machine, mapping: DictRef, frame: Frame) -> Iterator[tuple[Instance, str]]:
    """Objects in the names around that have the mapping as an attribute, and the attribute's name."""
    for scope in frame.scopes:
        for name in machine.store.keys(scope):
            value = machine.store.get(scope, name)
            if isinstance(value, Instance):
                for attribute in machine.store.keys(value.address):
                    if machine.store.get(value.address, attribute) == mapping:
                        yield value, attribute


def _fill_hung(machine: Machine, mapping: DictRef, frame: Frame) -> Value | None:
    """What another function puts into a mapping that hangs on a library's object: `app.chats[key] = …`."""
    from auditor.interp.library import objects

    held = (machine.store.get(scope, name) for scope in frame.scopes for name in machine.store.keys(scope))
    names = {
        name.rsplit(".", 1)[-1]
        for value in held
        if isinstance(value, ExternalObject)
        for name in objects.hanging(machine, value, mapping)
    }
    for path, found in groupby(putters.of_hung(machine, names) if names else (), key=attrgetter("path")):
        module, address = machine.project.module(path), machine.modules.get(path)
        if module is not None and address is not None:
            value = _run(machine, module, address, lambda _: _last(machine, mapping), tuple(one.node for one in found))
            if value is not None:
                return value
    return None


def _run(
    machine: Machine, module: Module, address: int, result: Callable[[Value], Value | None], nodes: tuple[FunctionNode, ...]
) -> Value | None:
    for node in nodes[:WRITERS]:
        function = settled.defined(machine, module, address, node)
        if function is not None and not settled.running(machine, [node]):
            value = settled.made(settled.run(machine, function, Arguments(), result))
            if value is not None and grows(machine, value):
                return value
    return None


def _last(machine: Machine, mapping: DictRef) -> Value | None:
    return next(_newest(machine.entries(mapping).entries), None)


def _newest(entries: tuple[EntryItem, ...]) -> Iterator[Value]:
    """What was put there, the last first, under whatever condition."""
    for entry in reversed(entries):
        match entry:
            case Entry(_, value):
                yield value
            case AltEntries(_, then, otherwise):
                yield from _newest(then)
                yield from _newest(otherwise)
            case _:
                pass


def _under(machine: Machine, mapping: DictRef, key: Value) -> Value | None:
    entries = machine.entries(mapping).entries
    found, _ = known.lookup(entries, key)
    if found is None:
        sides = (
            known.lookup(side, key)[0] for one in entries if isinstance(one, AltEntries) for side in (one.then, one.otherwise)
        )
        found = next((side for side in sides if side is not None), None)
    return found
