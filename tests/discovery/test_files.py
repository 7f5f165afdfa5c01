from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.discovery import files as walk
from auditor.discovery.files import Discovery, discover, project_files
from auditor.discovery.model import DiscoveryError, DiscoverySettings, FileKind
from auditor.limits import DEFAULT, Limits


def tree(root: Path, *names: str, **contents: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents.get(name, ""))


def names(discovery: Discovery) -> list[str]:
    return [file.relative for file in discovery.files]


def found(root: Path, *paths: str, **settings: object) -> list[str]:
    chosen = DiscoverySettings(**settings)  # type: ignore[arg-type]  # each test names real fields
    return names(discover([Path(path) for path in paths or ["."]], chosen, base=root))


def test_kinds_by_name(tmp_path: Path) -> None:
    tree(
        tmp_path,
        *("a.py", "b.pyw", "c.pyi", "n.ipynb", "x.json", "README.md", "data.txt"),
        *("prompts/system.md", "prompts/more/tool.xml", "prompts/code.py", "app/prompt_base.j2", "p.prompt", "page.j2"),
    )
    discovery = discover([tmp_path], base=tmp_path)
    assert {file.relative: file.kind for file in discovery.files} == {
        "a.py": FileKind.PYTHON,
        "b.pyw": FileKind.PYTHON,
        "n.ipynb": FileKind.NOTEBOOK,
        "app/prompt_base.j2": FileKind.PROMPT,
        "p.prompt": FileKind.PROMPT,
        "prompts/code.py": FileKind.PYTHON,
        "prompts/more/tool.xml": FileKind.PROMPT,
        "prompts/system.md": FileKind.PROMPT,
    }


def test_kinds_of_named_files(tmp_path: Path) -> None:
    tree(tmp_path, "x.json", "y.jsonl", "c.pyi", "notes.md", "tool", "other", **{"tool": "#!/usr/bin/env python3\n"})
    paths = [tmp_path / name for name in ("x.json", "y.jsonl", "c.pyi", "notes.md", "tool", "other")]
    assert {file.relative: file.kind for file in discover(paths, base=tmp_path).files} == {
        "x.json": FileKind.REQUEST,
        "y.jsonl": FileKind.REQUEST,
        "notes.md": FileKind.PROMPT,
        "tool": FileKind.PYTHON,
        "other": FileKind.PROMPT,
    }


def test_configured_kinds(tmp_path: Path) -> None:
    tree(tmp_path, "log/a.json", "b.json", "texts/base.yaml", "texts/code.py")
    settings = DiscoverySettings(prompts=("/texts/*",), requests=("log/*.json",))
    assert {file.relative: file.kind for file in discover([tmp_path], settings, base=tmp_path).files} == {
        "log/a.json": FileKind.REQUEST,
        "texts/base.yaml": FileKind.PROMPT,
        "texts/code.py": FileKind.PYTHON,
    }


def test_tool_folders_are_left_out_and_packages_called_build_are_not(tmp_path: Path) -> None:
    tree(
        tmp_path,
        *("a.py", ".venv/b.py", "node_modules/c.py", "x/site-packages/d.py", "__pycache__/e.py", "dist/f.py", ".github/g.py"),
        *("app/build/__init__.py", "app/build/h.py", "myenv/pyvenv.cfg", "myenv/lib/i.py"),
    )
    assert found(tmp_path) == [".github/g.py", "a.py", "app/build/__init__.py", "app/build/h.py"]


def test_ignore_files_nest_and_the_inner_one_wins(tmp_path: Path) -> None:
    contents = {
        ".gitignore": "*_pb2.py\ngenerated/\n/only_top.py\n",
        "a/.gitignore": "!keep_pb2.py\nlocal.py\n",
        ".git/info/exclude": "private.py\n",
    }
    tree(
        tmp_path,
        *contents,
        *("x_pb2.py", "only_top.py", "generated/g.py", "a/keep_pb2.py", "a/local.py", "a/only_top.py", "a/generated/h.py"),
        *("local.py", "private.py", "a/private.py"),
        **contents,
    )
    assert found(tmp_path) == ["a/keep_pb2.py", "a/only_top.py", "local.py"]
    assert found(tmp_path / "a", ".") == ["keep_pb2.py", "only_top.py"]
    assert len(found(tmp_path, gitignore=False)) == 10
    assert found(tmp_path, "x_pb2.py") == ["x_pb2.py"]
    assert found(tmp_path, "generated") == ["generated/g.py"]


