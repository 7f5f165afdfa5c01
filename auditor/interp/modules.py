"""Modules: evaluating them once, import statements, and names that a cycle of imports asks for too early."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp.frame import BudgetExceededError, Frame
from auditor.limits import GIVEN_UP_STATEMENTS, LEAST_STATEMENT_STEPS, MODULE_STEPS
from auditor.values.domain import NONE, External, Hole, ModuleValue, Text, Value
from auditor.values.join import decide
from auditor.values.lifetime import Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.project.syntax import Module

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def scope(machine: Machine, path: str) -> int | None:
    """Address of a module's scope, evaluated. None where the file cannot be read."""
    address = machine.modules.get(path)
    if address is not None:
        return address
    if path.endswith("/"):
        address = machine.modules[path] = machine.store.allocate()
        return address
    module = machine.project.module(path)
    if module is None:
        return None
    address = machine.modules[path] = machine.store.allocate()
    frame = Frame(module, (address,))
    saved = (machine.assumptions, machine.stack, machine.steps, machine.ceiling, machine.memo, machine.full)
    machine.assumptions, machine.stack, machine.memo, machine.full = {}, [], {}, None
    machine.steps, machine.ceiling = 0, MODULE_STEPS
    machine.loading.add(path)
    try:
        with machine.store.on_base():
            run(machine, frame)
    finally:
        machine.loading.discard(path)
        machine.assumptions, machine.stack, machine.steps, machine.ceiling, machine.memo, machine.full = saved
    return address


