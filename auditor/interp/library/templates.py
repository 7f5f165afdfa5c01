"""Templates that are objects: `string.Template`, and the plain `PromptTemplate` of LangChain and LlamaIndex.

Knows how placeholders are written and filled. Chat templates, which become messages, are not described here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from auditor.interp import calls, formats, known, mappings
from auditor.interp.library import paths
from auditor.values.domain import (
    Arguments,
    DictRef,
    Entry,
    EntryItem,
    ExternalObject,
    ListRef,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import join_text
from auditor.values.text import Alternative, Hole, Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

DOLLARS, FILLED = "string.Template", "langchain_core.prompt_values.StringPromptValue"
LIBRARIES = ("langchain", "llama_index")


def is_prompt(name: str) -> bool:
    return name.endswith(".PromptTemplate") and name.startswith(LIBRARIES)


def call(machine: Machine, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A template made by its class or by a function of it."""
    if name == DOLLARS:
        first = arguments.get(0, "template")
        return ExternalObject(DOLLARS, (), Arguments((first,)), machine.serial()) if first is not None else None
    if name in machine.library.templates:
        filling = Arguments(tuple(_filling(machine, arguments)))
        return machine.derived(calls.argument_holes(filling), node, frame, identity=("pure", name, filling))
    owner, _, last = name.rpartition(".")
    if is_prompt(name):
        text = arguments.keyword("template") or (known.plain(arguments.positional[0]) if arguments.positional else None)
        return _prompt(machine, name, text, arguments, node, frame)
    if not is_prompt(owner):
        return None
    first = known.plain(arguments.positional[0]) if arguments.positional else arguments.keyword("template")
    if last == "from_file":
        first = arguments.get(0, "template_file")
        first = paths.content(machine, paths.text(machine, first), node, frame, machine.source(node), first)
    return _prompt(machine, owner, first, arguments, node, frame) if last in {"from_template", "from_file"} else None


def _filling(machine: Machine, arguments: Arguments) -> Iterator[Value]:
    """A template and the values that stand for its placeholders."""
    for value in (arguments.get(0, "template"), arguments.get(1, "data")):
        match value:
            case DictRef():
                yield TupleValue(tuple(mappings.values(machine.entries(value).entries)))
            case None:
                pass
            case _:
                yield value


def _prompt(
    machine: Machine, name: str, text: Value | None, arguments: Arguments, node: ast.AST, frame: Frame
) -> ExternalObject | None:
    if text is None:
        return None
    kept = tuple(pair for pair in arguments.keywords if pair[0] not in {"template", "template_file"})
    given = Arguments((), (("template", text), *kept), arguments.unknown_keywords)
    return ExternalObject(name, (), given, machine.serial(), machine.place(node, frame))


