"""Loops. Known items run one by one; a loop that sends requests is replayed a few times; any other is widened.

What a loop that sends nothing leaves behind is worked out from one turn (`widening`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from auditor.interp import (
    assignments,
    containers,
    counting,
    elements,
    endings,
    known,
    positions,
    remembering,
    rewriting,
    scores,
    subscripts,
    tallies,
    trimming,
    widening,
)
from auditor.interp.frame import Frame, Loop, Outcome
from auditor.interp.library import waiting
from auditor.interp.splicing import joined
from auditor.limits import EXACT_TURNS
from auditor.values.domain import (
    AltItems,
    Choice,
    Content,
    DictRef,
    Entries,
    Hole,
    Item,
    Items,
    ListRef,
    Spread,
    Text,
    Value,
)
from auditor.values.lifetime import Cause, Reason
from auditor.values.moment import Moment
from auditor.values.quick import replace

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.interp.store import Layer


def execute_for(machine: Machine, node: ast.For | ast.AsyncFor, frame: Frame) -> Outcome:
    with _ending(machine, frame):
        return _for(machine, node, frame)


def execute_while(machine: Machine, node: ast.While, frame: Frame) -> Outcome:
    counted = isinstance(node.test, ast.Compare) and any(isinstance(op, ORDER) for op in node.test.ops)
    with _ending(machine, frame), _running(machine, 0 if counted else None):
        return _while(machine, node, frame)


ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@contextmanager
def _running(machine: Machine, most: int | None) -> Iterator[None]:
    machine.loops.append(Loop(machine.serial(), most))
    try:
        yield
    finally:
        machine.loops.pop()


@contextmanager
def _ending(machine: Machine, frame: Frame) -> Iterator[None]:
    """A loop that was not left by `break` in its first turns may be left so in a later one."""
    before = len(frame.staying)
    yield
    ended = frame.staying[before:]
    if ended:
        del frame.staying[before:]
        machine.assumptions = {key: value for key, value in machine.assumptions.items() if key not in ended}


def _for(machine: Machine, node: ast.For | ast.AsyncFor, frame: Frame) -> Outcome:
    value = machine.evaluate(node.iter, frame)
    content = machine.iterate(value, node.iter, frame)
    counted = all(known.plain(item) is not None for item in content.items)
    sent = machine.sent
    with _running(machine, len(content.items) if counted else 0):
        outcome = _over(machine, node, content, frame)
    if isinstance(value, ListRef):
        rewriting.rewrite(machine, value, node, frame)
    if outcome is Outcome.NORMAL and node.orelse:
        return _otherwise(machine, node, sent, frame)
    return Outcome.NORMAL if outcome is Outcome.BREAK else outcome


def _over(machine: Machine, node: ast.For | ast.AsyncFor, content: Items, frame: Frame) -> Outcome:
    known_items = [item for item in content.items if known.plain(item) is not None]
    if content.order is not None and len(known_items) == len(content.items):
        return _unordered(machine, node, content, frame)
    mark = next((item for item in content.items if isinstance(item, Spread) and trimming.is_mark(item)), None)
    if mark is not None:
        return _over_marked(machine, node, Items(trimming.unmarked(content.items), content.order), mark, frame)
    before, first, moment = machine.listener.heard, machine.listener.heard, machine.moment
    turns = waiting.turns(machine, node.iter, len(content.items))
    for index, item in scores.turns(machine, node, content.items, frame):
        if index >= machine.limits.iterations:
            machine.limits_reached["iterations"] += 1
            break
        if isinstance(item, AltItems):
            outcome = _optional(machine, node, item, frame)
        elif isinstance(item, Spread):
            outcome = _stretch(machine, node, item, frame)
        else:
            sent, before = machine.listener.heard > before, machine.listener.heard
            alike = index == 1 and machine.moment != moment and len(known_items) == len(content.items)
            if alike and not sent and not _names(node) & _read_in(node):
                outcome, idle = _idle(machine, node, item, frame)
                if idle:
                    waiting.of_all_turns(machine, turns, 2, moment)
                    return outcome
            else:
                outcome = _once(machine, node, counting.numbered(item) if sent else item, frame)
            if machine.listener.heard > before and index + 1 >= machine.turns and outcome is Outcome.NORMAL:
                # Enough turns were heard: the next ones differ no more, but for the last one where the body asks which it is.
                last = known.plain(content.items[-1])
                if index + 1 < len(content.items) and last is not None and _compared(node):
                    outcome = _once(machine, node, counting.numbered(last), frame)
                return Outcome.NORMAL if outcome is Outcome.BREAK else outcome
        if outcome in (Outcome.BREAK, Outcome.RETURN, Outcome.RAISE):
            return outcome
    if machine.listener.heard == first:
        waiting.of_all_turns(machine, turns, len(content.items), moment)
    return Outcome.NORMAL


def _idle(machine: Machine, node: ast.For | ast.AsyncFor, item: Item, frame: Frame) -> tuple[Outcome, bool]:
    """A turn that does not look at its item, and whether it leaves nothing behind but time: then all others are like it."""
    heard, value = machine.listener.heard, known.plain(item)
    assert value is not None
    with machine.store.layer() as writes:
        outcome = _once(machine, node, value, frame)
    machine.store.commit(writes)
    untouched = {cell[1] for cell in writes} <= _names(node)
    return outcome, outcome is Outcome.NORMAL and untouched and machine.listener.heard == heard


def _names(node: ast.For | ast.AsyncFor) -> set[object]:
    return {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}


def _read_in(node: ast.For | ast.AsyncFor) -> set[object]:
    parts = (part for statement in node.body for part in ast.walk(statement))
    return {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def _compared(node: ast.For | ast.AsyncFor) -> bool:
    """Whether the body compares what the loop counts with something: `step == LAST`."""
    targets = _names(node)
    tests = (test for statement in node.body for test in ast.walk(statement) if isinstance(test, ast.Compare))
    return any(isinstance(name, ast.Name) and name.id in targets for test in tests for name in ast.walk(test))


def _over_marked(machine: Machine, node: ast.For | ast.AsyncFor, content: Items, mark: Spread, frame: Frame) -> Outcome:
    """A list that lost its front: what is collected from it lost its front as well."""
    with machine.store.layer() as writes:
        outcome = _over(machine, node, content, frame)
    for cell, after in writes.items():
        before = machine.store.get(*cell)
        kept = trimming.carried(machine, before, after, mark) if isinstance(before, Items) and isinstance(after, Items) else after
        machine.store.set(*cell, kept)
    return outcome


def _optional(machine: Machine, node: ast.For | ast.AsyncFor, item: AltItems, frame: Frame) -> Outcome:
    with machine.assuming(item.condition, True) as first:
        _over(machine, node, Items(item.then), frame)
    with machine.assuming(item.condition, False) as second:
        _over(machine, node, Items(item.otherwise), frame)
    machine.store.merge(item.condition, first, second)
    return Outcome.NORMAL


def _once(machine: Machine, node: ast.For | ast.AsyncFor, value: Value, frame: Frame) -> Outcome:
    from auditor.interp import statements

    _begin(machine)
    assignments.assign(machine, node.target, value, frame)
    frame.repeating += 1
    outcome = statements.block(machine, node.body, frame)
    frame.repeating -= 1
    return Outcome.NORMAL if outcome is Outcome.CONTINUE else outcome


def _unordered(machine: Machine, node: ast.For | ast.AsyncFor, content: Items, frame: Frame) -> Outcome:
    """Known items in an order that is not fixed: what the body collects has no fixed order either."""
    with machine.store.layer() as writes:
        for _, item in scores.turns(machine, node, content.items[: machine.limits.iterations], frame):
            value = known.plain(item)
            if value is not None and _once(machine, node, value, frame) is not Outcome.NORMAL:
                break
    assert content.order is not None
    for cell, after in writes.items():
        before = machine.store.get(*cell)
        machine.store.set(*cell, _disordered(machine, before, after, content.order, node, frame))
    return Outcome.NORMAL


def _disordered(machine: Machine, before: Content | None, after: Content, order: Hole, node: ast.AST, frame: Frame) -> Content:
    match before, after:
        case Items(), Items() if len(after.items) > len(before.items) + 1:
            since = len(before.items)
            if after.items[:since] != before.items:
                return Items(after.items, order)
            return joined(before, Items(after.items[since:], order))
        case Entries(), Entries() if len(after.entries) > len(before.entries) + 1:
            return Entries(after.entries, order)
        case Text(), Text() if after.pieces[: len(before.pieces)] == before.pieces or after.literal.startswith(before.literal):
            added = _suffix(before, after)
            hole = replace(order, identity=("ordered", order.identity, added), content=added)
            return Text.of(before, hole.along(machine.place(node, frame), "in an order that is not fixed"))
        case _:
            return after


def _suffix(before: Text, after: Text) -> Text:
    return Text(after.pieces[len(before.pieces) :]) if after.pieces[: len(before.pieces)] == before.pieces else after


def _stretch(machine: Machine, node: ast.For | ast.AsyncFor, item: Spread, frame: Frame) -> Outcome:
    """Zero or more unknown elements."""
    element = elements.either(machine, item, node, frame)
    if isinstance(element, DictRef | Choice) and tallies.kept(machine, node, frame):
        return _as_one(machine, node, item, element, frame)
    if element is None:
        element = containers.element(item.hole)
    remembering.remember(
        machine,
        node,
        item.hole,
        lambda: _once(machine, node, elements.another(machine, item, element, node.target, frame), frame),
        frame,
    )
    before, steps, moment = machine.listener.heard, machine.steps, machine.moment
    with machine.store.layer() as writes, elements.looking_at(machine, item):
        outcome = _once(machine, node, element, frame)
    if outcome in (Outcome.BREAK, Outcome.RETURN):
        subscripts.single_out(machine, element)
    if outcome is Outcome.BREAK and isinstance(element, DictRef | Choice) and machine.listener.heard == before:
        # What the program made itself is there, and the loop looks no further.
        machine.store.commit(writes)
        return outcome
    if machine.listener.heard == before:
        _any_number(machine, moment)
        own = rewriting.reachable(machine, element)
        if any(cell[0] in own and rewriting.changed(machine.store.get(*cell), after) for cell, after in writes.items()):
            machine.rewritten.add(item.hole.identity)
        machine.store.commit({cell: after for cell, after in writes.items() if cell[0] in own})
        others = {cell: after for cell, after in writes.items() if cell[0] not in own}
        ended = outcome is Outcome.NORMAL and not own.intersection(cell[0] for cell in writes)
        widening.widen(machine, others, item.hole, node, frame, (item, element) if ended else None)
        return Outcome.NORMAL if outcome is not Outcome.RAISE else outcome
    if item.hole.cause is Cause.RESPONSE and machine.ceiling - machine.steps < _needed(machine, machine.steps - steps):
        # What each part of one answer leads to: further ones would cost what the rest of the function needs.
        machine.store.commit(writes)
        return Outcome.NORMAL if outcome in (Outcome.BREAK, Outcome.CONTINUE) else outcome
    written = {address for address, _ in writes}
    if elements.is_open(element):
        # Each turn sends, so what an element is decides how requests differ: the first one is an element like all others.
        machine.listener.forget(before)
        outcome = _once(machine, node, elements.another(machine, item, element, node.target, frame), frame)
    else:
        machine.store.commit(writes)
    for turn in range(1, machine.limits.marked_turns):
        if outcome is not Outcome.NORMAL or turn >= machine.turns:
            break
        outcome = _once(machine, node, elements.another(machine, item, element, node.target, frame, written), frame)
    return Outcome.NORMAL if outcome in (Outcome.BREAK, Outcome.CONTINUE) else outcome


def _as_one(machine: Machine, node: ast.For | ast.AsyncFor, item: Spread, element: Value, frame: Frame) -> Outcome:
    """A stretch looked at as one element by a loop that keeps count: of several, only some would have been counted."""
    subscripts.single_out(machine, element)
    return _once(machine, node, element, frame)


def _needed(machine: Machine, turn: int) -> int:
    """The budget that allows for more turns of so many steps of a loop over an answer's parts.

    The loop around, by which the model is asked again, has to come to its own next turn, with its own parts.
    """
    further = (machine.turns - 1) * turn
    return further + (machine.steps - machine.loops[-2].began if len(machine.loops) > 1 else turn)


def _otherwise(machine: Machine, node: ast.For | ast.AsyncFor | ast.While, sent: int, frame: Frame) -> Outcome:
    """A loop's `else:`, where nothing ended it. `sent`: what `Machine.sent` was ahead of it."""
    from auditor.interp import statements

    with machine.failed(machine.sent != sent and endings.breaks(node.body)):
        return statements.block(machine, node.orelse, frame)


