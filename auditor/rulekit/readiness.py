"""The production checklist: what has to be in order before prompt caching can be relied on, with the evidence for each answer.

Answers come from findings, from the simulation, from what the code does with usage, and from the configuration's `deployment`.
What none of them tells is unknown, never no. Does not know formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from auditor.findings import Finding
from auditor.llm.request import Kind
from auditor.places import Place, Step
from auditor.rulekit.monitoring import Cached, cached, watched
from auditor.rulekit.project_views import ProjectView

_FEW = 3  # markers that a finding names
SECONDS = {"5m": 300, "in-memory": 600, "30m": 1800, "1h": 3600, "12h": 43_200, "24h": 86_400}


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its answer. `told` says that another item or rule reports the same "no"; `trace` is what bears it out."""

    name: str
    group: str
    question: str
    answer: Answer = Answer.UNKNOWN
    evidence: str = "nothing in the code or the configuration tells"
    place: Place | None = None
    told: bool = False
    trace: tuple[Step, ...] = ()


DESIGN, CONFIGURATION, MONITORING = "Prompt design", "Cache configuration", "Monitoring"
OPERATIONS, TESTING = "Operations", "Testing"
_JUDGED = (  # name, group, question, rules whose findings say no
    (
        "static-first",
        DESIGN,
        "Static content first, dynamic content last?",
        ("CA101", "CA102", "CA103", "CA105", "CA106", "CA107"),
    ),
    ("above-minimum", DESIGN, "Prefixes above the model's minimum?", ("CA201", "CA202")),
    ("fixed-tools", DESIGN, "Tool definitions fixed in order and content?", ("CA402", "CA403", "CA404")),
    ("keys", CONFIGURATION, "Cache keys meaningful, stable and few?", ("CA701", "CA702", "CA703")),
    ("sensitive-data", OPERATIONS, "No sensitive data in cached, shared blocks?", ("CA901",)),
)


def checklist(project: ProjectView, findings: Sequence[Finding], skipped: frozenset[str]) -> tuple[Item, ...]:
    """All items, by group; none for a project without calls. `skipped` are rules that did not run."""
    sites = [site for site in project.sites if site.site.context == "app"]
    if not sites:
        return ()
    unread = sum(not site.views or any(view.request.opaque for view in site.views) for site in sites)
    judged = [_judged(project, row, findings, skipped, unread, len(sites)) for row in _JUDGED]
    items = [*judged, *operations(project), *_open_questions()]
    order = (DESIGN, CONFIGURATION, MONITORING, OPERATIONS, TESTING)
    return tuple(sorted(items, key=lambda item: order.index(item.group)))


def _judged(
    project: ProjectView,
    row: tuple[str, str, str, tuple[str, ...]],
    findings: Iterable[Finding],
    skipped: frozenset[str],
    unread: int,
    count: int,
) -> Item:
    name, group, question, rules = row
    against = [finding for finding in findings if finding.code in rules]
    if against:
        first = against[0]
        more = f" and {len(against) - 1} more" if len(against) > 1 else ""
        near = all(finding.code == "CA202" for finding in against)
        answer = Answer.UNKNOWN if near else Answer.NO
        return Item(name, group, question, answer, f"{first.code} {first.name}{more}", first.place, told=True)
    silent = [code for code in rules if code in skipped]
    if name == "keys" and not _keyed(project):
        return Item(name, group, question, Answer.UNKNOWN, "no call sets a cache key")
    if silent:
        return Item(name, group, question, Answer.UNKNOWN, f"{', '.join(silent)} did not run")
    if unread:
        return Item(name, group, question, Answer.UNKNOWN, f"{unread} of {count} call sites could not be read in full")
    if name in {"above-minimum", "sensitive-data"} and not any(True for _ in cached(project)):
        return Item(name, group, question, Answer.UNKNOWN, "nothing is cached")
    return Item(name, group, question, Answer.YES, f"no finding at {count} call site{'s' * (count > 1)}")


def _keyed(project: ProjectView) -> bool:
    return any(name.endswith("prompt_cache_key") for site in project.sites for view in site.views for name in view.request.params)


