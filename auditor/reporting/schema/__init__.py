"""The contract of the JSON report: its schema and the type that renderers read. Knows nothing of how a report is made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# A report as plain JSON values, valid against `report_schema()`. Keys are checked by the schema, not by the type checker.
Document = dict[str, Any]

VERSION = "1"


def report_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a report of version 1."""
    text = Path(__file__).with_name("report-v1.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
