"""What expressions make of usage. One instance evaluates one function; it knows syntax and the flow's cells."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable

from auditor.accounting.facts import Addition, Fact, Handover, Ratio, Sum, Where
from auditor.accounting.flow import Flow
from auditor.accounting.forms import (
    Amount,
    Answer,
    Code,
    Factor,
    Items,
    Made,
    Quantity,
    Record,
    Usage,
    Value,
    added,
    any_of,
    count,
    factor_of,
    joined,
    number,
)
from auditor.accounting.program import Unit
from auditor.knowledge.usage import Nullable, UsageTable
from auditor.places import Place
from auditor.values.lifetime import Evidence

_DEPTH = 60  # nested expressions beyond this are left out
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


class Expressions:
    """Values of expressions inside of one unit. `env` holds its local names; `guards` are expressions that it tests."""

    def __init__(self, flow: Flow, unit: Unit, context: str) -> None:
        self.flow = flow
        self.unit = unit
        self.context = context
        self.env: dict[str, Value] = {}
        self.globals: set[str] = set()
        if unit.guards is None:
            unit.guards = _guards(unit.node)
        self.guards = unit.guards
        self.facts: list[Fact] = []
        self.caught = 0  # inside of a try that catches what None would raise
        self._depth = 0

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

    # Values

    def value(self, node: ast.expr | None) -> Value:
        if node is None or self._depth > _DEPTH:
            return None
        self._depth += 1
        try:
            found = self._value(node)
        finally:
            self._depth -= 1
        if isinstance(found, Amount) and self.guards and found.counted and self._tested(node):
            return found.without_none()
        return found

    def _tested(self, node: ast.expr) -> bool:
        """Whether the function asks for the value, or for the nested object that holds it."""
        if self.written(node) in self.guards:
            return True
        return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name) and (
            self.written(node.value) in self.guards and isinstance(held := self.value(node.value), Usage) and bool(held.path)
        )

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as held) if not isinstance(held, bool):
                return number(held)
            case ast.Name(id=name):
                return self.name(name, node)
            case ast.Attribute(value=owner, attr=name):
                return self.attribute(self.value(owner), name, node)
            case ast.Subscript(value=owner, slice=index):
                return self.subscript(self.value(owner), index, node)
            case ast.Call():
                return self.call(node)
            case ast.BinOp(left=left, op=op, right=right):
                return self.arithmetic(self.value(left), op, self.value(right), left, right, node)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.value(operand)
                return inner.scaled(Factor(-1.0)) if isinstance(inner, Amount) else None
            case ast.BoolOp(op=op, values=values):
                return self._either(op, [self.value(each) for each in values])
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                self.value(test)
                return joined(self.value(body), self.value(otherwise))
            case ast.NamedExpr(target=target, value=inner):
                held = self.value(inner)
                self.bind(target, held)
                return held
            case ast.Await(value=inner) | ast.Starred(value=inner) | ast.UnaryOp(operand=inner):
                return self.value(inner)
            case ast.Yield(value=inner):
                self.given_back(self.value(inner), node, many=True)
                return None
            case ast.YieldFrom(value=inner):
                held = self.value(inner)
                self.given_back(any_of(held) if isinstance(held, Items) else held, node, many=True)
                return None
            case _:
                return self._compound(node)

    def _compound(self, node: ast.expr) -> Value:
        match node:
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return Items(tuple(self.value(each) for each in elements))
            case ast.Set(elts=elements):
                return Items((_any(self.value(each) for each in elements),), True)
            case ast.Dict(keys=keys, values=values):
                return self._mapping(keys, values, node)
            case ast.ListComp(elt=element, generators=generators) | ast.GeneratorExp(elt=element, generators=generators):
                self._generators(generators)
                return Items((self.value(element),), True)
            case ast.SetComp(elt=element, generators=generators):
                self._generators(generators)
                return Items((self.value(element),), True)
            case ast.DictComp(key=key, value=held, generators=generators):
                self._generators(generators)
                self.value(key)
                record = self.dictionary(node)
                self.flow.set_field(record, "*", self.value(held))
                return record
            case ast.JoinedStr(values=values):
                for each in values:
                    if isinstance(each, ast.FormattedValue):
                        self.handed(self.value(each.value), each, "a text", shown=True)
                return None
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [(each, self.value(each)) for each in (left, *others)]
                if any(isinstance(op, _ORDERED) for op in ops):
                    for each, held in sides:
                        self.not_none(held, each, "compared")
                return None
            case ast.Lambda(body=body):
                self.value(body)
                return None
            case _:
                return None

    def name(self, name: str, node: ast.AST) -> Value:
        if name in self.env and name not in self.globals:
            return self.env[name]
        if name not in self.globals:
            scope = self.unit.name
            while "." in scope:
                scope = scope.rpartition(".")[0]
                outer = self.flow.locals.get((self.unit.module.path, scope), {})
                if name in outer:
                    return outer[name]
        held = self.flow.variable(self.unit.module.path, name)
        if held is not None:
            return held
        meant = self.flow.program.lookup(self.unit.module.path, name)
        if isinstance(meant, Code):
            unit = self.flow.program.unit(meant)
            if unit is not None or self.flow.program.class_of(meant) is not None:
                return meant
            return self.flow.variable(meant.path, meant.name)
        return None

    def attribute(self, owner: Value, name: str, node: ast.AST, default: bool = False) -> Value:
        """`owner.name`, or `getattr(owner, "name", default)`."""
        flow, knowledge = self.flow, self.flow.knowledge
        match owner:
            case Usage():
                return self._of_usage(owner, name, node)
            case Answer(api=api):
                if name in knowledge.carriers:
                    table = knowledge.of_api(api) if api is not None else None
                    return Usage(table.name if table is not None else None)
                return owner if name in knowledge.answers else None
            case Record():
                return self._of_record(owner, name)
            case Code(path=path, name=held) if flow.program.class_of(owner) is not None:
                inner = flow.program.method(owner, name)
                return inner if inner is not None else flow.field(Record.of(Made(path, held)), name)
            case _:
                pass
        meant = self._module_of(node)
        if meant is not None:
            found = flow.program.lookup(meant, name)
            if isinstance(found, Code) and (flow.program.unit(found) or flow.program.class_of(found)):
                return found
            return flow.variable(meant, name)
        if name in knowledge.carriers:
            return Usage(None)
        held_by_name = flow.attribute(name)
        if held_by_name is not None and flow.program.declares(name):
            return held_by_name
        return self.by_name(name, node, Evidence.USAGE)

    def _module_of(self, node: ast.AST) -> str | None:
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name) or node.value.id in self.env:
            return None
        meant = self.flow.program.lookup(self.unit.module.path, node.value.id)
        if not isinstance(meant, str):
            return None
        self.flow.program.add(meant)
        return meant

    def _of_record(self, owner: Record, name: str) -> Value:
        flow = self.flow
        held = flow.field(owner, name)
        classes = [made for made in owner.made if made.name]
        if not classes:
            return held if held is not None else flow.field(owner, "*")
        method = next(filter(None, (flow.program.method(Code(made.path, made.name), name) for made in classes)), None)
        if method is None:
            if held is not None:
                return held
            return Usage(None) if name in flow.knowledge.carriers else self.by_name(name, None, Evidence.NAME)
        unit = flow.program.unit(method)
        if unit is not None and flow.program.is_property(method):
            flow.called.add(unit.key)
            return flow.result(unit.key)
        return Code(method.path, method.name, owner)

    def _of_usage(self, owner: Usage, name: str, node: ast.AST) -> Value:
        """A field of a usage object, or an object nested in it."""
        knowledge = self.flow.knowledge
        path = f"{owner.path}.{name}" if owner.path else name
        tables = self._tables(owner)
        fields = [(table, table.fields[path]) for table in tables if path in table.fields]
        if fields:
            kinds = {field.kind for _, field in fields}
            nullable = Nullable.NEVER if owner.plain else max((field.nullable for _, field in fields), key=list(Nullable).index)
            table, field = fields[0]
            if len(kinds) == 1:
                api = table.name if len(fields) == 1 else None
                return count(Quantity(field.kind, name, api, self.place(node), owner.evidence, nullable, ttl=field.ttl))
        if any(path in table.nested for table in tables):
            known = [table.name for table in tables if path in table.nested]
            return Usage(known[0] if len(known) == 1 else owner.table, path, owner.evidence, owner.plain)
        if name in knowledge.dumps:
            return Usage(owner.table, owner.path, owner.evidence, plain=True)
        # Not this object's own field: another API's behind the same code, or a nested one that was lifted.
        for table in knowledge.tables.values():
            lifted = table.by_last_name(name)
            if lifted is not None:
                return count(Quantity(lifted.kind, name, None, self.place(node), owner.evidence))
        return None

    def _tables(self, owner: Usage) -> list[UsageTable]:
        tables = self.flow.knowledge.tables
        return [tables[owner.table]] if owner.table is not None else list(tables.values())

    def by_name(self, name: str, node: ast.AST | None, evidence: Evidence) -> Value:
        """What a name alone says; only once everything that flows has been followed."""
        if not self.flow.guess:
            return None
        kind = self.flow.knowledge.names.get(name)
        if kind is None:
            return None
        tables = self.flow.knowledge.having(name)
        api = tables[0].name if len(tables) == 1 else None
        place = self.place(node) if node is not None else self.place(self.unit.node)
        return count(Quantity(kind, name, api, place, evidence if tables else Evidence.NAME))

    def subscript(self, owner: Value, index: ast.expr, node: ast.AST) -> Value:
        if isinstance(index, ast.Constant) and isinstance(index.value, str):
            return self.item(owner, index.value, node)
        self.value(index)
        match owner:
            case Items(members=members, many=many):
                if not many and isinstance(index, ast.Constant) and isinstance(index.value, int):
                    return members[index.value] if -len(members) <= index.value < len(members) else None
                return any_of(owner)
            case Record():
                return self.flow.field(owner, "*")
            case Answer():
                return owner
            case _:
                return None

    def item(self, owner: Value, key: str, node: ast.AST) -> Value:
        """`owner["key"]`, or `owner.get("key")`."""
        match owner:
            case Usage():
                return self._of_usage(Usage(owner.table, owner.path, owner.evidence, plain=True), key, node)
            case Record():
                held = self.flow.field(owner, key)
                return held if held is not None else self.flow.field(owner, "*")
            case Answer():
                return self.attribute(owner, key, node)
            case None if key in self.flow.knowledge.carriers:
                return Usage(None, plain=True)
            case None:
                return self.by_name(key, node, Evidence.USAGE)
            case _:
                return None

    def dictionary(self, node: ast.AST) -> Record:
        """The record that an expression makes."""
        return Record.of(Made(self.unit.module.path, "", getattr(node, "lineno", 0), getattr(node, "col_offset", 0)))

    def _mapping(self, keys: list[ast.expr | None], values: list[ast.expr], node: ast.AST) -> Value:
        record = self.dictionary(node)
        for key, each in zip(keys, values, strict=True):
            held = self.value(each)
            if key is None:
                self.spread(record, held)
                continue
            self.value(key)
            name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else "*"
            self.flow.set_field(record, name, held)
        return record

    def spread(self, record: Record, held: Value) -> None:
        if isinstance(held, Record):
            for name, value in self.flow.fields(held):
                self.flow.set_field(record, name, value)

    # Arithmetic

    def arithmetic(
        self, left: Value, op: ast.operator, right: Value, left_node: ast.expr, right_node: ast.expr, node: ast.AST
    ) -> Value:
        for held, each in ((left, left_node), (right, right_node)):
            self.not_none(held, each, "added" if isinstance(op, ast.Add | ast.Sub) else "calculated with")
        match op:
            case ast.Add() | ast.Sub():
                total = added(left, right, 1.0 if isinstance(op, ast.Add) else -1.0)
                if isinstance(total, Amount) and total.counted:
                    total = total.without_none()
                    self.summed(total, node)
                return total
            case ast.Mult():
                return self._product(left, right, left_node, right_node)
            case ast.Div() | ast.FloorDiv():
                return self._quotient(left, right, right_node, node)
            case _:
                return None

    def summed(self, total: Amount, node: ast.AST) -> None:
        if sum(term.factor.priced for term in total.terms) > 1:
            self.facts.append(Sum(self.where(node), total))

    def _product(self, left: Value, right: Value, left_node: ast.expr, right_node: ast.expr) -> Value:
        if isinstance(left, Amount) and (left.counted or left.rest):
            factor = factor_of(right, self.written(right_node))
            return left.scaled(factor) if factor is not None else None
        if isinstance(right, Amount) and (right.counted or right.rest):
            factor = factor_of(left, self.written(left_node))
            return right.scaled(factor) if factor is not None else None
        if isinstance(left, Amount) or isinstance(right, Amount):
            one, two = factor_of(left, self.written(left_node)), factor_of(right, self.written(right_node))
            return Amount((), one.times(two)) if one is not None and two is not None else None
        return None

    def _quotient(self, left: Value, right: Value, right_node: ast.expr, node: ast.AST) -> Value:
        if isinstance(right, Amount) and (right.counted or right.rest):
            if isinstance(left, Amount) and left.counted and right.counted:
                self.facts.append(Ratio(self.where(node), left, right))
            return None
        factor = factor_of(right, self.written(right_node))
        inverted = factor.inverted() if factor is not None else None
        return left.scaled(inverted) if isinstance(left, Amount) and inverted is not None else None

    def not_none(self, held: Value, node: ast.AST, operation: str) -> None:
        """Notes that a count which can be None takes part in arithmetic."""
        if self.caught or not isinstance(held, Amount):
            return
        for term in held.terms:
            if term.quantity.nullable is not Nullable.NEVER:
                self.facts.append(Addition(self.where(node), term.quantity, self.written(node), operation))

    def _either(self, op: ast.boolop, values: list[Value]) -> Value:
        if isinstance(op, ast.And):
            return values[-1]
        found = _any(values)
        return found.without_none() if isinstance(found, Amount) else found

    def _generators(self, generators: list[ast.comprehension]) -> None:
        for generator in generators:
            held = self.value(generator.iter)
            self.bind(generator.target, self.element(held))
            for test in generator.ifs:
                self.value(test)

    def element(self, held: Value) -> Value:
        """What a loop over it gets."""
        match held:
            case Items():
                return any_of(held)
            case Answer():
                return held
            case Record():
                return self.flow.field(held, "*")
            case _:
                return None

    # To be seen elsewhere

    def handed(self, held: Value, node: ast.AST, to: str, shown: bool = False) -> None:
        """Notes that a whole usage object, or what holds one, goes where it cannot be followed."""
        match held:
            case Usage(table=table, path=""):
                found = self.flow.knowledge.tables.get(table or "")
                self.facts.append(Handover(self.where(node), to, found.name if found else None, whole=False, shown=shown))
            case Answer(api=api):
                self.facts.append(Handover(self.where(node), to, api, whole=True, shown=shown))
            case Items(members=members):
                for member in members:
                    self.handed(member, node, to, shown)
            case Record():
                for _, value in self.flow.fields(held):
                    if isinstance(value, Usage | Answer):
                        self.handed(value, node, to, shown)
            case _:
                pass

    def call(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def bind(self, target: ast.expr, held: Value) -> None:
        raise NotImplementedError

    def given_back(self, held: Value, node: ast.AST, many: bool = False) -> None:
        raise NotImplementedError


def _any(values: Iterable[Value]) -> Value:
    found: Value = None
    for value in values:
        found = joined(found, value)
    return found


def _guards(node: ast.AST) -> frozenset[str]:
    """Expressions that the function tests somewhere: where it asks, it knows."""
    found: set[str] = set()
    for child in ast.walk(node):
        match child:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) | ast.Assert(test=test):
                tests = [test]
            case ast.comprehension(ifs=ifs):
                tests = ifs
            case ast.BoolOp(values=values):
                tests = values[:-1]
            case _:
                continue
        for test in tests:
            for part in ast.walk(test):
                if isinstance(part, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
                    with contextlib.suppress(RecursionError, ValueError):
                        found.add(ast.unparse(part))
                elif isinstance(part, ast.NamedExpr):
                    found.add(part.target.id)
    return frozenset(found)
