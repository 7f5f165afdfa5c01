"""What Jinja2's tests say of values that are partly known."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import comparisons, known, tests
from auditor.interp.library.jinja.access import NOTHING
from auditor.values.domain import (
    NONE,
    Arguments,
    BoundMethod,
    Choice,
    ClassValue,
    Const,
    DictRef,
    External,
    FunctionValue,
    ListRef,
    Method,
    Partial,
    SetRef,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, holes_of
from auditor.values.lifetime import Evidence, Reason
from auditor.values.text import Hole

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

COMPARISONS: dict[str, ast.cmpop] = {
    **dict.fromkeys(("eq", "equalto", "=="), ast.Eq()),
    **dict.fromkeys(("ne", "!="), ast.NotEq()),
    **dict.fromkeys(("lt", "lessthan", "<"), ast.Lt()),
    **dict.fromkeys(("le", "<="), ast.LtE()),
    **dict.fromkeys(("gt", "greaterthan", ">"), ast.Gt()),
    **dict.fromkeys(("ge", ">="), ast.GtE()),
    "in": ast.In(),
    "sameas": ast.Is(),
}
TEXTS, ITEMS = (Text,), (ListRef, TupleValue, SetRef)
CALLABLE = (FunctionValue, BoundMethod, ClassValue, Partial, Method, External)


def apply(machine: Machine, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`value is name(...)`."""
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    value = decide(first, machine.assumptions) if first is not None else NOTHING
    if isinstance(value, Choice):
        rest = arguments.positional[1:]
        return machine.each(value, lambda side: apply(machine, name, Arguments((side, *rest)), node, frame), node, frame)
    other = arguments.get(1, "other")
    if name in COMPARISONS and other is not None:
        return comparisons.compare(machine, COMPARISONS[name], value, other, node, frame)
    if name in {"defined", "undefined"}:
        found = defined(machine, value, node, frame)
        return found if name == "defined" else tests.negate(machine, found, node, frame)
    if name == "none":
        return comparisons.compare(machine, ast.Is(), value, NONE, node, frame)
    answer = _answer(name, value, other)
    if answer is not None:
        return const(answer)
    holes = [*holes_of(value), *holes_of(other)]
    identity = ("test", name, value, other) if not isinstance(value, ListRef | DictRef) else None
    return machine.derived(holes, node, frame, identity=identity, reason=None if holes else Reason.UNSUPPORTED)


def defined(machine: Machine, value: Value, node: ast.AST, frame: Frame) -> Value:
    """Whether anybody gave the name a value. What `**` of unknown content may have brought is not known to be there."""
    value = decide(value, machine.assumptions)
    if isinstance(value, Choice):
        return machine.each(value, lambda side: defined(machine, side, node, frame), node, frame)
    if isinstance(value, Hole) and value.reason in (Reason.MISSING, Reason.NO_CALLERS) and value.evidence is Evidence.NONE:
        condition = machine.condition(
            ("defined", value.identity), f"{value.expression} is defined", value.lifetime, value.place, value
        )
        return tests.as_value(machine, condition, True, node, frame)
    return const(value != NOTHING)


def _answer(name: str, value: Value, other: Value | None) -> bool | None:
    if isinstance(value, Hole):
        return None
    raw = value.value if isinstance(value, Const) else None
    text = known.text_of(value)
    match name:
        case "string":
            return isinstance(value, TEXTS)
        case "mapping":
            return isinstance(value, DictRef)
        case "sequence" | "iterable":
            return isinstance(value, (*TEXTS, *ITEMS, DictRef)) or value == NOTHING
        case "number":
            return isinstance(raw, int | float)
        case "integer":
            return isinstance(raw, int) and not isinstance(raw, bool)
        case "float":
            return isinstance(raw, float)
        case "boolean":
            return isinstance(raw, bool)
        case "true" | "false":
            return raw is (name == "true")
        case "callable":
            return isinstance(value, CALLABLE)
        case "odd" | "even" if isinstance(raw, int):
            return raw % 2 == (name == "odd")
        case "divisibleby" if isinstance(raw, int) and (number := known.int_of(other)):
            return raw % number == 0
        case "upper" | "lower" if text is not None:
            return text.isupper() if name == "upper" else text.islower()
        case _:
            return None
