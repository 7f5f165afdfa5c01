"""From sites and simulations to a result: isolation, merging, caps, fingerprints, suppressions, baseline, thresholds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.config.settings import Settings
from auditor.engine import baseline, fingerprints, registry
from auditor.engine.audit import Inputs, judge
from auditor.engine.merging import cap, merge
from auditor.engine.registry import Registry
from auditor.engine.result import AuditResult, SiteResult
from auditor.findings import Confidence, Effort, Finding, Severity
from auditor.llm.request import CallSite, SiteReplays
from auditor.places import Place
from auditor.rulekit.meta import Category, RuleMeta
from auditor.rulekit.project_views import SiteView
from auditor.rulekit.rule import Rule
from auditor.rulekit.views import ReplayView

SOURCE = """import anthropic


def answer():
    now = clock()
    return client.messages.create(
        model="m",
        system=now,
    )
"""
CALL = CallSite("anthropic.messages.create", Place("app.py", 6, 12, 9, 6), "answer")


def finding(
    line: int = 5,
    severity: Severity = Severity.HIGH,
    sites: Sequence[str] = (CALL.id,),
    confidence: Confidence = Confidence.HIGH,
    subject: str = "clock()",
    path: str = "app.py",
    message: str = "Wrong.",
) -> Finding:
    place = Place(path, line, 11, line, 18)
    return Finding(
        "CA101",
        "volatile-prefix",
        "prompt",
        severity,
        confidence,
        message,
        "Mend it.",
        Effort.LOW,
        place,
        tuple(sites),
        subject=subject,
    )


class Fixed(Rule):
    """Reports what it is given."""

    meta = RuleMeta("CA101", "volatile-prefix", "reports what it is given", Category.PROMPT, Severity.HIGH, Effort.LOW)

    def __init__(self, *said: Finding) -> None:
        self.said = said

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        yield from self.said


class Broken(Rule):
    """Fails after its first finding."""

    meta = RuleMeta("CA102", "narrow-before-shared", "fails", Category.PROMPT, Severity.HIGH, Effort.LOW)

    def check_site(self, site: SiteView) -> Iterator[Finding]:
        yield replace(finding(), code="CA102")
        raise KeyError("block")


def with_rules(*changed: Rule) -> Registry:
    """The real rules, some of them replaced by others with the same codes."""
    return Registry(tuple({**registry.load().by_code, **{rule.meta.code: rule for rule in changed}}.values()))


def judged(
    *said: Finding,
    source: str = SOURCE,
    settings: Settings | None = None,
    known: frozenset[str] = frozenset(),
    extra: Sequence[Rule] = (),
) -> AuditResult:
    rules = with_rules(Fixed(*said), *extra)
    given = Inputs(
        "/project",
        (SiteResult(SiteReplays(CALL, ()), ()),),
        source_lines=lambda path: source.splitlines(keepends=True),
        marked=("app.py",) if "cache-audit:" in source else (),
    )
    return judge(given, settings or Settings(), rules, known)


def commented(line: int, comment: str) -> str:
    lines = SOURCE.splitlines()
    lines[line - 1] += f"  {comment}"
    return "\n".join(lines) + "\n"


def test_a_rule_that_fails_costs_its_own_findings_only() -> None:
    result = judged(finding(), extra=[Broken()])
    assert [f.code for f in result.findings] == ["CA101"]
    (problem,) = result.problems
    assert problem.internal
    assert "rule CA102 (narrow-before-shared) failed: KeyError: 'block' (test_judge.py:" in problem.message


def test_one_cause_is_one_finding() -> None:
    a = finding(sites=["b.py:9:1"], severity=Severity.MEDIUM, confidence=Confidence.HIGH)
    b = finding(sites=["a.py:10:1"], severity=Severity.CRITICAL, confidence=Confidence.MEDIUM, message="Worse.")
    c = finding(sites=["a.py:9:1"], severity=Severity.LOW)
    for order in ([a, b, c], [c, b, a], [b, c, a]):
        merged, little = merge(order)
        assert merged.call_sites == ("a.py:10:1", "b.py:9:1")
        assert (merged.severity, merged.confidence, merged.message) == (Severity.CRITICAL, Confidence.HIGH, "Worse.")
        assert (little.severity, little.call_sites) == (Severity.LOW, ("a.py:9:1",)), "a grave finding is not true of it"
    assert merge([b, replace(c, call_sites=b.call_sites)]) == [b], "of one call site the gravest is told"


def test_findings_of_tests_only_are_capped() -> None:
    contexts = {"t": "test", "a": "app"}
    caps = Settings().caps
    assert cap([finding(sites=["t"])], contexts, caps)[0].severity is Severity.LOW
    assert cap([finding(sites=["t", "a"])], contexts, caps)[0].severity is Severity.HIGH
    assert cap([finding(sites=[])], contexts, caps)[0].severity is Severity.HIGH


def prints(source: str, *lines: int) -> list[str]:
    found = fingerprints.with_fingerprints([finding(line) for line in lines], lambda path: source.splitlines(keepends=True))
    return [f.fingerprint for f in found]


def test_fingerprints_survive_line_moves() -> None:
    assert prints(SOURCE, 5) == prints("# new\n\n" + SOURCE, 7)
    assert prints(SOURCE, 5) != prints(SOURCE.replace("def answer", "def reply"), 5)
    first, second = prints(SOURCE, 5, 5)
    assert first != second


def test_fingerprints_of_a_file_that_does_not_parse() -> None:
    assert len(prints("def (:\n", 1)[0]) == 20


@pytest.mark.parametrize(
    "source",
    [
        commented(5, "# cache-audit: ignore[CA101] needed for audit logs"),
        commented(5, "# cache-audit: ignore[volatile-prefix]"),
        commented(5, "# cache-audit: ignore[CA201, CA101]"),
        commented(5, "# noqa  # cache-audit: ignore[CA101]"),
        commented(7, "# cache-audit: ignore[CA101] a line of the call"),
        SOURCE.replace("    now =", "    # cache-audit: ignore[CA101] next line\n    # more words\n    now ="),
        "# cache-audit: ignore-file[CA101]\n" + SOURCE,
    ],
)
def test_suppression(source: str) -> None:
    line = next(number for number, text in enumerate(source.splitlines(), 1) if "clock()" in text)
    call = replace(CALL, place=replace(CALL.place, line=line + 1, end_line=line + 4))
    said = finding(line, sites=[call.id])
    given = Inputs(
        "/project",
        (SiteResult(SiteReplays(call, ()), ()),),
        source_lines=lambda path: source.splitlines(keepends=True),
        marked=("app.py",),
    )
    result = judge(given, Settings(), with_rules(Fixed(said)))
    assert [f.message for f in result.findings] == []
    assert [f.subject for f in result.suppressed] == ["clock()"]


def test_suppression_at_one_of_two_calls_keeps_the_other() -> None:
    result = judged(finding(sites=[CALL.id, "other.py:1:1"]), source=commented(7, "# cache-audit: ignore[CA101]"))
    assert [f.call_sites for f in result.findings] == [("other.py:1:1",)]
    assert not result.suppressed


def test_unused_suppression() -> None:
    result = judged(source=commented(2, "# cache-audit: ignore[CA101]"))
    (found,) = result.findings
    assert (found.code, found.severity, found.place.line) == ("CA001", Severity.LOW, 2)
    assert found.fingerprint


def test_suppression_of_a_rule_that_did_not_run_is_not_unused() -> None:
    source = commented(2, "# cache-audit: ignore[CA404]")
    assert not judged(source=source, settings=Settings(ignore=("CA404",))).findings
    assert judged(source=source).findings


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# cache-audit: ignore", "must name the rules"),
        ("# cache-audit: ignore[]", "must name the rules"),
        ("# cache-audit: ignore[CA1O1]", "unknown rule"),
        ("# cache-audit: ignore[CA0]", "is a group"),
        ("# cache-audit: off[CA101]", "neither `ignore` nor `ignore-file`"),
    ],
)
def test_invalid_suppression(comment: str, message: str) -> None:
    result = judged(finding(), source=commented(5, comment))
    invalid = [f for f in result.findings if f.code == "CA002"]
    assert len(invalid) == 1
    assert message in invalid[0].message
    assert "CA101" in {f.code for f in result.findings}


def test_a_string_is_no_comment() -> None:
    source = SOURCE.replace("import anthropic", 'TEXT = "# cache-audit: ignore-file[CA101]"')
    result = judged(finding(), source=source)
    assert [f.code for f in result.findings] == ["CA101"]


def test_baseline(tmp_path: Path) -> None:
    first = judged(finding(), finding(subject="uuid4()"))
    file = tmp_path / "baseline.json"
    file.write_text(baseline.dump(first.findings[:1]), encoding="utf-8")
    second = judged(finding(), finding(subject="uuid4()"), known=baseline.load(file))
    assert [f.subject for f in second.baselined] == [first.findings[0].subject]
    assert [f.subject for f in second.findings] == [first.findings[1].subject]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"baseline.json:1:2: the baseline is not JSON"),
        ("[]", "not a baseline of version 1"),
        ('{"version": 1, "findings": [{}]}', "needs a fingerprint"),
    ],
)
def test_broken_baseline(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(baseline.BaselineError, match=message):
        baseline.load(file)
    with pytest.raises(baseline.BaselineError, match="cannot read"):
        baseline.load(tmp_path / "missing.json")


def test_thresholds_hide_but_do_not_forget() -> None:
    unsure = finding(subject="name", confidence=Confidence.LOW)
    mild = finding(subject="mild", severity=Severity.LOW)
    result = judged(unsure, mild)
    assert [f.subject for f in result.findings] == ["mild"]
    assert [f.subject for f in result.hidden] == ["name"]
    result = judged(unsure, mild, settings=Settings(min_severity="medium", min_confidence="low"))
    assert [f.subject for f in result.findings] == ["name"]


def test_findings_are_checked() -> None:
    view = SiteView(SiteReplays(CALL, ()), ())
    rule = Fixed()
    with pytest.raises(ValueError, match="not a sentence"):
        rule.report(view, message="no stop", recommendation="Do.", subject="x")
    with pytest.raises(ValueError, match="needs a subject"):
        rule.report(view, message="Wrong.", recommendation="Do.", subject="")
    assert rule.report(view, message="Wrong.", recommendation="Do.", subject="x").place == CALL.place


def test_the_lowest_hook_must_be_there() -> None:
    with pytest.raises(NotImplementedError):
        Rule().check_replay(ReplayView(CALL, None, None))  # type: ignore[arg-type]
