"""Nodes of a graph (LangGraph) that hold on to something where they are handed over: `graph.add_node("ask", partial(ask, llm))`.

A function of the project that is a node is looked at by itself. What a lambda, a `partial`, a function inside of another one or
an object holds on to (the model, the prompt) only the place knows where it is made: there it is run, turn by turn, with the state
that the graph's nodes share.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from auditor.interp import attributes, known
from auditor.interp.library import introspection
from auditor.llm import graph_contexts, graphs
from auditor.llm.configured import ActionCode, Call, kind_of
from auditor.llm.parameters import Guesser
from auditor.project.syntax import parameters
from auditor.values.domain import (
    Arguments,
    BoundMethod,
    ExternalObject,
    FunctionValue,
    Instance,
    Partial,
    TupleValue,
    Value,
)
from auditor.values.lifetime import Reason

WRAPPER = "lc-function"
UNTOLD = Reason.UNMODELLED_CALL
"""The graph calls its nodes: who calls the function that builds it tells nothing of the state."""


@dataclass(frozen=True, slots=True)
class Node:
    """What is called: the function behind it, its parameters that nobody has given yet, and whether it holds on to anything."""

    function: FunctionValue
    open: tuple[ast.arg, ...]
    holds: bool
    receiver: Value | None = None


def add_node(call: Call) -> Value | None:
    """`graph.add_node(name, node)`, `graph.add_node(node)`."""
    run(call, call.own.keyword("action") or call.own.keyword("node"))
    return call.target


def add_sequence(call: Call) -> Value | None:
    """`graph.add_sequence([node, (name, node)])`."""
    nodes = call.own.keyword("nodes")
    for item in call.machine.iterate(nodes, call.node, call.frame).items if nodes is not None else ():
        one = known.plain(item)
        pair = call.machine.items(one).items if isinstance(one, TupleValue) else ()
        run(call, known.plain(pair[-1]) if pair else one)
    return call.target


def run(call: Call, action: Value | None) -> None:
    machine = call.machine
    callee = _unwrapped(call, action)
    node = _node(call, callee)
    if node is None or not node.open or not _holds(call, node):
        return
    assert callee is not None
    guesser = Guesser(machine, call.ear)
    schema, (first, *others) = graphs.schema_of(machine, call.held.keyword("state_schema")), node.open
    asked = _asked(call, node.function)
    if not machine.leads(asked):
        return
    # An entry that is come back to takes the turns by itself.
    for _ in range(machine.limits.turns if call.ear.once else 1):
        before = machine.listener.heard
        state = graphs.made(guesser, schema, first, call.frame, asked, UNTOLD) if schema is not None else None
        if state is None:
            state = machine.unknown(UNTOLD, first, call.frame, first.arg)
        told = ((one.arg, graph_contexts.given(guesser, node.function, one, call.frame)) for one in others)
        named = tuple((name, value) for name, value in told if value is not None)
        machine.call(callee, Arguments((state,), named), call.node, call.frame)
        if machine.listener.heard == before:
            break


def _unwrapped(call: Call, action: Value | None) -> Value | None:
    """What a `RunnableLambda` was made of."""
    found = kind_of(call.ear.sdk.objects, action.cls) if isinstance(action, ExternalObject) and not action.path else None
    if found is None or found[0] != WRAPPER or action.arguments is None:  # type: ignore[union-attr]
        return action
    return action.arguments.keyword("func")  # type: ignore[union-attr]


def _node(call: Call, callee: Value | None) -> Node | None:
    match callee:
        case FunctionValue(node=ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() as written):
            return Node(callee, tuple(parameters(written)), isinstance(written, ast.Lambda) or len(callee.scopes) > 1)
        case BoundMethod(function, receiver):
            inner = _node(call, function)
            return None if inner is None else replace(inner, open=inner.open[1:], holds=False, receiver=receiver)
        case Instance(cls=cls):
            method = attributes.class_member(call.machine, cls, "__call__")
            return _node(call, BoundMethod(method, callee)) if isinstance(method, FunctionValue) else None
        case Partial(inner_callee, arguments):
            inner = _node(call, inner_callee)
            if inner is None:
                return None
            given = {name for name, _ in arguments.keywords}
            left = (one for one in inner.open[len(arguments.positional) :] if one.arg not in given)
            return replace(inner, open=tuple(left), holds=True)
        case _:
            return None


def _asked(call: Call, function: FunctionValue) -> FunctionValue:
    """The function that reads the state: what a lambda calls, as a graph's nodes are named by it."""
    frame = introspection.definition_frame(call.machine, function)
    match function.node:
        case ast.Lambda(body=ast.Call(func=written)) | ast.Lambda(body=ast.Await(value=ast.Call(func=written))) if frame:
            called, _ = introspection.function_of(call.machine.evaluate(written, frame))
            return called or function
        case _:
            return function


def _holds(call: Call, node: Node) -> bool:
    """Whether it holds on to something. A method of the object that builds the graph is one of its methods like any other."""
    if node.holds or not isinstance(node.receiver, Instance):
        return node.holds
    return call.machine.store.get(call.frame.local, "self") != node.receiver


ACTIONS: dict[str, ActionCode] = {"lg-node": add_node, "lg-sequence": add_sequence}
