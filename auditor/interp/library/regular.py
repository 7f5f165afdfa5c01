"""`re`: what is found and replaced in known text is computed; of other text it is known what the result comes from.

Patterns that may take long are never run (`_quick`). A match is an object with its groups; where it is not known whether there is
one, it is a hole whose methods give holes.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from auditor.interp import known, standins, textmethods
from auditor.values.domain import (
    NONE,
    Arguments,
    Entry,
    ExternalObject,
    Hole,
    Spread,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import holes_of

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

PATTERN, MATCH = "re.Pattern", "re.Match"

# Parameters behind the pattern; `flags` comes after them in the module's functions.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "match": ("string",),
    "search": ("string",),
    "fullmatch": ("string",),
    "findall": ("string",),
    "finditer": ("string",),
    "split": ("string", "maxsplit"),
    "sub": ("repl", "string", "count"),
    "subn": ("repl", "string", "count"),
}
MATCHING = frozenset({"match", "search", "fullmatch"})
LISTING = frozenset({"findall", "finditer", "split"})


def _function(name: str) -> Callable[[Machine, Arguments, ast.AST, Frame], Value | None]:
    """`re.search(pattern, …)`."""

    def called(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        pattern = arguments.get(0, "pattern")
        if pattern is None or arguments.unknown_keywords:
            return None
        given = {one: arguments.get(index, one) for index, one in enumerate(PARAMETERS[name], 1)}
        flags = arguments.get(len(given) + 1, "flags")
        return _answer(machine, name, pattern, flags, given, node, frame)

    return called


def _compile(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    pattern, flags = arguments.get(0, "pattern"), arguments.get(1, "flags")
    if pattern is None:
        return None
    if isinstance(pattern, ExternalObject):
        return pattern
    return ExternalObject(PATTERN, (), Arguments((pattern, flags or const(0))), machine.serial(), machine.place(node, frame))


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A method of a compiled pattern, or of a match."""
    if len(value.path) != 1 or value.arguments is None:
        return None
    name = value.path[0]
    if value.cls == MATCH:
        return _of_match(machine, value, name, arguments)
    if value.cls != PATTERN or name not in PARAMETERS or arguments.unknown_keywords:
        return None
    pattern, flags = value.arguments.get(0, "pattern"), value.arguments.get(1, "flags")
    given = {one: arguments.get(index, one) for index, one in enumerate(PARAMETERS[name])}
    return None if pattern is None else _answer(machine, name, pattern, flags, given, node, frame)


def item(value: ExternalObject, key: Value) -> Value | None:
    """`match[1]`, `match["name"]`."""
    return _group(value, key) if value.cls == MATCH and not value.path else None


