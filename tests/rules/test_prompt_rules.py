"""CA101, CA102, CA103, CA105, CA107 on replays made by hand."""

from __future__ import annotations

from auditor.findings import Confidence, Severity
from auditor.llm.request import Marker, Repetition, Section
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason
from tests.rules.builders import MARK, block, hole, judged, question, words


def test_clock_ahead_of_a_marked_prompt_is_critical() -> None:
    (finding,) = judged("CA101", block("Time: ", hole(), words(3000), marker=MARK, label="system[0]"), question())
    assert finding.severity is Severity.CRITICAL
    assert finding.confidence is Confidence.HIGH
    assert "`now()` (the clock) stands in `system[0]`" in finding.message
    assert "3,0" in finding.message
    assert finding.place.line == 11
    assert [step.place.line for step in finding.trace] == [22]


def test_clock_behind_the_last_marker_is_left_alone() -> None:
    assert not judged("CA101", block(words(3000), marker=MARK), block("Time: ", hole()), question())


def test_clock_in_the_last_user_message_is_left_alone() -> None:
    assert not judged("CA101", block(words(3000), marker=MARK), question("Time: ", hole(), words(50)))


def test_clock_in_a_short_prompt_is_low() -> None:
    (finding,) = judged("CA101", block("Time: ", hole(), words(200)), question())
    assert finding.severity is Severity.LOW
    assert "nothing can be cached" in finding.message


def test_input_in_a_short_prompt_is_left_alone() -> None:
    assert not judged("CA101", block("Topic: ", hole("topic", cause=Cause.INPUT), words(200)), question())


def test_clock_at_the_end_of_an_unmarked_prompt_is_left_to_other_rules() -> None:
    assert not judged("CA101", block(words(3000), hole()), question())


def test_clock_ahead_of_a_growing_history() -> None:
    blocks = block("Short. ", hole()), question()
    (finding,) = judged("CA101", *blocks, repetition=Repetition.CONVERSATION)
    assert finding.severity is Severity.MEDIUM
    assert "whole history" in finding.message
    (finding,) = judged("CA101", *blocks, repetition=Repetition.CONVERSATION, provider="openai", implicit=True)
    assert finding.severity is Severity.HIGH


def test_value_that_is_fixed_within_the_conversation_is_milder() -> None:
    first = block("Time: ", hole(fixed=True), words(3000), marker=MARK)
    (finding,) = judged("CA101", first, question(), repetition=Repetition.CONVERSATION)
    assert finding.severity is Severity.MEDIUM
    assert "every conversation" in finding.message


def test_value_that_is_read_once_before_a_loop_is_low() -> None:
    first = block("Time: ", hole(fixed=True), words(3000), marker=MARK)
    (finding,) = judged("CA101", first, question(), repetition=Repetition.LOOP)
    assert finding.severity is Severity.LOW
    assert "every run of the loop" in finding.message


def test_single_calls_get_no_advice_without_a_marker() -> None:
    blocks = block("Time: ", hole(), words(3000)), question()
    assert not judged("CA101", *blocks, repetition=Repetition.ONCE)
    marked = block("Time: ", hole(), words(3000), marker=MARK), question()
    (finding,) = judged("CA101", *marked, repetition=Repetition.ONCE)
    assert finding.severity is Severity.MEDIUM


def test_unknown_values_prove_nothing() -> None:
    unknown = hole("x", reason=Reason.NO_CALLERS)
    assert not judged("CA101", block(unknown, words(3000), marker=MARK), question())


def test_a_name_alone_gives_low_confidence() -> None:
    (finding,) = judged("CA101", block(hole("now", evidence=Evidence.NAME), words(3000), marker=MARK), question())
    assert finding.confidence is Confidence.LOW


def test_each_volatile_value_is_told_of() -> None:
    found = judged("CA101", block(hole(), hole("uuid4()", cause=Cause.UUID, line=12), words(3000), marker=MARK), question())
    assert [finding.subject for finding in found] == ["now()", "uuid4()"]


def test_near_minimum_is_not_critical() -> None:
    (finding,) = judged("CA101", block(hole(), words(800), marker=MARK), question(), minimum=(512, 4096))
    assert finding.severity is Severity.MEDIUM


def test_implicit_caching_loses_as_well() -> None:
    blocks = block(hole(), words(3000), role="developer"), question()
    (finding,) = judged("CA101", *blocks, provider="openai", implicit=True)
    assert finding.severity is Severity.CRITICAL


