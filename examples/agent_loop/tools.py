"""The agent's tools."""

from __future__ import annotations

import json
from typing import Any

DEFINITIONS: dict[str, dict[str, Any]] = {
    "list_tables": {
        "name": "list_tables",
        "description": "List all tables of the warehouse.",
        "input_schema": {"type": "object", "properties": {}},
    },
    "describe_table": {
        "name": "describe_table",
        "description": "Columns of a table with their types and three sample rows.",
        "input_schema": {
            "type": "object",
            "properties": {"table": {"type": "string"}},
            "required": ["table"],
        },
    },
    "run_query": {
        "name": "run_query",
        "description": "Run a select statement and return at most five hundred rows as JSON.",
        "input_schema": {
            "type": "object",
            "properties": {"sql": {"type": "string"}},
            "required": ["sql"],
        },
    },
    "draw_chart": {
        "name": "draw_chart",
        "description": "Draw a bar or line chart of the last query's result.",
        "input_schema": {
            "type": "object",
            "properties": {"kind": {"type": "string", "enum": ["bar", "line"]}, "title": {"type": "string"}},
            "required": ["kind", "title"],
        },
    },
}

ENABLED = {"list_tables", "describe_table", "run_query", "draw_chart"}


def definitions() -> list[dict[str, Any]]:
    return [DEFINITIONS[name] for name in ENABLED]


def execute(name: str, arguments: dict[str, Any]) -> str:
    if name == "list_tables":
        return json.dumps(["shops", "products", "sales", "deliveries", "staff_hours", "weather", "calendar"])
    if name == "describe_table":
        return json.dumps({"table": arguments["table"], "columns": ["shop_id", "day", "amount_net"]})
    if name == "run_query":
        return json.dumps([{"shop_name": "Harbour Street", "amount_net": 1834.20}])
    return "drawn"
