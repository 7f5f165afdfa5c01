"""What arithmetic makes of counts: sums at rates, shares of one count in another, counts that may be None.

One instance belongs to one function. Knows amounts and the nodes that they are written with; asks subclasses for anything else.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from dataclasses import replace

from auditor.accounting.facts import Addition, Fact, Ratio, Row, Sum, Where
from auditor.accounting.flow import Flow
from auditor.accounting.forms import NOTHING, OPEN, UNSET, Amount, Factor, Value, added, factor_of, taken
from auditor.accounting.program import Unit
from auditor.knowledge.usage import Counted, Nullable
from auditor.places import Place
from auditor.values.lifetime import Evidence


class Arithmetic:
    """`env` holds the unit's local names; `facts` are what was seen."""

    def __init__(self, flow: Flow, unit: Unit, context: str) -> None:
        self.flow = flow
        self.unit = unit
        self.context = context
        self.env: dict[str, Value] = {}
        self.globals: set[str] = set()
        self.facts: list[Fact] = []
        self.caught = 0  # inside of a try that catches what None would raise

    @property
    def guards(self) -> frozenset[str]:
        """Expressions that the unit tests somewhere."""
        if self.unit.guards is None:
            self.unit.guards = _guards(self.unit.node)
        return self.unit.guards

    # Places and words

    def place(self, node: ast.AST) -> Place:
        return self.unit.module.place(node)

    def where(self, node: ast.AST) -> Where:
        return Where(self.place(node), self.unit.name, self.context)

    def written(self, node: ast.AST) -> str:
        held = self.unit.written
        if id(node) not in held:
            try:
                held[id(node)] = ast.unparse(node)
            except (RecursionError, ValueError):
                held[id(node)] = "?"
        return held[id(node)]

    # Operations

    def arithmetic(self, left: Value, op: ast.operator, right: Value, nodes: tuple[ast.expr, ast.expr], node: ast.AST) -> Value:
        """`left op right`, written as `nodes`."""
        for held, each in zip((left, right), nodes, strict=True):
            self.not_none(held, each, "is added" if isinstance(op, ast.Add | ast.Sub) else "is calculated with")
        match op:
            case ast.Add() | ast.Sub():
                total = added(left, right) if isinstance(op, ast.Add) else added(left, taken(right, self.place(node)), -1.0)
                if isinstance(total, Amount) and any(_all_of(total, side) for side in (left, right)):
                    return total.without_none()  # what was summed before is noted where that was done
                return self.summed(total, node)
            case ast.Mult():
                return self._product(left, right, nodes)
            case ast.Div() | ast.FloorDiv():
                return self._quotient(left, right, nodes[1], node)
            case _:
                return None

    def summed(self, total: Value, node: ast.AST) -> Value:
        """Notes a sum at rates. A count that was added up is none that can be None."""
        if not isinstance(total, Amount) or not total.counted:
            return total
        total = total.without_none()
        if sum(term.factor.priced for term in total.terms) > 1:
            if self.unit.choosing is None:
                self.unit.choosing = not self.unit.name or _chooses(self.unit.node)
            self.facts.append(Sum(self.where(node), total, tuple(self._in_rows(total)), self.unit.choosing))
        return total

    def _in_rows(self, total: Amount) -> Iterator[Row]:
        """The sum at the rates of each row of the price list that its rates come from."""
        listed = [term.factor.rows for term in total.terms if term.factor.rows]
        for made, _ in listed[0] if len(listed) > 1 else ():
            terms = [(term, term.factor.in_row(made) if term.factor.rows else term.factor) for term in total.terms]
            label = self.flow.labels.get(made)
            if label is not None and all(factor is not None for _, factor in terms):
                at = Place(self.flow.program.project.display(made.path), made.line, made.column + 1)
                known = tuple(replace(term, factor=factor) for term, factor in terms if factor is not None)
                yield Row(label, at, replace(total, terms=known))

    def _product(self, left: Value, right: Value, nodes: tuple[ast.expr, ast.expr]) -> Value:
        if any(isinstance(node, ast.Constant | ast.JoinedStr) and _is_text(node) for node in nodes):
            return None  # a bar of so many signs
        one, two = left, right
        if _counts(one) and _counts(two):
            # Two counts: that of which the name alone tells is a rate (`prices["cache_read"]`).
            one, two = (None, two) if _evidence(one) > _evidence(two) else (one, None)
        if isinstance(one, Amount) and _counts(one):
            factor = factor_of(two, self.written(nodes[1]))
            return one.scaled(factor) if factor is not None else None
        if isinstance(two, Amount) and _counts(two):
            factor = factor_of(one, self.written(nodes[0]))
            return two.scaled(factor) if factor is not None else None
        if NOTHING in {one, two}:
            return NOTHING
        if {UNSET, OPEN} & {one, two}:
            return OPEN if OPEN in {one, two} else UNSET  # a rate by parts: it goes by what it is called where it meets a count
        if isinstance(one, Amount) or isinstance(two, Amount):
            first, second = factor_of(one, self.written(nodes[0])), factor_of(two, self.written(nodes[1]))
            return Amount((), first.times(second)) if first is not None and second is not None else None
        return None

    def _quotient(self, left: Value, right: Value, right_node: ast.expr, node: ast.AST) -> Value:
        if isinstance(right, Amount) and _counts(right):
            if isinstance(left, Amount) and left.counted and right.counted:
                counted = {Counted.HITS, Counted.ANSWERS} & left.kinds
                self.facts.append(Ratio(self.where(node), left, right, shown_with(self.unit.node, node) if counted else ""))
            return None
        factor = factor_of(right, self.written(right_node))
        inverted = factor.inverted() if factor is not None else None
        return left.scaled(inverted) if isinstance(left, Amount) and inverted is not None else None

    def not_none(self, held: Value, node: ast.AST, operation: str) -> None:
        """Notes that a count which can be None takes part in arithmetic."""
        if self.caught or not isinstance(held, Amount):
            return
        for term in held.terms:
            if term.quantity.nullable is not Nullable.NEVER and term.factor == Factor():
                self.facts.append(Addition(self.where(node), term.quantity, self.written(node), operation))


