"""One audit from paths to result.

`inputs` is the only place that knows the stages upstream (discovery, extraction, simulation); `judge` is pure: sites and their
simulations in, result out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.accounting.facts import Accounting
from auditor.cache.groups import PrefixGroup
from auditor.cache.outcome import Simulation
from auditor.cache.traffic import UNSTATED, Traffic
from auditor.config.settings import Settings
from auditor.engine import fingerprints, local_rules, merging, runner, selection, suppressions
from auditor.engine.registry import Registry
from auditor.engine.result import AuditResult, Problem, SiteResult
from auditor.findings import Confidence, Effort, Finding, Severity
from auditor.llm.request import CallSite, SiteReplays
from auditor.places import Place
from auditor.rulekit.meta import Category
from auditor.rulekit.project_views import ProjectView, SiteView
from auditor.rulekit.views import ReplayView
from auditor.values.lifetime import Reason

if TYPE_CHECKING:
    from auditor.llm.resolve import Resolution

Lines = Callable[[str], Sequence[str]]


def _no_lines(path: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the stages upstream found. `marked` are the files whose bytes contain a suppression comment's mark."""

    root: str
    sites: tuple[SiteResult, ...]
    handovers: tuple[Simulation, ...] = ()
    prefix_groups: tuple[PrefixGroup, ...] = ()
    source_lines: Lines = _no_lines
    marked: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    files_scanned: int = 0
    files_analyzed: int = 0
    files_unreadable: int = 0
    documents: tuple[SiteResult, ...] = ()
    prompt_files: int = 0
    unknown: Mapping[Reason, int] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    accounting: Callable[[], Accounting] = Accounting


def audit(paths: Sequence[Path], settings: Settings, baseline: frozenset[str] = frozenset()) -> AuditResult:
    """Audits the paths.

    Raises RegistryError for a rule file that is not in order and UnknownReferenceError for a rule that does not exist, before
    anything is read.
    """
    rules = local_rules.rules_of(settings)
    active(rules, settings)
    return judge(inputs(paths, settings), settings, rules, baseline)


def active(rules: Registry, settings: Settings) -> frozenset[str]:
    """Codes of the rules that the settings select. Raises UnknownReferenceError."""
    return selection.select(rules, settings.select, settings.ignore, settings.extend_select)


def inputs(paths: Sequence[Path], settings: Settings, only: Path | None = None) -> Inputs:
    """Discovers, extracts and simulates. Imported here: a run that needs none of it must not pay for it.

    `only`: what is told of this Python file is enough, as an audit of all of the paths tells it.
    """
    from auditor.cache.groups import prefix_groups
    from auditor.cache.simulator import simulate
    from auditor.cache.tokens import Counter
    from auditor.discovery.files import discover
    from auditor.discovery.model import DiscoverySettings, FileKind
    from auditor.knowledge.providers import load as load_knowledge
    from auditor.limits import DEFAULT
    from auditor.llm.resolve import resolve

    found = discover(paths, DiscoverySettings(exclude=settings.exclude, prompts=settings.prompts), DEFAULT)
    resolution = resolve(found, DEFAULT, only)
    knowledge, counter = load_knowledge(), Counter()

    def simulated(found: Iterable[SiteReplays]) -> tuple[SiteResult, ...]:
        return tuple(
            SiteResult(
                site,
                tuple(simulate(replay, knowledge, counter) for replay in site.replays),
                tuple(simulate(switch.replay, knowledge, counter) for switch in site.switches),
            )
            for site in sorted(found, key=lambda site: site.site.place)
        )

    handovers = tuple(simulate(replay, knowledge, counter) for replay in resolution.handovers)
    problems = (*found.problems, *resolution.problems)
    sites = simulated(resolution.sites)
    firsts = (site.simulations[0] for site in sites if site.simulations)
    return Inputs(
        root=str(found.base),
        sites=sites,
        handovers=handovers,
        prefix_groups=prefix_groups(firsts, counter, DEFAULT),
        source_lines=resolution.source_lines,
        marked=_marked((file.relative, file.path) for file in found.files if file.kind in {FileKind.PYTHON, FileKind.NOTEBOOK}),
        problems=problems,
        files_scanned=len(found.files),
        files_analyzed=resolution.files_analyzed,
        files_unreadable=len({problem.path for problem in problems if not problem.internal}),
        documents=simulated(resolution.documents),
        prompt_files=sum(file.kind is FileKind.PROMPT for file in found.files),
        unknown=resolution.unknown,
        limits=resolution.limits,
        accounting=lambda: _accounting(resolution),
    )


def _accounting(resolution: Resolution) -> Accounting:
    """How the project handles usage: read only when a rule asks for it."""
    from auditor.accounting.reading import read
    from auditor.limits import DEFAULT
    from auditor.project.contexts import context

    if resolution.project is None:
        return Accounting()
    return read(resolution.project, resolution.sites, context, DEFAULT)


def _marked(files: Iterable[tuple[str, Path]]) -> tuple[str, ...]:
    """Names of the files that contain a suppression comment's mark."""
    marked = []
    for name, path in files:
        try:
            if suppressions.MARK in path.read_bytes():
                marked.append(name)
        except OSError:  # discovery has told of it
            continue
    return tuple(marked)