def test_a_linked_work_tree_uses_the_repositorys_excludes(tmp_path: Path) -> None:
    tree(tmp_path, "repo/.git/worktrees/w/commondir", **{"repo/.git/worktrees/w/commondir": "../..\n"})
    tree(tmp_path, "repo/.git/info/exclude", **{"repo/.git/info/exclude": "secret.py\n"})
    tree(tmp_path, "w/.git", "w/a.py", "w/secret.py", **{"w/.git": f"gitdir: {tmp_path}/repo/.git/worktrees/w\n"})
    assert found(tmp_path / "w") == ["a.py"]


def test_exclude_and_include(tmp_path: Path) -> None:
    tree(tmp_path, "pyproject.toml", ".gitignore", "a.py", "legacy/b.py", "build/c.py", "gen/d.py", **{".gitignore": "gen/\n"})
    assert found(tmp_path, exclude=("legacy/",)) == ["a.py"]
    assert found(tmp_path, include=("build/", "gen/")) == ["a.py", "build/c.py", "gen/d.py", "legacy/b.py"]
    assert found(tmp_path, "legacy", exclude=("/legacy",)) == ["legacy/b.py"], "what is named is read"


def test_the_order_of_paths_and_listings_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "b/z.py", "b/a.py", "a.py", "c.py")
    expected = ["a.py", "b/a.py", "b/z.py", "c.py"]
    assert found(tmp_path, "c.py", "b", ".", "./b/../c.py", str(tmp_path / "a.py")) == expected
    scandir = os.scandir

    class Backwards:
        def __init__(self, folder: Path) -> None:
            with scandir(folder) as listing:
                self.entries = sorted(listing, key=lambda entry: entry.name, reverse=True)

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self.entries

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(walk.os, "scandir", Backwards)  # type: ignore[attr-defined]  # the module that the walk uses
    assert found(tmp_path) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_loops_of_links_end_and_linked_files_are_read_once(tmp_path: Path) -> None:
    tree(tmp_path, "p/a/b.py", "elsewhere/c.py", "elsewhere/d/e.py")
    (tmp_path / "p/a/up").symlink_to(tmp_path / "p", target_is_directory=True)
    (tmp_path / "p/a/out").symlink_to(tmp_path / "elsewhere/d", target_is_directory=True)
    (tmp_path / "p/loop.py").symlink_to("loop.py")
    (tmp_path / "p/broken.py").symlink_to("nowhere.py")
    (tmp_path / "p/again.py").symlink_to("a/b.py")
    (tmp_path / "p/other1.py").symlink_to(tmp_path / "elsewhere/c.py")
    (tmp_path / "p/other2.py").symlink_to(tmp_path / "elsewhere/c.py")
    assert found(tmp_path / "p") == ["a/b.py", "other1.py"]
    assert found(tmp_path / "p", "a/up/a") == ["a/up/a/b.py"], "a link that is named is entered"
    with pytest.raises(DiscoveryError, match=r"loop\.py: "):
        found(tmp_path / "p", "loop.py")


