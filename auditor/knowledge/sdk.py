"""Typed access to `surfaces/*.toml`: clients, endpoints, hosts. Contains no decisions."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from auditor.knowledge import objects
from auditor.knowledge.endpoint import Endpoint as Endpoint


@dataclass(frozen=True, slots=True)
class Host:
    match: tuple[str, ...]
    provider: str
    surface: str


@dataclass(frozen=True, slots=True)
class Route:
    """What a posted URL means: ends of its path that tell, whose models answer by default, and the body's shape and fields.

    `header`: the path alone tells nothing, but with this header among the request's it does.
    """

    match: tuple[str, ...]
    endpoint: Endpoint
    fields: frozenset[str]  # one of these is in every body
    header: str | None = None


@dataclass(frozen=True, slots=True)
class HttpClient:
    """A client that posts below a URL of its own: the argument that gives it, and how both are put together."""

    base: str
    position: int | None
    appends: bool


@dataclass(frozen=True, slots=True)
class Vendor:
    """Whose model answers behind what a client speaks to, by how the model's id begins."""

    prefix: str
    behind: frozenset[str]
    provider: str
    surface: str


@dataclass(frozen=True, slots=True)
class Sdk:
    clients: dict[str, tuple[str, str]]  # class -> provider, surface
    endpoints: tuple[Endpoint, ...]
    hosts: tuple[Host, ...]
    vendors: tuple[Vendor, ...]
    marked: tuple[Vendor, ...]  # who is asked by requests with markers whose model is not known: a prefix says nothing
    transparent: frozenset[str]
    same_client: frozenset[str]
    wrappers: frozenset[str]
    mappings: tuple[str, ...]  # patterns of the names of TypedDicts
    libraries: frozenset[str]
    needles: tuple[bytes, ...]
    parameters: dict[str, tuple[str, ...]]
    tool_decorators: frozenset[str]
    objects: objects.Objects
    posters: dict[str, int]  # last part of a posting function's name -> position of the URL
    sent: dict[str, frozenset[str]]  # what only makes a request -> last parts of the names of what sends it
    routes: tuple[Route, ...]
    http_clients: dict[str, HttpClient]
    post_needles: tuple[bytes, ...]  # what a file spells that knows an endpoint's URL
    post_libraries: tuple[bytes, ...]
    post_calls: tuple[bytes, ...]

    def last_names(self) -> frozenset[str]:
        """The method names of all endpoints."""
        return frozenset(endpoint.path[-1] for endpoint in self.endpoints)

    def is_mapping(self, cls: str) -> bool:
        """Whether calling it makes a plain mapping."""
        return any(fnmatchcase(cls, pattern) for pattern in self.mappings)

    def answering(self, provider: str, surface: str, model: str) -> tuple[str, str]:
        """Whose model answers, and where: what the client speaks to, or who is behind it."""
        for vendor in self.vendors:
            if provider in vendor.behind and model.lower().startswith(vendor.prefix):
                return vendor.provider, vendor.surface
        return provider, surface

    def reading_markers(self, provider: str) -> tuple[str, str] | None:
        """Whose model it is that markers are written for, where neither the client nor the model's name tells."""
        return next(((row.provider, row.surface) for row in self.marked if provider in row.behind), None)

    def may_lead(self, url: str) -> bool:
        """Whether a URL, or the rest of one below some base, can be an endpoint's."""
        path = url.split("?", 1)[0].strip("/")
        return any(path.endswith(end) or end.endswith(path) for route in self.routes for end in route.match)


@lru_cache(maxsize=1)
def load() -> Sdk:
    tables = [tomllib.loads(file.read_text("utf-8")) for file in _files()]

    def joined(key: str) -> list[Any]:
        return [entry for table in tables for entry in table.get(key, ())]

    return Sdk(
        {cls: (row["provider"], row["surface"]) for row in joined("client") for cls in row["classes"]},
        tuple(_endpoint(row) for row in joined("endpoint")),
        tuple(Host(tuple(row["match"]), row["provider"], row.get("surface", "compatible")) for row in joined("host")),
        tuple(Vendor(row["prefix"], frozenset(row["behind"]), row["provider"], row["surface"]) for row in joined("vendor")),
        tuple(
            Vendor("", frozenset(row["behind"]), row["provider"], row["surface"])
            for table in tables
            if (row := table.get("marked")) is not None
        ),
        frozenset(joined("transparent")),
        frozenset(joined("same_client")),
        frozenset(joined("wrappers")),
        tuple(joined("mappings")),
        frozenset(joined("libraries")),
        tuple(needle.encode() for needle in joined("needles")),
        {name: tuple(listed) for table in tables for name, listed in table.get("parameters", {}).items()},
        frozenset(name for table in tables for name in table.get("tools", {}).get("decorators", ())),
        objects.read(tables),
        {name: row["url"] for row in joined("poster") for name in row["names"]},
        {name: frozenset(row["sent"]) for row in joined("poster") if "sent" in row for name in row["names"]},
        tuple(_route(row) for row in joined("route")),
        {
            cls: HttpClient(row["base"], row.get("position"), row["appends"])
            for row in joined("http_client")
            for cls in row["classes"]
        },
        tuple(needle.encode() for needle in joined("urls")),
        tuple(name.encode() for name in joined("http_libraries")),
        tuple(f"{name}(".encode() for row in joined("poster") for name in row["names"]),
    )


def _files() -> list[Traversable]:
    folder = files("auditor.knowledge").joinpath("surfaces")
    return sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)


def _route(row: dict[str, Any]) -> Route:
    endpoint = Endpoint("http.post", row["provider"], ("post",), row["arguments"], frozenset(), True, False)
    return Route(tuple(row["match"]), endpoint, frozenset(row["fields"]), row.get("header"))


def _endpoint(row: dict[str, Any]) -> Endpoint:
    return Endpoint(
        row["api"],
        row["provider"],
        tuple(row["path"].split(".")),
        row["arguments"],
        frozenset(row["telling"]),
        row.get("sends", True),
        row.get("loops", False),
        tuple(row.get("other_models", ())),
        frozenset(row.get("other_fields", ())),
    )
