"""Whether a symbolic request covers a recorded one: text byte for byte with holes as wildcards, markers, model.

Knows blocks, texts and markers. Does not know sequences of requests nor the simulator.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.llm.request import Block, Kind, Marker, Request
from auditor.values.text import Alternative, Hole, Literal, Text

SYSTEM_ROLES = frozenset({"system", "developer"})
RESULT_ROLES = frozenset({"user", "tool"})
DEFAULT_TTL = {"anthropic": "5m", "bedrock": "5m", "openai": None, "gemini": None}


@dataclass(frozen=True, slots=True)
class Alignment:
    """For each symbolic block the range [start, end) of the recorded blocks that it stands for."""

    ranges: tuple[tuple[int, int], ...]
    recorded: int

    def start(self, block: int) -> int:
        """Where a symbolic block begins in the recorded request; the end for a block past the last."""
        return self.ranges[block][0] if block < len(self.ranges) else self.recorded


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a symbolic request does not cover a recorded one, in words."""

    why: str


def match_request(symbolic: Request, recorded: Request) -> Alignment | Mismatch:
    if symbolic.opaque:
        return Mismatch("the symbolic request is opaque")
    if symbolic.provider != recorded.provider:
        return Mismatch(f"provider {symbolic.provider}, sent to {recorded.provider}")
    if symbolic.model is not None and not covers_text(_sent(symbolic), literal(recorded.model)):
        return Mismatch(f"model {symbolic.model.render()!r}, sent {literal(recorded.model)!r}")
    if not covers_marker(symbolic.automatic, recorded.automatic, recorded.provider):
        return Mismatch(f"automatic marker {symbolic.automatic}, sent {recorded.automatic}")
    if translated(symbolic):
        return align(_by_name(symbolic.blocks), _by_name(recorded.blocks), recorded.provider)
    return align(symbolic.blocks, recorded.blocks, recorded.provider)


def translated(request: Request) -> bool:
    """Whether a library writes the request in each provider's words."""
    return request.site.api.startswith("litellm.")


def _sent(symbolic: Request) -> Text:
    """The model's name as it is sent: LiteLLM's names begin with the provider."""
    assert symbolic.model is not None
    name = symbolic.model.known
    return Text.of(name.partition("/")[2] or name) if name and translated(symbolic) else symbolic.model


def _by_name(blocks: Sequence[Block]) -> Sequence[Block]:
    """The blocks, tools by their names alone."""
    return [replace(block, text=Text.of(block.name)) if block.name else block for block in blocks]


def align(symbolic: Sequence[Block], recorded: Sequence[Block], provider: str) -> Alignment | Mismatch:
    """Match block by block; a stretch stands for any number of blocks, neighbours without fixed order for any permutation."""
    furthest = (0, 0)

    @functools.cache
    def solve(i: int, j: int) -> tuple[tuple[int, int], ...] | None:
        nonlocal furthest
        furthest = max(furthest, (j, i))
        if i == len(symbolic):
            return () if j == len(recorded) else None
        if symbolic[i].kind is Kind.STRETCH:
            for end in range(j, len(recorded) + 1):
                if (rest := solve(i + 1, end)) is not None:
                    return ((j, end), *rest)
            return None
        size = unordered(symbolic, i)
        order = permutation(symbolic[i : i + size], recorded[j : j + size], provider)
        if order is None or (rest := solve(i + size, j + size)) is None:
            return None
        return (*((j + place, j + place + 1) for place in order), *rest)

    ranges = solve(0, 0)
    if ranges is not None:
        return Alignment(ranges, len(recorded))
    j, i = furthest
    expected = describe(symbolic[i]) if i < len(symbolic) else "no more blocks"
    sent = describe(recorded[j]) if j < len(recorded) else "no more blocks"
    return Mismatch(f"symbolic block {i}: {expected}\n  recorded block {j}: {sent}")


