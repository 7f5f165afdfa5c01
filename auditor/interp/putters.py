"""Who puts something into a container that outlives a call: a module's variable, or one of a class.

Functions and methods of the container's module, functions inside of others, and those of files that name it by its module or
class. Each can be run as if nothing had been evaluated before; what it then made is all that stays of it. Does not know when they
are called.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from auditor.interp import functions, modules, settled, slices, statements
from auditor.interp.frame import BudgetExceededError, Frame
from auditor.interp.names import bindings
from auditor.limits import NAMESAKES, PUTTER_SLICE, WRITERS
from auditor.project import growing
from auditor.project.syntax import last_name, parameters
from auditor.values.domain import (
    Arguments,
    ClassValue,
    DictRef,
    ExternalObject,
    FunctionValue,
    Instance,
    ListRef,
    ModuleValue,
    SetRef,
    Value,
)

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.project.syntax import FunctionNode, Module

Container = DictRef | ListRef | SetRef

_OWN = frozenset({"self", "cls"})


@dataclass(frozen=True, slots=True)
class Holder:
    """A name under which a container lasts: a module's, or a class's."""

    path: str
    owner: ClassValue | None
    name: str


@dataclass(frozen=True, slots=True)
class Putter:
    """A function that puts something into a container."""

    path: str
    node: FunctionNode


def made(machine: Machine, container: Container, read: Callable[[], Value | None]) -> Value | None:
    """What `read` finds in the container once one of the first functions that put something there has run.

    Where one is too long for that, the statement alone is evaluated that puts something there, with what it depends on.
    """
    names = {holder.name for holder in holders(machine, container)}
    for putter in _outside(machine, putters(machine, container))[:WRITERS]:
        called = call(machine, putter)
        if called is None:
            continue
        first = machine.store.allocate()
        with settled.apart(machine, since=first):
            value = settled.run(machine, *called, lambda _: read())
        if value is None:
            with settled.apart(machine, since=first), machine.unheard():
                value = stated(machine, names, putter, called[1], read)
        if value is not None:
            return value
    return None


def stated(machine: Machine, names: Set[str], putter: Putter, given: Arguments, read: Callable[[], Value | None]) -> Value | None:
    """What `read` finds in a container of these names once a function's own statement that puts something there is evaluated."""
    for statement in _statements(names, putter):
        value = read() if alone(machine, putter, statement, given, [statement.value], PUTTER_SLICE) else None
        if value is not None:
            return value
    return None


def alone(
    machine: Machine, putter: Putter, statement: ast.stmt, given: Arguments, depending: Iterable[ast.expr], most: int = 1
) -> bool:
    """Evaluates a statement of a function, and ahead of it what some expressions in it depend on; whether the budget sufficed.

    `most`: statements at their full price that may be evaluated ahead of it.
    """
    module, address = machine.project.module(putter.path), modules.scope(machine, putter.path)
    if module is None or address is None:
        return False
    frame = Frame(module, (machine.store.allocate(), address))
    plain = zip(parameters(putter.node), given.positional, strict=False)
    for name, value in (*((argument.arg, value) for argument, value in plain), *given.keywords):
        machine.store.set(frame.local, name, value)  # type: ignore[arg-type]
    try:
        machine.ceiling = machine.steps + most * machine.limits.slice_steps
        for expression in depending:
            slices.bind(machine, putter.node, expression, frame)
    except BudgetExceededError:
        pass
    try:
        machine.ceiling = machine.steps + machine.limits.slice_steps
        statements.execute(machine, statement, frame)
    except BudgetExceededError:
        return False
    return True


def _statements(names: Set[str], putter: Putter) -> list[ast.Assign | ast.Expr]:
    """The statements of a function that put something into what has one of these names."""
    found = (node for node in _own(putter.node) if isinstance(node, ast.Assign | ast.Expr))
    return [one for one in found if any(last_name(owner) in names for part in _parts(one) for owner in _owners(part))][:WRITERS]


def _parts(statement: ast.Assign | ast.Expr) -> Iterator[ast.AST]:
    yield statement
    if isinstance(statement, ast.Expr):
        yield statement.value


def _outside(machine: Machine, found: tuple[Putter, ...]) -> tuple[Putter, ...]:
    """Those that are not being evaluated: they see what is there before."""
    return tuple(one for one in found if not settled.running(machine, [one.node]))


def putters(machine: Machine, container: Container) -> tuple[Putter, ...]:
    """Those of the container's own module first."""
    key = ("putters", container.address, len(machine.modules))
    found = machine.cache.get(key)
    if found is None:
        found = machine.cache[key] = tuple(
            dict.fromkeys(putter for holder in holders(machine, container) for putter in _putters(machine, container, holder))
        )
    return found  # type: ignore[return-value]


def holders(machine: Machine, container: Container) -> tuple[Holder, ...]:
    """The variables of modules and classes that hold the container."""
    found: list[Holder] = []
    for path, address in machine.modules.items():
        for name in machine.store.keys(address):
            value = machine.store.get(address, name)
            if _is(value, container):
                found.append(Holder(path, None, name))
            elif isinstance(value, ClassValue) and value.module == path:
                keys = machine.store.keys(value.address)
                found += [Holder(path, value, key) for key in keys if _is(machine.store.get(value.address, key), container)]
    return tuple(found)


def _is(value: object, container: Container) -> bool:
    return isinstance(value, DictRef | ListRef | SetRef) and value.address == container.address


