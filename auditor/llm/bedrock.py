"""Reading Bedrock requests out of a call's arguments: the Converse API, and InvokeModel with a provider's own body.

Converse's content is Anthropic's in other words (`{"text": ...}` for `{"type": "text", "text": ...}`), and a cache point is an
element of its own behind what it marks: it is read as the marker of the element before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from auditor.llm import anthropic, caching_options
from auditor.llm.extract import Reading, mapping, mark_tail, text_of
from auditor.places import Place
from auditor.values.domain import (
    Frozen,
    FrozenAlt,
    FrozenDict,
    FrozenEntry,
    FrozenItem,
    FrozenList,
    FrozenSpread,
)
from auditor.values.lifetime import Reason
from auditor.values.text import Hole, Text

POINT = "cachePoint"

KINDS = {
    "text": "text",
    "image": "image",
    "document": "document",
    "video": "image",
    "toolUse": "tool_use",
    "toolResult": "tool_result",
    "reasoningContent": "thinking",
}

TOOL_NAMES = {"inputSchema": "input_schema"}


def read_converse(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """Blocks of `converse` and `converse_stream`: tools, system, messages."""
    reading.model = text_of(arguments.get("modelId"))
    config = mapping(arguments.get("toolConfig"))
    tools = config.get("tools") if config is not None else arguments.get("toolConfig")
    anthropic.read_tools(_content(tools) if tools is not None else None, reading, place)
    anthropic.read_system(_content(arguments.get("system")), reading, place)
    anthropic.read_messages(_messages(arguments.get("messages")), reading, place)
    reading.blocks = mark_tail(reading.blocks)
    fields = mapping(arguments.get("additionalModelRequestFields"))
    if fields is not None and (betas := fields.get("anthropic_beta")) is not None:
        reading.caching_options += caching_options.of((), {"anthropic_beta": betas}, place)


def read_invoke(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """Blocks of `invoke_model`, as far as its body is Anthropic's (`anthropic_version`) or like it."""
    reading.model = text_of(arguments.get("modelId"))
    body = mapping(arguments.get("body"))
    if body is None:
        reading.note(arguments.get("body"))
        reading.unknown.append(("body", Reason.UNSUPPORTED))
        return
    if body.get("messages") is None:
        reading.unknown.append(("body", Reason.UNSUPPORTED))
        return
    reading.provider, reading.surface = "anthropic", "bedrock"
    given = {
        entry.key.known: entry.value
        for entry in body.entries
        if isinstance(entry, FrozenEntry) and isinstance(entry.key, Text) and entry.key.known
    }
    anthropic.read(given, reading, place)
    reading.caching_options += caching_options.of((), given, place)


def _messages(value: Frozen | None) -> Frozen | None:
    if not isinstance(value, FrozenList):
        return value
    return replace(value, items=tuple(_message(item) for item in value.items))


def _message(item: FrozenItem) -> FrozenItem:
    match item:
        case FrozenDict():
            return _translated(item)
        case FrozenSpread(hole, elements, singled):
            return FrozenSpread(hole, tuple(_message(element) for element in elements), singled)
        case FrozenAlt(condition, then, otherwise):
            return FrozenAlt(condition, tuple(map(_message, then)), tuple(map(_message, otherwise)))
        case _:
            return item


def _translated(item: FrozenDict) -> FrozenDict:
    """A message or a tool's result with its content in Anthropic's words."""
    return replace(
        item,
        entries=tuple(
            replace(entry, value=_content(entry.value) or entry.value)
            if isinstance(entry, FrozenEntry) and isinstance(entry.key, Text) and entry.key.known == "content"
            else entry
            for entry in item.entries
        ),
    )


def _content(value: Frozen | None) -> Frozen | None:
    """A list of content in Anthropic's words, cache points as markers of what stands before them."""
    if not isinstance(value, FrozenList):
        return value
    items: list[FrozenItem] = []
    for item in value.items:
        point = item.get(POINT) if isinstance(item, FrozenDict) else None
        if point is None:
            items.append(_element(item))
        elif items:
            items[-1] = _marked(items[-1], point)
    return replace(value, items=tuple(items))


def _marked(item: FrozenItem, point: Frozen) -> FrozenItem:
    marker = FrozenEntry(Text.of(anthropic.MARKER), point)
    match item:
        case FrozenDict(entries):
            return replace(item, entries=(*entries, marker))
        case FrozenSpread(hole, elements):  # behind the last of them, whatever their number
            last = elements[-1] if elements else hole
            return FrozenSpread(hole, (*elements[:-1], _marked(last, point)), singled=True)
        case Text():
            return FrozenDict((FrozenEntry(Text.of("type"), Text.of("text")), FrozenEntry(Text.of("text"), item), marker))
        case Hole():
            return FrozenDict((FrozenEntry(Text.of("type"), Text.of("text")), FrozenEntry(Text.of("text"), item), marker))
        case _:
            return item


def _element(item: FrozenItem) -> FrozenItem:
    match item:
        case FrozenDict(entries, order, place):
            tool = mapping(item.get("toolSpec"))
            if tool is not None:
                renamed = tuple(
                    FrozenEntry(Text.of(TOOL_NAMES.get(entry.key.known or "", entry.key.known or "")), entry.value)
                    if isinstance(entry, FrozenEntry) and isinstance(entry.key, Text) and entry.key.known
                    else entry
                    for entry in tool.entries
                )
                return FrozenDict(renamed, tool.order, tool.place or place)
            for name, kind in KINDS.items():
                found = item.get(name)
                if found is None:
                    continue
                typed = FrozenEntry(Text.of("type"), Text.of(kind))
                inner = mapping(found)
                rest = inner.entries if inner is not None and name != "text" else entries
                made = FrozenDict((typed, *rest), order, place)
                return _translated(made) if name == "toolResult" else made
            return item
        case FrozenSpread(hole, elements, singled):
            return FrozenSpread(hole, tuple(_element(element) for element in elements), singled)
        case FrozenAlt(condition, then, otherwise):
            return FrozenAlt(condition, tuple(map(_element, then)), tuple(map(_element, otherwise)))
        case _:
            return item
