"""Requests that a program posts itself: a call of something that posts, to a URL that only an endpoint has.

Knows the tables of routes, posting functions and clients with a base URL. Which function means a request is told in `posting`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from auditor.interp import known
from auditor.interp.library import serial
from auditor.llm.posting import BODIES
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
from auditor.values.text import Alternative, Literal

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.knowledge.sdk import HttpClient, Route, Sdk


@dataclass(frozen=True, slots=True)
class Posted:
    """A recognised post: where it goes, and the body's fields as named arguments."""

    route: Route
    url: Text
    body: Arguments


def recognise(machine: Machine, sdk: Sdk, name: str, arguments: Arguments, client: ExternalObject | None) -> Posted | None:
    """The post that a call of `name` (the last part of the callee's) is; None where it is none to an endpoint.

    `client` is the object whose method it is: what it was made with may give the URL's beginning, and headers.
    """
    poster = sdk.posters.get(name)
    if poster is None:
        return None
    url = _url(machine, arguments, poster)
    if url is None or not url.pieces:
        return None
    url = _below(machine, sdk, client, url)
    if isinstance(url.pieces[0], Literal) and not url.literal.startswith("http"):
        return None  # a path below some base that is not known: any server may answer there
    headers = _headers(arguments, client)
    route = next((route for route in sdk.routes if _leads(url, route) and _has(machine, headers, route.header)), None)
    if route is None:
        return None
    body = _body(machine, arguments, poster)
    if body is None or not (body.unknown_keywords or any(field in route.fields for field, _ in body.keywords)):
        return None
    body = _with_model(url, body)
    if headers is not None:  # among the fields: no field of any body is called so
        body = Arguments(body.positional, (*body.keywords, ("headers", headers)), body.unknown_keywords)
    return Posted(route, url, body)


def _leads(url: Text, route: Route) -> bool:
    """Whether the path ends as the route's does."""
    path = url.literal.split("?", 1)[0]
    return (path if isinstance(url.pieces[-1], Hole) else path.rstrip("/")).endswith(route.match)


def _url(machine: Machine, arguments: Arguments, position: int) -> Text | None:
    given = arguments.keyword("url")
    if given is None and len(arguments.positional) > position:
        given = known.plain(arguments.positional[position])
    return None if given is None else _spelled(machine, given)


def _spelled(machine: Machine, given: Value) -> Text | None:
    """A URL's text: as it is, or inside of an object (`httpx.URL(...)`)."""
    given = decide(given, machine.assumptions)
    if isinstance(given, ExternalObject) and given.arguments is not None and given.arguments.positional:
        inner = known.plain(given.arguments.positional[0])
        return None if inner is None else _spelled(machine, inner)
    if isinstance(given, Hole) and given.content is not None:
        return given.content
    return given if isinstance(given, Text) else None


# Clients with a base URL


def _below(machine: Machine, sdk: Sdk, client: ExternalObject | None, url: Text) -> Text:
    """The URL that a client makes of one that is relative to its own."""
    made = sdk.http_clients.get(client.cls) if client is not None else None
    if made is None or client is None or client.arguments is None or url.literal.startswith("http"):
        return url
    if not isinstance(url.pieces[0], Literal):
        return url
    base = client.arguments.get(made.position, made.base) if made.position is not None else client.arguments.keyword(made.base)
    if base is None or known.is_none(base):
        return url
    found = _spelled(machine, base) or (Text((base,)) if isinstance(base, Hole) else None)
    return url if found is None else _joined(found, url, made)


def _joined(base: Text, url: Text, client: HttpClient) -> Text:
    """Base and relative URL: put together, or, as browsers do, with a path from the root replacing the base's."""
    if base.known is not None and not client.appends:
        folder = urljoin(base.known, "/" if url.literal.startswith("/") else ".")
        return Text.of(folder.rstrip("/"), "/", _without(url, "/"))
    return Text.of(_ended(base), "/", _without(url, "/"))


def _ended(base: Text) -> Text:
    last = base.pieces[-1] if base.pieces else None
    return Text((*base.pieces[:-1], replace(last, text=last.text.rstrip("/")))) if isinstance(last, Literal) else base


def _without(url: Text, prefix: str) -> Text:
    first = url.pieces[0]
    return Text((replace(first, text=first.text.lstrip(prefix)), *url.pieces[1:])) if isinstance(first, Literal) else url


# Bodies


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
    model: list[Literal | Hole | Alternative] = []
    for piece in url.pieces:
        if isinstance(piece, Literal) and not model and "/models/" in piece.text:
            model.append(replace(piece, text=piece.text.split("/models/", 1)[1]))
        elif model:
            model.append(piece)
        if model and isinstance(last := model[-1], Literal) and (end := END_OF_MODEL.search(last.text)) is not None:
            model[-1] = replace(last, text=last.text[: end.start()])
            break
    return Arguments(body.positional, (*body.keywords, ("model", Text(tuple(model)))), body.unknown_keywords)


END_OF_MODEL = re.compile(r"[:?/]")


def _headers(arguments: Arguments, client: ExternalObject | None) -> Value | None:
    """The post's headers, or its client's."""
    headers = arguments.keyword("headers")
    if headers is None and client is not None and client.arguments is not None:
        headers = client.arguments.keyword("headers")
    return headers


def _has(machine: Machine, headers: Value | None, name: str | None) -> bool:
    """Whether a header is among those that are sent, or none is asked for."""
    if name is None:
        return True
    fields = None if headers is None else _fields(machine, headers)
    keys = (known.text_of(entry.key) or "" for entry in fields.entries if isinstance(entry, Entry)) if fields is not None else ()
    return any(key.lower() == name for key in keys)
