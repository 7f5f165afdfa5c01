"""Explicit caches of Google's SDKs: what a cache was made of stays known, so that a request that names it begins with it."""

from __future__ import annotations

from dataclasses import replace

from auditor.llm.configured import ActionCode, Call, with_keyword
from auditor.llm.gemini import MADE
from auditor.values.domain import Value


def create(call: Call) -> Value:
    """A cache is made. It keeps its content under the names of the call; its name stands for the whole of it."""
    answer = call.send()
    cache = call.make(with_keyword(call.own, MADE, answer), call.action.makes)
    assert cache.arguments is not None
    return replace(cache, arguments=with_keyword(cache.arguments, "name", cache))


ACTIONS: dict[str, ActionCode] = {"gemini-cache": create}
