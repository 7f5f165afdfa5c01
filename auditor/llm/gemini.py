"""Reading a Gemini request out of a call's arguments: google-genai, google-generativeai and Vertex AI alike.

Options stand in `config` (an object or a mapping), in the call, or in the model's constructor. Contents are text, a part, a
content with its role and parts, or a list of any of these; neighbouring parts without a role are one user message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from auditor.llm import anthropic
from auditor.llm.extract import Reading, is_absent, known, mapping, mark_tail, place_of, render, stretch, text_of
from auditor.llm.request import Block, ExplicitCache, Kind, Section
from auditor.places import Place
from auditor.values.domain import (
    Const,
    Frozen,
    FrozenAlt,
    FrozenDict,
    FrozenEntry,
    FrozenEntrySpread,
    FrozenItem,
    FrozenList,
    FrozenObject,
    FrozenSpread,
)
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.text import Hole, Text

OPTIONS = (
    "system_instruction",
    "tools",
    "contents",
    "cached_content",
    "tool_config",
    "response_schema",
    "response_json_schema",
    "response_mime_type",
    "thinking_config",
    "media_resolution",
    "ttl",
    "expire_time",
    "display_name",
)

ROLES = {"model": "assistant", "function": "tool"}
BY_CLASS = {"UserContent": "user", "ModelContent": "assistant"}


def read(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """Fills the reading with tools, system instruction and contents."""
    options = _options(arguments, reading, place)
    _tools(options.get("tools"), reading, place)
    _system(options.get("system_instruction"), reading, place)
    _contents(options.get("contents"), reading, place)
    reading.blocks = mark_tail(reading.blocks)
    reading.params = {name: value for name, value in options.items() if name not in {"tools", "system_instruction", "contents"}}
    model = arguments.get("model")
    given = options.get("cached_content")
    if isinstance(model, FrozenObject):  # `from_cached_content(cache)`: the cache's own model
        given, reading.model = model, text_of(model.attributes.get("model"))
    elif isinstance(given, FrozenObject) and model is None:
        reading.model = text_of(given.attributes.get("model"))
    if given is not None:
        _begin_with(given, options, reading, place)


CONTENT = ("system_instruction", "tools", "tool_config")
"""What a request must not say itself once it names a cache."""


def _begin_with(cached: Frozen, options: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """Puts the content of an explicit cache, as far as it is known, in front of what the request says itself."""
    own = tuple(name for name in CONTENT if name in options and not _empty(options[name]))
    found = mapping(cached)
    response = found.get(MADE) if found is not None else None
    if not isinstance(cached, FrozenObject) or found is None or not isinstance(response, Hole):
        sure = not isinstance(cached, Hole) or cached.cause is Cause.RESPONSE
        reading.cache = ExplicitCache(place_of(cached, place), own=own, sure=sure)
        return
    inner = Reading(provider=reading.provider, surface=reading.surface)
    named = {
        entry.key.known: entry.value for entry in found.entries if isinstance(entry, FrozenEntry) and isinstance(entry.key, Text)
    }
    read_cache({name: value for name, value in named.items() if name}, inner, cached.place or place)
    reading.params["cached_content"] = replace(response, expression="the cache")
    reading.unknown += inner.unknown
    model = text_of(found.get("model"))
    kept = found.get(KEPT) is not None
    reading.cache = ExplicitCache(cached.place or place, response.identity, model, len(inner.blocks), own, kept=kept)
    said = 1 + max((block.message for block in inner.blocks if block.message is not None), default=-1)
    later = (block if block.message is None else replace(block, message=block.message + said) for block in reading.blocks)
    cached_blocks = (replace(block, label=f"cache: {block.label}", per_request=False) for block in inner.blocks)
    reading.blocks = [*cached_blocks, *later]


def _empty(value: Frozen) -> bool:
    return isinstance(value, FrozenList) and not value.items


MADE = "made by"
KEPT = "kept by its function"
"""Under these names a cache keeps the answer that it came with, which no other cache has, and whether a memo keeps it."""


REST_NAMES = {"systemInstruction": "system_instruction", "cachedContent": "cached_content", "generationConfig": "config"}


def read_rest(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """The body of `models/...:generateContent` as a program posts it itself."""
    read({REST_NAMES.get(name, name): value for name, value in arguments.items()}, reading, place)


def read_chat(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """A chat's message: the history so far, then what is said now."""
    history, message = arguments.get("history"), arguments.get("message")
    items: tuple[FrozenItem, ...] = ()
    if isinstance(history, FrozenList):
        items = history.items
    elif isinstance(history, Hole):
        items = (FrozenSpread(history),)
    if isinstance(message, FrozenList):
        now: FrozenItem = FrozenDict(
            (FrozenEntry(Text.of("role"), Text.of("user")), FrozenEntry(Text.of("parts"), message)), place=message.place
        )
    else:
        now = message if message is not None else Text()
    read({**arguments, "contents": FrozenList((*items, now))}, reading, place)


