"""What statements make of usage: assignments, sums that run, loops, results."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from auditor.accounting import accumulating
from auditor.accounting.calls import Calls
from auditor.accounting.facts import Overwriting
from auditor.accounting.flow import followed
from auditor.accounting.forms import (
    NOTHING,
    OPEN,
    UNSET,
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
    Word,
    added,
    any_of,
    count,
    joined,
    number,
    one_of,
    taken,
)
from auditor.accounting.program import Unit
from auditor.knowledge.usage import CACHE, Counted
from auditor.limits import STATEMENT_DEPTH, STATEMENT_LOOPS
from auditor.project.syntax import FunctionNode, default_of, last_name, parameters
from auditor.values.lifetime import Evidence

_CATCHING = frozenset({"TypeError", "Exception", "BaseException"})


class Statements(Calls):
    """Runs a unit's body once, in order; branches are joined."""

    def run(self) -> None:
        node = self.unit.node
        self._begin()
        if isinstance(node, ast.Module):
            self.body(node.body)
        else:
            self._parameters(node)
            if isinstance(node, ast.Lambda):
                self.given_back(self.value(node.body), node)
            else:
                self.body(node.body)
            self.flow.locals[self.unit.key] = dict(self.env)
        self._overwritings()

    def _begin(self) -> None:
        self._added: dict[str, dict[str, Amount]] = {}  # record as it is written -> field -> what is added to it
        self._assigned: dict[str, dict[str, tuple[Amount, ast.AST]]] = {}
        self._nesting = self._loops = 0
        self._asked: Quantity | None = None  # the count of what was read, inside of a test of it

    def accessed(self, unit: Unit, given: Mapping[str, Value]) -> Value:
        inner = _Accessor(self.flow, unit, self.context)
        inner.level = self.level + 1
        inner.env.update(given)
        return inner.result()

    def _parameters(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        owner = self.unit.module.owner.get(self.unit.name)
        for position, argument in enumerate(parameters(node)):
            held = self.flow.parameter(self.unit.key, argument.arg)
            if position == 0 and owner is not None and argument.arg in {"self", "cls"}:
                made = Made(self.unit.module.path, owner)
                held = Code(made.path, owner) if _of_class(node) else Record.of(made)
            if held is None and (default := self._default(node, argument)) is not None:
                self.env[argument.arg] = default
                continue
            if held in (None, NOTHING, UNSET, OPEN):
                said = self.annotated(argument.annotation)
                held = said if said is not None else held
            if held is None or (isinstance(held, Amount) and not held.counted):
                guessed = self.by_name(argument.arg, argument, Evidence.NAME)
                if guessed is None and self.flow.guess and argument.arg in self.flow.knowledge.carriers:
                    guessed = Usage(None, evidence=Evidence.NAME)
                held = guessed if guessed is not None else held
            self.env[argument.arg] = held
        if node.args.kwarg is not None:
            self.env[node.args.kwarg.arg] = self.flow.parameter(self.unit.key, node.args.kwarg.arg)

    def _default(self, node: FunctionNode, argument: ast.arg) -> Value:
        """The number that a parameter has where no call hands it anything."""
        written = default_of(node, argument) if self.flow.at_default(self.unit.key, argument.arg) else None
        return self.value(written) if isinstance(written, ast.Constant) else None

    def body(self, statements: Sequence[ast.stmt]) -> None:
        if self._nesting < STATEMENT_DEPTH:
            self._nesting += 1
            for statement in statements:
                self.statement(statement)
            self._nesting -= 1

    def _twice(self) -> Iterator[int]:
        """Rounds of a loop: what one leaves behind reaches the next. Only the outer loops are run again."""
        self._loops += 1
        yield from range(2 if self._loops <= STATEMENT_LOOPS else 1)
        self._loops -= 1

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Assign(targets=[target], value=value) if (more := accumulating.added_to(target, value)) is not None:
                self._augmented(target, ast.Add(), more, node)
            case ast.Assign(targets=targets, value=value):
                held = self.value(value)
                for target in targets:
                    self._note_assigned(target, held, node)
                    self.bind(target, held)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                held = self.value(value)
                self._note_assigned(target, held, node)
                self.bind(target, held)
            case ast.AugAssign(target=target, op=op, value=value):
                self._augmented(target, op, value, node)
            case ast.Expr(value=value):
                self.value(value)
            case ast.Return(value=value):
                self.given_back(self.value(value), node)
            case ast.Global(names=names):
                self.globals.update(names)
            case ast.Assert(test=test):
                self.value(test)
            case ast.ClassDef():
                self._class(node)
            case _:
                self._compound_statement(node)

    def _compound_statement(self, node: ast.stmt) -> None:
        match node:
            case ast.If(test=test, body=body, orelse=otherwise):
                self.value(test)
                asked, self._asked = self._asked, self._asked_of_reads(test) or self._asked
                self._branches([body, otherwise])
                self._asked = asked
            case (
                ast.For(target=target, iter=iterated, body=body, orelse=rest)
                | ast.AsyncFor(target=target, iter=iterated, body=body, orelse=rest)
            ):
                self._for(target, self.value(iterated), body)
                self.body(rest)
            case ast.While(test=test, body=body, orelse=rest):
                for _ in self._twice():
                    self.value(test)
                    self._branches([body, []])
                self.body(rest)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                for item in items:
                    held = self.value(item.context_expr)
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, held)
                self.body(body)
            case ast.Try() | ast.TryStar():
                self._try(node)
            case ast.Match(subject=subject, cases=cases):
                self.value(subject)
                self._branches([case.body for case in cases] + [[]])
            case _:
                pass

    def _for(self, target: ast.expr, iterated: Value, body: list[ast.stmt]) -> None:
        """The body for each name that the loop goes through, or for an element that stands for all."""
        members = self.named(iterated)
        self._loops += 1
        if members is not None and self._loops <= STATEMENT_LOOPS:
            with self.walking(members):
                for member in members:
                    self.bind_element(target, member)
                    self.body(body)
            self._loops -= 1
            return
        self._loops -= 1
        element = self.element(iterated)
        for _ in self._twice():
            self.bind(target, element)
            self._branches([body, []])

    def _class(self, node: ast.ClassDef) -> None:
        """Fields with a value in a class's body."""
        qualified = f"{self.unit.name}.{node.name}" if self.unit.name else node.name
        record = Record.of(Made(self.unit.module.path, qualified))
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value is not None:
                self.flow.set_field(record, statement.target.id, self.value(statement.value))
            elif isinstance(statement, ast.Assign):
                held = self.value(statement.value)
                for target in statement.targets:
                    if isinstance(target, ast.Name):
                        self.flow.set_field(record, target.id, held)

    def _try(self, node: ast.Try | ast.TryStar) -> None:
        caught = any(_catches(handler) for handler in node.handlers)
        self.caught += caught
        self.body(node.body)
        self.caught -= caught
        self._branches([handler.body for handler in node.handlers] + [[]])
        self.body(node.orelse)
        self.body(node.finalbody)

    def _branches(self, bodies: list[list[ast.stmt]]) -> None:
        start = dict(self.env)
        ends: list[dict[str, Value]] = []
        for body in bodies:
            self.env = dict(start)
            self.body(body)
            ends.append(self.env)
        names = dict.fromkeys(name for end in ends for name in end)
        self.env = {}
        for name in names:
            held = one_of(end[name] for end in ends if name in end)
            # A text proves nothing where the other side holds something unknown.
            self.env[name] = None if isinstance(held, Word) and any(end.get(name) is None for end in ends) else held

    def bind(self, target: ast.expr, held: Value) -> None:
        match target:
            case ast.Name(id=name):
                if name in self.globals or not self.unit.name:
                    self.flow.set_variable(self.unit.module.path, name, held)
                if self.unit.name and name not in self.globals:
                    self.env[name] = held
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                self._unpack(elements, held)
            case ast.Starred(value=inner):
                self.bind(inner, None)
            case ast.Attribute(value=owner, attr=name):
                self._into_attribute(self.value(owner), name, held)
            case ast.Subscript(value=owner, slice=index):
                self._into_item(self.value(owner), index, held)
            case _:
                pass

    def _unpack(self, elements: list[ast.expr], held: Value) -> None:
        members = held.members if isinstance(held, Items) and not held.many else ()
        if isinstance(held, Record):  # a database's row
            members = tuple(self.nth(held, index) for index in range(len(elements)))
        for position, element in enumerate(elements):
            exact = len(members) == len(elements) and not any(isinstance(each, ast.Starred) for each in elements)
            self.bind(element, members[position] if exact else any_of(held) if isinstance(held, Items) else None)

    def _into_attribute(self, owner: Value, name: str, held: Value) -> None:
        if isinstance(owner, Record):
            self.fill(owner, name, held)
        elif isinstance(owner, Code) and self.flow.program.class_of(owner) is not None:
            self.fill(Record.of(Made(owner.path, owner.name)), name, held)
        elif owner is None and followed(held):
            self.flow.set_attribute(name, held)

    def _into_item(self, owner: Value, index: ast.expr, held: Value) -> None:
        if isinstance(owner, Record):
            self.flow.set_field(owner, self.key(index) or "*", held)

    def _augmented(self, target: ast.expr, op: ast.operator, value: ast.expr, node: ast.stmt) -> None:
        more, before = self._tallied(self.value(value), op, target), self.value(target)
        if before is None and isinstance(target, ast.Attribute) and isinstance(self.value(target.value), Record):
            before = number(0)  # nobody was seen to put anything there yet: the constructor's turn comes later
        self.not_none(more, value, "is added")
        own = self.overloaded(before, op, more)
        if own is not None:
            self.bind(target, own)
            return
        if not isinstance(op, ast.Add | ast.Sub):
            result = self.arithmetic(before, op, more, (target, value), node)
            self.bind(target, result)
            return
        if isinstance(more, Amount) and more.counted:
            more = more.without_none()
            if self._outlives(target):
                self._note_added(target, more)
                more = more.running()
        total = added(before, more) if isinstance(op, ast.Add) else added(before, taken(more, self.place(node)), -1.0)
        if isinstance(before, Items) and isinstance(more, Items):
            total = joined(Items((any_of(before),), True), more)
        # What was summed before is noted where that was done; what a customer's entry held is no part of this request's cost.
        same = isinstance(total, Amount) and isinstance(more, Amount) and set(total.terms) == set(more.terms)
        if isinstance(total, Amount) and same and self._added_once(target):
            self.bind(target, total.without_none())
        else:
            self.bind(target, self.summed(total, node))

    def _added_once(self, target: ast.expr) -> bool:
        """Whether no other statement of the function adds to the same entry: else the cost may be put together there."""
        written = self.written(target)
        return sum(self.written(one) == written for one in accumulating.additions(self.unit.node)) == 1

    def _asked_of_reads(self, test: ast.expr) -> Quantity | None:
        """The count of what was read from the cache, where a test looks at one and nothing else."""
        if isinstance(test, ast.UnaryOp):
            return None
        held = [self.value(part) for part in ast.walk(test) if isinstance(part, ast.Name | ast.Attribute | ast.Subscript)]
        found = [one for one in held if isinstance(one, Amount) and one.kinds == {Counted.READ}]
        return found[0].terms[0].quantity if found else None

    def _tallied(self, more: Value, op: ast.operator, target: ast.expr) -> Value:
        """`hits += 1` where something was read from the cache; any other `+= 1` where an answer is looked at counts answers."""
        if more != number(1) or not isinstance(op, ast.Add):
            return more
        if self._asked is not None:
            kind, table, evidence = Counted.HITS, self._asked.table, self._asked.evidence
        elif any(isinstance(held, Answer | Usage) for held in self.env.values()):
            kind, table, evidence = Counted.ANSWERS, None, Evidence.FLOW
        else:
            return more
        return count(Quantity(kind, self.written(target), table, self.place(target), evidence))

    def _outlives(self, target: ast.expr) -> bool:
        """Whether the sum goes on from call to call, or from turn to turn of a loop."""
        root = target
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if not isinstance(root, ast.Name) or root.id in self.globals or _in_loop(self.unit.node, target):
            return True
        return root is not target and root.id not in self.unit.stored

    # Running records

    def _field_of(self, target: ast.expr) -> tuple[ast.expr, str] | None:
        """The record and the field that a target names."""
        match target:
            case ast.Attribute(value=owner, attr=name):
                return owner, name
            case ast.Subscript(value=owner, slice=index) if name := self.key(index) or "":
                return owner, name
            case _:
                return None

    def _note_added(self, target: ast.expr, held: Amount) -> None:
        place = self._field_of(target)
        if place is not None and all(not term.factor.priced for term in held.terms):
            self._added.setdefault(self.written(place[0]), {})[place[1]] = held

    def _note_assigned(self, target: ast.expr, held: Value, node: ast.AST) -> None:
        place = self._field_of(target)
        if place is None or not isinstance(held, Amount) or len(held.terms) != 1 or held.rest:
            return
        if held.terms[0].factor == Factor() and not held.terms[0].quantity.total:
            self._assigned.setdefault(self.written(place[0]), {})[place[1]] = (held, node)

    def _overwritings(self) -> None:
        """Records of which some counts are added up, and those of the cache only assigned: the last answer's alone are kept."""
        for written, assigned in self._assigned.items():
            added_up = self._added.get(written, {})
            counted = [name for name, held in added_up.items() if held.kinds & {Counted.INPUT, Counted.OUTPUT}]
            if not counted:
                continue
            for name, (held, node) in assigned.items():
                quantity = held.terms[0].quantity
                if quantity.kind in CACHE and name not in added_up and not _momentary(name):
                    target = f"{written}[{name!r}]" if isinstance(_target(node), ast.Subscript) else f"{written}.{name}"
                    self.facts.append(Overwriting(self.where(node), written, target, quantity, tuple(sorted(counted))))

    def given_back(self, held: Value, node: ast.AST, many: bool = False) -> None:
        """A result, or (`many`) one of what a generator gives."""
        self.flow.give_back(self.unit.key, Items((held,), True) if many and held is not None else held)
        if self.unit.key not in self.flow.called:
            self.handed(held, node, "its caller")


