"""Which file an import means."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.discovery.files import discover
from auditor.limits import DEFAULT
from auditor.project.project import Project


def project(folder: Path, *names: str) -> Project:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    found = discover([folder])
    return Project({file.in_root: file for file in found.files}, folder, DEFAULT)


@pytest.mark.parametrize(
    ("importer", "name", "meant"),
    [
        ("backend/flows/graph.py", "client", "backend/client.py"),
        ("backend/app.py", "flows.graph", "backend/flows/graph.py"),
        ("backend/flows/graph.py", "json", None),
        ("backend/flows/graph.py", "redis", None),
        ("backend/flows/graph.py", "google_tools", None),
        ("backend/flows/graph.py", "nowhere", None),
    ],
)
def test_a_package_in_which_the_program_is_started(tmp_path: Path, importer: str, name: str, meant: str | None) -> None:
    """Its files import one another without it; what Python has, or the project requires, is not among them."""
    names = (
        "__init__.py",
        "app.py",
        "client.py",
        "json.py",
        "redis.py",
        "google_tools.py",
        "flows/__init__.py",
        "flows/graph.py",
    )
    made = project(tmp_path, *(f"backend/{one}" for one in names))
    (tmp_path / "backend" / "requirements.txt").write_text("boto3\nRedis>=5\ngoogle-tools\n", encoding="utf-8")
    assert made.resolve(importer, name) == meant
