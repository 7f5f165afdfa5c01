"""Finding and reading the configuration."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from auditor.config.reader import ConfigError, find, load
from auditor.config.schema import schema
from auditor.config.settings import Settings, keys, value_of
from auditor.findings import Severity


def written(directory: Path, text: str, name: str = "cache-audit.toml") -> Path:
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_without_a_file(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings == Settings()
    assert settings.origin("select") == "default"


def test_nearest_file_wins_and_is_the_only_one(tmp_path: Path) -> None:
    written(tmp_path, 'ignore = ["CA401"]\nstrict = true\n')
    inner = tmp_path / "service"
    inner.mkdir()
    mine = written(inner, '[tool.cache-audit]\nignore = ["CA2"]\n', "pyproject.toml")
    (inner / "app.py").write_text("", encoding="utf-8")
    settings = load(inner / "app.py")
    assert settings.ignore == ("CA2",)
    assert not settings.strict
    assert settings.origin("ignore") == str(mine)
    assert settings.directory == str(inner.resolve())


def test_pyproject_without_our_table_is_passed_by(tmp_path: Path) -> None:
    mine = written(tmp_path, "strict = true\n")
    inner = tmp_path / "package"
    inner.mkdir()
    written(inner, "[tool.ruff]\n", "pyproject.toml")
    assert find(inner) == mine.resolve()


def test_own_file_wins_over_pyproject_beside_it(tmp_path: Path) -> None:
    written(tmp_path, "[tool.cache-audit]\nstrict = true\n", "pyproject.toml")
    mine = written(tmp_path, "strict = false\n")
    assert find(tmp_path) == mine.resolve()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('\nselekt = ["CA1"]\n', r"cache-audit.toml:2: unknown key 'selekt'; did you mean 'select'\?"),
        ("xyzzy = 1\n", "known keys: select, ignore"),
        ('min_severity = "low"\n', r"did you mean 'min-severity'\?"),
        ('select = "CA1"\n', "'select' must be an array of strings, not 'CA1'"),
        ("select = [1]\n", "must be an array of strings"),
        ('strict = "yes"\n', "'strict' must be true or false, not 'yes'"),
        ("baseline = 3\n", "'baseline' must be a string, not 3"),
        ('fail-on = "hihg"\n', r"must be one of low, medium, high, critical, never, not 'hihg'; did you mean 'high'\?"),
        ("severity-caps = 1\n", "must be a table"),
        ("traffic = 5\n", "must be a table of numbers"),
        ("[traffic]\nrequests_per_hour = 5\n", "did you mean 'requests-per-hour'?"),
        ("[traffic]\nusers = 0\n", "'traffic.users' must be a number above 0"),
        ("[traffic]\nusers = true\n", "'traffic.users' must be a number above 0"),
        ('[severity-caps]\ntests = "low"\n', "unknown context 'tests'"),
        ('[severity-caps]\ntest = "none"\n', "'severity-caps.test' must be one of"),
        ("strict = \n", r"cache-audit.toml:1:10: not valid TOML"),
    ],
)
def test_mistakes_are_told_of(tmp_path: Path, text: str, message: str) -> None:
    written(tmp_path, text)
    with pytest.raises(ConfigError, match=message):
        load(tmp_path)


def test_broken_pyproject(tmp_path: Path) -> None:
    written(tmp_path, "[tool\n", "pyproject.toml")
    with pytest.raises(ConfigError, match=r"pyproject.toml:1:\d+: not valid TOML"):
        load(tmp_path)


def test_line_of_an_unknown_key_in_pyproject(tmp_path: Path) -> None:
    written(tmp_path, "[project]\nname = 'x'\n\n[tool.cache-audit]\nbaselin = 'x'\n", "pyproject.toml")
    with pytest.raises(ConfigError, match=r"pyproject.toml:5: unknown key 'baselin'; did you mean 'baseline'\?"):
        load(tmp_path)


def test_not_text(tmp_path: Path) -> None:
    (tmp_path / "cache-audit.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path)


def test_severity_caps_are_merged_with_the_defaults(tmp_path: Path) -> None:
    written(tmp_path, '[severity-caps]\ntest = "critical"\n')
    assert load(tmp_path).caps == {"test": Severity.CRITICAL, "example": Severity.LOW}


def test_deployment_is_read_as_it_is_written(tmp_path: Path) -> None:
    written(tmp_path, '[deployment]\nmonitoring = false\ntraffic = "sparse"\nrequests-per-hour = 4.5\n')
    assert load(tmp_path).deployment == {"monitoring": False, "traffic": "sparse", "requests-per-hour": 4.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("monitorin = true", "unknown key 'monitorin' in 'deployment'; did you mean 'monitoring'?"),
        ("requests_per_hour = 3", "did you mean 'requests-per-hour'?"),
        ("xyzzy = 1", "known keys: monitoring, warming"),
        ('traffic = "spars"', "'deployment.traffic' must be one of steady, bursty, sparse, not 'spars'; did you mean 'sparse'?"),
        ("requests-per-hour = 0", "'deployment.requests-per-hour' must be a number above 0, not 0"),
        ("requests-per-hour = true", "must be a number above 0, not true"),
        ('warming = "no"', "'deployment.warming' must be true or false, not 'no'"),
    ],
)
def test_wrong_deployments_are_errors(tmp_path: Path, text: str, message: str) -> None:
    written(tmp_path, f"[deployment]\n{text}\n")
    with pytest.raises(ConfigError) as error:
        load(tmp_path)
    assert message in str(error.value)


def test_deployment_is_a_table(tmp_path: Path) -> None:
    written(tmp_path, 'deployment = "steady"\n')
    with pytest.raises(ConfigError, match="must be a table"):
        load(tmp_path)


def test_changes_keep_their_origin() -> None:
    settings = Settings().changed({"min-severity": "high"}, "command line")
    assert settings.least_severity is Severity.HIGH
    assert settings.origin("min-severity") == "command line"


def test_schema_has_every_key_and_accepts_the_defaults() -> None:
    made = schema()
    jsonschema.Draft202012Validator.check_schema(made)
    assert set(made["properties"]) == set(keys())
    defaults = {key: value_of(Settings(), key) for key in keys()}
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in defaults.items() if value is not None}
    jsonschema.validate(plain, made)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"selekt": []}, made)


def test_traffic_is_a_table_of_numbers(tmp_path: Path) -> None:
    written(tmp_path, "[traffic]\nrequests-per-hour = 120\nturns-per-conversation = 6.5\n")
    assert load(tmp_path).traffic == {"requests-per-hour": 120.0, "turns-per-conversation": 6.5}
