"""What expressions make of usage. One instance evaluates one function; it knows syntax and the flow's cells."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import replace

from auditor.accounting import sql
from auditor.accounting.facts import Handover
from auditor.accounting.fields import Fields
from auditor.accounting.flow import Flow
from auditor.accounting.forms import (
    Amount,
    Answer,
    Code,
    Factor,
    Items,
    Made,
    Query,
    Record,
    Usage,
    Value,
    Word,
    any_of,
    joined,
    number,
    one_of,
)
from auditor.accounting.program import Unit
from auditor.accounting.walks import spelled
from auditor.limits import EXPRESSION_DEPTH, SQL_CHARACTERS, WORD_CHARACTERS
from auditor.values.lifetime import Evidence

_OF_MODELS = frozenset({"objects", "query", "__table__"})
"""Attributes of a model's class by which its rows are asked for."""
_ROWS = frozenset({"data", "Items"})
"""All rows of what a store answers."""
_METADATA = "metadata"
"""Instead of a table's name: what a framework keeps of the provider's own answer."""
_WHOLE = frozenset({"_mapping", "__dict__"})
_LARGE = 1e100  # no price is beyond this, and no float goes over while it is calculated with
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


class Expressions(Fields):
    """Values of expressions inside of one unit."""

    def __init__(self, flow: Flow, unit: Unit, context: str) -> None:
        super().__init__(flow, unit, context)
        self._depth = 0

    # Values

    def value(self, node: ast.expr | None) -> Value:
        if node is None or self._depth > EXPRESSION_DEPTH:
            return None
        self._depth += 1
        try:
            found = self._value(node)
        finally:
            self._depth -= 1
        if isinstance(found, Amount) and found.counted and self._tested(node):
            return found.without_none()
        return found

    def _tested(self, node: ast.expr) -> bool:
        """Whether the function asks for the value, or for the nested object that holds it."""
        if self.written(node) in self.guards:
            return True
        return (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Attribute | ast.Name)
            and (
                self.written(node.value) in self.guards and isinstance(held := self.value(node.value), Usage) and bool(held.path)
            )
        )

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=held):
                return _constant(held)
            case ast.Name(id=name):
                return self.name(name, node)
            case ast.Attribute(value=owner, attr=name):
                return self.attribute(self.value(owner), name, node)
            case ast.Subscript(value=owner, slice=index):
                return self.subscript(self.value(owner), index, node)
            case ast.Call():
                return self.call(node)
            case ast.BinOp(left=left, op=op, right=right):
                one, two = self.value(left), self.value(right)
                own = self.overloaded(one, op, two) or (spelled((one, two)) if isinstance(op, ast.Add) else None)
                return own if own is not None else self.arithmetic(one, op, two, (left, right), node)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.value(operand)
                return inner.scaled(Factor(-1.0)) if isinstance(inner, Amount) else None
            case ast.BoolOp(op=op, values=values):
                return self._either(op, [self.value(each) for each in values])
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                self.value(test)
                return one_of((self.value(body), self.value(otherwise)))
            case ast.NamedExpr(target=target, value=inner):
                named = self.value(inner)
                self.bind(target, named)
                return named
            case ast.Await(value=inner) | ast.Starred(value=inner) | ast.UnaryOp(operand=inner):
                return self.value(inner)
            case ast.Yield(value=inner):
                self.given_back(self.value(inner), node, many=True)
                return None
            case ast.YieldFrom(value=inner):
                items = self.value(inner)
                self.given_back(any_of(items) if isinstance(items, Items) else items, node, many=True)
                return None
            case _:
                return self._compound(node)

    def _compound(self, node: ast.expr) -> Value:
        match node:
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return self.listed(elements)
            case ast.Set(elts=elements):
                return Items((_any(self.value(each) for each in elements),), True)
            case ast.Dict(keys=keys, values=values):
                return self._mapping(keys, values, node)
            case ast.ListComp(elt=element, generators=generators) | ast.GeneratorExp(elt=element, generators=generators):
                return self.comprehended(generators, lambda: self.value(element))
            case ast.SetComp(elt=element, generators=generators):
                return self.comprehended(generators, lambda: self.value(element))
            case ast.DictComp(key=key, value=held, generators=generators):
                record = self.dictionary(node)
                self.comprehended(generators, lambda: self._entry(record, key, held))
                return record
            case ast.JoinedStr(values=values):
                return self._text(values)
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [(each, self.value(each)) for each in (left, *others)]
                if any(isinstance(op, _ORDERED) for op in ops):
                    for each, side in sides:
                        self.not_none(side, each, "is compared")
                return None
            case ast.Lambda(body=body):
                self.value(body)
                return None
            case _:
                return None

    def _entry(self, record: Record, key: ast.expr, held: ast.expr) -> Value:
        """Puts an entry of a comprehension into its dictionary."""
        value = self.value(held)
        self.flow.set_field(record, self.key(key) or "*", value)
        return value

    def _text(self, parts: Sequence[ast.expr]) -> Value:
        """An f-string: known where all of its parts are."""
        said: list[Value] = []
        for part in parts:
            held = self.value(part.value if isinstance(part, ast.FormattedValue) else part)
            if isinstance(part, ast.FormattedValue):
                self._shown(held, part)
                held = held if part.format_spec is None and part.conversion < 0 else None
            said.append(held)
        return spelled(said)

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
            inner = self.flow.program.inside(self.unit.module.path, self.unit.name, name)
            if inner is not None:
                return inner
        held = self.flow.variable(self.unit.module.path, name)
        if held is not None:
            return held
        meant = self.flow.program.lookup(self.unit.module.path, name)
        if not isinstance(meant, Code) or self.flow.program.unit(meant) or self.flow.program.class_of(meant) is not None:
            return meant if isinstance(meant, Code) else None
        return self.flow.variable(meant.path, meant.name)

    def attribute(self, owner: Value, name: str, node: ast.AST, default: bool = False) -> Value:
        """`owner.name`, or `getattr(owner, "name", default)`."""
        flow, knowledge = self.flow, self.flow.knowledge
        match owner:
            case Usage():
                return self.of_usage(owner, name, node)
            case Answer(table=table, provider=provider, calls=calls):
                if table == _METADATA:
                    return Usage(knowledge.within[name], provider, plain=True, calls=calls) if name in knowledge.within else None
                if name in knowledge.metadata:
                    return replace(owner, table=_METADATA)
                if name in knowledge.carriers:
                    return Usage(table, provider, calls=calls)
                return owner if name in knowledge.answers else None
            case Record():
                return self._of_record(owner, name)
            case Code(path=path, name=held) if flow.program.class_of(owner) is not None:
                inner = flow.program.method(owner, name)
                rows = Record.of(Made(path, held))
                own = inner if inner is not None else flow.field(rows, name)
                return Query(rows) if own is None and name in _OF_MODELS else own
            case Query(row=row):
                return row if name == "c" else owner if name in _ROWS else flow.field(row, name)
            case _:
                pass
        meant = self._module_of(node)
        if meant is not None:
            found = flow.program.lookup(meant, name)
            if isinstance(found, Code) and (flow.program.unit(found) or flow.program.class_of(found)):
                return found
            return flow.variable(meant, name)
        if name in knowledge.metadata:
            return Answer(_METADATA)
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
        if held is None and name in _WHOLE:
            return owner
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

    def subscript(self, owner: Value, index: ast.expr, node: ast.AST) -> Value:
        key = self.key(index)
        if key is not None:
            return self.item(owner, key, node)
        match owner:
            case Items(members=members, many=many):
                if not many and isinstance(index, ast.Constant) and isinstance(index.value, int):
                    return members[index.value] if -len(members) <= index.value < len(members) else None
                return any_of(owner)
            case Record():
                at = index.value if isinstance(index, ast.Constant) else None
                column = self.nth(owner, at) if isinstance(at, int) else None
                return column if column is not None else self.any_row(owner)
            case Answer():
                return owner
            case Query(row=row):
                return owner if isinstance(index, ast.Slice) else row
            case _:
                return None

    def any_row(self, owner: Record) -> Value:
        """What stands under a key that is not known: in a table of records any of them."""
        held = [value for _, value in self.flow.fields(owner)]
        if held and all(isinstance(value, Record) for value in held):
            return _any(held)
        return self.flow.field(owner, "*")

    def item(self, owner: Value, key: str, node: ast.AST) -> Value:
        """`owner["key"]`, or `owner.get("key")`."""
        match owner:
            case Usage():
                return self.of_usage(replace(owner, plain=True), key, node)
            case Record():
                held = self.flow.field(owner, key)
                return held if held is not None else self.flow.field(owner, "*")
            case Answer() | Query():
                return self.attribute(owner, key, node)
            case None if key in self.flow.knowledge.carriers:
                own = self.flow.kept.get(key)  # before what flows has been followed, the name says nothing else
                return Usage(None, plain=True, kept=own) if own is not None or self.flow.by_names else None
            case None if (entry := self.flow.entry(key)) is not None:
                return entry
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
            name = self.key(key) or "*"
            self.flow.set_field(record, name, held)
            if isinstance(held, Record) and len(held.made) == 1 and name != "*":
                self.flow.labels[held.made[0]] = name
        return record

    def spread(self, record: Record, held: Value) -> None:
        if isinstance(held, Record):
            for name, value in self.flow.fields(held):
                self.flow.set_field(record, name, value)
        elif isinstance(held, Usage):
            self.flow.set_field(record, "*", held)
        elif isinstance(held, Items):
            for pair in held.members:
                if isinstance(pair, Items) and len(pair.members) == 2:
                    key, value = pair.members
                    self.flow.set_field(record, (isinstance(key, Word) and key.text) or "*", value)
        else:
            self.flow.set_field(record, "*", None)  # what it brings is not known

    def _either(self, op: ast.boolop, values: list[Value]) -> Value:
        if isinstance(op, ast.And):
            return values[-1]
        found = one_of(values)
        return found.without_none() if isinstance(found, Amount) else found

    # To be seen elsewhere

    def _shown(self, held: Value, node: ast.AST) -> None:
        """Puts a value into a text. Events of a stream are shown by those who look for a mistake, not at usage."""
        if not isinstance(held, Answer) or not held.event:
            self.handed(held, node, "a text")

    def handed(self, held: Value, node: ast.AST, to: str) -> None:
        """Notes that a whole usage object, or what holds one, goes where it cannot be followed."""
        match held:
            case Usage() | Answer():
                table = self.flow.knowledge.tables.get(held.table or "")
                provider = held.provider or (table.provider if table is not None else "")
                self.facts.append(Handover(self.where(node), to, provider, isinstance(held, Answer)))
            case Items(members=members):
                for member in members:
                    self.handed(member, node, to)
            case Record():
                for _, value in self.flow.fields(held):
                    if isinstance(value, Usage | Answer):
                        self.handed(value, node, to)
            case _:
                pass

    def call(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def overloaded(self, left: Value, op: ast.operator, right: Value) -> Value:
        raise NotImplementedError

    def bind(self, target: ast.expr, held: Value) -> None:
        raise NotImplementedError

    def given_back(self, held: Value, node: ast.AST, many: bool = False) -> None:
        raise NotImplementedError


def _constant(held: object) -> Value:
    match held:
        case bool():
            return None
        case int() | float() if abs(held) < _LARGE:
            return number(held)
        case str() if len(held) <= (SQL_CHARACTERS if sql.begins(held) else WORD_CHARACTERS):
            return Word(held)
        case _:
            return None


def _any(values: Iterable[Value]) -> Value:
    found: Value = None
    for value in values:
        found = joined(found, value)
    return found
