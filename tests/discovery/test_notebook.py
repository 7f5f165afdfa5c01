from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from auditor.discovery.model import FileKind, SourceFile
from auditor.discovery.notebook import code_of, python_of, read_notebook
from auditor.discovery.source import Source, UnreadableError, read_python
from auditor.limits import Limits


def code(*source: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": list(source)} | more


def notebook(*cells: dict[str, Any], language: str = "python") -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {"kernelspec": {"language": language}}, "nbformat": 4, "nbformat_minor": 5}


def read(tmp_path: Path, document: object, limits: Limits | None = None, indent: int | None = 1) -> Source:
    path = tmp_path / "n.ipynb"
    path.write_text(document if isinstance(document, str) else json.dumps(document, indent=indent), "utf-8")
    return read_python(SourceFile("n.ipynb", path, FileKind.NOTEBOOK), limits or Limits())


def test_a_line_is_found_at_its_own_string_in_the_file(tmp_path: Path) -> None:
    markdown = {"cell_type": "markdown", "metadata": {}, "source": ["# title\n", "import nothing"]}
    source = read(tmp_path, notebook(code("import anthropic\n", "\n", "x = 1"), markdown, code("y = '''é\n", "'''")))
    assert source.text == "import anthropic\n\nx = 1\ny = '''é\n'''\n"
    file_lines = (tmp_path / "n.ipynb").read_text("utf-8").split("\n")
    expected = [("import anthropic", 1), ("", 1), ("x = 1", 1), ("y = '''é", 2), ("'''", 2)]
    for number, (text, cell) in enumerate(expected, start=1):
        location = source.locate(number, 3)
        written = json.loads(file_lines[location.line - 1].strip().rstrip(","))
        assert written.rstrip("\n") == text
        assert (location.column, location.cell) == (3, cell)


def test_a_source_of_one_string_stands_on_one_line(tmp_path: Path) -> None:
    source = read(tmp_path, notebook(code(source="a = 1\nb = 2\n")))
    assert source.text == "a = 1\nb = 2\n"
    lines = (tmp_path / "n.ipynb").read_text().split("\n")
    assert {source.locate(1), source.locate(2)} == {source.locate(1)}
    assert "a = 1" in lines[source.locate(2).line - 1]


def test_strings_that_split_or_join_lines_are_put_together(tmp_path: Path) -> None:
    source = read(tmp_path, notebook(code("a = ", "1\nb", " = 2\n", "", "c = 3\r\n")))
    assert source.text == "a = 1\nb = 2\nc = 3\n"


def test_version_3_has_worksheets_and_input(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "input": ["x = 1\n", "y = 2"], "language": "python", "outputs": []}
    source = read(tmp_path, {"metadata": {"name": ""}, "nbformat": 3, "worksheets": [{"cells": [cell]}]})
    assert source.text == "x = 1\ny = 2\n"
    assert source.locate(2).cell == 1


def test_everything_on_one_line(tmp_path: Path) -> None:
    source = read(tmp_path, notebook(code("x = 1\n", "y = 2")), indent=None)
    assert [source.locate(n).line for n in (1, 2)] == [1, 1]


@pytest.mark.parametrize("language", ["julia", "R"])
def test_other_languages_have_no_python(tmp_path: Path, language: str) -> None:
    source = read(tmp_path, notebook(code("x <- 1"), language=language))
    assert source.text == ""
    assert source.problems == ()


