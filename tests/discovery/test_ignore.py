"""Ignore files mean what git says they mean: git itself is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.discovery.files import discover
from auditor.discovery.ignore import compile_patterns

BASE = Path("/project")


def decide(patterns: str, path: str) -> bool | None:
    compiled = compile_patterns(patterns.split("\n"), BASE)
    assert compiled is not None
    return compiled.decide(f"/project/{path.removesuffix('/')}", path.endswith("/"))


@pytest.mark.parametrize(
    ("patterns", "path", "decision"),
    [
        ("*.py", "a/b.py", True),
        ("*.py\n!keep.py", "a/keep.py", False),
        ("!keep.py\n*.py", "a/keep.py", True),
        ("/a.py", "a.py", True),
        ("/a.py", "b/a.py", None),
        ("a/b.py", "c/a/b.py", None),
        ("data/", "data/", True),
        ("data/", "data", None),
        ("dir/**", "dir/", None),
        ("dir/**", "dir/a/b.py", True),
        ("/**", "a/b.py", True),
        ("a/*", "a/", None),
        ("**/x.py", "x.py", True),
        ("a/**/x.py", "a/x.py", True),
        ("a/**/x.py", "a/b/c/x.py", True),
        ("a*c", "a/c", None),
        ("a?c", "a/c", None),
        ("/a[!x]c", "a/c", None),
        ("[a-c].py", "b.py", True),
        ("[!a-c].py", "b.py", None),
        ("[]x].py", "].py", True),
        ("[[:digit:]].py", "7.py", True),
        ("[z-a].py", "z.py", None),
        ("[a.py", "[a.py", None),
        ("\\!a.py", "!a.py", True),
        ("\\#a.py", "#a.py", True),
        ("# a.py\n\n  \nb", "# a.py", None),
        ("a.py  ", "a.py", True),
        ("a.py\\ ", "a.py ", True),
        ("a.py\r", "a.py", True),
        ("a\\", "a\\", None),
        ("(a|b).py", "a.py", None),
    ],
)
def test_patterns(patterns: str, path: str, decision: bool | None) -> None:
    assert decide(patterns, path) is decision


def test_no_pattern_no_work() -> None:
    assert compile_patterns(["# only a comment", "", "/"], BASE) is None


def test_what_is_not_below_is_not_matched() -> None:
    compiled = compile_patterns(["*"], BASE)
    assert compiled is not None
    assert compiled.decide("/projects/a.py", directory=False) is None


NAMES = ["a", "b", "ab", "a.py", "b.py", "ab.py", "k.py"]
FILES = [f"{first}/{second}/{name}" for first in "ab" for second in "ab" for name in ("a.py", "k.py")]
FILES += ["a.py", "k.py", "a/a.py", "a/k.py", "b/ab.py", "ab/b.py", "ab/a/b.py"]
SEGMENT = st.sampled_from([*NAMES, "*", "?", "**", "*.py", "[ab]", "[!a]*", "a*", "**a", "?.py"])
PATTERN = st.builds(
    lambda bang, lead, parts, tail: bang + lead + "/".join(parts) + tail,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "/"]),
    st.lists(SEGMENT, min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
)
LINES = st.lists(PATTERN, max_size=5)


def lay_out(root: Path) -> None:
    for name in FILES:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "-q"], cwd=root, check=True, env=environment)


def git_files(root: Path) -> set[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "ls-files", "--others", "--exclude-standard", "-z"]
    out = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True, env=environment).stdout
    return {name for name in out.split("\0") if name.endswith(".py")}


@pytest.mark.skipif(shutil.which("git") is None, reason="git is asked what its patterns mean")
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(top=LINES, nested=LINES, excluded=LINES)
def test_files_are_those_that_git_lists(
    tmp_path_factory: pytest.TempPathFactory, top: list[str], nested: list[str], excluded: list[str]
) -> None:
    root = tmp_path_factory.getbasetemp() / "git-conformance"
    if not root.exists():
        lay_out(root)
    (root / ".gitignore").write_text("\n".join(top))
    (root / "a" / ".gitignore").write_text("\n".join(nested))
    (root / ".git" / "info").mkdir(exist_ok=True)
    (root / ".git" / "info" / "exclude").write_text("\n".join(excluded))
    found = {file.relative for file in discover([root], base=root).files}
    assert found == git_files(root)