def test_paths_that_are_not_there_are_all_named(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    with pytest.raises(DiscoveryError, match=r"^nope: no such file or directory\nalso/no\.py: no such") as caught:
        found(tmp_path, "nope", "a.py", "also/no.py")
    assert isinstance(caught.value, ValueError)
    with pytest.raises(DiscoveryError, match="null"):
        found(tmp_path, "a\0b")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes there")
def test_pipes_are_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert found(tmp_path) == []
    with pytest.raises(DiscoveryError, match="neither a file nor a directory"):
        found(tmp_path, "pipe.py")


def test_an_unreadable_folder_is_a_problem_and_the_rest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.py", "closed/b.py")
    scandir = os.scandir

    def refuse(folder: Path) -> object:
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(walk.os, "scandir", refuse)  # type: ignore[attr-defined]  # the module that the walk uses
    discovery = discover([tmp_path], base=tmp_path)
    assert names(discovery) == ["a.py"]
    [problem] = discovery.problems
    assert (problem.path, problem.message) == ("closed", "directory cannot be read: Permission denied")


def test_the_root_is_the_nearest_project_above_all_paths(tmp_path: Path) -> None:
    tree(tmp_path, "repo/.git/HEAD", "repo/one/pyproject.toml", "repo/one/src/a.py", "repo/two/b.py", "loose/x/c.py")
    repo = tmp_path / "repo"
    assert discover([repo / "one/src/a.py"], base=repo).root == repo / "one"
    assert discover([repo / "one/src", repo / "two"], base=repo).root == repo
    assert discover([tmp_path / "loose/x"], base=tmp_path / "loose").root == tmp_path / "loose"
    assert discover([tmp_path / "loose/x"], base=repo).root == tmp_path / "loose/x"
    assert discover([tmp_path / "loose/x/c.py"], base=repo).root == tmp_path / "loose/x"


def test_a_working_directory_of_ever_so_many_files_is_no_project(tmp_path: Path) -> None:
    """A folder of checkouts, or one for temporary files: reading all of it would take minutes and gigabytes."""
    tree(tmp_path, "x/a.py", "y/b.py", "y/c.py")
    few = replace(DEFAULT, unmarked_files=2)
    assert discover([tmp_path / "x"], base=tmp_path, limits=few).root == tmp_path / "x"
    assert discover([tmp_path / "x", tmp_path / "y/b.py"], base=tmp_path, limits=few).root == tmp_path
    assert discover([tmp_path / "x"], base=tmp_path, limits=replace(DEFAULT, unmarked_files=3)).root == tmp_path
    tree(tmp_path, "pyproject.toml")
    assert discover([tmp_path / "x"], base=tmp_path, limits=few).root == tmp_path


def test_names_are_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "here/a.py", "there/b.py")
    monkeypatch.chdir(tmp_path / "here")
    discovery = discover([Path(), Path("../there")])
    assert names(discovery) == ["../there/b.py", "a.py"]
    assert discovery.base == tmp_path / "here"
    assert [file.path for file in discovery.files] == [tmp_path / "there/b.py", tmp_path / "here/a.py"]


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are Unicode there")
def test_names_that_are_no_text_can_be_printed(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.py"))
    path.touch()
    [file] = discover([tmp_path], base=tmp_path).files
    assert file.relative == "caf\\xe9.py"
    assert file.path.read_bytes() == b""


def test_imports_are_looked_up_in_the_whole_project(tmp_path: Path) -> None:
    tree(tmp_path, "pyproject.toml", ".gitignore", "a.py", "pkg/__init__.py", "pkg/b.py", "n.ipynb", "prompts/p.md", "gen.py")
    (tmp_path / ".gitignore").write_text("gen.py\n")
    discovery = discover([tmp_path / "pkg/b.py"], base=tmp_path)
    assert names(discovery) == ["pkg/b.py"]
    assert [file.relative for file in discovery.importable] == ["a.py", "pkg/__init__.py", "pkg/b.py"]
    assert discovery.importable is discovery.importable
    below = discover([tmp_path / "pkg/b.py"], base=tmp_path / "pkg")
    assert [(file.relative, file.in_root) for file in below.importable] == [
        ("../a.py", "a.py"),
        ("__init__.py", "pkg/__init__.py"),
        ("b.py", "pkg/b.py"),
    ]
    shallow = project_files(tmp_path, limits=Limits(project_files=1), base=tmp_path)
    assert [file.relative for file in shallow] == ["a.py"]


def test_a_folder_without_anything_to_read(tmp_path: Path) -> None:
    assert discover([tmp_path], base=tmp_path).files == ()
