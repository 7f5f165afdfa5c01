"""All call sites of a project with their replays: the stage between discovery and the cache simulator."""

from __future__ import annotations

import gc
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.limits import DEFAULT, Limits
from auditor.problems import Problem
from auditor.values.lifetime import Reason

if TYPE_CHECKING:
    from auditor.discovery.files import Discovery
    from auditor.discovery.model import SourceFile
    from auditor.knowledge.objects import Mention
    from auditor.knowledge.sdk import Sdk
    from auditor.llm.entries import Candidate
    from auditor.llm.evaluation import Evaluation
    from auditor.llm.events import Ear, Event
    from auditor.llm.idle import Idle
    from auditor.llm.request import CallSite, Replay, SiteReplays
    from auditor.project.project import Project

STACK_BYTES = 512 * 1024 * 1024
RECURSION = 60_000
"""The evaluator recurses with the audited code; its own limits end that long before these."""
COLLECTED = 50_000
"""Objects made and not freed, after which the youngest are searched for circles (700 is Python's own number)."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Call sites by place, and what could not be read. `source_lines` gives a file's lines by its name in reports.

    `handovers` are conversations that pass from one call site to another.
    """

    sites: tuple[SiteReplays, ...] = ()
    handovers: tuple[Replay, ...] = ()
    problems: tuple[Problem, ...] = ()
    files_analyzed: int = 0
    unknown: Mapping[Reason, int] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    documents: tuple[SiteReplays, ...] = ()  # prompts that stand alone, as if they were sent
    source_lines: Callable[[str], Sequence[str]] = lambda path: ()
    project: Project | None = None  # None where no file can contain a call


def resolve(found: Discovery, limits: Limits = DEFAULT, only: Path | None = None) -> Resolution:
    """Finds the call sites of the discovered files and replays them. Reads other files of the project where these need them.

    `only`: of this file's call sites alone, as they are among all others. A request may be heard on the way to another function
    that sends, and what each may cost depends on how many there are.
    """
    from auditor.discovery.model import FileKind
    from auditor.knowledge import sdk as sdk_tables
    from auditor.llm import scan

    sdk = sdk_tables.load()
    given = [file for file in found.files if file.kind in {FileKind.PYTHON, FileKind.NOTEBOOK}]
    scanned = scan.relevant(found, given, sdk)
    relevant, problems = scanned.files, scanned.problems
    loose = [file for file in found.files if file.kind in {FileKind.PROMPT, FileKind.REQUEST}] if only is None else []
    focus = next((file for file in given if file.path == only), None)
    lines = _lines({file.relative: file for file in (*given, *loose)})
    if not relevant and not loose:
        return Resolution(problems=tuple(problems), source_lines=lines)
    from auditor.project.project import Project

    files = {file.in_root: file for file in (*found.importable, *given)}
    project = Project(files, Path(found.root), limits, sdk.libraries)
    outcome: list[Resolution] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            paths = [file.in_root for file in relevant]
            alone = focus.in_root if focus is not None else None
            result = _resolve(project, paths, scanned.mentions, sdk, limits, alone) if relevant else Resolution()
            outcome.append(_with_documents(result, loose, Path(found.root), sdk, limits) if loose else result)
        except BaseException as error:  # noqa: BLE001 - handed on to the caller's thread
            errors.append(error)

    _with_deep_stack(work)
    if errors:
        raise errors[0]
    result = outcome[0]
    shown = {file.in_root: file.relative for file in files.values()}
    lines = _lines({file.relative: file for file in (*files.values(), *loose)})
    every = (*problems, *result.problems)
    named = {file.relative for file in (*given, *loose)}
    return Resolution(
        tuple(site for site in result.sites if site.site.place.path in named),
        tuple(replay for replay in result.handovers if replay.site.place.path in named),
        tuple(problem for problem in every if problem.path in named or problem.path not in shown.values()),
        project.parsed(file.in_root for file in given),
        result.unknown,
        result.limits,
        result.documents,
        lines,
        project,
    )


def _with_documents(result: Resolution, files: Sequence[SourceFile], root: Path, sdk: Sdk, limits: Limits) -> Resolution:
    """The call sites and, beside them, the prompts and requests of files."""
    from auditor.llm.documents import reading

    found = reading.read(files, root, result.sites, sdk, limits)
    sites = sorted([*result.sites, *found.requests], key=lambda one: (one.site.place, one.site.api))
    return replace(result, sites=tuple(sites), documents=found.prompts, problems=(*result.problems, *found.problems))


def sites_of(path: Path) -> Sequence[SiteReplays]:
    """The call sites below one file or folder."""
    from auditor.discovery.files import discover

    return resolve(discover([path])).sites