def _while(machine: Machine, node: ast.While, frame: Frame) -> Outcome:
    sent = machine.sent
    outcome = _turns(machine, node, frame)
    if outcome is Outcome.NORMAL and node.orelse:
        return _otherwise(machine, node, sent, frame)
    return Outcome.NORMAL if outcome is Outcome.BREAK else outcome


def _turns(machine: Machine, node: ast.While, frame: Frame) -> Outcome:
    """The turns of a `while` loop: normal where its test ended it, or might have after as many as are looked at."""
    symbolic = 0
    for turn in range(machine.limits.iterations):
        stretch = positions.stand(machine, node.test, frame)
        with positions.walking(machine, node.test, frame):
            decided = machine.truth(machine.evaluate(node.test, frame))
        if decided is False:
            return Outcome.NORMAL
        endless = isinstance(node.test, ast.Constant)
        before, moment = machine.listener.heard, machine.moment
        if decided is True and stretch is not None:
            outcome = _standing(machine, node, stretch, frame)
        elif decided is True and not endless:
            outcome = _turn(machine, node.body, frame)
        else:
            symbolic += 1
            machine.loops[-1] = replace(machine.loops[-1], sorting=_asks_kind(node.test))
            forks = machine.forks
            with machine.store.layer() as writes:
                outcome = _turn(machine, node.body, frame)
                quiet = machine.forks == forks and machine.listener.heard == before
                if quiet and endless and outcome is Outcome.NORMAL:
                    ended = _to_its_end(machine, node, frame)
                    outcome = ended or outcome
            if machine.listener.heard == before and not (endless and outcome is not Outcome.NORMAL):
                hole = machine.unknown(Reason.EXTERNAL_DATA, node.test, frame)
                _any_number(machine, moment)
                widening.widen(machine, writes, hole, node, frame)
                return Outcome.NORMAL if outcome is not Outcome.RETURN else outcome
            machine.store.commit(writes)
        if outcome in (Outcome.BREAK, Outcome.RETURN, Outcome.RAISE):
            return outcome
        if symbolic >= machine.turns or (machine.listener.heard > before and symbolic == 0 and turn >= machine.turns - 1):
            return Outcome.NORMAL
    machine.limits_reached["iterations"] += 1
    return Outcome.NORMAL


