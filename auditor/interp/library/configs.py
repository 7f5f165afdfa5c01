"""Configuration objects of libraries: mappings whose keys are attributes too, read from files of the project.

OmegaConf and Hydra, Dynaconf, python-box and its relatives, `configparser`. What a file of the project says is known; what the
environment may put in its place is not modelled: it lives as long as the process, and the file is what most readers mean.
"""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from auditor.interp import known, mappings, textmethods
from auditor.interp.library import paths, serial, streams
from auditor.values.domain import (
    Arguments,
    DictRef,
    Entry,
    ExternalObject,
    FunctionValue,
    ListRef,
    Partial,
    Text,
    TupleValue,
    Value,
)
from auditor.values.text import Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]

CONFIG, HYDRA, PARSER = "omegaconf.DictConfig", "hydra.main", "configparser.ConfigParser"
WRAPPERS = (
    *(
        "box.Box",
        "box.ConfigBox",
        "munch.Munch",
        "munch.munchify",
        "easydict.EasyDict",
        "addict.Dict",
        "omegaconf.OmegaConf.create",
    ),
    *("omegaconf.OmegaConf.structured", "ml_collections.ConfigDict"),
)
ENDINGS = (".toml", ".yaml", ".yml", ".json", ".ini")
SAME = frozenset({"copy", "to_dict", "as_dict", "toDict", "to_container", "model_dump"})


def wrapped(data: Value, *, upper: bool = False) -> Value:
    """A mapping as a configuration object. `upper`: names are found in any case, as Dynaconf does."""
    if not isinstance(data, DictRef):
        return data
    return ExternalObject(CONFIG, (), Arguments((data,), (("upper", Text.of("yes")),) if upper else ()))


def data_of(value: Value | None) -> DictRef | None:
    """The mapping inside of a configuration object."""
    if isinstance(value, ExternalObject) and value.cls == CONFIG and not value.path and value.arguments is not None:
        first = value.arguments.get(0)
        return first if isinstance(first, DictRef) else None
    return None


def lookup(machine: Machine, value: ExternalObject, key: Value) -> Value | None:
    """What a configuration object holds under a key; None where that is not known."""
    data, name = data_of(value), known.text_of(key)
    if data is None:
        return None
    any_case = value.arguments is not None and value.arguments.keyword("upper") is not None
    entries = machine.entries(data).entries
    found = known.lookup(entries, key)[0]
    if found is None and any_case and name is not None:
        found = next(
            (
                entry.value
                for entry in entries
                if isinstance(entry, Entry) and (known.text_of(entry.key) or "").lower() == name.lower()
            ),
            None,
        )
    return wrapped(_resolved(machine, found, value), upper=any_case) if found is not None else None


REFERENCE = re.compile(r"\$\{([A-Za-z_][\w.]*)\}")


def _resolved(machine: Machine, value: Value, owner: ExternalObject) -> Value:
    """OmegaConf's `${other.key}`, looked up from the root that the object remembers."""
    root = owner.arguments.keyword("root") if owner.arguments is not None else None
    text = known.text_of(value)
    data = data_of(owner) if root is None else root
    if text is None or "${" not in text or not isinstance(data, DictRef):
        return value
    place = next((piece.place for piece in value.pieces if isinstance(piece, Literal)), None) if isinstance(value, Text) else None
    out: list[Text | str] = []
    for index, part in enumerate(REFERENCE.split(text)):
        if index % 2 == 0:
            out.append(Text.of(Literal(part, place)))
            continue
        found: Value | None = data
        for name in part.split("."):
            found = known.lookup(machine.entries(found).entries, Text.of(name))[0] if isinstance(found, DictRef) else None
        plain, raw = known.scalar(found)
        out.append(found if isinstance(found, Text) else str(raw) if plain else "${" + part + "}")
    return machine.text(*out)


