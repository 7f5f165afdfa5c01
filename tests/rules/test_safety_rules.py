"""CA901 on replays made by hand: what is kept by the provider, and what a value has to be."""

from __future__ import annotations

from dataclasses import replace

from auditor.findings import Confidence, Severity
from auditor.knowledge.credentials import CREDENTIAL
from auditor.llm.request import Section
from auditor.places import Place, Step
from auditor.values.lifetime import Cause, Evidence, Lifetime
from auditor.values.text import Hole
from tests.rules.builders import MARK, SITE, block, findings, hole, judged, question, replay, simulation, tool, words

KEY = replace(hole("$CRM_API_KEY", Lifetime.PROCESS, Cause.ENVIRONMENT), type=CREDENTIAL)


def user(field: str, evidence: Evidence = Evidence.FLOW) -> Hole:
    return hole(field, Lifetime.USER, Cause.VALUE, evidence)


def test_credential_ahead_of_the_marker() -> None:
    put = replace(KEY, entered=Step(Place("prompts.py", 7), "key"))
    (finding,) = judged("CA901", block("Use ", put), block(words(3000), marker=MARK), question())
    assert (finding.severity, finding.confidence) == (Severity.HIGH, Confidence.HIGH)
    assert "`$CRM_API_KEY`" in finding.message
    assert (finding.place.path, finding.place.line) == ("prompts.py", 7)
    assert finding.trace[0].place == KEY.place


def test_tools_stand_ahead_of_a_marked_system_prompt() -> None:
    assert judged("CA901", tool("mail", "Sends mail with ", KEY), block(words(3000), marker=MARK), question())


def test_what_is_not_cached_is_left_alone() -> None:
    assert not judged("CA901", block("Use ", KEY, words(3000)), question())
    assert not judged("CA901", block(words(3000), marker=MARK), block("Use ", KEY), question())
    assert not judged("CA901", block(words(3000), marker=MARK), question("Use ", KEY))


def test_implicit_caching_keeps_long_prompts_only() -> None:
    long, short = block("Use ", KEY, words(3000)), block("Use ", KEY, words(20))
    assert findings("CA901", simulation(replay(long, question()), implicit=True))
    turn = block("Use ", KEY, section=Section.MESSAGES)
    assert not findings("CA901", simulation(replay(block(words(3000)), turn, question()), implicit=True))
    assert findings("CA901", simulation(replay(replace(short, marker=MARK), question())))


def test_what_is_computed_of_a_credential_is_none() -> None:
    part = replace(KEY, identity=("part",), expression="key[-4:]", type=None)
    assert not judged("CA901", block("Ends in ", part, words(3000), marker=MARK), question())


def test_tests_are_left_alone() -> None:
    site = replace(SITE, context="test")
    assert not findings("CA901", simulation(replay(block("Use ", KEY, words(3000), marker=MARK), question(), site=site)))


def test_personal_data_is_told_quietly() -> None:
    (finding,) = judged("CA901", block(user("current_user.email"), words(3000), marker=MARK), question())
    assert finding.confidence is Confidence.LOW
    assert judged("CA901", block(user("row['phone_number']"), words(3000), marker=MARK), question())
    assert not judged("CA901", block(user("current_user.plan"), words(3000), marker=MARK), question())
    assert not judged("CA901", block(user("user.email", Evidence.NAME), words(3000), marker=MARK), question())


def test_key_that_is_put_together_of_literals() -> None:
    start, rest = "gh" + "p_", "T9rkQ2vLx7ZbNwE4sYcH6mJ8aPdF3gUoKi5V"
    (finding,) = judged("CA901", block("Use ", start, rest, " when asked. ", words(3000), marker=MARK), question())
    assert "a GitHub token" in finding.message
    assert not judged("CA901", block("Use ", start, KEY.expression, words(3000), marker=MARK), question())
