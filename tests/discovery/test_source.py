from __future__ import annotations

import ast
import codecs
from pathlib import Path

import pytest

from auditor.discovery.model import FileKind, SourceFile
from auditor.discovery.scan import matters
from auditor.discovery.source import Location, Source, UnreadableError, decode, read_python
from auditor.limits import Limits
from auditor.places import Place

FILE = SourceFile("pkg/a.py", Path("a.py"), FileKind.PYTHON)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = 1\n", "x = 1\n"),
        (b"", ""),
        (codecs.BOM_UTF8 + "x = 'é'\n".encode(), "x = 'é'\n"),
        (codecs.BOM_UTF8 + "# coding: utf-8\nx = 'é'\n".encode(), "# coding: utf-8\nx = 'é'\n"),
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n'€'\n".encode("cp1252"), None),
        ("# coding: shift_jis\n'日本'\n".encode("shift_jis"), "# coding: shift_jis\n'日本'\n"),
        (b"\n\n# coding: latin-1\nx = 1\n", "\n\n# coding: latin-1\nx = 1\n"),
        (b"a = 1\r\nb = 2\rc = 3\n", "a = 1\nb = 2\nc = 3\n"),
        (b"# coding = nothing to see in a third line\nx = 1 # coding\n", None),
    ],
)
def test_encodings_are_those_that_python_reads(data: bytes, text: str | None) -> None:
    try:
        tree = ast.dump(ast.parse(data))
    except SyntaxError:
        with pytest.raises(UnreadableError):
            decode(FILE, data)
        return
    source = decode(FILE, data)
    assert ast.dump(ast.parse(source.text)) == tree
    assert text is None or source.text == text


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"x = 1\ny = '\xff'\n", 2, "0xff is not utf-8"),
        (b"# coding: ascii\n\ny = '\xc3'\n", 3, "0xc3 is not ascii"),
        (b"# coding: nonsense\n", 1, "unknown encoding: nonsense"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", 1, "encoding problem"),
        (b"# coding: rot13\nx = 1\n", 1, "rot13"),
        (b"x = 1\r\ny = 2\r\nz = '\0'\n", 3, "null byte"),
        ("x = 1\n".encode("utf-16"), 1, "UTF-16"),
    ],
)
def test_what_python_does_not_read_is_a_problem_with_a_line(data: bytes, line: int, message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(FILE, data)
    problem = caught.value.problem
    assert (problem.path, problem.line) == ("pkg/a.py", line)
    assert message in problem.message


def test_a_file_over_the_limit_is_not_analysed() -> None:
    assert decode(FILE, b"x = 1\n", Limits(file_bytes=6)).text == "x = 1\n"
    with pytest.raises(UnreadableError, match="limit of 5"):
        decode(FILE, b"x = 1\n", Limits(file_bytes=5))


@pytest.mark.parametrize("name", ["missing.py", "."])
def test_what_cannot_be_opened_is_a_problem(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableError, match="cannot be read"):
        read_python(SourceFile(name, tmp_path / name, FileKind.PYTHON))


def test_places_count_characters_from_one() -> None:
    text = "é = 'ü', f(1)\n"
    [call] = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    source = Source("a.py", text)
    assert call.end_lineno is not None
    assert call.end_col_offset is not None
    place = source.place(call.lineno, call.col_offset, call.end_lineno, call.end_col_offset)
    assert place == Place("a.py", 1, 10, 1, 14)
    assert text[place.column - 1 : place.end_column - 1] == "f(1)"


def test_lines_are_pythons_own() -> None:
    source = decode(FILE, "a = '\x0c\u2028\x85'\nb = 2".encode())
    assert source.lines == ("a = '\x0c\u2028\x85'", "b = 2")


def test_a_place_in_a_notebook() -> None:
    source = Source("n.ipynb", "a\nb\n", cells=((7, 1), (20, 2)))
    assert source.locate(2, 4) == Location(20, 4, 2)
    assert source.locate(9, 1) == Location(20, 1, 2)
    assert source.place(1, 0, 2, 1) == Place("n.ipynb", 7, 1, 20, 2, 1)


def test_the_scan_sees_any_needle() -> None:
    assert matters(b"import anthropic", [b"openai", b"anthropic"])
    assert not matters(b"import twilio", [b"openai", b"anthropic"])
    assert not matters(b"anything", [])
