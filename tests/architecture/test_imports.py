"""What the import contracts cannot see: rules stand outside of the package, and nothing names them in an import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.checkout

REPOSITORY = Path(__file__).parents[2]
RULES = sorted((REPOSITORY / "rules").glob("*.py"))
ALL = sorted(path for folder in ("auditor", "rules", "scripts", "tests") for path in (REPOSITORY / folder).rglob("*.py"))


def imported(source: str) -> Iterator[str]:
    """Dotted names of everything that import statements bring, wherever they stand."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield module
            yield from (f"{module.rstrip('.') or module}.{alias.name}" for alias in node.names)


def foreign(source: str) -> list[str]:
    """Imports of `auditor` other than of its API, and relative ones."""
    return [
        name
        for name in imported(source)
        if name.startswith(".") or (name.split(".")[0] in ("auditor", "rules") and not name.startswith("auditor.api"))
    ]


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_a_rule_imports_the_api_alone(path: Path) -> None:
    assert [name for name in foreign(path.read_text("utf-8")) if name != "auditor"] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from auditor.api import Rule", []),
        ("import auditor.engine", ["auditor.engine"]),
        ("def f():\n    from auditor.engine.result import Problem", ["auditor.engine.result", "auditor.engine.result.Problem"]),
        ("from . import other", [".", "..other"]),
        ("import rules.other", ["rules.other"]),
        ("import dataclasses", []),
    ],
)
def test_the_test_sees_imports(source: str, expected: list[str]) -> None:
    assert foreign(source) == expected


def test_nothing_names_a_rule_module_in_an_import() -> None:
    guilty = [
        (str(path.relative_to(REPOSITORY)), name)
        for path in ALL
        if not {"fixtures", "programs"} & set(path.parts)  # audited code, some of it broken on purpose
        for name in imported(path.read_text("utf-8"))
        if name.startswith("auditor.rules.")
    ]
    assert guilty == []


def test_every_module_says_what_it_knows() -> None:
    silent = [
        str(path.relative_to(REPOSITORY))
        for path in ALL
        if path.is_relative_to(REPOSITORY / "auditor") and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []
