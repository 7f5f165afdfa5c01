"""The JSON Schema of the configuration, for editors. Made from the table of keys; knows nothing else."""

from __future__ import annotations

from typing import Any

from auditor.config.settings import CONTEXTS, DEPLOYMENT, SEVERITIES, TRAFFIC, Key, Settings, keys, value_of


def schema() -> dict[str, Any]:
    """A schema (draft 2020-12) of the table `[tool.cache-audit]`."""
    defaults = Settings()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cache-audit configuration",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _property(key, value_of(defaults, name)) for name, key in keys().items()},
    }


def _property(key: Key, default: Any) -> dict[str, Any]:
    described: dict[str, Any] = {"description": key.help}
    match key.kind:
        case "strings":
            described |= {"type": "array", "items": {"type": "string"}, "default": list(default)}
        case "boolean":
            described |= {"type": "boolean"} | ({} if default is None else {"default": default})
        case "severities":
            severity = {"type": "string", "enum": list(SEVERITIES)}
            described |= {
                "type": "object",
                "additionalProperties": False,
                "properties": dict.fromkeys(CONTEXTS, severity),
                "default": dict(default),
            }
        case "traffic":
            numbers = {name: {"description": text, "type": "number", "exclusiveMinimum": 0} for name, text in TRAFFIC.items()}
            described |= {"type": "object", "additionalProperties": False, "properties": numbers, "default": dict(default)}
        case "number":
            described |= {"type": "number", "exclusiveMinimum": 0}
        case "deployment":
            described |= {
                "type": "object",
                "additionalProperties": False,
                "properties": {name: _property(inner, None) for name, inner in DEPLOYMENT.items()},
            }
        case _:
            described["type"] = "string"
            if key.choices:
                described["enum"] = list(key.choices)
            if default is not None:
                described["default"] = default
    return described