def _with_deep_stack(work: Callable[[], None]) -> None:
    """Runs in a thread of its own, whose stack is deep enough for nested code.

    Few of the many small objects that it makes refer to each other in circles, so these are looked for more seldom: that is a
    quarter of the time.
    """
    recursion, size, thresholds = sys.getrecursionlimit(), threading.stack_size(), gc.get_threshold()
    try:
        if thresholds[0]:
            gc.set_threshold(max(thresholds[0], COLLECTED), *thresholds[1:])
        sys.setrecursionlimit(max(recursion, RECURSION))
        threading.stack_size(STACK_BYTES)
        thread = threading.Thread(target=work, name="auditor")
        thread.start()
        thread.join()
    finally:
        gc.set_threshold(*thresholds)
        threading.stack_size(size)
        sys.setrecursionlimit(recursion)


def _lines(files: Mapping[str, SourceFile]) -> Callable[[str], Sequence[str]]:
    cache: dict[str, Sequence[str]] = {}

    def lines(name: str) -> Sequence[str]:
        if name not in cache:
            file = files.get(name)
            try:
                cache[name] = (file.path if file else Path(name)).read_text("utf-8", "replace").splitlines()
            except OSError:
                cache[name] = ()
        return cache[name]

    return lines


def _resolve(
    project: Project, relevant: Sequence[str], mentions: Sequence[Mention], sdk: Sdk, limits: Limits, only: str | None = None
) -> Resolution:
    from auditor.interp.machine import Machine
    from auditor.knowledge import library
    from auditor.llm.entries import Callers, Scope, candidates
    from auditor.llm.evaluation import Evaluator
    from auditor.llm.events import Ear
    from auditor.llm.exploration import Explorer
    from auditor.llm.handovers import handovers
    from auditor.llm.idle import Idle
    from auditor.project.contexts import context

    sending = list(candidates(project, sdk, relevant, mentions))
    scopes = {Scope(candidate.path, candidate.scope) for candidate in sending}
    given, limits = limits, limits.shared_by(len(scopes))
    ear = Ear(sdk, context)
    machine = Machine(project, library.load(), limits, ear)
    callers = Callers(project, limits)
    if limits.site_steps < given.site_steps:
        machine.limits_reached["run steps"] += 1
    evaluator = Evaluator(machine, ear, callers.above(scopes))
    machine.limits_reached.update(callers.limits_reached)
    explorer = Explorer(evaluator, callers, sending, limits)
    if only is None:
        heard = explorer.explore()
    else:
        sending = [one for one in sending if one.path == only]
        heard = explorer.explore(callers.akin([Scope(one.path, one.scope) for one in sending], scopes))
        heard = [one for one in (_only(evaluation, project.display(only)) for evaluation in heard) if one.events]
    heard += explorer.explore_opened({Scope(one.path, one.scope) for one in sending if not _reached(one, project, ear)})
    sites = _sites(heard, sending, Idle(project, callers), project, ear, sdk, limits)
    unknown: Counter[Reason] = Counter(reason for site in sites for _, reason in site.unknown)
    problems = [*project.problems.values(), *project.partial, *dict.fromkeys(evaluator.problems)]
    passed = tuple(sorted(handovers(heard, sdk, limits), key=lambda replay: (replay.site.place, replay.variant)))
    return Resolution(tuple(sites), passed, tuple(problems), 0, dict(unknown), dict(machine.limits_reached))


def _sites(
    heard: Sequence[Evaluation],
    sending: Sequence[Candidate],
    idle: Idle,
    project: Project,
    ear: Ear,
    sdk: Sdk,
    limits: Limits,
) -> list[SiteReplays]:
    from auditor.llm import gemini_caches, unreached
    from auditor.llm.replays import of_site

    by_site: dict[CallSite, list[tuple[Evaluation, list[Event]]]] = {}
    for evaluation in heard:
        mine: dict[CallSite, list[Event]] = {}
        for event in evaluation.events:
            mine.setdefault(event.site, []).append(event)
        for site, events in mine.items():
            by_site.setdefault(site, []).append((evaluation, events))
    told = {event.site.place for entries in by_site.values() for _, events in entries for event in events if not event.guessed}
    sites = [
        replace(of_site(site, entries, sdk, limits, idle), ended=gemini_caches.ended(site, project, ear))
        for site, entries in by_site.items()
        if site.place not in told or not all(event.guessed for _, events in entries for event in events)
    ]
    unheard = (candidate for candidate in sending if not _reached(candidate, project, ear))
    sites.extend(unreached.sites(unheard, project, sdk))
    return sorted(sites, key=lambda one: (one.site.place, one.site.api))


def _only(evaluation: Evaluation, path: str) -> Evaluation:
    """An evaluation with the requests of one file."""
    return replace(evaluation, events=tuple(event for event in evaluation.events if event.place.path == path))


def _reached(candidate: Candidate, project: Project, ear: Ear) -> bool:
    module = project.module(candidate.path)
    place = module.place(candidate.node) if module is not None else None
    return place is None or (place.path, place.line, place.column) in ear.seen