def _standing(machine: Machine, node: ast.While, item: Item, frame: Frame) -> Outcome:
    """A turn at one element that stands for all of a stretch, or at an item that may not be there: the index leaves it."""
    if isinstance(item, Spread):
        return _on_stretch(machine, node, item.hole, frame)
    if not isinstance(item, AltItems):
        return _turn(machine, node.body, frame)
    ways: list[Layer] = []
    outcomes: list[Outcome] = []
    for outcome, side in ((True, item.then), (False, item.otherwise)):
        if machine.assumptions.get(item.condition.identity, outcome) is not outcome:
            continue
        with machine.assuming(item.condition, outcome) as writes:
            if side:
                outcomes.append(_standing(machine, node, side[0], frame))
            else:
                positions.leave(machine, node.test, frame)
        ways.append(writes)
    apart = [positions.kept(machine, writes) for writes in ways]
    if len(apart) == 2:
        machine.store.merge(item.condition, apart[0][1], apart[1][1])
    else:
        machine.store.commit(apart[0][1])
    for places, _ in apart:
        machine.store.commit(places)
    return Outcome.RAISE if Outcome.RAISE in outcomes else Outcome.NORMAL


def _on_stretch(machine: Machine, node: ast.While, stretch: Hole, frame: Frame) -> Outcome:
    before, moment = machine.listener.heard, machine.moment
    with machine.store.layer() as writes, machine.any_element():
        outcome = _turn(machine, node.body, frame)
    if machine.listener.heard > before:
        machine.store.commit(writes)
        return outcome
    _any_number(machine, moment)
    places, collected = positions.kept(machine, writes)
    machine.store.commit(places)
    widening.widen(machine, collected, stretch, node, frame)
    return Outcome.NORMAL if outcome in (Outcome.BREAK, Outcome.RETURN) else outcome


