"""From one heard event, with all its conditions decided, to one symbolic request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from auditor.interp.freeze import settle
from auditor.interp.trimming import TRIMMED
from auditor.knowledge.sdk import Sdk
from auditor.llm import (
    anthropic,
    bedrock,
    caching_options,
    claude_agent,
    dialogues,
    gemini,
    langchain,
    litellm,
    openai,
    pydantic_ai,
)
from auditor.llm.events import Event
from auditor.llm.extract import Reading, is_absent, mapping, render, text_of
from auditor.llm.request import Block, Kind, Request, Section
from auditor.places import Place
from auditor.values.domain import (
    Const,
    Frozen,
    FrozenDict,
    FrozenEntry,
    FrozenEntryAlt,
    FrozenEntryItem,
    FrozenEntrySpread,
    FrozenList,
    FrozenSpread,
)
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.text import Hole, Text

Reader = Callable[[Mapping[str, Frozen], Reading, Place], None]
"""Reads the named arguments of one call into blocks."""

READERS: dict[str, Reader] = {
    "anthropic": anthropic.read,
    "anthropic-batch": anthropic.read,
    "openai-chat": openai.read_chat,
    "openai-responses": openai.read_responses,
    "bedrock-converse": bedrock.read_converse,
    "bedrock-invoke": bedrock.read_invoke,
    "litellm": litellm.read,
    "gemini": gemini.read,
    "gemini-rest": gemini.read_rest,
    "gemini-chat": gemini.read_chat,
    "gemini-cache": gemini.read_cache,
    "langchain": langchain.read,
    "pydantic-ai": pydantic_ai.read,
    "claude-agent": claude_agent.read,
}
"""By the `arguments` of the endpoint's row in `knowledge/surfaces`."""


def build(event: Event, sdk: Sdk, decisions: Mapping[object, bool]) -> list[Request]:
    """The requests of an event: one, or for a batch one per entry."""
    decided = {**decisions, **event.assumptions}
    given = {name: settle(value, decided) for name, value in event.arguments}
    spreads = _merge(given, event.unknown_arguments, decided)
    if event.endpoint.arguments == "anthropic-batch":
        return _batch(event, given, sdk)
    request = _request(event, given, spreads, sdk)
    return _turns(request) if loops(event) else [request]


def loops(event: Event) -> bool:
    """Whether the library asks again by itself: as long as there are tools to call."""
    return event.endpoint.loops and (bool(event.unknown_arguments) or any(_some(event.argument(name)) for name in TOOLS))


TOOLS = ("tools", "toolsets")


def _some(value: Frozen | None) -> bool:
    return value is not None and not is_absent(value) and not (isinstance(value, FrozenList) and not value.items)


def _turns(first: Request) -> list[Request]:
    """What the SDK's own loop sends: the conversation so far, and in every turn the model's answer and the tools' results."""
    requests = [first]
    for turn in range(1, 3):
        number = len(requests[-1].blocks)
        hole = Hole(
            ("turn", first.site.id, turn), "answer and tool results", Lifetime.TURN, Cause.HISTORY, place=first.site.place
        )
        block = Block(Section.MESSAGES, "?", Kind.STRETCH, Text((hole,)), first.site.place, f"turn {turn}", number)
        requests.append(replace(first, blocks=(*requests[-1].blocks, block)))
    return requests


def _merge(given: dict[str, Frozen], rest: tuple[FrozenEntryItem, ...], decided: dict[object, bool]) -> list[tuple[str, Reason]]:
    """Adds what `**` brought under decided conditions; returns what of it stays unknown."""
    unknown: list[tuple[str, Reason]] = []
    for entry in rest:
        match entry:
            case FrozenEntry(key, value):
                name = key.known if isinstance(key, Text) else None
                if name is not None:
                    given.setdefault(name, settle(value, decided))
            case FrozenEntryAlt(condition, then, otherwise):
                unknown += _merge(given, then if decided.get(condition.identity, True) else otherwise, decided)
            case FrozenEntrySpread(hole):
                unknown.append((f"**{hole.expression}", hole.reason or Reason.EXTERNAL_DATA))
    return unknown