def judge(given: Inputs, settings: Settings, rules: Registry, baseline: frozenset[str] = frozenset()) -> AuditResult:
    """Runs the selected rules and sorts what they say into findings, suppressed, baselined and hidden."""
    codes = active(rules, settings)
    chosen = [rule for rule in rules.rules if rule.meta.code in codes]
    project = _project(given.sites, _traffic(settings), given.handovers)
    project = replace(
        project, read_accounting=given.accounting, deployment=settings.deployment, said_at=_said_at(settings, Path(given.root))
    )
    raw, failures = runner.run(chosen, project)
    if given.documents:
        # Nobody is seen to send a prompt that stands alone: only what it is made of can be judged.
        about, failed = runner.run(
            (rule for rule in chosen if rule.meta.category is Category.PROMPT), _project(given.documents, _traffic(settings))
        )
        raw += [replace(finding, call_sites=()) for finding in about]
        failures += failed

    sites = {site.replays.site.id: site.replays.site for site in given.sites}
    contexts = {name: site.context for name, site in sites.items()}
    merged = merging.cap(merging.merge(raw), contexts, settings.caps)
    outcome = _suppress(merged, given, sites, rules, codes)
    known = sorted([*outcome.kept, *_about_suppressions(outcome, rules, codes)], key=lambda f: (f.place, f.code, f.subject))
    printed = fingerprints.with_fingerprints(known, given.source_lines)
    baselined = tuple(finding for finding in printed if finding.fingerprint in baseline)
    fresh = [finding for finding in printed if finding.fingerprint not in baseline]
    shown = tuple(finding for finding in fresh if _shown(finding, settings))
    checklist, unanswered = runner.checklist(project, shown, frozenset(rules.by_code) - codes)
    return AuditResult(
        root=given.root,
        sites=given.sites,
        documents=given.documents,
        findings=shown,
        suppressed=tuple(fingerprints.with_fingerprints(outcome.suppressed, given.source_lines)),
        baselined=baselined,
        hidden=tuple(finding for finding in fresh if not _shown(finding, settings)),
        problems=tuple(sorted((*given.problems, *failures, *unanswered), key=lambda p: (p.path, p.line, p.column, p.message))),
        files_scanned=given.files_scanned,
        files_analyzed=given.files_analyzed,
        files_unreadable=given.files_unreadable,
        prompt_files=given.prompt_files,
        unknown=given.unknown,
        limits=given.limits,
        prefix_groups=given.prefix_groups,
        checklist=checklist,
    )


def _traffic(settings: Settings) -> Traffic:
    """What the user says of the traffic."""
    said = settings.traffic
    return Traffic(
        said.get("requests-per-hour"), said.get("turns-per-conversation", UNSTATED.turns), said.get("users", UNSTATED.users)
    )


def _said_at(settings: Settings, base: Path) -> dict[str, Place]:
    """Where the configuration answers for the deployment."""
    from auditor.discovery.files import relative_name

    name = relative_name(Path(settings.origin("deployment")).resolve(), base)
    return {answer: Place(name, line) for answer, line in settings.deployment_lines.items()}


def _project(sites: Iterable[SiteResult], traffic: Traffic, handovers: Iterable[Simulation] = ()) -> ProjectView:
    sending = (site for site in sites if site.replays.site.sends)
    return ProjectView(
        tuple(SiteView.of(site.replays, site.simulations, site.switches, traffic) for site in sending),
        tuple(ReplayView(simulation.replay.site, simulation.replay, simulation, traffic) for simulation in handovers),
    )


def _shown(finding: Finding, settings: Settings) -> bool:
    return finding.severity >= settings.least_severity and finding.confidence >= settings.least_confidence


def _suppress(
    findings: list[Finding], given: Inputs, sites: Mapping[str, CallSite], rules: Registry, codes: frozenset[str]
) -> suppressions.Outcome:
    comments = [
        comment for path in sorted(set(given.marked)) for comment in suppressions.read(path, given.source_lines(path), rules)
    ]
    return suppressions.apply(findings, comments, sites, codes)


def _about_suppressions(outcome: suppressions.Outcome, rules: Registry, codes: frozenset[str]) -> list[Finding]:
    """Findings about the suppression comments themselves."""
    said: list[Finding] = []
    for code, comments in ((suppressions.UNUSED, outcome.unused), (suppressions.INVALID, outcome.invalid)):
        if code not in codes:
            continue
        meta = rules.by_code[code].meta
        for comment in comments:
            if code == suppressions.UNUSED:
                message = f"Nothing is suppressed here by `{comment.written}`."
                advice = "Remove the comment, or the codes that no longer apply."
            else:
                message = f"This comment suppresses nothing ({'; '.join(comment.errors)})."
                advice = "Write `# cache-audit: ignore[CA101] reason` with codes or names of rules."
            said.append(
                Finding(
                    code,
                    meta.name,
                    meta.category.value,
                    Severity.LOW,
                    Confidence.HIGH,
                    message,
                    advice,
                    Effort.LOW,
                    comment.place,
                    subject=comment.written,
                )
            )
    return said
