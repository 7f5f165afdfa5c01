"""Expressions: one function per kind of syntax node."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from auditor.interp import (
    comparisons,
    comprehensions,
    concurrency,
    counting,
    endings,
    formats,
    known,
    marking,
    operators,
    sessions,
    tests,
    trimming,
    unveiled,
)
from auditor.interp.names import load, store_name
from auditor.interp.splicing import joined
from auditor.values.domain import (
    NONE,
    Arguments,
    Choice,
    DictRef,
    Entry,
    EntryItem,
    External,
    ExternalObject,
    FunctionValue,
    Hole,
    Item,
    Items,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import decide, either_entries
from auditor.values.lifetime import Cause, Reason
from auditor.values.text import Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def evaluate(machine: Machine, node: ast.expr, frame: Frame) -> Value:
    """The value of an expression. Never raises for what the audited code does wrong."""
    machine.step()
    handler = EXPRESSIONS.get(type(node))
    if handler is None:
        return machine.unknown(Reason.UNSUPPORTED, node, frame)
    value = handler(machine, node, frame)
    return unveiled.meant(machine, value) if machine.unveiled and isinstance(value, Hole | Choice) else value


def _constant(machine: Machine, node: ast.Constant, frame: Frame) -> Value:
    if isinstance(node.value, str):
        key = ("literal", frame.module.path, id(node))
        found = machine.cache.get(key)
        if not isinstance(found, Text):
            found = Text((Literal(node.value, machine.place(node, frame)),)) if node.value else Text()
            machine.cache[key] = found
        return found
    return const(node.value)


def _joined(machine: Machine, node: ast.JoinedStr, frame: Frame) -> Value:
    parts: list[Text | str] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = machine.evaluate(part.value, frame)
            spec = machine.evaluate(part.format_spec, frame) if part.format_spec is not None else None
            parts.append(formats.formatted(machine, value, part.conversion, spec, part.value, frame))
        else:
            value = machine.evaluate(part, frame)
            if isinstance(value, Text):
                parts.append(value)
    return machine.text(*parts)


def _name(machine: Machine, node: ast.Name, frame: Frame) -> Value:
    return load(machine, node.id, node, frame)


def _attribute(machine: Machine, node: ast.Attribute, frame: Frame) -> Value:
    return machine.attribute(machine.evaluate(node.value, frame), node.attr, node, frame)


def _subscript(machine: Machine, node: ast.Subscript, frame: Frame) -> Value:
    from auditor.interp import portions, subscripts

    receiver = machine.evaluate(node.value, frame)
    if isinstance(node.slice, ast.Slice):
        bounds = [
            machine.evaluate(part, frame) if part is not None else None
            for part in (node.slice.lower, node.slice.upper, node.slice.step)
        ]
        return portions.cut(machine, receiver, bounds, node, frame)
    return subscripts.get(machine, receiver, machine.evaluate(node.slice, frame), node, frame)


def arguments(machine: Machine, node: ast.Call, frame: Frame) -> Arguments:
    """Evaluated arguments of a call; `*` and `**` of known content are spelled out."""
    positional: list[Item] = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            positional.extend(machine.iterate(machine.evaluate(argument.value, frame), argument, frame).items)
        else:
            positional.append(machine.evaluate(argument, frame))
    keywords: dict[str, Value] = {}
    rest: list[EntryItem] = []
    for keyword in node.keywords:
        value = machine.evaluate(keyword.value, frame)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
            continue
        for entry in spread_entries(machine, value, keyword.value, frame):
            name = known.text_of(entry.key) if isinstance(entry, Entry) else None
            if name is not None and isinstance(entry, Entry):
                keywords[name] = entry.value
            else:
                rest.append(entry)
    return Arguments(tuple(positional), tuple(keywords.items()), tuple(rest))


def spread_entries(machine: Machine, value: Value, node: ast.AST, frame: Frame) -> tuple[EntryItem, ...]:
    """What `**value` brings."""
    match value:
        case DictRef():
            return sessions.whole(machine, value, node, frame)
        case Choice(condition, then, otherwise):
            left, right = (spread_entries(machine, side, node, frame) for side in (then, otherwise))
            return either_entries(condition, left, right)
        case Hole():
            return (SpreadEntries(value),)
        case _:
            if known.is_none(value):
                return ()
            return (SpreadEntries(machine.unknown(Reason.UNSUPPORTED, node, frame)),)


def _call(machine: Machine, node: ast.Call, frame: Frame) -> Value:
    callee = machine.evaluate(node.func, frame)
    if isinstance(callee, External) and callee.name == "builtins.super" and not node.args:
        from auditor.interp import classes

        return classes.implicit_super(machine, node, frame)
    concurrency.awaits(machine, callee, node)
    given = arguments(machine, node, frame)
    if concurrency.unawaited(machine, callee, node, frame):
        with concurrency.started(machine, node, frame):
            return machine.call(callee, given, node, frame)
    value = machine.call(callee, given, node, frame)
    if machine.ended is not None or isinstance(callee, External | ExternalObject):
        endings.called(machine, callee, node)
    return value


def _binary(machine: Machine, node: ast.BinOp, frame: Frame) -> Value:
    # A long chain of additions nests to the left: walk it instead of recursing.
    chain = [node]
    while isinstance(chain[-1].left, ast.BinOp):
        chain.append(chain[-1].left)
    value = machine.evaluate(chain[-1].left, frame)
    for operation in reversed(chain):
        right = machine.evaluate(operation.right, frame)
        value = operators.binary(machine, operation.op, value, right, operation, frame)
    return value


def _boolean(machine: Machine, node: ast.BoolOp, frame: Frame) -> Value:
    return _boolean_from(machine, node, 0, frame)


def _boolean_from(machine: Machine, node: ast.BoolOp, index: int, frame: Frame) -> Value:
    value = machine.evaluate(node.values[index], frame)
    if index == len(node.values) - 1:
        return value
    stops_on = isinstance(node.op, ast.Or)
    if stops_on and _or_empty(value, node.values[index + 1 :]):
        return value
    decided = machine.truth(value)
    if isinstance(decided, bool):
        return value if decided is stops_on else _boolean_from(machine, node, index + 1, frame)
    condition, outcome = decided

    def itself() -> Value:
        return decide(value, machine.assumptions)  # what it is where its own truth ends the expression

    if outcome is stops_on:
        return machine.fork(condition, itself, lambda: _boolean_from(machine, node, index + 1, frame))
    return machine.fork(condition, lambda: _boolean_from(machine, node, index + 1, frame), itself)


def _or_empty(value: Value, rest: Sequence[ast.expr]) -> bool:
    """`event["extra"] or {}`: what is looked up in a part of the input that is not there is not there either."""
    match value, rest:
        case Hole(cause=Cause.INPUT), [ast.Dict(keys=[])]:
            return True
        case _:
            return False


def _compare(machine: Machine, node: ast.Compare, frame: Frame) -> Value:
    left = machine.evaluate(node.left, frame)
    result: Value = const(True)
    for op, comparator in zip(node.ops, node.comparators, strict=True):
        right = machine.evaluate(comparator, frame)
        open_end = trimming.long(machine, node, left, right, frame) if len(node.ops) == 1 else None
        open_end = open_end or counting.periodic(machine, node, left, right, frame)
        result = open_end or comparisons.compare(machine, op, left, right, node, frame)
        decided = machine.truth(result)
        if decided is False:
            return result
        left = right
    return result


def _unary(machine: Machine, node: ast.UnaryOp, frame: Frame) -> Value:
    value = machine.evaluate(node.operand, frame)
    if isinstance(node.op, ast.Not):
        return counting.periodic(machine, node, value, const(0), frame) or tests.negate(machine, value, node, frame)
    return operators.unary(machine, node.op, value, node, frame)


def _conditional(machine: Machine, node: ast.IfExp, frame: Frame) -> Value:
    decided = marking.truth(machine, node, frame)
    if isinstance(decided, bool):
        return machine.evaluate(node.body if decided else node.orelse, frame)
    condition, outcome = decided
    first, second = (node.body, node.orelse) if outcome else (node.orelse, node.body)
    return machine.fork(condition, lambda: machine.evaluate(first, frame), lambda: machine.evaluate(second, frame))


def _lambda(machine: Machine, node: ast.Lambda, frame: Frame) -> Value:
    from auditor.interp import functions

    return functions.make(machine, node, frame, ())


def _items(machine: Machine, elements: list[ast.expr], frame: Frame, spread: list[Value] | None = None) -> Items:
    """The elements of a display. `spread` takes what stands behind a star, as a whole."""
    parts: list[Items] = []
    for element in elements:
        if isinstance(element, ast.Starred):
            whole = machine.evaluate(element.value, frame)
            parts.append(machine.iterate(whole, element, frame))
            if spread is not None:
                spread.append(whole)
        else:
            parts.append(Items((machine.evaluate(element, frame),)))
    return joined(*parts)


def _list(machine: Machine, node: ast.List, frame: Frame) -> Value:
    spread: list[Value] = []
    content = _items(machine, node.elts, frame, spread)
    made = machine.new_list(content.items, content.order)
    return _placed(machine, trimming.lengthened(machine, spread, made) if len(node.elts) > 1 else made, node, frame)


def _placed(machine: Machine, value: Any, node: ast.AST, frame: Frame) -> Value:
    """Remembers where a list or mapping was written, for reports."""
    place = machine.place(node, frame)
    if place is not None:
        machine.born[value.address] = place
    return value  # type: ignore[no-any-return]


def _tuple(machine: Machine, node: ast.Tuple, frame: Frame) -> Value:
    content = _items(machine, node.elts, frame)
    return TupleValue(content.items, content.order)


def _set(machine: Machine, node: ast.Set, frame: Frame) -> Value:
    return machine.new_set(_items(machine, node.elts, frame).items)


def _dict(machine: Machine, node: ast.Dict, frame: Frame) -> Value:
    from auditor.interp import mappings

    reference = machine.new_dict()
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            mappings.update(machine, reference, spread_entries(machine, machine.evaluate(value, frame), value, frame))
        else:
            name, content = machine.evaluate(key, frame), machine.evaluate(value, frame)
            marking.written(machine, name, content, node, frame)
            mappings.set_entry(machine, reference, name, content)
    return _placed(machine, reference, node, frame)


def _comprehension(machine: Machine, node: ast.expr, frame: Frame) -> Value:
    return comprehensions.evaluate(machine, node, frame)


def _await(machine: Machine, node: ast.Await, frame: Frame) -> Value:
    machine.awaited = (*machine.awaited[-3:], node.value)
    return machine.evaluate(node.value, frame)


def _yield(machine: Machine, node: ast.Yield, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame) if node.value is not None else NONE
    if frame.yields is not None:
        from auditor.values.domain import ListRef

        reference = ListRef(frame.yields)
        machine.set_items(reference, (*machine.items(reference).items, value))
    return machine.unknown(Reason.EXTERNAL_DATA, node, frame)


def _yield_from(machine: Machine, node: ast.YieldFrom, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    if frame.yields is not None:
        from auditor.values.domain import ListRef

        reference = ListRef(frame.yields)
        machine.set_items(reference, (*machine.items(reference).items, *machine.iterate(value, node, frame).items))
    return NONE


def _named(machine: Machine, node: ast.NamedExpr, frame: Frame) -> Value:
    value = machine.evaluate(node.value, frame)
    store_name(machine, node.target.id, value, frame.around or frame)
    return value


def _starred(machine: Machine, node: ast.Starred, frame: Frame) -> Value:
    return machine.evaluate(node.value, frame)


def _slice(machine: Machine, node: ast.Slice, frame: Frame) -> Value:
    return machine.unknown(Reason.UNSUPPORTED, node, frame)


EXPRESSIONS: dict[type[ast.expr], Callable[[Machine, Any, Frame], Value]] = {
    ast.Constant: _constant,
    ast.JoinedStr: _joined,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.IfExp: _conditional,
    ast.Lambda: _lambda,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Set: _set,
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.NamedExpr: _named,
    ast.Starred: _starred,
    ast.Slice: _slice,
}

__all__ = ["FunctionValue", "arguments", "evaluate", "spread_entries"]
