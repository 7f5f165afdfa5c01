"""LangChain's agents: a model with tools that is asked until it calls none any more.

Knows `create_agent` and its predecessors, which take a system prompt, and the older executors, which take a whole prompt with a
placeholder for the steps so far.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from auditor.interp import known, mappings, trimming
from auditor.llm import agent_hooks, prompts
from auditor.llm.configured import Call, kind_of, merged
from auditor.values.domain import (
    Arguments,
    Choice,
    DictRef,
    Entry,
    ExternalObject,
    Hole,
    Item,
    ListRef,
    Spread,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import leaves
from auditor.values.lifetime import Reason

Ask = Callable[[Call, ExternalObject, "Value | None", "Arguments | None"], Value]
Remember = Callable[[Call], Hole]


def invoke(call: Call, agent: ExternalObject, value: Value | None, ask: Ask, history: Remember) -> Value:
    """The first request of an agent's loop."""
    held = agent.arguments or Arguments()
    inner = held.keyword("agent")
    if isinstance(inner, ExternalObject) and inner.arguments is not None:  # an executor around a plan
        held = merged(inner.arguments, held)
    prompt = held.keyword("prompt") or held.keyword("system_prompt")
    model = model_of(call, held.keyword("model") or held.keyword("llm"))
    tools = held.keyword("tools")
    more = Arguments((), (("tools", tools),) if tools is not None else ())
    if isinstance(prompt, ExternalObject) and _kind(call, prompt) == "lc-prompt":
        messages = call.machine.new_list(prompts.messages(call, prompt, _started(call, held, value, history)))
    else:
        started = call.machine.new_list(_given(call, held, value, history))
        if any(isinstance(item, Spread) for item in call.machine.items(started).items):
            trimming.continued(call.machine, started)
        asking = agent_hooks.Asking(call, held, value, started)
        agent_hooks.consulted(asking, prompt)
        messages = asking.messages
        if asking.system is not None:
            more = merged(more, Arguments((), (("system_prompt", asking.system),)))
    caching = _caching(call, held.keyword("middleware"))
    if caching is not None:
        more = merged(more, Arguments((), (("caching", caching),)))
    return ask(replace(call, agent=agent.place), model, messages, more)


def _kind(call: Call, value: ExternalObject) -> str:
    found = kind_of(call.ear.sdk.objects, value.cls)
    return found[0] if found is not None else ""


def model_of(call: Call, model: Value | None) -> ExternalObject:
    """The model object; one given by name is made, one that is not known has an unknown configuration."""
    machine = call.machine
    if isinstance(model, ExternalObject) and _kind(call, model) == "lc-model":
        return model
    if isinstance(model, Text):
        return ExternalObject("langchain.chat_models.init_chat_model", (), Arguments((), (("model", model),)), machine.serial())
    hole = model if isinstance(model, Hole) else machine.unknown(Reason.UNSUPPORTED, call.node, call.frame, "the agent's model")
    return ExternalObject(
        "langchain_core.language_models.BaseChatModel", (), Arguments((), (), (SpreadEntries(hole),)), machine.serial()
    )


def _started(call: Call, held: Arguments, value: Value | None, history: Remember) -> Value:
    """An executor's input with the steps so far: none yet."""
    machine = call.machine
    out = machine.new_dict(machine.entries(value).entries if isinstance(value, DictRef) else ())
    if isinstance(value, Hole):
        mappings.update(machine, out, (SpreadEntries(value),))
    elif value is not None and not isinstance(value, DictRef):
        mappings.set_entry(machine, out, Text.of("input"), value)
    mappings.set_entry(machine, out, Text.of("agent_scratchpad"), machine.new_list())
    memory = held.keyword("memory")
    if isinstance(memory, ExternalObject) and memory.arguments is not None:
        key = memory.arguments.keyword("memory_key") or Text.of("history")
        mappings.set_entry(machine, out, key, history(call))
    return out


def _given(call: Call, held: Arguments, value: Value | None, history: Remember) -> tuple[Item, ...]:
    """The messages of the agent's state; a checkpointer puts the thread's earlier ones in front."""
    machine = call.machine
    found: Value | None = value
    if isinstance(value, DictRef):
        found, sure = known.lookup(machine.entries(value).entries, Text.of("messages"))
        if found is None and not sure:
            spread = next((entry.hole for entry in machine.entries(value).entries if isinstance(entry, SpreadEntries)), None)
            found = spread
        if found is None:
            found, _ = known.lookup(machine.entries(value).entries, Text.of("input"))
    items: tuple[Item, ...] = ()
    if isinstance(found, Hole) or (found is not None and _is_list(call, found)):
        items = machine.iterate(found, call.node, call.frame).items
    elif found is not None:
        items = (found,)
    saver = held.keyword("checkpointer")
    kept = saver is not None and not known.is_none(saver)
    return (Spread(history(call)), *items) if kept else items


def _is_list(call: Call, value: Value) -> bool:
    """Whether the value is a list, or one of several."""
    sides = leaves(value, call.machine.limits.choices) if isinstance(value, Choice) else [value]
    return bool(sides) and all(isinstance(side, ListRef | TupleValue) for side in sides)


def _caching(call: Call, middleware: Value | None) -> Value | None:
    """The settings of Anthropic's caching middleware, if it is among them."""
    if not isinstance(middleware, ListRef | TupleValue):
        return None
    for item in call.machine.items(middleware).items:
        one = known.plain(item)
        if isinstance(one, ExternalObject) and _kind(call, one) == "lc-caching":
            entries = [Entry(Text.of(name), setting) for name, setting in (one.arguments or Arguments()).keywords]
            return call.machine.new_dict(entries)
    return None
