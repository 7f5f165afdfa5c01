"""Requests that the API answers with an error: markers where it refuses them. Knows the provider's rules; no tokens.

A marker whose type, lifetime or mere presence could not be read rejects nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from auditor.cache.options import UNREAD, default_ttl
from auditor.cache.outcome import Rejection
from auditor.knowledge.facts import Markers, Mode, ModelFacts, Option
from auditor.llm.request import Block, Kind, Marker, Request, Section
from auditor.values.text import Text


@dataclass(frozen=True, slots=True)
class Placed:
    """A breakpoint as the provider understands it: the index of its block in the request, its marker and lifetime."""

    block: int
    marker: Marker
    ttl: str  # "?" where it could not be read


def placed(request: Request, facts: ModelFacts | None) -> tuple[list[Placed], list[Rejection]]:
    """The breakpoints of a request in order, the automatic one included, and everything that the API would refuse.

    Breakpoints that are refused one by one are not among them; of too many, all are.
    """
    markers = facts.markers if facts else None
    if facts is None or facts.caching.mode is Mode.NONE:
        return [], []
    rejections = [*unsupported(request, facts), *explicit_cache(request, facts)]
    if markers is None:
        return [], rejections
    accepted: list[Placed] = []
    for index, block in enumerate(request.blocks):
        if block.marker is None:
            continue
        code, words = refusal(block, block.marker, markers)
        if code:
            values = {"path": path(request, index), "allowed": allowed(words, markers)}
            rejections.append(reject(code, words, index, block.marker, facts, **values))
        elif not block.deferred:
            marker = block.marker if block.marker.ttl is not None else replace(block.marker, ttl=default_ttl(request))
            accepted.append(Placed(index, marker, ttl(marker, markers)))
    if request.automatic is not None:
        automatic, refused = place_automatic(request, accepted, facts, markers)
        accepted = sorted([*accepted, *automatic], key=lambda item: item.block)
        rejections += refused
    rejections += together(request, accepted, facts, markers)
    return accepted, rejections


def refusal(block: Block, marker: Marker, markers: Markers) -> tuple[str, str]:
    """Why a single marker is refused, as code and key of the API's words; empty where it is not."""
    if marker.unknown:
        return "", ""
    if marker.misplaced or block.section not in markers.sections:
        return "marker-place", "marker-place"
    if marker.nested and not (marker.nested_last and markers.hoists_last_nested):
        return "marker-place", "marker-nested"
    if block.kind in markers.refused_kinds:
        return "thinking", "thinking"
    if block.deferred and markers.refuses_deferred:
        return "deferred-tool", "deferred-tool"
    if block.kind is Kind.TEXT and block.text.known == "" and markers.refuses_empty_text:
        return "empty-text", "empty-text"
    return values(marker, markers)


def values(marker: Marker, markers: Markers) -> tuple[str, str]:
    if marker.type != UNREAD and marker.type not in markers.types:
        return "marker-value", "marker-type"
    if marker.ttl not in (None, UNREAD) and marker.ttl not in markers.ttls:
        return "marker-value", "marker-ttl"
    return "", ""


def place_automatic(
    request: Request, accepted: list[Placed], facts: ModelFacts, markers: Markers
) -> tuple[list[Placed], list[Rejection]]:
    """The breakpoint of the top-level switch: on the last block that can carry one, nowhere if there is none."""
    marker = request.automatic
    assert marker is not None
    if not facts.caching.automatic:
        return [], [] if marker.unknown else [reject("unsupported-option", "unsupported-option", None, marker, facts)]
    code, words = ("", "") if marker.unknown else values(marker, markers)
    if code:
        return [], [reject(code, words, None, marker, facts, path="", allowed=allowed(words, markers))]
    lifetime = ttl(marker, markers)
    for index in range(len(request.blocks) - 1, -1, -1):
        block = request.blocks[index]
        if not eligible(block, markers):
            continue
        own = next((item for item in accepted if item.block == index), None)
        if own is None:
            return [Placed(index, marker, lifetime)], []
        if UNREAD in (own.ttl, lifetime) or own.ttl == lifetime or own.marker.unknown or marker.unknown:
            return [], []
        conflict = reject("automatic-conflict", "automatic-conflict", index, marker, facts, automatic=lifetime, explicit=own.ttl)
        return [], [conflict]
    return [], []


def eligible(block: Block, markers: Markers) -> bool:
    if block.deferred or block.kind in markers.refused_kinds:
        return False
    return not (block.kind is Kind.TEXT and block.text.known == "")


