"""Statements: straight lines, branches, try, with, match, definitions. Loops have a module of their own."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from auditor.interp import (
    aiming,
    assignments,
    attributes,
    classes,
    counting,
    endings,
    filled,
    functions,
    keeping,
    loops,
    marking,
    modules,
    patterns,
)
from auditor.interp.frame import Frame, Outcome
from auditor.interp.library import failures, wrappers
from auditor.interp.names import store_name
from auditor.values.domain import (
    NONE,
    Arguments,
    ClassValue,
    External,
    ExternalObject,
    FunctionValue,
    Hole,
    Instance,
    ListRef,
    Value,
)
from auditor.values.lifetime import Reason
from auditor.values.text import Condition

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def block(machine: Machine, statements: Sequence[ast.stmt], frame: Frame) -> Outcome:
    """Runs statements until one leaves the block."""
    for index, statement in enumerate(statements):
        rest = statements[index + 1 :]
        if isinstance(statement, ast.If) and rest and _goes_on(statement) and _leaves(rest):
            return _if(machine, statement, frame, rest)
        if isinstance(statement, ast.If) and rest and not statement.orelse and isinstance(statement.body[-1], ast.Return):
            return _guard(machine, statement, frame, rest)
        before = machine.sent
        outcome = execute(machine, statement, frame)
        if outcome is not Outcome.NORMAL:
            return outcome
        if machine.sent != before and rest and endings.returns_by_itself(statement):
            with machine.failed(True):  # all turns of the loop, and none of them was the last word
                return block(machine, rest, frame)
    return Outcome.NORMAL


def _goes_on(node: ast.If) -> bool:
    """`if there are tools to call: ...; continue`: one side is for the loop's next turn, the other for what follows."""
    return not node.orelse and isinstance(node.body[-1], ast.Continue)


def _leaves(statements: Sequence[ast.stmt]) -> bool:
    """Whether the end of the block, if it is reached, is the end of the loop."""
    match statements[-1]:
        case ast.Return() | ast.Break() | ast.Raise():
            return True
        case ast.If(body=body, orelse=orelse) if orelse:
            return _leaves(body) and _leaves(orelse)
        case _:
            return False


def execute(machine: Machine, node: ast.stmt, frame: Frame) -> Outcome:
    machine.step()
    handler = STATEMENTS.get(type(node))
    return Outcome.NORMAL if handler is None else handler(machine, node, frame)


def _expression(machine: Machine, node: ast.Expr, frame: Frame) -> Outcome:
    saved, machine.dropped = machine.dropped, (*machine.dropped[-3:], node.value)
    endings.begin(machine, node.value, frame)
    machine.dropped = saved
    return Outcome.RAISE if endings.ends(machine, node.value, frame) else Outcome.NORMAL


def _assign(machine: Machine, node: ast.Assign, frame: Frame) -> Outcome:
    if assignments.shortened(machine, node, frame):
        return Outcome.NORMAL
    value = counting.counted(machine, node, endings.begin(machine, node.value, frame))
    if endings.ends(machine, node.value, frame):
        return Outcome.RAISE
    for target in node.targets:
        assignments.assign(machine, target, value, frame)
    return Outcome.NORMAL


def _annotated(machine: Machine, node: ast.AnnAssign, frame: Frame) -> Outcome:
    if node.value is not None:
        assignments.annotated(machine, node, node.value, frame)
    return Outcome.NORMAL


def _augmented(machine: Machine, node: ast.AugAssign, frame: Frame) -> Outcome:
    assignments.augmented(machine, node, frame)
    return Outcome.NORMAL


def _delete(machine: Machine, node: ast.Delete, frame: Frame) -> Outcome:
    for target in node.targets:
        assignments.delete(machine, target, frame)
    return Outcome.NORMAL


def _return(machine: Machine, node: ast.Return, frame: Frame) -> Outcome:
    value = endings.begin(machine, node.value, frame) if node.value is not None else NONE
    if node.value is not None and endings.ends(machine, node.value, frame):
        return Outcome.RAISE
    frame.returns.append((tuple(frame.decisions), keeping.kept(machine, node, value, frame)))
    return Outcome.RETURN