def shown_with(function: ast.AST, node: ast.AST) -> str:
    """The text into which a function puts an expression, or a name that is assigned what is made of it."""
    names = {
        target.id
        for statement in ast.walk(function)
        if isinstance(statement, ast.Assign) and any(part is node for part in ast.walk(statement.value))
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    for text in ast.walk(function):
        if not isinstance(text, ast.JoinedStr | ast.Call):
            continue
        parts = list(ast.walk(text))
        if any(part is node or (isinstance(part, ast.Name) and part.id in names) for part in parts):
            said = " ".join(part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
            if said.strip():
                return said
    return ""


def _all_of(total: Amount, summand: Value) -> bool:
    """Whether a summand had all that the sum consists of: a fee was added, or another such sum of what a database keeps."""
    return isinstance(summand, Amount) and set(total.terms) <= set(summand.terms) and total.rest == summand.rest


def _counts(value: Value) -> bool:
    return isinstance(value, Amount) and (value.counted or (value.rest and not value.unset))


def _evidence(value: Value) -> int:
    """How little is known of where the counts come from."""
    terms = value.terms if isinstance(value, Amount) else ()
    return Evidence.weakest(term.quantity.evidence for term in terms).doubt


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _guards(node: ast.AST) -> frozenset[str]:
    """Expressions that the function tests somewhere: where it asks, it knows."""
    found: set[str] = set()
    for child in ast.walk(node):
        for test in _tests(child):
            for part in ast.walk(test):
                if isinstance(part, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
                    with contextlib.suppress(RecursionError, ValueError):
                        found.add(ast.unparse(part))
                elif isinstance(part, ast.NamedExpr):
                    found.add(part.target.id)
    return frozenset(found)


def _chooses(node: ast.AST) -> bool:
    """Whether one of the function's tests compares a text, or asks by a name that tells whose model it is."""
    aside: set[ast.AST] = set()  # what decides about nothing but a warning
    for child in ast.walk(node):
        if isinstance(child, ast.Match):
            return True
        if isinstance(child, ast.If) and all(_tells_only(statement) for statement in (*child.body, *child.orelse)):
            aside.update(ast.walk(child.test))
        if child in aside:
            continue
        if isinstance(child, ast.BoolOp) and isinstance(child.values[-1], ast.Constant) and child.values[-1].value == 0:
            continue  # a number for none: `getattr(usage, "cached_tokens", None) or 0`
        for test in _tests(child):
            if test in aside:
                continue
            if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is | ast.IsNot):
                continue  # whether it was said at all
            for part in ast.walk(test):
                name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
                if _is_text(part) or any(word in name.lower() for word in _WHOSE):
                    return True
    return False


def _tells_only(statement: ast.stmt) -> bool:
    """A warning, an entry of a set: nothing is worked out."""
    return isinstance(statement, ast.Expr | ast.Pass) and not any(isinstance(part, ast.BinOp) for part in ast.walk(statement))


_WHOSE = ("provider", "vendor", "model", "anthropic", "claude", "openai", "gpt", "gemini", "google")


def _tests(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) | ast.Assert(test=test):
            return [test]
        case ast.comprehension(ifs=ifs):
            return ifs
        case ast.BoolOp(values=values):
            return values[:-1]
        case _:
            return []
