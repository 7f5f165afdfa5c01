"""Reading LiteLLM requests: OpenAI's shape, and the model's name says whose model answers.

`cache_control` may stand on content, on whole messages and on tools; LiteLLM hands it on to the providers that know it, and
writes it itself where injection points say so. A router's models have names of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from auditor.knowledge import providers
from auditor.llm import openai
from auditor.llm.extract import Reading, is_absent, known, mapping, marker_of, text_of
from auditor.llm.request import Marker, Section
from auditor.places import Place
from auditor.values.domain import Const, Frozen, FrozenDict, FrozenEntry, FrozenList

PLATFORMS = {"bedrock": "bedrock", "vertex_ai": "vertex", "vertex_ai_beta": "vertex", "azure": "azure"}
VENDORS = ("anthropic", "openai", "gemini")
POINTS = "cache_control_injection_points"
MOST_INJECTED = 4  # litellm/integrations/anthropic_cache_control_hook.py of 1.106.2, read 2026-11-21
MESSAGE = re.compile(r"messages\[(\d+)\]")


def read(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """Blocks of `completion`: tools, leading system messages, the rest; provider and surface by the model."""
    arguments = _routed(arguments)
    model = reading.model = text_of(arguments.get("model"))
    literal = model.literal if model is not None else ""
    prefix = literal.split("/", 1)[0] if "/" in literal else ""
    reading.surface = PLATFORMS.get(prefix, "api")
    for vendor in VENDORS:
        if prefix == vendor or providers.load().providers[vendor].normalise(literal) is not None:
            reading.provider = vendor
            break
    openai.read_chat(arguments, reading, place)
    if reading.provider != "openai":
        _inject(arguments.get(POINTS), reading, place)
    reading.caching_options = [
        option for option in reading.caching_options if option.kind != "foreign"
    ]  # it writes markers in each one's words


def _routed(arguments: Mapping[str, Frozen]) -> Mapping[str, Frozen]:
    """The arguments with those that a router adds for the model that is asked for; of several deployments the first."""
    deployments = arguments.get("model_list")
    name = known(arguments.get("model"))
    for item in deployments.items if isinstance(deployments, FrozenList) else ():
        row = mapping(item)
        params = mapping(row.get("litellm_params")) if row is not None else None
        if row is not None and params is not None and name is not None and known(row.get("model_name")) == name:
            given = {known(entry.key) or "": entry.value for entry in params.entries if isinstance(entry, FrozenEntry)}
            return {**arguments, **given}
    return arguments


def _inject(points: Frozen | None, reading: Reading, place: Place) -> None:
    """Markers that LiteLLM writes: on messages by role or index, on the last tool."""
    if not isinstance(points, FrozenList):
        if points is not None and not is_absent(points):
            reading.note(points)
        return
    for item in points.items:
        point = mapping(item)
        if point is None:
            continue
        marker = marker_of(point.get("control"), point.place or place) or Marker("ephemeral", None, point.place or place)
        for index in _targets(point, reading):
            if reading.blocks[index].marker is None and sum(block.marker is not None for block in reading.blocks) < MOST_INJECTED:
                reading.blocks[index] = replace(reading.blocks[index], marker=marker)


def _targets(point: FrozenDict, reading: Reading) -> list[int]:
    """The last blocks of what a point means."""
    if known(point.get("location")) == "tool_config":
        return [index for index, block in enumerate(reading.blocks) if block.section is Section.TOOLS][-1:]
    last: dict[int, int] = {}
    for index, block in enumerate(reading.blocks):
        if block.section is not Section.TOOLS and (found := MESSAGE.match(block.label)) is not None:
            last[int(found[1])] = index
    given = point.get("index")
    if isinstance(given, Const) and isinstance(given.value, int):
        place = list(last.values())
        return place[given.value :][:1] if -len(place) <= given.value < len(place) else []
    role = known(point.get("role"))
    return [index for index in last.values() if role is not None and reading.blocks[index].role == role]
