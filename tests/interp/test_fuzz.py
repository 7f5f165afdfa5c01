"""Generated programs: evaluating them never raises and always ends, and what is reported depends on nothing but their text."""

from __future__ import annotations

import json
import random
import tempfile
from contextlib import chdir
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.cli.main import run
from auditor.discovery.files import discover
from auditor.limits import Limits
from auditor.llm.resolve import resolve

NAMES = ("a", "b", "c", "self", "xs", "d")
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
LIMITS = Limits(steps=4_000, site_steps=12_000)
END = (
    'client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=f"{a}{b}", tools=[{"name": "t", "description": c}],'
    ' messages=[{"role": "user", "content": xs}, {"role": "user", "content": str(d)}])'
)

FUNCTIONS = (
    *(
        "str",
        "repr",
        "len",
        "list",
        "dict",
        "sorted",
        "set",
        "tuple",
        "reversed",
        "enumerate",
        "int",
        "sum",
        "max",
        "zip",
        "range",
    ),
    *("iter", "next", "f", "g", "C", "unknown", "json.dumps", "datetime.now", "uuid.uuid4", "random.choice", "os.getenv"),
    "copy.deepcopy",
)
METHODS = (
    *("append", "extend", "pop", "insert", "update", "get", "items", "keys", "setdefault", "clear", "remove", "sort", "index"),
    *(
        "join",
        "format",
        "strip",
        "split",
        "replace",
        "upper",
        "encode",
        "startswith",
        "__str__",
        "copy",
        "add",
        "create",
        "method",
    ),
)

names = st.sampled_from(NAMES)
literals = st.sampled_from(
    (
        "1",
        "0",
        "-3",
        "None",
        "True",
        "''",
        "'x'",
        "'{} {a} {0}'",
        "'%s %d %(a)s'",
        "b'y'",
        "1.5",
        "[]",
        "{}",
        "()",
        "set()",
        "...",
    )
)


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    functions, methods = st.sampled_from(FUNCTIONS), st.sampled_from(METHODS)
    arguments = st.lists(inner, max_size=3).map(", ".join)
    return st.one_of(
        st.tuples(functions, arguments).map(lambda part: f"{part[0]}({part[1]})"),
        st.tuples(inner, methods, arguments).map(lambda part: f"({part[0]}).{part[1]}({part[2]})"),
        st.tuples(functions, inner, inner).map(lambda part: f"{part[0]}(*{part[1]}, **{part[2]})"),
    )


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(("+", "-", "*", "%", "/", "|", "**", "and", "or", "==", "<", "in", "is", "not in", "<<"))
    pairs = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda part: f"({part[0]} {part[1]} {part[2]})"),
        _calls(inner),
        st.lists(inner, max_size=4).map(lambda parts: f"[{', '.join(parts)}]"),
        pairs.map(lambda part: f"{{{part[0]}: {part[1]}, 'k': {part[0]}, **{part[1]}}}"),
        pairs.map(lambda part: f"({part[0]})[{part[1]}]"),
        pairs.map(lambda part: f"({part[0]})[{part[1]}:]"),
        inner.map(lambda part: f"({part}).attribute"),
        inner.map(lambda part: f"f'x{{({part})!r:>9}}y'"),
        st.tuples(inner, inner, inner).map(lambda part: f"({part[0]} if {part[1]} else {part[2]})"),
        st.tuples(names, inner, inner).map(lambda part: f"[{part[2]} for {part[0]} in {part[1]} if {part[0]}]"),
        st.tuples(names, inner, inner).map(lambda part: f"{{{part[0]}: {part[2]} for {part[0]} in {part[1]}}}"),
        st.tuples(names, inner).map(lambda part: f"(lambda {part[0]}=1: {part[1]})"),
        inner.map(lambda part: f"(not {part})"),
    )


expressions = st.recursive(st.one_of(names, literals), _compound, max_leaves=6)
targets = st.one_of(
    names,
    st.tuples(names, expressions).map(lambda part: f"{part[0]}[{part[1]}]"),
    names.map(lambda name: f"{name}.attribute"),
    st.tuples(names, names).map(lambda part: f"{part[0]}, *{part[1]}"),
)
simple = st.one_of(
    st.tuples(targets, expressions).map(lambda part: f"{part[0]} = {part[1]}"),
    st.tuples(names, st.sampled_from(("+=", "*=", "|=", "-=")), expressions).map(" ".join),
    expressions,
    names.map(lambda name: f"del {name}[0]"),
    expressions.map(lambda text: f"assert {text}"),
    st.sampled_from(("pass", "raise ValueError(a)", "import json as a", "global_ = a", END)),
)


