"""OpenAI's Agents SDK: what a run sends first, as a Responses request."""

from __future__ import annotations

from auditor.interp import known
from auditor.llm import model_objects, registered
from auditor.llm.configured import UNKNOWN_PROVIDER, ActionCode, Call, kind_of, merged
from auditor.values.domain import (
    Arguments,
    BoundMethod,
    Entry,
    ExternalObject,
    FunctionValue,
    Hole,
    Item,
    ListRef,
    Spread,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
)
from auditor.values.lifetime import Cause, Lifetime, Reason


def run(call: Call) -> Value | None:
    """`Runner.run(agent, input)`: the agent's instructions and tools, a session's history, the input."""
    machine, own = call.machine, call.own
    agent = own.keyword("starting_agent")
    if not isinstance(agent, ExternalObject) or kind_of(call.ear.sdk.objects, agent.cls) is None:
        hole = agent if isinstance(agent, Hole) else machine.unknown(Reason.UNSUPPORTED, call.node, call.frame, "the agent")
        return call.send(merged(own, Arguments((), (("input", _input(call, own)),), (SpreadEntries(hole),))))
    held = agent.arguments or Arguments()
    sent: dict[str, Value] = {"input": _input(call, own), "tools": machine.new_list(_tools(call, held))}
    instructions = held.keyword("instructions")
    if isinstance(instructions, FunctionValue | BoundMethod):
        context = own.keyword("context") or machine.unknown(Reason.MISSING, call.node, call.frame, "context")
        wrapper = ExternalObject("types.SimpleNamespace", (), Arguments((), (("context", context),)), machine.serial())
        sent["instructions"] = registered.apply(machine, instructions, (wrapper, agent), call.node, call.frame)
    provider = surface = ""
    model = held.keyword("model")
    found = kind_of(call.ear.sdk.objects, model.cls) if isinstance(model, ExternalObject) else None
    if isinstance(model, ExternalObject) and found is not None and found[0] == "oa-model" and model.arguments is not None:
        provider, surface = model_objects.host(call, model)
        sent["model"] = model.arguments.get(0, "model") or Text()
    elif isinstance(model, ExternalObject) or (known.text_of(model) or "").startswith(("litellm/", "any-llm/")):
        provider = UNKNOWN_PROVIDER  # another provider's model behind an adapter
    return call.send(merged(held, Arguments((), tuple(sent.items()))), provider, surface)


def _input(call: Call, own: Arguments) -> Value:
    """What is asked, behind the history of a session."""
    machine = call.machine
    given = own.keyword("input") or Text()
    session = own.keyword("session")
    if session is None or known.is_none(session):
        return given
    history = machine.hole(
        call.node,
        call.frame,
        Lifetime.TURN,
        Cause.HISTORY,
        identity=("session", id(call.node)),
        expression="the session's history",
    )
    items: tuple[Item, ...]
    if isinstance(given, ListRef | TupleValue):
        items = machine.items(given).items
    else:
        said = (Entry(Text.of("role"), Text.of("user")), Entry(Text.of("content"), given))
        items = (machine.new_dict(said),)
    return machine.new_list((Spread(history), *items))


def _tools(call: Call, held: Arguments) -> tuple[Item, ...]:
    """The agent's tools; servers and handoffs add some that are not known one by one."""
    machine = call.machine
    tools = held.keyword("tools")
    items: tuple[Item, ...] = machine.iterate(tools, call.node, call.frame).items if tools is not None else ()
    for name in ("mcp_servers", "handoffs"):
        more = held.keyword(name)
        if more is not None and not (isinstance(more, ListRef) and not machine.items(more).items):
            hole = machine.hole(
                call.node,
                call.frame,
                Lifetime.UNKNOWN,
                identity=(name, call.target.identity),
                expression=name,
                reason=Reason.UNMODELLED_CALL,
            )
            items = (*items, Spread(hole))
    return items


ACTIONS: dict[str, ActionCode] = {"oa-run": run}
