"""The comparer itself: what covers what, and when verdicts disagree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.cache.outcome import ZERO, Breakpoint, Divergence, Simulation, Verdict
from auditor.llm.request import Block, CallSite, Kind, Marker, Repetition, Replay, Request, Section, SiteReplays
from auditor.places import Place
from auditor.values.lifetime import Lifetime
from auditor.values.text import Alternative, Condition, Hole, Literal, Text
from tests.conformance.compare import compare, cover
from tests.conformance.matching import Alignment, Mismatch, covers_text, match_request
from tests.conformance.recorded import blocks_of, literal_request
from tests.conformance.server import Recorded

SITE = CallSite("anthropic.messages.create", Place("app.py", 10, end_line=14), "ask")
EPHEMERAL = {"type": "ephemeral"}


def hole(identity: object, lifetime: Lifetime = Lifetime.CALL, length: tuple[int, int | None] = (0, None)) -> Hole:
    return Hole(str(identity), "value", lifetime, characters=length)


def system(*parts: str | Hole, marker: Marker | None = None) -> Block:
    return Block(Section.SYSTEM, "system", Kind.TEXT, Text.of(*parts), marker=marker)


def user(*parts: str | Hole) -> Block:
    return Block(Section.MESSAGES, "user", Kind.TEXT, Text.of(*parts), message=0)


def symbolic(*blocks: Block, automatic: Marker | None = None) -> Request:
    return Request(SITE, "anthropic", "api", Text.of("claude-sonnet-5-5"), blocks, automatic)


def body(system_value: object, question: str = "Hi", **extra: object) -> dict[str, object]:
    messages = [{"role": "user", "content": question}]
    return {"model": "claude-sonnet-5-5", "max_tokens": 9, "system": system_value, "messages": messages, **extra}


def sent(value: dict[str, object]) -> Request:
    return literal_request(value, "messages", SITE)


def replay(*requests: Request, variant: str = "") -> Replay:
    return Replay(SITE, requests, Repetition.LOOP, variant)


def simulate(replayed: Replay) -> Simulation:
    """A stand-in that knows divergences and breakpoints, which is all that the comparer asks for."""
    divergences = []
    for number, (before, after) in enumerate(zip(replayed.requests, replayed.requests[1:], strict=False), start=1):
        for index, (old, new) in enumerate(zip(before.blocks, after.blocks, strict=False)):
            if replace(old, marker=None) != replace(new, marker=None):
                certain = all(piece.lifetime is not Lifetime.UNKNOWN for piece in new.text.holes())
                divergences.append(Divergence(number, index, 0, None, None, None, certain, Lifetime.CALL, ZERO, ZERO))
                break
    points = tuple(
        Breakpoint(index, block.marker, ZERO, Verdict.UNKNOWN)
        for index, block in enumerate(replayed.first.blocks)
        if block.marker is not None
    )
    return Simulation(replayed, None, (), ZERO, points, tuple(divergences), (), (), bool(points), False)


@pytest.mark.parametrize(
    ("text", "value", "covered"),
    [
        (Text.of("a.b"), "a.b", True),
        (Text.of("a.b"), "axb", False),
        (Text.of("now: ", hole("t"), "."), "now: 12:30\n.", True),
        (Text.of("now: ", hole("t"), "."), "now: 12:30", False),
        (Text.of(hole("u"), "-", hole("u")), "ab-ab", True),
        (Text.of(hole("u"), "-", hole("u")), "ab-cd", False),
        (Text.of(hole("u"), "-", hole("v")), "ab-cd", True),
        (Text.of(hole("n", length=(2, 3))), "1234", False),
        (Text.of(hole("n", length=(2, 3))), "123", True),
        (
            Text.of(Alternative(Condition("c", "c", Lifetime.CALL), Text.of("x", hole(1)), Text.of("y", hole(1))), "!"),
            "yes!",
            True,
        ),
        (Text.of(Literal("")), "", True),
    ],
)
def test_text(text: Text, value: str, covered: bool) -> None:
    assert covers_text(text, value) is covered


def test_blocks_are_ordered_and_rendered_alike() -> None:
    tool = {"name": "find", "description": "Søg", "input_schema": {"type": "object"}, "cache_control": EPHEMERAL}
    content = [
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
        {"type": "text", "text": "go", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
    ]
    blocks = blocks_of({"messages": [{"role": "user", "content": content}], "system": "S", "tools": [tool]}, "messages")
    assert [(block.section, block.kind, block.text.known) for block in blocks] == [
        (Section.TOOLS, Kind.TOOL, '{"name": "find", "description": "Søg", "input_schema": {"type": "object"}}'),
        (Section.SYSTEM, Kind.TEXT, "S"),
        (Section.MESSAGES, Kind.TOOL_RESULT, "ab"),
        (Section.MESSAGES, Kind.TEXT, "go"),
    ]
    assert blocks[0].name == "find"
    assert blocks[0].marker == Marker("ephemeral", None)
    assert blocks[3].marker == Marker("ephemeral", "1h")


def test_openai_leading_instructions_stand_in_the_system_section() -> None:
    messages = [{"role": role, "content": role} for role in ("developer", "user", "system")]
    assert [block.section for block in blocks_of({"messages": messages}, "chat")] == [
        Section.SYSTEM,
        Section.MESSAGES,
        Section.MESSAGES,
    ]
    items = [
        {"role": "user", "content": [{"type": "input_text", "text": "q", "prompt_cache_breakpoint": {"mode": "explicit"}}]},
        {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "c"},
        {"type": "function_call_output", "call_id": "c", "output": "42"},
    ]
    blocks = blocks_of({"instructions": "I", "input": items}, "responses")
    assert [block.kind for block in blocks] == [Kind.TEXT, Kind.TEXT, Kind.TOOL_USE, Kind.TOOL_RESULT]
    assert blocks[1].marker == Marker("explicit", None)
    assert blocks[3].text.known == "42"


def test_markers_must_stand_at_the_same_blocks_with_the_same_lifetime() -> None:
    marked = sent(body([{"type": "text", "text": "S", "cache_control": EPHEMERAL}]))
    assert isinstance(match_request(symbolic(system("S", marker=Marker("ephemeral", "5m")), user("Hi")), marked), Alignment)
    assert isinstance(match_request(symbolic(system("S", marker=Marker("ephemeral", "1h")), user("Hi")), marked), Mismatch)
    assert isinstance(match_request(symbolic(system("S"), user("Hi")), marked), Mismatch)
    assert isinstance(
        match_request(symbolic(system("S", marker=Marker("ephemeral", None, unknown=True)), user("Hi")), marked), Alignment
    )


def test_automatic_marker_and_model_must_match() -> None:
    plain, automatic = sent(body("S")), sent(body("S", cache_control=EPHEMERAL))
    claim = symbolic(system("S"), user("Hi"), automatic=Marker("ephemeral", None, written=False))
    assert isinstance(match_request(claim, automatic), Alignment)
    assert isinstance(match_request(claim, plain), Mismatch)
    assert isinstance(match_request(replace(claim, model=Text.of("claude-opus-5-5")), automatic), Mismatch)
    assert isinstance(match_request(replace(claim, model=None), automatic), Alignment)


def test_a_stretch_stands_for_any_number_of_blocks() -> None:
    stretch = Block(Section.MESSAGES, "?", Kind.STRETCH, Text.of(hole("history")))
    claim = symbolic(system("S"), stretch, user("Hi"))
    assert match_request(claim, sent(body("S"))) == Alignment(((0, 1), (1, 1), (1, 2)), 2)
    longer = body("S") | {"messages": [{"role": "user", "content": text} for text in ("a", "b", "Hi")]}
    assert match_request(claim, sent(longer)) == Alignment(((0, 1), (1, 3), (3, 4)), 4)
    assert isinstance(match_request(claim, sent(body("S", "other"))), Mismatch)


def test_blocks_without_fixed_order_match_any_permutation() -> None:
    order = hole("order", Lifetime.PROCESS)
    claim = symbolic(*(replace(system(text), order=order) for text in "ab"), system("c"), user("Hi"))
    texts = [{"type": "text", "text": text} for text in "bac"]
    assert match_request(claim, sent(body(texts))) == Alignment(((1, 2), (0, 1), (2, 3), (3, 4)), 4)
    assert isinstance(match_request(claim, sent(body(texts[::-1]))), Mismatch)


def test_agreement_on_a_clock() -> None:
    claim = replay(*(symbolic(system("Now ", hole(turn)), user(hole(f"q{turn}"))) for turn in range(3)))
    recorded = [sent(body(f"Now {turn}", "Hi")) for turn in range(2)]
    coverage = cover(recorded, [claim], simulate)
    assert coverage.problems == ()
    assert len(coverage.segments) == 1


def test_a_missed_divergence_is_a_problem() -> None:
    steady = hole("same", Lifetime.SESSION)
    claim = replay(*(symbolic(system("Now ", steady), user("Hi")) for _ in range(2)))
    coverage = cover([sent(body(f"Now {turn}")) for turn in range(2)], [claim], simulate)
    assert coverage.problems == ("request 1 diverges at block 0, symbolic divergence: none",)


def test_an_invented_divergence_is_a_problem_only_when_certain() -> None:
    recorded = [sent(body("Now 1")) for _ in range(2)]
    certain = replay(*(symbolic(system("Now ", hole(turn)), user("Hi")) for turn in range(2)))
    assert "certainly diverges at symbolic block 0" in cover(recorded, [certain], simulate).problems[0]
    unsure = replay(*(symbolic(system("Now ", hole(turn, Lifetime.UNKNOWN)), user("Hi")) for turn in range(2)))
    assert cover(recorded, [unsure], simulate).problems == ()


def test_callers_are_segments_and_the_rest_is_beyond() -> None:
    first, second = (replay(symbolic(system(text), user("Hi")), variant=text) for text in "ab")
    recorded = [sent(body(text)) for text in "ab"]
    coverage = cover(recorded, [first, second], simulate)
    assert [segment.replay.variant for segment in coverage.segments] == ["a", "b"]
    assert not coverage.problems
    assert "covered by none of 1 replays" in cover(recorded, [first], simulate).problems[0]
    bounded = replay(*(symbolic(system("a"), user(f"q{turn}")) for turn in range(2)))
    longer = cover([sent(body("a", f"q{turn}")) for turn in range(4)], [bounded], simulate)
    assert longer.beyond == 2
    assert not longer.problems


def test_requests_belong_to_the_statement_that_sent_them() -> None:
    other = CallSite("anthropic.messages.create", Place("app.py", 30, end_line=34), "other")
    count = CallSite("anthropic.messages.count_tokens", Place("app.py", 5), "ask")
    claim = SiteReplays(SITE, (replay(symbolic(system("S"), user("Hi"))),))
    sites = [claim, SiteReplays(other, ()), SiteReplays(count, ())]
    found = compare([Recorded("/v1/messages", body("S"), (("lib.py", 3, 3), ("app.py", 10, 14)))], sites, simulate)
    assert set(found) == {SITE.id}
    assert not found[SITE.id].problems
    stray = compare([Recorded("/v1/messages", body("S"))], sites, simulate)
    assert "no call site found" in stray[""].problems[0]