def operations(project: ProjectView) -> Iterator[Item]:
    """What configuration and the code around the calls answer."""
    groups = list(cached(project))
    yield _images(project)
    yield from _lifetime(project, groups)
    yield _monitoring(project, groups)
    yield _retries(project)
    tested = project.accounting.tested
    question = "Cache behaviour covered by tests?"
    if tested:
        yield Item("tests", TESTING, question, Answer.YES, f"{tested[0].path} names what is cached", tested[0])
    else:
        yield Item("tests", TESTING, question, evidence="no test that was read names a marker or a count of the cache")


_DETAIL = re.compile(r'"detail": ?"(\w+)"')


def _images(project: ProjectView) -> Item:
    """Whether each call sends its images with one detail: with another one an image is another prefix."""
    question = "Images sent with the same detail?"
    found: dict[Place, set[str]] = {}
    for site in project.sites:
        blocks = (block for view in site.views for request in view.replay.requests for block in request.blocks)
        for block in blocks:
            if block.kind is Kind.IMAGE and site.site.context == "app":
                found.setdefault(site.site.place, set()).update(_DETAIL.findall(block.text.literal))
    mixed = sorted(call for call, details in found.items() if len(details) > 1)
    if mixed:
        words = " and ".join(f"`{detail}`" for detail in sorted(found[mixed[0]]))
        return Item("image-detail", DESIGN, question, Answer.NO, f"one call sends them with {words}", mixed[0])
    known = sum(len(details) for details in found.values())
    if not known:
        return Item("image-detail", DESIGN, question, evidence="no call was seen to send images with a detail")
    return Item("image-detail", DESIGN, question, Answer.YES, f"one detail at {known} call site{'s' * (known > 1)}")


def _open_questions() -> Iterator[Item]:
    """What neither code nor configuration has a place for yet."""
    yield Item("versioned-prompts", CONFIGURATION, "Prompts versioned?")
    yield Item("alerts", MONITORING, "Alerts on a fall of the hit rate?")
    yield Item("rate-limits", OPERATIONS, "Rate limits respected?")
    yield Item("roll-out", OPERATIONS, "Prompt changes rolled out gradually?")
    yield Item("fallback", OPERATIONS, "Fallback when caching fails?")
    yield Item("improvements", TESTING, "Improvements measured?")


def _lifetime(project: ProjectView, groups: Sequence[Cached]) -> Iterator[Item]:
    """Whether entries live from one request to the next, and whether they are kept alive where they do not."""
    fits = "Lifetime chosen for the traffic?"
    warm = "Warming where requests pause for longer than the lifetime?"
    said = project.deployment
    lifetime = _chosen(project, groups)
    pause = _pause(project)
    warming = said.get("warming")
    if lifetime is None or pause is None:
        if warming is False and said.get("traffic") == "sparse" and groups:
            denied = "the configuration says that requests are sparse, and that nothing keeps the cache warm between them"
            yield Item("lifetime", CONFIGURATION, fits, evidence=_lacking(project))
            yield Item("warming", OPERATIONS, warm, Answer.NO, denied, project.said_at.get("warming"))
            return
        lacking = "nothing is cached" if not groups else "the lifetime is not known" if lifetime is None else _lacking(project)
        yield Item("lifetime", CONFIGURATION, fits, evidence=lacking)
        answer = Answer.YES if warming else Answer.UNKNOWN
        evidence = "the configuration says that the cache is kept warm" if warming else lacking
        yield Item("warming", OPERATIONS, warm, answer, evidence)
        return
    seconds, words = pause
    short = SECONDS[lifetime] < seconds
    evidence = f"{words}, and entries live for {lifetime}"
    place = next((project.said_at[key] for key in ("retention", "warming", "requests-per-hour") if key in project.said_at), None)
    steps = () if "retention" in said else _marked(groups, lifetime)
    if not short:
        yield Item("lifetime", CONFIGURATION, fits, Answer.YES, evidence)
        yield Item("warming", OPERATIONS, warm, Answer.YES, f"not needed: {evidence}")
    elif warming:
        yield Item("lifetime", CONFIGURATION, fits, Answer.YES, f"{evidence}; the configuration says that it is kept warm")
        yield Item("warming", OPERATIONS, warm, Answer.YES, "the configuration says that the cache is kept warm")
    else:
        yield Item("lifetime", CONFIGURATION, fits, Answer.NO, evidence, place, trace=steps)
        denied = Answer.NO if warming is False else Answer.UNKNOWN
        why = "the configuration says that the cache is not kept warm" if warming is False else evidence
        yield Item("warming", OPERATIONS, warm, denied, why, project.said_at.get("warming", place), told=True)


