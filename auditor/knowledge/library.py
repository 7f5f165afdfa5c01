"""Typed access to `library.toml`: lifetimes of library functions, telling names, handlers. Contains no decisions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from auditor.values.lifetime import Cause, Lifetime


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a function: lifetime and cause of its result, the result's type, bounds of its length as text.

    `store`: the result is a database or a part of one, and what is read of it lives as long as what it is asked with.
    `said`: attributes of the result, or of its parts, that hold what the fact is about.
    """

    lifetime: Lifetime
    cause: Cause
    type: str | None
    characters: tuple[int, int | None]
    store: bool = False
    said: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Newest:
    """A method that gives the newest messages of a chat. `types`: of the method; with none of them the name is one of its own.

    `count`: the parameter that says how many (None: all of them). `unless`: parameters with which it gives others.
    """

    types: frozenset[str]
    methods: frozenset[str]
    count: str
    unless: frozenset[str]


@dataclass(frozen=True, slots=True)
class Graphs:
    """Graphs whose nodes share a state, by their classes' last names; `packages` are those that have such states."""

    packages: frozenset[str]
    makers: frozenset[str]
    states: frozenset[str]
    reducers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Library:
    """The tables. `prefixes` are names ending in a dot, longest first."""

    functions: dict[str, Fact]
    prefixes: tuple[tuple[str, Fact], ...]
    objects: dict[str, Fact]  # what a library keeps ready: a value, not a function
    attributes: dict[tuple[str, str], Fact]  # by type of the owner and name
    names: dict[str, Lifetime]
    parts: dict[str, Lifetime]  # of a request or an event
    askers: frozenset[str]  # those of them whose own rows a table of that name has
    tables: frozenset[str]  # methods of databases that name a table
    rows: frozenset[str]  # those that take a row's key alone
    inserts: frozenset[str]  # those that make a row
    speakers: frozenset[str]  # columns that say whose words a row holds
    equalities: frozenset[str]  # those that say which column is to equal what
    handler_methods: frozenset[str]
    handler_libraries: frozenset[str]
    handler_connections: frozenset[str]  # those of both that make a handler of a connection, which lasts for many messages
    handler_registrars: frozenset[str]  # what takes a handler as an argument
    handler_decorators: frozenset[str]
    handler_types: frozenset[str]
    handler_parameters: frozenset[str]
    told: dict[str, tuple[str, frozenset[str]]]  # parameter -> its type, where one of these attributes is asked of it
    handler_classes: Mapping[str, str]  # classes whose methods are handlers, and the type of their request
    script_decorators: frozenset[str]
    exits: frozenset[str]  # functions behind which nothing of the program happens
    raising: frozenset[str]  # ... and those that raise an exception of their library's
    reruns: frozenset[str]  # libraries that run the program anew for each interaction
    session_mappings: frozenset[str]  # what a library keeps for a session in between: keys and attributes alike
    shared_sessions: frozenset[str]  # those of them into which any handler of the site may have put something before
    handing: Mapping[str, tuple[str, frozenset[str]]]  # package -> its dispatcher's class, what else takes values
    carriers: dict[str, str]  # what a program's start hangs things on for its handlers, and the attribute that is written there
    applications: frozenset[str]  # classes of which a program makes one object, mostly of a class of its own below
    loaders: frozenset[str]  # functions of a module that such an object calls with itself
    pure: frozenset[str]  # functions whose result is fixed by their arguments; a name ending in a dot stands for all below it
    request_objects: tuple[str, ...]  # what a framework makes anew for each request
    graphs: Graphs
    columns: frozenset[str]  # what describes, in a class, a value that each of its instances has; names as above
    templates: frozenset[str]  # functions that fill a template whose language is not read
    newest: tuple[Newest, ...]
    jinja: Mapping[str, Mapping[str, str]]  # classes of templates that are Jinja2's, and the functions that these find by name

    def is_pure(self, name: str) -> bool:
        return _listed(self.pure, name)

    def is_column(self, name: str) -> bool:
        return _listed(self.columns, name)

    def fact(self, name: str) -> Fact | None:
        """What the tables say of a dotted name."""
        found = self.functions.get(name)
        if found is not None:
            return found
        return next((fact for prefix, fact in self.prefixes if name.startswith(prefix)), None)


