"""From the project to what it does with usage: evaluates the functions that handle it until nothing new comes.

First what flows is followed from the calls that send. Then annotations stand in for what no call is seen to give, and what is
kept under a name is found under this name again, where the way there is not known. Last, for counts that come from elsewhere (a
function that nobody calls), names stand in; such evidence is marked. Tests are left out: they make up the usage that they check.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence

from auditor.accounting.facts import (
    Accounting,
    Addition,
    Fact,
    Handover,
    Instrument,
    Overwriting,
    Ratio,
    Reading,
    Retrying,
    Sum,
    Where,
)
from auditor.accounting.flow import Flow
from auditor.accounting.forms import Answer
from auditor.accounting.program import Program, Unit
from auditor.accounting.statements import Statements
from auditor.knowledge.usage import UsageKnowledge, load
from auditor.limits import Limits
from auditor.llm.request import SiteReplays
from auditor.places import Place
from auditor.project.project import Project
from auditor.project.syntax import Module, last_name

Context = Callable[[str], str]


def read(project: Project, sites: Iterable[SiteReplays], context: Context, limits: Limits) -> Accounting:
    """Follows usage through the project from the calls that send. `context` says what a file is for."""
    knowledge = load()
    program = Program(project)
    sent = {
        (site.site.place.path, site.site.place.line, site.site.place.column): _answer(site, knowledge)
        for site in sites
        if site.site.api not in knowledge.silent
    }
    flow = Flow(program, knowledge, sent)
    words = (
        {"max_retries"}
        | knowledge.carriers
        | set(knowledge.names)
        | {name for table in knowledge.tables.values() for name in table.nested}
    )
    sending = [path for path in project.files if project.display(path) in {path for path, _, _ in sent}]
    wanted = _telling(project, knowledge, sending, context)
    for path in wanted[: limits.accounting_files]:
        program.add(path)
    for flow.by_names, flow.guess in ((False, False), (True, False), (True, True)):
        flow.fresh |= words | (flow.stored_names if flow.by_names else set())
        flow.given |= {key for key in program.units if key[0] in sending}
        _settle(flow, context, limits)
    facts = [fact for unit in sorted(flow.facts) for fact in flow.facts[unit]]
    syntactic = [
        fact for path in sorted({path for path, _ in program.units}) for fact in _visible(program, path, knowledge, context)
    ]
    loops: list[Fact] = []
    if any(isinstance(fact, Retrying) and not fact.module for fact in (*facts, *syntactic)):
        loops = list(_patient_loops(project, context, limits))
    tested = _tested(project, knowledge, context)
    return _sorted([*facts, *syntactic, *loops], tested, partial=len(wanted) > limits.accounting_files)


def _answer(site: SiteReplays, knowledge: UsageKnowledge) -> Answer:
    table = knowledge.of_api(site.site.api)
    providers = {request.provider for replay in site.replays for request in replay.requests}
    only = providers.pop() if len(providers) == 1 else table.provider if table is not None else ""
    return Answer(table.name if table is not None else None, only, frozenset({site.site.place}))


def _telling(project: Project, knowledge: UsageKnowledge, sending: Sequence[str], context: Context) -> list[str]:
    """Files with a call that sends, and files that name a count of tokens."""
    names = {name for table in knowledge.tables.values() for name in (field.last for field in table.fields.values())}
    names |= {module.split(".", 1)[0] for module in knowledge.instruments}
    names |= knowledge.switches | knowledge.retriers | {"max_retries"} | knowledge.carriers - {"usage"}
    found = list(sending)
    for name in sorted(names):
        found += project.mentioning(name)
    return [path for path in dict.fromkeys(found) if context(path) != "test"]


def _settle(flow: Flow, context: Context, limits: Limits) -> None:
    for _ in range(limits.accounting_rounds):
        known = set(flow.program.units)
        due = [unit for key, unit in sorted(flow.program.units.items()) if flow.due(unit) and context(unit.module.path) != "test"]
        if not due:
            return
        flow.fresh, flow.given = set(), set()
        for unit in due:
            _evaluate(flow, unit, context)
        _take_in_callers(flow, context, limits)
        flow.given |= set(flow.program.units) - known  # modules that were taken in on the way


def _take_in_callers(flow: Flow, context: Context, limits: Limits) -> None:
    """Modules that name a function which was found to give an answer or a count back: what they do with it counts."""
    for name in flow.new_givers():
        for path in flow.program.project.mentioning(name):
            if flow.program.size >= limits.accounting_files:
                return
            if context(path) != "test":
                flow.program.add(path)


def _evaluate(flow: Flow, unit: Unit, context: Context) -> None:
    run = Statements(flow, unit, context(unit.module.path))
    run.run()
    # Of what was seen more than once the last counts: it may know more of the calls that it is about.
    flow.facts[unit.key] = list({fact: fact for fact in run.facts}.values())


def _visible(program: Program, path: str, knowledge: UsageKnowledge, context: Context) -> Iterator[Fact]:
    """What needs no following: fields of the cache that are named, and libraries that record usage."""
    module = program.project.module(path)
    kind = context(path)
    if module is None or kind == "test":
        return
    fields = knowledge.cache_fields
    for node in ast.walk(module.tree):
        names: list[str] = []
        match node:
            case ast.Attribute(attr=attribute, ctx=ast.Load()):
                names = [attribute]
            case ast.Attribute(attr=word) | ast.Constant(value=str() as word) if word in knowledge.switches:
                yield Instrument(Where(module.place(node), "", kind), word)
            case ast.Constant(value=str() as text):
                names = [text]
            case ast.keyword(arg="max_retries", value=ast.Constant(value=0)):
                yield Retrying(Where(module.place(node.value), "", kind))
            case ast.Import(names=aliases):
                yield from _instruments([alias.name for alias in aliases], node, module, knowledge, kind)
            case ast.ImportFrom(module=str() as source, names=aliases, level=0):
                yield from _instruments([f"{source}.{alias.name}" for alias in aliases], node, module, knowledge, kind)
            case _:
                pass
        for name in names:
            if name in fields:
                known = {table.provider for table in fields[name]}
                yield Reading(Where(module.place(node), "", kind), name, frozenset() if "" in known else frozenset(known))


def _patient_loops(project: Project, context: Context, limits: Limits) -> Iterator[Retrying]:
    """Loops that try again what failed, the first of each file: where clients are told to make no retries, these do."""
    for path in project.mentioning("sleep")[: limits.accounting_files]:
        module = project.module(path) if context(path) != "test" else None
        for node in ast.walk(module.tree) if module is not None else ():
            if isinstance(node, ast.For | ast.AsyncFor | ast.While) and module is not None and _waits_where_it_failed(node.body):
                yield Retrying(Where(module.place(node), "", context(path)), loop=True)
                break


def _waits_where_it_failed(body: Sequence[ast.stmt]) -> bool:
    """Whether a loop's body catches an error and sleeps before the next turn."""
    handlers = [
        handler for statement in body for part in ast.walk(statement) if isinstance(part, ast.Try) for handler in part.handlers
    ]
    return any(
        isinstance(part, ast.Call) and last_name(part.func) == "sleep" for handler in handlers for part in ast.walk(handler)
    )


