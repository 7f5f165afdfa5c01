"""Explicit caches of Google's SDKs: what a cache was made of stays known, so that a request that names it begins with it."""

from __future__ import annotations

import ast
from dataclasses import replace

from auditor.llm.configured import ActionCode, Call, with_keyword
from auditor.llm.gemini import KEPT, MADE
from auditor.values.domain import TRUE, Value


def create(call: Call) -> Value:
    """A cache is made. It keeps its content under the names of the call; its name stands for the whole of it."""
    answer = call.send()
    given = with_keyword(call.own, MADE, answer)
    if any(_memoised(activation.function) for activation in call.machine.stack):
        given = with_keyword(given, KEPT, TRUE)
    cache = call.make(given, call.action.makes)
    assert cache.arguments is not None
    return replace(cache, arguments=with_keyword(cache.arguments, "name", cache))


def _memoised(function: object) -> bool:
    """Whether a function keeps its results (`lru_cache`, `cached`, `st.cache_resource`): equal arguments, the same cache."""
    names = [ast.unparse(decorator).lower() for decorator in getattr(function, "decorator_list", ())]
    return any("cache" in name or "memo" in name for name in names)


ACTIONS: dict[str, ActionCode] = {"gemini-cache": create}
