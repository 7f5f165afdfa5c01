"""From the project to what it does with usage: evaluates the functions that handle it until nothing new comes.

First what flows is followed from the calls that send. Then, for counts that come from elsewhere (a database, a function that nobody
calls), names stand in; such evidence is marked. Tests are left out: they make up the usage that they check.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping

from auditor.accounting.facts import Accounting, Addition, Fact, Handover, Instrument, Overwriting, Ratio, Reading, Sum, Where
from auditor.accounting.flow import Flow
from auditor.accounting.program import Program, Unit
from auditor.accounting.statements import Statements
from auditor.knowledge.usage import UsageKnowledge, load
from auditor.limits import Limits
from auditor.project.project import Project

Context = Callable[[str], str]


def read(project: Project, apis: Mapping[tuple[str, int, int], str], context: Context, limits: Limits) -> Accounting:
    """Follows usage through the project. `apis` maps the places of calls that send (path as in reports, line, column) to APIs."""
    knowledge = load()
    program = Program(project)
    flow = Flow(program, knowledge, apis)
    words = knowledge.carriers | set(knowledge.names) | {name for table in knowledge.tables.values() for name in table.nested}
    for path in _telling(project, knowledge, apis, context, limits):
        program.add(path)
    sending = {project_path for project_path in project.files if project.display(project_path) in {path for path, _, _ in apis}}
    for guess in (False, True):
        flow.guess = guess
        flow.fresh |= words
        flow.given |= {key for key in program.units if key[0] in sending}
        _settle(flow, context, limits)
    facts = [fact for unit in sorted(flow.facts) for fact in flow.facts[unit]]
    syntactic = [fact for path in sorted({path for path, _ in program.units}) for fact in _visible(program, path, knowledge, context)]
    return _sorted([*facts, *syntactic])


def _telling(
    project: Project, knowledge: UsageKnowledge, apis: Mapping[tuple[str, int, int], str], context: Context, limits: Limits
) -> list[str]:
    """Files with a call that sends, and files that name a count of tokens."""
    names = {name for table in knowledge.tables.values() for name in (field.last for field in table.fields.values())}
    names |= {module.split(".", 1)[0] for module in knowledge.instruments} | knowledge.carriers - {"usage"}
    sending = {path for path, _, _ in apis}
    found = [path for path in project.files if project.display(path) in sending]
    for name in sorted(names):
        found += project.mentioning(name)
    wanted = [path for path in dict.fromkeys(found) if context(path) != "test"]
    return wanted[: limits.accounting_files]


def _settle(flow: Flow, context: Context, limits: Limits) -> None:
    for _ in range(limits.accounting_rounds):
        known = set(flow.program.units)
        due = [unit for key, unit in sorted(flow.program.units.items()) if flow.due(unit) and context(unit.module.path) != "test"]
        if not due:
            return
        flow.fresh, flow.given = set(), set()
        for unit in due:
            _evaluate(flow, unit, context)
        flow.given |= set(flow.program.units) - known  # modules that were taken in on the way


def _evaluate(flow: Flow, unit: Unit, context: Context) -> None:
    run = Statements(flow, unit, context(unit.module.path))
    run.run()
    flow.facts[unit.key] = list(dict.fromkeys(run.facts))


def _visible(program: Program, path: str, knowledge: UsageKnowledge, context: Context) -> Iterable[Fact]:
    """What needs no following: fields of the cache that are named, and imports of libraries that record usage."""
    module = program.project.module(path)
    kind = context(path)
    if module is None or kind == "test":
        return
    fields = knowledge.cache_fields
    for node in ast.walk(module.tree):
        name = ""
        match node:
            case ast.Attribute(attr=attribute, ctx=ast.Load()):
                name = attribute
            case ast.Constant(value=str() as text):
                name = text
            case ast.Import(names=names):
                for alias in names:
                    yield from _instrument(alias.name, node, module, knowledge, kind)
            case ast.ImportFrom(module=str() as source, names=names, level=0):
                for alias in names:
                    yield from _instrument(f"{source}.{alias.name}", node, module, knowledge, kind)
            case _:
                pass
        if name in fields:
            tables = frozenset(table.name for table in fields[name])
            yield Reading(Where(module.place(node), "", kind), name, tables)


def _instrument(name: str, node: ast.AST, module: object, knowledge: UsageKnowledge, kind: str) -> Iterable[Fact]:
    from auditor.project.syntax import Module

    assert isinstance(module, Module)
    for known in knowledge.instruments:
        if name == known or name.startswith(known + "."):
            yield Instrument(Where(module.place(node), "", kind), known)
            return


def _sorted(facts: Iterable[Fact]) -> Accounting:
    every = sorted(dict.fromkeys(facts), key=lambda fact: fact.where.place)
    return Accounting(
        tuple(fact for fact in every if isinstance(fact, Reading)),
        tuple(fact for fact in every if isinstance(fact, Handover)),
        tuple(fact for fact in every if isinstance(fact, Sum)),
        tuple(fact for fact in every if isinstance(fact, Ratio)),
        tuple(fact for fact in every if isinstance(fact, Addition)),
        tuple(fact for fact in every if isinstance(fact, Overwriting)),
        tuple(fact for fact in every if isinstance(fact, Instrument)),
    )