def test_automatic_caching_is_intent() -> None:
    (finding,) = judged("CA101", block(words(3000), hole()), question(), automatic=Marker("ephemeral", None, written=False))
    assert finding.severity is Severity.CRITICAL


def test_marker_that_should_move_is_left_to_ca302() -> None:
    assert not judged("CA101", block(words(3000)), block("Time: ", hole(), marker=MARK), question())


def test_user_text_ahead_of_shared_text() -> None:
    name = hole("user.name", Lifetime.USER, Cause.VALUE)
    (finding,) = judged("CA102", block("Hello ", name, words(3000), marker=MARK), question())
    assert finding.severity is Severity.HIGH
    assert not judged("CA102", block(words(3000), marker=MARK), block(name), question())
    assert not judged("CA102", block(name, words(300), marker=MARK), question())


def test_session_values_count_only_where_they_are_new_each_time() -> None:
    attribute = hole("self.style", Lifetime.SESSION, Cause.VALUE)
    conversation = hole("self.id", Lifetime.SESSION, Cause.UUID)
    assert not judged("CA102", block(attribute, words(3000), marker=MARK), question())
    assert judged("CA102", block(conversation, words(3000), marker=MARK), question())


def test_set_order() -> None:
    topics = hole("topics", Lifetime.PROCESS, Cause.SET_ORDER)
    (finding,) = judged("CA103", block(topics, words(3000), marker=MARK), question())
    assert finding.severity is Severity.HIGH
    assert "A set is iterated" in finding.message
    assert not judged("CA101", block(topics, words(3000), marker=MARK), question())
    assert not judged("CA103", block(topics, words(100)), question())


def test_order_of_blocks() -> None:
    files = hole("os.listdir(...)", Lifetime.PROCESS, Cause.LISTING_ORDER)
    (finding,) = judged("CA103", block(words(100), order=files), block(words(3000), marker=MARK), question())
    assert finding.subject == "os.listdir(...)"


def test_a_date_is_medium_and_a_host_low() -> None:
    today = hole("date.today()", Lifetime.DAY)
    host = hole("gethostname()", Lifetime.PROCESS, Cause.HOST)
    (finding,) = judged("CA105", block(today, words(3000), marker=MARK), question())
    assert finding.severity is Severity.MEDIUM
    (finding,) = judged("CA105", block(host, words(3000), marker=MARK), question())
    assert finding.severity is Severity.LOW
    assert not judged("CA105", block(today, words(300)), question())
    assert not judged("CA105", block(words(3000), today), question())


def test_environment_is_stable_enough() -> None:
    company = hole("os.environ['COMPANY']", Lifetime.PROCESS, Cause.ENVIRONMENT)
    assert not judged("CA105", block(company, words(3000), marker=MARK), question())


def test_a_date_ahead_of_a_history() -> None:
    today = hole("date.today()", Lifetime.DAY)
    (finding,) = judged("CA105", block(words(20), today), question(), repetition=Repetition.CONVERSATION)
    assert "running conversations" in finding.message
    assert "0 tokens" not in finding.message
    assert finding.severity is Severity.LOW
    (finding,) = judged("CA105", block(today, words(900)), question(), repetition=Repetition.CONVERSATION)
    assert finding.severity is Severity.MEDIUM


def test_instructions_behind_data() -> None:
    document = hole("document", cause=Cause.INPUT)
    (finding,) = judged("CA107", question(document, words(2000)))
    assert finding.severity is Severity.MEDIUM
    assert not judged("CA107", question(words(2000), document))
    assert not judged("CA107", question(document, words(200)))
    assert not judged("CA107", question(document, words(2000)), repetition=Repetition.ONCE)
    assert not judged("CA107", question(document, words(2000)), repetition=Repetition.CONVERSATION)


def test_instructions_in_a_later_block_of_the_message() -> None:
    document = hole("document", cause=Cause.INPUT)
    (finding,) = judged("CA107", question(document), question(words(2000)))
    assert finding.subject == "document"


def test_clock_in_an_earlier_message_counts_input_does_not() -> None:
    clock = block(hole(), words(200), section=Section.MESSAGES)
    earlier = block(hole("text", cause=Cause.INPUT), words(200), section=Section.MESSAGES)
    rest = block(words(2000), section=Section.MESSAGES, marker=MARK), question()
    assert judged("CA101", clock, *rest)
    assert not judged("CA101", earlier, *rest)
