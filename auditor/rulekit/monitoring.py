"""Which call sites cache, by provider, and whether anybody looks at what their answers tell of the cache.

Knows views and what the project does with usage. Does not know findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.cache.outcome import Certainty
from auditor.knowledge.providers import load as load_providers
from auditor.knowledge.usage import CACHE, Counted, UsageTable, load
from auditor.llm.request import Repetition
from auditor.places import Place
from auditor.rulekit.project_views import ProjectView
from auditor.rulekit.views import ReplayView

_ANYBODY = "unknown"  # the provider of a request whose model is known at run time only
_SWITCHES = ("prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "cached_content")


@dataclass(frozen=True, slots=True)
class Cached:
    """The application's cached calls of one provider; `asked`: the code asks for caching, it does not just come with the API.

    `beside` are those of the other providers.
    """

    provider: str
    views: tuple[ReplayView, ...]  # one for each call site, in reading order
    asked: bool
    beside: tuple[ReplayView, ...] = ()

    def of_calls(self, calls: frozenset[Place]) -> Cached | None:
        """Those that stand at these places; None where none does."""
        views = tuple(view for view in self.views if view.site.place in calls)
        return Cached(self.provider, views, _asks(views[0])) if views else None

    @property
    def title(self) -> str:
        """The provider's name for people, "" where it is not known."""
        found = load_providers().providers.get(self.provider)
        return found.title if found is not None else ""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of usage that tell of the cache, as the first call's API names them."""
        knowledge = load()
        tables = [table for table in knowledge.tables.values() if table.provider == self.provider]
        table = knowledge.of_api(self.views[0].site.api) or (tables[0] if tables else None)
        return _cache_fields(table) if table is not None else ()


def cached(project: ProjectView) -> Iterator[Cached]:
    """Providers of which the application's own code caches, by name. Calls that record by themselves are left out."""
    knowledge = load()
    found: dict[str, list[ReplayView]] = {}
    for site in project.sites:
        api = site.site.api
        if site.site.context != "app" or api.startswith(knowledge.traced):
            continue
        views = [view for view in site.views if not view.request.opaque and _caches(view)]
        if views:
            # Where some way through the program asks for caching, that one speaks.
            view = max(views, key=_asks)
            found.setdefault(view.request.provider, []).append(view)
    for provider in sorted(found):
        ordered = sorted(found[provider], key=lambda view: (not _asks(view), view.site.place))
        beside = tuple(view for other in sorted(found) if other != provider for view in found[other])
        yield Cached(provider, tuple(ordered), _asks(ordered[0]), beside)


def _asks(view: ReplayView) -> bool:
    switched = any(name.endswith(_SWITCHES) for request in view.replay.requests for name in request.params)
    return view.intended or switched


def _offers(view: ReplayView) -> bool:
    """Whose model a framework asks may be known at run time only: a marker is there for the one that takes it."""
    return any(request.provider == _ANYBODY and request.marked for request in view.replay.requests)


def _caches(view: ReplayView) -> bool:
    if view.replay.repetition is Repetition.ONCE:
        return False
    if _asks(view) or _offers(view):
        return True
    if not view.simulation.implicit or not view.repeated:
        return False
    certainty = view.certainty(view.stable_prefix)
    # A conversation that grows soon passes the minimum that its fixed part comes near to.
    return certainty is Certainty.ABOVE or (certainty is Certainty.NEAR and view.seen_growing)


def watched(project: ProjectView, provider: str) -> bool:
    """Whether somebody may look at what the answers tell of the cache."""
    return project.accounting.watches(provider)


def tables_of(group: Cached) -> list[UsageTable]:
    """The usage tables of the calls that cache."""
    knowledge = load()
    found = {table.name: table for view in group.views if (table := knowledge.of_api(view.site.api)) is not None}
    for raw in [knowledge.tables[name] for table in found.values() for name in table.raw]:
        if group.provider in {raw.provider, _ANYBODY}:
            found[raw.name] = raw
    return [found[name] for name in sorted(found)]


def _cache_fields(table: UsageTable) -> tuple[str, ...]:
    """Reads first, without the split by lifetime."""
    fields = [field for field in table.fields.values() if field.kind in CACHE and not field.ttl]
    return tuple(field.last for field in sorted(fields, key=lambda field: field.kind is Counted.WRITE))
