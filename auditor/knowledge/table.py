"""A TOML table read with types: a wrong or missing or surplus key is an error that names file and key. Knows no providers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date


class KnowledgeError(ValueError):
    """A data file is wrong. The message names file and key."""


class Table:
    """One table of a data file. Every reader raises KnowledgeError; `finish` does for keys that nobody read."""

    def __init__(self, data: Mapping[str, object], where: str) -> None:
        self.data = data
        self.where = where
        self._read: set[str] = set()

    def error(self, key: str, what: str) -> KnowledgeError:
        return KnowledgeError(f"{self.where}: {key}: {what}")

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def _get(self, key: str, kind: type | tuple[type, ...], default: object = ...) -> object:
        self._read.add(key)
        value = self.data.get(key, default)
        if value is ...:
            raise self.error(key, "is missing")
        if value is not default and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise self.error(key, f"has type {type(value).__name__}")
        return value

    def text(self, key: str, default: object = ...) -> str:
        return str(self._get(key, str, default))

    def texts(self, key: str, default: object = ...) -> tuple[str, ...]:
        value = self._get(key, list, default)
        items = value if isinstance(value, list | tuple) else ()
        if not all(isinstance(item, str) for item in items):
            raise self.error(key, "must be a list of strings")
        return tuple(items)

    def flag(self, key: str, default: object = ...) -> bool:
        return bool(self._get(key, bool, default))

    def whole(self, key: str) -> int:
        value = self._get(key, int)
        if not isinstance(value, int) or value < 0:
            raise self.error(key, "must not be negative")
        return value

    def maybe_whole(self, key: str) -> int | None:
        return self.whole(key) if key in self.data else None

    def number(self, key: str) -> float:
        value = self._get(key, (int, float))
        if not isinstance(value, int | float) or value < 0:
            raise self.error(key, "must not be negative")
        return float(value)

    def maybe_number(self, key: str) -> float | None:
        return self.number(key) if key in self.data else None

    def day(self, key: str) -> date:
        value = self._get(key, date)
        assert isinstance(value, date)
        return value

    def sub(self, key: str) -> Table:
        """A table below this one; an empty one where it is not there."""
        value = self._get(key, dict, {})
        assert isinstance(value, dict)
        return Table(value, f"{self.where}: {key}")

    def subs(self, key: str) -> Iterator[tuple[str, Table]]:
        """The tables that stand below one key, by name."""
        group = self.sub(key)
        for name in group.data:
            yield name, group.sub(name)

    def each(self, key: str) -> Iterator[Table]:
        """The items of an array of tables."""
        value = self._get(key, list, [])
        assert isinstance(value, list)
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                raise self.error(key, "must hold tables")
            label = next((str(item[name]) for name in ("id", "parameter") if name in item), str(index))
            yield Table(item, f"{self.where}: {key}[{label}]")

    def cited(self, known: Iterable[str]) -> tuple[str, ...]:
        """The sources that this table names; each must be listed."""
        keys = self.texts("source")
        if not keys:
            raise self.error("source", "is empty")
        for key in keys:
            if key not in known:
                raise self.error("source", f"{key!r} is not listed under [sources]")
        return keys

    def finish(self) -> None:
        for key in self.data:
            if key not in self._read:
                raise self.error(key, "is not a known key")
