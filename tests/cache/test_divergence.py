"""Where consecutive requests differ, and what that loses."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from auditor.cache.atoms import Forms
from auditor.cache.divergence import Spot, common, compare
from auditor.knowledge.providers import load
from auditor.llm.request import Block, Kind, Section
from auditor.places import Place
from auditor.values.lifetime import Cause, Lifetime
from auditor.values.text import Literal, Text
from tests.cache.building import MARK, hole, message, question, request, run, system, tool, words

FACTS = load().lookup("anthropic", "claude-sonnet-4-5")


def test_equal_requests_do_not_diverge() -> None:
    one = request(tool("a"), system("b", hole("c", same=True)), message(0, "d"))
    assert run(one, one, one).divergences == ()


def test_a_clock_ahead_of_stable_text_loses_what_stands_behind() -> None:
    rules = words(2000)
    requests = [request(system("Now ", hole("now()", cause=Cause.CLOCK), rules), question()) for _ in range(2)]
    first, *_ = run(*requests).divergences
    assert (first.request, first.block, first.piece, first.certain) == (1, 0, 1, True)
    assert first.hole is not None
    assert first.hole.expression == "now()"
    assert first.lifetime is Lifetime.CALL
    assert 1500 < first.lost.estimate < 3500
    assert first.lost_static == first.lost


def test_where_a_literal_is_split_does_not_matter() -> None:
    split = Text((Literal("ab", Place("x.py", 1)), Literal("cd", Place("x.py", 2))))
    one = request(Block(Section.SYSTEM, "system", Kind.TEXT, split))
    assert run(one, request(system("abcd"))).divergences == ()


def test_literals_that_differ_diverge_at_the_character() -> None:
    one, two = (request(system(f"Turn {turn} of the game. " + words(1500))) for turn in (1, 2))
    (found,) = run(one, two).divergences
    assert found.hole is None
    assert found.lost.estimate > 1000  # the common end


def test_unknown_lifetimes_diverge_uncertainly_and_the_comparison_goes_on() -> None:
    requests = [
        request(system("a", hole("p", Lifetime.UNKNOWN), words(1500), hole("now", cause=Cause.CLOCK), "tail")) for _ in range(2)
    ]
    unsure, sure = run(*requests).divergences
    assert (unsure.certain, unsure.piece) == (False, 1)
    assert (sure.certain, sure.piece) == (True, 3)
    assert unsure.lost.estimate > sure.lost.estimate


def test_the_same_unknown_value_is_equal_to_itself() -> None:
    one = request(system(hole("p", Lifetime.UNKNOWN, same=True), words(10)))
    assert run(one, one).divergences == ()


def test_appended_messages_are_growth() -> None:
    sys, asked = system(words(1500)), question(0)
    one = request(sys, asked)
    two = request(sys, replace(asked, per_request=False), message(1, hole("answer"), role="assistant"), question(2))
    assert run(one, two).divergences == ()


def test_a_history_trimmed_at_the_front_diverges_and_loses_the_rest() -> None:
    turns = [message(number, hole(f"m{number}", Lifetime.TURN, same=True), words(200, f"t{number}")) for number in range(4)]
    (found,) = run(request(system("s"), *turns[:3]), request(system("s"), *turns[1:])).divergences
    assert found.block == 1
    assert found.lost.estimate > 300
    assert found.lost_static.estimate > 300  # fixed message text of the first request


def test_the_last_user_message_is_a_tail_whose_own_instructions_are_lost() -> None:
    def ask() -> tuple[Block, ...]:
        return (
            system(words(100)),
            message(0, hole("document"), words(1500), tail=True),
            message(1, words(900, "prefill"), role="assistant"),
        )

    (found,) = run(request(*ask()), request(*ask())).divergences
    assert found.block == 1
    assert 1000 < found.lost.estimate < 2500  # without the later message


def test_a_switched_parameter_loses_the_sections_of_the_matrix() -> None:
    blocks = (tool(words(500)), system(words(500)), message(0, words(500)))
    one, two = request(*blocks, tool_choice='{"type": "auto"}'), request(*blocks, tool_choice='{"type": "any"}')
    (found,) = run(one, two).divergences
    assert (found.parameter, found.block, found.certain) == ("tool_choice", 2, True)
    (model,) = run(one, replace(one, model=Text.of("claude-opus-4-8"))).divergences
    assert (model.parameter, model.block) == ("model", 0)


def test_an_order_that_varies_is_a_divergence() -> None:
    def tools(order: object) -> tuple[Block, ...]:
        kept = hole("set(names)", Lifetime.CALL, Cause.SET_ORDER)
        return tuple(replace(tool(f"tool {name}" + words(300)), order=replace(kept, identity=order)) for name in "ab")

    (found,) = run(request(*tools(1)), request(*tools(2))).divergences
    assert found.hole is not None
    assert found.hole.cause is Cause.SET_ORDER
    assert found.block == 0


def test_a_history_that_grows_loses_only_what_is_fixed_behind_it() -> None:
    def stretch() -> Block:
        held = hole("history", Lifetime.TURN, Cause.HISTORY)
        return Block(Section.MESSAGES, "?", Kind.STRETCH, Text.of(held), message=0)

    assert run(request(system("s"), stretch(), question(1)), request(system("s"), stretch(), question(1))).divergences == ()
    fixed = message(1, words(800))
    (found,) = run(request(system("s"), stretch(), fixed), request(system("s"), stretch(), fixed)).divergences
    assert found.lost_static.estimate > 500


def test_deferred_tools_are_no_part_of_the_prefix() -> None:
    one = request(tool("a"), replace(tool("b"), deferred=True), system("s"))
    assert run(one, request(tool("a"), replace(tool("c"), deferred=True), system("s"))).divergences == ()


texts = st.lists(st.one_of(st.text(max_size=4), st.sampled_from("xyz").map(lambda name: hole(name, same=True))), max_size=4)


@given(st.lists(texts, min_size=1, max_size=5), st.integers(0, 4), st.integers(0, 4))
def test_properties(parts: list[list[object]], changed: int, moved: int) -> None:
    blocks = [message(number, *part) for number, part in enumerate(parts)]  # type: ignore[arg-type]
    one = request(*blocks)
    assert compare(one, request(*blocks), Forms(), FACTS).differences == ()
    marked = [replace(block, marker=MARK) if number == moved else block for number, block in enumerate(blocks)]
    assert compare(one, request(*marked), Forms(), FACTS).differences == ()
    index = changed % len(blocks)
    blocks[index] = message(index, *parts[index], "!", hole("new"))  # type: ignore[arg-type]
    pair = compare(one, request(*blocks), Forms(), FACTS)
    assert (pair.sure, pair.maybe) == (index, index)
    assert pair.certain is not None
    assert pair.certain.spot >= Spot(index)


@given(st.text("ab"), st.text("ab"))
def test_common(one: str, two: str) -> None:
    length = common(one, two)
    assert one[:length] == two[:length]
    assert length == min(len(one), len(two)) or one[length] != two[length]
