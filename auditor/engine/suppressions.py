"""Suppression comments: `# cache-audit: ignore[CA101] reason` and `# cache-audit: ignore-file[volatile-prefix] reason`.

Knows comments, lines and findings. A comment on a line of code speaks for that line, one on a line of its own for the next
line of code. A finding is silenced by a comment on any line of its span; a comment on the lines of one of its calls silences
it for that call. Comments in Python are found with `tokenize`; in other files (notebooks) by their form alone.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.engine.registry import Registry
from auditor.engine.selection import UnknownReferenceError, resolve
from auditor.findings import Finding
from auditor.llm.request import CallSite
from auditor.places import Place

MARK = b"cache-audit:"
UNUSED = "CA001"
INVALID = "CA002"
_COMMENT = re.compile(r"#\s*cache-audit:\s*(?P<verb>[\w-]*)\s*(?:\[(?P<codes>[^\]\n]*)\])?(?P<reason>[^\n\"\\]*)")

Lines = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment. `line` is the line it speaks for, 0 for the whole file; `codes` the rules it names; `errors` what is wrong
    with it."""

    place: Place
    line: int
    codes: frozenset[str]
    written: str
    reason: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    kept: list[Finding]
    suppressed: list[Finding]
    unused: list[Suppression]
    invalid: list[Suppression]


def apply(
    findings: Sequence[Finding],
    suppressions: Iterable[Suppression],
    sites: Mapping[str, CallSite],
    active: frozenset[str],
) -> Outcome:
    """Splits the findings. A suppression counts as unused only where a rule it names has run (`active`)."""
    by_file: dict[str, list[Suppression]] = {}
    everything = list(suppressions)
    for suppression in everything:
        by_file.setdefault(suppression.place.path, []).append(suppression)
    used: set[Suppression] = set()
    kept: list[Finding] = []
    silenced: list[Finding] = []
    for finding in findings:
        here = _matching(by_file, finding.code, finding.place)
        used.update(here)
        if here:
            silenced.append(finding)
            continue
        rest = []
        for site in finding.call_sites:
            there = _matching(by_file, finding.code, sites[site].place) if site in sites else []
            used.update(there)
            if not there:
                rest.append(site)
        if rest or not finding.call_sites:
            kept.append(replace(finding, call_sites=tuple(rest)))
        else:
            silenced.append(finding)
    unused = [s for s in everything if not s.errors and s not in used and s.codes & active]
    return Outcome(kept, silenced, unused, [s for s in everything if s.errors])


def _matching(by_file: Mapping[str, list[Suppression]], code: str, place: Place) -> list[Suppression]:
    last = max(place.end_line, place.line)
    return [
        suppression
        for suppression in by_file.get(place.path, ())
        if code in suppression.codes and (suppression.line == 0 or place.line <= suppression.line <= last)
    ]


def read(path: str, lines: Sequence[str], registry: Registry) -> list[Suppression]:
    """Every suppression comment of a file."""
    return [_parsed(path, registry, *found) for found in _comments(path, lines)]


def _comments(path: str, lines: Sequence[str]) -> Iterator[tuple[int, int, int, re.Match[str]]]:
    """Line, column, line spoken for, and the match."""
    if not path.endswith((".py", ".pyi")):
        for number, text in enumerate(lines, 1):
            if (match := _COMMENT.search(text)) is not None:
                yield number, match.start() + 1, number, match
        return
    source = "".join(line if line.endswith("\n") else line + "\n" for line in lines)
    waiting: list[tuple[int, int, re.Match[str]]] = []
    silent = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
        tokenize.ENCODING,
    }
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            row, column = token.start
            if token.type == tokenize.COMMENT and (match := _COMMENT.search(token.string)) is not None:
                if token.line[:column].strip():
                    yield row, column + match.start() + 1, row, match
                else:
                    waiting.append((row, column + match.start() + 1, match))
            elif token.type not in silent:
                for comment_row, comment_column, match in waiting:
                    yield comment_row, comment_column, row, match
                waiting.clear()
    except (tokenize.TokenError, SyntaxError):  # the file is reported as unreadable elsewhere
        pass
    for comment_row, comment_column, match in waiting:
        yield comment_row, comment_column, comment_row, match


def _parsed(path: str, registry: Registry, row: int, column: int, target: int, match: re.Match[str]) -> Suppression:
    verb, written = match["verb"], match["codes"]
    errors: list[str] = []
    codes: set[str] = set()
    if verb not in {"ignore", "ignore-file"}:
        errors.append(f"`{verb}` is neither `ignore` nor `ignore-file`" if verb else "`ignore[...]` is missing")
    elif not (written or "").strip():
        errors.append(f"`{verb}` must name the rules that it silences: `{verb}[CA101]`")
    else:
        for reference in (part.strip() for part in (written or "").split(",")):
            try:
                codes |= _exact(registry, reference)
            except UnknownReferenceError as error:
                errors.append(str(error))
    end = column + len(match[0].rstrip())
    place = Place(path, row, column, row, end)
    return Suppression(
        place, 0 if verb == "ignore-file" else target, frozenset(codes), match[0].strip(), match["reason"].strip(), tuple(errors)
    )


def _exact(registry: Registry, reference: str) -> frozenset[str]:
    codes = resolve(registry, reference)
    rule = registry.find(reference)
    if rule is None:
        raise UnknownReferenceError(f"{reference!r} is a group: a suppression names single rules ({', '.join(sorted(codes))})")
    return frozenset({rule.meta.code})
