"""pydantic-ai's agents: what a run sends first, from the agent's configuration, its registered functions and its arguments."""

from __future__ import annotations

from dataclasses import replace

from auditor.interp import known, mappings
from auditor.llm import model_objects, registered
from auditor.llm.configured import ActionCode, Call, kind_of, merged
from auditor.values.domain import (
    Arguments,
    BoundMethod,
    DictRef,
    Entry,
    ExternalObject,
    FunctionValue,
    Hole,
    Item,
    ListRef,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
)
from auditor.values.lifetime import Cause, Lifetime, Reason


def run(call: Call) -> Value | None:
    """`agent.run(...)`: instructions of the agent and of the run, functions called with the run's context."""
    machine, held, own = call.machine, call.held, call.own
    agent = replace(call.target, path=())
    context = _context(call, own.keyword("deps"))
    literal: list[Item] = []
    dynamic: list[Item] = []
    for source in (held.keyword("instructions"), own.keyword("instructions")):
        for item in _each(call, source):
            one = known.plain(item)
            if isinstance(one, FunctionValue | BoundMethod):
                dynamic.append(registered.apply(machine, one, (context,), call.node, call.frame))
            else:
                literal.append(item)
    prompts = list(_each(call, held.keyword("system_prompt")))
    for name, into in (("instructions", dynamic), ("system_prompt", prompts)):
        for function in registered.of(machine, agent, name):
            if (one := known.plain(function)) is not None:
                into.append(registered.apply(machine, one, (context,), call.node, call.frame))
    tools = [*_each(call, held.keyword("tools")), *registered.of(machine, agent, "tool")]
    sent: dict[str, Value] = {
        "system_prompt": machine.new_list(prompts),
        "instructions": machine.new_list(literal),
        "dynamic_instructions": machine.new_list(dynamic),
        "tools": machine.new_list(tools),
        "model_settings": _settings(call, held.keyword("model_settings"), own.keyword("model_settings")),
    }
    given = own.keyword("model")
    given = held.keyword("model") if given is None or known.is_none(given) else given
    if (model := model_objects.first(call, given)) is not None:
        sent["model"] = model
    everything = merged(merged(held, own), Arguments((), tuple(sent.items())))
    return replace(call, agent=agent.place).send(everything, *model_objects.host(call, model))


def serve(call: Call) -> Value | None:
    """`Adapter.dispatch_request(request, agent=agent)`, `agent.to_cli()`: a run behind the turns before."""
    machine, own = call.machine, call.own
    agent = call.target if call.maker is not None else own.keyword("agent")
    found = kind_of(call.ear.sdk.objects, agent.cls) if isinstance(agent, ExternalObject) else None
    if not isinstance(agent, ExternalObject) or found is None:
        return None
    turns = machine.hole(
        call.node, call.frame, Lifetime.TURN, Cause.HISTORY, expression="earlier turns", identity=("turns", id(call.node))
    )
    said = machine.hole(call.node, call.frame, Lifetime.CALL, Cause.INPUT, expression="what the user says")
    given = {"message_history": turns, "user_prompt": said} | dict(own.keywords)
    return run(replace(call, target=replace(agent, path=()), maker=found[1], arguments=Arguments((), tuple(given.items()))))


def _context(call: Call, deps: Value | None) -> ExternalObject:
    machine = call.machine
    if deps is None:
        deps = machine.unknown(Reason.MISSING, call.node, call.frame, "deps")
    return ExternalObject("types.SimpleNamespace", (), Arguments((), (("deps", deps),)), machine.serial())


def _each(call: Call, value: Value | None) -> tuple[Item, ...]:
    """The items of a sequence, one value as one, nothing as none."""
    if value is None or known.is_none(value):
        return ()
    if isinstance(value, ListRef | TupleValue):
        return call.machine.items(value).items
    return (value,)


def _settings(call: Call, *given: Value | None) -> DictRef:
    """The agent's settings with the run's on top."""
    machine = call.machine
    out = machine.new_dict()
    for value in given:
        match value:
            case DictRef():
                mappings.update(machine, out, machine.entries(value).entries)
            case ExternalObject(arguments=Arguments() as arguments):
                mappings.update(machine, out, [Entry(Text.of(name), one) for name, one in arguments.keywords])
            case Hole():
                mappings.update(machine, out, (SpreadEntries(value),))
            case FunctionValue():
                hole = machine.unknown(Reason.UNSUPPORTED, call.node, call.frame, "model_settings")
                mappings.update(machine, out, (SpreadEntries(hole),))
            case _:
                pass
    return out


ACTIONS: dict[str, ActionCode] = {"pa-run": run, "pa-serve": serve}
