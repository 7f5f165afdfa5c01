"""Fixtures state what they expect line by line; what a rule promises to leave alone is shown by one of them or by an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.config.reader import load
from auditor.engine import registry
from auditor.engine.audit import audit
from auditor.rulekit.rule import Rule
from tests.rules.behaviours import Expected, Fixture, fixtures, promises, quotes, shown_by_examples

RULES = registry.load().rules
OF_PROJECT = {rule.meta.code for rule in RULES if rule.meta.of_project}
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.meta.code)
each_fixture = pytest.mark.parametrize("fixture", fixtures(), ids=lambda fixture: f"{fixture.code}-{fixture.name}")


def found(fixture: Fixture, directory: Path, monkeypatch: pytest.MonkeyPatch) -> list[Expected]:
    """What a user is told who audits the fixture's files; what a project as a whole lacks only where the fixture is about it."""
    for name, text in {"pyproject.toml": "", **fixture.files}.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(directory)
    result = audit([Path()], load(Path()))
    assert not result.problems
    assert result.sites
    assert all(site.replays.replays for site in result.sites)
    told = [
        Expected(finding.place.path, finding.place.line, finding.code, finding.severity.label)
        for finding in result.findings
        if finding.code not in OF_PROJECT - {fixture.code}
    ]
    return sorted(told, key=lambda one: (one.path, one.line, one.code))


@each_fixture
def test_fixture_gives_what_its_lines_state(fixture: Fixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = found(fixture, tmp_path, monkeypatch)
    assert [(one.path, one.line, one.code) for one in told] == [(one.path, one.line, one.code) for one in fixture.expected]
    otherwise = [
        (one, stated) for one, stated in zip(told, fixture.expected, strict=True) if stated.severity not in (None, one.severity)
    ]
    assert otherwise == []


@each_fixture
def test_fixture_says_what_it_shows(fixture: Fixture) -> None:
    assert fixture.fires or fixture.quiet
    assert bool(fixture.fires) == any(one.code == fixture.code for one in fixture.expected)


@each_rule
def test_every_promise_is_shown(rule: Rule) -> None:
    shown = tuple(quotes(rule.meta.code))
    assert [promise for promise in promises(rule) if not promise.startswith(shown)] == []


@each_rule
def test_every_quote_begins_one_promise(rule: Rule) -> None:
    stated = promises(rule)
    assert [quote for quote in quotes(rule.meta.code) if sum(one.startswith(quote) for one in stated) != 1] == []


def test_fixtures_and_examples_belong_to_rules() -> None:
    assert {fixture.code for fixture in fixtures()} | set(shown_by_examples()) <= {rule.meta.code for rule in RULES}


@each_rule
def test_examples_that_are_named_exist(rule: Rule) -> None:
    assert set(shown_by_examples().get(rule.meta.code, {}).values()) <= {example.title for example in rule.good}
