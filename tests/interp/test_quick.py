"""What is made quickly is what a frozen dataclass is: its fields, its defaults, equality, copies; and nobody changes it."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from auditor.values.domain import Arguments, Choice, Const, ExternalObject
from auditor.values.lifetime import Lifetime
from auditor.values.quick import quick, replace
from auditor.values.text import Condition, Hole

QUICK = (Hole, Condition, Choice, Arguments, ExternalObject)


@pytest.mark.parametrize("cls", QUICK)
def test_fields_by_position_and_by_name_are_the_same(cls: type) -> None:
    names = [field.name for field in dataclasses.fields(cls)]
    by_position, by_name = cls(*names), cls(**{name: name for name in names})
    assert [getattr(by_position, name) for name in names] == names
    assert [getattr(by_name, name) for name in names] == names
    assert type(by_position) is cls
    assert by_position == by_name


def test_defaults_are_those_of_the_class() -> None:
    made = Hole(("#", 1), "user", Lifetime.USER)
    assert all(getattr(made, field.name) == field.default for field in dataclasses.fields(Hole)[3:])
    with pytest.raises(TypeError, match="lifetime"):
        Hole(("#", 1), "user")  # type: ignore[call-arg]


def test_nobody_changes_one() -> None:
    made = Hole(("#", 1), "user", Lifetime.USER)
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.expression = "x"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(made, expression="x").expression = "y"  # type: ignore[misc]


def test_a_copy_has_other_fields_and_is_of_its_class() -> None:
    made = Condition(("#", 1), "a", Lifetime.CALL, expected=True)
    other = replace(made, expression="b")
    assert (type(other), other.expression, other.expected, made.expression) == (Condition, "b", True, "a")
    assert other == made  # only the identity counts
    assert dataclasses.replace(made, expression="b").expression == "b"
    assert replace(Const(1, "int"), value=2) == Const(2, "int")  # of a class that is made as any other
    with pytest.raises((TypeError, AttributeError)):
        replace(made, unheard_of=1)  # type: ignore[call-arg]


def test_one_can_be_copied_and_stored() -> None:
    made = Choice(Condition(("#", 1), "a", Lifetime.CALL), Const(1, "int"), Const(2, "int"))
    assert copy.deepcopy(made) == made
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_field_may_be_called_like_anything() -> None:
    @quick
    @dataclasses.dataclass(frozen=True, slots=True)
    class Odd:
        cls: str
        new: str = "n"
        writable: str = "w"

    assert replace(Odd("c"), new="m") == Odd("c", "m", "w")


def test_subclasses_are_refused() -> None:
    with pytest.raises(TypeError, match="that very class"):

        class Special(Hole):
            pass