def _if(machine: Machine, node: ast.If, frame: Frame, rest: Sequence[ast.stmt] = ()) -> Outcome:
    """`rest`: statements that follow, where these are the other side's alone."""
    if modules.is_main_guard(node):
        running = machine.main == frame.module.path
        return block(machine, node.body if running else node.orelse, frame)
    if modules.is_type_checking(node):
        # Imports for annotations only: they say what parameters are.
        block(machine, node.body, frame)
        return block(machine, node.orelse, frame)
    filled.settle(machine, node, frame)
    decided = marking.truth(machine, node, frame)
    if isinstance(decided, bool):
        return block(machine, node.body if decided else [*node.orelse, *rest], frame)
    return _sides(machine, decided, node.body, [*node.orelse, *rest], frame)


def _towards(
    machine: Machine, decided: tuple[Condition, bool], body: Sequence[ast.stmt], otherwise: Sequence[ast.stmt], frame: Frame
) -> Outcome | None:
    """The side of an open test alone that leads to the call which the run is for; None, and nothing done, where there is none."""
    taken = aiming.side(machine, body, otherwise)
    if taken is None:
        return None
    condition, outcome = decided
    machine.assumptions = {**machine.assumptions, **condition.taken(outcome is taken)}
    return block(machine, body if taken else otherwise, frame)


def _guard(machine: Machine, node: ast.If, frame: Frame, rest: Sequence[ast.stmt]) -> Outcome:
    """`if ...: return ...`, and what follows: behind a test of times (`if fresh: return kept`), it happens now and then."""
    machine.step()
    filled.settle(machine, node, frame)
    decided = marking.truth(machine, node, frame)
    if isinstance(decided, bool):
        return block(machine, node.body if decided else rest, frame)
    if (towards := _towards(machine, decided, node.body, rest, frame)) is not None:
        return towards
    condition, outcome = decided
    if condition.lapse:
        first, second = (node.body, rest) if outcome else (rest, node.body)
        return _now_and_then(
            machine, condition, lambda: block(machine, first, frame), lambda: block(machine, second, frame), frame
        )
    left = _sides(machine, decided, node.body, (), frame)
    return block(machine, rest, frame) if left is Outcome.NORMAL else left


def _sides(
    machine: Machine, decided: tuple[Condition, bool], body: Sequence[ast.stmt], otherwise: Sequence[ast.stmt], frame: Frame
) -> Outcome:
    if (towards := _towards(machine, decided, body, otherwise, frame)) is not None:
        return towards
    condition, outcome = decided
    first, second = (body, otherwise) if outcome else (otherwise, body)
    return branch(machine, condition, lambda: block(machine, first, frame), lambda: block(machine, second, frame), frame)


def _now_and_then(
    machine: Machine, condition: Condition, then: Callable[[], Outcome], otherwise: Callable[[], Outcome], frame: Frame
) -> Outcome:
    """A test of times: what the other side leaves does not count, unless it sends (behind a cooldown)."""
    returns, heard = len(frame.returns), machine.listener.heard
    usual, seldom = (then, otherwise) if condition.expected else (otherwise, then)
    with machine.assuming(condition, not condition.expected):
        seldom()
    del frame.returns[returns:]
    if machine.listener.heard > heard:
        machine.listener.forget(heard)
        return branch(machine, condition, then, otherwise, frame)
    machine.assumptions = {**machine.assumptions, **condition.taken(bool(condition.expected))}
    return usual()


