"""Rules on requests made by hand, with the real simulator's verdicts instead of hand-made ones."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from auditor.cache.outcome import ZERO
from auditor.cache.simulator import simulate
from auditor.cache.tokens import Counter
from auditor.engine import registry
from auditor.findings import Severity
from auditor.knowledge.providers import load
from auditor.llm.request import Block, Marker, Repetition, Section
from auditor.rulekit.views import ReplayView
from auditor.values.lifetime import Cause, Lifetime
from tests.rules.builders import MARK, block, findings, hole, question, replay, tool

COUNTER = Counter(use_ctok=False)
LONG = "Answer politely and cite the section of the handbook that you rely on. " * 300
SHORT = "You are a polite assistant. Answer in one sentence."


def codes(*blocks: Block, **more: Any) -> dict[str, Severity]:
    """What all rules on requests say, gravest first by code; there is no project around them to be judged."""
    simulated = simulate(replay(*blocks, **more), load(), COUNTER)
    found: dict[str, Severity] = {}
    for rule in (rule for rule in registry.load().rules if not rule.meta.of_project):
        for finding in findings(rule.meta.code, simulated):
            found[finding.code] = max(finding.severity, found.get(finding.code, Severity.LOW))
    return found


def test_a_marked_prompt_is_in_order() -> None:
    assert codes(block(LONG, marker=MARK), question()) == {}


def test_clock_inside_the_marked_prompt() -> None:
    assert codes(block("Time: ", hole(), LONG, marker=MARK), question()) == {"CA101": Severity.CRITICAL}


def test_clock_at_the_end_of_the_marked_prompt() -> None:
    assert codes(block(LONG, hole(), marker=MARK), question()) == {"CA101": Severity.CRITICAL}


def test_clock_in_a_block_behind_the_marker() -> None:
    assert codes(block(LONG, marker=MARK), block("Time: ", hole()), question()) == {}


def test_marker_on_the_clock() -> None:
    assert codes(block(LONG), block("Time: ", hole(), marker=MARK), question()) == {"CA302": Severity.HIGH}


def test_marker_on_the_question() -> None:
    assert codes(block(LONG), question(marker=MARK)) == {"CA302": Severity.HIGH}


def test_no_marker() -> None:
    assert codes(block(LONG), question()) == {"CA203": Severity.HIGH}
    assert codes(block(LONG), question(), repetition=Repetition.ONCE) == {}
    assert codes(block(SHORT), question()) == {}


def test_no_marker_on_a_prompt_little_above_the_minimum() -> None:
    """Whether the next event comes while it would still be there is not known, and little would be saved: unlike in a loop."""
    little = block(LONG[: 71 * 120])
    assert codes(little, question(), repetition=Repetition.HANDLER) == {"CA203": Severity.LOW}
    assert codes(little, question(), repetition=Repetition.LOOP) == {"CA203": Severity.HIGH}
    assert codes(block(LONG), question(), repetition=Repetition.HANDLER) == {"CA203": Severity.HIGH}


def test_marker_on_a_short_prompt() -> None:
    assert codes(block(SHORT, marker=MARK), question()) == {"CA201": Severity.HIGH}


def test_short_prompt_for_a_model_that_is_not_known() -> None:
    found = codes(block(LONG[:7000], marker=MARK), question(), model="claude-next")
    assert found == {"CA202": Severity.LOW}


def test_more_markers_than_are_accepted() -> None:
    assert codes(*(block(f"{number} {LONG}", marker=MARK) for number in range(5)), question()) == {"CA301": Severity.CRITICAL}


def test_hour_behind_five_minutes() -> None:
    hour = Marker("ephemeral", "1h", None)
    assert codes(block(LONG, marker=MARK), block(LONG, marker=hour), question()) == {"CA501": Severity.CRITICAL}


def test_refused_markers() -> None:
    assert codes(block(LONG, marker=Marker("persistent", None, None)), question()) == {"CA303": Severity.CRITICAL}
    assert codes(block(LONG, marker=Marker("ephemeral", "24h", None)), question()) == {"CA303": Severity.CRITICAL}


def test_clock_in_a_tool() -> None:
    assert codes(tool("book", "It is ", hole()), block(LONG, marker=MARK), question()) == {"CA404": Severity.CRITICAL}


def test_set_in_the_prompt_and_in_the_tools() -> None:
    order = hole("TOPICS", Lifetime.PROCESS, Cause.SET_ORDER)
    assert codes(block("Topics: ", order, LONG, marker=MARK), question()) == {"CA103": Severity.HIGH}
    tools = [replace(tool(name), order=order) for name in ("a", "b")]
    assert codes(*tools, block(LONG, marker=MARK), question()) == {"CA402": Severity.HIGH}


def test_openai() -> None:
    openai = {"provider": "openai", "model": "gpt-4.1"}
    assert codes(block(LONG), question(), **openai) == {}
    assert codes(block(hole("uuid4()", cause=Cause.UUID), LONG), question(), **openai) == {"CA101": Severity.CRITICAL}
    assert codes(block(hole(), SHORT), question(), **openai) == {}  # too little is lost to say so


def test_data_ahead_of_instructions() -> None:
    document = hole("document", cause=Cause.INPUT)
    assert codes(question(document, LONG), provider="openai", model="gpt-4.1") == {"CA107": Severity.MEDIUM}
    assert codes(question(LONG, document), provider="openai", model="gpt-4.1") == {}


def test_earlier_messages_of_this_request_are_no_defect() -> None:
    earlier = block(hole("history", cause=Cause.INPUT), section=Section.MESSAGES)
    assert codes(block(LONG, marker=MARK), earlier, question()) == {}


def test_what_mending_saves() -> None:
    simulated = simulate(replay(block("Time: ", hole(), LONG, marker=MARK), question()), load(), COUNTER)
    (finding,) = findings("CA101", simulated)
    assert finding.saving is not None
    assert finding.saving.usd_per_1000 > 0
    assert finding.saving.tokens_per_request > 3000


def test_what_sharing_a_prefix_saves_is_less_than_what_caching_it_saves() -> None:
    name = hole("user.name", Lifetime.USER, Cause.VALUE)
    (shared,) = findings("CA102", simulate(replay(block(name, LONG, marker=MARK), question()), load(), COUNTER))
    (cached,) = findings("CA101", simulate(replay(block(hole(), LONG, marker=MARK), question()), load(), COUNTER))
    assert shared.saving is not None
    assert cached.saving is not None
    assert 0 < shared.saving.usd_per_1000 < cached.saving.usd_per_1000
    assert "its user's first" in shared.saving.assumptions


def test_what_a_change_in_a_conversation_costs_is_its_earlier_turns_too() -> None:
    simulated = simulate(replay(block(LONG, marker=MARK), question()), load(), COUNTER)
    view = ReplayView(simulated.replay.site, simulated.replay, simulated)
    assert view.saving_turned(ZERO) is None
    found = view.saving_turned(ZERO, earlier=True)
    assert found is not None
    assert found.tokens_per_request == 300 * (view.traffic.turns - 1) / 2
    changes = 1000 / view.traffic.turns
    assert math.isclose(found.usd_per_1000, found.tokens_per_request * (3.75 - 0.30) * changes / 1_000_000)
    assert "earlier turns" in found.assumptions


def test_a_new_day_costs_one_write() -> None:
    (finding,) = findings(
        "CA105", simulate(replay(block(hole("today", Lifetime.DAY), LONG, marker=MARK), question()), load(), COUNTER)
    )
    assert finding.saving is not None
    tokens = finding.saving.tokens_per_request
    assert math.isclose(finding.saving.usd_per_1000, tokens * (3.75 - 0.30) / 1_000_000)
    assert "one new day in 1,000 requests" in finding.saving.assumptions
