"""Databases and other stores: what is read lives as long as what it is asked with.

A connection's settings say nothing about the rows. A query that names this user's id gives this user's rows; one that names
nothing gives what the table holds by then, which nobody knows. Knows which libraries are stores (by `knowledge/library.toml`),
and that a cursor answers what it was last asked. Of query languages it knows one thing: how a question asks for the newest rows
alone, so that of a history that grows the oldest are left out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.library import keyed, objects, own_keys, own_rows
from auditor.interp.trimming import TRIMMED, Window
from auditor.values.domain import (
    NONE,
    Arguments,
    Entry,
    EntryItem,
    ExternalObject,
    Hole,
    Item,
    Text,
    Value,
)
from auditor.values.lifetime import Cause, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

_LIMITING = {"limit": "limit", "to_list": "length"}
"""Methods that say how many rows are asked for, and their parameter's name."""

_SORTING = frozenset({"order_by", "sort_by", "order", "sort"})
ANSWER = "()"
"""Where the answer to the last question is kept: no attribute has that name."""

ASKED = "?"
"""Where a store's answer keeps what it answers: whether there is anything in it nobody knows."""

NEWEST = "[-n:]"
"""Where it is kept that the newest rows alone are asked for."""

LAST = "[-n:]()"
"""The same of what a cursor was last asked."""

_NEWEST = re.compile(r"\border\s+by\b.+\bdesc\b.*\blimit\s+(?!1\b)\S", re.IGNORECASE | re.DOTALL)
"""SQL that counts from the end; of one row alone nobody makes a history."""


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`store.method(...)`: the rows, where the arguments say whose; else a store that may be asked further."""
    fact = machine.library.fact(objects.dotted(value))
    if fact is None or not fact.store or not value.path:
        return None
    owner = replace(value, path=())
    given = list(arguments.all())
    if not given:
        answer = objects.hung(machine, owner, ANSWER)
        if isinstance(answer, Hole):
            return answer
        last = objects.hung(machine, owner, LAST)
        return _further(machine, owner, last if isinstance(last, Hole) else cut(machine, owner), node, frame)
    own_rows.note(machine, given)
    table = keyed.table(machine, value, arguments)
    lasting = keyed.lasting(machine, value.path[-1], arguments, table, node)
    asked_with = [hole for item in given for hole in keyed.holes(machine, item) if hole.lifetime >= Lifetime.USER]
    asked_with, going_on = own_keys.going_on(machine, asked_with)
    holes = [_begun(machine, _whose(machine, hole, lasting.get(hole.identity, going_on))) for hole in asked_with]
    if any(node is one or (isinstance(one, ast.Await) and node is one.value) for one in machine.dropped):
        machine.founded |= {hole.identity for hole in holes if hole.cause is Cause.UUID}
    if not holes:
        added_to = own_rows.asked(machine, given, node, frame)
        objects.put(machine, owner, ANSWER, added_to or NONE)
        if added_to is not None:
            return added_to
        asked = [owner, *(item for item in given if isinstance(item, ExternalObject))]
        found = next((mark for mark in (cut(machine, one) for one in asked) if mark is not None), None)
        limited = _limited(value.path[-1], arguments, node)
        if limited is not None or _newest(value.path[-1], given):
            found = machine.hole(node, frame, Lifetime.TURN, Cause.HISTORY, type=TRIMMED)
            found = replace(found, kept=limited.count) if limited is not None else found
        objects.put(machine, owner, LAST, found or NONE)
        further = _further(machine, owner, found, node, frame)
        if table is not None:
            objects.put(machine, further, keyed.TABLE, table)
        return further
    identity = ("rows", id(node), tuple(hole.identity for hole in holes))
    rows = replace(machine.derived(holes, node, frame, identity=identity), cause=fact.cause)
    if _newest(value.path[-1], given):
        rows = replace(rows, type=TRIMMED, place=machine.place(node, frame))
    if value.path[-1] in machine.library.inserts:
        own_keys.made(machine, rows)
    objects.put(machine, owner, ANSWER, rows)
    return rows


def _begun(machine: Machine, hole: Hole) -> Hole:
    """An id that was made for this request, and under which it has put something: what it finds there begins with it."""
    return replace(hole, lifetime=Lifetime.SESSION) if hole.identity in machine.founded else hole


def _whose(machine: Machine, hole: Hole, told: Lifetime | None) -> Hole:
    """What is asked with. An event's `user_id` comes with each event anew, but what is asked with it are one user's rows.

    `told`: the lifetime that the column or the table says.
    """
    lifetime = machine.library.parts.get(hole.expression, told)
    if lifetime is None or hole.cause is not Cause.INPUT or hole.lifetime is not Lifetime.CALL:
        return hole
    return replace(hole, lifetime=lifetime, identity=machine.identity(("asked", hole.place, hole.expression)))


def cut(machine: Machine, store: ExternalObject) -> Hole | None:
    """Where the newest rows alone were asked for, of a question that names nobody whose rows they are."""
    found = objects.hung(machine, replace(store, path=()), NEWEST)
    return found if isinstance(found, Hole) else None


def doubted(machine: Machine, value: ExternalObject) -> Hole | None:
    """What a store answered, or a column of it, where that is tested: there may be no such row, and anything may stand in it.

    A connection itself is there once it was made.
    """
    fact = machine.library.fact(objects.dotted(value))
    if fact is None or not fact.store:
        return None
    asked = objects.hung(machine, replace(value, path=()), ASKED)
    if not isinstance(asked, Hole):
        return None
    return replace(asked, identity=("column", asked.identity, value.path)) if value.path else asked


def _further(machine: Machine, owner: ExternalObject, mark: Hole | None, node: ast.AST, frame: Frame) -> ExternalObject:
    """What may be asked further, about the same rows."""
    made = replace(owner, identity=machine.serial())
    asked = machine.hole(
        node, frame, Lifetime.UNKNOWN, Cause.RETRIEVAL, identity=("asked", id(node)), reason=Reason.EXTERNAL_DATA
    )
    objects.put(machine, made, ASKED, asked)
    if mark is not None:
        objects.put(machine, made, NEWEST, mark)
    return made


def _newest(name: str, given: Sequence[Item | EntryItem]) -> bool:
    """Whether the newest rows are asked for, as many as the question says."""
    if name in {"lrange", "zrange"}:
        first = known.int_of(given[1]) if len(given) > 1 and not isinstance(given[1], Entry) else None
        return first is not None and first < -1
    return any(isinstance(item, Text) and _NEWEST.search(item.literal) is not None for item in given)


def is_store(machine: Machine, value: ExternalObject) -> bool:
    """Whether it is a store's, as a question or the rows that answer one are."""
    fact = machine.library.fact(objects.dotted(value))
    return fact is not None and fact.store


