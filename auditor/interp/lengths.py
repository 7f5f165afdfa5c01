"""What the length of something asks: `len(history) == 0` is one question with `not history`.

Knows lengths of collections whose number of items is open, and how long a text of known and unknown parts is at least. Does not
know what they hold.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.values.domain import Hole, Text, Value
from auditor.values.text import Alternative, Literal

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def note(machine: Machine, length: Value, of: Value) -> None:
    """`len(history)` of something whose number of items is open."""
    if isinstance(length, Hole):
        machine.memo["length of", length.identity] = of


def asked(machine: Machine, op: ast.cmpop, left: Value, right: Value) -> tuple[Value, bool] | None:
    """What `len(history) == 0` asks the truth of, and what answer it gives where that is true."""
    of = machine.memo.get(("length of", left.identity)) if isinstance(left, Hole) else None
    number = known.int_of(right)
    if of is None or number is None:
        return None
    if (type(op), number) in {(ast.Eq, 0), (ast.LtE, 0), (ast.Lt, 1)}:
        return of, False
    return (of, True) if (type(op), number) in {(ast.NotEq, 0), (ast.Gt, 0), (ast.GtE, 1)} else None


def ordered(machine: Machine, op: ast.cmpop, left: Value, right: Value) -> bool | None:
    """What `len(text) < 4000` comes to where the known part of the text alone decides it; None where it does not."""
    of = machine.memo.get(("length of", left.identity)) if isinstance(left, Hole) else None
    number = known.int_of(right)
    if not isinstance(of, Text) or number is None:
        return None
    least = _least(of)
    match op:
        case ast.Lt() | ast.GtE() if least >= number:
            return isinstance(op, ast.GtE)
        case ast.LtE() | ast.Gt() if least > number:
            return isinstance(op, ast.Gt)
        case _:
            return None


def _least(text: Text) -> int:
    total = 0
    for piece in text.pieces:
        match piece:
            case Literal():
                total += len(piece.text)
            case Alternative():
                total += min(_least(piece.then), _least(piece.otherwise))
            case Hole():
                total += piece.characters[0]
    return total
