"""Reading LiteLLM requests: OpenAI's shape, and the model's name says whose model answers.

`cache_control` may stand on content, on whole messages and on tools; LiteLLM hands it on to the providers that know it, and
writes it itself where injection points say so. A router's models have names of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from auditor.knowledge import providers
from auditor.llm import openai
from auditor.llm.extract import Reading, is_absent, known, mapping, marker_of, text_of
from auditor.llm.request import Block, Marker, Section
from auditor.places import Place
from auditor.values.domain import Const, Frozen, FrozenDict, FrozenEntry, FrozenList

PLATFORMS = {"bedrock": "bedrock", "vertex_ai": "vertex", "vertex_ai_beta": "vertex", "azure": "azure"}
VENDORS = ("anthropic", "openai", "gemini")
POINTS = "cache_control_injection_points"
MOST_INJECTED = 4  # litellm/integrations/anthropic_cache_control_hook.py of 1.106.2, read 2026-11-21


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
    """Places the markers that LiteLLM is asked to place."""
    if points is None or is_absent(points):
        return
    given = [mapping(item) for item in points.items] if isinstance(points, FrozenList) else [None]
    for point in given:
        last: dict[str, int] = {}  # the last block of each message, in their order
        for index, block in enumerate(reading.blocks):
            if block.section is not Section.TOOLS:
                last[block.label.partition(".")[0]] = index
        if point is None:  # somewhere: whether a block carries one is not known
            _mark(reading.blocks, last.values(), Marker("?", None, place, unknown=True))
            continue
        control = point.get("control")
        marker = Marker("ephemeral", None, point.place or place) if control is None else marker_of(control, point.place or place)
        if marker is not None:
            _mark(reading.blocks, _targets(point, reading.blocks, list(last.values())), marker)


def _targets(point: FrozenDict, blocks: list[Block], messages: list[int]) -> list[int]:
    if known(point.get("location")) == "tool_config":
        return [index for index, block in enumerate(blocks) if block.section is Section.TOOLS][-1:]
    index, role = point.get("index"), known(point.get("role"))
    if isinstance(index, Const) and isinstance(index.value, int):
        return messages[index.value :][:1] if -len(messages) <= index.value < len(messages) else []
    return [at for at in messages if blocks[at].role == role]


def _mark(blocks: list[Block], targets: Iterable[int], marker: Marker) -> None:
    for index in targets:
        held = sum(block.marker is not None for block in blocks)
        if blocks[index].marker is None and held < MOST_INJECTED:
            blocks[index] = replace(blocks[index], marker=marker)
