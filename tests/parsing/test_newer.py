"""Syntax of newer Pythons is read by every Python that runs us, with each name where it stands in the text."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import ipaddress
import warnings
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor import parsing
from auditor.parsing import newer

NEWER = [
    # newer, and the same in syntax of 3.11
    ('f"{d["a"]}"', "f'{d[\"a\"]}'"),
    ("f'{d['a']!r:>{w['b']}}'", "f\"{d['a']!r:>{w['b']}}\""),
    ('f"{"\\n".join(x)}"', "f'''{\"\"\"\n\"\"\".join(x)}'''"),
    ('"a" f"{d["a"]}" "b"', "f'a{d[\"a\"]}b'"),
    ('x = ("é" f"é{d["ü"]}\\té" \\\n "}}")', "x = f'éé{d[\"ü\"]}\\té}}}}'"),
    ('f"{f"{f"{1}"}"}"', "f\"\"\"{f'''{f'{1}'}'''}\"\"\""),
    ('f"{\n  a,  # with "quotes"\n  b\n}" + c', 'f"{(a,b)}" + c'),
    ('f"""{d["""a"""]}\n"""', "f'{d[\"a\"]}\\n'"),
    ('f"{d["a"]=}"', "'d[\"a\"]=' f'{d[\"a\"]!r}'"),
    ('rf"\\d{d["a"]}{{2}}"', "f'\\\\d{d[\"a\"]}{{2}}'"),
    ('f"\\N{DASH}{d["a"]}\\""'.replace("DASH", "EM DASH"), 'f\'\\u2014{d["a"]}"\''),
    ('f"{a == b["c"]} {a := 1} {a!=b["c"]}"', 'f\'{a == b["c"]} {a:= 1} {a!=b["c"]}\''),
    ("def f[T: (int, str) = int](a: T) -> T: return a", "def f(a: T) -> T: return a"),
    ("class Box[\n  T,\n  *Ts](Base): pass", "class Box(Base): pass"),
    ("type Names = list[str]", "Names = list[str]"),
    ("if x:\n  type Pair[A, B] = tuple[A, B]; y = 1", "if x:\n  Pair = tuple[A, B]; y = 1"),
    ("try: pass\nexcept A, B.c: pass", "try: pass\nexcept (A, B.c): pass"),
    ("try: pass\nexcept* A, B:\n  pass", "try: pass\nexcept* (A, B):\n  pass"),
    ("lazy import a.b as c\nlazy from d import e", "import a.b as c\nfrom d import e"),
]


def dump(tree: ast.Module) -> str:
    """The tree without the empty text that some Pythons put behind a nested format specification."""
    return ast.dump(tree).replace(", Constant(value='')]", "]")


def rewritten(text: str) -> ast.Module:
    """The tree by our own rewriting, whatever Python runs."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setattr(newer, "is_known", lambda string: False)
        tree = newer.parse(text, "test.py")
    assert isinstance(tree, ast.Module), tree
    return tree


@pytest.mark.parametrize(("text", "older"), NEWER)
def test_newer_syntax_means_what_its_older_form_means(text: str, older: str) -> None:
    assert dump(rewritten(text)) == dump(ast.parse(older))


@pytest.mark.parametrize("text", [text for text, _ in NEWER])
def test_every_python_parses_it(text: str) -> None:
    assert parsing.parse(text).body


@pytest.mark.parametrize("module", [argparse, dataclasses, inspect, ipaddress, newer])
def test_f_strings_are_read_as_python_reads_them(module: ModuleType) -> None:
    text = inspect.getsource(module)
    native = dump(ast.parse(text))
    assert "JoinedStr" in native
    assert dump(rewritten(text)) == native


@pytest.mark.parametrize(
    "text",
    [
        'def über(é):\n    return f"ü {é["a"]} {é}" f"{\n  über(é)}", über\n',
        'x = [f"{a["b"]}", b, f"""\n{c["d"]} {d:{e["f"]}}""", f]\n',
        'class A[T](B[C]): x: D = f"{E["f"]}" \\\n  + F',
        'a = f"{b[f"{c["d"]} {d}"]}", e',
    ],
)
def test_names_stay_where_they_stand(text: str) -> None:
    lines = text.encode().split(b"\n")
    names = [node for node in ast.walk(rewritten(text)) if isinstance(node, ast.Name)]
    assert len(names) > 3
    for name in names:
        line = lines[name.lineno - 1]
        assert line[name.col_offset : name.end_col_offset].decode() == name.id


def test_a_field_may_end_in_a_comment() -> None:
    tree = rewritten('x = f"{a + b["c"] = # why\n}"')
    assert "{a + b['c']!r}" in ast.unparse(tree)


def test_a_template_string_is_no_text() -> None:
    tree = rewritten('x = t"{a} b"')
    assert [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)] == ["x", newer.TEMPLATE]


@pytest.mark.parametrize(
    "text",
    [
        'f"{d["a"]',
        "f'{'",
        'f"{a!}"',
        'f"}"',
        'f"{}"',
        "'",
        "f'''",
        "def f[T",
        "type X",
        "except A, B",
        "lazy x",
        'f"{a["b"]} {1 +}"',
    ],
)
def test_what_no_python_reads_stays_an_error(text: str) -> None:
    with pytest.raises(SyntaxError):
        parsing.parse(text)


def test_an_error_behind_newer_syntax_is_told_where_it_is() -> None:
    with pytest.raises(SyntaxError) as caught:
        parsing.parse('type A = int\ntype B = f"{a["b"]}"\nc = = 1\n')
    assert caught.value.lineno == 3


@pytest.mark.parametrize(
    "text",
    [
        'f"{d["a"]}"; ' + "(" * 100_000 + ")" * 100_000,
        'f"{d["a"]}"; x = ' + "-" * 100_000 + "1",
        'f"{' * 200 + "1" + '}"' * 200,
        'f"{d["a"]}"; ' + 'f"{' * 20_000,
        'f"{1:' * 5_000,
        "f'{" + "{1:" * 5_000,
        "def f[" * 20_000,
        "except " * 20_000 + "\n" + "except;" * 20_000,
        "type X[" * 20_000,
        "lazy import " * 20_000,
    ],
    ids=range(10),
)
def test_odd_text_ends_in_an_error(text: str) -> None:
    with pytest.raises((SyntaxError, RecursionError, MemoryError)):
        parsing.parse(text)


@given(st.text(alphabet="f\"'{}[]():!=\\\n ,*atN", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = parsing.parse('type X = int\nf"{d["a"]}"\n' + text)
        except SyntaxError:
            return
        assert tree.body


def test_a_file_of_newer_syntax_is_audited(tmp_path: Path) -> None:
    from auditor.discovery.model import FileKind, SourceFile
    from auditor.discovery.source import read_python
    from auditor.project import syntax

    path = tmp_path / "newer.py"
    path.write_text('def ask[T](client: T, d):\n    return client.send(f"{d["a"]}", 1)\n')
    module = syntax.parse("newer.py", read_python(SourceFile("newer.py", path, FileKind.PYTHON)))
    assert list(module.functions) == ["ask"]
    call, _ = module.calls[0]
    assert module.place(call).line == 2
    assert (module.place(call).column, module.place(call).end_column) == (12, 39)
