"""Command lines: what `argparse` finds, what click and typer hand to a function, and how it is declared.

A parser remembers what was added to it. An argument lives as long as the process; its default is what it most likely is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.values.domain import (
    Arguments,
    Const,
    DictRef,
    Entry,
    ExternalObject,
    FunctionValue,
    Hole,
    Item,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import holes_of
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]

PARSER, NAMESPACE = "argparse.ArgumentParser", "argparse.Namespace"
GROUPS = frozenset({"add_argument_group", "add_mutually_exclusive_group", "add_subparsers", "add_parser"})
PARSES = frozenset({"parse_args", "parse_known_args", "parse_intermixed_args"})


def _parser(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return _made(machine, machine.new_dict())


def _made(machine: Machine, added: DictRef) -> ExternalObject:
    return ExternalObject(PARSER, (), Arguments((), (("added", added),)), machine.serial())


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A method of a parser or of a group of its arguments."""
    added = value.arguments.keyword("added") if value.arguments is not None else None
    if value.cls != PARSER or len(value.path) != 1 or not isinstance(added, DictRef):
        return None
    match value.path[0]:
        case "add_argument":
            _add(machine, added, arguments, node, frame)
            return machine.hole(node, frame, Lifetime.PROCESS, Cause.ENVIRONMENT)
        case "set_defaults":
            for name, default in arguments.keywords:
                _enter(machine, added, name, default, node, frame)
            return None
        case name if name in GROUPS:
            return _made(machine, added)
        case name if name in PARSES:
            found = ExternalObject(
                NAMESPACE, (), Arguments((), (("added", added),)), machine.serial(), machine.place(node, frame)
            )
            return TupleValue((found, machine.new_list())) if name == "parse_known_args" else found
        case _:
            return None


def _add(machine: Machine, added: DictRef, arguments: Arguments, node: ast.AST, frame: Frame) -> None:
    """`add_argument("--name", default=...)`."""
    name = known.text_of(arguments.keyword("dest")) or _destination(arguments.positional)
    if name is not None:
        _enter(machine, added, name, arguments.keyword("default"), node, frame)


def _enter(machine: Machine, added: DictRef, name: str, default: Value | None, node: ast.AST, frame: Frame) -> None:
    from auditor.interp import mappings

    mappings.set_entry(machine, added, Text.of(name), of_process(machine, name, default, node, frame))


def _destination(flags: tuple[Item, ...]) -> str | None:
    """The name that argparse makes of the flags: the first long one, else the first."""
    names = [text for flag in flags if (text := known.text_of(known.plain(flag))) is not None]
    long = [name for name in names if name.startswith("--")]
    chosen = (long or names)[:1]
    return chosen[0].lstrip("-").replace("-", "_") if chosen else None


def of_process(machine: Machine, name: str, default: Value | None, node: ast.AST | None, frame: Frame) -> Hole:
    """An argument of the process. Its default is its likely content, unless that lives shorter itself."""
    content = default if isinstance(default, Text) else None
    holes = [hole for hole in holes_of(default) if hole.lifetime > Lifetime.PROCESS]
    if holes:
        return machine.derived(holes, node, frame, identity=("argument", name), expression=name)
    return machine.hole(
        node, frame, Lifetime.PROCESS, Cause.ENVIRONMENT, identity=("argument", name), expression=name, content=content
    )


def attribute(machine: Machine, value: ExternalObject, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    """`args.name`."""
    if value.cls != NAMESPACE or value.path or value.arguments is None or name.startswith("_"):
        return None
    added = value.arguments.keyword("added")
    found = known.lookup(machine.entries(added).entries, Text.of(name))[0] if isinstance(added, DictRef) else None
    if found is None:
        return of_process(machine, name, None, node, frame)
    return replace(found, expression=machine.source(node)) if isinstance(found, Hole) else found


def as_mapping(machine: Machine, value: ExternalObject) -> Value | None:
    """`vars(args)`."""
    added = value.arguments.keyword("added") if value.cls == NAMESPACE and value.arguments is not None else None
    return machine.new_dict(machine.entries(added).entries) if isinstance(added, DictRef) else None


def declared(machine: Machine, function: FunctionValue, frame: Frame) -> dict[str, Value | None] | None:
    """Parameters that click's decorators fill, with their defaults; None where no such decorator stands at the function."""
    node = function.node
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    out: dict[str, Value | None] | None = None
    for decorator in [] if isinstance(node, ast.Lambda) else node.decorator_list:
        callee = decorator.func if isinstance(decorator, ast.Call) else decorator
        last = machine.source(callee).rsplit(".", 1)[-1]
        if last not in DECLARE or not isinstance(decorator, ast.Call):
            continue
        out = out or {}
        flags = [argument.value for argument in decorator.args if isinstance(argument, ast.Constant)]
        name = _parameter([flag for flag in flags if isinstance(flag, str)])
        default = next((keyword.value for keyword in decorator.keywords if keyword.arg == "default"), None)
        if name is not None:
            out[name] = machine.evaluate(default, frame) if default is not None else None
    return out


DECLARE = frozenset({"option", "argument", "password_option", "confirmation_option"})


def _parameter(flags: list[str]) -> str | None:
    """The parameter that click fills: the name without dashes, else the longest flag."""
    plain = [flag for flag in flags if not flag.startswith("-")]
    chosen = plain or sorted((flag.split("/")[0] for flag in flags), key=lambda flag: flag.startswith("--"), reverse=True)
    return chosen[0].lstrip("-").replace("-", "_").lower() if chosen else None


def typer_default(value: Value | None) -> tuple[bool, Value | None]:
    """Whether a parameter's default declares an option of typer, and the option's own default."""
    if not (isinstance(value, ExternalObject) and value.cls.startswith("typer.") and value.arguments is not None):
        return False, None
    first = known.plain(value.arguments.positional[0]) if value.arguments.positional else value.arguments.keyword("default")
    return True, first if not (isinstance(first, Const) and first.value in (..., None)) else None


def _namespace(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`argparse.Namespace(name=value)`: made by hand, so the values are what they are."""
    added = machine.new_dict([Entry(Text.of(name), value) for name, value in arguments.keywords])
    return ExternalObject(NAMESPACE, (), Arguments((), (("added", added),)), machine.serial(), machine.place(node, frame))


OVERLAYS: dict[str, Overlay] = {PARSER: _parser, NAMESPACE: _namespace}
