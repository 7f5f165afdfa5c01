"""LlamaIndex: what a model, an engine over an index or an agent sends, as chat messages.

A model sends what it is given. An engine puts what it finds for the question ahead of the earlier turns (chat) or around the
question (query), in a prompt of the library's own unless another one is given. Does not know what the library's prompts say.
"""

from __future__ import annotations

from collections.abc import Sequence

from auditor.interp import known, stretches
from auditor.llm.configured import UNKNOWN_PROVIDER, ActionCode, Call, kind_of, merged, surface_of
from auditor.values.domain import (
    Arguments,
    Entry,
    External,
    ExternalObject,
    Hole,
    Item,
    ListRef,
    Spread,
    SpreadEntries,
    Text,
    Value,
)
from auditor.values.lifetime import Cause, Evidence, Lifetime

ROLES = "MessageRole."
"""The enumeration whose members are a message's roles, in capitals."""


def model_chat(call: Call) -> Value | None:
    """`llm.chat(messages)`."""
    messages = call.own.keyword("messages")
    given = () if messages is None else _messages(call, messages)
    return call.send(merged(call.all, Arguments((), (("messages", call.machine.new_list(given)),))))


def model_complete(call: Call) -> Value | None:
    """`llm.complete(prompt)`."""
    messages = _list(call, _said(call, "user", call.own.keyword("prompt")))
    return call.send(merged(call.held, Arguments((), (("messages", messages),))))


def engine_chat(call: Call) -> Value | None:
    """`engine.chat(message)`, `agent.chat(message)`: a prompt, what is found for the message, the earlier turns, the message."""
    machine, held, own = call.machine, call.held, call.own
    agent = call.maker is not None and call.maker.kind == "li-agent"
    prompt = held.keyword("system_prompt")
    pieces = [prompt if prompt is not None and not known.is_none(prompt) else _own_prompt(call)]
    if not agent and "Simple" not in call.target.cls:
        pieces.append(_found(call))
    history = own.keyword("chat_history")
    earlier: tuple[Item, ...]
    if history is not None and not known.is_none(history):
        earlier = _messages(call, history)
    else:
        identity = ("memory", id(call.node))
        hole = machine.hole(call.node, call.frame, Lifetime.TURN, Cause.HISTORY, identity=identity, expression="earlier turns")
        earlier = (Spread(hole),)
    system = Text.of(*(machine.to_text(piece, call.node, call.frame) for piece in pieces))
    messages = machine.new_list((_said(call, "system", system), *earlier, _said(call, "user", own.keyword("message"))))
    return _ask(call, messages)


def engine_query(call: Call) -> Value | None:
    """`engine.query(question)`: the library's prompt around what is found and the question."""
    machine = call.machine
    query = call.own.keyword("query") or Text()
    asked = (machine.to_text(piece, call.node, call.frame) for piece in (_own_prompt(call), _found(call), query))
    return _ask(call, _list(call, _said(call, "user", Text.of(*asked))))


def _ask(call: Call, messages: Value) -> Value:
    """The request to the engine's model; one that the engine was not given may be any."""
    model = call.held.keyword("llm")
    held, provider, surface = Arguments(), UNKNOWN_PROVIDER, "api"
    if isinstance(model, ExternalObject) and (found := kind_of(call.ear.sdk.objects, model.cls)) is not None:
        held = model.arguments or Arguments()
        provider, surface = found[1].provider or UNKNOWN_PROVIDER, surface_of(found[1], held)
        if provider == "openai":
            provider, surface = call.ear.host(call.machine, model, provider, surface)
    elif isinstance(model, Hole):
        held = Arguments((), (), (SpreadEntries(model),))
    sent = [("messages", messages)]
    tools = call.held.keyword("tools")
    if tools is not None:
        sent.append(("tools", tools))
    return call.send(merged(held, Arguments((), tuple(sent))), provider, surface)


def _messages(call: Call, given: Value) -> tuple[Item, ...]:
    """Messages with their roles as text."""

    def one(value: Value) -> Sequence[Item]:
        return (_message(call, value),)

    content = call.machine.iterate(given, call.node, call.frame)
    return tuple(stretches.expanded(call.machine, content.items, one, call.node, call.frame))


def _message(call: Call, value: Value) -> Value:
    if not isinstance(value, ExternalObject) or value.arguments is None:
        return value
    role, content = value.arguments.keyword("role"), value.arguments.keyword("content")
    if isinstance(role, External) and ROLES in role.name:
        role = Text.of(role.name.rpartition(".")[2].lower())
    entries = [Entry(Text.of("role"), role if role is not None else Text.of("user"))]
    return call.machine.new_dict((*entries, Entry(Text.of("content"), content if content is not None else Text())))


def _said(call: Call, role: str, content: Value | None) -> Value:
    text = content if content is not None else Text()
    return call.machine.new_dict((Entry(Text.of("role"), Text.of(role)), Entry(Text.of("content"), text)))


def _list(call: Call, *items: Value) -> ListRef:
    return call.machine.new_list(items)


def _own_prompt(call: Call) -> Hole:
    *_, owner, last = call.target.cls.split(".")
    name = owner if last.startswith("from_") else last
    return Hole(("prompt", call.target.cls), f"the prompt of {name}", Lifetime.DEPLOY, place=call.target.place)


def _found(call: Call) -> Hole:
    """Documents that the engine finds for the question. That it puts them there is the library's way, not the code's."""
    return call.machine.hole(
        call.node, call.frame, Lifetime.CALL, Cause.RETRIEVAL, expression="retrieved documents", evidence=Evidence.NAME
    )


ACTIONS: dict[str, ActionCode] = {
    "li-model-chat": model_chat,
    "li-model-complete": model_complete,
    "li-engine-chat": engine_chat,
    "li-engine-query": engine_query,
}
