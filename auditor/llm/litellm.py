"""Reading LiteLLM requests: OpenAI's shape, and the model's name says whose model answers.

`cache_control` may stand on content, on whole messages and on tools; LiteLLM hands it on to the providers that know it. It
also places markers itself, where `cache_control_injection_points` says: at most four.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from auditor.knowledge import providers
from auditor.llm import openai
from auditor.llm.extract import Reading, is_absent, known, mapping, marker_of, text_of
from auditor.llm.request import Block, Marker, Section
from auditor.places import Place
from auditor.values.domain import Const, Frozen, FrozenDict, FrozenList

PLATFORMS = {"bedrock": "bedrock", "vertex_ai": "vertex", "vertex_ai_beta": "vertex", "azure": "azure"}
VENDORS = ("anthropic", "openai", "gemini")
POINTS = "cache_control_injection_points"
MOST_INJECTED = 4  # docs.litellm.ai/docs/tutorials/prompt_caching, litellm 1.109.1: the provider takes no more


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
    _inject(arguments.get(POINTS), reading, place)


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