def run(machine: Machine, frame: Frame) -> None:
    """Evaluates a module's body. Each statement stands alone: one that costs too much does not hide the next.

    What such a statement wrote is not known. Each one halves what the next may cost, so that all together stay bounded.
    """
    from auditor.interp import statements

    allowance, given_up = machine.ceiling - machine.steps, 0
    for statement in frame.module.tree.body:
        if given_up >= GIVEN_UP_STATEMENTS and not isinstance(statement, DEFINITIONS):
            for name in _binds(statement):
                machine.store.set(frame.local, name, machine.unknown(Reason.LIMIT, statement, frame, name))
            continue
        try:
            with machine.allowance(allowance):
                statements.execute(machine, statement, frame)
        except BudgetExceededError:
            machine.limits_reached["module steps"] += 1
            given_up += 1
            machine.cut = machine.cut or machine.main == frame.module.path
            allowance = max(allowance // 2, LEAST_STATEMENT_STEPS)
            machine.ceiling = max(machine.ceiling, machine.steps + allowance)


def member(machine: Machine, value: ModuleValue, name: str, node: ast.AST | None, frame: Frame) -> Value:
    """`module.name`."""
    found = machine.store.get(value.address, name)
    if found is not None:
        plain: Value = decide(found, machine.assumptions)  # type: ignore[arg-type]
        if plain == NONE and value.path not in machine.loading:
            from auditor.interp import settled

            return settled.of_global(machine, value.path, name) or plain
        from auditor.interp import populated

        return populated.found(machine, plain)
    late = late_definition(machine, value.path, name)
    if late is not None:
        return late
    submodule = machine.project.submodule(value.path, name)
    if submodule is not None and submodule != value.path:
        loaded = load(machine, submodule)
        if loaded is not None:
            return loaded
    if name in {"__name__", "__file__"}:
        return Text.of(value.path)
    return machine.unknown(Reason.MISSING, node, frame)


def load(machine: Machine, path: str) -> Value | None:
    address = scope(machine, path)
    return None if address is None else ModuleValue(path, address)


def late_definition(machine: Machine, path: str, name: str) -> Value | None:
    """A name that a module under evaluation defines further down: definitions and plain assignments are evaluated early."""
    if path not in machine.loading:
        return None
    module = machine.project.module(path)
    address = machine.modules.get(path)
    if module is None or address is None:
        return None
    key = ("late", path, name)
    if key in machine.cache:
        return None
    for statement in _binders(machine, module).get(name, ()):
        from auditor.interp import statements

        machine.cache[key] = True
        frame = Frame(module, (address,))
        with machine.store.on_base():
            statements.execute(machine, statement, frame)
        found = machine.store.get(address, name)
        if found is not None:
            return found  # type: ignore[return-value]
    return None


def _binders(machine: Machine, module: Module) -> dict[str, list[ast.stmt]]:
    """The statements of a module's top level that bind a name, by name."""
    key = ("binders", module.path)
    found = machine.cache.get(key)
    if found is None:
        made: dict[str, list[ast.stmt]] = {}
        for statement in module.tree.body:
            for name in _binds(statement):
                made.setdefault(name, []).append(statement)
        found = machine.cache[key] = made
    return found  # type: ignore[return-value]


_BRANCHING = (ast.If, ast.Try, ast.TryStar, ast.With, ast.For, ast.While)


def _binds(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
            return {name}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {alias.asname or alias.name.split(".", 1)[0] for alias in names}
        case _:
            return set()


def bind_import(machine: Machine, alias: ast.alias, frame: Frame) -> None:
    """`import a.b` and `import a.b as c`."""
    from auditor.interp.names import store_name

    first = alias.name.split(".", 1)[0]
    store_name(machine, alias.asname or first, imported(machine, alias.name, frame, top=not alias.asname), frame)


def imported(machine: Machine, name: str, frame: Frame, *, top: bool) -> Value:
    """The module of that name, or (`top`) the package that it is in."""
    first = name.split(".", 1)[0]
    path = machine.project.resolve(frame.module.path, name)
    if path is None:
        return External(first if top else name)
    loaded = load(machine, path)
    if not top or first == name:
        return loaded or machine.unknown(Reason.UNREADABLE, None, frame, name)
    package = machine.project.resolve(frame.module.path, first)
    return (load(machine, package) if package is not None else None) or External(first)


def bind_import_from(machine: Machine, node: ast.ImportFrom, frame: Frame) -> None:
    """`from a import b`, relative imports and `*` included."""
    from auditor.interp.names import store_name

    name = node.module or ""
    if name == "__future__":
        return
    path = machine.project.resolve(frame.module.path, name, node.level)
    if path is None:
        for alias in node.names:
            if alias.name != "*":
                store_name(machine, alias.asname or alias.name, External(f"{name}.{alias.name}"), frame)
        return
    loaded = load(machine, path)
    for alias in node.names:
        if alias.name == "*":
            if isinstance(loaded, ModuleValue):
                _star(machine, loaded, frame)
            continue
        if loaded is None:
            value: Value = machine.unknown(Reason.UNREADABLE, node, frame, alias.name)
        else:
            assert isinstance(loaded, ModuleValue)
            value = member(machine, loaded, alias.name, node, frame)
            if node.level == 0 and _missing(value) and not _will_bind(machine, path, alias.name):
                # The import would fail: a library is meant that has the name of a folder of the project.
                value = External(f"{name}.{alias.name}")
        store_name(machine, alias.asname or alias.name, value, frame)


def _missing(value: Value) -> bool:
    return isinstance(value, Hole) and value.reason is Reason.MISSING


def _will_bind(machine: Machine, path: str, name: str) -> bool:
    """Whether a module that is still being evaluated, as in a circle of imports, may bind the name further down."""
    module = machine.project.module(path) if path in machine.loading else None
    if module is None:
        return False
    binders = _binders(machine, module)
    return name in binders or "*" in binders or any(isinstance(one, _BRANCHING) for one in module.tree.body)


def _star(machine: Machine, module: ModuleValue, frame: Frame) -> None:
    exported = machine.store.get(module.address, "__all__")
    names = machine.store.keys(module.address)
    if exported is not None:
        from auditor.interp import known

        listed = [known.text_of(item) for item in machine.iterate(exported, None, frame).items]  # type: ignore[arg-type]
        names = [name for name in listed if name is not None]
    else:
        names = [name for name in names if not name.startswith("_")]
    for name in names:
        value = machine.store.get(module.address, name)
        if value is not None:
            machine.store.set(frame.local, name, value)


def dunder(machine: Machine, name: str, frame: Frame) -> Value:
    """`__name__`, `__file__`, `__doc__` of the running module."""
    match name:
        case "__file__":
            return Text.of(f"\0{frame.module.path}")  # a path of the project: marked, so that reading it can be followed
        case "__name__":
            return Text.of(
                "__main__" if machine.main == frame.module.path else frame.module.path.removesuffix(".py").replace("/", ".")
            )
        case _:
            return Text.of(ast.get_docstring(frame.module.tree) or "")


def is_main_guard(node: ast.If) -> bool:
    match node.test:
        case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]):
            return True
        case _:
            return False


def is_type_checking(node: ast.If) -> bool:
    match node.test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case _:
            return False


def unresolved(machine: Machine, name: str, node: ast.AST, frame: Frame) -> Value:
    return machine.hole(node, frame, Lifetime.UNKNOWN, identity=("import", name), reason=Reason.UNRESOLVED_IMPORT)
