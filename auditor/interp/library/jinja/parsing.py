"""From the text of a template to statements of Python, once per text and options, and the places that lines of it come from."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from auditor.discovery.source import Source
from auditor.interp.library.jinja import environments
from auditor.interp.library.jinja.statements import Compiled, compile_template
from auditor.interp.library.textual import MARKS, marked
from auditor.places import Place
from auditor.project.syntax import Module
from auditor.values.domain import Text, Value
from auditor.values.text import Alternative, Hole, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from auditor.interp.machine import Machine


@dataclass(slots=True)
class Parsed:
    """A template that was parsed and translated, with the holes of its own text. `problem` says why it could not be."""

    module: Module
    compiled: Compiled = field(default_factory=Compiled)
    kept: tuple[Hole | Alternative, ...] = ()
    problem: str = ""


def parse(machine: Machine, text: Text, environment: Value | None, name: str | None) -> Parsed:
    """The template that a text is, translated once per text and options."""
    options = environments.options(machine, environment)
    escape = environments.escapes(machine, environment, name)
    source, kept = marked(text)
    places = _places(text)
    key = ("template", source, options, escape, places[:1], kept)
    found = machine.cache.get(key)
    if isinstance(found, Parsed):
        return found
    machine.step(len(source) >> 6)
    first = next((place for place in places if place is not None), None)
    path = f"{first.path if first else 'template'}#{machine.serial()}"
    module = Module(path, ast.Module([], []), Source(first.path if first else path, ""))
    made = _parsed(machine, source, options, escape, module)
    made.kept = kept
    _describe(machine, made, source.split("\n"), places)
    machine.project.adopt(module)
    machine.cache[key] = made
    return made


def _parsed(machine: Machine, source: str, options: tuple[tuple[str, object], ...], escape: bool, module: Module) -> Parsed:
    import jinja2

    if len(source) > machine.limits.template_characters:
        machine.limits_reached["template_characters"] += 1
        return Parsed(module, problem="too large")
    try:
        environment = jinja2.Environment(**dict(options))  # type: ignore[arg-type]  # noqa: S701 - nothing is rendered
        return Parsed(module, compile_template(environment.parse(source), MARKS, escape))
    except jinja2.TemplateError as error:
        return Parsed(module, problem=str(error))
    except (RecursionError, ValueError, AssertionError, TypeError) as error:  # options or nesting that Jinja2 does not take
        return Parsed(module, problem=f"{type(error).__name__}: {error}")


def _places(text: Text) -> tuple[Place | None, ...]:
    """The place of each line of a template's text."""
    lines: list[Place | None] = [None]
    for piece in text.pieces:
        if not isinstance(piece, Literal):
            continue
        place = piece.place
        count = piece.text.count("\n")
        in_step = place is not None and (place.end_line == 0 or place.end_line - place.line == count)
        for index in range(count + 1):
            at = (
                place
                if place is None or not in_step
                else Place(place.path, place.line + index, 1 if index else place.column, cell=place.cell)
            )
            if index or lines[-1] is None:
                lines[-1 if not index else len(lines) :] = [at]
    return tuple(lines)


def _describe(machine: Machine, parsed: Parsed, rows: Sequence[str], places: Sequence[Place | None]) -> None:
    """Says of each node of a template where it stands and how it is spelled."""
    behind: dict[int, int] = {}  # line -> where its next text begins
    for node, line, spelling in parsed.compiled.described:
        row, place = rows[min(line, len(rows)) - 1], places[min(line, len(places)) - 1]
        if isinstance(node, ast.Constant):
            first = spelling.split("\n", 1)[0]
            at = row.find(first, behind.get(line, 0))
            behind[line] = at + len(first)
        else:
            at = _column(row, re.split(r"\W", spelling, maxsplit=1)[0])
        if place is not None and at > 0:
            place = replace(place, column=place.column + at, end_line=0, end_column=0)
        machine.describe(node, parsed.module, place, spelling)
        if isinstance(node, ast.FunctionDef):
            parsed.module.scope_of[id(node)] = spelling


def _column(row: str, word: str) -> int:
    """Where the first name of an expression stands in its line, from 0; -1 where it does not."""
    found = re.search(rf"\b{re.escape(word)}\b", row) if word else None
    return found.start() if found is not None else -1
