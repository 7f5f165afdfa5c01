"""What a wheel, an editable install and a source distribution contain, and that rules load under one name from each.

The trees are copies with made-up rules and templates, installed beside the distribution that owns the top-level name `rules`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.checkout,
    pytest.mark.skipif(sys.platform == "win32", reason="environments are laid out otherwise there"),
]

REPOSITORY = Path(__file__).parents[2]
RULE = """from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Probe:
    code: str = "P1"
"""
LOAD = """
import importlib, pickle, sys
from auditor.resources import template_directory
module = importlib.import_module("auditor.rules.probe")
assert type(pickle.loads(pickle.dumps(module.Probe()))) is module.Probe
print(module.__file__, template_directory(), sep="\\n")
"""


def run(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COV"))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True)
class Environment:
    """A virtual environment without pip: this interpreter's pip installs into it."""

    root: Path

    @property
    def python(self) -> Path:
        return self.root / "bin" / "python"

    def install(self, *arguments: str | Path) -> None:
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(self.python))
        run(*pip, "install", "--quiet", "--no-deps", *arguments, cwd=self.root)

    @property
    def site(self) -> Path:
        [site] = self.root.glob("lib/python*/site-packages")
        return site


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "auditor", root / "auditor", ignore=leave)
    for name in ("pyproject.toml", "hatch_build.py", "LICENSE"):
        shutil.copy(REPOSITORY / name, root)
    (root / "README.md").write_text("# read me\n")
    (root / "rules").mkdir()
    (root / "rules" / "probe.py").write_text(RULE)
    (root / "reports" / "templates" / "parts").mkdir(parents=True)
    (root / "reports" / "templates" / "report.html.j2").write_text("<html>")
    (root / "reports" / "templates" / "parts" / "bar.html.j2").write_text("<div>")
    return root


def build(tree: Path, target: str) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", tree.parent / "dist", cwd=tree)
    [built] = (tree.parent / "dist").glob("*.tar.gz" if target == "sdist" else "*.whl")
    return built


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    made = Environment(tmp_path / "venv")
    venv.create(made.root, symlinks=True)
    return made


@pytest.fixture
def beside_django_rules(environment: Environment) -> Environment:
    try:
        environment.install("rules")
    except AssertionError:
        if os.environ.get("CI"):
            raise
        pytest.skip("django-rules cannot be installed here")
    return environment


def test_a_wheel_installs_one_package_beside_django_rules(tree: Path, beside_django_rules: Environment, tmp_path: Path) -> None:
    environment = beside_django_rules
    before = {path.name for path in environment.site.iterdir()}
    environment.install(build(tree, "wheel"))
    arrived = {path.name for path in environment.site.iterdir()} - before
    assert {name for name in arrived if not name.endswith(".dist-info")} == {"auditor"}
    shutil.rmtree(tree)
    rule, templates = run(environment.python, "-c", LOAD, cwd=tmp_path).split("\n")[:2]
    assert Path(rule) == environment.site / "auditor" / "rules" / "probe.py"
    assert Path(templates) == environment.site / "auditor" / "reports" / "templates"
    assert (Path(templates) / "parts" / "bar.html.j2").read_text() == "<div>"
    theirs = run(environment.python, "-c", "import rules; print(rules.__file__)", cwd=tmp_path).strip()
    assert Path(theirs) == environment.site / "rules" / "__init__.py"


def test_an_editable_install_reads_the_repository(tree: Path, beside_django_rules: Environment, tmp_path: Path) -> None:
    environment = beside_django_rules
    environment.install("--editable", tree)
    rule, templates = run(environment.python, "-c", LOAD, cwd=tmp_path).split("\n")[:2]
    assert (Path(rule), Path(templates)) == (tree / "rules" / "probe.py", tree / "reports" / "templates")
    (tree / "rules" / "later.py").write_text(RULE)
    run(environment.python, "-c", LOAD.replace("probe", "later"), cwd=tmp_path)
    theirs = run(environment.python, "-c", "import rules; print(rules.__file__)", cwd=tmp_path).strip()
    assert Path(theirs) == environment.site / "rules" / "__init__.py"


def test_a_checkout_needs_no_installation(tree: Path) -> None:
    rule = run(sys.executable, "-c", LOAD, cwd=tree).split("\n")[0]
    assert Path(rule) == tree / "rules" / "probe.py"


def test_a_source_distribution_builds_the_same_wheel(tree: Path, tmp_path: Path) -> None:
    direct = zipfile.ZipFile(build(tree, "wheel")).namelist()
    with tarfile.open(build(tree, "sdist")) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    [unpacked] = (tmp_path / "unpacked").iterdir()
    copy = tmp_path / "again" / "tree"
    shutil.copytree(unpacked, copy)
    assert sorted(zipfile.ZipFile(build(copy, "wheel")).namelist()) == sorted(direct)


def test_a_wheel_carries_data_and_nothing_of_the_repository_around_it(tree: Path) -> None:
    for name in ("facts.toml", "providers/one.toml", "vocabulary/o200k.bin"):
        path = tree / "auditor" / "knowledge" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    (tree / "tests").mkdir()
    (tree / "tests" / "test_x.py").touch()
    names = zipfile.ZipFile(build(tree, "wheel")).namelist()
    carried = {
        *("auditor/knowledge/facts.toml", "auditor/knowledge/providers/one.toml", "auditor/knowledge/vocabulary/o200k.bin"),
        *("auditor/rules/__init__.py", "auditor/rules/probe.py", "auditor/py.typed"),
        *("auditor/reports/templates/report.html.j2", "auditor/reports/templates/parts/bar.html.j2"),
    }
    assert carried <= set(names)
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"auditor"}
    assert len(names) == len(set(names))


@pytest.mark.parametrize("empty", ["rules/probe.py", "reports/templates"])
def test_an_empty_folder_fails_the_build(tree: Path, empty: str) -> None:
    path = tree / empty
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    with pytest.raises(AssertionError, match="nothing to bundle"):
        build(tree, "wheel")


def test_a_package_file_among_the_rules_fails_the_build(tree: Path) -> None:
    (tree / "rules" / "__init__.py").touch()
    with pytest.raises(AssertionError, match=r"rules/__init__\.py must not exist"):
        build(tree, "wheel")


def test_the_repository_itself_is_bundled_whole(tmp_path: Path) -> None:
    rules = {f"auditor/rules/{path.name}" for path in (REPOSITORY / "rules").glob("*.py")}
    if not rules:
        pytest.skip("the repository has no rules yet")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=REPOSITORY)
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {
        path.relative_to(REPOSITORY).as_posix()
        for path in (REPOSITORY / "auditor").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert rules | data <= names
