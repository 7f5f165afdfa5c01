"""What a request's own words leave of elements that nothing else is known of: retrieval that the program does itself.

`[row.text for row in rows if word in row.text]` and `sorted(rows, key=lambda row: likeness(asked, row.vector))[:3]` are other
rows in every request, however long each of them stays. Knows tests and keys of elements. Leaves alone what asks for a key's
equality or for an order of two values: whose rows they are, and which of them are newer, is no answer to what is asked.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from auditor.limits import ASKED_TESTS
from auditor.values.domain import AltItems, Const, Hole, Item, Text, Value
from auditor.values.join import holes_of
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.quick import replace
from auditor.values.text import Condition

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

_ORDERS = frozenset({"Lt", "LtE", "Gt", "GtE"})
_OWN = frozenset({Cause.INPUT, Cause.RESPONSE})
_FIXED = frozenset({Lifetime.CONSTANT, Lifetime.DEPLOY, Lifetime.PROCESS})


def of_request(hole: Hole) -> bool:
    """Whether it is what this request asks, or what was made of it."""
    return hole.lifetime in (Lifetime.CALL, Lifetime.TURN) and hole.cause in _OWN and hole.reason is None


def selective(how: object, left: Value, right: Value | None) -> bool:
    """Whether a test tells elements apart by what they say: words in a text, or a figure of both against a fixed one."""
    if how == "in":
        return isinstance(right, Hole | Text)
    if how not in _ORDERS or not (isinstance(left, Hole) or isinstance(right, Hole)):
        return False
    return any(isinstance(side, Const) or (isinstance(side, Hole) and side.lifetime in _FIXED) for side in (left, right))


def by_tests(machine: Machine, stretch: Hole, kept: Sequence[Item], node: ast.AST, frame: Frame) -> Hole:
    """A stretch, some elements of which tests kept."""
    return _by(machine, stretch, next(_asked(kept), None), node, frame)


def by_key(machine: Machine, stretch: Hole, key: Value, node: ast.AST, frame: Frame) -> Hole:
    """A stretch in the order of its elements' keys."""
    return _by(machine, stretch, next(filter(of_request, holes_of(key)), None), node, frame)


def _by(machine: Machine, stretch: Hole, asked: Hole | None, node: ast.AST, frame: Frame) -> Hole:
    if asked is None or stretch.lifetime in (Lifetime.CALL, Lifetime.TURN):
        return stretch
    identity = ("selected", id(node), stretch.identity, asked.identity)
    made = machine.derived([asked, stretch], node, frame, identity=identity, expression=stretch.expression)
    return replace(made, cause=Cause.RETRIEVAL, kept=stretch.kept)


def _asked(kept: Sequence[Item]) -> Iterator[Hole]:
    """What this request asks of the elements that are kept: those of which a test is true."""
    for item in kept:
        if isinstance(item, AltItems):
            if item.then and not item.otherwise:
                yield from _own(item.condition)
            yield from _asked(item.then)
            yield from _asked(item.otherwise)


def _own(condition: Condition) -> Iterator[Hole]:
    pending = [condition]
    for _ in range(ASKED_TESTS):
        if not pending:
            break
        test = pending.pop()
        if test.hangs is not None:
            which, *sides = test.hangs
            pending += [which, *(side[0] for side in sides if not isinstance(side, bool))]
        elif test.selective and test.hole is not None and of_request(test.hole):
            yield test.hole
