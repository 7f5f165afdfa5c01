"""The output formats by name. Knows which module renders which; imports one only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from auditor.reporting.options import Options
from auditor.reporting.schema import Document

Renderer = Callable[[Document, Options], str]

# Every module has one function: `render(document: Document, options: Options) -> str`.
FORMATS: Mapping[str, str] = {
    "text": "auditor.reporting.formats.text",
    "concise": "auditor.reporting.formats.concise",
    "json": "auditor.reporting.formats.json",
    "html": "auditor.reporting.formats.html",
    "sarif": "auditor.reporting.formats.sarif",
    "markdown": "auditor.reporting.formats.markdown",
    "github": "auditor.reporting.formats.github",
    "gitlab": "auditor.reporting.formats.gitlab",
    "junit": "auditor.reporting.formats.junit",
}


def render(format: str, document: Document, options: Options | None = None) -> str:
    """The report in that format, ending in a newline (empty where a line-based format has nothing to say).

    Raises `KeyError` for a name that is not in `FORMATS`.
    """
    renderer = cast("Renderer", import_module(FORMATS[format]).render)
    return renderer(document, options or Options())
