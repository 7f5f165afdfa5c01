"""Nodes of a graph (LangGraph) that are written where they are handed over: `graph.add_node("ask", lambda state: ask(state))`.

A function of the project that is a node is looked at by itself. What a lambda or a `partial` holds on to (the model, the prompt)
only the place knows where it is made: there it is run, turn by turn, with the state that the graph's nodes share.
"""

from __future__ import annotations

import ast

from auditor.interp import known
from auditor.llm import graphs
from auditor.llm.configured import ActionCode, Call
from auditor.llm.parameters import Guesser
from auditor.project.syntax import parameters
from auditor.values.domain import Arguments, FunctionValue, Partial, Value


def add_node(call: Call) -> Value | None:
    """`graph.add_node(name, node)`, `graph.add_node(node)`."""
    machine, given = call.machine, call.arguments.positional
    node = known.plain(given[-1]) if given else call.own.keyword("action")
    schema, argument = graphs.schema_of(machine, call.held.keyword("state_schema")), _first(node)
    if argument is None or schema is None:
        return call.target
    guesser = Guesser(machine, call.ear)
    for _ in range(machine.limits.turns):
        before = machine.listener.heard
        state = graphs.made(guesser, schema, argument, call.frame)
        if state is None:
            break
        machine.call(node, Arguments((state,)), call.node, call.frame)  # type: ignore[arg-type]
        if machine.listener.heard == before:
            break
    return call.target


def _first(node: Value | None) -> ast.arg | None:
    """The parameter that takes the state, of a node that holds on to something."""
    given = 0
    if isinstance(node, Partial):
        given, held, node = len(node.arguments.positional), True, node.callee
    else:
        held = isinstance(node, FunctionValue) and isinstance(node.node, ast.Lambda)
    if not held or not isinstance(node, FunctionValue):
        return None
    assert isinstance(node.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    return next(iter(list(parameters(node.node))[given:]), None)


ACTIONS: dict[str, ActionCode] = {"lg-node": add_node}