def _indented(lines: list[str]) -> str:
    return "\n".join(f"    {line}" for text in lines for line in text.splitlines()) or "    pass"


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, min_size=1, max_size=3).map(_indented)
    return st.one_of(
        st.tuples(expressions, body, body).map(lambda part: f"if {part[0]}:\n{part[1]}\nelse:\n{part[2]}"),
        st.tuples(names, expressions, body).map(lambda part: f"for {part[0]} in {part[1]}:\n{part[2]}\n    if a: break"),
        st.tuples(expressions, body).map(lambda part: f"while {part[0]}:\n{part[1]}"),
        st.tuples(body, body, body).map(lambda part: f"try:\n{part[0]}\nexcept ValueError as a:\n{part[1]}\nfinally:\n{part[2]}"),
        st.tuples(expressions, names, body).map(lambda part: f"with {part[0]} as {part[1]}:\n{part[2]}"),
        st.tuples(expressions, body, body).map(
            lambda part: (
                f"match {part[0]}:\n    case [a, *b]:\n{_indented([part[1]])}\n    case {{'k': c}}:\n{_indented([part[2]])}"
            )
        ),
        st.tuples(names, expressions, body, expressions).map(
            lambda part: f"def f({part[0]}={part[1]}, *args, **kwargs):\n{part[2]}\n    return {part[3]}"
        ),
        st.tuples(names, body, expressions).map(lambda part: f"def g({part[0]}=1):\n{part[1]}\n    yield {part[2]}"),
        st.tuples(body, expressions).map(
            lambda part: (
                "class C:\n    attribute = []\n    def method(self, *a):\n" + _indented([part[0]]) + f"\n        return {part[1]}"
            )
        ),
    )


statements = st.recursive(simple, _blocks, max_leaves=5)
bodies = st.lists(statements, min_size=1, max_size=7).map("\n".join)
HEAD = """import copy, json, os, random, uuid
from datetime import datetime

import anthropic

client = anthropic.Anthropic()
a, b, c, d, xs, self = 'text', '', 'x' * 9, {}, [], 1
def f(*args, **kwargs): return args
def g(*args): yield args
class C:
    def method(self, *args): return self
"""
programs = st.one_of(
    bodies.map(lambda body: f"{HEAD}\n{body}\n{END}\n"),
    bodies.map(lambda body: f"{HEAD}\ndef send(a, b, xs, d=None):\n{_indented([body, END])}\n"),
)


def _is_python(text: str) -> bool:
    try:
        compile(text, "app.py", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def write(directory: str, files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(directory, name).write_text(text, encoding="utf-8")


def report(directory: str, *paths: str) -> str:
    """The JSON report without what differs from run to run by intention."""
    with chdir(directory):
        output = Path(directory, "report.json")
        assert run([*paths, "-q", "--output", f"json={output}"]) in {0, 1}
        document = json.loads(output.read_text(encoding="utf-8"))
    del document["generated_at"]
    return json.dumps(document, indent=1)


@FUZZ
@given(programs)
def test_evaluation_never_raises_and_always_ends(text: str) -> None:
    if not _is_python(text):
        return
    with tempfile.TemporaryDirectory() as directory:
        write(directory, {"app.py": text, "pyproject.toml": ""})
        with chdir(directory):
            found = resolve(discover([Path()]), LIMITS)
    assert not found.problems
    assert "python recursion" not in found.limits
    assert found.sites, "the last call of the program is lost"


@settings(FUZZ, max_examples=15)
@given(st.lists(programs.filter(_is_python), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_report_depends_on_the_text_alone(texts: list[str], chance: random.Random) -> None:
    """The same twice, and the same in whatever order the files are named."""
    names_ = [f"m{number}.py" for number in range(len(texts))]
    with tempfile.TemporaryDirectory() as directory:
        write(directory, {"pyproject.toml": "", **dict(zip(names_, texts, strict=True))})
        first = report(directory, *names_)
        assert report(directory, *names_) == first
        shuffled = list(names_)
        chance.shuffle(shuffled)
        assert report(directory, *shuffled) == first
