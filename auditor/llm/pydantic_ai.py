"""Reading the first request of a pydantic-ai run.

System prompts are one block, literal instructions a block each, those that functions make behind them. The caching settings
mark the last tool, the last literal instruction and the last message, or switch automatic caching on (pydantic-ai 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from auditor.knowledge import sdk
from auditor.llm import anthropic
from auditor.llm.configured import UNKNOWN_PROVIDER
from auditor.llm.extract import Reading, is_absent, known, mapping, mark_tail, place_of, render, stretch, text_of
from auditor.llm.function_tools import tool_of_function
from auditor.llm.langchain import argument
from auditor.llm.request import Block, Kind, Marker, Section
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
    FunctionValue,
)
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.text import Hole, Literal, Text

EXPLICIT = ("anthropic_cache_instructions", "anthropic_cache_tool_definitions", "anthropic_cache_messages", "anthropic_cache")


SETTINGS = {
    "prompt_cache_key": "openai_prompt_cache_key",
    "prompt_cache_retention": "openai_prompt_cache_retention",
    "prompt_cache_options": "openai_prompt_cache_options",
    "reasoning_effort": "openai_reasoning_effort",
    "thinking": "anthropic_thinking",
}
"""Parameters of requests, and the settings that say them."""
OF_REQUESTS = {setting: name for name, setting in SETTINGS.items()}


def read(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """Fills the reading with tools, prompts and messages, marked as the settings say."""
    _model(arguments.get("model"), reading)
    _tools(arguments, reading, place)
    static = _system(arguments, reading, place)
    _history(arguments.get("message_history"), reading, place)
    _prompt(arguments.get("user_prompt"), reading, place)
    reading.blocks = mark_tail(reading.blocks)
    settings = mapping(arguments.get("model_settings"))
    if settings is None:
        return
    for entry in settings.entries:
        if isinstance(entry, FrozenEntry) and (name := known(entry.key)) is not None:
            reading.params[OF_REQUESTS.get(name, name)] = entry.value
        elif isinstance(entry, FrozenEntrySpread):
            reading.note(entry.hole)
    if reading.provider == "anthropic":
        _mark(settings, static, reading, place)


def _model(model: Frozen | None, reading: Reading) -> None:
    """`provider:name`, or a model object."""
    tables = sdk.load().objects
    if isinstance(model, FrozenObject):
        maker = tables.maker(model.cls)
        reading.model = text_of(argument(model.attributes, 0, "model_name"))
        if maker is not None and reading.provider == UNKNOWN_PROVIDER:
            reading.provider, reading.surface = maker.provider, maker.surface
        return
    reading.model = text_of(model)
    prefix, mark, name = (known(reading.model) or "").partition(":")
    provider = tables.model_providers.get(prefix.removeprefix("gateway/"))
    if mark and provider is not None and reading.model is not None:
        where = next((piece.place for piece in reading.model.pieces if isinstance(piece, Literal)), None)
        reading.provider, reading.model = provider, Text.of(Literal(name, where))
        reading.surface = {"azure": "azure", "bedrock": "bedrock", "google-vertex": "vertex"}.get(prefix, "api")


def _tools(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    tools = arguments.get("tools")
    if isinstance(tools, FrozenList):
        tools = FrozenList(tuple(_tool(item) for item in tools.items), tools.order, tools.place)
    anthropic.read_tools(tools, reading, place)
    toolsets = arguments.get("toolsets")
    if (isinstance(toolsets, FrozenList) and toolsets.items) or isinstance(toolsets, Hole):
        hole = Hole(("toolsets", place), "toolsets", Lifetime.UNKNOWN, reason=Reason.UNMODELLED_CALL, place=place)
        reading.note(hole)
        reading.blocks.append(stretch(hole, Section.TOOLS, "tool", "toolsets"))
    output = arguments.get("output_type")
    if output is not None and not is_absent(output) and not _plain(output):
        reading.blocks.append(replace(tool_of_function("final_result", place_of(output, place)), added=True))


def _plain(output: Frozen) -> bool:
    return getattr(output, "name", "").rsplit(".", 1)[-1] == "str"


def _tool(item: FrozenItem) -> FrozenItem:
    """A `Tool` object as the function that it was made of."""
    if isinstance(item, FrozenObject):
        function = argument(item.attributes, 0, "function")
        if isinstance(function, FunctionValue):
            return function
    return item


# Prompts


def _system(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> int | None:
    """The system blocks; the index of the last one that no function makes."""
    prompts = arguments.get("system_prompt")
    parts = [text for item in _items(prompts) if (text := _text(item, reading)) is not None]
    if parts:
        text = Text.of(parts[0], *(piece for part in parts[1:] for piece in (Text.of("\n\n"), part)))
        reading.blocks.append(Block(Section.SYSTEM, "system", Kind.TEXT, text, place_of(text, place), "system_prompt"))
    for item in _items(arguments.get("instructions")):
        _instruction(item, "instructions", reading, place)
    static = len(reading.blocks) - 1 if reading.blocks and reading.blocks[-1].section is Section.SYSTEM else None
    for item in _items(arguments.get("dynamic_instructions")):
        _instruction(item, "instructions of a function", reading, place)
    return static


def _items(value: Frozen | None) -> Iterable[FrozenItem]:
    for item in value.items if isinstance(value, FrozenList) else ():
        if isinstance(item, FrozenAlt):
            yield from item.then
        else:
            yield item


def _text(item: FrozenItem, reading: Reading) -> Text | None:
    value = item.hole if isinstance(item, FrozenSpread) else item
    if isinstance(value, FrozenAlt):
        return None
    text = text_of(value)
    if text is None and not is_absent(value):
        text = Text((Hole(("prompt", repr(type(value))), "prompt", Lifetime.UNKNOWN, reason=Reason.UNSUPPORTED),))
    for hole in text.holes() if text is not None else ():
        reading.note(hole)
    return text


def _instruction(item: FrozenItem, label: str, reading: Reading, place: Place) -> None:
    text = _text(item, reading)
    if text is not None and (text := _stripped(text)).pieces:
        reading.blocks.append(Block(Section.SYSTEM, "system", Kind.TEXT, text, place_of(text, place), label))


def _stripped(text: Text) -> Text:
    """Without white space at its ends, as far as these are literal."""
    pieces = list(text.pieces)
    if pieces and isinstance(first := pieces[0], Literal):
        pieces[0] = Literal(first.text.lstrip(), first.place)
    if pieces and isinstance(last := pieces[-1], Literal):
        pieces[-1] = Literal(last.text.rstrip(), last.place)
    return Text.of(*pieces)


# Messages


def _history(history: Frozen | None, reading: Reading, place: Place) -> None:
    if history is None or is_absent(history):
        return
    items = history.items if isinstance(history, FrozenList) else (history,)
    for number, item in enumerate(items):
        hole = item.hole if isinstance(item, FrozenSpread) else item
        if not isinstance(hole, Hole):
            hole = Hole(
                ("message", number), "earlier message", Lifetime.UNKNOWN, Cause.HISTORY, reason=Reason.UNSUPPORTED, place=place
            )
        reading.note(hole)
        reading.blocks.append(stretch(hole, Section.MESSAGES, "?", f"message_history[{number}:]", (), number))


def _prompt(prompt: Frozen | None, reading: Reading, place: Place) -> None:
    """What the user says: text, or parts with cache points between them."""
    if prompt is None or is_absent(prompt):
        return
    number = sum(block.section is Section.MESSAGES for block in reading.blocks)
    items = prompt.items if isinstance(prompt, FrozenList) else (prompt,)
    for index, item in enumerate(items):
        label = f"user_prompt[{index}]" if isinstance(prompt, FrozenList) else "user_prompt"
        if isinstance(item, FrozenObject) and item.cls.rsplit(".", 1)[-1] == "CachePoint":
            ttl = argument(item.attributes, 0, "ttl")
            if reading.blocks and reading.blocks[-1].section is Section.MESSAGES and reading.provider == "anthropic":
                marker = Marker("ephemeral", "5m" if ttl is None else known(ttl) or "?", item.place or place)
                reading.blocks[-1] = replace(reading.blocks[-1], marker=marker)
            continue
        if isinstance(item, FrozenSpread):
            reading.note(item.hole)
            reading.blocks.append(stretch(item.hole, Section.MESSAGES, "user", label, item.elements, number))
            continue
        found = mapping(item)
        text = render(found) if found is not None else _text(item, reading) or Text()
        kind = Kind.OTHER if found is not None else Kind.TEXT
        reading.blocks.append(Block(Section.MESSAGES, "user", kind, text, place_of(item, place), label, number))


# Caching


def _mark(settings: FrozenDict, static: int | None, reading: Reading, place: Place) -> None:
    """Markers of Anthropic's settings; the common `cache` counts where none of these is given."""
    common = settings.get("cache")
    explicit = any(settings.get(name) is not None for name in EXPLICIT)
    where = settings.place or place

    def marker(name: str) -> Marker | None:
        value = settings.get(name) if explicit else common if name != "anthropic_cache_messages" else None
        return _marker(value, where)

    tools = [index for index, block in enumerate(reading.blocks) if block.section is Section.TOOLS]
    messages = [index for index, block in enumerate(reading.blocks) if block.section is Section.MESSAGES]
    for name, last in (
        ("anthropic_cache_tool_definitions", tools[-1] if tools else None),
        ("anthropic_cache_instructions", static),
        ("anthropic_cache_messages", messages[-1] if messages else None),
    ):
        found = marker(name)
        if found is not None and last is not None and reading.blocks[last].marker is None:
            reading.blocks[last] = replace(reading.blocks[last], marker=found)
    reading.automatic = marker("anthropic_cache")


def _marker(value: Frozen | None, place: Place) -> Marker | None:
    """True or a lifetime switches on; a value that is not known may."""
    match value:
        case Const(True):
            return Marker("ephemeral", "5m", place)
        case Text() if (ttl := value.known) is not None:
            return Marker("ephemeral", ttl, place)
        case Text() | Hole():
            return Marker("ephemeral", "?", place, unknown=True)
        case FrozenObject(attributes=FrozenDict() as found) | (FrozenDict() as found):
            ttl = known(found.get("retention"))
            return Marker("ephemeral", ttl if ttl in {"5m", "1h"} else "5m", place)
        case _:
            return None
