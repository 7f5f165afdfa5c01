"""SQL as far as counts go through it."""

from __future__ import annotations

import pytest

from auditor.accounting.sql import Asked, Column, Defined, Filled, Kept, Mark, Number, Sign, Statement, Term, statement


def column(name: str, table: str = "") -> Column:
    return Column(table, name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INSERT INTO spent (model, fresh) VALUES (?, ?)", Filled("spent", (("model", Mark("", 0)), ("fresh", Mark("", 1))))),
        (
            "insert or replace into \"Spent\" (`a`, [b], c) values (%s, datetime('now'), %s)",
            Filled("spent", (("a", Mark("", 0)), ("b", None), ("c", Mark("", 1)))),
        ),
        ("INSERT INTO app.spent (a, b) VALUES ($2, $1)", Filled("spent", (("a", Mark("", 1)), ("b", Mark("", 0))))),
        ("INSERT INTO spent (a, b) VALUES (:x, %(y)s) -- now", Filled("spent", (("a", Mark("x", 0)), ("b", Mark("y", 0))))),
        (
            "INSERT INTO \x000\x00.spent (a, b) VALUES ($1, 0), ($1, $2::int)",
            Filled("spent", (("a", Mark("", 0)), ("b", Number(0)), ("a", Mark("", 0)), ("b", Mark("", 1)))),
        ),
        ("INSERT INTO spent VALUES (?, 1)", Filled("spent", (("", Mark("", 0)), ("", Number(1))))),
        ("UPDATE spent SET a = a + ? WHERE day = ?", Filled("spent", (("a", Sign("+", column("a"), Mark("", 0))),))),
        (
            "CREATE TABLE IF NOT EXISTS spent (id INTEGER PRIMARY KEY, a DECIMAL(9, 2) DEFAULT 0, PRIMARY KEY (id))",
            Defined("spent", ("id", "a")),
        ),
    ],
)
def test_what_is_filled(text: str, expected: Statement) -> None:
    assert statement(text) == expected


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("SELECT a, b AS c FROM spent", (("a", column("a")), ("c", column("b")))),
        ("select distinct s.a from spent as s where s.b = 1", (("a", column("a", "s")),)),
        ("SELECT * FROM spent ORDER BY a", (("*", None),)),
        ("SELECT COALESCE(SUM(a), 0) AS t, COUNT(*) n FROM spent", (("t", Kept(Kept(column("a"), True), False)), ("n", None))),
        ("SELECT SUM(a) total, b FROM spent s", (("total", Kept(column("a"), True)), ("b", column("b")))),
        ("SELECT SUM(a + b) / 2 FROM spent", (("", Sign("/", Kept(Sign("+", column("a"), column("b")), True), Number(2))),)),
        ("SELECT CASE WHEN a > 1 THEN b ELSE 0 END AS c, d FROM spent", (("c", None), ("d", column("d")))),
        ("SELECT (SELECT max(a) FROM x) AS m, b FROM spent", (("m", None), ("b", column("b")))),
    ],
)
def test_what_is_given_back(text: str, given: tuple[tuple[str, Term], ...]) -> None:
    found = statement(text)
    assert isinstance(found, Asked)
    assert found.given == given
    assert {table for _, table in found.tables} == {"spent"}


def test_joined_tables_go_by_their_short_names() -> None:
    found = statement("SELECT u.a, m.b FROM usage u LEFT JOIN models AS m ON u.id = m.id WHERE 1")
    assert isinstance(found, Asked)
    assert dict(found.tables) == {"u": "usage", "m": "models"}


@pytest.mark.parametrize(
    "text",
    [
        "Select the best answer and say why.",
        "Update: nothing is new",
        "INSERT INTO t (a, b) SELECT a, b FROM u",
        "INSERT INTO t (a, b) VALUES (?",
        "CREATE INDEX i ON t (a)",
        "SELECT 1",
        "SELECT " + "(" * 2000,
        "",
    ],
)
def test_what_is_not_understood_is_nothing(text: str) -> None:
    assert statement(text) is None
