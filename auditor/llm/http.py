"""Requests that a program posts itself: a call of something that posts, to a URL that only an endpoint has.

Knows the tables of routes and posting functions. A helper that only hands URL and body on is no call site: its caller is.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.interp.library import serial
from auditor.llm import overrides
from auditor.llm.contexts import is_test
from auditor.project.syntax import last_name
from auditor.values.domain import (
    Arguments,
    Choice,
    Const,
    DictRef,
    Entries,
    Entry,
    ExternalObject,
    Hole,
    SpreadEntries,
    Text,
    Value,
)
from auditor.values.join import decide, join_entries
from auditor.values.lifetime import Reason
from auditor.values.text import Literal

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.knowledge.sdk import Route, Sdk
    from auditor.project.project import Project

BODIES = ("json", "data", "content", "body")


@dataclass(frozen=True, slots=True)
class Posted:
    """A recognised post: where it goes, and the body's fields as named arguments."""

    route: Route
    url: Text
    body: Arguments


def recognise(machine: Machine, sdk: Sdk, name: str, arguments: Arguments) -> Posted | None:
    """The post that a call of `name` (the last part of the callee's) is; None where it is none to an endpoint."""
    poster = sdk.posters.get(name)
    if poster is None:
        return None
    url = _url(machine, arguments, poster)
    if url is None:
        return None
    literal = url.literal
    if isinstance(url.pieces[0] if url.pieces else None, Literal) and not literal.startswith("http"):
        return None  # a path below some base that is not known: any server may answer there
    route = next((route for route in sdk.routes if any(part in literal for part in route.match)), None)
    if route is None:
        return None
    body = _body(machine, arguments, poster)
    return None if body is None else Posted(route, url, _with_headers(arguments, _with_model(url, body)))


def _url(machine: Machine, arguments: Arguments, position: int) -> Text | None:
    given = arguments.keyword("url")
    if given is None and len(arguments.positional) > position:
        given = known.plain(arguments.positional[position])
    if given is None:
        return None
    given = decide(given, machine.assumptions)
    if isinstance(given, ExternalObject) and given.arguments is not None and given.arguments.positional:
        given = known.plain(given.arguments.positional[0])  # `httpx.URL(...)`
    return given if isinstance(given, Text) else None


def _body(machine: Machine, arguments: Arguments, position: int) -> Arguments | None:
    """The fields of the body, written as a mapping or as JSON text that was made of one."""
    given = next((found for name in BODIES if (found := arguments.keyword(name)) is not None), None)
    if given is None and len(arguments.positional) > position + 1:
        given = known.plain(arguments.positional[position + 1])
    if given is None:
        return None
    fields = _fields(machine, given)
    if fields is None:
        return None
    named = tuple((known.text_of(entry.key) or "", entry.value) for entry in fields.entries if isinstance(entry, Entry))
    rest = tuple(entry for entry in fields.entries if not isinstance(entry, Entry))
    return Arguments((), tuple((name, value) for name, value in named if name), rest)


def _fields(machine: Machine, given: Value) -> Entries | None:
    given = decide(given, machine.assumptions)
    if isinstance(given, Const) and isinstance(given.value, bytes):
        given = Text.of(given.value.decode("utf-8", "replace"))
    if isinstance(given, Text):
        given = machine.serialised.get(given) or serial.parsed(machine, given, "json") or given
    match given:
        case DictRef():
            return machine.entries(given)
        case Choice(condition, then, otherwise):
            one, other = _fields(machine, then), _fields(machine, otherwise)
            return one or other if one is None or other is None else join_entries(condition, one, other)
        case Hole():
            return Entries((SpreadEntries(given),))
        case Text():
            return Entries((SpreadEntries(machine.unknown(Reason.UNSUPPORTED, None, None, "the posted body")),))
        case _:
            return None


def _with_model(url: Text, body: Arguments) -> Arguments:
    """Where the URL names the model (`.../models/gemini-2.5-flash:generateContent`), it is an argument like any other."""
    if body.keyword("model") is not None or "/models/" not in url.literal:
        return body
    text = url.known
    if text is None:
        return body
    model = text.split("/models/", 1)[1].split(":", 1)[0].split("?", 1)[0]
    value: Value = Text.of(model)
    return Arguments(body.positional, (*body.keywords, ("model", value)), body.unknown_keywords)


def _with_headers(arguments: Arguments, body: Arguments) -> Arguments:
    """The post's headers among the fields: no field of any body is called so."""
    headers = arguments.keyword("headers")
    if headers is None:
        return body
    return Arguments(body.positional, (*body.keywords, ("headers", headers)), body.unknown_keywords)


def caller(machine: Machine, node: ast.AST, frame: Frame) -> tuple[ast.AST, str, str]:
    """The call that means the request, with its file and function: that of a helper where the post only hands on what it got."""
    name = frame.name
    path = frame.module.path
    depth = len(machine.stack) - 1
    while depth >= 0 and isinstance(node, ast.Call):
        activation = machine.stack[depth]
        if activation.call is None or not _general(machine, node, path, activation.function):
            break
        above = overrides.calling(machine, depth)
        if above is None:
            break
        node, path, name = above
        depth -= 1
    return node, path, name


def _general(machine: Machine, node: ast.Call, path: str, function: object) -> bool:
    """Whether a function posts whatever it is given: any arguments, or to URLs that its callers spell differently."""
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or not hands_on(node, function):
        return False
    if any(isinstance(one, ast.Starred) for one in node.args) or any(keyword.arg is None for keyword in node.keywords):
        return True
    spec = function.args
    names = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
    if isinstance(node.func, ast.Name) and node.func.id in names:
        return True
    key = ("urls", id(function))
    found = machine.cache.get(key)
    if not isinstance(found, int):
        found = machine.cache[key] = len(_urls(machine, path, function))
    return found > 1


def _urls(machine: Machine, path: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """How the callers of a function spell what it is given first. What tests give to the application says nothing about it."""
    urls = set()
    for reference in machine.project.references(function.name, lambda caller: is_test(path) or not is_test(caller)):
        if isinstance(reference.node, ast.Call):
            given = [*reference.node.args, *(keyword.value for keyword in reference.node.keywords)]
            urls.add(machine.source(given[0]) if given else "")
    return urls


def hands_on(node: ast.Call, function: object) -> bool:
    """Whether a call's URL is nothing but a parameter of the function around it."""
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    spec = function.args
    names = {argument.arg for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
    rest = {argument.arg for argument in (spec.vararg, spec.kwarg) if argument is not None}
    url = next((keyword.value for keyword in node.keywords if keyword.arg == "url"), None)
    given = [url] if url is not None else list(node.args)
    starred = any(isinstance(one, ast.Starred) and isinstance(one.value, ast.Name) and one.value.id in rest for one in given)
    return starred or any(isinstance(one, ast.Name) and one.id in names for one in given)


def helpers(project: Project, sdk: Sdk) -> frozenset[str]:
    """Names of the project's functions that hand a URL on to something that posts."""
    found: set[str] = set()
    for path in sorted({path for name in sdk.posters for path in project.mentioning(f".{name}(")}):
        module = project.module(path)
        if module is None:
            continue
        for call, scope in module.calls:
            if last_name(call.func) in sdk.posters and scope and hands_on(call, module.functions.get(scope)):
                found.add(scope.rsplit(".", 1)[-1])
    return frozenset(found)
