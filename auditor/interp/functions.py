"""Functions: making them, binding arguments, running bodies; recursion and depth are bounded."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from auditor.interp import declared, endings, fusing, known, marking
from auditor.interp.frame import Activation, BudgetExceededError, Frame, Outcome
from auditor.interp.names import bindings
from auditor.limits import CALL_SHARE, CALLER_RESERVE, CONTRIBUTING_SHARE, COSTLY_CALL_SHARE, LEAST_CALL_STEPS, SPARING_CALL_SHARE
from auditor.project.syntax import FunctionNode
from auditor.values.domain import (
    NONE,
    AltEntries,
    AltItems,
    Arguments,
    Entry,
    EntryItem,
    FunctionValue,
    Hole,
    Item,
    ListRef,
    Spread,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import join
from auditor.values.lifetime import Cause, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def make(
    machine: Machine, node: FunctionNode, frame: Frame, decorators: tuple[str, ...], kind: str = "function"
) -> FunctionValue:
    """The function object of a definition: defaults are evaluated now, as in Python."""
    spec = node.args
    positional = [*spec.posonlyargs, *spec.args]
    defaults: list[tuple[str, Value]] = []
    for argument, default in zip(positional[len(positional) - len(spec.defaults) :], spec.defaults, strict=True):
        defaults.append((argument.arg, machine.evaluate(default, frame)))
    for argument, keyword_default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if keyword_default is not None:
            defaults.append((argument.arg, machine.evaluate(keyword_default, frame)))
    # A class body is no enclosing scope of its methods.
    scopes = frame.scopes[1:] if frame.cls is not None and frame.function is None else frame.scopes
    name = frame.module.scope_of.get(id(node)) or f"{frame.name}.<lambda>"
    owner = frame.cls.address if frame.cls is not None and frame.function is None else None
    return FunctionValue(node, frame.module.path, name, scopes, tuple(defaults), decorators, owner, kind)


def invoke(machine: Machine, function: FunctionValue, arguments: Arguments, node: ast.AST | None, frame: Frame | None) -> Value:
    """A call of a project function."""
    body_node = function.node
    assert isinstance(body_node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    module = machine.project.module(function.module)
    if module is None:
        return machine.unknown(Reason.UNREADABLE, node, frame)
    around = [activation.call for activation in machine.stack if activation.function is body_node]
    if _recurs(machine, function, arguments, node, around):
        return machine.unknown(Reason.RECURSION, node, frame, expression=f"{function.name}()")
    if len(machine.stack) >= machine.limits.depth:
        return machine.limit("depth", node, frame, f"{function.name}()")
    if (node is not None and id(node) in machine.passed) or (machine.stack and machine.leads_aside(function)):
        with machine.passing():
            return _kept_short(machine, function, arguments, node, frame)
    if machine.leads(function):
        if machine.full is not None:
            with machine.lifted():
                return _activate(machine, function, arguments, node, frame)
        if not machine.stack:
            return _activate(machine, function, arguments, node, frame)
        # The caller goes on behind the call: what it makes of a history there is worth some of the budget.
        left = machine.ceiling - machine.steps
        return _allowed(machine, machine.allowance(left - left // CALLER_RESERVE), function, arguments, node, frame)
    return _kept_short(machine, function, arguments, node, frame)


def _kept_short(
    machine: Machine, function: FunctionValue, arguments: Arguments, node: ast.AST | None, frame: Frame | None
) -> Value:
    """A call that may take a share of what is left; inside of one, all but what its caller needs to go on."""
    left, inside = machine.ceiling - machine.steps, machine.full is not None
    costly = id(function.node) in machine.costly or (not inside and _takes_response(arguments))
    if inside and not costly:
        return _allowed(machine, machine.allowance(left - left // CALLER_RESERVE), function, arguments, node, frame)
    steps = max(left // (COSTLY_CALL_SHARE if costly else CALL_SHARE), LEAST_CALL_STEPS)
    if machine.sparing and not inside and not _constructs(function):
        steps = min(steps, left // _sparing(machine, node, frame))
    allowance = machine.allowance(steps) if inside else machine.keeping_short(steps)
    return _allowed(machine, allowance, function, arguments, node, frame)


def _sparing(machine: Machine, node: ast.AST | None, frame: Frame | None) -> int:
    """Which share of what is left a call may take that leads to no request, where those are what the run is for."""
    if frame is None or frame.function is None:
        return SPARING_CALL_SHARE
    level = machine.contributing(frame.function.node).get(id(node))
    return SPARING_CALL_SHARE if level is None else CONTRIBUTING_SHARE ** (level + 1)


def _allowed(
    machine: Machine,
    allowance: AbstractContextManager[object],
    function: FunctionValue,
    arguments: Arguments,
    node: ast.AST | None,
    frame: Frame | None,
) -> Value:
    """A call that may take so much and no more."""
    leads, before, blamed = machine.leads(function), machine.steps, machine.blamed
    try:
        with allowance:
            result = _activate(machine, function, arguments, node, frame)
        if leads:
            machine.led.add(id(node))
        elif not _constructs(function):
            _blame(machine, function, machine.steps - before - (machine.blamed - blamed))
        return result
    except BudgetExceededError:
        if leads and 2 * (machine.steps - before) > machine.limits.steps:
            machine.led.add(id(node))  # it had its chance
        if machine.steps > machine.ceiling:
            raise
        if COSTLY_CALL_SHARE * (machine.steps - before) > machine.limits.steps or machine.full is None:
            machine.costly.add(id(function.node))
        machine.cut = machine.cut or leads
        return machine.limit("call steps", node, frame, f"{function.name}()")


def _blame(machine: Machine, function: FunctionValue, steps: int) -> None:
    """Notes a function that took much of the budget, apart from others in it that did."""
    if COSTLY_CALL_SHARE * steps > machine.limits.steps:
        machine.blamed += steps
        machine.dear.add(id(function.node))


def _constructs(function: FunctionValue) -> bool:
    """Whether it makes an object: what its methods send with is kept there."""
    return function.name.endswith(".__init__")


def _recurs(machine: Machine, function: FunctionValue, arguments: Arguments, node: ast.AST | None, around: list[object]) -> bool:
    """Whether a call inside of calls of the same function is one too many.

    A helper that others call for their own ends (`self._get("router", build)`, whose `build` asks for the agent) is no recursion
    as long as each call stands at another place.
    """
    if not around:
        return False
    if _over_unknown(arguments) and not machine.leads(function):
        return True
    if len(around) < machine.limits.turns:
        return False
    anew = node is not None and node not in around and machine.stack[-1].function is not function.node
    return not anew or len(around) >= machine.limits.helper_depth


def _over_unknown(arguments: Arguments) -> bool:
    """Whether a function that calls itself goes through data of unknown shape: deeper levels say no more than the first."""
    return any(isinstance(item, Hole) for item in arguments.positional)


def _takes_response(arguments: Arguments) -> bool:
    return any(isinstance(item, Hole) and item.cause is Cause.RESPONSE for item in arguments.all())


def _activate(
    machine: Machine, function: FunctionValue, arguments: Arguments, node: ast.AST | None, frame: Frame | None
) -> Value:
    body_node = function.node
    assert isinstance(body_node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    module = machine.project.module(function.module)
    assert module is not None
    key = _memo_key(function, arguments)
    if key is not None and key in machine.memo and machine.store.holds(machine.memo[key]):
        return machine.memo[key]
    found = bindings(machine, body_node)
    scope = machine.store.allocate()
    inner = Frame(
        module,
        (scope, *function.scopes),
        frozenset(found.bound),
        function,
        global_names=frozenset(found.globals),
        nonlocal_names=frozenset(found.nonlocals),
    )
    bind(machine, function, arguments, inner, node, frame)
    machine.visited.setdefault(id(body_node), (body_node, inner))
    machine.stack.append(Activation(body_node, node, frame.module.path if frame else function.module))
    assumptions = machine.assumptions
    try:
        result = declared.returned(machine, function, _run(machine, body_node, inner, generator=found.generator), inner)
        if key is not None:
            machine.memo[key] = result
        return result
    finally:
        machine.assumptions = assumptions
        machine.stack.pop()


REMEMBERING = frozenset({"lru_cache", "cache", "alru_cache", "cache_data", "cache_resource"})
"""Decorators whose function gives the same result again for the same arguments, as long as the process lives."""


def _memo_key(function: FunctionValue, arguments: Arguments) -> object | None:
    """What a remembered result is found by; None where nothing is remembered."""
    if not any(name.rsplit(".", 1)[-1] in REMEMBERING for name in function.decorators):
        return None
    key = ("result", id(function.node), arguments.positional, arguments.keywords, arguments.unknown_keywords)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _run(machine: Machine, node: FunctionNode, frame: Frame, *, generator: bool) -> Value:
    from auditor.interp import statements

    if isinstance(node, ast.Lambda):
        return machine.evaluate(node.body, frame)
    if generator:
        collected = machine.new_list()
        frame.yields = collected.address
        statements.block(machine, node.body, frame)
        return collected
    outcome = statements.block(machine, node.body, frame)
    if outcome is Outcome.NORMAL:
        frame.returns.append((tuple(frame.decisions), NONE))
    if outcome is Outcome.RAISE and not frame.returns:
        endings.note(machine, node, frame.raised)
    return result_of(machine, frame)


def result_of(machine: Machine, frame: Frame) -> Value:
    """What the function gave back on its several ways, each under the condition that decided for it last."""
    if not frame.returns:
        return NONE
    *earlier, (_, result) = frame.returns
    for decisions, value in reversed(earlier):
        if not decisions:
            result = value
            continue
        condition, outcome = decisions[-1]
        result = fusing.joined(machine, condition, *((value, result) if outcome else (result, value)))
    return result


# Arguments


def bind(
    machine: Machine, function: FunctionValue, arguments: Arguments, inner: Frame, node: ast.AST | None, frame: Frame | None
) -> None:
    """Writes the parameters' cells from a call's arguments."""
    spec = function.node.args  # type: ignore[attr-defined]
    positional: list[Item] = list(arguments.positional)
    keywords = dict(arguments.keywords)
    rest = list(arguments.unknown_keywords)
    defaults = dict(function.defaults)
    place = machine.place(node, frame)

    def passed(name: str, value: Value) -> Value:
        if isinstance(value, Hole):
            return value.along(place, f"passed as `{name}` to {function.name}()")
        if isinstance(value, Text) and any(isinstance(piece, Hole) for piece in value.pieces):
            message = f"passed as `{name}` to {function.name}()"
            return Text(tuple(piece.along(place, message) if isinstance(piece, Hole) else piece for piece in value.pieces))
        return value

    stretch: Spread | None = None
    for argument in [*spec.posonlyargs, *spec.args]:
        value: Value | None = None
        if stretch is None and positional and (argument.arg not in keywords or not isinstance(positional[0], Spread)):
            item = positional.pop(0)
            if isinstance(item, Spread):
                stretch = item
            elif isinstance(item, AltItems):
                value = next((one for one in (*item.then, *item.otherwise) if known.plain(one) is not None), None)  # type: ignore[assignment]
            else:
                value = item
        if value is None and argument.arg in keywords:
            value = keywords.pop(argument.arg)
        if value is None and stretch is not None:
            value = one_of(machine, stretch, argument.arg, node, frame)
        given = passed(argument.arg, value) if value is not None else _absent(machine, argument, rest, defaults, inner)
        machine.store.set(inner.local, argument.arg, declared.passed(machine, function, argument, given, inner))
    if spec.vararg is not None:
        behind = (stretch, *positional) if stretch is not None else tuple(positional)
        machine.store.set(inner.local, spec.vararg.arg, TupleValue(behind))
    for argument in spec.kwonlyargs:
        value = keywords.pop(argument.arg, None)
        given = passed(argument.arg, value) if value is not None else _absent(machine, argument, rest, defaults, inner)
        machine.store.set(inner.local, argument.arg, declared.passed(machine, function, argument, given, inner))
    if spec.kwarg is not None:
        entries: list[EntryItem] = [Entry(Text.of(name), value) for name, value in keywords.items()]
        machine.store.set(inner.local, spec.kwarg.arg, machine.new_dict([*entries, *rest]))
        _note_markers(machine, keywords, node, frame)


def _note_markers(machine: Machine, rest: Mapping[str, Value], node: ast.AST | None, frame: Frame | None) -> None:
    """`block(text, cache_control=MARK)`: it is the call that marks what the function makes of its `**extra`."""
    if isinstance(node, ast.Call) and frame is not None:
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg in rest:
                marking.written(machine, Text.of(keyword.arg), rest[keyword.arg], keyword, frame)


def one_of(machine: Machine, values: Spread, name: str, node: ast.AST | None, frame: Frame | None) -> Value:
    """What a parameter or field of that name gets out of `*values`, of which it is not known how many they are."""
    first = known.plain(values.elements[0]) if values.elements else None
    if first is not None and first != values.hole:
        return first
    hole = values.hole
    return machine.derived([hole], node, frame, identity=("item", hole.identity, name), expression=name, reason=hole.reason)


def named_of(machine: Machine, rest: Iterable[EntryItem], name: str, node: ast.AST | None, frame: Frame | None) -> Value | None:
    """What a parameter or field of that name gets out of `**values`, of which it is not known what they hold."""
    spread = next((entry.hole for entry in rest if isinstance(entry, SpreadEntries)), None)
    if spread is None:
        return None
    identity = ("attr", spread.identity, name)
    return machine.derived([spread], node, frame, identity=identity, expression=name, reason=spread.reason)


def given_in(
    machine: Machine, rest: Sequence[EntryItem], name: str, default: Value, settled: bool, node: ast.AST, frame: Frame
) -> Value | None:
    """What a parameter or field of that name gets out of `**values`: of those that are known, the last that has the name.

    `default` is what it is where they do not have it. `settled`: it is taken to be that where they may hold anything.
    """
    for index in range(len(rest) - 1, -1, -1):
        match rest[index]:
            case Entry(key, value) if known.text_of(key) == name:
                return value
            case SpreadEntries() as entry if not settled:
                return named_of(machine, (entry,), name, node, frame)
            case AltEntries(condition, then, otherwise):
                sides = [given_in(machine, side, name, default, settled, node, frame) for side in (then, otherwise)]
                if any(side is not None for side in sides):
                    before = given_in(machine, rest[:index], name, default, settled, node, frame) or default
                    return join(condition, *(side if side is not None else before for side in sides))
            case _:
                pass
    return None


def _absent(machine: Machine, argument: ast.arg, rest: list[EntryItem], defaults: dict[str, Value], inner: Frame) -> Value:
    """A parameter that got no argument by name or position: from `**` of unknown content, the default, or nothing."""
    default = defaults.get(argument.arg)
    nothing = default or known.missing(argument.arg)
    found = given_in(machine, rest, argument.arg, nothing, default is not None, argument, inner) or default
    if found is not None:
        return found
    return machine.hole(
        argument,
        inner,
        Lifetime.UNKNOWN,
        identity=("absent", id(argument), machine.epoch),
        expression=argument.arg,
        reason=Reason.NO_CALLERS,
    )


__all__ = ["ListRef", "bind", "invoke", "make", "result_of"]