def _putters(machine: Machine, container: Container, holder: Holder) -> Iterator[Putter]:
    own = machine.project.module(holder.path)
    if own is None:
        return
    for node, names, attributes in _written(machine, own):
        plain = holder.owner is None and holder.name in names and holder.name not in bindings(machine, node).bound
        if plain or (holder.owner is not None and holder.name in attributes):
            yield Putter(holder.path, node)
    if holder.path in machine.project.files:
        yield from _of_others(machine, container, holder)


def of_class(machine: Machine, cls: ClassValue, attribute: str) -> Iterator[Putter]:
    """Methods that put something into an attribute of their object."""
    module = machine.project.module(cls.module)
    for node, _, attributes in _written(machine, module) if module is not None else ():
        if module is not None and attribute in attributes and module.owner.get(module.scope_of.get(id(node), "")) == cls.name:
            yield Putter(cls.module, node)


def of_hung(machine: Machine, names: Set[str]) -> Iterator[Putter]:
    """Functions of modules' top levels that put something into an attribute of one of some names, whatever has it."""
    for path in list(machine.modules):
        module = machine.project.module(path)
        for node, _, attributes in _written(machine, module) if module is not None else ():
            if module is not None and not names.isdisjoint(attributes) and "." not in module.scope_of.get(id(node), "."):
                yield Putter(path, node)


def of_given(machine: Machine, attribute: str) -> Iterator[tuple[Putter, str]]:
    """Functions that put something into an attribute of what they are given, and the parameter's name."""
    for path in sorted(machine.modules):
        module = machine.project.module(path)
        for node, _, attributes in _written(machine, module) if module is not None else ():
            owners = attributes.get(attribute, frozenset())
            given = next((one.arg for one in parameters(node) if one.arg in owners - _OWN), None) if owners else None
            if given is not None:
                yield Putter(path, node), given


def _of_others(machine: Machine, container: Container, holder: Holder) -> Iterator[Putter]:
    """Functions of other files that write `module.name[…]` or `Class.name[…]`, or import the name itself."""
    others = [path for path in machine.project.naming(holder.name, attribute=True) if path != holder.path]
    for path in others[:NAMESAKES]:
        module = machine.project.module(path)
        for node, _, attributes in _written(machine, module) if module is not None else ():
            owners = attributes.get(holder.name, frozenset())
            address = modules.scope(machine, path) if owners else None
            if address is not None and any(_means(machine.store.get(address, owner), holder) for owner in owners):
                yield Putter(path, node)
    if holder.owner is not None:
        return
    importing = [path for path in machine.project.naming(holder.name) if path != holder.path and path not in machine.modules]
    for path in importing[:NAMESAKES]:
        module = machine.project.module(path)
        for node, names, _ in _written(machine, module) if module is not None else ():
            address = modules.scope(machine, path) if holder.name in names else None
            if address is not None and _is(machine.store.get(address, holder.name), container):
                yield Putter(path, node)


def _means(value: object, holder: Holder) -> bool:
    match value:
        case ModuleValue(path, _):
            return holder.owner is None and path == holder.path
        case ClassValue():
            return value == holder.owner
        case _:
            return False


Written = tuple["FunctionNode", frozenset[str], dict[str, frozenset[str]]]
"""A function, the variables into which it puts something, and the attributes, with the names that they are attributes of ("" for
what has none)."""


def _written(machine: Machine, module: Module) -> tuple[Written, ...]:
    key = ("put into", module.path)
    found = machine.cache.get(key)
    if found is None:
        every = ((node, *_put_into(node)) for node in module.functions.values())
        found = machine.cache[key] = tuple(one for one in every if one[1] or one[2])
    return found  # type: ignore[return-value]


def _put_into(function: FunctionNode) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    names: set[str] = set()
    attributes: dict[str, frozenset[str]] = {}
    for node in _own(function):
        for owner in _owners(node):
            match owner:
                case ast.Name(id=name):
                    names.add(name)
                case ast.Attribute(value=value, attr=attribute):
                    whose = value.id if isinstance(value, ast.Name) else ""
                    attributes[attribute] = attributes.get(attribute, frozenset()) | {whose}
                case _:
                    pass
    return frozenset(names), attributes


def _owners(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement or call puts something into."""
    match node:
        case ast.Assign(targets=targets):
            yield from (target.value for target in targets if isinstance(target, ast.Subscript))
        case ast.AugAssign(target=target, op=ast.BitOr() | ast.Add()):
            yield target
        case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in growing.ANY:
            yield owner
        case _:
            pass


def _own(function: FunctionNode) -> Iterator[ast.AST]:
    """The nodes of a function's body, without those of functions inside of it."""
    pending: list[ast.AST] = [*function.body] if isinstance(function.body, list) else [function.body]
    while pending:
        node = pending.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
            pending += ast.iter_child_nodes(node)


def call(machine: Machine, putter: Putter) -> tuple[FunctionValue, Arguments] | None:
    """The function as something to call: of a method, of any object of its class."""
    module, address = machine.project.module(putter.path), modules.scope(machine, putter.path)
    if module is None or address is None:
        return None
    name = module.scope_of.get(id(putter.node), "")
    inner = name.rpartition(".")[0] in module.functions
    function = None if inner else settled.defined(machine, module, address, putter.node)
    if function is None:
        function = functions.make(machine, putter.node, Frame(module, (address,)), ())
    # `text: str = Body()` says where a framework takes it from, not what it is.
    given = tuple(one for one in function.defaults if not isinstance(one[1], ExternalObject))
    function = replace(function, defaults=given)
    owner = module.owner.get(name)
    cls = machine.store.get(address, owner) if owner is not None else None
    if not isinstance(cls, ClassValue) or function.kind == "static":
        return function, Arguments()
    return function, Arguments((cls if function.kind == "class" else Instance(machine.store.allocate(), cls),))
