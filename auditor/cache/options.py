"""What a request's `prompt_cache_options` say. Knows the parameter's shape; does not know which values a model takes."""

from __future__ import annotations

import json

from auditor.llm.request import Request

UNREAD = "?"
"""Stands for a value that could not be read."""


def explicit_mode(request: Request) -> bool | None:
    """Whether the implicit breakpoint is switched off; None where that cannot be read."""
    mode = _field(request, "mode")
    return None if mode == UNREAD else mode == "explicit"


def default_ttl(request: Request) -> str | None:
    """The lifetime of breakpoints that name none of their own; None where the options name none either."""
    return _field(request, "ttl")


def _field(request: Request, name: str) -> str | None:
    options = request.params.get("prompt_cache_options")
    if options is None or not options.pieces:
        return None
    known = options.known
    try:
        value = json.loads(known) if known is not None else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        return UNREAD
    found = value.get(name)
    return found if found is None or isinstance(found, str) else UNREAD
