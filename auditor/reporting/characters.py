"""Characters that must not reach a reader as they are: controls, line separators, direction marks, lone surrogates.

Source code is not trusted: a prompt may hold escape sequences that rewrite a terminal, or marks that reorder what is read.
Knows characters; the escapes of single formats stand with these.
"""

from __future__ import annotations

import re
import unicodedata

# Soft line ends, marks that hide or reorder text, tags, non-characters and halves of surrogate pairs.
INVISIBLE = "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f"
_UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f{INVISIBLE}]")
_UNSAFE_BUT_LAYOUT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{INVISIBLE}]")
_LINE_END = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def one_line(text: str) -> str:
    """`text` on one line: line ends become a space, other unsafe characters their Python escapes."""
    return visible(_LINE_END.sub(" ", text))


def visible(text: str) -> str:
    """`text` with every unsafe character, line ends and tabs among them, as its Python escape."""
    return _UNSAFE.sub(lambda match: _SHORT.get(match[0]) or _escape(match[0]), text)


def keep_layout(text: str) -> str:
    """As `visible`, but line ends and tabs stay."""
    return _UNSAFE_BUT_LAYOUT.sub(lambda match: _escape(match[0]), text)


def width(text: str) -> int:
    """Columns that a terminal gives to `text`: two for wide characters, none for combining ones."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
