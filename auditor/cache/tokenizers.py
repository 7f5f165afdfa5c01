"""The tokenizers themselves: o200k through tiktoken with the vocabulary that ships with the tool, Claude's through ctok.

Both are imported when a count is first asked for, never before, and neither ever reaches for the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

# What splits text into words before merging, as published with o200k_base.
PATTERN = "|".join(
    (
        r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
        r"""[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?""",
        r"""\p{N}{1,3}""",
        r""" ?[^\s\p{L}\p{N}]+[\r\n/]*""",
        r"""\s*[\r\n]+""",
        r"""\s+(?!\S)""",
        r"""\s+""",
    )
)
CHUNK = 20_000  # characters encoded at once: bounds the time that a long run without spaces can take


@cache
def encoding() -> Encoding:
    """tiktoken's o200k_base, built from the shipped vocabulary."""
    from tiktoken import Encoding

    from auditor.knowledge.vocabulary import o200k

    ranks = {token: rank for rank, token in enumerate(o200k())}
    special = {"<|endoftext|>": 199_999, "<|endofprompt|>": 200_018}
    return Encoding("o200k_base", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens=special)


def o200k(text: str) -> int:
    """Tokens of a text in o200k_base. Special tokens count as the text that they look like."""
    encode = encoding().encode_ordinary
    return sum(len(encode(chunk)) for chunk in chunks(text))


def chunks(text: str) -> Iterator[str]:
    """The text in pieces of about CHUNK characters, cut at a line's or word's start where there is one."""
    start = 0
    while len(text) - start > CHUNK:
        end = start + CHUNK
        cut = max(text.rfind("\n", start, end) + 1, text.rfind(" ", start, end))
        end = cut if cut > start else end
        yield text[start:end]
        start = end
    yield text[start:]


def has_ctok() -> bool:
    """Whether Claude's tokens can be counted exactly here (the package needs Python 3.12)."""
    return find_spec("ctok") is not None


CTOK_FRAME = {"3.0": 7, "4.7": 11, "4.8": 6}  # tokens that ctok counts around one user message, by version


@cache
def _ctok() -> Callable[[str, str], int]:
    count: Callable[[str, str], int] = import_module("ctok").token_count
    return count


def claude(text: str, version: str) -> int:
    """Tokens of a text in the Claude generation that `version` names (a key of CTOK_FRAME), without any frame.

    Raises ImportError without ctok.
    """
    count, frame = _ctok(), CTOK_FRAME[version]
    return sum(max(0, count(chunk, version) - frame) for chunk in chunks(text))
