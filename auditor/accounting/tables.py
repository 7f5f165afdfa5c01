"""Counts that go through a database: what a statement puts into a table's columns, and what a query gives back of them.

A table is a record of the project, whichever connection leads to it; a row is a record whose fields go by name and by position.
Knows calls that are handed SQL, and what the flow keeps; reads no SQL itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from auditor.accounting import sql
from auditor.accounting.expressions import Expressions
from auditor.accounting.flow import Flow, followed
from auditor.accounting.forms import Amount, Items, Made, Record, Value, Word, added, any_of, factor_of, joined, number
from auditor.accounting.program import Unit

_ALL = frozenset({"fetchall", "fetchmany", "fetch_all", "all", "mappings", "tuples"})
_ONE = frozenset({"fetchone", "fetch_one", "first", "one", "one_or_none"})
_FIRST = frozenset({"scalar", "scalar_one", "scalar_one_or_none"})
_OF_ONE = ("one", "row", "first", "single")
"""What a function's name says that gives back one row of what it is asked for."""


class Tables(Expressions):
    """Calls that are handed SQL, and the rows that they answer with."""

    def __init__(self, flow: Flow, unit: Unit, context: str) -> None:
        super().__init__(flow, unit, context)
        self._cursors: dict[str, Items] = {}  # what was last asked, by the cursor as it is written
        self._holes: list[Value] = []  # what stands in a statement's text

    def asked(self, node: ast.Call) -> object:
        """What a call answers whose first argument is SQL; NotImplemented for any other."""
        text = self._said(node.args[0]) if node.args else ""
        found = [one for part in text.split(";") if (one := sql.statement(part)) is not None]
        rows: object = NotImplemented
        for one in found:
            rows = None
            match one:
                case sql.Defined(table=table, columns=columns):
                    self.flow.columns[table] = columns
                case sql.Filled():
                    self._fill(one, node)
                case sql.Asked():
                    rows = self._rows(one, node)
        return rows

    def fetched(self, owner: Value, node: ast.Call) -> object:
        """`cursor.fetchall()` and its like; NotImplemented for any other method."""
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in _ALL | _ONE | _FIRST:
            return NotImplemented
        rows = owner if isinstance(owner, Items) else self._cursors.get(self.written(node.func.value))
        if not isinstance(rows, Items):
            return NotImplemented
        if node.func.attr in _ALL:
            return rows
        row = any_of(rows)
        return self.flow.field(row, sql.position(0)) if node.func.attr in _FIRST and isinstance(row, Record) else row

    # Statements

    def _said(self, node: ast.expr) -> str:
        """SQL that is written where it is handed over, or kept in a variable. What is put into it stands in `_holes`."""
        match node:
            case ast.Call(args=[ast.Constant() | ast.JoinedStr() | ast.Name() as inner], keywords=[]):
                return self._said(inner)  # `text("SELECT ...")`
            case ast.JoinedStr(values=parts):
                said = ""
                for part in parts:
                    if isinstance(part, ast.FormattedValue):
                        held = self.value(part.value)
                        said += held.text if isinstance(held, Word) and held.text is not None else f"\0{len(self._holes)}\0"
                        self._holes.append(held)
                    else:
                        said += self._said(part)
                return said
            case ast.Constant(value=text):
                return text if isinstance(text, str) else ""
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._said(left) + self._said(right)
            case ast.Name() | ast.Attribute():
                held = self.value(node)
                return (held.text or "") if isinstance(held, Word) else ""
            case _:
                return ""

    def _fill(self, statement: sql.Filled, node: ast.Call) -> None:
        handed = self._handed(node)
        table = self._table(statement.table)
        names = self.flow.columns.get(statement.table, ())
        rows, left = divmod(len(statement.values), len(names)) if names else (0, 0)
        unnamed = iter(names * rows if not left else ())

        def mark(term: sql.Mark) -> Value:
            if term.name.startswith("\0"):
                return self._holes[int(term.name.strip("\0"))]
            if term.name:
                return self.flow.field(handed, term.name) if isinstance(handed, Record) else None
            members = handed.members if isinstance(handed, Items) and not handed.many else ()
            return members[term.number] if 0 <= term.number < len(members) else None

        def before(term: sql.Column) -> Value:
            held = self.flow.field(table, term.name)
            return held if held is not None else number(0)

        for column, term in statement.values:
            name = column or next(unnamed, "")
            held = self._term(term, mark, before, node) if name else None
            if held is not None:
                self.flow.set_field(table, name, held)
                if followed(held):
                    self.flow.tabled.add(name)

    def _handed(self, node: ast.Call) -> Value:
        """What the statement's places are filled with."""
        given = [self.value(argument) for argument in node.args[1:]]
        given = given or [self.value(keyword.value) for keyword in node.keywords if keyword.arg]
        if len(given) != 1:
            return Items(tuple(given))
        only = given[0]
        if isinstance(only, Items) and only.many and isinstance(any_of(only), Items | Record):
            return any_of(only)  # one row after another
        return only if isinstance(only, Items | Record) else Items((only,))

    def _table(self, name: str) -> Record:
        return Record.of(Made(f"sql:{name}", ""))

    def _rows(self, statement: sql.Asked, node: ast.Call) -> Value:
        tables = dict(statement.tables)

        def column(term: sql.Column) -> Value:
            among = [tables[term.table]] if term.table in tables else list(tables.values())
            found: Value = None
            for table in among:
                found = joined(found, self.flow.field(self._table(table), term.name))
            return found

        row = self.dictionary(node)
        at: int | None = 0
        for name, term in statement.given:
            if name == "*" and term is None:
                at = self._spread(row, list(tables.values()), at)
                continue
            held = self._term(term, lambda _: None, column, node)
            for field in (name, sql.position(at) if at is not None else ""):
                if field:
                    self.flow.set_field(row, field, held)
            at = at + 1 if at is not None else None
        rows = Items((row,), True)
        if not isinstance(node.func, ast.Attribute):
            return rows
        self._cursors[self.written(node.func.value)] = rows
        return row if any(word in node.func.attr.lower() for word in _OF_ONE) else rows

    def _spread(self, row: Record, tables: list[str], at: int | None) -> int | None:
        """All columns, and the next one's position where it is known."""
        for table in tables:
            for name, held in self.flow.fields(self._table(table)):
                self.flow.set_field(row, name, held)
            columns = self.flow.columns.get(table)
            if columns is None:
                at = None
            for name in columns or ():
                if at is not None:
                    self.flow.set_field(row, sql.position(at), self.flow.field(self._table(table), name))
                    at += 1
        return at

    def _term(
        self, term: sql.Term, mark: Callable[[sql.Mark], Value], column: Callable[[sql.Column], Value], node: ast.AST
    ) -> Value:
        match term:
            case sql.Number(value=value):
                return number(value)
            case sql.Mark():
                return mark(term)
            case sql.Column():
                return column(term)
            case sql.Kept(term=inner, running=running):
                held = self._term(inner, mark, column, node)
                return held.without_none().running() if isinstance(held, Amount) and running else held
            case sql.Sign(sign=sign, left=left, right=right):
                one, two = self._term(left, mark, column, node), self._term(right, mark, column, node)
                if sign in "+-":
                    return self.summed(added(one, two, 1.0 if sign == "+" else -1.0), node)
                return _scaled(one, two, sign)
            case _:
                return None


def _scaled(left: Value, right: Value, sign: str) -> Value:
    """A product or a quotient of which one side is a known number."""
    if not isinstance(left, Amount) or not isinstance(right, Amount):
        return None
    if sign == "*" and right.counted:
        left, right = right, left
    factor = factor_of(right, "") if right.scalar is not None else None
    factor = factor.inverted() if factor is not None and sign == "/" else factor
    return left.scaled(factor) if factor is not None else None
