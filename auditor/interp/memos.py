"""What is fetched once and kept: `if _page is None: _page = fetch()`, `if key not in _pages: _pages[key] = fetch(key)`.

The function that asks whether something is there yet puts it there itself, for all who ask after it: so it is there then, though
nothing is known of what was fetched. Knows variables, attributes and mappings that outlive a call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.values.domain import AltEntries, DictRef, Entry, EntryItem, Hole, Value
from auditor.values.join import holes_of
from auditor.values.lifetime import Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def noted(machine: Machine, target: ast.expr, value: Value, frame: Frame) -> Value:
    """The value as it is assigned to the target; where its function asked for that, a module's lives as long as the process."""
    if not isinstance(value, Hole) or frame.function is None:
        return value
    shared = isinstance(target, ast.Name) and target.id in frame.global_names
    outlives = isinstance(target, ast.Attribute) or shared
    asked = _asked(machine, frame.function.node) if outlives else frozenset()  # type: ignore[arg-type]
    if ast.unparse(target) not in asked:
        return value
    machine.memos.add(value.identity)
    return replace(value, lifetime=min(value.lifetime, Lifetime.PROCESS)) if shared else value


def there(machine: Machine, hole: Hole) -> bool:
    """Whether somebody certainly put it there: this request, or one before it."""
    return hole.identity in machine.memos or machine.kept(hole.identity)


def _asked(machine: Machine, function: ast.AST) -> frozenset[str]:
    """Variables and attributes that the function fills where it finds nothing in them."""
    key = ("memos", id(function))
    found = machine.cache.get(key)
    if not isinstance(found, frozenset):
        guards = (part for part in ast.walk(function) if isinstance(part, ast.If))
        found = machine.cache[key] = frozenset(name for guard in guards for name in guarded(guard))
    return found


def guarded(guard: ast.If) -> Iterator[str]:
    """`if not page: page = ...`, or `if page: return page` with the rest behind it."""
    left = isinstance(guard.body[-1], ast.Return)
    tests = guard.test.values if isinstance(guard.test, ast.BoolOp) else [guard.test]
    for test in tests:
        asked, absent = _subject(test)
        if asked is not None and (left if not absent else asked in _assigned(guard)):
            yield asked


def _subject(test: ast.expr) -> tuple[str | None, bool]:
    """What is asked about, and whether it is asked for being absent."""
    match test:
        case ast.Compare(left=ast.Name() | ast.Attribute() as asked, ops=[op], comparators=[ast.Constant(value=None)]):
            return (ast.unparse(asked), isinstance(op, ast.Is)) if isinstance(op, ast.Is | ast.IsNot) else (None, False)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name() | ast.Attribute() as asked):
            return ast.unparse(asked), True
        case ast.Name() | ast.Attribute():
            return ast.unparse(test), False
        case _:
            return None, False


def _assigned(guard: ast.If) -> set[str]:
    parts = (part for statement in guard.body for part in ast.walk(statement))
    return {ast.unparse(target) for part in parts if isinstance(part, ast.Assign) for target in part.targets}


def remembered(machine: Machine, mapping: DictRef, key: Value, node: ast.AST | None, frame: Frame) -> Value | None:
    """What a mapping holds under a key which an earlier call of the function put there under one that may be the same.

    So it is unless something in the key is known to be another one with each call: nobody keeps what never comes again.
    """
    from auditor.interp import putters

    if frame.function is None or _spelled(node) not in _put_there(machine, frame.function.node):  # type: ignore[arg-type]
        return None
    if mapping.address >= machine.entered and not putters.holders(machine, mapping):
        return None
    holes = holes_of(key)
    if not holes or any(hole.reason is None and hole.lifetime > Lifetime.SESSION for hole in holes):
        return None
    entries = _each(machine.entries(mapping).entries)
    return next((one.value for one in entries if known.same_key(one.key, key) is None), None)


def _each(entries: tuple[EntryItem, ...]) -> Iterator[Entry]:
    """The entries that may be there, the newest first."""
    for entry in reversed(entries):
        match entry:
            case Entry():
                yield entry
            case AltEntries(_, then, otherwise):
                yield from _each(then)
                yield from _each(otherwise)
            case _:
                pass


def _spelled(node: ast.AST | None) -> str:
    """How a mapping is asked for a key, as it would be written to fill it; empty for anything else."""
    match node:
        case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[mapping]):
            pass
        case ast.Call(func=ast.Attribute(value=mapping, attr="get"), args=[key, *_]) | ast.Subscript(value=mapping, slice=key):
            pass
        case _:
            return ""
    return f"{ast.unparse(mapping)}[{ast.unparse(key)}]"


def _put_there(machine: Machine, function: ast.AST) -> frozenset[str]:
    """The places of mappings that a function fills, as it spells them."""
    key = ("remembered", id(function))
    found = machine.cache.get(key)
    if not isinstance(found, frozenset):
        targets = (target for part in ast.walk(function) if isinstance(part, ast.Assign) for target in part.targets)
        found = machine.cache[key] = frozenset(ast.unparse(one) for one in targets if isinstance(one, ast.Subscript))
    return found
