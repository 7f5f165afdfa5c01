"""SQL as far as counts go through it: which columns a statement fills with what, and what a query gives back in which order.

Reads the statements that programs write out: INSERT, REPLACE, UPDATE, SELECT and CREATE TABLE of one or a few tables. What is
more than that (a subquery, a window, a dialect's own words) is something unknown, not an error. A parser of whole dialects would
be another dependency, for which columns and sums of columns are too little. Knows no values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.limits import EXPRESSION_DEPTH, SQL_TOKENS

_TOKEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|(?P<text>'(?:[^']|'')*')|(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)"
    r"|(?P<mark>%\((?P<named>\w+)\)s|%s|\?\d*|\$\d+|[:@](?=\w)\w+|\x00\d+\x00)"
    r"|(?P<name>[A-Za-z_]\w*|\"[^\"]*\"|`[^`]*`|\[[^\]]*\])|(?P<sign>::|\|\||<>|[<>!]=|\S)",
    re.DOTALL,
)
_FIRST = re.compile(r"\s*(insert|replace|update|select|create)\b", re.IGNORECASE)
_ENDS = frozenset({"from", "where", "group", "order", "limit", "having", "union", "on", "returning", "set"})
_JOINING = frozenset({"join", "left", "inner", "right", "outer", "cross", "using", "full", "natural"})
_KEEPING = frozenset({"sum", "total", "avg", "max", "min", "coalesce", "ifnull", "nvl", "round", "cast", "abs", "nullif"})
"""Functions that keep a count what it is."""
_RUNNING = frozenset({"sum", "total"})


@dataclass(frozen=True, slots=True)
class Column:
    table: str  # as it is qualified; empty where it is not
    name: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What is filled in: by name, or (`name` is empty) the n-th of what is handed over."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Sign:
    """`left + right`, and so on."""

    sign: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Kept:
    """A function that keeps a count what it is; `running`: it adds up those of several rows."""

    term: Term
    running: bool


Term = Column | Mark | Number | Sign | Kept | None


@dataclass(frozen=True, slots=True)
class Filled:
    """Columns of a table are given values. A column is empty where the statement does not name it: the n-th of the table."""

    table: str
    values: tuple[tuple[str, Term], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query gives back, by the name that it has in a row. A term that is `None` with the name "*" is a whole row.

    `tables`: by the name that they have in the query.
    """

    tables: tuple[tuple[str, str], ...]
    given: tuple[tuple[str, Term], ...]


@dataclass(frozen=True, slots=True)
class Defined:
    """A table and its columns, in order."""

    table: str
    columns: tuple[str, ...]


Statement = Filled | Asked | Defined


def begins(text: str) -> bool:
    """Whether a text looks like a statement."""
    return _FIRST.match(text) is not None


def words(text: str) -> frozenset[str]:
    """The names that a statement is written with; none of any other text."""
    return frozenset(re.findall(r"[a-z_]\w*", text.lower())) if begins(text) else frozenset()


def position(index: int) -> str:
    """The name of a row's field by its position."""
    return f"#{index}"


def statement(text: str) -> Statement | None:
    """The statement that a text holds; None where it holds none that is understood."""
    first = _FIRST.match(text)
    if first is None:
        return None
    tokens = list(_tokens(text))
    reader = _Reader(tokens)
    try:
        match first[1].lower():
            case "insert" | "replace":
                return reader.insert()
            case "update":
                return reader.update()
            case "create":
                return reader.create()
            case _:
                return reader.select()
    except IndexError:
        return None  # the statement ends where more was expected


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for count, found in enumerate(_TOKEN.finditer(text)):
        if count >= SQL_TOKENS:
            return
        kind = next((name for name in ("text", "number", "mark", "name", "sign") if found[name] is not None), "")
        if kind:
            yield kind, found[kind].strip('"`[]') if kind == "name" else found[kind]


