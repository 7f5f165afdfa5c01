"""Environments and loaders: which options a template is parsed with, and where its text is found.

An environment is a library object that carries its constructor's arguments and three mappings that programs write to: filters,
globals and tests. A template carries its text, its environment and its name.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from auditor.interp import attributes, known
from auditor.interp.library import paths
from auditor.values.domain import (
    Arguments,
    Const,
    DictRef,
    Entry,
    External,
    ExternalObject,
    Hole,
    Instance,
    ListRef,
    Text,
    TupleValue,
    Value,
    const,
)
from auditor.values.join import leaves
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]

ENVIRONMENT, TEMPLATE, AUTOESCAPE = "jinja2.Environment", "jinja2.Template", "jinja2.select_autoescape"

OPTIONS = (
    "block_start_string",
    "block_end_string",
    "variable_start_string",
    "variable_end_string",
    "comment_start_string",
    "comment_end_string",
    "line_statement_prefix",
    "line_comment_prefix",
    "trim_blocks",
    "lstrip_blocks",
    "newline_sequence",
    "keep_trailing_newline",
)
"""Constructor parameters that decide how a template is read, in the order in which `Template` takes them too."""

EXTENSIONS = {
    "jinja2.ext.do": "jinja2.ext.do",
    "jinja2.ext.ExprStmtExtension": "jinja2.ext.do",
    "jinja2.ext.loopcontrols": "jinja2.ext.loopcontrols",
    "jinja2.ext.LoopControlExtension": "jinja2.ext.loopcontrols",
}
"""Jinja2's own extensions that add statements; others would have to be run."""

WRITABLE = ("filters", "globals", "tests")
READ = ("loader", *WRITABLE)


