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


EVENT = """
import json, sqlite3, pymongo, supabase
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
class Base(DeclarativeBase):
    pass
class Company(Base):
    number: Mapped[str] = mapped_column(primary_key=True)
class Article(Base):
    number: Mapped[str] = mapped_column(primary_key=True)
sb = supabase.create_client("u", "k")
db = sqlite3.connect("desk.db")
mongo = pymongo.MongoClient()["db"]
def handler(event, context):
    given = event["number"]
    reveal(ASKED)
handler(input(), None)
"""


@pytest.mark.parametrize(
    ("asked", "lifetime"),
    [
        ('sb.table("tenants").select("*").eq("number", given).limit(1).execute().data[0]["a"]', Lifetime.USER),
        ('sb.table("articles").select("*").eq("number", given).limit(1).execute().data[0]["a"]', Lifetime.CALL),
        ('sb.table("articles").select("*").eq("tenant_id", given).execute().data[0]["a"]', Lifetime.USER),
        ('sb.table("tenants").select("*").ilike("name", given).execute().data[0]["a"]', Lifetime.CALL),
        ('db.execute("SELECT a FROM companies WHERE number = ?", (given,)).fetchone()["a"]', Lifetime.USER),
        ('db.execute("SELECT a FROM companies WHERE name LIKE ?", (given,)).fetchone()["a"]', Lifetime.CALL),
        ('db.execute("SELECT a FROM posts WHERE org_id = ? AND day = ?", (given, 1)).fetchone()["a"]', Lifetime.USER),
        ('db.execute("SELECT a FROM posts WHERE day = ? AND org_id = ?", (given, 1)).fetchone()["a"]', Lifetime.CALL),
        ('mongo["t"].find_one({"tenant_id": given})["a"]', Lifetime.USER),
        ('mongo["t"].find_one({"tenant_id": {"$regex": given}})["a"]', Lifetime.CALL),
        ("Session().get(Company, given).a", Lifetime.USER),
        ("Session().get(Article, given).a", Lifetime.CALL),
        ("Session().query(Article).filter(Article.tenant_id == given).first().a", Lifetime.USER),
        ("Session().query(Article).filter(Article.title == given).first().a", Lifetime.CALL),
        ("Session().query(Article).filter(Article.phone == (given[1:] if given[0] in '+0' else given)).first().a", Lifetime.USER),
        ("Session().query(Article).filter(Article.size > given).first().a", Lifetime.CALL),
        ("Session().scalars(select(Article).where(Article.phone == given)).first().a", Lifetime.USER),
    ],
)
def test_a_column_or_a_table_says_whose_a_row_is(asked: str, lifetime: Lifetime, tmp_path: Path) -> None:
    """One row that is picked by who asks stays for all that this one asks; what is searched for does not."""
    write(tmp_path, {"program.py": EVENT.replace("ASKED", asked)})
    ((_, text),) = texts(tmp_path)
    assert {hole.lifetime for hole in text.holes()} == {lifetime}


KEYS = {
    "a part that may not be there": ('(event.get("extra", {}) or {}).get("restaurant_id")', Lifetime.USER),
    "one of two keys": ('event.get("restaurant_id") or "demo"', Lifetime.USER),
    "a key that says nothing of whose it is": ('(event.get("extra", {}) or {}).get("place_code")', Lifetime.CALL),
}


@pytest.mark.parametrize("name", KEYS)
def test_a_key_out_of_parts_that_may_be_missing(name: str, tmp_path: Path) -> None:
    key, lifetime = KEYS[name]
    program = EVENT.replace("ASKED", 'mongo["restaurants"].find_one({"_id": key})["name"]')
    write(
        tmp_path, {"program.py": program.replace('given = event["number"]', f"key = {key}").replace("event, context", "event, _")}
    )
    ((_, text),) = texts(tmp_path)
    assert max(hole.lifetime for hole in text.holes()) is lifetime


BELONGING = {
    "the tenant that rows are given with": ('job.get("companies") or {}', Lifetime.USER),
    "a tenant's column": ('job["tenant"]', Lifetime.USER),
    "others that rows are given with": ('job.get("leads") or {}', Lifetime.CALL),
}


@pytest.mark.parametrize("name", BELONGING)
def test_whose_a_row_is_among_rows(name: str, tmp_path: Path) -> None:
    part, lifetime = BELONGING[name]
    rows = 'sb.table("jobs").select("*, companies(*)").lte("due", datetime.now().isoformat()).execute().data or []'
    body = f"    for job in {rows}:\n        reveal(({part})['name'])\n"
    head = EVENT[: EVENT.index("def handler")]
    write(tmp_path, {"program.py": f"from datetime import datetime\n{head}def due():\n{body}due()\n"})
    ((_, text),) = texts(tmp_path)
    assert max(hole.lifetime for hole in text.holes()) is lifetime


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


ROW = """
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
class Base(DeclarativeBase):
    pass
class Lead(Base):
    phone: Mapped[str] = mapped_column(primary_key=True)
    handled: Mapped[bool] = mapped_column(default=False)
sessions = async_sessionmaker(create_async_engine("sqlite://"))
async def find(phone):
    async with sessions() as session:
        found = await session.execute(select(Lead).where(Lead.phone == phone))
        return found.scalar_one_or_none()
async def look(phone):
    lead = await find(phone)
    {test}
        return "left"
    return "went on"
reveal(await look("1"))
reveal("connected" if sessions else "not")
"""


@pytest.mark.parametrize(
    "test",
    ["if lead:", "if not lead:", "if lead is None:", "if lead is not None:", "if lead and lead.handled:", "if lead.handled:"],
)
def test_whether_there_is_such_a_row_is_open(test: str, tmp_path: Path) -> None:
    """A function that ends for some rows goes on for others; what makes connections is there."""
    write(tmp_path, {"program.py": ROW.replace("{test}", test)})
    found = [text.render() for _, text in texts(tmp_path)]
    assert found[0] in {"{left | went on}", "{went on | left}"}
    assert found[1] == "connected"


@pytest.mark.parametrize("default", ["{}", "[]", '{"kind": 1}', '"none"'])
def test_settings_asked_twice_with_a_default_answer_alike(default: str, tmp_path: Path) -> None:
    """The default is a new mapping each time, and says the same."""
    write(
        tmp_path,
        {
            "program.py": f"""
import json, os
def settings():
    with open(os.environ["SETTINGS"]) as file:
        return json.load(file)
for _ in range(2):
    reveal(settings().get("parts", {default}))
""",
        },
    )
    (_, first), (_, second) = texts(tmp_path)
    assert [hole.identity for hole in first.holes()] == [hole.identity for hole in second.holes()]


def test_settings_asked_with_another_default_may_answer_otherwise(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "program.py": """
import json, os
for default in ("a", "b"):
    reveal(json.load(open(os.environ["SETTINGS"])).get("parts", {"kind": default}))
""",
        },
    )
    (_, first), (_, second) = texts(tmp_path)
    assert [hole.identity for hole in first.holes()] != [hole.identity for hole in second.holes()]
