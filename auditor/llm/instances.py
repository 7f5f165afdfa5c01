"""Instances of classes that an entry needs and nobody hands to it: as the project makes them.

An instance that a module keeps comes first, then data that a function makes alike whenever it is asked, then a new one with the
arguments of the first place that makes one; an abstract class stands for its implementations. Does not know which of several
places is meant.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import attributes, classes, declared, expressions, settled, slices
from auditor.interp.frame import Frame
from auditor.limits import WRITERS
from auditor.llm import abstract, callsites, unsaid
from auditor.project.contexts import is_test
from auditor.project.syntax import FunctionNode, Module, Reference, last_name, parameters
from auditor.values.domain import Arguments, Choice, ClassValue, FunctionValue, Instance, Value
from auditor.values.join import holes_of
from auditor.values.lifetime import Lifetime, Reason
from auditor.values.text import Condition

if TYPE_CHECKING:
    from auditor.llm.parameters import Guesser


class Instances:
    """Finds or makes them; what a constructor's parameters are that nobody gives is the guesser's to say."""

    def __init__(self, guesser: Guesser) -> None:
        self._guesser = guesser
        self._busy: set[int] = set()
        self._searched: set[str] = set()  # modules whose variables were looked at for instances
        self._kept: dict[int, tuple[tuple[str, str], Instance]] = {}  # class -> where a module keeps an instance of it

    def of(self, cls: ClassValue) -> Value:
        """An instance of a class as the project makes it; of an abstract class, of its implementations."""
        machine = self._guesser.machine
        key = ("instance", cls.address)
        found = machine.memo.get(key)
        if found is not None:
            return found
        if cls.address in self._busy or len(self._busy) > machine.limits.depth:
            return machine.unknown(Reason.RECURSION, None, None, cls.name)
        self._busy.add(cls.address)
        try:
            implementations = abstract.implementations(machine, cls) if self._is_abstract(cls) else []
            value: Value
            if implementations:
                value = self.of(implementations[-1])
                for index, one in reversed(list(enumerate(implementations[:-1]))):
                    condition = Condition(("implementation", cls.address, index), f"{cls.name} is {one.name}", Lifetime.PROCESS)
                    value = Choice(condition, self.of(one), value)
            else:
                value = self._existing(cls) or self._loaded(cls) or self._constructed(cls)
        finally:
            self._busy.discard(cls.address)
        machine.memo[key] = value
        return value

    def _is_abstract(self, cls: ClassValue) -> bool:
        """Whether instances of the class are its implementations': it says so, or is unfinished and nobody makes one of it."""
        return abstract.declared(self._guesser.machine, cls) or (abstract.unfinished(cls) and self._call_arguments(cls) is None)

    def _existing(self, cls: ClassValue) -> Instance | None:
        """An instance that a loaded module keeps in a variable, the first by file and name."""
        store, modules = self._guesser.machine.store, self._guesser.machine.modules
        for path in sorted(modules.keys() - self._searched):
            self._searched.add(path)
            for name in store.keys(modules[path]):
                value = store.get(modules[path], name)
                if isinstance(value, Instance):
                    known = self._kept.get(value.cls.address)
                    if known is None or (path, name) < known[0]:
                        self._kept[value.cls.address] = ((path, name), value)
        found = self._kept.get(cls.address)
        return found[1] if found is not None else None

    def _loaded(self, cls: ClassValue) -> Instance | None:
        """Data that a function of the project makes alike whenever it is asked, as `load_config() -> Config` does of a file."""
        machine = self._guesser.machine
        if not classes.is_data(machine, cls):
            return None
        for path, node in self._makers(cls)[:WRITERS]:
            module, frame = machine.project.module(path), self._guesser.frame(path)
            if module is None or frame is None or settled.running(machine, [node]):
                continue
            function = settled.defined(machine, module, frame.local, node)
            if function is not None:
                made = settled.allowed(machine, function, self.called_with(function) or Arguments(), lambda value: value)
                if isinstance(made, Instance) and made.cls == cls and self._lasts(made):
                    return made
        return None

    def _makers(self, cls: ClassValue) -> list[tuple[str, FunctionNode]]:
        """Functions of the project's modules that say they return such an instance, by file and line."""
        machine = self._guesser.machine
        name, key = cls.name.rsplit(".", 1)[-1], ("makers", cls.address)
        found = machine.cache.get(key)
        if found is None:
            found = machine.cache[key] = [
                (path, node)
                for path in machine.project.naming(name)
                if not is_test(path) and (module := machine.project.module(path)) is not None
                for scope, node in module.functions.items()
                if "." not in scope and not isinstance(node, ast.Lambda) and node.returns and last_name(node.returns) == name
            ]
        return found  # type: ignore[return-value]

    def _lasts(self, instance: Instance) -> bool:
        """Whether nothing of it is unknown or belongs to a user, a conversation or a request."""
        store = self._guesser.machine.store
        held = (store.get(instance.address, name) for name in store.keys(instance.address))
        return all(Lifetime.CONSTANT <= hole.lifetime <= Lifetime.PROCESS for value in held for hole in holes_of(value))  # type: ignore[arg-type]

    def _constructed(self, cls: ClassValue) -> Value:
        """A new instance, with the arguments of the first place of the project that makes one."""
        machine = self._guesser.machine
        frame = self._guesser.frame(cls.module)
        assert frame is not None
        init = attributes.class_member(machine, cls, "__init__")
        since = machine.store.allocate()
        arguments = self._call_arguments(cls)
        if arguments is None:
            arguments = self._guesser.arguments(init, 1, "instance") if isinstance(init, FunctionValue) else Arguments()
        node = cls.node
        assert isinstance(node, ast.ClassDef)
        made = classes.instantiate(machine, cls, arguments, node, frame)
        if isinstance(made, Instance):
            if arguments == Arguments():
                unsaid.unsaid(self._guesser, made)
            unsaid.left_unset(self._guesser, made, since)
        return made

    def _call_arguments(self, cls: ClassValue) -> Arguments | None:
        """Arguments of the first place of the project that makes an instance. Data differ from instance to instance."""
        return self.called_with(cls) if self.acts(cls) or not classes.is_data(self._guesser.machine, cls) else None

    def kept(self, instance: Instance) -> bool:
        """Whether it is the one that a module keeps in a variable."""
        known = self._kept.get(instance.cls.address)
        return known is not None and known[1] == instance

    def acts(self, cls: ClassValue) -> bool:
        """Whether one of its own methods leads to a request: its fields are what it works with."""
        assert isinstance(cls.node, ast.ClassDef)
        methods = (one.name for one in cls.node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
        return any((cls.module, f"{cls.name}.{name}") in self._guesser.leading for name in methods)

    def called_with(self, callee: ClassValue | FunctionValue) -> Arguments | None:
        """Arguments of the first call in the project, tests' calls of what tests define only; None where nobody calls."""
        machine = self._guesser.machine
        key = ("called at", id(callee.node))
        known = machine.cache.get(key)
        name = callee.name.rsplit(".", 1)[-1]
        calls = (known,) if isinstance(known, Reference) else callsites.calls(machine, name, tests=is_test(callee.module))
        for reference in calls:
            assert isinstance(reference.node, ast.Call)
            frame = self._guesser.frame(reference.path)
            if not reference.called or name in reference.scope.split(".") or frame is None:
                continue
            inner = Frame(frame.module, (machine.store.allocate(), *frame.scopes))
            around = self._bind_parameters(reference, inner)
            if known is reference or _same_code(machine.evaluate(reference.node.func, inner), callee):
                machine.cache[key] = reference
                if around is not None:
                    slices.bind(machine, around, reference.node, inner)
                return expressions.arguments(machine, reference.node, inner)
        return None

    def there(self, reference: Reference) -> Value | None:
        """What an expression of the project's stands for in the function around it, without running the whole function."""
        machine, frame = self._guesser.machine, self._guesser.frame(reference.path)
        if frame is None or id(reference.node) in self._busy:
            return None
        inner = Frame(frame.module, (machine.store.allocate(), *frame.scopes))
        self._busy.add(id(reference.node))
        try:
            around = self._bind_parameters(reference, inner)
            if around is not None:
                slices.bind(machine, around, reference.node, inner)
            return machine.evaluate(reference.node, inner)
        finally:
            self._busy.discard(id(reference.node))

    def _bind_parameters(self, reference: Reference, frame: Frame) -> FunctionNode | None:
        """The parameters of the functions around a call, as far as their types tell, and the object that it is a method of.

        The outermost of these functions.
        """
        found = list(_around(reference.scope, frame.module))
        for scope, node in found:
            for argument in parameters(node):
                if argument.arg == "self":
                    self._bind_self(replace(reference, scope=scope), frame)
                elif argument.arg != "cls":
                    self._bind_parameter(replace(reference, scope=scope), node, argument, frame)
        return found[0][1] if found else None

    def _bind_self(self, reference: Reference, frame: Frame) -> None:
        machine, owner = self._guesser.machine, frame.module.owner.get(reference.scope)
        if owner is not None and _named(reference.node, "self"):
            cls = machine.store.get(frame.scopes[-1], owner)
            if isinstance(cls, ClassValue):
                machine.store.set(frame.local, "self", self.of(cls))

    def _bind_parameter(self, reference: Reference, node: FunctionNode, argument: ast.arg, frame: Frame) -> None:
        machine = self._guesser.machine
        default = _default(node, argument)
        if default is not None and not callsites.gives(machine, reference, node, argument):
            machine.store.set(frame.local, argument.arg, machine.evaluate(default, frame))
            return
        typed = None
        if _named(reference.node, argument.arg):
            typed = self._guesser.of_annotation(argument.annotation, frame) or self._guesser.loaded_by(reference.scope, frame)
        if isinstance(typed, Instance | Choice):
            machine.store.set(frame.local, argument.arg, typed)
            return
        value: Value = self._guesser.untold(argument, frame, identity=("construction", id(argument)), expression=argument.arg)
        if argument.annotation is not None:
            value = declared.typed(machine, value, argument.annotation, frame, argument, frame)
        machine.store.set(frame.local, argument.arg, value)


def _around(scope: str, module: Module) -> Iterator[tuple[str, FunctionNode]]:
    """The functions that a scope lies in, outermost first, by their names."""
    parts = scope.split(".")
    for count in range(1, len(parts) + 1):
        name = ".".join(parts[:count])
        node = module.functions.get(name)
        if node is not None:
            yield name, node


def _default(node: FunctionNode, argument: ast.arg) -> ast.expr | None:
    """The expression of a parameter's default, where that is None: any other is a value like those that callers give."""
    spec = node.args
    positional = [*spec.posonlyargs, *spec.args]
    pairs = [*zip(positional[len(positional) - len(spec.defaults) :], spec.defaults, strict=True)]
    pairs += [(one, default) for one, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is not None]
    found = next((default for one, default in pairs if one is argument), None)
    return found if isinstance(found, ast.Constant) and found.value is None else None


def _same_code(value: Value, callee: ClassValue | FunctionValue) -> bool:
    match value, callee:
        case FunctionValue(), FunctionValue():
            return value.node is callee.node
        case _:
            return value == callee


def _named(node: ast.AST, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))