class _Reader:
    """One pass over the tokens. Ends with an IndexError where they do, or where brackets nest too deeply."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._marks = self._depth = 0

    # Words

    def _is(self, *words: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at][1].lower() in words

    def _skip(self, *words: str) -> bool:
        found = self._is(*words)
        self._at += found
        return found

    def _name(self) -> str:
        """A name without what qualifies it."""
        kind, name = self._tokens[self._at]
        self._at += 1
        if kind != "name" and not (kind == "mark" and self._is(".")):  # a schema may be filled in
            raise IndexError
        return self._name() if self._skip(".") else name.lower()

    def _to(self, *words: str) -> None:
        """Goes on behind the next of these words on this level of brackets."""
        depth = 0
        while depth or not self._is(*words):
            word = self._tokens[self._at][1]
            depth += (word == "(") - (word == ")")
            self._at += 1
        self._at += 1

    # Statements

    def insert(self) -> Filled | None:
        self._to("into")
        table = self._name()
        columns: list[str] = []
        if self._skip("("):
            columns = [self._name()]
            while self._skip(","):
                columns.append(self._name())
            if not self._skip(")"):
                return None
        if not self._skip("values", "value"):
            return None
        rows = [self._values(columns)]
        while self._skip(","):
            rows.append(self._values(columns))
        return Filled(table, tuple(pair for row in rows for pair in row))

    def _values(self, columns: Sequence[str]) -> list[tuple[str, Term]]:
        """One row in brackets."""
        if not self._skip("("):
            raise IndexError
        values = [self._sum()]
        while self._skip(","):
            values.append(self._sum())
        if not self._skip(")") or (columns and len(columns) != len(values)):
            raise IndexError
        return list(zip(columns or [""] * len(values), values, strict=True))

    def update(self) -> Filled:
        self._at += 1
        table = self._name()
        self._to("set")
        values = [self._assigned()]
        while self._skip(","):
            values.append(self._assigned())
        return Filled(table, tuple(values))

    def _assigned(self) -> tuple[str, Term]:
        column = self._name()
        if not self._skip("="):
            raise IndexError
        return column, self._sum()

    def create(self) -> Defined | None:
        self._at += 1
        self._skip("temp", "temporary")
        if not self._skip("table"):
            return None
        for word in ("if", "not", "exists"):
            self._skip(word)
        table = self._name()
        columns: list[str] = []
        if not self._skip("("):
            return None
        while True:
            columns.append(self._name())
            self._to(",", ")")
            if self._tokens[self._at - 1][1] == ")":
                return Defined(table, tuple(columns))
            if self._is("primary", "foreign", "unique", "check", "constraint"):
                return Defined(table, tuple(columns))

    def select(self) -> Asked | None:
        self._at += 1
        self._skip("distinct", "all")
        given = [self._given()]
        while self._skip(","):
            given.append(self._given())
        if not self._skip("from"):
            return None
        tables = [self._table()]
        while self._at < len(self._tokens) and not self._is("where", "group", "order", "limit", "union"):
            if self._skip("join", ","):
                tables.append(self._table())
            else:
                self._at += 1
        return Asked(tuple(tables), tuple(given))

    def _given(self) -> tuple[str, Term]:
        if self._skip("*"):
            return "*", None
        term = self._sum()
        named = ""
        if self._skip("as"):
            named = self._name()
        elif not self._is(",", *_ENDS):
            before = self._at
            self._ahead()
            if self._tokens[self._at - 1][0] == "name":
                named = self._tokens[self._at - 1][1].lower()
            term = term if named and self._at == before + 1 else None  # else more than is understood
        return named or (term.name if isinstance(term, Column) else ""), term

    def _ahead(self) -> None:
        """To the end of what one place of a list gives back."""
        depth = 0
        while depth or not self._is(",", ")", *_ENDS):
            word = self._tokens[self._at][1]
            depth += (word == "(") - (word == ")")
            self._at += 1

    def _table(self) -> tuple[str, str]:
        table = self._name()
        self._skip("as")
        kind = self._tokens[self._at][0] if self._at < len(self._tokens) else ""
        if kind == "name" and not self._is(*_ENDS, *_JOINING):
            return self._name(), table
        return table, table

    # Terms

    def _sum(self) -> Term:
        self._depth += 1
        if self._depth > EXPRESSION_DEPTH:
            raise IndexError
        found = self._product()
        while self._is("+", "-"):
            self._at += 1
            found = Sign(self._tokens[self._at - 1][1], found, self._product())
        self._depth -= 1
        return found

    def _product(self) -> Term:
        found = self._cast()
        while self._is("*", "/"):
            self._at += 1
            found = Sign(self._tokens[self._at - 1][1], found, self._cast())
        return found

    def _cast(self) -> Term:
        """`term::type`"""
        found = self._one()
        while self._skip("::"):
            self._name()
        return found

    def _one(self) -> Term:
        kind, word = self._tokens[self._at]
        self._at += 1
        match kind:
            case "number":
                return Number(float(word))
            case "mark":
                return self._mark(word)
            case "name" if self._is("("):
                return self._function(word.lower())
            case "name" if self._skip("."):
                return Column(word.lower(), self._name())
            case "name":
                return Column("", word.lower())
            case "sign" if word == "(" and not self._is("select"):
                inner = self._sum()
                self._to(")")
                return inner
            case "sign" if word == "(":
                self._to(")")
                return None
            case _:
                return None

    def _mark(self, word: str) -> Mark:
        if word.startswith("%("):
            return Mark(word[2:-2], 0)
        if word.startswith((":", "@")):
            return Mark(word[1:], 0)
        if word.startswith("\x00"):
            return Mark(word, 0)
        if word[1:].isdigit():
            return Mark("", int(word[1:]) - 1)
        self._marks += 1
        return Mark("", self._marks - 1)

    def _function(self, name: str) -> Term:
        """`name(first, ...)`: the first argument is what it keeps."""
        self._at += 1
        if name not in _KEEPING:
            self._to(")")
            return None
        inner = self._sum()
        self._to(")")
        return Kept(inner, name in _RUNNING)
