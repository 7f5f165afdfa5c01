"""Every rule's own examples, end to end: bad ones give the rule, good ones give nothing from any rule."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from auditor.config.reader import load
from auditor.engine import registry
from auditor.findings import Finding
from auditor.rulekit.meta import Example
from auditor.rulekit.rule import Rule

end_to_end = pytest.mark.skipif(
    importlib.util.find_spec("auditor.llm.resolve") is None or importlib.util.find_spec("auditor.cache.simulator") is None,
    reason="the extraction of requests is not there yet",
)

RULES = registry.load().rules
BAD = [pytest.param(rule.meta.code, example, id=f"{rule.meta.code}-{example.title}") for rule in RULES for example in rule.bad]
GOOD = [pytest.param(rule, example, id=f"{rule.meta.code}-{example.title}") for rule in RULES for example in rule.good]
OF_PROJECT = {rule.meta.code for rule in RULES if rule.meta.of_project}


def audited(example: Example, directory: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Finding, ...]:
    from auditor.engine.audit import audit

    for name, text in {"app.py": example.source, **example.files}.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (directory / "pyproject.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(directory)
    result = audit([Path()], load(Path()))
    assert not result.problems
    assert result.sites
    assert all(site.replays.replays for site in result.sites)
    return result.findings


@end_to_end
@pytest.mark.parametrize(("code", "example"), BAD)
def test_bad_example_gives_the_rule(code: str, example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code in {finding.code for finding in audited(example, tmp_path, monkeypatch)}


@end_to_end
@pytest.mark.parametrize(("rule", "example"), GOOD)
def test_good_example_gives_nothing(rule: Rule, example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a project as a whole lacks, only the examples of the rules about it have.
    others = OF_PROJECT - {rule.meta.code}
    assert [finding.message for finding in audited(example, tmp_path, monkeypatch) if finding.code not in others] == []


def test_every_rule_has_examples_of_both_kinds() -> None:
    assert [rule.meta.code for rule in RULES if len(rule.bad) < 2 or len(rule.good) < 2] == []


@pytest.mark.parametrize("example", [param.values[-1] for param in BAD + GOOD], ids=lambda e: e.title)
def test_examples_are_python(example: Example) -> None:
    compile(example.source, "app.py", "exec")
