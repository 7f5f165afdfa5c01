"""Typed access to `credentials.toml`: what credentials and personal data are called and look like. Contains no decisions."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

CREDENTIAL = "credential"
"""The type of a value that is a credential, whole and readable. A part of it, a hash or its length has another."""

SEALED = "Secret"
"""What the names of pydantic's types have in common that print as asterisks until they are asked for what they hold."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class Credentials:
    ends: tuple[str, ...]
    exceptions: tuple[str, ...]
    whole: frozenset[str]
    methods: frozenset[tuple[str, frozenset[str]]]
    formats: tuple[tuple[str, re.Pattern[str]], ...]
    placeholders: tuple[str, ...]
    distinct: int
    personal: frozenset[str]
    telling: frozenset[str]

    def names(self, name: str) -> bool:
        """Whether a variable or setting of that name holds a credential."""
        words = " " + " ".join(_WORDS.findall(name)).lower()
        return words.endswith(tuple(f" {end}" for end in self.ends)) and not words.endswith(
            tuple(f" {end}" for end in self.exceptions)
        )

    def gives(self, method: str, keywords: frozenset[str]) -> bool:
        """Whether a method of that name gives a credential, asked with these keywords (or more) and nothing else."""
        return any(name == method and (needed <= keywords if needed else not keywords) for name, needed in self.methods)

    def spelled(self, text: str) -> str | None:
        """What kind of credential a text spells out; None where it spells none, or one that only shows what they look like."""
        for name, pattern in self.formats:
            if any(self._real(found.group()) for found in pattern.finditer(text)):
                return name
        return None

    def _real(self, found: str) -> bool:
        lower = found.lower()
        return len(set(found[-16:])) >= self.distinct and not any(word in lower for word in self.placeholders)


@lru_cache(maxsize=1)
def load() -> Credentials:
    data = tomllib.loads(files("auditor.knowledge").joinpath("credentials.toml").read_text("utf-8"))
    return Credentials(
        tuple(data["names"]["ends"]),
        tuple(data["names"]["not"]),
        frozenset(data["names"]["whole"]),
        frozenset((row["name"], frozenset(row["keywords"])) for row in data["method"]),
        tuple((row["name"], re.compile(row["pattern"])) for row in data["format"]),
        tuple(data["placeholders"]["words"]),
        data["placeholders"]["distinct"],
        frozenset(data["personal"]["fields"]),
        frozenset(data["personal"]["telling"]),
    )


def type_of(name: str | None) -> str | None:
    """The type of what a variable or setting of that name holds, as far as the name tells."""
    return CREDENTIAL if name is not None and load().names(name) else None


def within(type: str | None, method: str | None = None) -> str | None:
    """The type of an item or attribute of a value of that type, or of what a method of it gives: what holds a credential and
    is asked for what it holds by name gives that credential."""
    return type if type == CREDENTIAL and (method is None or method in load().whole) else None
