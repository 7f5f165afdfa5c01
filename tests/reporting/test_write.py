"""Reports replace files whole, and say clearly when they cannot."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from auditor.reporting.write import write_atomically


def test_new_file_has_the_usual_mode_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    old = os.umask(0o027)
    try:
        write_atomically(path, "größer\ud800\n")
    finally:
        os.umask(old)
    assert path.read_bytes() == "größer\\ud800\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["report.json"]


def test_existing_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o604)
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.parametrize(("name", "error"), [("missing/report.json", FileNotFoundError), (".", IsADirectoryError)])
def test_error_names_the_path(tmp_path: Path, name: str, error: type[OSError]) -> None:
    path = tmp_path / name
    with pytest.raises(error, match=f"cannot write {path}"):
        write_atomically(path, "x")


def test_failure_leaves_the_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def refuse(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_pipe_is_written_to() -> None:
    read, write = os.pipe()
    write_atomically(Path(f"/dev/fd/{write}"), "report\n")
    os.close(write)
    with os.fdopen(read) as pipe:
        assert pipe.read() == "report\n"
