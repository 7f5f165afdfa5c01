"""Arithmetic, concatenation and the other binary operators."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from auditor.interp import formats, known, lapses, positions, trimming
from auditor.interp.splicing import joined, written_as
from auditor.limits import NUMBER_BITS
from auditor.values.domain import (
    Choice,
    ClassValue,
    Const,
    DictRef,
    External,
    ExternalObject,
    Hole,
    Instance,
    ListRef,
    SetRef,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, holes_of
from auditor.values.lifetime import Reason
from auditor.values.text import COARSE, Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.Pow: operator.pow,
}

SPECIAL: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Mod: "mod",
    ast.BitOr: "or",
    ast.BitAnd: "and",
    ast.BitXor: "xor",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.RShift: "rshift",
    ast.LShift: "lshift",
    ast.MatMult: "matmul",
}

BIG = 1 << 64


def binary(machine: Machine, op: ast.operator, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value:  # noqa: C901 - one case per kind of value
    left, right = decide(left, machine.assumptions), decide(right, machine.assumptions)
    if isinstance(left, Choice):
        return machine.each(left, lambda side: binary(machine, op, side, right, node, frame), node, frame)
    if isinstance(right, Choice):
        return machine.each(right, lambda side: binary(machine, op, left, side, node, frame), node, frame)
    if isinstance(op, ast.BitOr) and (isinstance(left, ExternalObject) or isinstance(right, ExternalObject)):
        piped = machine.listener.pipe(machine, left, right, node, frame)
        if piped is not None:
            return piped
    match op, left, right:
        case ast.Add(), Text(), Text():
            return machine.text(left, right)
        case (ast.Add(), Text(), Hole()) | (ast.Add(), Hole(), Text()):
            return machine.text(machine.to_text(left, node, frame), machine.to_text(right, node, frame))
        case ast.Mod(), Text(), _:
            return formats.percent(machine, left, right, node, frame)
        case (ast.Mult(), Text(), Const(int() as count)) | (ast.Mult(), Const(int() as count), Text()):
            text = left if isinstance(left, Text) else right
            assert isinstance(text, Text)
            if (plain := text.known) is not None and count * len(plain) <= machine.limits.text_characters:
                return Text.of(
                    Literal(plain * count, next((piece.place for piece in text.pieces if isinstance(piece, Literal)), None))
                )
            if (
                count * max(1, len(text.literal)) <= machine.limits.text_characters
                and count * len(text.pieces) <= machine.limits.pieces
            ):
                return machine.text(*[text] * max(0, count))
            return machine.limit("text_characters", node, frame)
        case ast.Add(), ListRef() | TupleValue(), ListRef() | TupleValue():
            both = joined(machine.items(left), machine.items(right))
            if isinstance(left, TupleValue):
                return TupleValue(machine.bounded(both.items), both.order)
            made = written_as(machine, machine.new_list(both.items, both.order), left, right)
            trimming.viewed(machine, right, trimming.viewed(machine, left, made))
            return trimming.lengthened(machine, [left, right], made)
        case ast.Add(), ListRef(), _:
            return machine.new_list((*machine.items(left).items, *machine.iterate(right, node, frame).items))
        case ast.Add(), _, ListRef():
            return machine.new_list((*machine.iterate(left, node, frame).items, *machine.items(right).items))
        case (ast.Mult(), ListRef(), Const(int() as count)):
            return machine.new_list(machine.items(left).items * min(max(0, count), machine.limits.iterations))
        case ast.BitOr(), DictRef(), _:
            from auditor.interp import expressions, mappings

            merged = machine.new_dict(machine.entries(left).entries, machine.entries(left).order)
            mappings.update(machine, merged, expressions.spread_entries(machine, right, node, frame))
            return merged
        case ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor(), SetRef() | TupleValue(), SetRef() | TupleValue():
            from auditor.interp import sets

            return machine.new_set(sets.combined(machine, op, machine.items(left), machine.items(right), node, frame))
        case ast.BitOr(), ClassValue() | External() | Const(None), ClassValue() | External() | Const(None):
            return External("typing.Union")
        case _, Instance(), _ if (answer := _special(machine, op, "__", left, right, node, frame)) is not None:
            return answer
        case _, _, Instance() if (answer := _special(machine, op, "__r", right, left, node, frame)) is not None:
            return answer
        case ast.Div(), _, _:
            from auditor.interp.library import paths

            joined_path = paths.join(machine, left, right, node, frame)
            if joined_path is not None:
                return joined_path
        case _:
            pass
    return _scalar(machine, op, left, right, node, frame)


def _special(
    machine: Machine, op: ast.operator, prefix: str, owner: Instance, other: Value, node: ast.AST, frame: Frame
) -> Value | None:
    """What an object's own method makes of an operator; `prefix` tells the reflected one."""
    from auditor.interp import special

    name = SPECIAL.get(type(op))
    return special.ask(machine, owner, f"{prefix}{name}__", (other,), node, frame) if name else None


