"""What a program can ask of its own functions and classes: `inspect`, `typing.get_type_hints`, `dataclasses.fields`.

Tool schemas are built this way. Names, order, defaults and annotations are known; how Python prints an annotation is not.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import classes, known
from auditor.interp.frame import Frame
from auditor.values.domain import (
    NONE,
    Arguments,
    BoundMethod,
    ClassValue,
    Entry,
    External,
    ExternalObject,
    FunctionValue,
    Instance,
    Partial,
    Text,
    TupleValue,
    Value,
)
from auditor.values.lifetime import Lifetime
from auditor.values.text import Literal

if TYPE_CHECKING:
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]

EMPTY = External("inspect.Parameter.empty")
KINDS = {
    "posonlyargs": External("inspect.Parameter.POSITIONAL_ONLY"),
    "args": External("inspect.Parameter.POSITIONAL_OR_KEYWORD"),
    "vararg": External("inspect.Parameter.VAR_POSITIONAL"),
    "kwonlyargs": External("inspect.Parameter.KEYWORD_ONLY"),
    "kwarg": External("inspect.Parameter.VAR_KEYWORD"),
}


def function_of(value: Value | None) -> tuple[FunctionValue | None, int]:
    """The function behind a callable, and how many of its parameters are already given."""
    match value:
        case FunctionValue():
            return value, 0
        case BoundMethod(function, _):
            return function, 1
        case Partial(callee, arguments):
            inner, skip = function_of(callee)
            return inner, skip + len(arguments.positional)
        case _:
            return None, 0


def definition_frame(machine: Machine, function: FunctionValue) -> Frame | None:
    """The scopes in which a function's annotations mean something."""
    module = machine.project.module(function.module)
    return Frame(module, function.scopes) if module is not None and function.scopes else None


def annotation(machine: Machine, node: ast.expr | None, frame: Frame) -> Value:
    """An annotation as a value; one written as a string is that of its content."""
    if node is None:
        return EMPTY
    return machine.evaluate(spelled_out(node), frame)


