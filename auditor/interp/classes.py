"""Classes: method resolution, construction, data classes and models, and attributes that other methods set."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from auditor.interp import enums, functions, known
from auditor.interp.frame import Frame
from auditor.knowledge import credentials
from auditor.limits import MRO_DEPTH
from auditor.values.domain import (
    FALSE,
    NONE,
    Arguments,
    ClassValue,
    DictRef,
    Entry,
    EntryItem,
    External,
    ExternalObject,
    FunctionValue,
    Hole,
    Instance,
    Spread,
    Super,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def mro(machine: Machine, cls: ClassValue) -> list[ClassValue]:
    """The class and its project bases, depth first, each once (the last mention of a shared base counts, as in Python)."""
    key = ("mro", cls.address)
    found = machine.cache.get(key)
    if isinstance(found, list):
        return found
    order: list[ClassValue] = []

    def visit(current: ClassValue, depth: int) -> None:
        if depth > MRO_DEPTH:
            return
        if current in order:
            order.remove(current)
        order.append(current)
        for base in current.bases:
            if isinstance(base, ClassValue):
                visit(base, depth + 1)

    visit(cls, 0)
    machine.cache[key] = order
    return order


def external_base(machine: Machine, cls: ClassValue) -> str | None:
    """Dotted name of the first library class among the bases (`object`, `ABC`, `Protocol` and generics do not count)."""
    for owner in mro(machine, cls):
        for base in owner.bases:
            match base:
                case External(name) if name.rsplit(".", 1)[-1] not in {"object", "ABC", "Generic", "Protocol"}:
                    return name
                case ExternalObject(name):
                    return name
                case _:
                    pass
    return None


def base_names(machine: Machine, cls: ClassValue) -> set[str]:
    return {base.name.rsplit(".", 1)[-1] for owner in mro(machine, cls) for base in owner.bases if isinstance(base, External)}


_WORD = re.compile(r"[A-Za-z_]+")
"""A plain word as the default of a setting names one of several ways ("openai", "local"): the environment chooses among them.
What it says of other texts (a model's name, a prompt) is taken for what most run with."""
DATA_BASES = frozenset({"BaseModel", "BaseSettings", "NamedTuple", "SQLModel", "RootModel", "Struct"})
DATA_DECORATORS = frozenset({"dataclass", "define", "frozen", "mutable", "s", "attrs"})


def is_data(machine: Machine, cls: ClassValue) -> bool:
    """Whether fields become constructor parameters (dataclass, attrs, pydantic, NamedTuple)."""
    if base_names(machine, cls) & DATA_BASES:
        return True
    return any(name.rsplit(".", 1)[-1] in DATA_DECORATORS for owner in mro(machine, cls) for name in owner.decorators)


def is_typed_dict(machine: Machine, cls: ClassValue) -> bool:
    return "TypedDict" in base_names(machine, cls)


def data_fields(machine: Machine, cls: ClassValue) -> list[str]:
    """Fields in constructor order: those of bases first."""
    names: dict[str, None] = {}
    for owner in reversed(mro(machine, cls)):
        names.update(dict.fromkeys(owner.fields))
    return list(names)


def define(machine: Machine, node: ast.ClassDef, frame: Frame) -> ClassValue:
    """Evaluates a class statement."""
    from auditor.interp import statements

    bases = tuple(machine.evaluate(base, frame) for base in node.bases if not isinstance(base, ast.Starred))
    fields = tuple(
        statement.target.id
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and "ClassVar" not in machine.source(statement.annotation)
    )
    decorators = tuple(
        machine.source(decorator.func if isinstance(decorator, ast.Call) else decorator) for decorator in node.decorator_list
    )
    cls = ClassValue(node, frame.module.path, node.name, machine.store.allocate(), bases, fields, decorators)
    inner = Frame(frame.module, (cls.address, *frame.scopes), None, None, cls)
    machine.cache["scopes", cls.address] = inner.scopes  # annotations are read in them, when somebody asks
    statements.block(machine, node.body, inner)
    if enums.is_enum(machine, cls):
        enums.define(machine, cls, node, inner)
    _announce(machine, cls, node, frame)
    return cls


def made(
    machine: Machine, name: str, bases: Sequence[Value], namespace: Sequence[EntryItem], node: ast.AST, frame: Frame
) -> ClassValue:
    """`type("Name", (Base,), {...})`: as a class statement that says so. What is not known of the namespace is left out."""
    body = machine.cache.setdefault(("class of", id(node), name), ast.ClassDef(name, [], [], [ast.Pass()], []))
    assert isinstance(body, ast.ClassDef)
    cls = ClassValue(ast.copy_location(body, node), frame.module.path, name, machine.store.allocate(), tuple(bases))
    machine.cache["scopes", cls.address] = frame.scopes
    for entry in namespace:
        key = known.text_of(entry.key) if isinstance(entry, Entry) else None
        if isinstance(entry, Entry) and key is not None:
            machine.store.set(cls.address, key, entry.value)
    _announce(machine, cls, body, frame)
    return cls


def _announce(machine: Machine, cls: ClassValue, node: ast.ClassDef, frame: Frame) -> None:
    """Tells the bases of a new class: `__subclasses__`, `__init_subclass__`."""

    for base in cls.bases:
        if isinstance(base, ClassValue):
            known_before = machine.store.get(base.address, SUBCLASSES)
            before = known_before.items if isinstance(known_before, TupleValue) else ()
            machine.store.set(base.address, SUBCLASSES, TupleValue((*before, cls)))
    hook = next(
        (found for base in mro(machine, cls)[1:] if (found := machine.store.get(base.address, "__init_subclass__"))), None
    )
    if isinstance(hook, FunctionValue):
        given = tuple((keyword.arg, machine.evaluate(keyword.value, frame)) for keyword in node.keywords if keyword.arg)
        machine.call(hook, Arguments((cls,), tuple(pair for pair in given if pair[0] != "metaclass")), node, frame)


SUBCLASSES = "_subclasses of"


def instantiate(machine: Machine, cls: ClassValue, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`cls(...)`."""
    from auditor.interp import attributes, inherited
    from auditor.interp.library import failures

    if is_typed_dict(machine, cls):
        return machine.new_dict(
            [*(Entry(Text.of(name), value) for name, value in arguments.keywords), *arguments.unknown_keywords]
        )
    if enums.is_enum(machine, cls):
        return enums.by_value(machine, cls, arguments, node, frame)
    new = attributes.class_member(machine, cls, "__new__")
    if isinstance(new, FunctionValue):
        made = machine.call(new, Arguments((cls, *arguments.positional), arguments.keywords), node, frame)
        if not isinstance(made, Instance) or made.cls != cls:
            return made
        instance = made
    else:
        instance = Instance(machine.store.allocate(), cls)
    place = machine.place(node, frame)
    if place is not None:
        machine.born[instance.address] = place
    init = attributes.class_member(machine, cls, "__init__")
    if isinstance(init, FunctionValue):
        machine.call(attributes.bind(machine, init, instance), arguments, node, frame)
    elif is_data(machine, cls):
        _fill(machine, instance, arguments, node, frame)
        post = attributes.class_member(machine, cls, "__post_init__") or attributes.class_member(machine, cls, "model_post_init")
        if isinstance(post, FunctionValue):
            given = (NONE,) if post.name.endswith("model_post_init") else ()
            machine.call(attributes.bind(machine, post, instance), Arguments(given), node, frame)
    elif (base := external_base(machine, cls)) is not None:
        inherited.make(machine, instance, arguments, node, frame)
        if failures.builtin(base) is not None:
            machine.store.set(instance.address, failures.ARGUMENTS, TupleValue(arguments.positional))
        for name, value in arguments.keywords:
            machine.store.set(instance.address, name, value)
    return instance


def _fill(machine: Machine, instance: Instance, arguments: Arguments, node: ast.AST, frame: Frame) -> None:
    from auditor.interp.library import coercion

    names = data_fields(machine, instance.cls)
    given = dict(arguments.keywords)
    positional = [known.plain(item) for item in arguments.positional]
    spread = next((item for item in arguments.positional if isinstance(item, Spread)), None)
    for index, name in enumerate(names):
        value = given.get(name)
        if value is None and index < len(positional):
            value = positional[index]
        if value is None and spread is not None:
            value = functions.one_of(machine, spread, name, node, frame)
        if value is None:
            value = _default(machine, instance, name, node, frame)
            fixed = not _is_off(value) and not (isinstance(value, Hole) and value.reason is Reason.NO_CALLERS)
            rest = arguments.unknown_keywords
            spread_out = functions.given_in(machine, rest, name, value, fixed, node, frame)
            if spread_out is not None:
                value = coercion.field(machine, instance.cls, name, spread_out, node, frame)
        else:
            value = coercion.field(machine, instance.cls, name, value, node, frame)
        machine.store.set(instance.address, name, value)
    for name, value in given.items():
        if name not in names:
            machine.store.set(instance.address, name, value)


def _is_off(default: Value) -> bool:
    """Whether a default says that there is nothing: it is there for somebody to give something instead."""
    return default in (NONE, FALSE) or (isinstance(default, Text) and default.known == "")


def _default(machine: Machine, instance: Instance, name: str, node: ast.AST, frame: Frame) -> Value:
    from auditor.interp import attributes

    default = attributes.class_member(machine, instance.cls, name)
    if isinstance(default, ExternalObject) and default.cls in FIELDS and default.arguments is not None:
        spec = default.arguments
        factory = spec.keyword("default_factory") or spec.keyword("factory")
        if factory is not None:
            return machine.call(factory, Arguments(), node, frame)
        plain = spec.keyword("default") or (known.plain(spec.positional[0]) if spec.positional else None)
        default = None if isinstance(plain, ExternalObject | External) else plain
    if default == REQUIRED:
        default = None
    settings = "BaseSettings" in base_names(machine, instance.cls)
    credential = credentials.type_of(name) is not None
    secret = settings and credential  # what the code says for when nothing else is said, is one too
    word = isinstance(default, Text) and _WORD.fullmatch(default.known or "") is not None
    off = default is not None and _is_off(default)  # what is switched off where nothing is said is there to be switched on
    lacking = credential and off  # whoever runs the program gives it its credentials
    if default is not None and not isinstance(default, FunctionValue) and not (lacking or (settings and (secret or word or off))):
        return default
    settings = settings or lacking
    return machine.hole(
        node,
        frame,
        Lifetime.PROCESS if settings else Lifetime.UNKNOWN,
        Cause.ENVIRONMENT if settings else Cause.VALUE,
        identity=("field", instance.address, name),
        expression=f"{instance.cls.name}.{name}",
        evidence=Evidence.USAGE if settings else Evidence.NONE,
        reason=None if settings else Reason.NO_CALLERS,
        type=credentials.type_of(name) if secret and not _sealed(machine, instance.cls, name) else None,
        content=default if isinstance(default, Text) else None,
    )


def _sealed(machine: Machine, cls: ClassValue, name: str) -> bool:
    """Whether a field is declared with a type that prints as asterisks."""
    declared = (
        machine.source(statement.annotation)
        for statement in (cls.node.body if isinstance(cls.node, ast.ClassDef) else ())
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.target.id == name
    )
    return any(credentials.SEALED in annotation for annotation in declared)


REQUIRED = const(...)
"""`Field(...)`, or `...` alone: there is no default."""
FIELDS = frozenset(
    {"dataclasses.field", "pydantic.Field", "pydantic.fields.Field", "attrs.field", "attr.ib", "attr.field", "sqlmodel.Field"}
)


def attribute_dict(machine: Machine, instance: Instance) -> DictRef:
    entries = []
    for name in machine.store.keys(instance.address):
        value = machine.store.get(instance.address, name)
        if value is not None:
            entries.append(Entry(Text.of(name), value))  # type: ignore[arg-type]
    return machine.new_dict(entries)


def implicit_super(machine: Machine, node: ast.AST, frame: Frame) -> Value:
    """`super()` without arguments: the class around the method, and its first parameter."""
    function = frame.function
    if function is not None and isinstance(function.node, ast.FunctionDef | ast.AsyncFunctionDef):
        spec = function.node.args
        first = [*spec.posonlyargs, *spec.args][:1]
        receiver = machine.store.get(frame.local, first[0].arg) if first else None
        if isinstance(receiver, Instance):
            owner = next((cls for cls in mro(machine, receiver.cls) if cls.address == function.owner), receiver.cls)
            return Super(owner, receiver)
        if isinstance(receiver, ClassValue):
            return Super(receiver, receiver)
    return machine.unknown(Reason.DYNAMIC, node, frame)


def late_attribute(machine: Machine, instance: Instance, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    """An attribute that `__init__` did not set but another method of the class does: it lives as long as the instance."""
    for cls in mro(machine, instance.cls):
        if writers(machine, cls).get(name):
            return machine.hole(
                node,
                frame,
                Lifetime.SESSION,
                identity=("attribute", instance.address, name),
                expression=f"self.{name}",
                evidence=Evidence.USAGE,
            )
    return None


def writers(machine: Machine, cls: ClassValue) -> dict[str, list[str]]:
    """Attribute name to the methods that assign it on `self`."""
    key = ("writers", cls.address)
    found = machine.cache.get(key)
    if isinstance(found, dict):
        return found
    result: dict[str, list[str]] = {}
    assert isinstance(cls.node, ast.ClassDef)
    for method in cls.node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.args.args:
            receiver = method.args.args[0].arg
            for target in _stored(ast.walk(method)):
                if isinstance(target.value, ast.Name) and target.value.id == receiver:
                    result.setdefault(target.attr, []).append(method.name)
    machine.cache[key] = result
    return result


def _stored(nodes: Iterable[ast.AST]) -> Iterable[ast.Attribute]:
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node


__all__ = ["define", "functions", "instantiate", "mro"]