class _Accessor(Statements):
    """A function that reads a field by the name that it is given, evaluated for one of its calls: nothing else learns of it."""

    def result(self) -> Value:
        self._given: list[Value] = []
        self._begin()
        assert isinstance(self.unit.node, ast.FunctionDef | ast.AsyncFunctionDef)
        self.body(self.unit.node.body)
        return one_of(self._given)

    def given_back(self, held: Value, node: ast.AST, many: bool = False) -> None:
        self._given.append(held)


def _of_class(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
        last_name(decorator) == "classmethod" for decorator in node.decorator_list
    )


def _catches(handler: ast.ExceptHandler) -> bool:
    """Whether what None would raise ends there: one that is logged and raised on does not."""
    if isinstance(handler.body[-1], ast.Raise):
        return False
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in _CATCHING for kind in kinds)


def _target(node: ast.AST) -> ast.expr | None:
    match node:
        case ast.Assign(targets=[target, *_]):
            return target
        case ast.AnnAssign(target=target):
            return target
        case _:
            return None


def _momentary(name: str) -> bool:
    """A field that says by its name that it holds the last answer's count."""
    return bool({"last", "latest", "current", "recent", "peak", "max", "prev", "previous"} & set(name.lower().split("_")))


def _in_loop(node: ast.AST, target: ast.expr) -> bool:
    loops = (loop for loop in ast.walk(node) if isinstance(loop, ast.For | ast.AsyncFor | ast.While))
    return any(inner is target for loop in loops for inner in ast.walk(loop))
