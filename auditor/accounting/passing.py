"""What the project's own functions and classes are handed: arguments by position and name, defaults, constructors' fields."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from auditor.accounting import accessors
from auditor.accounting.flow import Key, followed
from auditor.accounting.forms import Code, Items, Made, Record, Usage, Value
from auditor.accounting.program import Unit, dataclass_fields
from auditor.accounting.stores import Stores
from auditor.limits import ACCESSOR_DEPTH
from auditor.project.syntax import last_name, parameters
from auditor.values.lifetime import Evidence

_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "__add__", ast.Sub: "__sub__"}


class Passing(Stores):
    """Calls of what the project defines."""

    level = 0
    """How many accessors are being evaluated for their callers."""

    def accessed(self, unit: Unit, given: Mapping[str, Value]) -> Value:
        """What an accessor gives for these arguments."""
        raise NotImplementedError

    def overloaded(self, left: Value, op: ast.operator, right: Value) -> Value:
        """`left + right` where the left one's class says what that means; None where it does not."""
        name = _OPERATORS.get(type(op))
        if name is None or not isinstance(left, Record) or not any(made.name for made in left.made):
            return None
        method = self.attribute(left, name, self.unit.node)
        unit = self.flow.program.unit(method) if isinstance(method, Code) else None
        if unit is None or isinstance(unit.node, ast.Module):
            return None
        self.flow.called.add(unit.key)
        for parameter, held in zip(parameters(unit.node), (left, right), strict=False):
            self.flow.give(unit.key, parameter.arg, held)
        found = self.flow.result(unit.key)
        return found if found is not None else left

    def project_call(self, callee: Code, node: ast.Call) -> Value:
        flow = self.flow
        if flow.program.class_of(callee) is not None and (callee.path, callee.name) not in flow.program.units:
            return self._construct(callee, node)
        unit = flow.program.unit(callee)
        if unit is None or isinstance(unit.node, ast.Module):
            return None
        flow.called.add(unit.key)
        names = [argument.arg for argument in parameters(unit.node)]
        bound = callee.name in unit.module.owner and not _static(unit.node)
        if not bound and self.level < ACCESSOR_DEPTH and flow.reads_by_name(unit):
            given = accessors.given(unit.node, node, self.value)
            if given is not None:
                return self.accessed(unit, given)
        if bound and names:
            if callee.bound is not None:
                flow.give(unit.key, names[0], callee.bound)
            names = names[1:]
        self._pass(unit.key, names, node, unit.node.args.kwarg)
        found = flow.result(unit.key)
        returns = unit.node.returns if isinstance(unit.node, ast.FunctionDef | ast.AsyncFunctionDef) else None
        return found if found is not None else flow.program.declared_as(unit.module.path, returns)

    def _pass(self, callee: Key, names: list[str], node: ast.Call, rest: ast.arg | None = None) -> None:
        """Gives a function its arguments; `rest` takes the keywords that it has no parameter for."""
        for position, argument in enumerate(node.args):
            held = self.value(argument)
            if isinstance(argument, ast.Starred):
                members = held.members if isinstance(held, Items) and not held.many else ()
                for name, member in zip(names[position:], members, strict=False):
                    self.flow.give(callee, name, member)
                self.flow.pass_by(callee, names[position:])
                break
            if position < len(names):
                self.flow.give(callee, names[position], held)
        for keyword in node.keywords:
            held = self.value(keyword.value)
            if keyword.arg is not None:
                self.flow.give(callee, keyword.arg, held)
                continue
            self.flow.pass_by(callee, names)
            if isinstance(held, Record):
                for name in names:
                    self.flow.give(callee, name, self.flow.field(held, name))
            elif isinstance(held, Usage) and rest is not None:
                self.flow.give(callee, rest.arg, replace(held, plain=True))

    def _construct(self, callee: Code, node: ast.Call) -> Value:
        """An instance: what its constructor is given lands in its fields."""
        flow = self.flow
        record = Record.of(Made(callee.path, callee.name))
        if not self.unit.name:  # a row of a table, as modules make them
            record = Record.of(Made(callee.path, callee.name, node.lineno, node.col_offset))
        init = flow.program.method(callee, "__init__")
        if init is not None:
            unit = flow.program.unit(init)
            assert unit is not None
            assert not isinstance(unit.node, ast.Module)
            flow.called.add(unit.key)
            names = [argument.arg for argument in parameters(unit.node)]
            self._pass(unit.key, names[1:], node, unit.node.args.kwarg)
            return record
        cls = flow.program.class_of(callee)
        fields = dataclass_fields(cls) if cls is not None else []
        for position, argument in enumerate(node.args):
            held = self.value(argument)
            if position < len(fields):
                self.fill(record, fields[position], held)
        for keyword in node.keywords:
            held = self.value(keyword.value)
            if keyword.arg is not None:
                self.fill(record, keyword.arg, held)
        return record

    def fill(self, record: Record, name: str, held: Value) -> None:
        """Puts a value into a field of a project's class."""
        self.flow.set_field(record, name, held)
        if followed(held) and not isinstance(held, Record):
            self.flow.set_attribute(name, held)
            # Who names the class may read it.
            self.flow.tabled |= {made.name.rpartition(".")[2] for made in record.made if made.name}

    def annotated(self, annotation: ast.expr | None) -> Value:
        """What a parameter's annotation says: a usage object of an SDK."""
        if annotation is None:
            return None
        names = {
            part.attr if isinstance(part, ast.Attribute) else part.id
            for part in ast.walk(annotation)
            if isinstance(part, ast.Name | ast.Attribute)
        }
        names |= {
            word
            for part in ast.walk(annotation)
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
            for word in part.value.replace(".", " ").split()
        }
        tables = [table for table in self.flow.knowledge.tables.values() if table.types & names]
        if not tables or any(self._is_project_class(name) for name in names):
            return self.flow.program.declared_as(self.unit.module.path, annotation)
        # First it is seen what calls give: that says whose it is.
        return Usage(tables[0].name if len(tables) == 1 else None, evidence=Evidence.USAGE) if self.flow.by_names else None

    def _is_project_class(self, name: str) -> bool:
        meant = self.flow.program.lookup(self.unit.module.path, name)
        return isinstance(meant, Code) and self.flow.program.class_of(meant) is not None


def _static(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
        last_name(decorator) == "staticmethod" for decorator in node.decorator_list
    )