def environment(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`Environment(...)`."""
    keywords = dict(arguments.keywords)
    order = (*OPTIONS, "extensions", "optimized", "undefined", "finalize", "autoescape", "loader")
    for name, item in zip(order, arguments.positional, strict=False):
        value = known.plain(item)
        if value is not None:
            keywords[name] = value
    for name in WRITABLE:
        keywords[name] = machine.new_dict()
    given = Arguments((), tuple(keywords.items()), arguments.unknown_keywords)
    return ExternalObject(ENVIRONMENT, (), given, machine.serial(), machine.place(node, frame))


def plain_template(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`Template(source, ...)`: a template with an environment of its own."""
    source = arguments.get(0, "source")
    if source is None:
        return None
    options = Arguments(arguments.positional[1:], tuple(pair for pair in arguments.keywords if pair[0] != "source"))
    return template(machine, source, environment(machine, options, node, frame), None, node, frame)


def ready_template(
    machine: Machine, functions: Mapping[str, str], arguments: Arguments, node: ast.AST, frame: Frame
) -> Value | None:
    """`Template(source, application)`: one that finds functions of its application by name."""
    source = arguments.get(0, "template")
    if source is None:
        return None
    owner = environment(machine, Arguments(), node, frame)
    ready = own(owner, "globals")
    if ready is not None:
        machine.set_entries(ready, [Entry(Text.of(name), External(function)) for name, function in functions.items()])
    return template(machine, source, owner, None, node, frame)


def template(machine: Machine, source: Value, owner: Value, name: str | None, node: ast.AST, frame: Frame) -> ExternalObject:
    named = (("name", Text.of(name)),) if name is not None else ()
    keywords = (("environment", owner), *named)
    return ExternalObject(TEMPLATE, (), Arguments((source,), keywords), machine.serial(), machine.place(node, frame))


def autoescape(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    return ExternalObject(AUTOESCAPE, (), arguments, machine.serial())


def attribute(value: ExternalObject, name: str) -> Value | None:
    """An attribute of an environment that programs write to or hand on."""
    if value.cls == ENVIRONMENT and not value.path and name in READ and value.arguments is not None:
        return value.arguments.keyword(name)
    return None


def own(value: Value | None, name: str) -> DictRef | None:
    """The mapping of filters, globals or tests of an environment."""
    found = value.arguments.keyword(name) if isinstance(value, ExternalObject) and value.arguments is not None else None
    return found if isinstance(found, DictRef) else None


# Options


def options(machine: Machine, value: Value | None) -> tuple[tuple[str, object], ...]:
    """The options of an environment that decide how templates are parsed, as far as they are known."""
    arguments = value.arguments if isinstance(value, ExternalObject) else None
    if arguments is None:
        return ()
    out: list[tuple[str, object]] = []
    for name in OPTIONS:
        found, raw = known.scalar(arguments.keyword(name))
        if found and isinstance(raw, str | bool):
            out.append((name, raw))
    listed = arguments.keyword("extensions")
    if isinstance(listed, ListRef | TupleValue):
        names = [_extension(known.plain(item)) for item in machine.items(listed).items]
        out.append(("extensions", tuple(EXTENSIONS[name] for name in names if name in EXTENSIONS)))
    return tuple(out)


def _extension(value: Value | None) -> str:
    return value.name if isinstance(value, External) else known.text_of(value) or ""


def escapes(machine: Machine, value: Value | None, name: str | None) -> bool:
    """Whether templates of that name have their values escaped for HTML."""
    given = value.arguments.keyword("autoescape") if isinstance(value, ExternalObject) and value.arguments else None
    if isinstance(given, Const):
        return given.value is True
    if isinstance(given, ExternalObject) and given.cls == AUTOESCAPE and given.arguments is not None:
        if name is None:
            return known.scalar(given.arguments.get(2, "default_for_string"))[1] is not False
        listed = given.arguments.get(0, "enabled_extensions")
        endings = machine.items(listed).items if isinstance(listed, ListRef | TupleValue) else ()
        known_endings = [known.text_of(item) for item in endings] or ["html", "htm", "xml"]
        return name.lower().endswith(tuple(f".{ending}".lower() for ending in known_endings if ending))
    return False


# Loaders


def load(machine: Machine, value: Value | None, name: str, node: ast.AST, frame: Frame) -> Text | None:
    """The text of a template by name; None where it is not found."""
    loader = value.arguments.keyword("loader") if isinstance(value, ExternalObject) and value.arguments is not None else None
    return _load(machine, loader, name, node, frame, 0) if loader is not None else None


def _load(machine: Machine, loader: Value, name: str, node: ast.AST, frame: Frame, depth: int) -> Text | None:
    if depth > machine.limits.turns or "\0" in name:
        return None
    if isinstance(loader, Instance):
        method = attributes.class_member(machine, loader.cls, "get_source")
        if method is None:
            return None
        bound = attributes.bind(machine, method, loader)
        return _source(machine, machine.call(bound, Arguments((const(None), Text.of(name))), node, frame))
    if not isinstance(loader, ExternalObject) or loader.arguments is None:
        return next((found for one in leaves(loader)[1:] if (found := _load(machine, one, name, node, frame, depth + 1))), None)
    given = loader.arguments
    match loader.cls.rsplit(".", 1)[-1]:
        case "FileSystemLoader":
            return _of_folders(machine, _folders(machine, given.get(0, "searchpath")), name, node, frame)
        case "PackageLoader":
            package = known.text_of(given.get(0, "package_name"))
            folder = machine.project.resolve(frame.module.path, package) if package else None
            if folder is None:
                return None
            base = "\0" + folder.rpartition("/")[0]
            inner = known.text_of(given.get(1, "package_path")) or "templates"
            return _of_folders(machine, [paths.joined(base, inner)], name, node, frame)
        case "DictLoader":
            mapping = given.get(0, "mapping")
            entries = machine.entries(mapping).entries if isinstance(mapping, DictRef) else ()
            return _source(machine, known.lookup(entries, Text.of(name))[0])
        case "FunctionLoader":
            function = given.get(0, "load_func")
            return _source(machine, machine.call(function, Arguments((Text.of(name),)), node, frame)) if function else None
        case "ChoiceLoader":
            for one in _listed(machine, given.get(0, "loaders")):
                text = _load(machine, one, name, node, frame, depth + 1)
                if text is not None:
                    return text
            return None
        case "PrefixLoader":
            prefix, _, rest = name.partition(known.text_of(given.get(1, "delimiter")) or "/")
            mapping = given.get(0, "mapping")
            entries = machine.entries(mapping).entries if isinstance(mapping, DictRef) else ()
            inner_loader = known.lookup(entries, Text.of(prefix))[0]
            return _load(machine, inner_loader, rest, node, frame, depth + 1) if inner_loader is not None else None
        case _:
            return None


def _source(machine: Machine, value: Value | None) -> Text | None:
    """What a loader's function gives: the text, or a tuple that begins with it."""
    if isinstance(value, TupleValue) and value.items:
        value = known.plain(value.items[0])
    return value if isinstance(value, Text) else Text((value,)) if isinstance(value, Hole) else None


def _listed(machine: Machine, value: Value | None) -> Iterator[Value]:
    if isinstance(value, ListRef | TupleValue):
        yield from (item for raw in machine.items(value).items if (item := known.plain(raw)) is not None)


def _folders(machine: Machine, value: Value | None) -> list[str]:
    """Folders that templates are searched in: one, or a list of them."""
    each = list(_listed(machine, value)) if isinstance(value, ListRef | TupleValue) else [value]
    return [text for one in each if (text := paths.text(machine, one)) is not None]


def _of_folders(machine: Machine, folders: list[str], name: str, node: ast.AST, frame: Frame) -> Text | None:
    for folder in folders:
        path = paths.joined(folder, name)
        if paths.find(machine, path, frame) is not None:
            body = paths.content(machine, path, node, frame, name)
            return body if isinstance(body, Text) else Text((body,)) if isinstance(body, Hole) else None
    return None


def missing(machine: Machine, name: Value, node: ast.AST, frame: Frame) -> Text:
    """The text of a template that was not found: fixed by the deployment."""
    label = known.text_of(name) or machine.source(node)
    hole = machine.hole(node, frame, Lifetime.DEPLOY, Cause.FILE, identity=("template", name), expression=f"content of {label}")
    return Text((hole,))


def flask_environment(machine: Machine, node: ast.AST, frame: Frame) -> Value:
    """Flask's own: templates lie in `templates` beside the application."""
    folders = [Text.of("templates"), Text.of("app/templates"), Text.of("src/templates")]
    loader = ExternalObject("jinja2.FileSystemLoader", (), Arguments((machine.new_list(folders),)), machine.serial())
    escape = ExternalObject(AUTOESCAPE, (), Arguments((TupleValue(tuple(map(Text.of, ("html", "htm", "xml", "xhtml", "svg")))),)))
    return environment(machine, Arguments((), (("loader", loader), ("autoescape", escape))), node, frame)
