"""Whose rows a question asks for: a column that is to equal something, and the table, say what a request's own value is.

`tenants` where `page_id` equals what this event brought is the row of one tenant, the same for each of that tenant's requests.
Knows how SQL writes equality; library.toml knows which methods do. Does not know what stands in a row; a search (`ilike`, `LIKE`)
is no equality.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.library import objects
from auditor.limits import KNOWN_DEPTH
from auditor.values.domain import (
    Arguments,
    Choice,
    ClassValue,
    DictRef,
    Entry,
    EntryItem,
    ExternalObject,
    Hole,
    Item,
    ListRef,
    SetRef,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import holes_of
from auditor.values.lifetime import Lifetime

if TYPE_CHECKING:
    from auditor.interp.machine import Machine

TABLE = "from"
"""Where a store's answer keeps which table it is asked for: no attribute has that name."""

_FROM = re.compile(r"\bfrom\s+[\"'`\[]?(\w+)", re.IGNORECASE)
_COLUMN = re.compile(r"([\w]+)[\"'`\]]?\s*=\s*(?:\?|%s|%\(\w+\)s|:\w+|\$\d+)", re.IGNORECASE)
_PARAMETER = re.compile(r"\?|%s|%\(\w+\)s|(?<!:):[a-z_]\w*|\$\d+", re.IGNORECASE)


def table(machine: Machine, store: ExternalObject, arguments: Arguments) -> Text | None:
    """The table that a question is about: this call says so, or one before it (`db.table("users").select("*")`)."""
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    if isinstance(first, ClassValue):
        return Text.of(first.name)
    written = known.text_of(first) if isinstance(first, Text) else None
    if written is not None and store.path[-1] in machine.library.tables:
        return Text.of(written)
    if written is not None and len(found := _FROM.findall(written)) == 1:
        return Text.of(found[0])
    kept = objects.hung(machine, ExternalObject(store.cls, (), None, store.identity), TABLE)
    return kept if isinstance(kept, Text) else None


def lasting(machine: Machine, name: str, arguments: Arguments, asked: Text | None, node: ast.AST) -> dict[object, Lifetime]:
    """How long what a question is asked with stays, by its identity, where a column or the table says so."""
    parts, found = machine.library.parts, dict[object, Lifetime]()
    own = Lifetime.USER if asked is not None and for_askers(machine, asked.known) else None
    for column, value in (*_equalities(machine, name, arguments), *_compared(arguments, node)):
        lifetime = parts.get(column) if column is not None else None
        for hole in holes(machine, value):
            if (lifetime or own) is not None:
                found[hole.identity] = lifetime or own  # type: ignore[assignment]
    return found


def for_askers(machine: Machine, name: str | None) -> bool:
    """Whether a table, or a part of a row, is named for those on whose behalf is asked: `tenants`, `Company`."""
    word = (name or "").lower().rsplit(".", 1)[-1]
    single = word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")
    return single in machine.library.askers


def _equalities(machine: Machine, name: str, arguments: Arguments) -> Iterator[tuple[str | None, Value]]:
    """Columns, where they are named, and what each is to equal."""
    given = [known.plain(item) for item in arguments.positional]
    equal, row = name in machine.library.equalities, name in machine.library.rows
    text = known.text_of(given[0]) if given and isinstance(given[0], Text) else None
    match given:
        case [Text(), *parameters] if text is not None and _COLUMN.search(text):
            yield from _in_sql(machine, text, parameters)
        case [Text(), value] if equal and value is not None:
            yield text, value
        case [Text(), Text() as sign, value] if equal and value is not None and known.text_of(sign) in {"=", "=="}:
            yield text, value
        case [value] if row and isinstance(value, Text | Hole | Choice):
            yield None, value
        case [ClassValue(), value] if row and value is not None:
            yield None, value
        case _:
            pass
    if equal:
        mappings = [one for one in (*given, *(value for _, value in arguments.keywords)) if isinstance(one, DictRef)]
        for one in mappings:
            for entry in machine.entries(one).entries:
                if isinstance(entry, Entry) and isinstance(entry.key, Text) and isinstance(entry.value, Text | Hole | Choice):
                    yield known.text_of(entry.key), entry.value
        yield from ((column, value) for column, value in arguments.keywords if not isinstance(value, DictRef))


def _compared(arguments: Arguments, node: ast.AST) -> Iterator[tuple[str | None, Value]]:
    """`User.phone == given` among a question's clauses."""
    if not isinstance(node, ast.Call) or len(node.args) != len(arguments.positional):
        return
    for argument, item in zip(node.args, arguments.positional, strict=True):
        value = known.plain(item)
        match argument:
            case ast.Compare(left=ast.Attribute(attr=column), ops=[ast.Eq()]) if value is not None:
                yield column, value
            case _:
                pass


def holes(machine: Machine, item: Item | EntryItem, depth: int = 0) -> list[Hole]:
    """The holes of a question: of its parameters, of mappings that say what is looked for, of tests that are its clauses."""
    if depth > KNOWN_DEPTH:
        return []
    match item:
        case ListRef() | SetRef():
            return [hole for one in machine.items(item).items for hole in holes(machine, one, depth + 1)]
        case DictRef():
            return [hole for entry in machine.entries(item).entries for hole in holes(machine, entry, depth + 1)]
        case Entry(_, value):
            return holes(machine, value, depth + 1)
        case Choice(condition, then, otherwise):
            # `given.get("id") or DEFAULT` is one value or another; of a clause (true or not) it is the test that asks.
            values = [hole for side in (then, otherwise) for hole in holes(machine, side, depth + 1)]
            return values or ([condition.hole] if condition.hole is not None else [])
        case _:
            return holes_of(item)


def _in_sql(machine: Machine, text: str, parameters: list[Value | None]) -> Iterator[tuple[str | None, Value]]:
    """`SELECT … WHERE tenant = ?` with its parameters, where each of them is to equal a column."""
    columns = _COLUMN.findall(text)
    given = parameters
    if len(parameters) == 1 and isinstance(parameters[0], ListRef | TupleValue):
        given = [known.plain(item) for item in machine.items(parameters[0]).items]
    if len(columns) == len(_PARAMETER.findall(text)) == len(given):
        yield from ((column, value) for column, value in zip(columns, given, strict=True) if value is not None)