def spelled_out(node: ast.expr) -> ast.expr:
    """The expression of an annotation that is written as a string."""
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return node
    try:
        return ast.parse(node.value, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return node


def parameters(machine: Machine, function: FunctionValue, skip: int) -> list[Entry]:
    """Name and description of each parameter, in order."""
    spec: ast.arguments = function.node.args  # type: ignore[attr-defined]
    frame = definition_frame(machine, function)
    defaults = dict(function.defaults)
    listed: list[tuple[str, ast.arg]] = [
        *(("posonlyargs", argument) for argument in spec.posonlyargs),
        *(("args", argument) for argument in spec.args),
        *([("vararg", spec.vararg)] if spec.vararg else []),
        *(("kwonlyargs", argument) for argument in spec.kwonlyargs),
        *([("kwarg", spec.kwarg)] if spec.kwarg else []),
    ]
    out: list[Entry] = []
    for kind, argument in listed[skip:]:
        described: tuple[tuple[str, Value], ...] = (
            ("name", Text.of(argument.arg)),
            ("kind", KINDS[kind]),
            ("default", defaults.get(argument.arg, EMPTY)),
            ("annotation", annotation(machine, argument.annotation, frame) if frame is not None else EMPTY),
        )
        out.append(
            Entry(Text.of(argument.arg), ExternalObject("inspect.Parameter", (), Arguments((), described), machine.serial()))
        )
    return out


def _signature(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    function, skip = function_of(arguments.get(0))
    if function is None or not isinstance(function.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return None
    described: list[tuple[str, Value]] = [("parameters", machine.new_dict(parameters(machine, function, skip)))]
    returns = getattr(function.node, "returns", None)
    inner = definition_frame(machine, function)
    described.append(("return_annotation", annotation(machine, returns, inner) if inner is not None else EMPTY))
    return ExternalObject("inspect.Signature", (), Arguments((), tuple(described)), machine.serial(), machine.place(node, frame))


def attribute(
    machine: Machine, value: ExternalObject, name: str, node: ast.AST | None = None, frame: Frame | None = None
) -> Value | None:
    """An attribute of a signature, a parameter or a field."""
    if (
        value.cls in {"inspect.Signature", "inspect.Parameter", "dataclasses.Field"}
        and not value.path
        and value.arguments is not None
    ):
        return value.arguments.keyword(name)
    return None


def to_text(machine: Machine, value: ExternalObject, node: ast.AST | None, frame: Frame) -> Text | None:
    """A signature as Python prints it: fixed by the source."""
    if value.cls not in {"inspect.Signature", "inspect.Parameter"} or value.path:
        return None
    hole = machine.hole(node, frame, Lifetime.DEPLOY, identity=("signature", value.identity), characters=(2, None))
    return Text((hole,))


def _docstring(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`inspect.getdoc(x)`: the docstring without its indentation."""
    value = arguments.get(0)
    function, _ = function_of(value)
    owner = function.node if function is not None else value.node if isinstance(value, ClassValue) else None
    if isinstance(value, Instance):
        owner = value.cls.node
    if not isinstance(owner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return None
    text = docstring(machine, owner, function.module if function is not None else "", clean=True)
    return text if text is not None else NONE


def docstring(machine: Machine, node: ast.AST, path: str, *, clean: bool) -> Text | None:
    """The docstring of a definition, where it is written."""
    body = getattr(node, "body", None)
    first = body[0] if isinstance(body, list) and body else None
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)):
        return None
    module = machine.project.module(path) if path else None
    text = inspect.cleandoc(first.value.value) if clean else first.value.value
    return Text.of(Literal(text, module.place(first.value) if module is not None else None))


def _type_hints(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`typing.get_type_hints(f)`: annotated names in order."""
    value = arguments.get(0)
    if isinstance(value, ClassValue):
        return machine.new_dict([Entry(Text.of(name), hint) for name, hint in field_annotations(machine, value)])
    function, skip = function_of(value)
    if function is None:
        return None
    return hints(machine, function, skip)


def hints(machine: Machine, function: FunctionValue, skip: int = 0) -> Value:
    entries = [
        Entry(entry.key, found)
        for entry in parameters(machine, function, skip)
        if isinstance(entry.value, ExternalObject)
        and (found := attribute(machine, entry.value, "annotation")) not in (None, EMPTY)
    ]
    returns, frame = getattr(function.node, "returns", None), definition_frame(machine, function)
    if returns is not None and frame is not None:
        entries.append(Entry(Text.of("return"), annotation(machine, returns, frame)))
    return machine.new_dict(entries)


def class_frame(machine: Machine, cls: ClassValue) -> Frame | None:
    """The scopes in which a class's annotations mean something."""
    module, scopes = machine.project.module(cls.module), machine.cache.get(("scopes", cls.address))
    return Frame(module, scopes) if module is not None and isinstance(scopes, tuple) else None


def field_nodes(machine: Machine, cls: ClassValue) -> list[tuple[str, ast.expr, ClassValue]]:
    """Annotated fields with their annotation and the class that says so, those of bases first."""
    out: dict[str, tuple[str, ast.expr, ClassValue]] = {}
    for owner in reversed(classes.mro(machine, cls)):
        assert isinstance(owner.node, ast.ClassDef)
        for statement in owner.node.body:
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and statement.target.id in owner.fields
            ):
                name = statement.target.id
                out[name] = (name, statement.annotation, owner)
    return list(out.values())


def field_annotations(machine: Machine, cls: ClassValue) -> list[tuple[str, Value]]:
    out: list[tuple[str, Value]] = []
    for name, node, owner in field_nodes(machine, cls):
        frame = class_frame(machine, owner)
        out.append((name, annotation(machine, node, frame) if frame is not None else EMPTY))
    return out


def _fields(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`dataclasses.fields(C)`."""
    value = arguments.get(0)
    cls = value.cls if isinstance(value, Instance) else value
    return (
        TupleValue(tuple(described for _, described in described_fields(machine, cls))) if isinstance(cls, ClassValue) else None
    )


def described_fields(machine: Machine, cls: ClassValue) -> list[tuple[str, Value]]:
    """Each field with its name, type and default."""
    from auditor.interp import attributes

    out: list[tuple[str, Value]] = []
    for name, hint in field_annotations(machine, cls):
        default = attributes.class_member(machine, cls, name)
        given: list[tuple[str, Value]] = [("name", Text.of(name)), ("type", hint), ("annotation", hint)]
        spec = default.arguments if isinstance(default, ExternalObject) and default.cls in classes.FIELDS else None
        if spec is not None:
            given += [
                (key, value) for key, value in spec.keywords if key in {"description", "default", "metadata", "alias", "title"}
            ]
            first = known.plain(spec.positional[0]) if spec.positional else None
            if first is not None:
                given.append(("default", first))
        elif default is not None:
            given.append(("default", default))
        out.append((name, ExternalObject("dataclasses.Field", (), Arguments((), tuple(given)), machine.serial())))
    return out


def model_fields(machine: Machine, cls: ClassValue) -> Value:
    return machine.new_dict([Entry(Text.of(name), described) for name, described in described_fields(machine, cls)])


OVERLAYS: dict[str, Overlay] = {
    "inspect.signature": _signature,
    "inspect.getdoc": _docstring,
    "typing.get_type_hints": _type_hints,
    "inspect.get_annotations": _type_hints,
    "dataclasses.fields": _fields,
}
