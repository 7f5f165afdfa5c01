"""Reading what the Claude Agent SDK is asked: Claude Code builds the request itself, and caches it automatically."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.llm import anthropic
from auditor.llm.extract import Reading, is_absent, mapping, place_of, stretch, text_of
from auditor.llm.request import Block, Kind, Marker, Section
from auditor.places import Place
from auditor.values.domain import Frozen
from auditor.values.lifetime import Lifetime
from auditor.values.text import Hole


def read(arguments: Mapping[str, Frozen], reading: Reading, place: Place) -> None:
    """Tools and a part of the system prompt are Claude Code's own; the rest is given."""
    options = mapping(arguments.get("options"))
    if isinstance(given := arguments.get("options"), Hole):
        reading.note(given)
    reading.blocks.append(stretch(_own("tools", place), Section.TOOLS, "tool", "Claude Code's tools"))
    system = options.get("system_prompt") if options is not None else None
    if options is not None:
        reading.model = text_of(options.get("model"))
    preset = mapping(system)
    if preset is not None:
        reading.blocks.append(stretch(_own("system prompt", place), Section.SYSTEM, "system", "Claude Code's system prompt"))
        system = preset.get("append")
    appended = options.get("append_system_prompt") if options is not None else None
    for part in (system, appended):
        if part is not None and not is_absent(part):
            anthropic.read_system(part, reading, place)
    prompt = text_of(arguments.get("prompt"))
    if prompt is not None:
        for hole in prompt.holes():
            reading.note(hole)
        where = place_of(arguments.get("prompt"), place)
        reading.blocks.append(Block(Section.MESSAGES, "user", Kind.TEXT, prompt, where, "prompt", 0, per_request=True))
    reading.automatic = Marker("ephemeral", None, place, written=False)


def _own(what: str, place: Place) -> Hole:
    return Hole(("claude code", what), f"Claude Code's {what}", Lifetime.DEPLOY, place=place)
