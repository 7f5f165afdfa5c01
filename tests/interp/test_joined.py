"""What is left of a value that is one of too many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from auditor.interp.trimming import TRIMMED, is_mark
from auditor.limits import LEAVES, NESTED_ALTERNATIVES
from auditor.values.domain import AltItems, Item, Items, Spread, Value
from auditor.values.join import MANY, holes_of, join, join_items
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason
from auditor.values.text import Condition, Hole, Text

QUESTION = Hole("question", "question", Lifetime.CALL, Cause.INPUT)
GUESSED = replace(QUESTION, identity="guessed", expression="guessed", evidence=Evidence.NAME)


def one_of(*values: Value) -> Value:
    made = values[0]
    for number, value in enumerate(values[1:]):
        made = join(Condition(number, f"test {number}", Lifetime.CALL), made, value)
    return made


def said(first: Value) -> list[Hole]:
    """What stands in one of many things that were made of the question, all of them unlike, or the first."""
    return holes_of(one_of(first, *(Text.of(f"{number} ", QUESTION, f" {number}") for number in range(60))))


def test_what_stands_in_each_of_them_is_in_it() -> None:
    made, *_ = said(QUESTION)
    assert made.expression.startswith(MANY)
    assert (made.lifetime, made.cause, made.reason, made.roots) == (Lifetime.CALL, Cause.INPUT, None, ("question",))


def test_nothing_is_known_where_one_is_without_it() -> None:
    made, *_ = said(Text.of("nothing was said"))
    assert (made.lifetime, made.reason) == (Lifetime.UNKNOWN, Reason.LIMIT)


def test_it_is_no_surer_than_the_one_of_which_least_is_known() -> None:
    made, *_ = said(GUESSED)
    assert made.evidence is Evidence.NAME


def test_holes_that_are_chosen_among() -> None:
    made, *_ = holes_of(one_of(*(replace(QUESTION, identity=number) for number in range(2 * LEAVES))))
    assert made.expression.startswith(MANY)
    assert (made.lifetime, made.reason) == (Lifetime.CALL, None)


def test_what_a_loop_is_at_does_not_say_that_each_turn_gets_another() -> None:
    """`if folder(number).exists(): ...` on the way to a prompt, against a prompt that this request's words choose."""

    def chosen(cause: Cause) -> list[Hole]:
        tested = Hole("tested", "tested", Lifetime.CALL, cause)
        made: Value = Text.of("prompt 0")
        for number in range(1, 80):
            made = join(Condition(number, f"test {number}", Lifetime.CALL, None, tested), made, Text.of(f"prompt {number}"))
        return [hole for hole in holes_of(made) if hole.expression.startswith(MANY)]

    looped, asked = chosen(Cause.LOOP), chosen(Cause.INPUT)
    assert {hole.evidence for hole in looped} == {Evidence.NAME}
    assert {hole.evidence for hole in asked} == {Evidence.FLOW}


def inside(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, AltItems):
            yield from inside((*item.then, *item.otherwise))


def test_a_list_that_loses_its_front_does_so_however_many_lists_it_may_be() -> None:
    mark = Spread(replace(QUESTION, identity="cut", type=TRIMMED))
    made = Items((mark, Text.of("0")))
    for number in range(1, 2 * NESTED_ALTERNATIVES):
        condition = Condition(number, f"test {number}", Lifetime.CALL)
        made = join_items(condition, made, Items((Text.of(f"{number}"), Text.of(f"{number + 1}"))))
    found = list(inside(made.items))
    assert any(isinstance(one, Spread) and one.hole.expression.startswith(MANY) for one in found)
    assert any(map(is_mark, found))
