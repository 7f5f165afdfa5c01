"""Typed access to `sdk.toml`: clients, endpoints, hosts. Contains no decisions."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method that sends. `path` is what follows the client; `telling` names parameters that only such a call has."""

    api: str
    provider: str
    path: tuple[str, ...]
    arguments: str
    telling: frozenset[str]
    sends: bool
    loops: bool


@dataclass(frozen=True, slots=True)
class Host:
    match: tuple[str, ...]
    provider: str
    surface: str


@dataclass(frozen=True, slots=True)
class Sdk:
    clients: dict[str, tuple[str, str]]  # class -> provider, surface
    endpoints: tuple[Endpoint, ...]
    hosts: tuple[Host, ...]
    transparent: frozenset[str]
    same_client: frozenset[str]
    wrappers: frozenset[str]
    libraries: frozenset[str]
    needles: tuple[bytes, ...]
    parameters: dict[str, tuple[str, ...]]
    tool_decorators: frozenset[str]
    tool_functions: frozenset[str]

    def last_names(self) -> frozenset[str]:
        """The method names of all endpoints."""
        return frozenset(endpoint.path[-1] for endpoint in self.endpoints)


@lru_cache(maxsize=1)
def load() -> Sdk:
    data = tomllib.loads(files("auditor.knowledge").joinpath("sdk.toml").read_text("utf-8"))
    endpoints = tuple(
        Endpoint(
            row["api"],
            row["provider"],
            tuple(row["path"].split(".")),
            row["arguments"],
            frozenset(row["telling"]),
            row.get("sends", True),
            row.get("loops", False),
        )
        for row in data["endpoint"]
    )
    return Sdk(
        {cls: (row["provider"], row["surface"]) for row in data["client"] for cls in row["classes"]},
        endpoints,
        tuple(Host(tuple(row["match"]), row["provider"], row.get("surface", "compatible")) for row in data["host"]),
        frozenset(data["transparent"]),
        frozenset(data["same_client"]),
        frozenset(data["wrappers"]),
        frozenset(data["libraries"]),
        tuple(needle.encode() for needle in data["needles"]),
        {name: tuple(listed) for name, listed in data["parameters"].items()},
        frozenset(data["tools"]["decorators"]),
        frozenset(data["tools"]["functions"]),
    )
