"""How far up functions are looked for that lead to a request, in projects of many functions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from auditor.discovery.files import discover
from auditor.limits import DEFAULT
from auditor.llm.entries import Callers, Scope
from auditor.project.project import Project


def test_levels_end_where_many_functions_lead_to_requests(tmp_path: Path) -> None:
    chain = "".join(f"def f{number}():\n    return f{number - 1}()\n" for number in range(1, 4))
    (tmp_path / "app.py").write_text(f"def f0():\n    return 1\n{chain}", encoding="utf-8")
    found = discover([tmp_path])
    project = Project({file.in_root: file for file in found.files}, tmp_path, DEFAULT)
    start = Scope("app.py", "f0")

    def names(leading: int) -> list[str]:
        return sorted(scope.name for scope in Callers(project, replace(DEFAULT, leading=leading)).above([start]))

    assert names(DEFAULT.leading) == ["f0", "f1", "f2", "f3"]
    assert names(1) == ["f0", "f1"]
    assert names(0) == ["f0"]
