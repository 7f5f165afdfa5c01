"""Typed access to `waits.toml`: what waits, and what runs functions again and again. Contains no decisions."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib.resources import files
from typing import Any

Argument = tuple[int, str]  # position (below 0: by name alone) and name


@dataclass(frozen=True, slots=True)
class Period:
    """How the arguments of an object, or of a call, say how often something is run."""

    shape: str  # "fields", "cron-fields", "cron-text", "number"
    positional: tuple[str, ...] = ()
    span: Argument = (-1, "")
    rest: str = "any"


@dataclass(frozen=True, slots=True)
class Register:
    """A method, a decorator or a class that is given a function to run later."""

    owners: tuple[str, ...]
    function: Argument
    span: Argument
    rest: str
    every: float | None
    telling: bool


@dataclass(frozen=True, slots=True)
class Chain:
    start: frozenset[str]
    run: str
    decorators: frozenset[str]
    units: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Waits:
    sleeps: Mapping[str, Argument]
    pauses: frozenset[str]
    waiting: frozenset[str]  # functions that wait for a coroutine
    threads: frozenset[str]  # functions that run another in a thread
    periods: Mapping[str, Period]
    registers: Mapping[str, Register]  # by the method's name
    decorators: tuple[tuple[str, Register], ...]  # by the dotted name, `*` standing for anything
    delayed: Mapping[str, tuple[Register, str]]
    chain: Chain

    def decorator(self, name: str) -> Register | None:
        """What a dotted name says as a decorator."""
        last = name.rpartition(".")[2]
        rows = (row for pattern, row in self.decorators if pattern.endswith(f".{last}") and fnmatchcase(name, pattern))
        return next(rows, None)


def _argument(value: Iterable[Any]) -> Argument:
    position, name = value
    return int(position), str(name)


def _register(row: Mapping[str, Any]) -> Register:
    return Register(
        tuple(row.get("owners", ())),
        _argument(row.get("function", (-1, ""))),
        _argument(row.get("span", (-1, ""))),
        row.get("rest", "any"),
        row.get("every"),
        row.get("telling", False),
    )


@lru_cache(maxsize=1)
def load() -> Waits:
    data = tomllib.loads(files("auditor.knowledge").joinpath("waits.toml").read_text("utf-8"))
    chain = data["chain"]
    return Waits(
        {name: _argument(row["span"]) for row in data["sleep"] for name in row["names"]},
        frozenset(name for row in data["pause"] for name in row["names"]),
        frozenset(data["waiting"]["names"]),
        frozenset(data["threads"]["names"]),
        {
            name: Period(
                row["shape"], tuple(row.get("positional", ())), _argument(row.get("span", (-1, ""))), row.get("rest", "any")
            )
            for row in data["period"]
            for name in row["names"]
        },
        {row["method"]: _register(row) for row in data["register"]},
        tuple((name, _register(row)) for row in data["decorator"] for name in row["names"]),
        {name: (_register(row), row["starts"]) for row in data["delayed"] for name in row["names"]},
        Chain(
            frozenset(chain["start"]),
            chain["run"],
            frozenset(chain["decorator"]),
            {name: float(seconds) for name, seconds in chain["units"].items()},
        ),
    )
