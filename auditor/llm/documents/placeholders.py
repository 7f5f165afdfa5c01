"""Placeholders of a template: which way of writing them a text uses, and the text with holes in their places.

Knows Jinja2 (by its own parser), `str.format` fields, `$name`, and the names in Mustache's and Handlebars' double braces.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

from auditor.discovery.source import Source
from auditor.interp.frame import BudgetExceededError, Frame
from auditor.interp.machine import Machine
from auditor.places import Place
from auditor.project.syntax import Module
from auditor.values.domain import Arguments, ExternalObject, Text, Value
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason
from auditor.values.text import Hole, Literal


class Syntax(StrEnum):
    """How placeholders are written."""

    JINJA = "jinja2"
    FORMAT = "format"
    DOLLAR = "dollar"
    MUSTACHE = "mustache"
    NONE = "text"


JINJA_SUFFIXES = frozenset({".j2", ".jinja", ".jinja2"})
MUSTACHE_SUFFIXES = frozenset({".mustache", ".hbs", ".handlebars"})
TAG = re.compile(r"\{%-?\s*(?:if|for|set|block|extends|include|import|from|macro|with|call|filter|raw)\b|\{#")
SECTION = re.compile(r"\{\{[#/^>]")
DOUBLE = re.compile(r"\{\{\{?-?\s*([A-Za-z_@][\w.]*)[^{}]*?-?\}\}\}?")
FIELD = re.compile(r"(?<![{$])\{([A-Za-z_]\w*(?:\.\w+)*)(?:![rsa])?(?::[^{}\n]*)?\}(?!\})")
DOLLAR = re.compile(r"\$\{([A-Za-z_]\w*)\}|(?<![\w$])\$([a-z_]\w*)")
CODE = re.compile(r"(?ms)^(`{3,}|~{3,}).*?^\1")


def syntax_of(text: str, name: str) -> Syntax:
    """The way of writing that the file's name announces, else the one that its text uses."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in JINJA_SUFFIXES:
        return Syntax.JINJA
    if suffix in MUSTACHE_SUFFIXES or SECTION.search(text):
        return Syntax.MUSTACHE
    prose = CODE.sub("", text)  # what stands in a code block of Markdown is an example
    if not TAG.search(text) and FIELD.search(prose):
        return Syntax.FORMAT  # where double braces are single ones that are meant as such
    if TAG.search(text) or DOUBLE.search(text):
        return Syntax.JINJA
    return Syntax.DOLLAR if DOLLAR.search(prose) else Syntax.NONE


@dataclass(slots=True)
class Filler:
    """Makes texts of templates. Of two evaluations (`epoch`) the second has new values for what lives no longer than a call."""

    machine: Machine
    path: str  # of the file, as reports name it
    folder: str  # where it lies below the root, for templates that include others
    epoch: int = 0
    frame: Frame = field(init=False)

    def __post_init__(self) -> None:
        name = f"{self.folder}/{PurePosixPath(self.path).name}#document".lstrip("/")
        module = Module(name, ast.Module([], []), Source(self.path, ""))
        self.frame = Frame(module, (self.machine.store.allocate(),))

    def fill(self, text: Text, syntax: Syntax) -> Text:
        """The text with holes for its placeholders."""
        match syntax:
            case Syntax.JINJA:
                return self._jinja(text)
            case Syntax.FORMAT:
                return self._by_pattern(text, FIELD, lambda text: text.replace("{{", "{").replace("}}", "}"))
            case Syntax.DOLLAR:
                return self._by_pattern(text, DOLLAR, lambda text: text.replace("$$", "$"))
            case Syntax.MUSTACHE:
                return self._by_pattern(text, DOUBLE, lambda text: text)
            case Syntax.NONE:
                return text

    def _jinja(self, text: Text) -> Text:
        from auditor.interp.library.jinja import rendering

        folders: list[Value] = [Text.of("\0" + folder) for folder in (self.folder or ".", ".")]
        loader = ExternalObject("jinja2.FileSystemLoader", (), Arguments((self.machine.new_list(folders),)))
        environment = ExternalObject("jinja2.Environment", (), Arguments((), (("loader", loader),)))
        node = ast.Pass()
        self.machine.describe(node, self.frame.module, Place(self.path, 1), "template")
        try:
            return rendering.of_text(self.machine, text, environment, None, {}, self.value, node, self.frame)
        except BudgetExceededError:
            return Text((self.machine.unknown(Reason.LIMIT, None, None, "template"),))

    def _by_pattern(self, text: Text, pattern: re.Pattern[str], unescape: Callable[[str], str]) -> Text:
        out: list[Literal | Hole] = []
        for piece in text.pieces:
            if not isinstance(piece, Literal):
                continue  # nothing was filled in yet
            position = 0
            for match in pattern.finditer(piece.text):
                if len(out) > self.machine.limits.pieces:
                    out.append(self.machine.limit("pieces", None, None, "text beyond the limit"))
                    return Text.of(*out)
                out.append(self._literal(piece, position, match.start(), unescape))
                position = match.end()
                name = next(group for group in match.groups() if group)
                out.append(self._hole(name, match[0], self._place(piece, match.start())))
            out.append(self._literal(piece, position, len(piece.text), unescape))
        return Text.of(*out)

    def _literal(self, piece: Literal, start: int, end: int, unescape: Callable[[str], str]) -> Literal:
        return Literal(unescape(piece.text[start:end]), self._place(piece, start))

    def _place(self, piece: Literal, offset: int) -> Place:
        before = piece.text[:offset]
        line = piece.place.line if piece.place is not None else 1
        return Place(self.path, line + before.count("\n"), offset - (before.rfind("\n") + 1) + 1)

    def value(self, name: str) -> Value:
        """What a name of a template stands for."""
        return self._hole(name, name, None)

    def _hole(self, name: str, written: str, place: Place | None) -> Hole:
        names = self.machine.library.names
        lifetime = names.get(name, names.get(name.rsplit(".", 1)[-1], Lifetime.UNKNOWN))
        cause = Cause.HISTORY if lifetime is Lifetime.TURN else Cause.INPUT if lifetime is Lifetime.CALL else Cause.VALUE
        short = lifetime in (Lifetime.CALL, Lifetime.TURN)
        known = lifetime is not Lifetime.UNKNOWN
        hole = Hole(
            ("placeholder", self.path, name, self.epoch if short else 0),
            name,
            lifetime,
            cause,
            Evidence.NAME if known else Evidence.NONE,
            None if known else Reason.EXTERNAL_DATA,
            place,
        )
        return hole.entering(place, written) if place is not None else hole
