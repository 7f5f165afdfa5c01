"""What rules look at beyond one replay: a call site with all its variants, and the project with all its call sites.

Knows which views belong together. Does not know what a simulation means; that is asked of the replay's view.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter

from auditor.accounting.facts import Accounting
from auditor.cache.outcome import Simulation
from auditor.cache.traffic import UNSTATED, Traffic
from auditor.findings import Finding
from auditor.llm.request import CallSite, SiteReplays, Switch
from auditor.places import Place
from auditor.rulekit import conversations
from auditor.rulekit.spots import Spot
from auditor.rulekit.views import ReplayView


@dataclass(frozen=True, slots=True)
class SwitchView:
    """What the cache does where the outcome of a condition changes from request to request."""

    switch: Switch
    view: ReplayView


@dataclass(frozen=True)
class SiteView:
    """A call site, all of its variants, and what happens where it changes between them."""

    replays: SiteReplays
    views: tuple[ReplayView, ...]
    switches: tuple[SwitchView, ...] = ()

    @property
    def site(self) -> CallSite:
        return self.replays.site

    @property
    def instead(self) -> bool:
        return any(view.instead for view in self.views)

    @cached_property
    def by_caller(self) -> tuple[tuple[ReplayView, ...], ...]:
        """The views by who asks for their requests: the entry, and the calls that lead from there to the function that sends."""
        found: dict[object, list[ReplayView]] = {}
        for view in self.views:
            found.setdefault((view.replay.entry, view.replay.way), []).append(view)
        return tuple(map(tuple, found.values()))

    def stays(self, view: ReplayView, spot: Spot) -> bool:
        """Whether the value stays the same in another variant, where this one's later requests cannot tell."""
        return view.untold(spot) and any(
            other.hole.identity == spot.hole.identity and one.fixed(other) for one in self.views for other in one.spots
        )

    @classmethod
    def of(
        cls,
        replays: SiteReplays,
        simulations: tuple[Simulation, ...],
        switches: tuple[Simulation, ...] = (),
        traffic: Traffic = UNSTATED,
    ) -> SiteView:
        instead = bool(replays.replays) and all(replay.first.instead for replay in replays.replays)
        views = tuple(
            ReplayView(replays.site, replay, simulation, traffic, instead)
            for replay, simulation in zip(replays.replays, simulations, strict=True)
        )
        turning = tuple(
            SwitchView(switch, ReplayView(replays.site, switch.replay, simulation, traffic, instead))
            for switch, simulation in zip(replays.switches, switches, strict=True)
        )
        return cls(replays, views, turning)


@dataclass(frozen=True, eq=False)
class ProjectView:
    """Every call site of the project, conversations that pass from one call to another, and what is made of answers' usage.

    The last is read when a rule first asks for it. `deployment` is what the configuration says of how the code runs,
    and `said_at` where it says so.
    """

    sites: tuple[SiteView, ...]
    handovers: tuple[ReplayView, ...] = ()
    read_accounting: Callable[[], Accounting] = Accounting
    deployment: Mapping[str, bool | str | int | float] = field(default_factory=dict)
    said_at: Mapping[str, Place] = field(default_factory=dict)

    @cached_property
    def accounting(self) -> Accounting:
        return self.read_accounting()

    def agent_of(self, site: SiteView) -> Place | None:
        """Where the agent is made that this call and others ask: what its prompt lacks is mended there, and told once."""
        agent = site.views[0].request.agent if site.views else None
        return agent if agent is not None and self._asked[agent] > 1 else None

    def once(self, told: Iterable[tuple[SiteView, Finding]]) -> Iterator[Finding]:
        """What the calls of one agent, or of one conversation in one function, lack: told where the first of those stands, and as
        gravely, however seldom the others send."""
        found = list(told)
        sites = sorted({site.site.place: site for site, _ in found}.items(), key=itemgetter(0))
        for site, finding in found:
            place = self.agent_of(site)
            first = next((one for _, one in sites if place is None and _one_conversation(one, site)), site)
            if first is not site:
                grade = max(other.severity for one, other in found if one is first or other is finding)
                finding = replace(finding, place=place or first.site.place, severity=grade)
            yield replace(finding, place=place or finding.place)

    @cached_property
    def _asked(self) -> Counter[Place]:
        """How many calls ask each agent."""
        asked = {(view.request.agent, site.site) for site in self.sites for view in site.views}
        return Counter(agent for agent, _ in asked if agent is not None)

    @property
    def carried(self) -> frozenset[Place]:
        """Where the markers are written that some request carries."""
        requests = (request for site in self.sites for view in site.views for request in view.replay.requests)
        return frozenset(
            marker.place
            for request in requests
            for marker in (request.automatic, *(block.marker for block in request.blocks))
            if marker is not None and marker.place is not None
        )


def _one_conversation(first: SiteView, then: SiteView) -> bool:
    """Whether another call, farther up in the same function, sends turns of the conversation that this one sends turns of."""
    one, other = first.site, then.site
    here = one.place < other.place and (one.place.path, one.function) == (other.place.path, other.function)
    return here and conversations.shared(first.replays.replays, then.replays.replays)