def _request(event: Event, given: Mapping[str, Frozen], spreads: list[tuple[str, Reason]], sdk: Sdk) -> Request:
    reading = Reading(unknown=list(spreads), provider=event.provider, surface=event.surface)
    place = event.place
    family = event.endpoint.provider
    extra = mapping(given.get("extra_body"))
    merged = dict(given)
    if extra is not None:
        for entry in extra.entries:
            if isinstance(entry, FrozenEntry) and isinstance(entry.key, Text) and entry.key.known:
                merged.setdefault(entry.key.known, entry.value)
    for name in dialogues.ARGUMENTS & merged.keys():
        merged[name] = _whole(merged[name], reading)
    asked = text_of(merged.get("model"))
    if asked is not None:
        named = asked.literal or "".join(hole.content.literal for hole in asked.holes() if hole.content is not None)
        reading.provider, reading.surface = sdk.answering(reading.provider, reading.surface, named)
    READERS[event.endpoint.arguments](merged, reading, place)
    if (asked is None or not asked.literal) and any(block.marker is not None for block in reading.blocks):
        reading.provider, reading.surface = sdk.reading_markers(reading.provider) or (reading.provider, reading.surface)
    reading.trimmed = reading.trimmed or _cut_inside(reading)
    merged.update(reading.params)
    found = {name: _inside(merged, name) for name in sdk.parameters[family]}
    params = {name: _parameter(value) for name, value in found.items() if value is not None and not is_absent(value)}
    opaque = not reading.blocks and bool(spreads)
    return Request(
        event.site,
        reading.provider,
        reading.surface,
        reading.model or text_of(merged.get("model")),
        dialogues.telling(reading.blocks),
        reading.automatic,
        params,
        (*caching_options.of(event.through, merged, place), *reading.caching_options),
        reading.cache,
        tuple(reading.unknown),
        reading.trimmed.place if reading.trimmed is not None else None,
        event.started,
        _answer_tokens(merged),
        event.unused,
        tuple((mark.place, mark.value) for mark in event.marked),
        event.meant,
        event.tested,
        event.moment,
        opaque,
        event.epoch,
        reading.listed,
        event.loop,
        event.agent,
        tuple((mark.place, mark.value) for mark in event.loaded),
        reading.trimmed.kept if reading.trimmed is not None else None,
        _apart(event),
        event.instead,
        event.way,
        event.functions,
    )


def _apart(event: Event) -> frozenset[Place]:
    """Where markers were written on the way that no turn of this request's conversation can carry: for instructions alone, or
    as another API spells them, which a converter takes over as it can."""
    foreign = anthropic.MARKER if event.endpoint.arguments == "bedrock-converse" else None
    others = {mark.place for mark in event.marked if not mark.instructing and mark.name != foreign}
    return frozenset(mark.place for mark in event.marked if mark.place not in others)


ANSWER_TOKENS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


def _answer_tokens(given: Mapping[str, Frozen]) -> int | None:
    """How long the answer may be."""
    value = next((given[name] for name in ANSWER_TOKENS if name in given), None)
    return value.value if isinstance(value, Const) and isinstance(value.value, int) else None


def _whole(value: Frozen, reading: Reading) -> Frozen:
    """A history without the mark that its front was dropped, which is noted."""
    if isinstance(value, Hole) and value.type == TRIMMED and value.reason is None:
        reading.trimmed = value
    if not isinstance(value, FrozenList):
        return value
    for item in value.items:
        if isinstance(item, FrozenSpread) and item.hole.type == TRIMMED:
            reading.trimmed = item.hole
    kept = (
        item for item in value.items if not (isinstance(item, FrozenSpread) and item.hole.type == TRIMMED and not item.elements)
    )
    return replace(value, items=tuple(kept))


def _cut_inside(reading: Reading) -> Hole | None:
    """What tells of a history that lost its front within a text, ahead of what is new in each request anyway.

    Behind a stretch of messages, of which there are more with the next request, everything is new where it stands.
    """
    said = (
        (hole, block.kind is Kind.STRETCH and block.section is Section.MESSAGES and hole.type != TRIMMED)
        for block in reading.blocks
        if block.section is not Section.TOOLS
        for hole in block.text.holes()
    )
    first = next((hole for hole, several in said if several or hole.type == TRIMMED or hole.lifetime is Lifetime.CALL), None)
    if first is None or first.type != TRIMMED or first.cause is not Cause.HISTORY or first.reason is not None:
        return None
    return first


def _inside(given: Mapping[str, Frozen], name: str) -> Frozen | None:
    """A parameter, or what stands deeper in it: `output_config.effort`."""
    first, _, rest = name.partition(".")
    value = given.get(first)
    found = mapping(value) if rest else None
    return found.get(rest) if found is not None else None if rest else value


def _parameter(value: Frozen) -> Text:
    return text_of(value) or render(value)


def _batch(event: Event, given: Mapping[str, Frozen], sdk: Sdk) -> list[Request]:
    """Requests of a batch are sent together, in no promised order; entries of unknown number stand for three."""
    entries = given.get("requests")
    if not isinstance(entries, FrozenList):
        reason = getattr(entries, "reason", None) or Reason.UNSUPPORTED
        return [Request(event.site, event.provider, event.surface, None, (), unknown=(("requests", reason),), opaque=True)]
    out: list[Request] = []
    for item in entries.items:
        elements = item.elements if isinstance(item, FrozenSpread) else (item,)
        for element in elements:
            found = mapping(element)
            params = mapping(found.get("params")) if found is not None else None
            if params is None:
                continue
            request = _request(event, _plain(params), [], sdk)
            out.extend([request] * (2 if isinstance(item, FrozenSpread) else 1))
    if not out:
        return [
            Request(event.site, event.provider, event.surface, None, (), unknown=(("requests", Reason.UNSUPPORTED),), opaque=True)
        ]
    return out


def _plain(value: FrozenDict) -> dict[str, Frozen]:
    return {
        entry.key.known: entry.value
        for entry in value.entries
        if isinstance(entry, FrozenEntry) and isinstance(entry.key, Text) and entry.key.known
    }
