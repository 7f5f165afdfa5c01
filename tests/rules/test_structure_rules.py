"""CA201, CA202, CA203, CA301, CA302, CA303, CA401, CA402, CA404, CA501 on replays made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.cache.outcome import Rejection, Verdict
from auditor.cache.simulator import simulate
from auditor.cache.tokens import Counter
from auditor.findings import Confidence, Finding, Severity
from auditor.knowledge.providers import load
from auditor.llm.request import Kind, Marker, Repetition, Replay, Section, SiteReplays
from auditor.places import Place
from auditor.rulekit.project_views import SiteView
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.text import Hole
from tests.cache import building
from tests.rules.builders import MARK, SITE, block, findings, hole, judged, question, replay, simulation, tool, words


def test_marker_below_the_minimum() -> None:
    (finding,) = judged("CA201", block(words(100), marker=MARK, label="system[0]"), question(), verdict=Verdict.BELOW_MINIMUM)
    assert finding.severity is Severity.HIGH
    assert "100 tokens" in finding.message
    assert "1,024" in finding.message
    assert finding.place.line == 25


def test_only_the_largest_prefix_is_high() -> None:
    blocks = block(words(10), marker=Marker("ephemeral", None, Place("app.py", 5))), block(words(100), marker=MARK)
    first, second = judged("CA201", *blocks, question(), verdict=Verdict.BELOW_MINIMUM)
    assert (first.severity, second.severity) == (Severity.LOW, Severity.HIGH)


def test_marker_that_works_in_another_variant_is_left_alone() -> None:
    small = simulation(replay(block(words(10), marker=MARK)), verdict=Verdict.BELOW_MINIMUM)
    large = simulation(replay(block(words(2000), marker=MARK)))
    assert not findings("CA201", small, large)


def test_rolling_marker_of_a_conversation_is_left_alone() -> None:
    rolling = block(words(10), section=Section.MESSAGES, marker=MARK)
    assert not judged("CA201", rolling, verdict=Verdict.BELOW_MINIMUM, repetition=Repetition.CONVERSATION)


def test_a_short_prefix_in_front_of_a_rolling_marker_loses_nothing() -> None:
    short = block(words(10), marker=Marker("ephemeral", None, Place("app.py", 5)))
    rolling = block(words(10), section=Section.MESSAGES, marker=MARK)
    (finding,) = judged("CA201", short, rolling, verdict=Verdict.BELOW_MINIMUM, repetition=Repetition.CONVERSATION)
    assert finding.severity is Severity.LOW
    bare = simulation(replay(short, question(), repetition=Repetition.CONVERSATION), verdict=Verdict.BELOW_MINIMUM)
    both = simulation(replay(short, rolling, repetition=Repetition.CONVERSATION), verdict=Verdict.BELOW_MINIMUM)
    assert {one.severity for one in findings("CA201", bare)} == {Severity.HIGH}
    assert {one.severity for one in findings("CA201", bare, both)} == {Severity.LOW}


def test_a_marker_that_went_into_messages_that_are_not_known() -> None:
    def severity(*marked: tuple[Place, Place]) -> Severity:
        of = replay(
            block(words(10), marker=MARK),
            block(hole("messages"), section=Section.MESSAGES, kind=Kind.STRETCH, role="?"),
            repetition=Repetition.CONVERSATION,
        )
        of = replace(of, requests=tuple(replace(request, marked=marked) for request in of.requests))
        (finding,) = findings("CA201", simulation(of, verdict=Verdict.BELOW_MINIMUM))
        return finding.severity

    assert MARK.place is not None
    own, elsewhere = (Place("app.py", 24), MARK.place), Place("app.py", 90)
    assert severity(own) is Severity.HIGH
    assert severity(own, (elsewhere, elsewhere)) is Severity.LOW
    assert severity(own, (elsewhere, MARK.place)) is Severity.LOW  # one constant, written twice


def test_near_the_minimum() -> None:
    (finding,) = judged("CA202", block(words(1000), marker=MARK), question(), verdict=Verdict.NEAR_MINIMUM, minimum=(512, 4096))
    assert finding.severity is Severity.LOW
    assert "512 to 4,096" in finding.message
    unread = hole("manual", reason=Reason.NO_CALLERS)
    assert not judged("CA202", block(words(1000), unread, marker=MARK), verdict=Verdict.NEAR_MINIMUM)


def test_near_the_minimum_but_for_values_in_the_lines() -> None:
    def told(*parts: str | Hole) -> list[Finding]:
        return judged("CA202", block(*parts, marker=MARK), verdict=Verdict.NEAR_MINIMUM, minimum=(4096, 4096))

    place = hole("place", Lifetime.PROCESS, Cause.ENVIRONMENT)
    (finding,) = told(words(2000), "The shop is in ", place, ".")
    assert finding.severity is Severity.LOW
    assert "`place` of unknown length" in finding.message
    assert not told(words(2000), "\n", place)
    assert not told(words(100), "The shop is in ", place)
    assert not told(words(5000), "The shop is in ", place)


def test_uncached_prefix() -> None:
    (finding,) = judged("CA203", block(words(3000)), question(), repetition=Repetition.LOOP)
    assert finding.severity is Severity.HIGH
    assert finding.place == SITE.place
    assert not judged("CA203", block(words(3000), marker=MARK), question())
    assert not judged("CA203", block(words(3000)), question(), automatic=MARK)
    assert not judged("CA203", block(words(3000)), question(), repetition=Repetition.ONCE)
    assert not judged("CA203", block(words(3000)), question(), provider="openai", implicit=True)
    assert not judged("CA203", block(words(300)), question())
    assert not judged("CA203", block(words(300), hole("docs", reason=Reason.NO_CALLERS), words(3000)), question())
    assert not judged("CA203", block(words(3000)), question(), site=replace(SITE, context="test"))


def test_history_alone_makes_it_medium() -> None:
    talk = {"repetition": Repetition.CONVERSATION}
    (finding,) = judged("CA203", tool("search"), block(words(50)), question(), **talk)
    assert finding.severity is Severity.MEDIUM
    shown = replace(SITE, context="notebook")
    (finding,) = judged("CA203", tool("search"), block(words(50)), question(), site=shown, **talk)
    assert finding.severity is Severity.LOW
    (finding,) = judged("CA203", block(words(50)), question(), minimum=(4096, 4096), **talk)
    assert finding.severity is Severity.LOW
    assert not judged("CA203", block(hole(), words(50)), question(), **talk)


def test_unknown_history_may_carry_markers() -> None:
    history = block(hole("history", reason=Reason.NO_CALLERS), section=Section.MESSAGES, kind=Kind.STRETCH)
    (finding,) = judged("CA203", block(words(3000)), history)
    assert finding.confidence is Confidence.MEDIUM


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("CA301", "too-many-breakpoints"),
        ("CA303", "marker-value"),
        ("CA303", "empty-text"),
        ("CA501", "ttl-order"),
    ],
)
def test_rejections(code: str, reason: str) -> None:
    rejection = Rejection(reason, "The request has something wrong.", 0, MARK)
    (finding,) = judged(code, block(words(3000), marker=MARK), question(), rejections=[rejection])
    assert finding.severity is Severity.CRITICAL
    assert finding.message == "The request has something wrong: the API answers 400."
    others = {"CA301", "CA303", "CA501"} - {code}
    assert not any(judged(other, block(words(3000), marker=MARK), rejections=[rejection]) for other in others)


def test_rejection_of_a_later_request_is_reported_once() -> None:
    rejections = [Rejection("too-many-breakpoints", "Found 5 of 4.", None, None, number) for number in (1, 2)]
    (finding,) = judged("CA301", block(words(10)), rejections=rejections, count=3)
    assert "From request 2 on" in finding.message


def test_marker_on_the_question() -> None:
    asked = question(marker=MARK)
    (finding,) = judged("CA302", block(words(3000), label="system[0]"), asked, verdict=Verdict.NEVER_READ)
    assert finding.severity is Severity.HIGH
    assert "`system[0]`" in finding.recommendation
    assert not judged("CA302", block(words(3000)), asked, verdict=Verdict.EFFECTIVE)
    assert not judged("CA302", block(words(3000), marker=MARK), asked, verdict=Verdict.NEVER_READ)
    assert not judged("CA302", block(words(300)), asked, verdict=Verdict.NEVER_READ)
    assert not judged("CA302", block(hole(), words(3000)), asked, verdict=Verdict.NEVER_READ)


def test_marker_on_a_timestamp_block() -> None:
    (finding,) = judged("CA302", block(words(3000)), block("At ", hole(), marker=MARK), question(), verdict=Verdict.NEVER_READ)
    assert "`now()`" in finding.message


def test_unsorted_tools() -> None:
    names = [tool("c"), tool("a"), tool("b")]
    (finding,) = judged("CA401", *names, question())
    assert finding.severity is Severity.LOW
    assert "`a` stands behind `c`" in finding.message
    assert not judged("CA401", tool("a"), tool("b"), tool("c"), question())
    assert not judged("CA401", tool("b"), tool("a"), question())
    assert not judged("CA401", *names, question(), repetition=Repetition.ONCE)


def test_tools_from_a_set() -> None:
    order = hole("ENABLED", Lifetime.PROCESS, Cause.SET_ORDER)
    tools = [tool("a", words(10), order=order), tool("b", words(10), order=order)]
    found = judged("CA402", *tools, block(words(3000), marker=MARK), question())
    assert {finding.severity for finding in found} == {Severity.HIGH}
    assert {finding.subject for finding in found} == {"ENABLED"}
    assert not judged("CA401", *tools, tool("0", order=order), question())
    assert not judged("CA402", *tools, block(words(100)), question())


def test_clock_in_a_tool() -> None:
    tools = tool("book", "Books. It is ", hole())
    (finding,) = judged("CA404", tools, block(words(3000), marker=MARK), question())
    assert finding.severity is Severity.CRITICAL
    (finding,) = judged("CA404", tools, block(words(30)), question())
    assert finding.severity is Severity.LOW
    region = tool("book", hole("REGION", Lifetime.PROCESS, Cause.ENVIRONMENT))
    assert not judged("CA404", region, block(words(3000), marker=MARK), question())
    assert not judged("CA101", tools, block(words(3000), marker=MARK), question())


def test_the_automatic_marker_stands_on_the_last_block_that_can_carry_it() -> None:
    thinking = building.message(1, "hm", role="assistant", kind=Kind.THINKING)
    sent = building.request(building.system("Be brief."), building.message(0, "Hi"), thinking, automatic=building.MARK)
    once = Replay(building.SITE, (sent,), Repetition.ONCE)
    view = SiteView.of(SiteReplays(building.SITE, (once,)), (simulate(once, load(), Counter()),)).views[0]
    assert [index for index, _ in view.markers] == [1]