def _chosen(project: ProjectView, groups: Sequence[Cached]) -> str | None:
    """The lifetime that the configuration names, else the shortest that markers of Anthropic's calls ask for."""
    said = project.deployment.get("retention")
    if isinstance(said, str):
        return said
    asked = [ttl for ttl, _ in _lifetimes(groups)]
    known = [ttl for ttl in asked if ttl in SECONDS]
    return min(known, key=SECONDS.__getitem__) if known and len(known) == len(asked) else None


def _lifetimes(groups: Sequence[Cached]) -> Iterator[tuple[str, Place]]:
    """Which lifetime each marker of Anthropic's calls asks for, and where."""
    for view in (view for group in groups if group.provider == "anthropic" for view in group.views):
        for _, marker in view.markers:
            yield marker.ttl or "5m", marker.place or view.site.place


def _marked(groups: Sequence[Cached], lifetime: str) -> tuple[Step, ...]:
    """Where markers with that lifetime are written."""
    places = dict.fromkeys(place for ttl, place in _lifetimes(groups) if ttl == lifetime)
    return tuple(Step(place, f"this marker's entries live for {lifetime}") for place in list(places)[:_FEW])


def _pause(project: ProjectView) -> tuple[float, str] | None:
    """How long it takes from one request to the next, in seconds and in words; None where it cannot be told."""
    said = project.deployment
    rate, traffic = said.get("requests-per-hour"), said.get("traffic")
    if traffic == "bursty":
        return None
    if isinstance(rate, int | float) and rate > 0:
        seconds = 3600 / rate
        words = f"{seconds / 60:.3g} minutes" if seconds >= 60 else f"{seconds:.3g} seconds"
        return seconds, f"a request comes every {words}"
    return (0.0, "the traffic is steady") if traffic == "steady" else None


def _lacking(project: ProjectView) -> str:
    if project.deployment.get("traffic") == "bursty":
        return "how long bursts are apart is not known"
    return "`deployment.requests-per-hour` is not configured"


def _monitoring(project: ProjectView, groups: Sequence[Cached]) -> Item:
    question = "Hit rate, latency and savings watched?"
    said = project.deployment.get("monitoring")
    if said is True:
        return Item("monitoring", MONITORING, question, Answer.YES, "the configuration says so")
    unseen = [group for group in groups if not watched(project, group.provider)]
    place = (unseen or groups)[0].views[0].site.place if groups else None
    if said is False:
        at = project.said_at.get("monitoring")
        return Item("monitoring", MONITORING, question, Answer.NO, "the configuration says so", at, told=bool(unseen))
    if unseen:
        evidence = "nothing in the project reads the counts of the cache"
        return Item("monitoring", MONITORING, question, Answer.NO, evidence, place, told=True)
    readings = project.accounting.readings
    if groups and readings:
        first = readings[0]
        return Item("monitoring", MONITORING, question, Answer.YES, f"`{first.field}` is read", first.where.place)
    if groups and project.accounting.instruments:
        used = project.accounting.instruments[0]
        return Item("monitoring", MONITORING, question, Answer.YES, f"`{used.module}` records usage", used.where.place)
    return Item("monitoring", MONITORING, question)


def _retries(project: ProjectView) -> Item:
    """SDKs retry by themselves, with backoff, unless they are told not to."""
    question = "Retries with backoff?"
    told = [each for each in project.accounting.retrying if each.where.context == "app"]
    libraries = [each for each in told if each.module]
    if libraries:
        first = libraries[0]
        return Item("retries", OPERATIONS, question, Answer.YES, f"`{first.module}` is imported", first.where.place)
    loops = [each for each in told if each.loop]
    if loops:
        return Item("retries", OPERATIONS, question, Answer.YES, "a loop waits and tries again", loops[0].where.place)
    if told:
        return Item("retries", OPERATIONS, question, Answer.NO, "a client is told to make no retries", told[0].where.place)
    sdk = any(site.site.api.startswith(("anthropic.", "openai.")) for site in project.sites)
    return (
        Item("retries", OPERATIONS, question, Answer.YES, "the SDK retries twice by default")
        if sdk
        else Item("retries", OPERATIONS, question)
    )
