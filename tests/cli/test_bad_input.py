"""Bad input, end to end, through the real command: a clear message with file and line, the right exit code, the rest goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import auditor
from auditor.cli.main import run
from tests.cli.hostile import CYCLES, DEEP, ENDLESS, WIDE, program

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(auditor.__file__).parents[1])}
SECONDS = 60.0
"""What tells a program that is followed without end from a slow machine: the slowest takes about 3 s alone on one core of a small
machine, and has been seen to take 11 s beside other work."""

GOOD = """from datetime import datetime

import anthropic

client = anthropic.Anthropic()
HANDBOOK = "Answer politely and cite the section of the handbook that you rely on. " * 300


def answer(question: str) -> str:
    return client.messages.create(
        model="claude-sonnet-4-5",
        max_tokens=500,
        system=[{"type": "text", "text": f"{datetime.now()} {HANDBOOK}", "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
"""
CALL = 'import anthropic\nanthropic.Anthropic().messages.create(model="m", max_tokens=9, messages=[])\n'


class Ended(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def errors(self) -> list[tuple[str, int, str]]:
        return [(error["path"], error["line"], error["message"]) for error in self.document["errors"]]

    @property
    def findings(self) -> set[tuple[str, str]]:
        return {(finding["path"], finding["code"]) for finding in self.document["findings"]}


def command(directory: Path, *args: str, timeout: float = 60) -> Ended:
    """A run of the command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "auditor", *args],
        cwd=directory,
        env=ENVIRONMENT,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'demo'\n", encoding="utf-8")
    (tmp_path / "good.py").write_text(GOOD, encoding="utf-8")
    return tmp_path


def goes_on(ended: Ended, code: int = 1) -> None:
    """The run came to its end, and what the good file has was found."""
    assert "Traceback" not in ended.err
    assert "internal error" not in ended.err
    assert ended.code == code, ended.err
    assert ("good.py", "CA101") in ended.findings


# Each holds a call, for what holds none is not even parsed.
UNREADABLE: dict[str, tuple[bytes, int, str]] = {
    "syntax error": (CALL.encode() + b"\ndef f(:\n    pass\n", 4, "syntax error"),
    "newer syntax": (CALL.encode() + b"$x = lambda: anthropic\n", 3, "syntax error"),
    "undecodable": (CALL.encode() + b"x = '\xff\xfe'\n", 3, "utf-8"),
    "unknown encoding": (b"# coding: klingon\n" + CALL.encode(), 1, "encoding"),
    "null bytes": (CALL.encode() + b"x = '\0'\n", 0, "null"),
    "indentation": (CALL.encode() + b"if x:\n\ty = 1\n        z = 2\n", 5, "syntax error"),
    "unclosed string": (CALL.encode() + b"x = '''abc\n", 3, "syntax error"),
    "nested too deeply": (CALL.encode() + b"x = " + b"(" * 5_000 + b")" * 5_000 + b"\n", 3, "nested"),
    "a generated file": (CALL.encode() + b"x = 'word word word word'\n" * 100_000, 0, "limit"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_file_that_cannot_be_read_is_told_with_its_line(name: str, project: Path) -> None:
    content, line, message = UNREADABLE[name]
    (project / "bad.py").write_bytes(content)
    ended = command(project, "check", ".", "--format", "json")
    goes_on(ended)
    [(path, where, said)] = ended.errors
    assert path == "bad.py"
    assert message in said.lower()
    assert not line or where == line


def test_strict_run_fails_on_what_it_cannot_read(project: Path) -> None:
    (project / "bad.py").write_bytes(UNREADABLE["syntax error"][0])
    ended = command(project, "check", ".", "--strict")
    assert ended.code == 3
    assert "bad.py:4:7: syntax error" in ended.out + ended.err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions hold back nobody here")
def test_file_without_permission(project: Path) -> None:
    (project / "bad.py").write_text(CALL, encoding="utf-8")
    (project / "bad.py").chmod(0)
    ended = command(project, "check", ".", "--format", "json")
    goes_on(ended)
    assert [path for path, _, _ in ended.errors] == ["bad.py"]


def test_directory_named_like_a_file_and_broken_links(project: Path) -> None:
    (project / "folder.py").mkdir()
    (project / "gone.py").symlink_to("nowhere.py")
    (project / "itself.py").symlink_to("itself.py")
    goes_on(command(project, "check", ".", "--format", "json"))


def test_directory_loop(project: Path) -> None:
    inner = project / "package" / "deep"
    inner.mkdir(parents=True)
    (inner / "app.py").write_text(CALL, encoding="utf-8")
    (inner / "up").symlink_to(project, target_is_directory=True)
    (inner / "self").symlink_to(inner, target_is_directory=True)
    ended = command(project, "check", ".", "--format", "json")
    goes_on(ended)
    assert sorted(site["path"] for site in ended.document["call_sites"]) == ["good.py", "package/deep/app.py"]


def test_pipe_among_the_files(project: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(project / "pipe.py")
    goes_on(command(project, "check", ".", "--format", "json"))


def test_missing_path_names_it_and_the_rest_goes_on(project: Path) -> None:
    ended = command(project, "check", "good.py", "missing.py", "--format", "json")
    goes_on(ended, code=2)
    assert "missing.py: no such file or directory" in ended.err


CONFIGURATIONS: dict[str, tuple[str, str]] = {
    "broken": ("[project]\nname = 'demo'\n[tool.cache-audit\nstrict = true\n", "pyproject.toml:3"),
    "unknown key": ("[tool.cache-audit]\nmin-sevrity = 'low'\n", "min-severity"),
    "unknown rule": ("[tool.cache-audit]\nselect = ['CA1O1']\n", "CA101"),
    "wrong type": ("[tool.cache-audit]\nstrict = 'yes'\n", "strict"),
    "wrong value": ("[tool.cache-audit]\nfail-on = 'catastrophic'\n", "fail-on"),
    "no table": ("tool = 5\n", "tool"),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_bad_configuration(name: str, project: Path) -> None:
    text, message = CONFIGURATIONS[name]
    (project / "pyproject.toml").write_text(text, encoding="utf-8")
    ended = command(project, "check", ".")
    assert ended.code == 2
    assert message in ended.err
    assert "pyproject.toml" in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_unknown_rule_on_the_command_line(project: Path) -> None:
    ended = command(project, "check", ".", "--select", "CA1O1")
    assert ended.code == 2
    assert "CA1O1" in ended.err
    assert "CA101" in ended.err


@pytest.mark.parametrize("format", ["text", "json", "html", "concise"])
def test_closed_pipe_is_no_traceback(format: str, project: Path) -> None:
    for number in range(30):  # more than a pipe's buffer holds
        (project / f"copy{number}.py").write_text(GOOD, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "auditor", "check", ".", "--format", format],
        cwd=project,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() in {0, 1}


# Odd but right: every way of writing the same file gives the same findings at the same lines.

WRITINGS: dict[str, Callable[[str], bytes]] = {
    "no newline at the end": lambda text: text.rstrip("\n").encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "tabs": lambda text: text.replace("    ", "\t").encode(),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "Latin-1": lambda text: b"# coding: latin-1\n" + text.replace("politely", "h\xf6flich").encode("latin-1"),
    "form feeds": lambda text: text.replace("\n\n\n", "\n\f\n\n").encode(),
}


@pytest.mark.parametrize("name", WRITINGS)
def test_ways_to_write_a_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "good.py").write_bytes(WRITINGS[name](GOOD))
    ended = command(tmp_path, "check", ".", "--format", "json")
    goes_on(ended)
    assert ended.errors == []
    [site] = ended.document["call_sites"]
    assert site["line"] == (11 if name == "Latin-1" else 10)


@pytest.mark.parametrize(
    "content", ["", "\n", "# import anthropic\n", '"""import anthropic"""', "\ufeff", "#!/usr/bin/python\n# openai"]
)
def test_file_without_code(content: str, project: Path) -> None:
    (project / "empty.py").write_text(content, encoding="utf-8")
    ended = command(project, "check", ".", "--format", "json")
    goes_on(ended)
    assert ended.errors == []


def test_empty_directory(tmp_path: Path) -> None:
    ended = command(tmp_path, "check", ".", "--format", "json")
    assert (ended.code, ended.document["summary"]["call_sites"], ended.document["grade"]) == (0, 0, None)
    assert "no files were found" in ended.err


def test_files_that_git_ignores(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*.py\n", encoding="utf-8")
    (tmp_path / "app.py").write_text("x = 1\n", encoding="utf-8")
    assert ".gitignore" in command(tmp_path, "check", ".").err
    assert "no files" not in command(tmp_path, "check", "app.py").err


# Modules that import each other and themselves.

IMPORTS: dict[str, dict[str, str]] = {
    "cycle": {"a.py": "from b import y\nx = y\n", "b.py": "from a import x\ny = x\n", "c.py": "from a import x as text"},
    "itself": {"c.py": "from c import text\n"},
    "stars": {
        "a.py": "from b import *\nx = 1\n",
        "b.py": "from a import *\nfrom b import *\ny = 2\n",
        "c.py": "from a import *\ntext = x + y",
    },
    "package of itself": {
        "p/__init__.py": "from . import *\nfrom .q import text\n",
        "p/q.py": "from p import text\nfrom . import q\n",
        "c.py": "from p import text",
    },
    "beyond the top": {"c.py": "from ..... import text\nfrom ...x import *\n"},
    "class across modules": {
        "a.py": "from b import B\nclass A(B):\n    pass\n",
        "b.py": "from a import A\nclass B(A):\n    text = 'x'\n",
        "c.py": "from a import A\ntext = A().text",
    },
    "functions across modules": {
        "a.py": "import b\ndef f():\n    return b.g()\n",
        "b.py": "import a\ndef g():\n    return a.f()\n",
        "c.py": "import a\ntext = a.f()",
    },
    "names of the library": {"anthropic.py": "from anthropic import *\nimport anthropic\n", "c.py": "text = 'x'"},
}


@pytest.mark.parametrize("name", IMPORTS)
def test_imports_in_circles(name: str, project: Path) -> None:
    for path, text in IMPORTS[name].items():
        file = project / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(program(text) if path == "c.py" else text, encoding="utf-8")
    ended = command(project, "check", ".", "--format", "json", timeout=SECONDS + 5)
    assert "Traceback" not in ended.err
    assert ended.code in {0, 1}, ended.err
    assert ended.errors == []


# Programs that no evaluator should try to run to their end.

HOSTILE = {
    f"{kind}: {name}": body
    for kind, all_ in (("deep", DEEP), ("cycle", CYCLES), ("endless", ENDLESS), ("wide", WIDE))
    for name, body in all_.items()
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_program_ends_soon(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, to be quick; `test_hostile_programs_together` runs the command itself."""
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "app.py").write_text(program(HOSTILE[name]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    start = time.process_time()
    code = run(["check", "app.py", "--format", "json"])
    spent = time.process_time() - start
    captured = capsys.readouterr()
    assert "internal error" not in captured.err
    assert code in {0, 1}
    assert spent < SECONDS
    document = json.loads(captured.out)
    assert document["call_sites"] or document["errors"], "the call is neither found nor told of as unreadable"


def test_hostile_programs_together(project: Path) -> None:
    for number, body in enumerate({**CYCLES, **ENDLESS}.values()):
        (project / f"hostile{number}.py").write_text(program(body), encoding="utf-8")
    ended = command(project, "check", ".", "--format", "json", timeout=150)
    goes_on(ended)