def method_of_hole(machine: Machine, callee: Hole, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A method of a match that may be none: what it gives comes from what was searched."""
    if callee.type != MATCH:
        return None
    name = callee.identity[2] if isinstance(callee.identity, tuple) and len(callee.identity) == 3 else None
    identity = ("match", callee.identity, arguments.positional, arguments.keywords)
    made = machine.derived([callee], node, frame, identity=identity, reason=callee.reason)
    return TupleValue((Spread(made, (made,)),)) if name == "groups" else made


# What is computed


def _answer(
    machine: Machine,
    name: str,
    pattern: Value,
    flags: Value | None,
    given: dict[str, Value | None],
    node: ast.AST,
    frame: Frame,
) -> Value | None:
    if isinstance(pattern, ExternalObject) and pattern.cls == PATTERN and pattern.arguments is not None:
        compiled_with = pattern.arguments
        pattern, flags = compiled_with.get(0, "pattern") or pattern, compiled_with.get(1, "flags")
    subject = given["string"]
    if subject is None:
        return None
    compiled = _compiled(pattern, flags, machine.limits.pattern_characters)
    plain = known.text_of(subject)
    if compiled is not None and plain is not None and _quick(compiled.pattern, plain, machine.limits.pattern_tries):
        machine.step(len(plain) >> 6)
        exact = _exact(machine, name, compiled, plain, given, node, frame)
        if exact is not None:
            return exact
    if compiled is not None and name == "sub" and isinstance(subject, Text) and plain is None:
        kept = _around_holes(machine, compiled, subject, given, node, frame)
        if kept is not None:
            return kept
    # Nothing but what goes in decides: the same of the same.
    sources = [pattern, *([flags] if flags is not None else []), *(one for one in given.values() if one is not None)]
    holes = [hole for one in sources for hole in holes_of(one)]
    made = machine.derived(holes, node, frame, identity=("re", name, *sources), type=MATCH if name in MATCHING else None)
    return machine.new_list([Spread(made, (made,))]) if name in LISTING else made


def _compiled(pattern: Value, flags: Value | None, longest: int) -> re.Pattern[str] | None:
    text, given = known.text_of(pattern), 0 if flags is None else known.int_of(flags)
    if text is None or given is None or len(text) > longest:
        return None
    try:
        with warnings.catch_warnings(action="ignore"):
            return re.compile(text, given)
    except (re.error, ValueError, OverflowError, RecursionError):
        return None


def _exact(
    machine: Machine,
    name: str,
    pattern: re.Pattern[str],
    subject: str,
    given: dict[str, Value | None],
    node: ast.AST,
    frame: Frame,
) -> Value | None:
    origin = given["string"]
    origin = origin if isinstance(origin, Text) else None
    match name:
        case "match" | "search" | "fullmatch":
            return _match(getattr(pattern, name)(subject), origin, machine)
        case "findall":
            return textmethods.wrap(machine, pattern.findall(subject), origin)
        case "finditer":
            found = (_match(one, origin, machine) for one in pattern.finditer(subject))
            return TupleValue(machine.bounded(tuple(found)))
        case "split":
            most = _number(given["maxsplit"])
            return None if most is None else textmethods.wrap(machine, pattern.split(subject, most), origin)
        case _:
            most, repl = _number(given["count"]), given["repl"]
            if most is None or repl is None:
                return None
            matches = list(pattern.finditer(subject))[: most or None]
            text = _replaced(machine, matches, subject, repl, origin, node, frame)
            return text if name == "sub" or text is None else TupleValue((text, const(len(matches))))


def _around_holes(
    machine: Machine, pattern: re.Pattern[str], subject: Text, given: dict[str, Value | None], node: ast.AST, frame: Frame
) -> Text | None:
    """A text with holes, replaced where the pattern is found in what the source spells."""
    most, repl = _number(given["count"]), given["repl"]
    if most is None or repl is None or not _quick(pattern.pattern, subject.literal, machine.limits.pattern_tries):
        return None
    found = standins.substituted(pattern, subject, most)
    if found is None:
        return None
    spelling, matches = found
    machine.step(len(spelling.string) >> 6)
    parts: list[Text] = []
    end = 0
    for one in matches:
        made = _put(machine, one, repl, None, node, frame)
        if made is None:
            return None
        parts += [spelling.between(end, one.start()), made]
        end = one.end()
    return Text.of(*parts, spelling.between(end, len(spelling.string)))


def _number(value: Value | None) -> int | None:
    return 0 if value is None else known.int_of(value)


def _replaced(
    machine: Machine,
    matches: Iterable[re.Match[str]],
    subject: str,
    repl: Value,
    origin: Text | None,
    node: ast.AST,
    frame: Frame,
) -> Text | None:
    """The subject with each match replaced: by a template, by text with holes, or by what a function makes of the match."""
    parts: list[str | Text] = []
    end = 0
    for one in matches:
        made = _put(machine, one, repl, origin, node, frame)
        if made is None:
            return None
        parts += [subject[end : one.start()], made]
        end = one.end()
    pieces = [one if isinstance(one, Text) else textmethods.wrap(machine, one, origin) for one in (*parts, subject[end:])]
    return Text.of(*(one for one in pieces if isinstance(one, Text)))


def _put(machine: Machine, match: re.Match[str], repl: Value, origin: Text | None, node: ast.AST, frame: Frame) -> Text | None:
    """What stands in a match's place."""
    if isinstance(repl, Text | Hole):
        return _template(match, repl)
    machine.step()
    return machine.to_text(machine.call(repl, Arguments((_match(match, origin, machine),)), node, frame), node, frame)


def _template(match: re.Match[str], repl: Text | Hole) -> Text | None:
    plain = known.text_of(repl)
    if plain is not None:
        try:
            return Text.of(match.expand(plain))
        except (re.error, IndexError):
            return None
    return None if isinstance(repl, Text) and "\\" in repl.literal else repl if isinstance(repl, Text) else Text((repl,))


# Matches


def _match(found: re.Match[str] | None, origin: Text | None, machine: Machine) -> Value:
    if found is None:
        return NONE
    groups = tuple(textmethods.wrap(machine, group, origin) for group in (found.group(), *found.groups()))
    names = tuple((f"name:{name}", const(number)) for name, number in found.re.groupindex.items())
    spans = (("start", const(found.start())), ("end", const(found.end())))
    return ExternalObject(MATCH, (), Arguments((TupleValue(groups),), (*names, *spans)), machine.serial())


def _groups(value: ExternalObject) -> tuple[Value, ...]:
    """The whole match and its groups; empty where it is not known any more how many there are (one match of many)."""
    held = value.arguments.get(0) if value.arguments is not None else None
    items = held.items if isinstance(held, TupleValue) else ()
    plain = tuple(one for item in items if (one := known.plain(item)) is not None)
    return plain if len(plain) == len(items) else ()


def _group(value: ExternalObject, key: Value) -> Value | None:
    assert value.arguments is not None
    name = known.text_of(key)
    number = known.int_of(value.arguments.keyword(f"name:{name}") if name is not None else key)
    groups = _groups(value)
    return groups[number] if number is not None and 0 <= number < len(groups) else None


def _of_match(machine: Machine, value: ExternalObject, name: str, arguments: Arguments) -> Value | None:
    assert value.arguments is not None
    groups = _groups(value)
    if not groups:
        return None
    plain = [known.plain(item) for item in arguments.positional]
    match name:
        case "group" if not plain:
            return groups[0]
        case "group":
            found = [None if key is None else _group(value, key) for key in plain]
            kept = tuple(one for one in found if one is not None)
            return None if len(kept) < len(found) else kept[0] if len(kept) == 1 else TupleValue(kept)
        case "groups" if not plain:
            return TupleValue(groups[1:])
        case "groupdict" if not plain:
            named = [(key, known.int_of(number)) for key, number in value.arguments.keywords if key.startswith("name:")]
            entries = [
                Entry(Text.of(key.removeprefix("name:")), groups[number])
                for key, number in named
                if number is not None and number < len(groups)
            ]
            return machine.new_dict(entries)
        case "start" | "end" if not plain:
            return value.arguments.keyword(name)
        case "span" if not plain:
            return TupleValue(tuple(one for end in ("start", "end") if (one := value.arguments.keyword(end)) is not None))
        case _:
            return None


# What is safe to run


def _quick(pattern: str, subject: str, most: int) -> bool:
    """Whether matching certainly ends soon: a backtracking engine tries each repetition at each length, and cannot be stopped."""
    repetitions = len(re.findall(r"(?<!\\)[*+{]", pattern))
    nested = re.search(r"\)[*+{]|\\\d|\(\?P=", pattern) is not None
    tries = max(1, len(subject)) ** (repetitions + 1) << pattern.count(")?")  # with each optional group and without
    return not nested and pattern.count("?") <= 6 and tries <= most


FLAGS: dict[str, Any] = {f"re.{name}": int(flag) for name, flag in re.RegexFlag.__members__.items()}

OVERLAYS: dict[str, Callable[[Machine, Arguments, ast.AST, Frame], Value | None]] = {
    **{f"re.{name}": _function(name) for name in PARAMETERS},
    "re.compile": _compile,
}