def branch(
    machine: Machine, condition: Condition, then: Callable[[], Outcome], otherwise: Callable[[], Outcome], frame: Frame
) -> Outcome:
    """Both sides of an open condition, each in a layer of its own. A side that leaves decides the condition for what follows."""
    depth, stayed = len(frame.decisions), len(frame.staying)
    goes_on: dict[Any, bool] = {}
    frame.decisions.append((condition, True))
    with machine.assuming(condition, True) as first:
        a = then()
        goes_on.update(_settled(machine, frame, stayed, a))
    del frame.decisions[depth:]
    frame.decisions.append((condition, False))
    with machine.assuming(condition, False) as second:
        b = otherwise()
        goes_on.update(_settled(machine, frame, stayed, b))
    del frame.decisions[depth:]
    if a is Outcome.RAISE and b is not Outcome.RAISE:
        return _survivor(machine, condition, False, second, b, frame)
    if b is Outcome.RAISE and a is not Outcome.RAISE:
        return _survivor(machine, condition, True, first, a, frame)
    machine.store.merge(condition, first, second)
    if a is b:
        frame.raised = None  # which of two it was is not told
        machine.assumptions = {**machine.assumptions, **goes_on}
        return a
    if a is Outcome.NORMAL or b is Outcome.NORMAL:
        machine.assumptions = {**machine.assumptions, **goes_on, **condition.taken(a is Outcome.NORMAL)}
        frame.decisions.append((condition, a is Outcome.NORMAL))
        if Outcome.BREAK in (a, b) or Outcome.CONTINUE in (a, b):
            frame.decisions.pop()
            frame.staying.extend(condition.taken(a is Outcome.NORMAL))  # behind the loop it may have been the other side
        return Outcome.NORMAL
    if Outcome.CONTINUE not in (a, b):
        return a
    # What the loop does next it does on the side that stayed; behind the loop it may have ended by the other.
    stays = a is Outcome.CONTINUE
    machine.assumptions = {**machine.assumptions, **condition.taken(stays)}
    if Outcome.RETURN in (a, b):
        frame.decisions.append((condition, stays))
    else:
        frame.staying.extend(condition.taken(stays))
    return Outcome.CONTINUE


def _settled(machine: Machine, frame: Frame, stayed: int, outcome: Outcome) -> dict[Any, bool]:
    """What a side that goes on decided of tests of its own, one side of which left for the loop's next turn.

    `elif kind == "tool": ...; continue`: what follows is for all other kinds.
    """
    if outcome is not Outcome.NORMAL:
        return {}
    return {key: machine.assumptions[key] for key in frame.staying[stayed:] if key in machine.assumptions}


def _survivor(machine: Machine, condition: Condition, outcome: bool, writes: Any, result: Outcome, frame: Frame) -> Outcome:
    """The other side raised: only this one goes on."""
    machine.store.commit(writes)
    machine.assumptions = {**machine.assumptions, **condition.taken(outcome)}
    return result


def _try(machine: Machine, node: ast.Try, frame: Frame) -> Outcome:
    before = machine.sent
    outcome = block(machine, node.body, frame)
    if outcome is Outcome.RAISE:
        outcome = _handled(machine, node, frame)
    else:
        # What handlers send (a fallback, a second try) is heard; what they leave behind is not: the way without errors goes on.
        returns = len(frame.returns)
        with machine.failed(machine.sent != before):
            for handler in node.handlers:
                with machine.store.layer():
                    _handler(machine, handler, None, frame)
        del frame.returns[returns:]
        if outcome is Outcome.NORMAL:
            outcome = block(machine, node.orelse, frame)
    final = block(machine, node.finalbody, frame)
    return outcome if final is Outcome.NORMAL else final


def _handled(machine: Machine, node: ast.Try | ast.TryStar, frame: Frame) -> Outcome:
    """The body certainly raised: the first handler that may be for it runs."""
    raised, frame.raised = frame.raised, None
    for handler in node.handlers:
        wanted = machine.evaluate(handler.type, frame) if handler.type is not None else None
        if failures.catches(machine, wanted, raised) is not False:
            return _handler(machine, handler, raised, frame)
    frame.raised = raised
    return Outcome.RAISE


def _handler(machine: Machine, handler: ast.ExceptHandler, raised: Value | None, frame: Frame) -> Outcome:
    saved, moment = machine.assumptions, machine.moment
    if handler.name:
        error = raised if raised is not None else machine.unknown(Reason.EXTERNAL_DATA, handler, frame, expression=handler.name)
        store_name(machine, handler.name, error, frame)
    try:
        return block(machine, handler.body, frame)
    finally:
        machine.assumptions = saved
        machine.moment = moment.around(machine.moment)


def _with(machine: Machine, node: ast.With | ast.AsyncWith, frame: Frame) -> Outcome:
    for item in node.items:
        value = machine.evaluate(item.context_expr, frame)
        entered = _enter(machine, value, item.context_expr, frame)
        if item.optional_vars is not None:
            assignments.assign(machine, item.optional_vars, entered, frame)
    return block(machine, node.body, frame)


