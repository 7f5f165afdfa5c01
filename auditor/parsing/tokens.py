"""The tokens of Python source, as far as newer syntax must be found among them; f-strings by the grammar of Python 3.12.

Knows strings, names, brackets and where lines end. Does not know expressions, and accepts much that is no Python.

Own code, for no library would do: `tokenize` and `ast` read the f-strings of the Python that runs, and the native parser
of libcst 1.9, which reads the newer ones, ends the process where brackets nest deeply (100,000 did).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from auditor.limits import DEFAULT

_TOKEN = re.compile(
    r"(?P<blank>[ \t\f]+|\\\n|\#[^\n]*)"
    r"|(?P<newline>\n)"
    r"|(?P<string>(?P<prefix>[bB][rR]?|[rR][bBfFtT]?|[uU]|[fFtT][rR]?|)(?P<quote>\"\"\"|'''|\"|'))"
    r"|(?P<name>\w+)"
    r"|(?P<operator>.)",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^\\{}\n\"']+")


class Kind(Enum):
    NAME = auto()  # numbers are names here
    STRING = auto()
    OPERATOR = auto()  # one character of it
    NEWLINE = auto()  # the end of a logical line


@dataclass(frozen=True, slots=True)
class Token:
    """`start` and `end` are offsets in characters of the text; `depth` counts the brackets open around it."""

    kind: Kind
    start: int
    end: int
    depth: int
    text: str  # of a string its prefix alone, in lower case


@dataclass(frozen=True, slots=True)
class Literal:
    """Text of an f-string as it is written, escapes and doubled braces included."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Field:
    """A replacement field. `start` and `end` span its expression, `conversion` is the letter behind `!`.

    `echo` is the text that a field like `{name=}` shows before its value, "" for others.
    """

    start: int
    end: int
    echo: str
    conversion: str
    specification: tuple[Literal | Field, ...] | None


Parts = tuple[Literal | Field, ...]


class NotPythonError(ValueError):
    """A string without its end, or a replacement field that is none."""


def tokens(text: str) -> Iterator[Token]:
    """The tokens in order. Raises NotPythonError."""
    at, depth = 0, 0
    while at < len(text):
        match = _match(text, at)
        end = match.end()
        match match.lastgroup:
            case "string":
                end = _string_end(text, match, 0)
                yield Token(Kind.STRING, at, end, depth, match["prefix"].lower())
            case "name":
                yield Token(Kind.NAME, at, end, depth, match[0])
            case "operator":
                if match[0] in ")]}":
                    depth = max(0, depth - 1)
                yield Token(Kind.OPERATOR, at, end, depth, match[0])
                if match[0] in "([{":
                    depth += 1
            case "newline" if not depth:
                yield Token(Kind.NEWLINE, at, end, depth, "")
            case _:
                pass
        at = end


def parts(text: str, start: int) -> tuple[str, Parts]:
    """The quote and the parts of the f-string that begins there. Raises NotPythonError."""
    match = _match(text, start)
    found, _ = _FString(text, match["quote"], "r" in match["prefix"].lower(), 0).literal(match.end(), in_field=False)
    return match["quote"], found


def _match(text: str, at: int) -> re.Match[str]:
    match = _TOKEN.match(text, at)
    if match is None:
        raise NotPythonError("the text ends inside of a string")
    return match


def _string_end(text: str, match: re.Match[str], nesting: int) -> int:
    """Where the string ends whose prefix and opening quote matched."""
    prefix, quote = match["prefix"].lower(), match["quote"]
    if "f" in prefix or "t" in prefix:
        return _FString(text, quote, "r" in prefix, nesting).literal(match.end(), in_field=False)[1]
    at = match.end()
    while at < len(text):
        if text.startswith(quote, at):
            return at + len(quote)
        if text[at] == "\n" and len(quote) == 1:
            break
        at += 2 if text[at] == "\\" else 1
    raise NotPythonError("a string without its end")


@dataclass(frozen=True, slots=True)
class _FString:
    """Reads one f-string; `nesting` counts the f-strings around it."""

    text: str
    quote: str
    raw: bool
    nesting: int

    def __post_init__(self) -> None:
        if self.nesting > DEFAULT.nested_strings:
            raise NotPythonError("f-strings nested too deeply")

    def literal(self, at: int, *, in_field: bool) -> tuple[Parts, int]:
        """The parts from there to the closing quote, and the offset behind it; of a format specification: to its brace."""
        found: list[Literal | Field] = []
        begin = at
        while at < len(self.text):
            character = self.text[at]
            if self.text.startswith(self.quote, at) or (character == "}" and in_field):
                if in_field != (character == "}"):
                    break
                found.append(Literal(begin, at))
                return tuple(found), at if in_field else at + len(self.quote)
            if character == "\\":
                at = self._escape(at)
            elif character in "{}" and not in_field and self.text.startswith(character * 2, at):
                at += 2
            elif character == "{":
                found.append(Literal(begin, at))
                field, at = self._field(at + 1)
                found.append(field)
                begin = at
            elif character == "}" or (character == "\n" and len(self.quote) == 1):
                break
            else:
                plain = _PLAIN.match(self.text, at)
                at = plain.end() if plain else at + 1
        raise NotPythonError("an f-string without its end")

    def _escape(self, at: int) -> int:
        """Behind the escape that begins there. A brace behind a backslash begins a field all the same."""
        following = self.text[at + 1 : at + 2]
        if following in ("{", "}"):
            return at + 1
        if not self.raw and self.text.startswith("N{", at + 1):
            end = self.text.find("}", at)
            if end < 0:
                raise NotPythonError("a character's name without its end")
            return end + 1
        return at + 2

    def _field(self, start: int) -> tuple[Field, int]:
        """The field whose expression begins there, and the offset behind its brace."""
        end, equals = self._expression_end(start)
        expression, echo = (end, "") if equals < 0 else (equals, self.text[start:end])
        at, conversion = end, ""
        if self.text[at] == "!":
            conversion = self.text[at + 1 : at + 2]
            at += 2
            while self.text[at : at + 1] in (" ", "\t", "\n"):
                at += 1
        specification: Parts | None = None
        if self.text[at : at + 1] == ":":
            inner = _FString(self.text, self.quote, self.raw, self.nesting + 1)
            specification, at = inner.literal(at + 1, in_field=True)
        if self.text[at : at + 1] != "}" or not self.text[start:expression].strip():
            raise NotPythonError("a replacement field that is none")
        return Field(start, expression, echo, conversion, specification), at + 1

    def _expression_end(self, at: int) -> tuple[int, int]:
        """Where the expression ends that begins there: at `}`, `:` or a conversion's `!` outside of all brackets.

        And where the `=` stands that is the last thing in it, or -1.
        """
        depth, equals = 0, -1
        while at < len(self.text):
            match = _match(self.text, at)
            if match.lastgroup == "operator":
                if not depth and match[0] in "}:!" and not self.text.startswith("!=", at):
                    return at, equals
                depth += (match[0] in "([{") - (match[0] in ")]}")
            if match.lastgroup not in ("blank", "newline"):
                equals = at if match[0] == "=" and self.text[at - 1] not in "=!<>" else -1
            at = _string_end(self.text, match, self.nesting + 1) if match.lastgroup == "string" else match.end()
        raise NotPythonError("a replacement field without its end")
