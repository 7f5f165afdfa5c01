"""Rules of one's own: the documented example as it stands in the document, and what is told of files that are not in order."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from auditor.cli.main import run
from auditor.engine.registry import LOCAL

DOCUMENT = Path(__file__).parents[2] / "docs" / "writing-a-rule.md"
FILES: dict[str, str] = dict(
    re.findall(r"^`([^`\n]+)`[^\n]*:\n\n```\w+\n(.*?)```$", DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE)
)
RULE = FILES["checks/short_lifetime.py"]


def line(text: str) -> int:
    """The line of the rule's file on which this stands first."""
    return RULE[: RULE.index(text)].count("\n") + 1


CLASS, META, IMPORT = line("class ShortLifetime"), line("meta = RuleMeta"), line("from auditor.api")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project of the document, which is the working directory."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sessions() -> list[tuple[str, list[str]]]:
    """Commands of the document with the lines that they print."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```console\n(.*?)```$", DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def plain(line: str) -> str:
    """Without numbers of tokens, which depend on the tokenizers that are installed."""
    return re.sub(r"(about )?[\d,]+ tokens", "N tokens", line)


def test_the_document_has_all_that_it_speaks_of() -> None:
    assert set(FILES) == {"checks/short_lifetime.py", "cache-audit.toml", "app.py"}
    assert len(sessions()) == 2


@pytest.mark.parametrize(("command", "expected"), sessions(), ids=lambda value: value if isinstance(value, str) else "")
def test_the_documented_commands_print_what_is_written(
    project: Path, command: str, expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    program, *arguments = command.split()
    assert program == "cache-audit"
    assert run(arguments) == 0
    printed = capsys.readouterr().out.splitlines()
    if expected[-1] == "...":
        expected = expected[:-1]
        printed = printed[: len(expected)]
    assert [plain(line) for line in printed] == [plain(line) for line in expected]


def test_own_rules_are_listed_selected_and_suppressed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules"]) == 0
    assert "ACME501  short-lifetime " in capsys.readouterr().out
    for selection in ("ACME", "acme5", "short-lifetime", "lifetime"):
        assert run(["app.py", "--select", selection, "--format", "concise", "--fail-on", "medium"]) == 1
    assert run(["app.py", "--ignore", "ACME501,CA801", "--fail-on", "low", "-q"]) == 0
    source = (project / "app.py").read_text("utf-8").splitlines()
    marked = next(index for index, line in enumerate(source) if "cache_control" in line)
    source[marked] += "  # cache-audit: ignore[ACME501] asked every minute"
    (project / "app.py").write_text("\n".join(source) + "\n", "utf-8")
    assert run(["app.py", "--ignore", "CA801", "--fail-on", "low", "-q"]) == 0


def test_neighbours_may_be_imported_and_the_path_stays(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "checks" / "_shared.py").write_text("LIFETIMES = (None, '5m')\n", "utf-8")
    rule = RULE.replace("from auditor.api import (", "from ._shared import LIFETIMES\nfrom auditor.api import (", 1)
    (project / "checks" / "short_lifetime.py").write_text(rule.replace('(None, "5m")', "LIFETIMES"), "utf-8")
    before = list(sys.path)
    assert run(["app.py", "--select", "ACME", "--fail-on", "medium", "-q"]) == 1
    assert sys.path == before
    assert {name for name in sys.modules if name.startswith("short_lifetime")} == set()
    assert f"{LOCAL}.short_lifetime" in sys.modules


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("class ShortLifetime(Rule):", "class ShortLifetime(Rule)"), f"e.py:{CLASS}: not valid Python"),
        (('code="ACME501"', 'code="CA599"'), f"e.py:{CLASS}: code CA599: codes that begin with CA"),
        (('code="ACME501"', 'code="ACME101"'), f"e.py:{META}: ValueError: ACME101 is not a code of"),
        (('name="short-lifetime"', 'name="long-lifetime"'), f"e.py:{CLASS}: rule 'long-lifetime' belongs into"),
        (('name="short-lifetime"', 'name="ttl-order"'), "belongs into a file named ttl_order.py"),
        (("## Sources", "## Source"), f"e.py:{CLASS}: the docstring of ShortLifetime lacks the heading(s) Sources"),
        (("Severity,\n    describe", "Severities,\n    describe"), f"e.py:{IMPORT}: ImportError: cannot import"),
    ],
)  # fmt: skip
def test_mistakes_are_told_of_with_file_and_line(
    project: Path, change: tuple[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "checks" / "short_lifetime.py").write_text(RULE.replace(*change), "utf-8")
    for arguments in (["app.py"], ["rules"], ["explain", "CA101"]):
        assert run(arguments) == 2
        assert message in capsys.readouterr().err.replace("\n", " ")


def test_codes_are_given_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = RULE.replace('name="short-lifetime"', 'name="brief-lifetime"')
    (project / "checks" / "brief_lifetime.py").write_text(other, "utf-8")
    assert run(["app.py"]) == 2
    assert re.search(rf"e.py:{CLASS}: code ACME501 is taken by .*brief_lifetime.py:{CLASS}", capsys.readouterr().err)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('["nowhere"]', "nowhere: no such file or directory"),
        ('["."]', "app.py:1: a rule module defines exactly one rule, this one 0"),
        ('["checks", "checks/short_lifetime.py"]', "another rule file of 'rules-paths' has this name"),
        ('"checks"', "must be an array of strings"),
    ],
)
def test_paths_that_are_wrong(project: Path, setting: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app.py").write_text("x = 1\n", "utf-8")
    (project / "cache-audit.toml").write_text(f"rules-paths = {setting}\n", "utf-8")
    assert run(["app.py"]) == 2
    assert message in capsys.readouterr().err


def test_a_rule_that_fails_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = RULE.replace("block = view.blocks[index]", "block = view.blocks[99]")
    (project / "checks" / "short_lifetime.py").write_text(broken, "utf-8")
    assert run(["app.py", "-q"]) == 3
    assert "rule ACME501 (short-lifetime) failed: IndexError" in capsys.readouterr().err


def test_a_tree_that_is_merely_audited_runs_nothing(
    project: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "checks" / "short_lifetime.py").write_text("raise SystemExit('run')\n", "utf-8")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert run([str(project / "app.py")]) == 2
    assert "is not the working directory's own" in capsys.readouterr().err
    (project / "checks" / "short_lifetime.py").write_text(RULE, "utf-8")
    assert run([str(project / "app.py"), "--config", str(project / "cache-audit.toml"), "-q"]) == 0
