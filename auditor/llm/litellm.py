"""Reading LiteLLM requests: OpenAI's shape, and the model's name says whose model answers.

`cache_control` may stand on content, on whole messages and on tools; LiteLLM hands it on to the providers that know it. It puts
markers of its own where `cache_control_injection_points` say. Source: docs.litellm.ai/docs/tutorials/prompt_caching; checked
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from auditor.knowledge import providers
from auditor.llm import openai
from auditor.llm.extract import Reading, known, mapping, marker_of, text_of
from auditor.llm.request import Block, Marker, Section
from auditor.places import Place
from auditor.values.domain import Const, Frozen, FrozenAlt, FrozenDict, FrozenList, FrozenSpread, Text

PLATFORMS = {"bedrock": "bedrock", "vertex_ai": "vertex", "vertex_ai_beta": "vertex", "azure": "azure"}
VENDORS = ("anthropic", "openai", "gemini")
INJECTION = "cache_control_injection_points"
MOST = 4
"""Markers beyond which LiteLLM adds none."""


def read(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """Blocks of `completion`: tools, leading system messages, the rest; provider and surface by the model."""
    model = text_of(arguments.get("model"))
    literal = model.literal if model is not None else ""
    prefix = literal.split("/", 1)[0] if "/" in literal else ""
    reading.surface = PLATFORMS.get(prefix, "api")
    for vendor in VENDORS:
        if prefix == vendor or providers.load().providers[vendor].normalise(literal) is not None:
            reading.provider = vendor
            break
    openai.read_chat(arguments, reading, place)
    reading.caching_options = [
        option for option in reading.caching_options if option.kind != "foreign"
    ]  # it writes markers in each one's words
    _inject(arguments.get(INJECTION), reading, place)


def _inject(points: Frozen | None, reading: Reading, place: Place) -> None:
    """The markers that LiteLLM itself puts on messages by role or index and on the last tool, as long as there is room."""
    items = points.items if isinstance(points, FrozenList) else ()
    for item in items:
        point = None if isinstance(item, FrozenSpread | FrozenAlt) else mapping(item)
        if point is None:
            continue
        marker = marker_of(point.get("control"), place) or Marker("ephemeral", None, point.place or place)
        for index in _targets(point, reading.blocks):
            if sum(block.marker is not None for block in reading.blocks) < MOST and reading.blocks[index].marker is None:
                reading.blocks[index] = replace(reading.blocks[index], marker=marker)


def _targets(point: FrozenDict, blocks: list[Block]) -> list[int]:
    """The blocks that a point means: the last one of each message with the role and at the index that it names."""
    if known(point.get("location")) == "tool_config":
        return [index for index, block in enumerate(blocks) if block.section is Section.TOOLS][-1:]
    last = {block.message: index for index, block in enumerate(blocks) if block.section is not Section.TOOLS}
    role, number = known(point.get("role")), _index(point.get("index"))
    found = [index for index in last.values() if role is None or blocks[index].role == role]
    if number is None:
        return found if role is not None else []
    named = list(last.values())[number : number + 1 or None] if number < 0 else [last[number]] if number in last else []
    return [index for index in named if index in found]


def _index(value: Frozen | None) -> int | None:
    match value:
        case Const(int() as number):
            return number
        case Text() if (text := value.known) is not None and text.removeprefix("-").isdigit():
            return int(text)
        case _:
            return None
