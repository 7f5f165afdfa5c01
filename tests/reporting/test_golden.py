"""Every format of the sample audit against its committed file, and the document against its schema."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from auditor import __version__
from auditor.engine.result import AuditResult
from auditor.reporting.document import to_document
from auditor.reporting.formats import FORMATS, render
from auditor.reporting.options import Options
from auditor.reporting.rules_info import RuleInfo
from auditor.reporting.schema import Document, report_schema
from tests.reporting.sample import read_line, sample

GOLDEN = Path(__file__).parent / "golden"
RULES = {
    "CA101": RuleInfo("volatile-prefix", "prompt-design", "A value that differs in every request.", "https://example.com/CA101"),
    "CA999": RuleInfo("without-findings", "size", "A rule that found nothing."),
}
OPTIONS = Options(read_line=read_line, rules=RULES)
CASES = {**dict.fromkeys(FORMATS, OPTIONS), "color.text": dataclasses.replace(OPTIONS, color=True, statistics=True, verbose=True)}


def document(result: AuditResult | None = None) -> Document:
    made = to_document(result or sample(), generated_at=datetime(2026, 11, 20, 10, 0, tzinfo=UTC))
    jsonschema.Draft202012Validator(report_schema(), format_checker=jsonschema.FormatChecker()).validate(made)
    return {**made, "tool": {**made["tool"], "version": "0.0.0"}}  # golden files outlive versions


@pytest.mark.parametrize("case", CASES)
def test_report_is_as_committed(case: str, request: pytest.FixtureRequest) -> None:
    text = render(case.rpartition(".")[2], document(), CASES[case])
    path = GOLDEN / f"report.{case}"
    if request.config.getoption("--update-golden", default=False):
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode(), "run pytest tests/reporting --update-golden and review the difference"


def test_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(report_schema())


def test_every_object_of_the_schema_is_closed() -> None:
    def check(value: object) -> None:
        if isinstance(value, dict):
            if value.get("type") == "object":
                assert value.get("additionalProperties") is not None
                assert value.get("additionalProperties") is not True
            for item in value.values():
                check(item)
        elif isinstance(value, list):
            for item in value:
                check(item)

    check(report_schema())


def test_document_keys_come_in_the_order_of_the_contract() -> None:
    made = document()
    assert list(made)[:11] == [
        "schema_version", "tool", "generated_at", "root", "summary", "call_sites", "findings", "findings_by_category",
        "action_plan", "errors", "grade",
    ]  # fmt: skip
    assert [key for key in made["summary"] if key != "hidden"] == [
        "files_scanned", "files_analyzed", "files_unreadable", "call_sites", "call_sites_resolved", "requests",
        "total_findings", "critical", "high", "medium", "low", "suppressed", "baselined", "score", "grade",
    ]  # fmt: skip


def test_empty_audit_makes_a_valid_report_in_every_format() -> None:
    made = document(AuditResult("empty", (), ()))
    assert made["grade"] is None
    assert made["summary"]["score"] is None
    for name in FORMATS:
        render(name, made)
    assert render("concise", made) == ""
    assert render("github", made) == ""
    assert json.loads(render("gitlab", made)) == []
    assert "Not graded: no call site was found" in render("text", made)
    assert ET.fromstring(render("junit", made).partition("\n")[2]).get("failures") == "0"


def test_source_date_epoch_sets_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert to_document(sample())["generated_at"] == "1970-01-02T00:00:00Z"
    assert to_document(sample()) == to_document(sample())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert to_document(sample())["generated_at"] > "2026"


def test_tool_tells_its_version() -> None:
    assert to_document(sample())["tool"] == {"name": "cache-audit", "version": __version__}


def test_text_underlines_the_span_under_tabs() -> None:
    lines = render("text", document(), OPTIONS).splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("40 |"))
    source, underline = lines[at], lines[at + 1]
    start, end = underline.index("^"), underline.rindex("^") + 1
    assert source[start:end] == 'self.tools[-1]["cache_control"] = {"type": "ephemeral", "ttl": "5m"}'[: end - start]
    assert end - start == 60


def test_colour_only_where_asked_for() -> None:
    made = document()
    assert "\x1b" not in render("text", made, OPTIONS)
    colored = render("text", made, dataclasses.replace(OPTIONS, color=True))
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == render("text", made, OPTIONS)


def test_sarif_points_at_places_and_names_every_rule() -> None:
    run = json.loads(render("sarif", document(), OPTIONS))["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert "CA999" in rules
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["partialFingerprints"]["cacheAudit/v1"]
    volatile = next(result for result in run["results"] if result["ruleId"] == "CA101")
    flow = volatile["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["artifactLocation"]["uri"] for step in flow] == [
        "app/prompts.py", "app/prompts.py", "app/answer.py",
    ]  # fmt: skip
    assert [result["suppressions"][0]["kind"] for result in run["results"] if "suppressions" in result] == [
        "inSource",
        "external",
    ]
    assert run["invocations"][0]["executionSuccessful"] is False  # a rule crashed


def test_gitlab_fingerprints_are_unique_even_for_equal_findings() -> None:
    result = sample()
    twice = dataclasses.replace(result, findings=(*result.findings, *result.findings))
    issues = json.loads(render("gitlab", document(twice)))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 2 * len(result.findings) + len(result.problems)


def test_junit_counts_what_it_holds() -> None:
    root = ET.fromstring(render("junit", document()).partition("\n")[2])
    assert int(root.get("tests", "")) == len(root.findall(".//testcase")) == 8
    assert int(root.get("failures", "")) == len(root.findall(".//failure")) == 5
    assert int(root.get("errors", "")) == len(root.findall(".//error")) == 3


def test_only_html_imports_jinja() -> None:
    code = (
        "import sys; from auditor.engine.result import AuditResult; from auditor.reporting.document import to_document\n"
        "from auditor.reporting.formats import FORMATS, render\n"
        "made = to_document(AuditResult('.', (), ()))\n"
        "[render(name, made) for name in FORMATS if name != 'html']\n"
        "assert not {'jinja2', 'markupsafe'} & set(sys.modules)\n"
        "render('html', made)\n"
        "assert 'jinja2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
