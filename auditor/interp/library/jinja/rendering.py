"""Rendering: a template evaluated with the values of its context.

A template runs as a function would: its context, then its own variables, are scopes. Blocks, includes and imports are evaluated
when they are reached, by the helpers of this module.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from auditor.interp import known, statements
from auditor.interp.frame import Frame
from auditor.interp.library.jinja import environments
from auditor.interp.library.jinja.access import NOTHING
from auditor.interp.library.jinja.expressions import ATTRIBUTE, BLOCK, FILTER, ITEM, SUPER, TEST, UNDEFINED
from auditor.interp.library.jinja.parsing import Parsed, parse
from auditor.interp.library.jinja.statements import EXPORTED, HOLE, IMPORT, INCLUDE, LOOP, OUT
from auditor.values.domain import (
    AltEntries,
    Arguments,
    Const,
    DictRef,
    Entry,
    EntryItem,
    External,
    ExternalObject,
    ListRef,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import holes_of, join
from auditor.values.lifetime import Reason
from auditor.values.text import Alternative, Hole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from auditor.interp.machine import Machine

RENDERING = " rendering"
HELPERS = {
    ATTRIBUTE: "jinja2.attribute",
    ITEM: "jinja2.item",
    SUPER: "jinja2.super",
    BLOCK: "jinja2.block",
    LOOP: "jinja2.loop",
    INCLUDE: "jinja2.include",
    IMPORT: "jinja2.import",
    EXPORTED: "jinja2.exported",
}
GLOBALS = {
    "range": "builtins.range",
    "dict": "builtins.dict",
    "namespace": "jinja2.namespace",
    "lipsum": "jinja2.lipsum",
    "cycler": "jinja2.cycler",
    "joiner": "jinja2.joiner",
}


@dataclass(slots=True, eq=False)
class Rendering:
    """What belongs to one call of `render`: the environment, the Python code that renders, the scopes, and the blocks by name,
    those of the most derived template first.
    """

    environment: Value | None
    frame: Frame
    scopes: tuple[int, ...]  # the templates' own variables, then the context
    missing: Callable[[str], Value]  # what a name is that nobody defined
    blocks: dict[str, list[tuple[Parsed, list[ast.stmt]]]] = field(default_factory=dict)
    around: tuple[str, ...] = ()  # modules of the templates around this one, the including ones first


# Rendering


def render(machine: Machine, template: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Text:
    """`template.render(...)`."""
    given = template.arguments or Arguments()
    source = known.plain(given.positional[0]) if given.positional else None
    environment, name = given.keyword("environment"), known.text_of(given.keyword("name"))
    context, more = _context(machine, arguments, node, frame)

    def missing(wanted: str) -> Value:
        return _absent(machine, wanted, more, node, frame)

    return of_text(machine, source, environment, name, context, missing, node, frame)


def of_text(
    machine: Machine,
    source: Value | None,
    environment: Value | None,
    name: str | None,
    context: dict[str, Value],
    missing: Callable[[str], Value],
    node: ast.AST,
    frame: Frame,
) -> Text:
    """A template's text rendered with a context."""
    top, base = machine.store.allocate(), machine.store.allocate()
    for key, value in context.items():
        machine.store.set(base, key, value)
    rendering = Rendering(environment, frame, (top, base), missing)
    return _run(machine, source, name, rendering, node, frame)


