"""LlamaIndex: what a model, an engine over an index or an agent sends, as chat messages.

A model sends what it is given, templates with their variables filled in. An engine puts what it finds for the question ahead of
the earlier turns (chat) or around the question (query), in a prompt of the library's own unless another one is given. Does not
know what the library's prompts say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from auditor.interp import formats, known, stretches
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

Filling = Callable[[Value | None], Value | None]

NO_VARIABLES = frozenset({"prompt", "output_cls", "llm_kwargs"})
"""Arguments of `predict` and its like that are no variables of the template."""

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


def model_tools(call: Call) -> Value | None:
    """`llm.chat_with_tools(tools, user_msg, chat_history)`: the earlier turns, what the user says, and the tools."""
    own = call.own
    earlier, said = own.keyword("chat_history"), own.keyword("user_msg")
    messages = _messages(call, earlier) if earlier is not None and not known.is_none(earlier) else ()
    if said is not None and not known.is_none(said):
        messages = (*messages, _message(call, said) if isinstance(said, ExternalObject) else _said(call, "user", said))
    sent: list[tuple[str, Value]] = [("messages", call.machine.new_list(messages))]
    if (tools := own.keyword("tools")) is not None:
        sent.append(("tools", tools))
    return call.send(merged(call.held, Arguments((), tuple(sent))))


def model_predict(call: Call) -> Value | None:
    """`llm.predict(prompt, **variables)`: a template with its variables filled in, as one message or as its messages say."""
    machine, own = call.machine, call.own
    filling = Arguments((), tuple(pair for pair in own.keywords if pair[0] not in NO_VARIABLES), own.unknown_keywords)

    def filled(template: Value | None) -> Value | None:
        return formats.format_call(machine, template, filling, call.node, call.frame) if isinstance(template, Text) else template

    prompt = own.keyword("prompt")
    held = prompt.arguments if isinstance(prompt, ExternalObject) else None
    template, listed = (held.keyword("template"), held.keyword("message_templates")) if held is not None else (prompt, None)
    messages = (_said(call, "user", filled(template if template is not None else prompt)),)
    given = messages if listed is None else _messages(call, listed, filled)
    return call.send(merged(call.held, Arguments((), (("messages", machine.new_list(given)),))))


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


def _messages(call: Call, given: Value, filled: Filling = lambda text: text) -> tuple[Item, ...]:
    """Messages with their roles as text, templates of theirs filled in."""

    def one(value: Value) -> Sequence[Item]:
        return (_message(call, value, filled),)

    content = call.machine.iterate(given, call.node, call.frame)
    return tuple(stretches.expanded(call.machine, content.items, one, call.node, call.frame))


def _message(call: Call, value: Value, filled: Filling = lambda text: text) -> Value:
    if not isinstance(value, ExternalObject) or value.arguments is None:
        return value
    role, content = value.arguments.keyword("role"), filled(value.arguments.keyword("content"))
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
    "li-model-tools": model_tools,
    "li-model-predict": model_predict,
    "li-engine-chat": engine_chat,
    "li-engine-query": engine_query,
}
