"""The document itself, as JSON text."""

from __future__ import annotations

import json
import re

from auditor.reporting.characters import INVISIBLE
from auditor.reporting.options import Options
from auditor.reporting.schema import Document

# JSON escapes C0 controls by itself. These may only stand inside of strings too, so that escaping them afterwards is safe.
_UNSAFE = re.compile(f"[\x7f-\x9f{INVISIBLE}]")


def render(document: Document, options: Options) -> str:
    """Indented, keys in the contract's order, other scripts readable, nothing that a terminal would obey."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return _UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1], text) + "\n"