def _context(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> tuple[dict[str, Value], list[EntryItem]]:
    """Names and values handed to `render`, and what `**` or a mapping brought besides plainly known keys."""
    from auditor.interp import expressions

    context: dict[str, Value] = {}
    more: list[EntryItem] = []
    for item in arguments.positional:
        value = known.plain(item)
        for entry in expressions.spread_entries(machine, value, node, frame) if value is not None else ():
            key = known.text_of(entry.key) if isinstance(entry, Entry) else None
            if key is not None and isinstance(entry, Entry):
                context[key] = entry.value
            else:
                more.append(entry)
    context.update(arguments.keywords)
    more.extend(arguments.unknown_keywords)
    return context, more


def _absent(machine: Machine, name: str, more: Sequence[EntryItem], node: ast.AST, frame: Frame) -> Value:
    """A name that the context does not plainly hold: one that it may hold, else undefined."""
    for entry in reversed(more):
        if isinstance(entry, AltEntries):
            sides = [known.lookup(side, Text.of(name))[0] for side in (entry.then, entry.otherwise)]
            if any(side is not None for side in sides):
                return join(entry.condition, *(side if side is not None else NOTHING for side in sides))
    spread = next((entry for entry in reversed(more) if isinstance(entry, SpreadEntries)), None)
    if spread is None:
        return NOTHING
    if spread.value is not None:
        return spread.value
    return machine.derived(
        [spread.hole], node, frame, identity=("attr", spread.hole.identity, name), expression=name, reason=spread.hole.reason
    )


def _run(machine: Machine, source: Value | None, name: str | None, rendering: Rendering, node: ast.AST, frame: Frame) -> Text:
    """The text of a template and, where it extends others, of these with its blocks."""
    if isinstance(source, Text) and len(source.pieces) == 1 and isinstance(source.pieces[0], Alternative):
        condition, then, otherwise = source.pieces[0].condition, source.pieces[0].then, source.pieces[0].otherwise
        result = machine.fork(
            condition,
            lambda: _run(machine, then, name, rendering, node, frame),
            lambda: _run(machine, otherwise, name, replace(rendering, blocks={}), node, frame),
        )
        return result if isinstance(result, Text) else machine.to_text(result, node, frame)
    if isinstance(source, Text) and not source.pieces:
        return source
    if not isinstance(source, Text) or not source.literal:
        return _opaque(machine, source, rendering, node, frame)
    parsed = parse(machine, source, rendering.environment, name)
    nested = rendering.around.count(parsed.module.path)
    if parsed.problem or nested >= machine.limits.turns or len(rendering.around) >= machine.limits.depth:
        if not parsed.problem:
            return Text((machine.unknown(Reason.RECURSION, node, frame, name or "template"),))
        return _opaque(machine, source, rendering, node, frame)
    inner = replace(rendering, around=(*rendering.around, parsed.module.path))
    _bind(machine, parsed, inner)
    for block, body in parsed.compiled.blocks.items():
        inner.blocks.setdefault(block, []).append((parsed, body))
    scope = inner.scopes[0]
    machine.store.set(scope, OUT, Text())
    machine.store.set(scope, RENDERING, const(inner))
    running = Frame(parsed.module, inner.scopes)
    saved = machine.assumptions
    try:
        statements.block(machine, parsed.compiled.body, running)
    finally:
        machine.assumptions = saved
    if parsed.compiled.parent is None:
        return _out(machine, scope)
    name_of_parent = machine.evaluate(parsed.compiled.parent, running)
    found, parent = _found(machine, name_of_parent, inner, node)
    return _run(machine, found, parent, inner, node, frame)


def _out(machine: Machine, scope: int) -> Text:
    out = machine.store.get(scope, OUT)
    return out if isinstance(out, Text) else Text((out,)) if isinstance(out, Hole) else Text()


def _opaque(machine: Machine, source: Value | None, rendering: Rendering, node: ast.AST, frame: Frame) -> Text:
    """A template whose text is not known, or that Jinja2 cannot parse: as short-lived as what is put into it."""
    holes = holes_of(source)
    for key in machine.store.keys(rendering.scopes[-1]):
        holes.extend(holes_of(machine.store.get(rendering.scopes[-1], key)))  # type: ignore[arg-type]
    identity: object = ("rendered", tuple(hole.identity for hole in holes)) if holes else None
    return Text((machine.derived(holes, node, frame, identity=identity, reason=None if holes else Reason.UNSUPPORTED),))


def _bind(machine: Machine, parsed: Parsed, rendering: Rendering) -> None:
    """Gives the template its helpers, the environment's filters and globals, and every name that nobody defined."""
    store, base = machine.store, rendering.scopes[-1]
    for index, hole in enumerate(parsed.kept):
        store.set(base, f"{HOLE}{index}", Text((hole,)))
    own = {kind: environments.own(rendering.environment, kind) for kind in environments.WRITABLE}
    for helper in parsed.compiled.helpers:
        store.set(base, helper, _helper(machine, helper, own))
    for name in sorted(parsed.compiled.names):
        if any(store.get(scope, name) is not None for scope in rendering.scopes):
            continue
        written = own["globals"]
        found = known.lookup(machine.entries(written).entries, Text.of(name))[0] if written is not None else None
        if found is None:
            found = External(GLOBALS[name]) if name in GLOBALS else rendering.missing(name)
        store.set(base, name, found)


def _helper(machine: Machine, helper: str, own: dict[str, DictRef | None]) -> Value:
    for prefix, kind, module in ((FILTER, "filters", "jinja2.filters."), (TEST, "tests", "jinja2.tests.")):
        if helper.startswith(prefix):
            name = helper.removeprefix(prefix)
            written = own[kind]
            found = known.lookup(machine.entries(written).entries, Text.of(name))[0] if written is not None else None
            return found if found is not None else External(module + name)
    return NOTHING if helper == UNDEFINED else External(HELPERS[helper])


def _found(machine: Machine, name: Value, rendering: Rendering, node: ast.AST) -> tuple[Value, str | None]:
    """The text of another template: by name, the first found of several names, or a template handed over as an object."""
    if isinstance(name, ExternalObject) and name.cls == environments.TEMPLATE and name.arguments is not None:
        source = known.plain(name.arguments.positional[0]) if name.arguments.positional else None
        return source or NOTHING, known.text_of(name.arguments.keyword("name"))
    names = machine.items(name).items if isinstance(name, ListRef | TupleValue) else (name,)
    for one in names:
        plain = known.text_of(one)
        text = environments.load(machine, rendering.environment, plain, node, rendering.frame) if plain is not None else None
        if text is not None:
            return text, plain
    return environments.missing(machine, name, node, rendering.frame), None


# Helpers


def current(machine: Machine, frame: Frame) -> Rendering | None:
    """The rendering that a frame of a template belongs to."""
    for scope in frame.scopes:
        found = machine.store.get(scope, RENDERING)
        if isinstance(found, Const) and isinstance(found.value, Rendering):
            return found.value
    return None


def block(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """A block where it stands: the most derived template's."""
    name = known.text_of(arguments.get(0, "name")) or ""
    return _block(machine, name, 0, dict(arguments.keywords), frame)


def super_block(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`super()`: the same block of the template that this one extends."""
    for scope in frame.scopes:
        running = machine.store.get(scope, BLOCK)
        if isinstance(running, TupleValue):
            name, level = running.items
            return _block(machine, known.text_of(name) or "", (known.int_of(level) or 0) + 1, {}, frame)
    return Text()


def _block(machine: Machine, name: str, level: int, given: dict[str, Value], frame: Frame) -> Text:
    rendering = current(machine, frame)
    if rendering is None or level >= len(rendering.blocks.get(name, ())):
        return Text()
    parsed, body = rendering.blocks[name][level]
    if rendering.around.count(f"{name}:{level}") >= machine.limits.turns:
        return Text((machine.unknown(Reason.RECURSION, None, frame, f"block {name}"),))
    scope = machine.store.allocate()
    for key, value in given.items():
        machine.store.set(scope, key, value)
    inner = replace(rendering, around=(*rendering.around, f"{name}:{level}"))
    machine.store.set(scope, RENDERING, const(inner))
    machine.store.set(scope, BLOCK, TupleValue((Text.of(name), const(level))))
    machine.store.set(scope, OUT, Text())
    statements.block(machine, body, Frame(parsed.module, (scope, *rendering.scopes)))
    return _out(machine, scope)


def include(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`{% include name %}`: another template with the variables of this one."""
    rendering, name = current(machine, frame), arguments.get(0, "name")
    if rendering is None or name is None:
        return Text()

    def one(chosen: Value) -> Value:
        source, plain = _found(machine, chosen, rendering, node)
        optional = known.scalar(arguments.get(1, "missing"))[1] is True
        if plain is None and optional and known.text_of(chosen) is not None:
            return Text()
        top, base = machine.store.allocate(), machine.store.allocate()
        for key, value in arguments.keywords:
            machine.store.set(base, key, value)
        # What the included template does not find in its own scopes it finds in those around it.
        inner = replace(rendering, scopes=(top, base), blocks={}, missing=lambda wanted: _around(machine, wanted, rendering))
        return _run(machine, source, plain, inner, node, frame)

    return machine.each(name, one, node, frame)


def _around(machine: Machine, name: str, rendering: Rendering) -> Value:
    for scope in rendering.scopes:
        found = machine.store.get(scope, name)
        if found is not None:
            return found  # type: ignore[return-value]
    return rendering.missing(name)


def imported(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`{% import name %}`: the macros and variables of another template, which does not see this one's."""
    rendering, name = current(machine, frame), arguments.get(0, "name")
    if rendering is None or name is None:
        return NOTHING
    source, plain = _found(machine, name, rendering, node)
    top, base = machine.store.allocate(), machine.store.allocate()
    sees = known.scalar(arguments.get(1, "context"))[1] is True
    around = (lambda wanted: _around(machine, wanted, rendering)) if sees else (lambda wanted: NOTHING)
    _run(machine, source, plain, replace(rendering, scopes=(top, base), blocks={}, missing=around), node, frame)
    entries = [
        Entry(Text.of(key), value)  # type: ignore[arg-type]
        for key in machine.store.keys(top)
        if not key.startswith((" ", "_")) and (value := machine.store.get(top, key)) is not None
    ]
    return machine.new_dict(entries)


def exported(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    module, name = arguments.get(0, "module"), arguments.get(1, "name")
    found = known.lookup(machine.entries(module).entries, name)[0] if isinstance(module, DictRef) and name is not None else None
    return found if found is not None else NOTHING