def unordered(blocks: Sequence[Block], start: int) -> int:
    """How many blocks from `start` on stand in no fixed order; 1 for a block in its place."""
    end = start
    while end < len(blocks) and blocks[end].order is not None and blocks[end].kind is not Kind.STRETCH:
        end += 1
    return max(1, end - start)


def permutation(symbolic: Sequence[Block], recorded: Sequence[Block], provider: str) -> tuple[int, ...] | None:
    """For each symbolic block the index of a recorded block of its own that it covers, None when there are not enough."""
    if len(symbolic) != len(recorded):
        return None

    def place(i: int, taken: frozenset[int]) -> tuple[int, ...] | None:
        if i == len(symbolic):
            return ()
        for j, block in enumerate(recorded):
            free = j not in taken and covers_block(symbolic[i], block, provider)
            if free and (rest := place(i + 1, taken | {j})) is not None:
                return (j, *rest)
        return None

    return place(0, frozenset())


def covers_block(symbolic: Block, recorded: Block, provider: str) -> bool:
    return (
        symbolic.section is recorded.section
        and same_role(symbolic, recorded)
        and symbolic.kind in (recorded.kind, Kind.OTHER)
        and covers_marker(symbolic.marker, recorded.marker, provider)
        and covers_text(symbolic.text, literal(recorded.text))
    )


def same_role(symbolic: Block, recorded: Block) -> bool:
    if symbolic.role in ("?", recorded.role):
        return True
    roles = {symbolic.role, recorded.role}
    return roles <= SYSTEM_ROLES or (recorded.kind is Kind.TOOL_RESULT and roles <= RESULT_ROLES)


def covers_marker(symbolic: Marker | None, recorded: Marker | None, provider: str) -> bool:
    if symbolic is None:
        return recorded is None
    if symbolic.unknown:
        return True
    if recorded is None:
        return False
    default = DEFAULT_TTL[provider]
    same_ttl = symbolic.ttl == "?" or (symbolic.ttl or default) == (recorded.ttl or default)
    same_place = (symbolic.nested, symbolic.nested_last) == (recorded.nested, recorded.nested_last)
    return same_ttl and same_place and symbolic.type in ("?", recorded.type)


def covers_text(symbolic: Text, recorded: str) -> bool:
    return pattern(symbolic).fullmatch(recorded) is not None


def pattern(text: Text) -> re.Pattern[str]:
    """Literals as they are, holes as anything of their length; the same hole twice is the same text twice."""
    return re.compile(source(text, {}, itertools.count()), re.DOTALL)


def source(text: Text, names: dict[Hashable, str], numbers: Iterator[int]) -> str:
    parts: list[str] = []
    for piece in text.pieces:
        match piece:
            case Literal(known):
                parts.append(re.escape(known))
            case Hole(identity) if identity in names:
                parts.append(f"(?P={names[identity]})")
            case Hole(identity, characters=(low, high)):
                names[identity] = f"h{next(numbers)}"
                parts.append(f"(?P<{names[identity]}>.{{{low},{'' if high is None else high}}}?)")
            case Alternative(_, then, otherwise):
                # A hole that is named in one branch only cannot be referred to behind it: each branch keeps its own names.
                branches = (source(branch, dict(names), numbers) for branch in (then, otherwise))
                parts.append(f"(?:{'|'.join(branches)})")
    return "".join(parts)


def literal(text: Text | None) -> str:
    """The text of a recorded value, which has no holes."""
    known = text.known if text is not None else ""
    if known is None:
        raise ValueError("a recorded text has no holes")
    return known


def describe(block: Block) -> str:
    text = block.text.render()
    shown = text if len(text) <= 160 else f"{text[:100]} … {text[-50:]}"
    order = " in no fixed order" if block.order is not None else ""
    marker = f" marker={block.marker.type}/{block.marker.ttl}" if block.marker is not None else ""
    return f"{block.section}/{block.role}/{block.kind}{order}{marker} {shown!r}"
