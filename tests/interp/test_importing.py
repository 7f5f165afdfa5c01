"""Modules that are imported by a name out of a table, and what is taken apart on the way there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interp.revealing import stated

SNIPPETS = {
    "modules by name": """
        --- shop/__init__.py
        --- shop/plain.py
        WORD = "plain"
        class Writer:
            def __init__(self, name):
                self.text = f"plainly, {name}"
        --- shop/fancy.py
        WORD = "fancy"
        class Writer:
            def __init__(self, name):
                self.text = f"finely, {name}"
        --- program.py
        import importlib, os, sys
        from importlib import import_module
        from werkzeug.utils import import_string
        TABLE = {"plain": "shop.plain.Writer", "fancy": "shop.fancy.Writer"}
        reveal(import_module("shop.plain").WORD)  # revealed: plain
        reveal(importlib.import_module(".plain", "shop").WORD)  # revealed: plain
        reveal(__import__("shop.fancy").fancy.WORD)  # revealed: fancy
        reveal(__import__("shop.fancy", fromlist=["WORD"]).WORD)  # revealed: fancy
        reveal(import_module("os").getenv("X", "of a library"))  # revealed: {$X}
        reveal(import_string("shop.fancy.WORD"))  # revealed: fancy
        reveal(import_string("shop.fancy:Writer")("Ann").text)  # revealed: finely, Ann
        reveal(import_module(sys.argv[1]).WORD)  # revealed: {import_module(sys.argv[1]).WORD}
        reveal(import_module("shop.missing").WORD)  # revealed: {?}
        module, name = TABLE[sys.argv[1]].rsplit(".", 1)
        reveal(module)  # revealed: {shop.plain | shop.fancy}
        reveal(getattr(import_module(module), name)("Bea").text)  # revealed: {plainly,  | finely, }Bea
        def writer(kind):
            path = TABLE.get(kind, kind)
            module, name = path.rsplit(".", 1)
            return getattr(importlib.import_module(module), name)
        reveal(writer("fancy")("Cid").text)  # revealed: finely, Cid
        reveal(writer("shop.plain.Writer")("Dan").text)  # revealed: plainly, Dan
    """,
    "one of several lists": """
        import os
        chosen = os.environ.get("X")
        first, second = ["a", "b"] if chosen else ["c", "d"]
        reveal(first)  # revealed: {a | c}
        reveal(second)  # revealed: {b | d}
        first, second = ["a", "b"] if chosen else os.environ["Y"].split(",")
        reveal(first)  # revealed: {a | {first}}
        (first, second), third = [("a", "b") if chosen else ("c", "d"), "e"]
        reveal(second)  # revealed: {b | d}
        first, *rest = ["a", "b", "c"]
        reveal(rest)  # revealed: ['b', 'c']
        parts = ("a.b" if chosen else "c.d.e").split(".")
        reveal(parts[1])  # revealed: {b | d}
        reveal(("a.b" if chosen else "c.d.e").rpartition(".")[2])  # revealed: {b | e}
    """,
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_revealed(name: str, tmp_path: Path) -> None:
    seen, expected = stated(SNIPPETS[name], tmp_path)
    assert expected
    assert seen == expected
