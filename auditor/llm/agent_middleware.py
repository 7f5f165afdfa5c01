"""Middleware of LangChain's agents: what the project's functions and classes do to a request on its way to the model.

Knows the order (tools of the middleware first, hooks before the model, then what wraps the call, the first of the list outermost)
and the library's own middleware that picks tools. A wrapper is called with a handler that gives back what it is called with: what
the wrapper returns says what would have been sent. Does not know what becomes of the answer.
Source: langchain 1.5.0, `agents/middleware/types.py` and `agents/factory.py`, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from auditor.interp import attributes, known
from auditor.interp.library import objects
from auditor.llm.agent_hooks import Asking, updated
from auditor.llm.configured import kind_of
from auditor.values.domain import (
    Arguments,
    BoundMethod,
    Choice,
    Entry,
    ExternalObject,
    FunctionValue,
    Hole,
    Instance,
    ListRef,
    Spread,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import decide
from auditor.values.lifetime import Cause, Lifetime

REQUEST = "langchain.agents.middleware.types.ModelRequest"
HANDLER = "langchain.agents.middleware.types.ModelCall"
MESSAGE = "langchain_core.messages.SystemMessage"

Send = Callable[[Asking], Value]
Wrapper = Callable[[Asking, Send], Value]


def passed(asking: Asking, send: Send) -> Value:
    """The answer to the request, as the agent's middleware lets it through."""
    given = _given(asking)
    for item in given:
        _tools(asking, item)
    for item in given:
        if (hook := _method(asking, item, "before_model")) is not None:
            updated(asking, asking.ask(hook, asking.state(), asking.runtime()))
    wrappers = [wrapper for item in given if (wrapper := _wrapper(asking, item)) is not None]
    return _through(wrappers, asking, send)


def _given(asking: Asking) -> Sequence[Value]:
    middleware = asking.held.keyword("middleware")
    if not isinstance(middleware, ListRef | TupleValue):
        return ()
    return [one for item in asking.call.machine.items(middleware).items if (one := known.plain(item)) is not None]


def _through(wrappers: Sequence[Wrapper], asking: Asking, send: Send) -> Value:
    if not wrappers:
        return send(asking)
    first, *rest = wrappers
    return first(asking, partial(_through, rest, send=send))


# What one of them does


def _method(asking: Asking, item: Value, name: str) -> Value | None:
    """A hook by its name: a function so decorated, or a method of the project's class (`a…` first where the call awaits)."""
    match item:
        case FunctionValue(decorators=decorators):
            return item if name in {one.partition("(")[0].rsplit(".", 1)[-1] for one in decorators} else None
        case Instance():
            call = asking.call
            names = (f"a{name}", name) if call.target.path[-1:] and call.target.path[-1].startswith("a") else (name, f"a{name}")
            found = (attributes.get(call.machine, item, one, call.node, call.frame) for one in names)
            return next((one for one in found if isinstance(one, BoundMethod)), None)
        case _:
            return None


def _tools(asking: Asking, item: Value) -> None:
    """Tools that middleware brings stand ahead of the agent's."""
    if not isinstance(item, Instance):
        return
    call = asking.call
    brought = attributes.get(call.machine, item, "tools", call.node, call.frame)
    if isinstance(brought, ListRef | TupleValue):
        own = call.machine.items(asking.tools).items if isinstance(asking.tools, ListRef | TupleValue) else ()
        asking.tools = call.machine.new_list((*call.machine.items(brought).items, *own))


def _wrapper(asking: Asking, item: Value) -> Wrapper | None:
    prompt = _method(asking, item, "dynamic_prompt") if isinstance(item, FunctionValue) else None
    if prompt is not None:
        return partial(_prompted, prompt)
    wrapper = _method(asking, item, "wrap_model_call")
    if wrapper is not None:
        return partial(_wrapped, wrapper)
    kind = kind_of(asking.call.ear.sdk.objects, item.cls) if isinstance(item, ExternalObject) else None
    return _selected if kind is not None and kind[0] == "lc-tool-selector" else None


def _prompted(function: Value, asking: Asking, send: Send) -> Value:
    """`@dynamic_prompt`: what the function gives is the system prompt."""
    return send(asking.with_system(asking.ask(function, _request(asking))))


def _wrapped(function: Value, asking: Asking, send: Send) -> Value:
    """`wrap_model_call(request, handler)`: the request that the handler gets; where that is not seen, the one that came in."""
    call, request = asking.call, _request(asking)
    handler = ExternalObject(HANDLER, (), None, call.machine.serial())

    def sent(made: Value) -> Value:
        made = decide(made, call.machine.assumptions)
        if isinstance(made, Choice):
            return call.machine.each(made, sent, call.node, call.frame)
        if isinstance(made, ExternalObject) and made.cls == HANDLER and made.arguments is not None:
            return sent(made.arguments.get(0, "request") or request)
        return send(_changed(asking, request, made))

    return sent(asking.ask(function, request, handler))


def _selected(asking: Asking, send: Send) -> Value:
    """`LLMToolSelectorMiddleware`: another model picks tools for what is asked."""
    call = asking.call
    picked = call.machine.hole(call.node, call.frame, Lifetime.CALL, Cause.INPUT, expression="tools picked for what is asked")
    return send(asking.with_tools(call.machine.new_list((Spread(picked),))))


# The request, as middleware sees it


def _request(asking: Asking) -> ExternalObject:
    call = asking.call
    fields: dict[str, Value] = {"messages": asking.messages, "state": asking.state(), "runtime": asking.runtime()}
    for name, value in (("model", asking.model), ("tools", asking.tools)):
        if value is not None:
            fields[name] = value
    if asking.system is not None:
        fields |= {"system_prompt": _text(asking.system), "system_message": _message(asking, asking.system)}
    return ExternalObject(REQUEST, (), Arguments((), tuple(fields.items())), call.machine.serial())


def _changed(asking: Asking, request: ExternalObject, made: Value) -> Asking:
    """What is sent, by what a wrapper gave its handler."""
    if not isinstance(made, ExternalObject) or made.cls != REQUEST:
        return asking
    before = dict(request.arguments.keywords) if request.arguments is not None else {}
    # What was set on it later counts as well, on the one that came in too.
    fields = dict(made.arguments.keywords) if made.arguments is not None else {}
    fields |= objects.written(asking.call.machine, made)
    message, prompt = fields.get("system_message"), fields.get("system_prompt")
    changed = asking.copied(fields.get("messages"), fields.get("model"), fields.get("tools"))
    if prompt is not None and prompt != before.get("system_prompt"):
        return changed.with_system(prompt)
    if message is not None and _content(message) != _content(before.get("system_message")):
        return changed.with_system(message)
    return changed


def _content(message: Value | None) -> Value | None:
    return message.arguments.get(0, "content") if isinstance(message, ExternalObject) and message.arguments else message


def _text(system: Value) -> Value:
    return _content(system) or system


def _message(asking: Asking, system: Value) -> ExternalObject:
    """The system prompt as a message, with the content as parts where it is one text."""
    call, content = asking.call, _text(system)
    fields = [("content", content), ("text", content)]
    parts: Value = content
    if isinstance(content, Text | Hole):
        one = call.machine.new_dict([Entry(Text.of("type"), Text.of("text")), Entry(Text.of("text"), content)])
        parts = call.machine.new_list([one])
    return ExternalObject(MESSAGE, (), Arguments((), (*fields, ("content_blocks", parts))), call.machine.serial())
