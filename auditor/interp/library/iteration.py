"""Builtins and `itertools` that walk over sequences: exact where items are known, item by item where they are known in part."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import containers, known, operators, positions, stretches
from auditor.interp.library import ordering, waiting
from auditor.values.domain import (
    FALSE,
    NONE,
    TRUE,
    AltItems,
    Arguments,
    Choice,
    Hole,
    Item,
    Items,
    ListRef,
    Spread,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import all_holes
from auditor.values.lifetime import Cause, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine, Test

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def _plain(items: Iterable[Item]) -> list[Value] | None:
    """The items where each certainly is one value."""
    values = [known.plain(item) for item in items]
    return None if any(value is None for value in values) else [value for value in values if value is not None]


def _counter(machine: Machine, identity: object, node: ast.AST, frame: Frame) -> Hole:
    """The number of an item whose place in the sequence is not known: not volatile by itself."""
    return machine.hole(
        node, frame, Lifetime.CONSTANT, Cause.LOOP, identity=("index", identity), expression="index", characters=(1, 8)
    )


def _range(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    numbers = [known.int_of(known.plain(item)) for item in arguments.positional]
    waiting.counted(machine, node, 0)
    if numbers and all(number is not None for number in numbers):
        try:
            values = range(*[number for number in numbers if number is not None])
        except ValueError:
            return None
        waiting.counted(machine, node, -((values.start - values.stop) // values.step))
        return TupleValue(tuple(const(number) for number in values[: machine.limits.iterations]))
    stretch = machine.derived(all_holes(arguments.positional), node, frame, reason=Reason.UNSUPPORTED)
    return TupleValue((Spread(stretch, (_counter(machine, stretch.identity, node, frame),)),))


def _enumerate(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    if first is None:
        return None
    content = machine.iterate(first, node, frame)
    start = known.int_of(arguments.get(1, "start")) or 0
    out: list[Item] = []
    for index, item in enumerate(content.items):
        if known.plain(item) is None:
            tail = content.items[index:]
            break
        out.append(TupleValue((const(start + index), item)))
    else:
        return TupleValue(tuple(out), content.order)
    if start == 0 and out and positions.regular(content.items) and not content.order:
        return TupleValue(tuple(_at_position(machine, content.items, index, node, frame) for index in range(len(content.items))))
    numbers = itertools.count()

    def numbered(value: Value) -> list[Item]:
        return [TupleValue((_counter(machine, (id(node), next(numbers)), node, frame), value))]

    out.extend(stretches.expanded(machine, tail, numbered, node, frame))
    return TupleValue(tuple(out), content.order)


def _at_position(machine: Machine, items: tuple[Item, ...], index: int, node: ast.AST, frame: Frame) -> Item:
    """An item and where it stands; of a stretch, one for each of its elements."""
    number = positions.at(machine, items, index, on=True)

    def placed(item: Item) -> Item:
        match item:
            case Spread(hole, elements):
                every = elements or (containers.element(hole),)
                return replace(item, elements=tuple(map(placed, every)))
            case AltItems(_, then, otherwise):
                return replace(item, then=tuple(map(placed, then)), otherwise=tuple(map(placed, otherwise)))
            case _:
                return TupleValue((number, item))

    return placed(items[index])


def _columns(machine: Machine, arguments: Sequence[Item], node: ast.AST, frame: Frame) -> list[Items]:
    return [machine.iterate(value, node, frame) for item in arguments if (value := known.plain(item)) is not None]


def _rows(machine: Machine, columns: Sequence[Items], node: ast.AST, frame: Frame) -> Items:
    """Rows of a `zip`: exact as far as every column is known one by one, then any further ones."""
    order = next((column.order for column in columns if column.order), None)
    rows: list[Item] = []
    for index in itertools.count():
        if not columns or any(index >= len(column.items) for column in columns):
            return Items(tuple(rows), order)
        row = [known.plain(column.items[index]) for column in columns]
        if any(value is None for value in row):
            break
        rows.append(TupleValue(tuple(value for value in row if value is not None)))
    rests = [column.items[index:] for column in columns]
    stretch = machine.derived(all_holes(itertools.chain(*rests)), node, frame, reason=Reason.UNSUPPORTED)
    row = [stretches.first_of(machine, rest, node, frame) for rest in rests]
    rows.append(Spread(stretch, (TupleValue(tuple(value if value is not None else stretch for value in row)),)))
    return Items(tuple(rows), order)


def _zip(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    rows = _rows(machine, _columns(machine, arguments.positional, node, frame), node, frame)
    return TupleValue(rows.items, rows.order)


def map_over(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`map(function, *iterables)`."""
    function = arguments.get(0)
    columns = _columns(machine, arguments.positional[1:], node, frame)
    if function is None or not columns or len(columns) < len(arguments.positional) - 1:
        return None
    several = len(columns) > 1
    content = _rows(machine, columns, node, frame) if several else columns[0]

    def produce(value: Value) -> list[Item]:
        given = value.items if several and isinstance(value, TupleValue) else (value,)
        return [machine.call(function, Arguments(given), node, frame)]

    out = stretches.expanded(machine, content.items[: machine.limits.iterations], produce, node, frame)
    return TupleValue(tuple(out), content.order)


