"""`match` statements: known subjects pick their case, unknown ones fork over the cases."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import attributes, classes, comparisons, known, mappings
from auditor.interp.frame import Frame, Outcome
from auditor.interp.names import store_name
from auditor.values.domain import DictRef, External, Hole, Instance, Item, ListRef, TupleValue, Value
from auditor.values.join import holes_of
from auditor.values.lifetime import Lifetime

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def execute(machine: Machine, node: ast.Match, frame: Frame) -> Outcome:
    return _cases(machine, node, machine.evaluate(node.subject, frame), 0, frame)


def _cases(machine: Machine, node: ast.Match, subject: Value, index: int, frame: Frame) -> Outcome:
    from auditor.interp import statements

    if index == len(node.cases):
        return Outcome.NORMAL
    case = node.cases[index]
    matched = _matches(machine, case.pattern, subject, frame)
    if matched is not False and case.guard is not None:
        decided = machine.truth(machine.evaluate(case.guard, frame))
        matched = (matched if decided else False) if isinstance(decided, bool) else None
    if matched is True:
        return statements.block(machine, case.body, frame)
    if matched is False:
        return _cases(machine, node, subject, index + 1, frame)
    holes = holes_of(subject)
    lifetime = Lifetime.shortest(hole.lifetime for hole in holes) if holes else Lifetime.UNKNOWN
    expression = f"{machine.source(node.subject)} matches {machine.source(case.pattern)}"
    condition = machine.condition(
        ("case", subject, id(case.pattern)), expression, lifetime, machine.place(case.pattern, frame), holes[0] if holes else None
    )
    known_outcome = machine.assumptions.get(condition.identity)
    if known_outcome is not None:
        return statements.block(machine, case.body, frame) if known_outcome else _cases(machine, node, subject, index + 1, frame)
    return statements.branch(
        machine,
        condition,
        lambda: statements.block(machine, case.body, frame),
        lambda: _cases(machine, node, subject, index + 1, frame),
        frame,
    )


def _matches(machine: Machine, pattern: ast.pattern, subject: Value, frame: Frame) -> bool | None:
    """Whether a pattern matches; None where that is not known. Captures are bound on the way."""
    match pattern:
        case ast.MatchValue(value=expression):
            decided = machine.truth(
                comparisons.compare(machine, ast.Eq(), subject, machine.evaluate(expression, frame), expression, frame)
            )
            return decided if isinstance(decided, bool) else None
        case ast.MatchSingleton(value=value):
            if isinstance(subject, Hole):
                return None
            found, raw = known.scalar(subject)
            return found and raw is value
        case ast.MatchAs(pattern=inner, name=name):
            result = True if inner is None else _matches(machine, inner, subject, frame)
            if name is not None:
                store_name(machine, name, subject, frame)
            return result
        case ast.MatchOr(patterns=patterns):
            answers = [_matches(machine, one, subject, frame) for one in patterns]
            return True if True in answers else None if None in answers else False
        case ast.MatchSequence(patterns=patterns):
            return _sequence(machine, patterns, subject, frame)
        case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
            return _mapping(machine, keys, patterns, rest, subject, frame)
        case ast.MatchClass():
            return _class(machine, pattern, subject, frame)
        case _:
            return None


def _sequence(machine: Machine, patterns: list[ast.pattern], subject: Value, frame: Frame) -> bool | None:
    if not isinstance(subject, ListRef | TupleValue):
        for pattern in patterns:
            _matches(machine, pattern, subject if isinstance(subject, Hole) else known.missing("element"), frame)
        return None if isinstance(subject, Hole) else False
    items = machine.items(subject).items
    if any(known.plain(item) is None for item in items):
        return None
    star = next((index for index, pattern in enumerate(patterns) if isinstance(pattern, ast.MatchStar)), None)
    if len(items) < len(patterns) - 1 or (star is None and len(items) != len(patterns)):
        return False
    pairs: list[tuple[ast.pattern, Item]] = list(zip(patterns, items, strict=False))
    if star is not None:
        behind = len(patterns) - star - 1
        taken = patterns[star]
        if isinstance(taken, ast.MatchStar) and taken.name is not None:
            store_name(machine, taken.name, machine.new_list(items[star : len(items) - behind]), frame)
        pairs = [
            *zip(patterns[:star], items, strict=False),
            *zip(patterns[star + 1 :], items[len(items) - behind :], strict=True),
        ]
    answers = [_matches(machine, pattern, item, frame) for pattern, one in pairs if (item := known.plain(one)) is not None]
    return False if False in answers else None if None in answers else True


def _mapping(
    machine: Machine, keys: list[ast.expr], patterns: list[ast.pattern], rest: str | None, subject: Value, frame: Frame
) -> bool | None:
    if not isinstance(subject, DictRef):
        for key, pattern in zip(keys, patterns, strict=True):
            part = subject if isinstance(subject, Hole) else known.missing("entry")
            _matches(
                machine,
                pattern,
                machine.derived(
                    [part], key, frame, identity=("entry of", part.identity, machine.source(key)), reason=part.reason
                ),
                frame,
            )
        return None if isinstance(subject, Hole) else False
    entries = machine.entries(subject).entries
    sure = True
    for key, pattern in zip(keys, patterns, strict=True):
        value, certain = known.lookup(entries, machine.evaluate(key, frame))
        if value is None:
            return False if certain else None
        answer = _matches(machine, pattern, value, frame)
        if answer is False:
            return False
        sure = sure and answer is True
    if rest is not None:
        others = machine.new_dict(entries)
        for key in keys:
            mappings.remove_entry(machine, others, machine.evaluate(key, frame))
        store_name(machine, rest, others, frame)
    return True if sure else None


def _class(machine: Machine, pattern: ast.MatchClass, subject: Value, frame: Frame) -> bool | None:
    from auditor.interp.library import kinds

    cls = machine.evaluate(pattern.cls, frame)
    answer = kinds.is_instance(machine, subject, cls)
    for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
        part = (
            attributes.get(machine, subject, name, inner, frame) if isinstance(subject, Instance | Hole) else known.missing(name)
        )
        inner_answer = _matches(machine, inner, part, frame)
        if inner_answer is not True and answer is True:
            answer = inner_answer
    for index, inner in enumerate(pattern.patterns):
        inner_answer = _matches(machine, inner, _part(machine, cls, subject, index, inner, frame), frame)
        if inner_answer is not True and answer is True:
            answer = inner_answer
    return answer


def _part(machine: Machine, cls: Value, subject: Value, index: int, node: ast.AST, frame: Frame) -> Value:
    """What a positional part of a class pattern is matched with: of `str(text)` the subject, of `Point(x, y)` its fields."""
    if isinstance(cls, External) and cls.name.startswith("builtins."):
        return subject
    if isinstance(subject, Instance):
        names = machine.attribute(subject.cls, "__match_args__", node, frame)
        given = [known.text_of(item) for item in names.items] if isinstance(names, TupleValue) else []
        fields = given or classes.data_fields(machine, subject.cls)
        name = fields[index] if index < len(fields) else None
        if name is not None:
            return machine.attribute(subject, name, node, frame)
    return known.missing("part")
