"""What is read from databases lives as long as what it is asked with; connections say nothing about rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.values.lifetime import Cause, Lifetime
from tests.interp.revealing import texts, write

START = """
import os, sqlite3
from sqlalchemy import select
from sqlalchemy.orm import Session
connection = sqlite3.connect(os.environ["DB"])
question = input()
"""
READ = {
    "a row that is asked for": ('connection.execute("SELECT a FROM t WHERE q = ?", (question,)).fetchone()["a"]', Lifetime.CALL),
    "a table": ('connection.execute("SELECT a FROM t").fetchone()["a"]', Lifetime.UNKNOWN),
    "a cursor's last question": (
        "cursor",
        Lifetime.CALL,
        """
cursor = connection.cursor()
cursor.execute("SELECT a FROM t")
cursor.execute("SELECT a FROM t WHERE q = ?", (question,))
cursor = cursor.fetchall()
""",
    ),
    "a cursor that is asked for something else": (
        "cursor",
        Lifetime.UNKNOWN,
        """
cursor = connection.cursor()
cursor.execute("SELECT a FROM t WHERE q = ?", (question,))
cursor.execute("SELECT a FROM t")
cursor = cursor.fetchall()
""",
    ),
    "a document that is looked up": (
        'pymongo.MongoClient()["db"]["t"].find_one({"q": question})["a"]',
        Lifetime.CALL,
        "import pymongo\n",
    ),
    "a query that is built": ("Session().execute(select(t).where(t.a == question)).scalars().all()", Lifetime.CALL),
    "a function that nobody knows": ('fetch(os.environ["URL"])', Lifetime.UNKNOWN, "from elsewhere import fetch\n"),
}


@pytest.mark.parametrize("name", READ)
def test_rows_live_as_long_as_their_question(name: str, tmp_path: Path) -> None:
    expression, lifetime, *before = READ[name]
    write(tmp_path, {"program.py": f"{START}{before[0] if before else ''}reveal({expression})\n"})
    ((_, text),) = texts(tmp_path)
    (hole,) = text.holes()
    assert hole.lifetime is lifetime
    assert (hole.cause is Cause.RETRIEVAL) is (name != "a function that nobody knows")


@pytest.mark.parametrize("column", ["mapped_column(String)", "Column(String, nullable=False)", "models.CharField(max_length=9)"])
def test_what_a_column_holds_is_each_row_s_own(column: str, tmp_path: Path) -> None:
    """The description of a column equals nothing that a row may hold; the row's value may be anything."""
    write(
        tmp_path,
        {
            "program.py": f"""
from django.db import models
from sqlalchemy import Column, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
class Base(DeclarativeBase):
    pass
class Chat(Base):
    kind = {column}
    shared = "all"
reveal("support" if Chat().kind == "support" else "other")
reveal(Chat().shared)
""",
        },
    )
    assert [text.render() for _, text in texts(tmp_path)] == ["{support | other}", "all"]