def _listed(names: frozenset[str], name: str) -> bool:
    """Whether a list of names holds one, or all that stand below one that it holds."""
    return name in names or any(prefix.endswith(".") and name.startswith(prefix) for prefix in names)


def _fact(row: dict[str, Any]) -> Fact:
    low, high = row.get("characters", (0, None))
    lifetime, cause = Lifetime[row["lifetime"].upper()], Cause(row["cause"])
    return Fact(lifetime, cause, row.get("type"), (low, high), row.get("store", False), frozenset(row.get("said", ())))


def _newest(row: dict[str, Any]) -> Newest:
    return Newest(frozenset(row.get("types", ())), frozenset(row["methods"]), row["count"], frozenset(row["unless"]))


@lru_cache(maxsize=1)
def load() -> Library:
    data = tomllib.loads(files("auditor.knowledge").joinpath("library.toml").read_text("utf-8"))
    functions: dict[str, Fact] = {}
    prefixes: list[tuple[str, Fact]] = []
    for row in data["function"]:
        fact = _fact(row)
        for name in row["names"]:
            if name.endswith("."):
                prefixes.append((name, fact))
            else:
                functions[name] = fact
    objects = {name: _fact(row) for row in data["object"] for name in row["names"]}
    attributes = {(owner, name): _fact(row) for row in data["attribute"] for owner in row["types"] for name in row["names"]}
    names = {name: Lifetime[lifetime.upper()] for lifetime, listed in data["names"].items() for name in listed}
    parts = {name: Lifetime[lifetime.upper()] for lifetime, listed in data["parts"].items() for name in listed}
    handlers = data["handlers"]
    return Library(
        functions,
        tuple(sorted(prefixes, key=lambda row: (-len(row[0]), row[0]))),
        objects,
        attributes,
        names,
        parts,
        frozenset(data["askers"]["names"]),
        frozenset(data["questions"]["tables"]),
        frozenset(data["questions"]["rows"]),
        frozenset(data["questions"]["inserts"]),
        frozenset(data["questions"]["speakers"]),
        frozenset(data["questions"]["equalities"]),
        frozenset(handlers["methods"]),
        frozenset(handlers["libraries"]),
        frozenset(handlers["connections"]),
        frozenset(handlers["registrars"]),
        frozenset(handlers["decorators"]),
        frozenset(handlers["types"]),
        frozenset(handlers["parameters"]),
        {row["parameter"]: (row["type"], frozenset(row["attributes"])) for row in data["told"]},
        handlers["classes"],
        frozenset(data["scripts"]["decorators"]),
        frozenset(data["endings"]["exits"]),
        frozenset(data["endings"]["raising"]),
        frozenset(data["reruns"]["libraries"]),
        frozenset([*data["sessions"]["mappings"], *data["sessions"]["shared"]]),
        frozenset(data["sessions"]["shared"]),
        {row["package"]: (row["dispatcher"], frozenset(row["calls"])) for row in data["handing"]},
        {name: row["attribute"] for row in data["carriers"] for name in row["types"]},
        frozenset(data["applications"]["classes"]),
        frozenset(data["applications"]["loaders"]),
        frozenset(data["pure"]["names"]),
        tuple(data["requests"]["objects"]),
        Graphs(**{key: frozenset(names) for key, names in data["graphs"].items()}),
        frozenset(data["columns"]["names"]),
        frozenset(data["templates"]["names"]),
        tuple(_newest(row) for row in data["newest"]),
        {name: row["globals"] for row in data["jinja"] for name in row["classes"]},
    )