def _instruments(names: list[str], node: ast.AST, module: Module, knowledge: UsageKnowledge, kind: str) -> Iterator[Fact]:
    for name in names:
        for known in knowledge.instruments:
            if name == known or name.startswith(known + "."):
                yield Instrument(Where(module.place(node), "", kind), known)
        if name.split(".", 1)[0] in knowledge.retriers:
            yield Retrying(Where(module.place(node), "", kind), name.split(".", 1)[0])


def _tested(project: Project, knowledge: UsageKnowledge, context: Context) -> tuple[Place, ...]:
    """The first place in each test file that names a marker or a count of the cache."""
    found: dict[str, Place] = {}
    for name in ("cache_control", "prompt_cache_key", *sorted(knowledge.cache_fields)):
        for path in project.mentioning(name):
            if context(path) == "test" and path not in found:
                line = project.data(path)[: project.data(path).index(name.encode())].count(b"\n") + 1
                found[path] = Place(project.display(path), line)
    return tuple(found[path] for path in sorted(found))


def _sorted(facts: Iterable[Fact], tested: tuple[Place, ...], *, partial: bool) -> Accounting:
    every = sorted(dict.fromkeys(facts), key=lambda fact: fact.where.place)
    return Accounting(
        tuple(fact for fact in every if isinstance(fact, Reading)),
        tuple(fact for fact in every if isinstance(fact, Handover)),
        tuple(fact for fact in every if isinstance(fact, Sum)),
        tuple(fact for fact in every if isinstance(fact, Ratio)),
        tuple(fact for fact in every if isinstance(fact, Addition)),
        tuple(fact for fact in every if isinstance(fact, Overwriting)),
        tuple(fact for fact in every if isinstance(fact, Instrument)),
        tuple(fact for fact in every if isinstance(fact, Retrying)),
        tested,
        partial,
    )
