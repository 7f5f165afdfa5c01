"""Counting tokens offline: texts with holes, blocks and whole requests, as intervals.

Bounds from the number of bytes come first and load nothing; then o200k and measured ratios; then, where it is installed and a
verdict depends on it, Claude's own tokenizer. Knows no cache rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from math import ceil, floor

from auditor.cache import tokenizers
from auditor.cache.families import Family, Ratio, family
from auditor.cache.outcome import ZERO, Certainty, TokenCount
from auditor.knowledge.facts import ModelFacts
from auditor.llm.request import Block, Kind, Request, Section
from auditor.values.lifetime import Cause
from auditor.values.text import Alternative, Hole, Literal, Piece, Text

UNKNOWN_HOLE = 10  # tokens taken for a hole of which nothing is known
UNKNOWN_BLOCK = {Kind.IMAGE: 1_500, Kind.DOCUMENT: 2_000, Kind.STRETCH: 200}  # ... for a block without text
ASCII_CAUSES = frozenset({Cause.CLOCK, Cause.UUID, Cause.IDENTITY})
ASCII_TYPES = frozenset({"int", "float", "bool", "uuid.UUID", "datetime.datetime", "datetime.date"})
FORCED = re.compile(r"""["'](any|tool)["']""")  # in a tool_choice
ORDER_CAUSES = frozenset({Cause.SET_ORDER, Cause.LISTING_ORDER, Cause.KEY_ORDER, Cause.CONCURRENCY})
OTHER_SCRIPT = 0.06  # share of additional bytes from which a text counts as written in another script than Latin
EXACT_CHARACTERS = 200_000  # longer texts are far above every minimum; counting them exactly would only cost time
METHODS = ("exact", "bytes", "ratio", "o200k", "ctok", "api")  # from frames alone to what counted most of a sum
SLACK = 2  # tokens by which a short text may miss its ratio


class Precision(IntEnum):
    """How much work a count may cost."""

    BYTES = 0  # nothing is loaded
    RATIO = 1  # o200k
    EXACT = 2  # the model's own tokenizer where there is one


def against(count: TokenCount, band: tuple[int, int]) -> Certainty:
    """Where a count stands against a minimum of which only a band is known. The minimum itself is enough."""
    low, high = band
    if count.high is not None and count.high < low:
        return Certainty.BELOW
    return Certainty.ABOVE if count.low >= high else Certainty.NEAR


def total(counts: Iterator[TokenCount] | list[TokenCount] | tuple[TokenCount, ...]) -> TokenCount:
    """The sum; its method is the best that took part: what a frame or a hole adds does not hide how the text was counted."""
    low = estimate = 0
    high: int | None = 0
    method = ZERO.method
    for count in counts:
        low, estimate = low + count.low, estimate + count.estimate
        high = None if high is None or count.high is None else high + count.high
        method = max(method, count.method, key=METHODS.index)
    return TokenCount(low, estimate, high, method)


def exactly(tokens: int) -> TokenCount:
    return TokenCount(tokens, tokens, tokens, "exact")


class Counter:
    """Counts and remembers. `use_ctok=False` keeps to ratios even where ctok is installed."""

    def __init__(self, use_ctok: bool = True) -> None:
        self.use_ctok = use_ctok and tokenizers.has_ctok()
        self._strings: dict[tuple[str, str, Precision], TokenCount] = {}
        self._o200k: dict[str, int] = {}

    def can_count(self, name: str) -> bool:
        """Whether EXACT is better than RATIO for this family here."""
        return bool(family(name).ctok) and self.use_ctok

    def count(self, text: Text, name: str, precision: Precision = Precision.RATIO) -> TokenCount:
        """Tokens of a text in a family of `auditor.cache.families`. A hole of unknown length has no upper bound."""
        return total([self._run(part, name, precision) for part in runs(text.pieces)])

    def _run(self, part: str | Piece, name: str, precision: Precision) -> TokenCount:
        match part:
            case str():
                return self.string(part, name, precision)
            case Literal(text):
                return self.string(text, name, precision)
            case Hole():
                return self.hole(part, name, precision)
            case Alternative(_, then, otherwise):
                one, two = self.count(then, name, precision), self.count(otherwise, name, precision)
                high = None if one.high is None or two.high is None else max(one.high, two.high)
                return TokenCount(min(one.low, two.low), max(one.estimate, two.estimate), high, one.method)

    def hole(self, hole: Hole, name: str, precision: Precision = Precision.RATIO) -> TokenCount:
        """Tokens of a value that the source does not spell out: from its known content, else from bounds of its length."""
        least, most = hole.characters
        tokens = family(name)
        width = 1 if hole.cause in ASCII_CAUSES or hole.type in ASCII_TYPES else 4
        high = None if most is None else ceil(most * width * tokens.per_byte)
        if hole.content is not None:
            content = self.count(hole.content, name, precision)
            if hole.cause in ORDER_CAUSES:  # the same characters, cut and joined elsewhere: bounds give a little
                low = floor(content.low * 0.9)
                upper = None if content.high is None else ceil(content.high * 1.1) + SLACK
                return TokenCount(low, content.estimate, upper, content.method)
            return TokenCount(0, content.estimate, high, content.method)
        if most is None:
            estimate = max(UNKNOWN_HOLE, round(least / tokens.bytes_per_token))
        else:
            estimate = round((least + most) / 2 / tokens.bytes_per_token)
            estimate = max(estimate, 1) if most else 0
        return TokenCount(0, estimate, high, "bytes")

    def string(self, text: str, name: str, precision: Precision = Precision.RATIO) -> TokenCount:
        """Tokens of known characters."""
        if not text:
            return ZERO
        tokens = family(name)
        if precision is Precision.EXACT and (not self.can_count(name) or len(text) > EXACT_CHARACTERS):
            precision = Precision.RATIO
        key = (text, name, precision)
        found = self._strings.get(key)
        if found is None:
            found = self._strings[key] = self._string(text, tokens, precision)
        return found

    def _string(self, text: str, tokens: Family, precision: Precision) -> TokenCount:
        if precision is Precision.BYTES:
            size = len(text.encode("utf-8", "surrogatepass"))
            return TokenCount(1, max(1, round(size / tokens.bytes_per_token)), ceil(size * tokens.per_byte), "bytes")
        if precision is Precision.EXACT:
            counts = [tokenizers.claude(text, version) for version in tokens.ctok]
            low, high = min(counts), max(counts)
            return TokenCount(floor(low * 0.995), round(sum(counts) / len(counts)), ceil(high * 1.005), "ctok")
        if text not in self._o200k:
            self._o200k[text] = tokenizers.o200k(text)
        units = self._o200k[text]
        if tokens.is_o200k:
            return TokenCount(units, units, units, "o200k")
        low_ratio, ratio, high_ratio = tokens.latin if is_latin(text) else tokens.other
        low = max(1, floor(units * low_ratio) - SLACK)
        sure = ceil(len(text.encode("utf-8", "surrogatepass")) * tokens.per_byte)
        high = min(sure, ceil(units * high_ratio) + SLACK)
        return TokenCount(min(low, high), min(high, max(1, round(units * ratio))), high, "ratio")

    def count_block(self, block: Block, facts: ModelFacts | None, precision: Precision = Precision.RATIO) -> TokenCount:
        """A block's own tokens and what its kind adds; without the frame of its message."""
        if block.deferred:
            return ZERO
        name = facts.tokenizer if facts else "unknown"
        tokens = family(name)
        if block.kind in UNKNOWN_BLOCK and not any(isinstance(piece, Literal) for piece in block.text.pieces):
            return TokenCount(0, UNKNOWN_BLOCK[block.kind], None, "bytes")
        count = self.count(block.text, name, precision)
        match block.kind:
            case Kind.TOOL:
                wrapping = TokenCount(max(0, tokens.tool - 6), tokens.tool, tokens.tool + 6, "exact")
                return total([scale(count, tokens.tool_factor, 2), wrapping])
            case Kind.TOOL_USE | Kind.TOOL_RESULT:
                return total([count, TokenCount(0, tokens.structured, 2 * tokens.structured + 10, "exact")])
            case _:
                return count

    def count_request(
        self, request: Request, facts: ModelFacts | None, precision: Precision = Precision.RATIO
    ) -> tuple[TokenCount, ...]:
        """Tokens block by block, the request's frame included: the tool prompt with the first tool, each message's frame with
        its first block, the request's own frame with the very first block."""
        tokens = family(facts.tokenizer if facts else "unknown")
        counts: list[TokenCount] = []
        started: set[object] = set()
        for block in request.blocks:
            parts = [self.count_block(block, facts, precision)]
            if not block.deferred:
                place = (block.section, block.message) if block.section is Section.MESSAGES else block.section
                if not started:
                    parts.append(TokenCount(0, tokens.start, tokens.start + 3, "exact"))
                if place not in started:
                    parts.append(self._frame(block.section, tokens, request, facts))
                started.add(place)
            counts.append(total(parts))
        return tuple(counts)

    def _frame(self, section: Section, tokens: Family, request: Request, facts: ModelFacts | None) -> TokenCount:
        """What the first block of a section or message brings with it."""
        match section:
            case Section.TOOLS:
                return self.tool_prompt(request, facts)
            case Section.SYSTEM:
                return exactly(tokens.system)
            case Section.MESSAGES:
                return exactly(tokens.turn)

    def tool_prompt(self, request: Request, facts: ModelFacts | None) -> TokenCount:
        """What the provider puts ahead of the tools."""
        low, estimate, high = family(facts.tokenizer if facts else "unknown").tool_prompt
        if facts is None or facts.tool_prompt is None:
            return TokenCount(low, estimate, high, "exact")
        free, forced = facts.tool_prompt
        choice = request.params.get("tool_choice")
        if choice is None:
            return TokenCount(free - 12, free, free + 12, "exact")
        bounds = (free, forced if forced is not None else free + 130)
        if choice.known is not None and not FORCED.search(choice.known):
            bounds = (free, free)
        elif choice.known is not None and forced is not None:
            bounds = (forced, forced)
        return TokenCount(bounds[0] - 12, sum(bounds) // 2, bounds[1] + 12, "exact")


def scale(count: TokenCount, ratio: Ratio, slack: int) -> TokenCount:
    low, estimate, high = ratio
    upper = None if count.high is None else ceil(count.high * high) + slack
    return TokenCount(max(0, floor(count.low * low) - slack), round(count.estimate * estimate), upper, count.method)


def runs(pieces: tuple[Piece, ...]) -> Iterator[str | Piece]:
    """The pieces, neighbouring literals joined: a tokenizer does not see where a literal was split in the source."""
    held: list[str] = []
    for piece in pieces:
        if isinstance(piece, Literal):
            held.append(piece.text)
            continue
        if held:
            yield "".join(held)
            held = []
        yield piece
    if held:
        yield "".join(held)


def is_latin(text: str) -> bool:
    """Whether a text is written in Latin script, by and large."""
    if text.isascii():
        return True
    return len(text.encode("utf-8", "surrogatepass")) - len(text) <= OTHER_SCRIPT * len(text)
