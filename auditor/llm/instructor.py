"""Instructor: wraps a client, whichever it is, and asks it for data of a class, which the model sees as a tool.

Knows what is sent for which client. What of the wrapped client is not the wrapper's own is the client's, as in the library.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.knowledge.endpoint import Endpoint
from auditor.llm.configured import ActionCode, Call, merged
from auditor.values.domain import Arguments, External, ExternalObject, Text, Value

if TYPE_CHECKING:
    from auditor.llm.events import Ear

_PATHS = {"anthropic": ("messages", "create"), "openai": ("chat", "completions", "create")}
_MADE = {"anthropic": "from_anthropic", "openai": "from_openai"}
_ANSWER = "response_model"
_WRAPPERS = ("instructor.from_anthropic", "instructor.from_openai")


def extracts(call: Call) -> Value | None:
    """`client.chat.completions.create(response_model=...)` and its like: a request of the wrapped client."""
    found = _named(call) or _wrapped(call) or _beside(call)
    if found is None:
        return None
    endpoint, provider, surface, more = found
    given = merged(more, call.own)
    asked = given.keyword(_ANSWER)
    if asked is not None and not known.is_none(asked) and given.keyword("tools") is None:
        given = merged(given, Arguments((), (("tools", call.machine.new_list([asked])),)))
    return call.ear.hear(call.machine, endpoint, provider, surface, given, call.node, call.frame, guessed=call.target.guessed)


def client_of(target: ExternalObject) -> ExternalObject | None:
    """The wrapped client, with the attribute path that was taken from the wrapper."""
    if target.cls not in _WRAPPERS or target.arguments is None or not target.path:
        return None
    client = target.arguments.keyword("client")
    return replace(client, path=(*client.path, *target.path)) if isinstance(client, ExternalObject) else None


def _wrapped(call: Call) -> tuple[Endpoint, str, str, Arguments] | None:
    client = call.held.keyword("client")
    if isinstance(client, External) and client.name.startswith("litellm."):
        return _litellm(call.ear, Arguments())
    if not isinstance(client, ExternalObject) or client.cls not in call.ear.sdk.clients:
        return None
    own, where = call.ear.sdk.clients[client.cls]
    endpoint = _endpoint(call.ear, own)
    return None if endpoint is None else (endpoint, *call.ear.host(call.machine, client, own, where), Arguments())


def _named(call: Call) -> tuple[Endpoint, str, str, Arguments] | None:
    """`from_provider("anthropic/claude-...")`."""
    model = call.held.keyword("model")
    vendor, _, name = (model.known or "").partition("/") if isinstance(model, Text) else ("", "", "")
    more = Arguments((), (("model", Text.of(name)),))
    if vendor == "litellm":
        return _litellm(call.ear, more)
    endpoint = _endpoint(call.ear, vendor) if name else None
    return None if endpoint is None else (endpoint, vendor, "api", more)


def _beside(call: Call) -> tuple[Endpoint, str, str, Arguments] | None:
    """Of a wrapper that somebody hands over: what the file wraps itself, where that is one vendor's client."""
    machine, path = call.machine, call.frame.module.path
    vendors = [vendor for vendor, name in _MADE.items() if any(one.path == path for one in machine.project.references(name))]
    endpoint = _endpoint(call.ear, vendors[0]) if len(vendors) == 1 else None
    return None if endpoint is None else (endpoint, vendors[0], "api", Arguments())


def _litellm(ear: Ear, more: Arguments) -> tuple[Endpoint, str, str, Arguments] | None:
    action = ear.sdk.objects.function("litellm.completion")
    return None if action is None or action.endpoint is None else (action.endpoint, "unknown", "api", more)


def _endpoint(ear: Ear, provider: str) -> Endpoint | None:
    return next((row for row in ear.sdk.endpoints if row.provider == provider and row.path == _PATHS.get(provider)), None)


ACTIONS: dict[str, ActionCode] = {"extracts": extracts}
