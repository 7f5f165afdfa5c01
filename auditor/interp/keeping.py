"""What a function asks a store for, and keeps there where it had to make it: `kept = store.get(key)`, `if kept: return kept`, and
`store.set(key, made)` behind.

Whoever asks next under that key finds what was kept, so it is no other value with each call, however it was made. Knows how such
a function is written, whatever the store. Does not know when what is kept expires. Mappings are `memos`' business.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from auditor.interp import memos
from auditor.limits import KNOWN_DEPTH
from auditor.values.domain import Choice, Hole, Text, Value
from auditor.values.join import holes_of
from auditor.values.lifetime import Lifetime
from auditor.values.quick import replace

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def kept(machine: Machine, node: ast.Return, value: Value, frame: Frame) -> Value:
    """What a function returns; as long-lived as the key that it is kept under, where it is."""
    if frame.function is None or not isinstance(value, Hole | Text | Choice) or not any(map(_passing, holes_of(value))):
        return value
    keys = _keys(machine, frame.function.node)  # type: ignore[arg-type]
    if id(node) not in keys:
        return value
    own = [hole for key in keys[id(node)] for hole in holes_of(machine.evaluate(key, frame))]
    if any(map(_passing, own)):
        return value  # nobody finds what is kept under what never comes again
    lifetime = max([Lifetime.PROCESS, *(hole.lifetime for hole in own)])
    under = ("kept", id(frame.function.node), tuple(hole.identity for hole in own))

    def lasting(hole: Hole) -> Hole:
        return replace(hole, lifetime=lifetime, identity=(*under, hole.expression)) if _passing(hole) else hole

    return _mapped(value, lasting)


def _mapped(value: Value, change: Callable[[Hole], Hole], depth: int = 0) -> Value:
    match value:
        case Hole():
            return change(value)
        case Text(pieces):
            return replace(value, pieces=tuple(change(piece) if isinstance(piece, Hole) else piece for piece in pieces))
        case Choice(condition, then, otherwise) if depth < KNOWN_DEPTH:
            return Choice(condition, _mapped(then, change, depth + 1), _mapped(otherwise, change, depth + 1))
        case _:
            return value


def _passing(hole: Hole) -> bool:
    return hole.reason is None and hole.lifetime > Lifetime.SESSION


def _keys(machine: Machine, function: ast.AST) -> Mapping[int, list[ast.expr]]:
    """The returns of what a function kept, with what it is kept under."""
    key = ("keeping", id(function))
    found = machine.cache.get(key)
    if found is None:
        found = machine.cache[key] = dict(_found(function))
    return found  # type: ignore[return-value]


def _found(function: ast.AST) -> Iterator[tuple[int, list[ast.expr]]]:
    parts = list(ast.walk(function))
    asked = dict(_asked(parts))
    guarded = {name for part in parts if isinstance(part, ast.If) for name in memos.guarded(part)}
    keeping = [call for part in parts if isinstance(part, ast.Expr) and (call := _call(part.value)) is not None]
    for part in parts:
        if not isinstance(part, ast.Return) or part.value is None:
            continue
        names = {one.id for one in ast.walk(part.value) if isinstance(one, ast.Name)}
        for name, question in asked.items():
            if name in guarded and any(_keeps(call, question, names) for call in keeping):
                yield id(part), list(question.args)


def _asked(parts: list[ast.AST]) -> Iterator[tuple[str, ast.Call]]:
    """Names with the call of a store's method that each was first assigned."""
    for part in reversed(parts):
        match part:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.NamedExpr(target=ast.Name(id=name), value=value):
                call = _call(value)
                if call is not None and isinstance(call.func, ast.Attribute):
                    yield name, call
            case _:
                pass


def _call(node: ast.expr) -> ast.Call | None:
    inner = node.value if isinstance(node, ast.Await) else node
    return inner if isinstance(inner, ast.Call) else None


def _keeps(call: ast.Call, question: ast.Call, names: set[str]) -> bool:
    """Whether a call hands the one that was asked one of the names, under what it was asked for."""
    if not (isinstance(call.func, ast.Attribute) and isinstance(question.func, ast.Attribute)):
        return False
    if ast.unparse(call.func.value) != ast.unparse(question.func.value) or call.func.attr == question.func.attr:
        return False
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    spelled = {ast.unparse(one) for one in given}
    if not all(ast.unparse(key) in spelled for key in question.args):
        return False
    keys = {ast.unparse(key) for key in question.args}
    made = (one for one in given if ast.unparse(one) not in keys)
    return any(isinstance(part, ast.Name) and part.id in names for one in made for part in ast.walk(one))