def _scalar(machine: Machine, op: ast.operator, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value:
    moved = positions.stepped(machine, op, left, right)
    if moved is not None:
        return moved
    known_left, a = known.scalar(left)
    known_right, b = known.scalar(right)
    if known_left and known_right and isinstance(a, int | float) and isinstance(b, int | float):
        if isinstance(op, ast.Pow | ast.LShift) and (abs(a) > BIG or abs(b) > 64):
            return machine.limit("numbers", node, frame)
        if isinstance(a, int) and isinstance(b, int) and a.bit_length() + b.bit_length() > NUMBER_BITS:
            return machine.limit("numbers", node, frame)
        try:
            return const(ARITHMETIC[type(op)](a, b))
        except (ArithmeticError, TypeError, ValueError, KeyError):
            return machine.unknown(Reason.UNSUPPORTED, node, frame)
    holes = [*_sources(machine, left, node, frame), *_sources(machine, right, node, frame)]
    try:
        identity: object = ("op", type(op).__name__, left, right)
        hash(identity)
    except TypeError:
        identity = None
    left_over = COARSE if isinstance(op, ast.Mod | ast.FloorDiv | ast.Div | ast.RShift) and holes_of(left) else None
    kind = left_over or _moment(op, left, right)
    made = machine.derived(holes, node, frame, identity=identity, reason=None if holes else Reason.UNSUPPORTED, type=kind)
    return lapses.note(machine, op, left, right, made)


def _sources(machine: Machine, value: Value, node: ast.AST, frame: Frame) -> list[Hole]:
    """What an operand is made of. Of a library's object it is not known what number it is, or what part of it was asked for;
    a span of time is what it was made of."""
    if isinstance(value, ExternalObject) and (value.cls != "datetime.timedelta" or value.path):
        from auditor.interp.library import objects

        return list(objects.to_text(machine, value, node, frame).holes())
    return holes_of(value)


def _moment(op: ast.operator, left: Value, right: Value) -> str | None:
    """A moment that is moved (`now + timedelta(days=90)`) is one; the difference of two is none."""
    from auditor.interp.library import clock

    match op, left, right:
        case ast.Add() | ast.Sub(), Hole(type=kind), ExternalObject(cls="datetime.timedelta") if clock.is_dated(left):
            return kind
        case ast.Add(), ExternalObject(cls="datetime.timedelta"), Hole(type=kind) if clock.is_dated(right):
            return kind
        case _:
            return None


def unary(machine: Machine, op: ast.unaryop, value: Value, node: ast.AST, frame: Frame) -> Value:
    found, raw = known.scalar(value)
    if found and isinstance(raw, int | float):
        try:
            match op:
                case ast.USub():
                    return const(-raw)
                case ast.UAdd():
                    return const(+raw)
                case ast.Invert() if isinstance(raw, int):
                    return const(~raw)
                case _:
                    pass
        except ArithmeticError:
            pass
    return machine.derived(holes_of(value), node, frame, reason=Reason.UNSUPPORTED)
