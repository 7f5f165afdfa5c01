"""Explicit caches of Google's SDKs: what a cache was made of stays known, so that a request that names it begins with it."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.llm.configured import ActionCode, Call, with_keyword
from auditor.llm.gemini import KEPT, MADE
from auditor.values.domain import NONE, TRUE, Arguments, ExternalObject, Value

if TYPE_CHECKING:
    from auditor.llm.events import Ear
    from auditor.llm.request import CallSite
    from auditor.project.project import Project

CLIENT = "gemini-client"
CREATES, DELETES = "gemini.caches.create", "caches.delete"


def create(call: Call) -> Value:
    """A cache is made. It keeps its content under the names of the call; its name stands for the whole of it."""
    answer = call.send()
    given = with_keyword(call.own, MADE, answer)
    if any(_memoised(activation.function) for activation in call.machine.stack):
        given = with_keyword(given, KEPT, TRUE)
    return _with_name(call.make(given, call.action.makes))


def _with_name(cache: ExternalObject) -> ExternalObject:
    """The cache with itself for its name: whoever names it means all of it."""
    return replace(cache, arguments=with_keyword(cache.arguments or Arguments(), "name", cache))


def _memoised(function: object) -> bool:
    """Whether a function keeps its results (`lru_cache`, `cached`, `st.cache_resource`): equal arguments, the same cache."""
    names = [ast.unparse(decorator).lower() for decorator in getattr(function, "decorator_list", ())]
    return any("cache" in name or "memo" in name for name in names)


def same(call: Call) -> Value | None:
    """A cache that is asked for by its name, or given another lifetime: the one that was made, where that was seen."""
    name = call.own.keyword("name")
    return _with_name(name) if isinstance(name, ExternalObject) and not name.path else None


def end(call: Call) -> Value:
    """A cache is deleted. Where it is not known which one, it may be any."""
    cache = call.own.keyword("name") if call.maker is None or call.maker.kind == CLIENT else call.target
    call.ear.ended.add(cache.place if isinstance(cache, ExternalObject) else None)
    return NONE


def ended(site: CallSite, project: Project, ear: Ear) -> bool:
    """Whether the caches that are made at a call were seen to be deleted, or code that nothing was seen to reach may do so."""
    if site.api != CREATES:
        return False
    return any(place is None or place.overlaps(site.place) for place in ear.ended) or (
        not ear.ended and bool(project.mentioning(DELETES))
    )


ACTIONS: dict[str, ActionCode] = {"gemini-cache": create, "gemini-cache-again": same, "gemini-cache-ended": end}