def together(request: Request, accepted: list[Placed], facts: ModelFacts, markers: Markers) -> Iterator[Rejection]:
    """What is refused of several markers that are each right by themselves."""
    sure = [item for item in accepted if not item.marker.unknown]
    if markers.maximum is not None and len(sure) > markers.maximum:
        extra = sure[markers.maximum]
        numbers = {"maximum": str(markers.maximum), "found": str(len(sure))}
        yield reject("too-many-breakpoints", "too-many-breakpoints", extra.block, extra.marker, facts, **numbers)
    if markers.longer_first:
        shorter = False
        for item in sure:
            if item.ttl == "5m":
                shorter = True
            elif item.ttl == "1h" and shorter:
                where = path(request, item.block)
                yield reject("ttl-order", "ttl-order", item.block, item.marker, facts, path=where)
                return


def unsupported(request: Request, facts: ModelFacts) -> Iterator[Rejection]:
    """Options and markers that the model's generation does not have yet. Says nothing of models that are not listed."""
    if not facts.known:
        return
    for name, option in sorted(facts.options.items()):
        value = request.params.get(name)
        if value is None or value == Text():
            continue
        if option.generation > facts.generation:
            yield reject("unsupported-option", "unsupported-option", None, None, facts, option=name)
        elif value.known is not None and option.values and value.known not in option.values:
            listed = ", ".join(f"'{one}'" for one in option.values)
            yield reject("unsupported-option", "option-value", None, None, facts, option=name, allowed=listed)
        elif option.fields:
            yield from unknown_fields(request, name, value, option, facts)
        elif value.known is not None and facts.id in option.refused.get(value.known, ()):
            yield reject("unsupported-option", "refused-option", None, None, facts, option=name)
    if facts.markers is None and "prompt_cache_options" in facts.options:
        for index, block in enumerate(request.blocks):
            if block.marker is not None and not block.marker.unknown:
                option_name = "prompt_cache_breakpoint"
                yield reject("unsupported-option", "unsupported-option", index, block.marker, facts, option=option_name)
                return


def unknown_fields(request: Request, name: str, value: Text, option: Option, facts: ModelFacts) -> Iterator[Rejection]:
    """Fields of an option that is a mapping, where their value is none that this API knows."""
    given = mapping_in(value)
    allowed_values = {
        field: values
        for api in sorted(option.fields)  # the API's own behind those of all
        if request.site.api.startswith(api)
        for field, values in option.fields[api].items()
    }
    for field, values in allowed_values.items():
        if isinstance(given.get(field), str) and given[field] not in values:
            listed = " or ".join(f"'{one}'" for one in values)
            yield reject("unsupported-option", "option-value", None, None, facts, option=f"{name}.{field}", allowed=listed)


def mapping_in(value: Text) -> dict[str, object]:
    """A parameter that is a mapping, as far as it is known; empty where it is not."""
    try:
        found = json.loads(value.known or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def explicit_cache(request: Request, facts: ModelFacts) -> Iterator[Rejection]:
    """A cache that is named by a request which says more than it may, or asks another model."""
    cache = request.cache
    if cache is None or not cache.sure:
        return
    if cache.own:
        yield reject("cached-content", "cached-content-conflict", None, None, facts, option=cache.own[0])
    asked, cached = (plain_model(model) for model in (request.model, cache.model))
    if asked and cached and not asked.startswith(cached) and not cached.startswith(asked):
        yield reject("cached-content", "cached-content-model", None, None, facts, option="model", model=asked, cached=cached)


def plain_model(model: Text | None) -> str:
    """The id without the path that it may stand in; empty where it is not known."""
    known = model.known if model is not None else None
    return (known or "").rpartition("/")[2]


def ttl(marker: Marker, markers: Markers) -> str:
    return marker.ttl or markers.default_ttl


def allowed(words: str, markers: Markers) -> str:
    """The values that the API lists, as it lists them."""
    return " or ".join(f"'{value}'" for value in (markers.types if words == "marker-type" else markers.ttls))


def path(request: Request, index: int) -> str:
    """The block's address in the request body, as the API prints it."""
    block = request.blocks[index]
    if "[" in block.label:
        return block.label.replace("[", ".").replace("]", "")
    peers = [other for other in request.blocks[:index] if other.section is block.section]
    if block.section is Section.MESSAGES and block.message is not None:
        inner = sum(other.message == block.message for other in peers)
        return f"messages.{block.message}.content.{inner}"
    return f"{block.section}.{len(peers)}"


def reject(code: str, words: str, block: int | None, marker: Marker | None, facts: ModelFacts, **values: str) -> Rejection:
    text = facts.messages.get(words, f"{words}: not permitted")
    words_of_api = text.format(**{"path": "", "allowed": "", "option": "", **values}).lstrip(".")
    return Rejection(code, words_of_api, block, marker, option=values.get("option", ""))
