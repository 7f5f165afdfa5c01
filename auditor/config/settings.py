"""The effective settings of a run, each with its origin.

Knows names, types, defaults and one sentence of help for every key: the reader, the schema and `cache-audit config` are made from
this table. Does not know files.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.findings import Confidence, Severity

SEVERITIES = tuple(severity.label for severity in Severity)
CONFIDENCES = tuple(confidence.label for confidence in Confidence)
GRADES = ("A", "B", "C", "D", "F")
TRAFFIC = {  # name: help
    "requests-per-hour": "Requests that one call site sends in an hour. Unset: nine of ten come within the cache's lifetime.",
    "turns-per-conversation": "Requests of one conversation. Unset: 10.",
    "users": "Users that the requests come from: what only one user's requests share comes that much more seldom. Unset: 1.",
}
CONTEXTS = ("app", "test", "example", "notebook")


@dataclass(frozen=True, slots=True)
class Key:
    """One configuration key.

    `kind` is "strings", "string", "boolean", "number" (above 0), "choice", "severities" (a table of context to severity),
    "traffic" (a table of numbers above 0) or "deployment" (a table of the keys below).
    """

    kind: str
    help: str
    choices: tuple[str, ...] = ()


def _key(default: Any, kind: str, text: str, choices: tuple[str, ...] = ()) -> Any:
    metadata = {"key": Key(kind, text, choices)}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


DEPLOYMENT: Mapping[str, Key] = {
    "monitoring": Key("boolean", "Whether hit rate, latency and savings are watched."),
    "warming": Key("boolean", "Whether the cache is kept warm where requests pause for longer than the lifetime."),
    "retention": Key("choice", "The lifetime that was chosen.", ("5m", "1h", "in-memory", "24h", "30m", "12h")),
    "traffic": Key("choice", "How requests with one prefix come.", ("steady", "bursty", "sparse")),
    "requests-per-hour": Key("number", "How many requests with one prefix come in an hour."),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is told. Field names are the configuration keys with underscores for hyphens."""

    select: tuple[str, ...] = _key(("all",), "strings", "Rules that run: codes, beginnings of codes, names, categories or `all`.")
    ignore: tuple[str, ...] = _key((), "strings", "Rules that do not run; a more exact reference in `select` wins.")
    extend_select: tuple[str, ...] = _key((), "strings", "Rules that run besides those of `select`.")
    rules_paths: tuple[str, ...] = _key(
        (),
        "strings",
        "Files and folders with rules of your own, relative to the configuration file. They are Python and are run.",
    )
    exclude: tuple[str, ...] = _key(
        (), "strings", "Paths that are not read, as gitignore patterns relative to the project's root."
    )
    prompts: tuple[str, ...] = _key((), "strings", "Further prompt files, as gitignore patterns.")
    min_severity: str = _key("low", "choice", "The least severity that is shown.", SEVERITIES)
    min_confidence: str = _key("medium", "choice", "The least confidence that is shown.", CONFIDENCES)
    fail_on: str = _key(
        "high", "choice", "The least severity that makes the exit code 1; `never` for none.", (*SEVERITIES, "never")
    )
    min_grade: str | None = _key(None, "choice", "The worst grade that does not make the exit code 1.", GRADES)
    baseline: str | None = _key(None, "string", "A file of known findings to leave out, relative to the configuration file.")
    strict: bool = _key(False, "boolean", "Whether a file that cannot be read makes the exit code 3.")
    severity_caps: Mapping[str, str] = _key(
        {"test": "low", "example": "low"},
        "severities",
        "The highest severity of findings that only concern such code, by context.",
    )
    traffic: Mapping[str, float] = _key({}, "traffic", "What savings are reckoned with: how many requests come, and from whom.")
    deployment: Mapping[str, bool | str | int | float] = _key(
        {}, "deployment", "What code cannot tell of how it runs; the readiness checklist asks for it."
    )
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    directory: str = field(default="", compare=False)
    named: bool = field(default=False, compare=False)  # whether the configuration file was named, not found
    deployment_lines: Mapping[str, int] = field(default_factory=dict, compare=False)  # of the file that `deployment` is from

    def origin(self, key: str) -> str:
        """Where the value of a key (with hyphens) comes from: a file, an option of the command line, or "default"."""
        return self.origins.get(key, "default")

    def changed(self, values: Mapping[str, Any], origin: str) -> Settings:
        """These settings with other values (by key, with hyphens), all from one origin."""
        if not values:
            return self
        fields = {key.replace("-", "_"): value for key, value in values.items()}
        return dataclasses.replace(self, **fields, origins={**self.origins, **dict.fromkeys(values, origin)})

    @property
    def least_severity(self) -> Severity:
        return Severity[self.min_severity.upper()]

    @property
    def least_confidence(self) -> Confidence:
        return Confidence[self.min_confidence.upper()]

    @property
    def caps(self) -> Mapping[str, Severity]:
        return {context: Severity[label.upper()] for context, label in self.severity_caps.items()}


def keys() -> Mapping[str, Key]:
    """Every configuration key, as it is written, in the order of the class."""
    return {item.name.replace("_", "-"): item.metadata["key"] for item in dataclasses.fields(Settings) if "key" in item.metadata}


def value_of(settings: Settings, key: str) -> Any:
    return getattr(settings, key.replace("-", "_"))
