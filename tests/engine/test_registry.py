"""Loading rules and selecting them."""

from __future__ import annotations

from types import ModuleType

import pytest

from auditor.engine import registry
from auditor.engine.registry import RegistryError
from auditor.engine.selection import UnknownReferenceError, resolve, select
from auditor.findings import Effort, Severity
from auditor.rulekit.meta import HEADINGS, Category, RuleMeta, Status
from auditor.rulekit.rule import Rule

DOC = "A rule.\n\n" + "\n\n".join(f"## {heading}\nText." for heading in HEADINGS)


def module(name: str, code: str = "CA199", rule: str = "some-rule", doc: str = DOC, status: Status = Status.STABLE) -> ModuleType:
    made = ModuleType(f"auditor.rules.{name}")
    meta = RuleMeta(code, rule, "finds something", Category.PROMPT, Severity.LOW, Effort.LOW, status=status)
    made.Some = type("Some", (Rule,), {"__module__": made.__name__, "__doc__": doc, "meta": meta})  # type: ignore[attr-defined]
    return made


def test_built_in_rules() -> None:
    rules = registry.load().rules
    codes = [rule.meta.code for rule in rules]
    assert codes == sorted(codes)
    assert {"CA101", "CA102", "CA103", "CA105", "CA107", "CA201", "CA202", "CA203", "CA204"} <= set(codes)
    assert {"CA301", "CA302", "CA303", "CA401", "CA402", "CA404", "CA501"} <= set(codes)


def test_find_by_code_and_name() -> None:
    known = registry.load()
    assert known.find("ca101") is known.find("volatile-prefix") is known.by_code["CA101"]
    assert known.find("CA1") is None


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ([module("some_rule"), module("other_rule", rule="other-rule")], "code CA199 is taken"),
        ([module("some_rule"), module("some_rule", code="CA198")], "name 'some-rule' is taken by CA199"),
        ([module("wrong_name")], "belongs into a file named some_rule.py"),
        ([module("some_rule", doc="A rule.")], "lacks the heading"),
        ([ModuleType("auditor.rules.empty")], "exactly one rule, this one 0"),
    ],
)
def test_disorder_is_told_of(modules: list[ModuleType], message: str) -> None:
    with pytest.raises(RegistryError, match=message):
        registry.build(modules)


@pytest.mark.parametrize(
    ("code", "name", "summary", "message"),
    [
        ("CA1", "a", "x", "not of the form"),
        ("CA101", "A b", "x", "kebab-case"),
        ("CA201", "a", "x", "not a code of category"),
        ("CA101", "a", "x.", "without a full stop"),
    ],
)
def test_malformed_metadata(code: str, name: str, summary: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RuleMeta(code, name, summary, Category.PROMPT, Severity.LOW, Effort.LOW)


def test_selection_by_code_prefix_name_and_category() -> None:
    known = registry.load()
    assert select(known, ["CA101"]) == {"CA101"}
    assert select(known, ["volatile-prefix", "ca2"]) == {"CA101", "CA201", "CA202", "CA203", "CA204"}
    assert select(known, ["size"]) == {"CA201", "CA202", "CA203", "CA204"}
    assert select(known) == {rule.meta.code for rule in known.rules}


def test_the_more_exact_reference_wins() -> None:
    known = registry.load()
    assert select(known, ["all"], ["CA2"]) == select(known) - {"CA201", "CA202", "CA203", "CA204"}
    assert select(known, ["CA201"], ["CA2"]) == {"CA201"}
    assert select(known, ["CA2"], ["CA201"]) == {"CA202", "CA203", "CA204"}
    assert select(known, ["CA201"], ["CA201"]) == frozenset()
    assert select(known, ["CA201"], extended=["CA501"]) == {"CA201", "CA501"}


def test_preview_rules_are_asked_for() -> None:
    known = registry.build([module("some_rule", status=Status.PREVIEW)])
    assert select(known) == frozenset()
    assert select(known, ["all"], extended=["CA199"]) == {"CA199"}


def test_unknown_reference_offers_what_was_meant() -> None:
    known = registry.load()
    with pytest.raises(UnknownReferenceError, match="did you mean 'volatile-prefix'"):
        resolve(known, "volatile-prefx")
    with pytest.raises(UnknownReferenceError, match="did you mean 'CA101'"):
        resolve(known, "CA1O1")
    with pytest.raises(UnknownReferenceError, match="lists all of them"):
        resolve(known, "xyzzy")