def read_cache(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """What an explicit cache is made of."""
    read(arguments, reading, place)
    reading.blocks = [block for block in reading.blocks if block.text.pieces]


def _options(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> dict[str, Frozen]:
    """The request's options by name, wherever they are given; those of the call count before those of `config`."""
    out: dict[str, Frozen] = {}
    config = arguments.get("config")
    found = mapping(config)
    if found is not None:
        for name in OPTIONS:
            value = found.get(name)
            if value is not None and not is_absent(value):
                out[name] = value
        for entry in found.entries:
            if isinstance(entry, FrozenEntrySpread):
                _unread(entry.hole, reading)
    elif isinstance(config, Hole):
        _unread(config, reading)
    for name in OPTIONS:
        value = arguments.get(name)
        if value is not None and not is_absent(value):
            out[name] = value
    return out


def _unread(config: Hole, reading: Reading) -> None:
    """A configuration that is not known: there may be a system instruction and tools in it."""
    reading.note(config)
    if config.reason is not None:
        reading.blocks.append(stretch(config, Section.SYSTEM, "system", "config"))


# Tools and system


def _tools(tools: Frozen | None, reading: Reading, place: Place) -> None:
    """Each declaration of a `Tool` is a definition of its own."""
    if isinstance(tools, FrozenList):
        items = tuple(declared for item in tools.items for declared in _declarations(item))
        inner = _declared(tools.items[0]) if len(tools.items) == 1 else None
        tools = FrozenList(items, tools.order, tools.place if inner is None else inner.place)
    elif isinstance(tools, FrozenObject | FrozenDict):
        tools = FrozenList(tuple(_declarations(tools)), None, place_of(tools, place))
    config, reading.blocks = reading.blocks, []
    anthropic.read_tools(tools, reading, place)
    reading.blocks += config


def _declared(item: FrozenItem) -> FrozenList | None:
    """The list of functions that one of Gemini's tools declares."""
    found = mapping(item)
    inner = (found.get("function_declarations") or found.get("functionDeclarations")) if found is not None else None
    return inner if isinstance(inner, FrozenList) else None


def _declarations(item: FrozenItem) -> Iterable[FrozenItem]:
    match item:
        case FrozenAlt(condition, then, otherwise):
            yield FrozenAlt(
                condition,
                tuple(one for part in then for one in _declarations(part)),
                tuple(one for part in otherwise for one in _declarations(part)),
            )
        case FrozenDict() | FrozenObject():
            inner = _declared(item)
            if inner is not None:
                yield from inner.items
            else:
                yield item
        case _:
            yield item


def _system(system: Frozen | None, reading: Reading, place: Place) -> None:
    if system is None:
        return
    parts = _parts_of(system)
    if parts is None:
        anthropic.read_system(system, reading, place)
        return
    for index, part in enumerate(parts.items):
        label = f"system[{index}]" if len(parts.items) > 1 else "system"
        reading.blocks.extend(_part(part, Section.SYSTEM, "system", label, None, reading, parts.place or place))


def _parts_of(value: Frozen) -> FrozenList | None:
    """The parts of a content, of a list of parts, or of one part."""
    if isinstance(value, FrozenList):
        return value
    found = mapping(value)
    if found is None:
        return None
    parts = found.get("parts")
    if parts is None or is_absent(parts):
        return FrozenList((value,), None, found.place)
    return parts if isinstance(parts, FrozenList) else FrozenList((parts,), None, found.place)


# Contents


def _contents(contents: Frozen | None, reading: Reading, place: Place) -> None:
    if contents is None:
        return
    if isinstance(contents, Hole) and contents.type != "builtins.str" and contents.reason is not None:
        reading.note(contents)
        reading.blocks.append(stretch(contents, Section.MESSAGES, "?", "contents", message=0))
        return
    items = contents.items if isinstance(contents, FrozenList) else (contents,)
    where = place_of(contents, place) or place
    number, position, open_user = -1, 0, False  # whether the message that is being read takes further parts
    for item in _flat(items):
        if isinstance(item, FrozenSpread) or (isinstance(item, Hole) and item.cause in {Cause.RESPONSE, Cause.HISTORY}):
            number, open_user = number + 1, False
            reading.blocks.append(_stretch(item, number, reading))
        elif _is_content(item):
            number, open_user = number + 1, False
            _content(item, number, reading, where)
        else:
            number, position = (number, position + 1) if open_user else (number + 1, 0)
            open_user = True
            label = f"contents[{number}].parts[{position}]"
            reading.blocks.extend(_part(item, Section.MESSAGES, "user", label, number, reading, where))


def _flat(items: Iterable[FrozenItem]) -> Iterable[FrozenItem]:
    for item in items:
        if isinstance(item, FrozenAlt):
            yield from _flat(item.then)
        else:
            yield item


def _stretch(item: FrozenSpread | Hole, number: int, reading: Reading) -> Block:
    hole, elements = (item.hole, item.elements) if isinstance(item, FrozenSpread) else (item, ())
    reading.note(hole)
    role = "assistant" if hole.cause is Cause.RESPONSE else "?"
    return stretch(hole, Section.MESSAGES, role, f"contents[{number}:]", elements, number)


def _is_content(item: FrozenItem) -> bool:
    match item:
        case FrozenObject(cls=cls):
            return cls.rsplit(".", 1)[-1] in {"Content", *BY_CLASS} or item.attributes.get("parts") is not None
        case FrozenDict():
            return item.get("parts") is not None or item.get("role") is not None
        case _:
            return False


def _content(item: FrozenItem, number: int, reading: Reading, place: Place) -> None:
    found = mapping(item)
    assert found is not None
    given = known(found.get("role"))
    by_class = BY_CLASS.get(item.cls.rsplit(".", 1)[-1]) if isinstance(item, FrozenObject) else None
    role = by_class or ROLES.get(given or "", given) or ("user" if found.get("role") is None else "?")
    parts, where = found.get("parts"), found.place or place
    label = f"contents[{number}]"
    if isinstance(parts, FrozenList):
        for index, part in enumerate(_flat(parts.items)):
            reading.blocks.extend(
                _part(part, Section.MESSAGES, role, f"{label}.parts[{index}]", number, reading, parts.place or where)
            )
        return
    value = parts if parts is not None else found.get("text")
    if isinstance(value, Hole) and value.cause is Cause.RESPONSE:
        reading.blocks.append(Block(Section.MESSAGES, role, Kind.STRETCH, Text((value,)), where, label, number))
    elif value is not None:
        reading.blocks.extend(_part(value, Section.MESSAGES, role, label, number, reading, where))


def _part(
    item: FrozenItem, section: Section, role: str, label: str, number: int | None, reading: Reading, place: Place
) -> Iterable[Block]:
    match item:
        case FrozenSpread(hole, elements):
            reading.note(hole)
            yield stretch(hole, section, role, label, elements, number)
        case FrozenAlt(_, then, _):
            for one in then:
                yield from _part(one, section, role, label, number, reading, place)
        case FrozenObject() | FrozenDict():
            found = mapping(item)
            assert found is not None
            yield _block(found, section, role, label, number, reading, found.place or place)
        case Text() | Hole() | Const():
            text = text_of(item) or Text()
            for hole in text.holes():
                reading.note(hole)
            kind = Kind.STRETCH if isinstance(item, Hole) and item.cause is Cause.RESPONSE else Kind.TEXT
            yield Block(section, role, kind, text, place_of(item, place), label, number)
        case _:
            hole = Hole((label,), label, Lifetime.UNKNOWN, reason=Reason.UNSUPPORTED)
            reading.note(hole)
            yield Block(section, role, Kind.OTHER, Text((hole,)), place_of(item, place), label, number)


RESULTS = ("function_response", "functionResponse")
CALLS = ("function_call", "functionCall")


def _block(
    found: FrozenDict, section: Section, role: str, label: str, number: int | None, reading: Reading, place: Place
) -> Block:
    text, kind = text_of(found.get("text")), Kind.TEXT
    if text is None:
        kind = Kind.OTHER
        inner: Frozen = found
        for names, one in ((RESULTS, Kind.TOOL_RESULT), (CALLS, Kind.TOOL_USE)):
            for name in names:
                value = found.get(name)
                if value is not None and not is_absent(value):
                    inner, kind = value, one
        mime = known(found.get("mime_type"))
        if mime is not None and mime.startswith("image/"):
            kind = Kind.IMAGE
        text = render(inner)
    for hole in text.holes():
        reading.note(hole)
    return Block(section, role, kind, text, place, label, number)