def _asks_kind(test: ast.expr) -> bool:
    """Whether a test asks what the first item of a list is (`merged[0]["role"] == "assistant"`), and not how many or how old."""
    compared = [part for part in ast.walk(test) if isinstance(part, ast.Compare)]
    first = (
        part
        for comparison in compared
        for part in ast.walk(comparison)
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant) and part.slice.value == 0
    )
    return not any(isinstance(op, ORDER) for comparison in compared for op in comparison.ops) and any(first)


def _to_its_end(machine: Machine, node: ast.While, frame: Frame) -> Outcome | None:
    """Further turns of a loop in which nothing is open, until it leaves; None, and nothing done, where that is not seen."""
    if not any(isinstance(inner, ast.Break | ast.Return) for inner in ast.walk(node)):
        return None
    heard, forks, returns, decisions = machine.listener.heard, machine.forks, len(frame.returns), len(frame.decisions)
    outcome, assumptions = Outcome.NORMAL, machine.assumptions
    with machine.store.layer() as writes:
        for _ in range(EXACT_TURNS):
            outcome = _turn(machine, node.body, frame)
            if outcome is not Outcome.NORMAL or machine.forks > forks or machine.listener.heard > heard:
                break
    if outcome is Outcome.NORMAL or machine.forks > forks or machine.listener.heard > heard:
        machine.listener.forget(heard)
        machine.assumptions = assumptions
        del frame.returns[returns:], frame.decisions[decisions:]
        return None
    machine.store.commit(writes)
    return outcome


def _turn(machine: Machine, body: Sequence[ast.stmt], frame: Frame) -> Outcome:
    from auditor.interp import statements

    _begin(machine)
    outcome = statements.block(machine, body, frame)
    return Outcome.NORMAL if outcome is Outcome.CONTINUE else outcome


def _begin(machine: Machine) -> None:
    """A turn of the innermost loop begins."""
    machine.loops[-1] = replace(machine.loops[-1], began=machine.steps)


def _any_number(machine: Machine, before: Moment) -> None:
    """Waits of a loop that runs nobody knows how often, of which one turn was looked at."""
    if machine.moment != before:
        machine.moment = before.paused()


__all__ = ["execute_for", "execute_while"]
