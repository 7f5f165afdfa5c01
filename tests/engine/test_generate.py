"""The generated pages are up to date, and there is one for each rule."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from auditor.engine import registry

pytestmark = pytest.mark.checkout
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "scripts" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_are_up_to_date(generate: ModuleType) -> None:
    assert generate.stale(generate.generated(), ROOT) == []


def test_one_page_for_each_rule() -> None:
    names = {rule.meta.name for rule in registry.load().rules}
    assert {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")} == names | {"README"}


def test_check_names_what_is_out_of_date(generate: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main([], tmp_path) == 0
    assert generate.main(["--check"], tmp_path) == 0
    (tmp_path / "docs" / "rules" / "volatile-prefix.md").write_text("old", encoding="utf-8")
    (tmp_path / "docs" / "rules" / "gone.md").write_text("old", encoding="utf-8")
    assert generate.main(["--check"], tmp_path) == 1
    err = capsys.readouterr().err.splitlines()
    assert [line.split()[0] for line in err] == ["docs/rules/gone.md", "docs/rules/volatile-prefix.md"]
    assert generate.main([], tmp_path) == 0
    assert not (tmp_path / "docs" / "rules" / "gone.md").exists()
    assert generate.main(["--check"], tmp_path) == 0
