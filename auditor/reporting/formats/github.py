"""Workflow commands of GitHub Actions: annotations on the lines of a pull request."""

from __future__ import annotations

from auditor.reporting.characters import keep_layout
from auditor.reporting.options import Options
from auditor.reporting.schema import Document

_COMMANDS = {"critical": "error", "high": "error", "medium": "warning", "low": "notice"}


def render(document: Document, options: Options) -> str:
    """One command a finding or error."""
    lines = []
    for finding in document["findings"]:
        properties = {
            "file": finding["path"],
            "line": finding["line"],
            "endLine": finding["end_line"],
            "title": f"{finding['code']} {finding['name']} ({finding['severity']})",
        }
        if finding["end_line"] == finding["line"]:  # GitHub refuses columns on an annotation of several lines
            properties |= {"col": finding["column"], "endColumn": finding["end_column"]}
        message = f"{finding['message']}\n{finding['recommendation']}"
        lines.append(_command(_COMMANDS[finding["severity"]], properties, message))
    for error in document["errors"]:
        properties = {"title": "cache-audit"}
        if error["path"]:
            properties |= {"file": error["path"], "line": max(1, error["line"])}
        lines.append(_command("warning", properties, error["message"]))
    return "".join(lines)


def _command(name: str, properties: dict[str, str | int], message: str) -> str:
    detail = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {detail}::{_data(message)}\n"


def _data(text: str) -> str:
    return keep_layout(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