def _enter(machine: Machine, value: Value, node: ast.expr, frame: Frame) -> Value:
    match value:
        case Instance():
            for name in ("__enter__", "__aenter__"):
                method = attributes.class_member(machine, value.cls, name)
                if isinstance(method, FunctionValue):
                    return machine.call(attributes.bind(machine, method, value), Arguments(), node, frame)
            return value
        case ListRef():  # a generator function made a context manager: its first yield
            items = machine.items(value).items
            first = items[0] if items else None
            return first if first is not None and not hasattr(first, "hole") else value  # type: ignore[return-value]
        case _:
            return value


def _function(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> Outcome:
    kind = "function"
    names = tuple(
        machine.source(decorator.func if isinstance(decorator, ast.Call) else decorator) for decorator in node.decorator_list
    )
    for name in names:
        last = name.rsplit(".", 1)[-1]
        if name in {"staticmethod", "classmethod"}:
            kind = "static" if name == "staticmethod" else "class"
        elif last in {"property", "cached_property", "computed_field", "abstractproperty"}:
            kind = "property"
        elif last == "setter":
            value = functions.make(machine, node, frame, names)
            machine.store.set(frame.local, f"{node.name}.setter", value)
            return Outcome.NORMAL
        elif last == "overload":
            return Outcome.NORMAL
    function: Value = functions.make(machine, node, frame, names, kind)
    for decorator in reversed(node.decorator_list):
        function = _decorated(machine, function, decorator, frame)
    store_name(machine, node.name, function, frame)
    return Outcome.NORMAL


def _decorated(machine: Machine, function: Value, decorator: ast.expr, frame: Frame) -> Value:
    """What a decorator makes of a function. A library's, or one that gives back something unknown, is taken to keep it."""
    if not isinstance(function, FunctionValue) or function.kind != "function":
        return function
    callee = machine.evaluate(decorator, frame)
    if isinstance(callee, Hole) and isinstance(decorator, ast.Call):
        maker = machine.evaluate(decorator.func, frame)  # `@app.post("/ask")`: what decorates is known by what made it
        callee = maker if isinstance(maker, External | ExternalObject) else callee
    if isinstance(callee, External | ExternalObject | Hole):
        return wrappers.decorated(machine, callee, function, decorator, frame)
    result = machine.call(callee, Arguments((function,)), decorator, frame)
    return function if isinstance(result, Hole) or result == NONE else result


def _class(machine: Machine, node: ast.ClassDef, frame: Frame) -> Outcome:
    store_name(machine, node.name, classes.define(machine, node, frame), frame)
    return Outcome.NORMAL


def _import(machine: Machine, node: ast.Import, frame: Frame) -> Outcome:
    for alias in node.names:
        modules.bind_import(machine, alias, frame)
    return Outcome.NORMAL


def _import_from(machine: Machine, node: ast.ImportFrom, frame: Frame) -> Outcome:
    modules.bind_import_from(machine, node, frame)
    return Outcome.NORMAL


def _match(machine: Machine, node: ast.Match, frame: Frame) -> Outcome:
    return patterns.execute(machine, node, frame)


def _raise(machine: Machine, node: ast.Raise, frame: Frame) -> Outcome:
    error = machine.evaluate(node.exc, frame) if node.exc is not None else None
    frame.raised = machine.call(error, Arguments(), node, frame) if isinstance(error, ClassValue) else error
    return Outcome.RAISE


def _assert(machine: Machine, node: ast.Assert, frame: Frame) -> Outcome:
    decided = machine.truth(machine.evaluate(node.test, frame))
    if not isinstance(decided, bool):
        condition, outcome = decided
        machine.assumptions = {**machine.assumptions, **condition.taken(outcome)}
    return Outcome.NORMAL


STATEMENTS: dict[type[ast.stmt], Callable[[Machine, Any, Frame], Outcome]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.Return: _return,
    ast.If: _if,
    ast.For: loops.execute_for,
    ast.AsyncFor: loops.execute_for,
    ast.While: loops.execute_while,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Match: _match,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Break: lambda machine, node, frame: Outcome.BREAK,
    ast.Continue: lambda machine, node, frame: Outcome.CONTINUE,
}
