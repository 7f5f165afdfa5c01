"""What calls make of usage: calls that send, functions of the project, and the few built-in ones that keep a count what it is."""

from __future__ import annotations

import ast
from dataclasses import replace

from auditor.accounting.facts import Retrying
from auditor.accounting.forms import (
    NOTHING,
    UNSET,
    Amount,
    Answer,
    Code,
    Items,
    Query,
    Record,
    Usage,
    Value,
    Word,
    added,
    any_of,
    joined,
    number,
    one_of,
)
from auditor.accounting.passing import Passing
from auditor.accounting.program import Library
from auditor.project import growing
from auditor.project.syntax import FunctionNode, last_name, parameters

_SAME = frozenset({"int", "float", "round", "abs", "Decimal", "str", "Fraction", "ceil", "floor"})
_OF_ITEMS = frozenset({"list", "tuple", "sorted", "reversed", "iter", "set", "deque", "aiter"})
# Built-in functions that look at a value without telling anybody of all of it.
_BLIND = frozenset({"len", "isinstance", "hasattr", "type", "id", "bool", "callable", "next", "anext", "issubclass"})
_DUMPING = frozenset({"asdict", "vars", "astuple"})
_COPYING = frozenset({"_asdict", "copy", "model_copy", "replace"})


class Calls(Passing):
    """Calls on top of expressions."""

    def call(self, node: ast.Call) -> Value:
        for keyword in node.keywords:
            if (
                keyword.arg == "max_retries"
                and not isinstance(keyword.value, ast.Constant)
                and self.value(keyword.value) == number(0)
            ):
                self.facts.append(Retrying(self.where(keyword.value)))
        answer = self._answer(node)
        if answer is not None:
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                self.value(argument)
            return answer
        name = last_name(node.func)
        if isinstance(node.func, ast.Name) and name is not None and name not in self.env:
            built_in = self._built_in(name, node)
            if built_in is not NotImplemented:
                return built_in  # type: ignore[return-value]
        callee = self.value(node.func) if not isinstance(node.func, ast.Attribute) else None
        owner: Value = None
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value)
            found = self.stored(owner, node)
            found = found if found is not NotImplemented else self.fetched(owner, node)
            found = found if found is not NotImplemented else self._method(owner, node.func.attr, node)
            if found is not NotImplemented:
                return found  # type: ignore[return-value]
            callee = self.attribute(owner, node.func.attr, node.func)
            if not isinstance(callee, Code) and (owner is None or isinstance(owner, Word)):
                callee = self._only_method(node, node.func)
        rows = self.asked(node)
        if rows is not NotImplemented:
            return rows  # type: ignore[return-value]
        if isinstance(callee, Code):
            return self.project_call(callee, node)
        return self._outside(node, name or "a call", callee)

    def _answer(self, node: ast.Call) -> Answer | None:
        """What a call gives that sends, or that hands a helper the method: `with_retry(client.messages.create, ...)`."""
        given = (*node.args, *(keyword.value for keyword in node.keywords))
        for part in (node, *(one for one in given if isinstance(one, ast.Attribute))):
            place = self.place(part)
            answer = self.flow.sent.get((place.path, place.line, place.column))
            if answer is not None:
                return answer
        return None

    def _only_method(self, node: ast.Call, name: ast.Attribute) -> Code | None:
        """The project's only method of that name, where the object may be its own and the method takes such arguments."""
        found = self.flow.program.only_method(name.attr) if not self._of_library(name) else None
        unit = self.flow.program.unit(found) if found is not None else None
        return found if unit is not None and not isinstance(unit.node, ast.Module) and _takes(unit.node, node) else None

    def _of_library(self, node: ast.Attribute) -> bool:
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            inner = inner.value
        return isinstance(inner, ast.Name) and isinstance(self.flow.program.lookup(self.unit.module.path, inner.id), Library)

    def _built_in(self, name: str, node: ast.Call) -> object:
        """The result of a built-in function; NotImplemented for any other."""
        arguments = node.args
        match name:
            case "getattr" if len(arguments) >= 2:
                return self._getattr(node)
            case "setattr" if len(arguments) == 3:
                return self._setattr(*arguments)
            case "sum" if arguments:
                return self._sum(node)
            case "max" | "min":
                held = one_of([self.value(argument) for argument in arguments])
                return any_of(held) if isinstance(held, Items) else held
            case "dict":
                return self._dict(node)
            case "cast" if len(arguments) == 2:
                return self.value(arguments[1])
            case _ if name in _SAME and arguments:
                held = self.value(arguments[0])
                for argument in arguments[1:]:
                    self.value(argument)
                self.handed(held, node, f"`{name}`")
                return held.without_none() if isinstance(held, Amount) else None
            case "zip" | "enumerate":
                rows = [self.value(argument) for argument in arguments]
                return self._beside(rows if name == "zip" else [Items((None,), True), *rows[:1]])
            case _ if name in _OF_ITEMS and arguments:
                return self._row(self.value(arguments[0]))
            case _ if name in _BLIND:
                found: Value = None
                for argument in arguments:
                    found = joined(found, self.value(argument))
                return self.element(found) if name in {"next", "anext"} else None
            case _:
                return NotImplemented

    def _setattr(self, target: ast.expr, name: ast.expr, value: ast.expr) -> Value:
        owner, key = self.value(target), self.key(name)
        held = self.value(value)
        if isinstance(owner, Record):
            self.fill(owner, key or "*", held)
        return None

    def _row(self, held: Value) -> Value:
        """`list(...)` and its like."""
        if isinstance(held, Record) and (named := self.named(held)) is not None:
            return Items(named)
        return held if isinstance(held, Items | Answer) else Items((self.element(held),), True)

    def _beside(self, rows: list[Value]) -> Items:
        """`zip`: names with what belongs to them, or one tuple that stands for all."""
        walked = [self.named(row) or (row.members if isinstance(row, Items) and not row.many else None) for row in rows]
        lengths = {len(row) for row in walked if row is not None}
        if len(lengths) == 1 and any(self.named(row) is not None for row in rows):
            each = [
                row if row is not None else (self.element(held),) * min(lengths) for row, held in zip(walked, rows, strict=True)
            ]
            return Items(tuple(Items(members) for members in zip(*each, strict=True)))
        return Items((Items(tuple(self.element(row) for row in rows)),), True)

    def _getattr(self, node: ast.Call) -> Value:
        """`getattr(owner, name, default)`: with a name that is not known, all fields can be read so."""
        owner, name = self.value(node.args[0]), node.args[1]
        default = [self.value(argument) for argument in node.args[2:]]
        key = self.key(name)
        if key is not None and default and self._lack(owner, key):
            return default[0]  # each time: what is kept under another name is not asked for
        if key is not None:
            return self.attribute(owner, key, node)
        if isinstance(owner, Usage):
            self.handed(owner, node, "`getattr` by name")
        return None

    def _lack(self, owner: Value, name: str) -> bool:
        """Whether what arrives are objects of the project's own that have no such attribute, and are given none anywhere."""
        if not isinstance(owner, Record) or self.flow.field(owner, name) is not None or self.flow.field(owner, "*") is not None:
            return False
        return all(made.name and self.flow.program.lacks(Code(made.path, made.name), name) for made in owner.made)

    def _sum(self, node: ast.Call) -> Value:
        held = self.value(node.args[0])
        total: Value = None
        if isinstance(held, Items):
            for member in held.members:
                self.not_none(member, node.args[0], "is added up")
                own = self.overloaded(member, ast.Add(), member) if held.many else None
                total = own if own is not None else member if total is None else added(total, member)
            if isinstance(total, Amount):
                total = total.without_none()
                total = total.running() if held.many else total
                if not held.many:
                    return self.summed(total, node)
        return total

    def _dict(self, node: ast.Call) -> Value:
        first = self.value(node.args[0]) if node.args else None
        if isinstance(first, Usage):
            return replace(first, plain=True)
        record = self.dictionary(node)
        for keyword in node.keywords:
            self.flow.set_field(record, keyword.arg or "*", self.value(keyword.value))
        if node.args:
            self.spread(record, first)
        return record

    def _method(self, owner: Value, name: str, node: ast.Call) -> object:
        """Methods of what is followed; NotImplemented where the method is the project's or unknown."""
        arguments = node.args
        key = self.key(arguments[0]) if arguments and (name in {"get", "pop"} or isinstance(arguments[0], ast.Constant)) else None
        knowledge = self.flow.knowledge
        known = isinstance(owner, Usage | Record | Answer) or (
            owner is None
            and isinstance(key, str)
            and (key in knowledge.names or key in knowledge.carriers or self.flow.entry(key) is not None)
        )
        if name in {"get", "pop"} and isinstance(key, str) and known:
            default = [self.value(argument) for argument in arguments[1:]]
            held = self.item(owner, key, node)
            if held is None and default and isinstance(owner, Record) and self.flow.lacks(owner, key):
                # Of several rows others may have it: as a rate it goes by what it is called.
                return UNSET if default[0] == NOTHING else default[0]
            return NotImplemented if held is None and owner is None else held
        if name == "get" and isinstance(owner, Record) and key is None and arguments:
            return joined(self.any_row(owner), self.value(arguments[1]) if len(arguments) > 1 else None)
        match owner:
            case Usage():
                if name in {"get", "items", "values"}:
                    self.handed(owner, node, f"`{name}`")
                return (
                    replace(owner, plain=True)
                    if name in self.flow.knowledge.dumps or name in {"get", "copy", "model_copy"}
                    else None
                )
            case Answer():
                for argument in arguments:
                    self.value(argument)
                return self.attribute(owner, name, node)
            case Items(members=members, many=many) if name in growing.ITEMS and arguments:
                held = self.value(arguments[-1])
                grown = self.element(held) if name in {"extend", "extendleft"} and isinstance(held, Items | Query) else held
                changed = Items((joined(any_of(Items(members, many)), grown),), True)
                if isinstance(node.func, ast.Attribute):
                    self.bind(node.func.value, changed)
                return None
            case Items() if name in {"copy", "pop", "popleft"}:
                return owner if name == "copy" else any_of(owner)
            case Record() if name in knowledge.dumps | _COPYING and self._not_own(owner, name):
                return owner
            case Record() if not any(made.name for made in owner.made):
                return self._of_dict(owner, name, node)
            case _:
                return NotImplemented

    def _not_own(self, owner: Record, name: str) -> bool:
        """Whether instances have a method from a library."""
        return all(made.name and self.flow.program.method(Code(made.path, made.name), name) is None for made in owner.made)

    def _of_dict(self, owner: Record, name: str, node: ast.Call) -> Value:
        inner: Value = None
        for _, value in self.flow.fields(owner):
            inner = joined(inner, value)
        match name:
            case "values":
                return Items((inner,), True)
            case "keys" if (named := self.named(owner)) is not None:
                return Items(named)
            case "items" if rows := self.rows(owner):
                return Items(tuple(Items((Word(key), value)) for key, value in rows))
            case "items":
                return Items((Items((None, inner)),), True)
            case "update":
                for argument in node.args:
                    self.spread(owner, self.value(argument))
                for keyword in node.keywords:
                    self.flow.set_field(owner, keyword.arg or "*", self.value(keyword.value))
                return None
            case "copy":
                return owner
            case "setdefault" | "pop":
                return self.flow.field(owner, "*")
            case _:
                for argument in node.args:
                    self.value(argument)
                return None

    def _outside(self, node: ast.Call, name: str, callee: Value) -> Value:
        """A library's function: what it is given is out of sight."""
        found = self.kept(node, name)
        if found is not NotImplemented:
            return found  # type: ignore[return-value]
        given = [self.value(argument) for argument in node.args]
        named = [self.value(keyword.value) for keyword in node.keywords]
        found = self.queried(node, name, given)
        if found is not NotImplemented:
            return found  # type: ignore[return-value]
        if name in _DUMPING and given and isinstance(given[0], Record):
            return given[0]
        for held in (*given, *named):
            if not isinstance(held, Amount):
                self.handed(held, node, f"`{name}`")
        return None


def _takes(function: FunctionNode, call: ast.Call) -> bool:
    """Whether the function has a parameter for each keyword of the call."""
    names = {argument.arg for argument in parameters(function)}
    return function.args.kwarg is not None or all(keyword.arg is None or keyword.arg in names for keyword in call.keywords)