def test_a_cell_of_another_language_is_left_out_but_counted(tmp_path: Path) -> None:
    sql = code("SELECT 1", metadata={"vscode": {"languageId": "sql"}})
    source = read(tmp_path, notebook(sql, code("x = 1")))
    assert source.text == "x = 1\n"
    assert source.locate(1).cell == 2


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install anthropic\nx = 1", "pass\nx = 1"),
        ("if x:\n    !ls 'it\n    y = 2", "if x:\n    pass\n    y = 2"),
        ("client?\nx = 1", "pass\nx = 1"),
        ("?client", "pass"),
        ("files = !ls *.md\ny = files", "files = get_ipython()\ny = files"),
        ("a = %env HOME", "a = get_ipython()"),
        ("%time r = client.go(1)", "pass ;r = client.go(1)"),
        ("%timeit -n 10 -r 3 go()", "pass" + 14 * " " + ";go()"),
        ("%%time\nr = go()", "\nr = go()"),
        ("\n%%capture out\nr = go()", "\n\nr = go()"),
        ("%%bash\necho 'it\nls", "\n\n"),
        ("%%writefile app.py\nimport anthropic", "\n"),
        ("!curl a \\\n  -d b \\\n  c\nx = 1", "pass\n\n\nx = 1"),
        ("x = (a\n% b)\n%ls\n", "x = (a\n% b)\npass\n"),
        ("t = '''\n%not magic\n!nor this\n'''\n", "t = '''\n%not magic\n!nor this\n'''\n"),
        ("await client.go()", "await client.go()"),
        ("x = '\\d'", "x = '\\d'"),
        ("", ""),
    ],
)
def test_what_is_not_python_becomes_harmless_in_its_place(cell: str, expected: str) -> None:
    lines, error = python_of(cell.split("\n"))
    assert error is None
    assert "\n".join(lines) == expected


def test_columns_stay_where_a_magic_ran_code() -> None:
    cell = "%time r = client.go(1)"
    lines, _ = python_of([cell])
    assert lines[0].index("client") == cell.index("client")


def test_a_broken_cell_is_left_out_and_told(tmp_path: Path) -> None:
    source = read(tmp_path, notebook(code("x = 1"), code("def f(:\n", "  pass"), code("y = 2")))
    assert source.text == "x = 1\n\n\ny = 2\n"
    ast.parse(source.text)
    [problem] = source.problems
    assert "cell 2" in problem.message
    assert "def f(:" in (tmp_path / "n.ipynb").read_text().split("\n")[problem.line - 1]


@pytest.mark.parametrize(
    ("document", "line", "message"),
    [
        ('{"cells": [\n{]}', 2, "not valid JSON"),
        ("[]", 0, "no cells"),
        ('{"a": 1}', 0, "no cells"),
        ("", 1, "not valid JSON"),
        ("[" * 200_000, 0, "nested too deeply"),
    ],
)
def test_what_is_no_notebook_is_a_problem(tmp_path: Path, document: str, line: int, message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(tmp_path, document)
    assert caught.value.problem.line == line
    assert message in caught.value.problem.message


def test_limits_count_code_and_file_apart(tmp_path: Path) -> None:
    output = {"output_type": "display_data", "data": {"image/png": "A" * 5000}}
    document = notebook(code("x = 1", outputs=[output]))
    assert read(tmp_path, document, Limits(file_bytes=100)).text == "x = 1\n"
    with pytest.raises(UnreadableError, match="limit"):
        read(tmp_path, document, Limits(notebook_bytes=1000))
    with pytest.raises(UnreadableError, match="limit"):
        read(tmp_path, notebook(code("x = 1\n" * 50)), Limits(file_bytes=100))


@pytest.mark.parametrize("cells", ["x", [1, None], [{"cell_type": "code"}], [{"cell_type": "code", "source": [1, None]}]])
def test_odd_shapes_are_read_as_nothing(cells: object) -> None:
    assert read_notebook(json.dumps({"cells": cells})).code == ""


def test_the_code_that_names_are_looked_for_in() -> None:
    cells = [
        {"cell_type": "code", "source": ["import a\n", "a.first('é')"], "outputs": [{"text": "second"}]},
        {"cell_type": "markdown", "source": "third"},
        {"cell_type": "code", "source": "fourth()", "outputs": []},
    ]
    data = json.dumps({"cells": cells}).encode()
    found = code_of(data)
    assert b"a.first('\xc3\xa9')" in found
    assert b"fourth()" in found
    assert b"second" not in found
    assert b"third" not in found
    for other in (b"[1, 2]", b'{"cells": 1}x', b"", b"\xff"):
        assert code_of(other) == other
