"""Score and grade, from weights and call sites that were or were not resolved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.cache.outcome import ZERO, Divergence
from auditor.engine.result import AuditResult, SiteResult
from auditor.findings import Confidence, Effort, Finding, Severity
from auditor.llm.request import Block, CallSite, Kind, Section, SiteReplays
from auditor.places import Place
from auditor.reporting.coverage import Resolution, resolution
from auditor.reporting.score import WEIGHT_FLOOR, grade, score
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.text import Literal, Text
from tests.reporting.sample import count, hole, request, simulate, site_result

PLACE = Place("a.py", 1)


def finding(severity: Severity, *sites: str) -> Finding:
    return Finding("CA101", "n", "c", severity, Confidence.HIGH, "m", "r", Effort.LOW, PLACE, sites)


def graded(line: int, cacheable: int = 0, lost: int = 0) -> SiteResult:
    site = CallSite("anthropic.messages.create", Place("a.py", line), "f")
    block = Block(Section.SYSTEM, "system", Kind.TEXT, Text((Literal("rules"),)))
    first = request(site, (block,))
    divergence = Divergence(1, 0, 0, None, None, None, True, Lifetime.CALL, count(lost), ZERO)
    return site_result(simulate((first, first), (count(2),), cacheable, divergences=(divergence,) if lost else ()))


def ungraded(line: int) -> SiteResult:
    site = CallSite("anthropic.messages.create", Place("a.py", line), "f")
    return SiteResult(SiteReplays(site, (), (("x", Reason.NO_CALLERS),)), ())


def audit(*sites: SiteResult, findings: tuple[Finding, ...] = ()) -> AuditResult:
    return AuditResult(".", sites, findings)


@pytest.mark.parametrize(
    ("points", "letter"),
    [(100, "A"), (90, "A"), (89.9, "B"), (80, "B"), (79.9, "C"), (70, "C"), (69.9, "D"), (60, "D"), (59.9, "F"), (0, "F")],
)
def test_grades(points: float, letter: str) -> None:
    assert grade(points) == letter


def test_call_site_loses_the_weights_of_its_findings_and_not_more_than_all() -> None:
    one = (finding(Severity.CRITICAL, "a.py:1:1"), finding(Severity.HIGH, "a.py:1:1"), finding(Severity.MEDIUM, "a.py:1:1"))
    scored = score(audit(graded(1), findings=(*one, finding(Severity.LOW, "a.py:1:1"))))
    assert scored.sites["a.py:1:1"].score == 69
    assert score(audit(graded(1), findings=(*one, *one[:2]))).score == 68.0
    many = tuple(finding(Severity.MEDIUM, "a.py:1:1") for _ in range(7))
    assert (score(audit(graded(1), findings=many)).score, score(audit(graded(1), findings=many)).grade) == (86.0, "B")
    assert score(audit(graded(1), findings=one * 20)).score == 0.0


def test_finding_counts_once_at_each_of_its_call_sites() -> None:
    scored = score(audit(graded(1), graded(2), findings=(finding(Severity.CRITICAL, "a.py:1:1", "a.py:2:1", "a.py:1:1"),)))
    assert [site.score for site in scored.sites.values()] == [69, 69]


def test_project_is_the_mean_weighted_by_cacheable_tokens() -> None:
    scored = score(audit(graded(1, 9_000), graded(2, 1_000), findings=(finding(Severity.MEDIUM, "a.py:2:1"),)))
    assert scored.score == 99.8


def test_broken_prompt_weighs_what_it_could_cache() -> None:
    scored = score(audit(graded(1, 1_000), graded(2, 0, lost=9_000), findings=(finding(Severity.MEDIUM, "a.py:2:1"),)))
    assert scored.score == 98.2


def test_site_without_tokens_still_counts_a_little() -> None:
    scored = score(audit(graded(1, 9 * WEIGHT_FLOOR), graded(2), findings=(finding(Severity.MEDIUM, "a.py:2:1"),)))
    assert scored.score == 99.8


@pytest.mark.parametrize(
    ("severity", "site", "points", "letter"),
    [
        (Severity.CRITICAL, 69, 69.0, "D"),
        (Severity.HIGH, 89, 89.0, "B"),
        (Severity.MEDIUM, 98, 100.0, "A"),
        (Severity.LOW, 99, 100.0, "A"),
    ],
)
def test_severe_finding_caps_its_call_site_and_the_project(severity: Severity, site: int, points: float, letter: str) -> None:
    """However much else works: here the rest has thousands of times the weight."""
    scored = score(audit(graded(1, 9_000_000), graded(2), findings=(finding(severity, "a.py:2:1"),)))
    assert scored.sites["a.py:2:1"].score == site
    assert scored.sites["a.py:1:1"].score == 100
    assert (scored.score, scored.grade) == (points, letter)


def test_cap_holds_for_findings_without_call_site() -> None:
    assert score(audit(graded(1), findings=(finding(Severity.CRITICAL),))).grade == "D"


def test_findings_without_graded_call_site_are_taken_from_the_project() -> None:
    assert score(audit(graded(1), findings=(finding(Severity.MEDIUM),))).score == 98.0
    scored = score(audit(graded(1), ungraded(2), findings=(finding(Severity.MEDIUM, "a.py:2:1"),)))
    assert scored.score == 98.0
    assert scored.sites["a.py:2:1"].score is None


def test_half_unresolved_is_graded_and_more_is_not() -> None:
    assert score(audit(graded(1), ungraded(2))).grade == "A"
    assert score(audit(graded(1), ungraded(2), ungraded(3))).grade is None
    assert score(audit()).grade is None


def test_unknown_user_message_alone_is_not_resolved() -> None:
    """A wrapper that sends whatever it is given has an impeccable shape, and nothing is known of what it sends."""
    site = CallSite("anthropic.messages.create", Place("a.py", 1), "f")
    unknown = Text((hole("prompt", Lifetime.UNKNOWN, PLACE, reason=Reason.NO_CALLERS),))
    message = Block(Section.MESSAGES, "user", Kind.TEXT, unknown, per_request=True)
    system = Block(Section.SYSTEM, "system", Kind.TEXT, Text((Literal("rules"),)))

    def resolved(*blocks: Block) -> Resolution:
        first = request(site, blocks)
        return resolution(site_result(simulate((first,), tuple(count(1) for _ in blocks), 0)))

    assert resolved(message) is Resolution.NONE
    assert resolved(system, message) is Resolution.FULL
    assert resolved(system, replace(message, per_request=False)) is Resolution.PARTIAL
    history = Text((hole("history", Lifetime.TURN, PLACE, Cause.HISTORY),))
    assert resolved(system, Block(Section.MESSAGES, "?", Kind.STRETCH, history)) is Resolution.FULL
