"""Typed access to `library.toml`: lifetimes of library functions, telling names, handlers. Contains no decisions."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from auditor.values.lifetime import Cause, Lifetime


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a function: lifetime and cause of its result, the result's type, bounds of its length as text."""

    lifetime: Lifetime
    cause: Cause
    type: str | None
    characters: tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class Library:
    """The tables. `prefixes` are names ending in a dot, longest first."""

    functions: dict[str, Fact]
    prefixes: tuple[tuple[str, Fact], ...]
    names: dict[str, Lifetime]
    handler_methods: frozenset[str]
    handler_libraries: frozenset[str]
    handler_decorators: frozenset[str]
    handler_types: frozenset[str]
    handler_parameters: frozenset[str]
    script_decorators: frozenset[str]

    def fact(self, name: str) -> Fact | None:
        """What the tables say of a dotted name."""
        found = self.functions.get(name)
        if found is not None:
            return found
        return next((fact for prefix, fact in self.prefixes if name.startswith(prefix)), None)


@lru_cache(maxsize=1)
def load() -> Library:
    data = tomllib.loads(files("auditor.knowledge").joinpath("library.toml").read_text("utf-8"))
    functions: dict[str, Fact] = {}
    prefixes: list[tuple[str, Fact]] = []
    for row in data["function"]:
        low, high = row.get("characters", (0, None))
        fact = Fact(Lifetime[row["lifetime"].upper()], Cause(row["cause"]), row.get("type"), (low, high))
        for name in row["names"]:
            if name.endswith("."):
                prefixes.append((name, fact))
            else:
                functions[name] = fact
    names = {name: Lifetime[lifetime.upper()] for lifetime, listed in data["names"].items() for name in listed}
    handlers = data["handlers"]
    return Library(
        functions,
        tuple(sorted(prefixes, key=lambda row: (-len(row[0]), row[0]))),
        names,
        frozenset(handlers["methods"]),
        frozenset(handlers["libraries"]),
        frozenset(handlers["decorators"]),
        frozenset(handlers["types"]),
        frozenset(handlers["parameters"]),
        frozenset(data["scripts"]["decorators"]),
    )
