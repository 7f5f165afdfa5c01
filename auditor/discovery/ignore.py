"""Patterns of .gitignore files, with git's own meaning for one entry of a folder at a time.

Knows patterns and the files they stand in. Does not walk: the walk asks for each entry on its way down and does not enter
ignored folders, which is why a pattern never needs to match the parents of an entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_POSIX_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "digit": "0-9",
    "lower": "a-z",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_NEVER = "(?!)"


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of one source, relative to the folder `base`. The last pattern that matches decides."""

    base: Path
    regex: re.Pattern[str]
    ignoring: tuple[bool, ...]  # by group of the regex: does the pattern ignore or bring back?

    def decide(self, path: str, directory: bool) -> bool | None:
        """Whether the entry is ignored (True), brought back (False), or neither (None).

        `path` is absolute, POSIX; entries outside of `base` are never matched.
        """
        base = self.base.as_posix().rstrip("/") + "/"
        if not path.startswith(base):
            return None
        match = self.regex.fullmatch(("d" if directory else "f") + path[len(base) :])
        return None if match is None or match.lastindex is None else self.ignoring[match.lastindex - 1]


def compile_patterns(lines: Iterable[str], base: Path) -> Patterns | None:
    """One regular expression for all lines; None when there is no pattern among them.

    It matches the relative path behind a letter for its kind: `d` a folder, `f` a file. The last line comes first among the
    alternatives, so that the alternative that matches is the one that decides.
    """
    parsed = list(_parse(lines))[::-1]
    if not parsed:
        return None
    regex = re.compile("|".join(f"({expression})" for expression, _ in parsed), re.DOTALL)
    return Patterns(base, regex, tuple(ignoring for _, ignoring in parsed))


def read_patterns(file: Path, base: Path) -> Patterns | None:
    """The patterns of an ignore file. Raises OSError when it cannot be read."""
    text = file.read_bytes().decode("utf-8-sig", "surrogateescape")
    return compile_patterns(text.split("\n"), base)


def ignored(layers: Iterable[Patterns], path: str, directory: bool) -> bool:
    """What the strongest layer that has an opinion says; `layers` run from weak to strong (outer to inner folders)."""
    for layer in reversed(tuple(layers)):
        decision = layer.decide(path, directory)
        if decision is not None:
            return decision
    return False


def _parse(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    for raw in lines:
        line = re.sub(r"(?<!\\) +$", "", raw.removesuffix("\r"))
        if not line or line.startswith("#"):
            continue
        negated = line.startswith("!")
        pattern = line[1:] if negated else line
        start = "d" if pattern.endswith("/") else "[df]"
        pattern = pattern.removesuffix("/")
        if not pattern:
            continue
        anchored = "/" in pattern
        expression = _translate(pattern.removeprefix("/"), anchored)
        yield start + ("" if anchored else "(?:.*/)?") + expression, not negated


def _translate(pattern: str, anchored: bool) -> str:
    """The regular expression of a pattern without its leading and trailing slash; `anchored` where a slash was or is in it."""
    out: list[str] = []
    index = 0
    while index < len(pattern):
        char = pattern[index]
        index += 1
        if char == "*":
            stars = index - 1
            while index < len(pattern) and pattern[index] == "*":
                index += 1
            whole_segment = index - stars >= 2 and (stars == 0 or pattern[stars - 1] == "/")
            if whole_segment and index == len(pattern) and anchored:
                out.append("[^/].*")  # everything below, not the folder itself
            elif whole_segment and pattern[index : index + 1] == "/":
                out.append("(?:.*/)?")
                index += 1
            else:
                out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[":
            expression, index = _character_class(pattern, index)
            out.append(expression)
        elif char == "\\":
            if index == len(pattern):
                return _NEVER
            out.append(re.escape(pattern[index]))
            index += 1
        else:
            out.append(re.escape(char))
    return "".join(out)


def _character_class(pattern: str, index: int) -> tuple[str, int]:
    """The class that starts behind the bracket at `index - 1`, and the index behind it; one that is not closed never matches."""
    negated = pattern[index : index + 1] in ("!", "^")
    index += negated
    out: list[str] = []
    first = True
    while index < len(pattern) and (first or pattern[index] != "]"):
        first = False
        named = re.compile(r"\[:(\w*):\]").match(pattern, index)
        if named:
            if named[1] not in _POSIX_CLASSES:
                return _NEVER, len(pattern)
            out.append(_POSIX_CLASSES[named[1]])
            index = named.end()
            continue
        low, index = _class_character(pattern, index)
        if pattern[index : index + 1] == "-" and pattern[index + 1 : index + 2] not in ("", "]"):
            high, index = _class_character(pattern, index + 1)
            out.append(f"{re.escape(low)}-{re.escape(high)}" if low <= high else "")
        else:
            out.append(re.escape(low))
    if index >= len(pattern):
        return _NEVER, len(pattern)
    members = "".join(out)
    if not members:
        return ("[^/]" if negated else _NEVER), index + 1
    return (f"[^/{members}]" if negated else f"(?!/)[{members}]"), index + 1


def _class_character(pattern: str, index: int) -> tuple[str, int]:
    if pattern[index] == "\\" and index + 1 < len(pattern):
        index += 1
    return pattern[index], index + 1