def _starmap(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    function, rows = arguments.get(0), arguments.get(1, "iterable")
    if function is None or rows is None:
        return None
    content = machine.iterate(rows, node, frame)

    def produce(value: Value) -> list[Item]:
        return [machine.call(function, Arguments(machine.iterate(value, node, frame).items), node, frame)]

    out = stretches.expanded(machine, content.items[: machine.limits.iterations], produce, node, frame)
    return TupleValue(tuple(out), content.order)


def _filter(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    function, iterable = arguments.get(0), arguments.get(1, "iterable")
    if function is None or iterable is None:
        return None
    content = machine.iterate(iterable, node, frame)

    def kept(value: Value) -> list[Item]:
        test = value if known.is_none(function) else machine.call(function, Arguments((value,)), node, frame)
        decided = machine.truth(test)
        if isinstance(decided, bool):
            return [value] if decided else []
        condition, outcome = decided
        return [AltItems(condition, (value,), ()) if outcome else AltItems(condition, (), (value,))]

    out = stretches.expanded(machine, content.items[: machine.limits.iterations], kept, node, frame)
    return TupleValue(tuple(out), content.order)


def _reversed(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    if first is None:
        return None
    content = machine.iterate(first, node, frame)
    return TupleValue(stretches.backwards(content.items), content.order)


# What becomes one value


def _sum(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    if first is None:
        return None
    content = machine.iterate(first, node, frame)
    values = _plain(content.items)
    if values is None or len(values) > machine.limits.iterations:
        return machine.derived(all_holes(content.items), node, frame, reason=Reason.UNSUPPORTED)
    total: Value = arguments.get(1, "start") or const(0)
    for value in values:
        total = operators.binary(machine, ast.Add(), total, value, node, frame)
    return total


def _answers(machine: Machine, item: Item, every: bool) -> list[Test | Hole | None]:
    """How the test of an item comes out; of items of unknown number, what their number hangs on as well. None: not known."""
    match item:
        case Spread(hole, elements) if elements:
            with machine.any_element():
                found = [answer for one in elements for answer in _answers(machine, one, every)]
            number: Hole | None = hole
        case AltItems(condition, then, otherwise):
            found = [answer for one in (*then, *otherwise) for answer in _answers(machine, one, every)]
            number = condition.hole
        case _:
            value = known.plain(item)
            return [machine.truth(value) if value is not None else None]
    if all(answer is every for answer in found):
        return [every]
    return [number, *(answer for answer in found if not isinstance(answer, bool))]


def _quantified(every: bool) -> Overlay:
    def quantified(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        first = arguments.get(0)
        if first is None:
            return None
        answers = [answer for item in machine.iterate(first, node, frame).items for answer in _answers(machine, item, every)]
        settled = FALSE if every else TRUE
        if any(answer is not every for answer in answers if isinstance(answer, bool)):
            return settled
        if all(isinstance(answer, bool) for answer in answers):
            return TRUE if every else FALSE
        tests = [answer for answer in answers if isinstance(answer, tuple)]
        runs = [answer for answer in answers if isinstance(answer, Hole)]
        holes = [*(condition.hole for condition, _ in tests if condition.hole is not None), *runs]
        if None in answers or not holes:
            return None
        identity = ("quantified", every, tuple((condition.identity, outcome) for condition, outcome in tests))
        return machine.derived(holes, node, frame, identity=identity)

    return quantified


def _next(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    if first is None:
        return None
    default = arguments.get(1, "default")
    if default is None:
        default = machine.unknown(Reason.MISSING, node, frame)
    if isinstance(first, ListRef) and first.address in machine.cycles:
        turned = machine.items(first).items
        machine.set_items(first, (*turned[1:], *turned[:1]))
        return known.plain(turned[0]) if turned else None
    return first_of(machine, list(machine.iterate(first, node, frame).items), default, node, frame)


def first_of(machine: Machine, items: list[Item], default: Value, node: ast.AST, frame: Frame) -> Value:
    """The first item, or the default where there is none."""
    for index, item in enumerate(items):
        match item:
            case AltItems(condition, then, otherwise):
                rest = items[index + 1 :]
                a, b = (first_of(machine, [*side, *rest], default, node, frame) for side in (then, otherwise))
                return a if a == b else Choice(condition, a, b)
            case Spread():
                return stretches.any_of(machine, item, node, frame)
            case _:
                return item
    return default


# `itertools` over items that are known one by one


def _exact(combine: Callable[..., Iterable[tuple[Value, ...]]], numbers: tuple[str, ...] = ()) -> Overlay:
    """A function that only arranges items; `numbers` are its parameters behind the sequences."""

    def exact(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        count = len(arguments.positional) - len(numbers) if numbers else len(arguments.positional)
        sequences = [_plain(column.items) for column in _columns(machine, arguments.positional[: max(count, 1)], node, frame)]
        given = [known.int_of(arguments.get(max(count, 1) + index, name)) for index, name in enumerate(numbers)]
        if any(sequence is None for sequence in sequences):
            return None
        size = max((len(sequence) for sequence in sequences if sequence is not None), default=0)
        if size ** max(2, len(sequences), *(number or 0 for number in given), 0) > machine.limits.items**2:
            return None
        rows = combine(*sequences, *(number for number in given if number is not None))
        return TupleValue(
            machine.bounded(tuple(TupleValue(tuple(row)) for row in itertools.islice(rows, machine.limits.items + 1)))
        )

    return exact


def _zip_longest(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    columns = [_plain(column.items) for column in _columns(machine, arguments.positional, node, frame)]
    known_columns = [column for column in columns if column is not None]
    if len(known_columns) < len(columns):
        return None
    rows = itertools.zip_longest(*known_columns, fillvalue=arguments.keyword("fillvalue") or NONE)
    return TupleValue(tuple(TupleValue(tuple(row)) for row in rows))


def _repeat(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first, times = arguments.get(0), known.int_of(arguments.get(1, "times"))
    if first is None or times is None or times > machine.limits.iterations:
        return None
    return TupleValue((first,) * max(0, times))


def _cycle(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """One after the other, and again from the front: whoever asks for the next one turns it."""
    first = arguments.get(0)
    values = _plain(machine.iterate(first, node, frame).items) if first is not None else None
    if not values:
        return None
    made = machine.new_list(values)
    machine.cycles.add(made.address)
    return made


def _accumulate(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first, function = arguments.get(0), arguments.get(1, "func")
    values = _plain(machine.iterate(first, node, frame).items) if first is not None else None
    if not values or len(values) > machine.limits.iterations:
        return None
    out = [values[0]]
    for value in values[1:]:
        if function is None or known.is_none(function):
            out.append(operators.binary(machine, ast.Add(), out[-1], value, node, frame))
        else:
            out.append(machine.call(function, Arguments((out[-1], value)), node, frame))
    return TupleValue(tuple(out))


def _groupby(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = arguments.get(0)
    values = _plain(machine.iterate(first, node, frame).items) if first is not None else None
    if values is None or len(values) > machine.limits.iterations:
        return None
    keys = ordering.keys(machine, values, arguments.get(1, "key"), node, frame)
    raw = [known.scalar(key) for key in keys]
    if not all(found for found, _ in raw):
        return None
    groups: list[Item] = []
    for _, members in itertools.groupby(range(len(values)), key=lambda index: raw[index][1]):
        indices = list(members)
        key = keys[indices[0]]
        assert key is not None
        groups.append(TupleValue((key, TupleValue(tuple(values[index] for index in indices)))))
    return TupleValue(tuple(groups))


def _batched(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first, size = arguments.get(0), known.int_of(arguments.get(1, "n"))
    values = _plain(machine.iterate(first, node, frame).items) if first is not None else None
    if values is None or not size or size < 1:
        return None
    return TupleValue(tuple(TupleValue(tuple(values[start : start + size])) for start in range(0, len(values), size)))


OVERLAYS: dict[str, Overlay] = {
    "builtins.range": _range,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.map": map_over,
    "builtins.filter": _filter,
    "builtins.reversed": _reversed,
    "builtins.sum": _sum,
    "builtins.all": _quantified(True),
    "builtins.any": _quantified(False),
    "builtins.next": _next,
    "builtins.anext": _next,
    "itertools.starmap": _starmap,
    "itertools.product": _exact(itertools.product),
    "itertools.combinations": _exact(itertools.combinations, ("r",)),
    "itertools.permutations": _exact(itertools.permutations, ("r",)),
    "itertools.pairwise": _exact(itertools.pairwise),
    "itertools.zip_longest": _zip_longest,
    "itertools.repeat": _repeat,
    "itertools.cycle": _cycle,
    "itertools.accumulate": _accumulate,
    "itertools.groupby": _groupby,
    "itertools.batched": _batched,
}