def attribute(machine: Machine, value: ExternalObject, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    if value.cls != CONFIG or value.path or name in METHODS:
        return None
    found = lookup(machine, value, Text.of(name))
    return found if found is None else _rooted(found, value)


def _rooted(found: Value, owner: ExternalObject) -> Value:
    """A part of a configuration remembers the whole, which references count from."""
    if not (isinstance(found, ExternalObject) and found.arguments is not None and owner.arguments is not None):
        return found
    root = owner.arguments.keyword("root") or owner.arguments.get(0)
    if root is None:
        return found
    return ExternalObject(found.cls, (), Arguments(found.arguments.positional, (*found.arguments.keywords, ("root", root))))


def item(machine: Machine, value: ExternalObject, key: Value) -> Value | None:
    """`config[key]`."""
    if value.cls == CONFIG and not value.path:
        found = lookup(machine, value, key)
        return found if found is None else _rooted(found, value)
    return None


METHODS = frozenset({"get", "items", "keys", "values", "copy", "to_dict", "as_dict", "toDict", "update", "pop", "setdefault"})


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A method of a configuration object."""
    if value.cls == PARSER:
        return _parser_method(machine, value, arguments, node, frame)
    data = data_of(ExternalObject(value.cls, (), value.arguments)) if len(value.path) == 1 else None
    if data is None:
        return None
    owner, name = ExternalObject(value.cls, (), value.arguments), value.path[0]
    if name in SAME:
        return data
    if name == "get" and arguments.positional:
        first = known.plain(arguments.positional[0])
        found = lookup(machine, owner, first) if first is not None else None
        if found is not None:
            return _rooted(found, owner)
    return mappings.dict_method(machine, data, name, arguments, node, frame) if name in METHODS else None


# Reading files


def _parsed(machine: Machine, path: str | None, node: ast.AST, frame: Frame) -> Value | None:
    """The data of a configuration file of the project."""
    if path is None or not path.endswith(ENDINGS) or paths.find(machine, path, frame) is None:
        return None
    body = paths.content(machine, path, node, frame, path)
    return serial.parsed(machine, body, path.rpartition(".")[2]) if isinstance(body, Text) else None


def _load(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`OmegaConf.load(path)`."""
    path = paths.text(machine, known.plain(arguments.positional[0])) if arguments.positional else None
    data = _parsed(machine, path, node, frame)
    return wrapped(data) if data is not None else None


def _create(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    if isinstance(first, DictRef):
        return wrapped(first)
    if first is None and arguments.keywords:
        return wrapped(machine.new_dict([Entry(Text.of(name), value) for name, value in arguments.keywords]))
    return None


def _merge(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`OmegaConf.merge(a, b)`: keys of later ones win, within mappings too."""
    parts = [data_of(known.plain(one)) or known.plain(one) for one in arguments.positional]
    result: DictRef | None = None
    for part in parts:
        if not isinstance(part, DictRef):
            return None
        result = part if result is None else _merged(machine, result, part)
    return wrapped(result) if result is not None else None


def _merged(machine: Machine, first: DictRef, second: DictRef) -> DictRef:
    out = machine.new_dict(machine.entries(first).entries)
    for entry in machine.entries(second).entries:
        if not isinstance(entry, Entry):
            continue
        before = known.lookup(machine.entries(out).entries, entry.key)[0]
        both = isinstance(before, DictRef) and isinstance(entry.value, DictRef)
        mappings.set_entry(machine, out, entry.key, _merged(machine, before, entry.value) if both else entry.value)  # type: ignore[arg-type]
    return out


def _dynaconf(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`Dynaconf(settings_files=[...])`: the files one after the other."""
    given = arguments.keyword("settings_files") or arguments.keyword("settings_file")
    files = machine.items(given).items if isinstance(given, ListRef | TupleValue) else (given,)
    root = paths.text(machine, arguments.keyword("root_path"))
    result: DictRef | None = None
    for one in files:
        value = known.plain(one) if one is not None else None
        each = [part for text in [paths.text(machine, value)] if text is not None for part in text.split(",")]
        for path in each:
            data = _parsed(machine, path if root is None else paths.joined(root, path), node, frame)
            if isinstance(data, DictRef):
                result = data if result is None else _merged(machine, result, data)
    return wrapped(result, upper=True) if result is not None else None


def _hydra(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`@hydra.main(config_path=..., config_name=...)`: what it hands to the function."""
    folder, name = known.text_of(arguments.get(0, "config_path")), known.text_of(arguments.get(1, "config_name"))
    if name is None:
        return None
    here = paths.joined("\0" + (frame.module.path.rpartition("/")[0] or "."), folder or ".")
    data = _parsed(machine, paths.joined(here, name if name.endswith(ENDINGS) else f"{name}.yaml"), node, frame)
    if not isinstance(data, DictRef):
        return None
    return ExternalObject(HYDRA, (), Arguments((_composed(machine, data, here, node, frame),)))


def _composed(machine: Machine, data: DictRef, folder: str, node: ast.AST, frame: Frame) -> DictRef:
    """The groups that a `defaults` list names, with the file's own keys over them."""
    entries = machine.entries(data).entries
    listed = known.lookup(entries, Text.of("defaults"))[0]
    result = machine.new_dict()
    for one in machine.items(listed).items if isinstance(listed, ListRef) else ():
        for group, choice in _choices(machine, known.plain(one)):
            found = _parsed(machine, paths.joined(folder, group, f"{choice}.yaml"), node, frame)
            if isinstance(found, DictRef):
                part = machine.new_dict([Entry(Text.of(group), found)]) if group else found
                result = _merged(machine, result, part)
    own = machine.new_dict(
        [entry for entry in entries if not (isinstance(entry, Entry) and known.text_of(entry.key) == "defaults")]
    )
    return _merged(machine, result, own)


def _choices(machine: Machine, value: Value | None) -> Iterable[tuple[str, str]]:
    """Group and file of one entry of a `defaults` list: `model: big`, or a file beside."""
    text = known.text_of(value)
    if text is not None and text != "_self_":
        yield "", text
    if isinstance(value, DictRef):
        for entry in machine.entries(value).entries:
            group, choice = (known.text_of(entry.key), known.text_of(entry.value)) if isinstance(entry, Entry) else (None, None)
            if group is not None and choice is not None:
                yield group, choice


def decorated(decorator: Value, function: FunctionValue) -> Value | None:
    """A function behind `@hydra.main(...)`: called without arguments it gets the configuration."""
    if isinstance(decorator, ExternalObject) and decorator.cls == HYDRA and decorator.arguments is not None:
        data = decorator.arguments.get(0)
        return Partial(function, Arguments((wrapped(data),))) if isinstance(data, DictRef) else None
    return None


# configparser


def _config_parser(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    return ExternalObject(PARSER, (), Arguments((), (("sections", machine.new_dict()),)), machine.serial())


def _parser_method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    sections = value.arguments.keyword("sections") if value.arguments is not None else None
    if len(value.path) != 1 or not isinstance(sections, DictRef):
        return None
    first = known.plain(arguments.positional[0]) if arguments.positional else None
    match value.path[0]:
        case "read" | "read_string" | "read_file":
            text = _ini_text(machine, value.path[0], first, node, frame)
            spelled = text.known if text is not None else None
            for name, written in _ini(spelled).items() if spelled is not None else ():
                mappings.set_entry(machine, sections, Text.of(name), textmethods.wrap(machine, written, text))
            return machine.new_list()
        case "get" if len(arguments.positional) >= 2 and first is not None:
            section = known.lookup(machine.entries(sections).entries, first)[0]
            key = known.plain(arguments.positional[1])
            found = known.lookup(machine.entries(section).entries, key)[0] if isinstance(section, DictRef) and key else None
            return found if found is not None else arguments.keyword("fallback")
        case "sections":
            return machine.new_list([entry.key for entry in machine.entries(sections).entries if isinstance(entry, Entry)])
        case _:
            return None


def _ini_text(machine: Machine, name: str, first: Value | None, node: ast.AST, frame: Frame) -> Text | None:
    if name == "read_string":
        return first if isinstance(first, Text) else None
    body = streams.body(machine, first)
    if body is None:
        body = paths.content(machine, paths.text(machine, first), node, frame, "configuration")
    return body if isinstance(body, Text) else None


def _ini(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
        return {name: dict(parser[name]) for name in parser.sections()}
    except configparser.Error:
        return {}


def sections(value: ExternalObject) -> DictRef | None:
    """`parser[section]` is an item of these."""
    found = value.arguments.keyword("sections") if value.cls == PARSER and not value.path and value.arguments else None
    return found if isinstance(found, DictRef) else None


OVERLAYS: dict[str, Overlay] = {
    **dict.fromkeys(WRAPPERS, _create),
    "omegaconf.OmegaConf.load": _load,
    "omegaconf.OmegaConf.merge": _merge,
    "omegaconf.OmegaConf.to_container": lambda machine, arguments, node, frame: (
        data_of(known.plain(arguments.positional[0])) if arguments.positional else None
    ),
    "dynaconf.Dynaconf": _dynaconf,
    "dynaconf.LazySettings": _dynaconf,
    HYDRA: _hydra,
    PARSER: _config_parser,
    "configparser.RawConfigParser": _config_parser,
}