def window(rows: Hole, name: str, arguments: Arguments, node: ast.AST) -> Window | None:
    """`rows.sort(…, -1).limit(n)`, `….to_list(n)`: so many of rows that are sorted the other way round."""
    return _limited(name, arguments, node) if rows.cause is Cause.RETRIEVAL else None


def _limited(name: str, arguments: Arguments, node: ast.AST) -> Window | None:
    keyword = _LIMITING.get(name)
    count = arguments.get(0, keyword) if keyword is not None else None
    return Window(known.int_of(count)) if count is not None and _ends(node, count) else None


def newest(machine: Machine, rows: Hole, node: ast.AST, count: Value | None) -> bool:
    """Whether of rows that a question is about the newest alone are asked for: sorted the other way round, and so many of them.

    `node` is `rows.order_by(…).limit(n)` or `rows.order_by(…)[:n]`, where the question is put together.
    """
    return rows.cause is Cause.RETRIEVAL and _ends(node, count)


def _ends(node: ast.AST, count: Value | None) -> bool:
    """Whether a question that is sorted the other way round ends with so many rows, more than one."""
    if count is None or known.is_none(count) or known.int_of(count) == 1:
        return False
    link: ast.AST = node
    while isinstance(link, ast.Call | ast.Attribute | ast.Subscript | ast.Await):
        if isinstance(link, ast.Call):
            if isinstance(link.func, ast.Attribute) and link.func.attr in _SORTING:
                return any(map(_descends, link.args)) or any(map(_says_so, link.keywords))
            link = link.func
        else:
            link = link.value
    return False


def _says_so(keyword: ast.keyword) -> bool:
    """`desc=True`, `ascending=False`, `direction=DESCENDING`, `key="-sent"`."""
    match keyword:
        case ast.keyword(arg="desc" | "descending" | "reverse", value=ast.Constant(value=bool() as down)):
            return down
        case ast.keyword(arg="asc" | "ascending", value=ast.Constant(value=bool() as up)):
            return not up
        case _:
            return _descends(keyword.value)


def _descends(key: ast.expr) -> bool:
    """`Message.id.desc()`, `desc(Message.id)`, `-Message.id`, `"-created"`; MongoDB's `"sent", -1`, `[("sent", DESCENDING)]`."""
    match key:
        case ast.Constant(value=str() as name):
            return name.startswith("-")
        case ast.UnaryOp(op=ast.USub()):
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name) if name == "DESCENDING":
            return True
        case ast.List(elts=[first, *_]) | ast.Dict(values=[first, *_]):
            return _descends(first)
        case ast.Tuple(elts=[_, direction]):
            return _descends(direction)
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in {"desc", "descending"}
        case _:
            return False
