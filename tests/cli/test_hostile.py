"""No program, however odd, crashes or hangs a run: each of `hostile` is audited by the real command beside a good file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.cli.main import run
from tests.cli.hostile import CYCLES, DEEP, ENDLESS, program

PROGRAMS = {**DEEP, **CYCLES, **ENDLESS}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_run_ends_and_the_rest_is_audited(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "odd.py").write_text(program(PROGRAMS[name]), "utf-8")
    (tmp_path / "plain.py").write_text(program("text = 'hello'"), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["check", ".", "--format", "json"]) in {0, 1}
    report = json.loads(capsys.readouterr().out)
    assert "plain.py" in {site["path"] for site in report["call_sites"]}
    # What the parser refuses is told; everything else leads to its call site, resolved or not.
    told = {error["path"] for error in report["errors"]}
    assert "odd.py" in told | {site["path"] for site in report["call_sites"]}
    assert not any(error["internal"] for error in report["errors"])
