"""Finds and reads the configuration file: `cache-audit.toml`, or `[tool.cache-audit]` of a `pyproject.toml`.

The nearest one going up from the first path wins and is the only one read. Errors name file, line where it can be told, and
what may have been meant.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auditor.config.lines import line_of
from auditor.config.settings import CONTEXTS, DEPLOYMENT, SEVERITIES, TRAFFIC, Key, Settings, keys

OWN_FILE = "cache-audit.toml"
PROJECT_FILE = "pyproject.toml"
TABLE = "cache-audit"


class ConfigError(Exception):
    """The configuration is wrong; the message says where and how."""


def find(start: Path) -> Path | None:
    """The configuration file that governs `start`. Raises ConfigError where a pyproject.toml on the way cannot be read."""
    here = start.resolve()
    for directory in (here if here.is_dir() else here.parent, *here.parents):
        own = directory / OWN_FILE
        if own.is_file():
            return own
        project = directory / PROJECT_FILE
        if project.is_file() and TABLE in _tool(_parsed(project), project):
            return project
    return None


def load(start: Path, explicit: Path | None = None) -> Settings:
    """The settings that govern `start`, or those of the `explicit` file. Raises ConfigError."""
    path = explicit if explicit is not None else find(start)
    if path is None:
        return Settings()
    text = _text(path)
    data = _parsed(path)
    if path.name == PROJECT_FILE:
        table = _tool(data, path).get(TABLE, {})
        if not isinstance(table, dict):
            raise ConfigError(f"{path}:{line_of(text, ('tool', TABLE))}: [tool.{TABLE}] must be a table")
        around: tuple[str, ...] = ("tool", TABLE)
    else:
        table, around = data, ()
    lines = {name: line_of(text, (*around, name)) for name in table}
    values = _checked(table, path, lines)
    answers = {name: line_of(text, (*around, "deployment", name)) for name in values.get("deployment", ())}
    settings = Settings().changed(values, str(path))
    return dataclasses.replace(
        settings, directory=str(path.resolve().parent), named=explicit is not None, deployment_lines=answers
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the configuration: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: the configuration is not UTF-8 text") from error


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        where = re.search(r"\(at line (\d+), column (\d+)\)", message)
        prefix = f"{path}:{where[1]}:{where[2]}" if where else str(path)
        raise ConfigError(f"{prefix}: not valid TOML: {re.sub(r' *[(]at .*[)]$', '', message)}") from error


def _tool(data: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    tool = data.get("tool", {})
    if not isinstance(tool, dict):
        raise ConfigError(f"{path}: [tool] must be a table")
    return tool


def _checked(table: Mapping[str, Any], path: Path, lines: Mapping[str, int]) -> dict[str, Any]:
    known = keys()
    values: dict[str, Any] = {}
    for name, value in table.items():
        where = f"{path}:{lines[name]}"
        values[name] = _value(_known(name, known, where), name, value, where)
    return values


def _known(name: str, known: Mapping[str, Key], where: str, table: str = "") -> Key:
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name.replace("_", "-"), known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else f"; known keys: {', '.join(known)}"
    raise ConfigError(f"{where}: unknown key {name!r}{f' in {table!r}' if table else ''}{hint}")


def _value(key: Key, name: str, value: Any, where: str) -> Any:
    match key.kind:
        case "strings":
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise ConfigError(f"{where}: {name!r} must be an array of strings, not {_shown(value)}")
            return tuple(value)
        case "string":
            if not isinstance(value, str):
                raise ConfigError(f"{where}: {name!r} must be a string, not {_shown(value)}")
            return value
        case "boolean":
            if not isinstance(value, bool):
                raise ConfigError(f"{where}: {name!r} must be true or false, not {_shown(value)}")
            return value
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
                raise ConfigError(f"{where}: {name!r} must be a number above 0, not {_shown(value)}")
            return value
        case "severities":
            return _severities(name, value, where)
        case "traffic":
            return _traffic(name, value, where)
        case "deployment":
            return _deployment(name, value, where)
        case _:
            return _choice(name, value, key.choices, where)


def _choice(name: str, value: Any, choices: tuple[str, ...], where: str) -> str:
    if not isinstance(value, str) or value not in choices:
        close = difflib.get_close_matches(str(value), choices, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ConfigError(f"{where}: {name!r} must be one of {', '.join(choices)}, not {_shown(value)}{hint}")
    return value


def _severities(name: str, value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: {name!r} must be a table of contexts and severities, not {_shown(value)}")
    for context, severity in value.items():
        if context not in CONTEXTS:
            raise ConfigError(f"{where}: unknown context {context!r} in {name!r}; known contexts: {', '.join(CONTEXTS)}")
        _choice(f"{name}.{context}", severity, SEVERITIES, where)
    return {**Settings().severity_caps, **value}


def _traffic(name: str, value: Any, where: str) -> dict[str, float]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: {name!r} must be a table of numbers, not {_shown(value)}")
    for key, number in value.items():
        if key not in TRAFFIC:
            close = difflib.get_close_matches(key.replace("_", "-"), TRAFFIC, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; known keys: {', '.join(TRAFFIC)}"
            raise ConfigError(f"{where}: unknown key {key!r} in {name!r}{hint}")
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < float("inf"):
            raise ConfigError(f"{where}: '{name}.{key}' must be a number above 0, not {_shown(number)}")
    return {key: float(number) for key, number in value.items()}


def _deployment(name: str, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: {name!r} must be a table, not {_shown(value)}")
    return {
        inner: _value(_known(inner, DEPLOYMENT, where, name), f"{name}.{inner}", item, where) for inner, item in value.items()
    }


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    return "an array" if isinstance(value, list) else str(value)
