"""On which line of a TOML file a key is written.

Knows headings, keys and tables on one line. Does not know values: what looks like a key inside of a text of several lines may be
taken for one, which costs no more than a wrong line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAME = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_PATH = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADING = re.compile(rf"\s*\[{{1,2}}\s*({_PATH})\s*\]")
_KEY = re.compile(rf"\s*({_PATH})\s*=")
_INNER = re.compile(rf"[{{,]\s*({_PATH})\s*=")


def line_of(text: str, path: Sequence[str]) -> int:
    """The line of the key, or of the nearest table around it that is found, counted from 1; 1 where none is."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if (heading := _HEADING.match(line)) is not None:
            table = _names(heading[1])
            written = [table]
        elif (key := _KEY.match(line)) is not None:
            own = (*table, *_names(key[1]))
            written = [own, *((*own, *_names(inner)) for inner in _INNER.findall(line, key.end()))]
        else:
            continue
        for names in written:
            for length in range(1, len(names) + 1):
                lines.setdefault(names[:length], number)
    around = (tuple(path[:length]) for length in range(len(path), 0, -1))
    return next((lines[names] for names in around if names in lines), 1)


def _names(path: str) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in re.findall(_NAME, path))