def attribute(machine: Machine, value: ExternalObject, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    if value.path or value.arguments is None:
        return None
    if value.cls == DOLLARS and name == "template":
        return value.arguments.get(0)
    if value.cls == FILLED and name == "text":
        return value.arguments.get(0)
    if is_prompt(value.cls) and name in {"template", "partial_variables", "input_variables"}:
        return value.arguments.keyword(name)
    return None


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """Filling a template."""
    if len(value.path) != 1 or value.arguments is None:
        return None
    name = value.path[0]
    if value.cls == DOLLARS:
        template = value.arguments.get(0)
        if name not in {"substitute", "safe_substitute"} or not isinstance(template, Text):
            return None
        named, more = _named(machine, arguments, arguments.get(0, "mapping"))
        return _substitute(machine, template, named, more, name == "safe_substitute", node, frame)
    if value.cls == FILLED:
        return value.arguments.get(0) if name == "to_string" else None
    return _prompt_method(machine, value, name, arguments, node, frame) if is_prompt(value.cls) else None


def _prompt_method(
    machine: Machine, value: ExternalObject, name: str, arguments: Arguments, node: ast.AST, frame: Frame
) -> Value | None:
    assert value.arguments is not None
    match name:
        case "format" | "format_prompt" | "aformat" | "invoke" | "ainvoke":
            mapping = arguments.get(0, "input") if name in {"invoke", "ainvoke"} else None
            text = _formatted(machine, value, *_named(machine, arguments, mapping), node, frame)
            if text is None or name in {"format", "aformat"}:
                return text
            return ExternalObject(FILLED, (), Arguments((text,)), machine.serial(), machine.place(node, frame))
        case "partial" | "partial_format":
            before = value.arguments.keyword("partial_variables")
            entries: list[EntryItem] = list(machine.entries(before).entries) if isinstance(before, DictRef) else []
            entries += [Entry(Text.of(key), given) for key, given in arguments.keywords]
            changed = tuple(pair for pair in value.arguments.keywords if pair[0] != "partial_variables")
            keywords = (*changed, ("partial_variables", machine.new_dict([*entries, *arguments.unknown_keywords])))
            return ExternalObject(value.cls, (), Arguments((), keywords), machine.serial(), value.place)
        case "get_template":
            return value.arguments.keyword("template")
        case _:
            return None


def _named(machine: Machine, arguments: Arguments, mapping: Value | None) -> tuple[dict[str, Value], tuple[EntryItem, ...]]:
    """Values by name, and what else may be among them."""
    entries = machine.entries(mapping).entries if isinstance(mapping, DictRef) else ()
    if isinstance(mapping, Hole):
        entries = (SpreadEntries(mapping),)
    named = _plain(entries) | dict(arguments.keywords)
    rest = tuple(entry for entry in entries if not isinstance(entry, Entry))
    return named, (*rest, *arguments.unknown_keywords)


def _plain(entries: Iterable[EntryItem]) -> dict[str, Value]:
    return {key: entry.value for entry in entries if isinstance(entry, Entry) and (key := known.text_of(entry.key)) is not None}


def _formatted(
    machine: Machine,
    value: ExternalObject,
    named: Mapping[str, Value],
    more: tuple[EntryItem, ...],
    node: ast.AST,
    frame: Frame,
) -> Value | None:
    assert value.arguments is not None
    template, partial = value.arguments.keyword("template"), value.arguments.keyword("partial_variables")
    if isinstance(partial, DictRef):
        filled = _plain(machine.entries(partial).entries)
        named = {key: _called(machine, one, node, frame) for key, one in filled.items()} | dict(named)
    if not isinstance(template, Text):
        return None
    form = known.text_of(value.arguments.keyword("template_format"))
    if form == "jinja2":
        from auditor.interp.library.jinja import rendering

        every = Arguments((), tuple(named.items()), more)
        holder = ExternalObject("jinja2.Template", (), Arguments((template,)))
        return rendering.render(machine, holder, every, node, frame)
    return (
        formats.format_call(machine, template, Arguments((), tuple(named.items()), more), node, frame)
        if form != "mustache"
        else None
    )


def _called(machine: Machine, value: Value, node: ast.AST, frame: Frame) -> Value:
    """A partial variable may be a function that gives the value when the text is made."""
    plain = (Text, Hole, DictRef, ListRef)
    return value if isinstance(value, plain) or known.scalar(value)[0] else machine.call(value, Arguments(), node, frame)


DOLLAR = re.compile(r"\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})")


def _substitute(
    machine: Machine,
    template: Text,
    named: Mapping[str, Value],
    more: tuple[EntryItem, ...],
    safe: bool,
    node: ast.AST,
    frame: Frame,
) -> Text:
    """`$name` and `${name}` filled. Without a value a safe substitution leaves them as they are written."""
    out: list[Text | str] = []
    for piece in template.pieces:
        match piece:
            case Literal(text, place):
                position = 0
                for match in DOLLAR.finditer(text):
                    out.append(Text.of(Literal(text[position : match.start()], place)))
                    position = match.end()
                    name = match[2] or match[3] or ""
                    if match[1]:
                        out.append("$")
                    elif name in named:
                        out.append(machine.to_text(named[name], formats.argument_node(node, name), frame))
                    elif safe and not more:
                        out.append(Text.of(Literal(match[0], place)))
                    else:
                        out.append(Text((known.missing(match[0], ("dollar", name, id(node))),)))
                out.append(Text.of(Literal(text[position:], place)))
            case Hole():
                out.append(Text((piece,)))
            case Alternative(condition, then, otherwise):
                sides = [_substitute(machine, side, named, more, safe, node, frame) for side in (then, otherwise)]
                out.append(join_text(condition, *sides))
    return machine.text(*out)
