"""Counts that go through an object mapper or a store of documents: what is written to it, what is asked, what is taken.

A model's rows are the instances of its class, those of any other store a record by the name that it goes by. A query is a row
that stands for all of them until one is taken. Knows the methods of the usual libraries by name; SQL as text is `tables`' part.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from auditor.accounting import sql
from auditor.accounting.flow import followed
from auditor.accounting.forms import Amount, Code, Items, Made, Query, Record, Value, Word, any_of, number
from auditor.accounting.tables import Tables
from auditor.project.syntax import last_name

_KEEPING = frozenset({"sum", "coalesce", "avg", "max", "min", "round", "cast", "abs", "total", "ifnull", "f"})
"""Functions of a query language, in any case, that keep a count what it is."""
_LANGUAGES = frozenset({"func", "fn", "functions"})
_NAMED = frozenset({"label", "alias", "as_"})
_LIKE_ONE = frozenset({*_NAMED, "sum", "fillna", "astype", "item", "cumsum", "cast", "scalar_subquery"})
"""Methods of a column that keep what it counts."""
_BEGINNING = frozenset({"select", "query", "insert", "update"})
_WRITING = frozenset({"insert", "upsert", "create", "insert_one", "insert_many", "put_item", "add", "set", "replace_one"})
_CHANGING = frozenset({"update", "update_one", "update_item", "find_one_and_update", "get_or_create", "update_or_create"})
_ROW = frozenset({"first", "one", "one_or_none", "get", "get_or_none", "get_by_id", "last", "latest", "earliest", "find_one"})
_ASKING = frozenset(
    {"filter", "all", "find", "where", "exclude", "find_all", "annotate", "order_by", "filter_by", "select", "aggregate"}
)
_COLUMNS = frozenset({"select", "with_entities", "add_columns", "annotate", "values", "values_list", "query"})
_NONE_OF_IT = frozenset({"count", "exists", "delete", "delete_one", "delete_many", "close"})
_DOCUMENTS = frozenset({"insert_one", "insert_many", "find_one", "replace_one", "update_one", "put_item", "find_one_and_update"})
"""Methods by which a store of documents is known, whatever leads to it."""
_COUNTING = frozenset({"hincrby", "hincrbyfloat", "hset", "hget"})
"""Redis: a key, a field of it, and what is added to it or put there."""
_TABLES = frozenset({"table", "from_", "Table"})
_WHOLE = frozenset({"data", "Items", "items"})


class Stores(Tables):
    """Calls that write to stores, and queries."""

    _asked_row: Record | None = None  # the row whose columns go by name

    def stored(self, owner: Value, node: ast.Call) -> object:
        """What a method of a store, a model, a query or a column answers; NotImplemented for any other."""
        assert isinstance(node.func, ast.Attribute)
        name = node.func.attr
        match owner:
            case Query():
                return self._of_query(owner, name, node)
            case Amount(counted=True) if name in _LIKE_ONE:
                return owner.without_none().running() if name == "sum" else owner
            case Code() if self._models(owner, name):
                return self._of_model(Record.of(Made(owner.path, owner.name)), name, node)
            case None:
                return self._of_unknown(name, node)
            case _:
                return NotImplemented

    def queried(self, node: ast.Call, name: str, given: Sequence[Value]) -> object:
        """`select(...)`, `session.execute(query)`, `session.get(Model, key)`; NotImplemented for any other call of a library."""
        first = given[0] if given else None
        if isinstance(first, Query):
            return first if name in _BEGINNING else self._taken(first, name)
        if name in _BEGINNING:
            return self._selected(node, given)
        if isinstance(first, Code) and name in _ROW and self._models(first, name):
            return Record.of(Made(first.path, first.name))
        return NotImplemented

    def kept(self, node: ast.Call, name: str) -> object:
        """`func.sum(...)`, `Sum("column")`; NotImplemented for any other call."""
        if not node.args or not self._keeps(node, name):
            return NotImplemented
        held, *_ = (self.value(argument) for argument in node.args)
        if name == "F" and self._asked_row is None and isinstance(held, Word):
            return number(0)  # the column as it was: what it held before was counted where it was put there
        held = self._column(held)
        return _running(held) if name.lower() in {"sum", "total"} else held

    # Who is asked

    def _models(self, owner: Code, name: str) -> bool:
        """Whether a class may be a library's model: it has bases, and no such method of its own."""
        cls = self.flow.program.class_of(owner)
        return cls is not None and bool(cls.bases) and self.flow.program.method(owner, name) is None

    def _of_model(self, row: Record, name: str, node: ast.Call) -> object:
        if name in _WRITING | _CHANGING | _ROW | _ASKING:
            return self._of_query(Query(row), name, node)
        return NotImplemented

    def _of_unknown(self, name: str, node: ast.Call) -> object:
        first = node.args[0] if node.args else None
        if name in _TABLES and isinstance(first, ast.Constant) and isinstance(first.value, str):
            return Query(Record.of(Made(f"sql:{first.value.lower()}", "")))
        if name in _DOCUMENTS or (name in {"find", "aggregate"} and isinstance(first, ast.Dict | ast.List)):
            assert isinstance(node.func, ast.Attribute)
            return self._of_query(Query(Record.of(Made(f"doc:{self._called(node.func.value)}", ""))), name, node)
        if name in _COUNTING and len(node.args) > 1:
            held = [self.value(argument) for argument in node.args]
            key = held[1].text if isinstance(held[1], Word) else None
            if name == "hget" and key is not None:
                return self.flow.entry(key)
            if key is not None and len(held) > 2:
                self.flow.set_entry(key, _running(held[2]))
            return None
        return NotImplemented

    def _called(self, node: ast.expr) -> str:
        """The name that a collection goes by."""
        match node:
            case ast.Subscript(slice=ast.Constant(value=str() as name)) | ast.Name(id=name) | ast.Attribute(attr=name):
                return name
            case _:
                return ""

    # Queries

    def _of_query(self, owner: Query, name: str, node: ast.Call) -> Value:
        around, self._asked_row = self._asked_row, owner.row
        try:
            given = [self.value(argument) for argument in node.args]
            named = [(keyword.arg or "*", self.value(keyword.value)) for keyword in node.keywords]
        finally:
            self._asked_row = around
        if name in _WRITING | _CHANGING or (name == "values" and named):
            return self._written_to(owner, name, given, named)
        if name == "aggregate":
            return self._aggregated(owner, node, given, named)
        if name in _COLUMNS and any(_counts(held) for held in (*given, *(held for _, held in named))):
            return Query(self._answered(node, given, named, owner.row if name in {"annotate", "add_columns"} else None))
        if name == "values_list" and given:
            return Query(self._answered(node, [self._column(held) for held in given], [], None))
        if name == "sum" and given:
            held = self._named_column(owner.row, given[0])
            return _running(held) if _counts(held) else None
        return self._taken(owner, name)

    def _taken(self, query: Query, name: str) -> Value:
        """What a method takes of a query, or a connection's that is handed one."""
        if name in {"scalar", "scalar_one", "scalar_one_or_none"}:
            held = self.flow.field(query.row, sql.position(0))
            return held if held is not None else query.row
        if name in _NONE_OF_IT:
            return None
        return query.row if name in _ROW or name in {"fetchone", "fetch_one", "first_or_404", "get_or_404"} else query

    def _selected(self, node: ast.Call, given: Sequence[Value]) -> object:
        if len(given) == 1 and isinstance(given[0], Code) and self.flow.program.class_of(given[0]) is not None:
            return Query(Record.of(Made(given[0].path, given[0].name)))
        return Query(self._answered(node, given, [], None)) if any(_counts(held) for held in given) else NotImplemented

    def _answered(
        self, node: ast.Call, given: Sequence[Value], named: Sequence[tuple[str, Value]], wider: Record | None
    ) -> Record:
        """A row of what is asked for, by name and by position; `wider`: beside what another row has."""
        row = self.dictionary(node)
        if wider is not None:
            self.spread(row, wider)
        for position, held in enumerate(given):
            written = node.args[position] if position < len(node.args) else node
            for field in (_name_of(written), sql.position(position)):
                if field:
                    self.flow.set_field(row, field, held)
        for name, held in named:
            self.flow.set_field(row, name, held)
        return row

    def _aggregated(self, owner: Query, node: ast.Call, given: Sequence[Value], named: Sequence[tuple[str, Value]]) -> Value:
        """Django's one row of totals, or the groups of a pipeline."""
        stages = given[0] if given else None
        if not isinstance(stages, Items):
            totals = [
                (f"{_name_of(each)}__{(last_name(each.func) or '').lower()}", held) for each, held in _calls(node.args, given)
            ]
            return self._answered(node, [], [*totals, *named], None)
        row = self.dictionary(node)
        for stage in stages.members:
            group = self.flow.field(stage, "$group") if isinstance(stage, Record) else None
            for name, held in self.flow.fields(group) if isinstance(group, Record) else ():
                summed = self.flow.field(held, "$sum") if isinstance(held, Record) else None
                self.flow.set_field(row, name, _running(self._named_column(owner.row, summed)))
        return Query(row)

    # Columns

    def _keeps(self, node: ast.Call, name: str) -> bool:
        if name.lower() not in _KEEPING:
            return False
        match node.func:
            case ast.Attribute(value=owner):
                return last_name(owner) in _LANGUAGES or (name[0].isupper() and isinstance(owner, ast.Name))
            case _:
                return name[0].isupper()

    def _column(self, held: Value) -> Value:
        return self._named_column(self._asked_row, held) if isinstance(held, Word) and self._asked_row is not None else held

    def _named_column(self, row: Record, held: Value) -> Value:
        """A column by its name; a document's by its path (`$usage.input`)."""
        if not isinstance(held, Word) or held.text is None:
            return held
        found: Value = row
        for name in held.text.removeprefix("$").split("."):
            found = self.flow.field(found, name) if isinstance(found, Record) else None
        return found

    # Writing

    def _written_to(self, owner: Query, name: str, given: Sequence[Value], named: Sequence[tuple[str, Value]]) -> Value:
        for held in given:
            self._put(owner.row, held)
        for key, held in named:
            if key in {"defaults", "Item", "*"}:
                self._put(owner.row, held)
            else:
                self._enter(owner.row, key, held)
        if name == "create":
            return owner.row
        return Items((owner.row, None)) if name in {"get_or_create", "update_or_create"} else owner

    def _put(self, row: Record, held: Value) -> None:
        """Documents and rows, one or several; `{"$inc": {...}}` changes what is there."""
        if isinstance(held, Items):
            self._put(row, any_of(held))
        elif isinstance(held, Record):
            for name, value in self.flow.fields(held):
                if name.startswith("$") and isinstance(value, Record):
                    for inner, change in self.flow.fields(value):
                        self._enter(row, inner, _running(change) if name == "$inc" else change)
                else:
                    self._enter(row, name, value)

    def _enter(self, row: Record, name: str, held: Value) -> None:
        self.flow.set_field(row, name, held)
        if followed(held):
            self.flow.tabled.add(name)


def _counts(held: Value) -> bool:
    return isinstance(held, Amount) and held.counted


def _running(held: Value) -> Value:
    return held.without_none().running() if isinstance(held, Amount) and held.counted else held


def _name_of(node: ast.AST) -> str:
    """The name that a column has in a row."""
    match node:
        case ast.Call(func=ast.Attribute(attr=method), args=[ast.Constant(value=str() as name), *_]) if method in _NAMED:
            return name
        case ast.Call(args=[inner, *_]):
            return _name_of(inner)
        case ast.Constant(value=str() as name):
            return name
        case ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _calls(nodes: Sequence[ast.expr], given: Sequence[Value]) -> Iterator[tuple[ast.Call, Value]]:
    for node, held in zip(nodes, given, strict=True):
        if isinstance(node, ast.Call):
            yield node, held
