"""Ways that a program can stay on: tests that hang on others come out as these do."""

from __future__ import annotations

from auditor.llm.variants import decisions
from auditor.values.lifetime import Lifetime
from auditor.values.text import Condition, Side


def made(name: str, *, expected: bool | None = None, hangs: tuple[Condition, Side, Side] | None = None) -> Condition:
    return Condition(name, name, Lifetime.CALL, expected=expected, hangs=hangs)


def ways(*found: Condition) -> list[tuple[bool, ...]]:
    return [tuple(decided[condition.identity] for condition in found) for decided, _ in decisions(found, 9)]


def test_a_test_of_one_of_two_values_follows_from_what_chooses() -> None:
    chosen, full = made("chosen"), made("full")
    either = made("either", hangs=(chosen, (full, True), False))
    assert sorted(ways(chosen, full, either)) == [
        (False, False, False),
        (False, True, False),
        (True, False, False),
        (True, True, True),
    ]


def test_it_is_open_where_what_it_hangs_on_is() -> None:
    chosen, full = made("chosen"), made("full")
    assert sorted(ways(made("either", hangs=(chosen, (full, False), True)))) == [(False,), (True,)]


def test_it_may_hang_on_another_one_that_hangs() -> None:
    chosen, full, open_ = made("chosen"), made("full"), made("open")
    inner = made("inner", hangs=(full, False, True))
    outer = made("outer", hangs=(chosen, (inner, False), (open_, True)))
    found = ways(chosen, full, outer)
    assert all(outer is full for chosen, full, outer in found if chosen)
    assert {outer for chosen, _, outer in found if not chosen} == {True, False}


def test_among_many_tests_the_usual_way_is_the_first() -> None:
    seldom = [made(f"seldom {number}", expected=False) for number in range(3)]
    there = made("there", expected=True)
    excuse = made("excuse", hangs=(seldom[0], True, (there, False)))
    assert ways(*seldom, there, excuse)[0] == (False, False, False, True, False)


def test_what_a_test_hangs_on_is_usual_though_nothing_else_asks_for_it() -> None:
    found = [made(f"test {number}") for number in range(4)]
    word = made("word", expected=False)
    assert ways(*found, made("listed", hangs=(found[0], (word, True), True)))[0] == (True, True, True, True, False)


def test_a_test_of_many_is_told_by_the_first_few() -> None:
    found = [made(name) for name in "abcd"]
    two = made("a, b", hangs=(found[0], True, (found[1], False)))
    assert two.told == "a, b"
    assert made("a, b, c", hangs=(two, (found[2], True), (found[0], True))).told == "a, b, c"
    assert made("all", hangs=(two, (found[2], True), (found[3], True))).told == "a, b, c, ..."
    assert made("x is None").told == "x is None"
