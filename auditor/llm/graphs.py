"""What a node of a graph (LangGraph) gets: the state that its nodes share, whose messages are the conversation so far.

Knows which classes are such states, by their annotations or by the library's base class, and which functions are nodes. What the
other keys hold is known to `graph_states`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from auditor.interp import classes, slices, trimming
from auditor.interp.frame import Frame
from auditor.llm import graph_writes
from auditor.project.syntax import last_name, parameters
from auditor.values.domain import (
    Arguments,
    ClassValue,
    Entry,
    External,
    ExternalObject,
    FunctionValue,
    Item,
    Spread,
    SpreadEntries,
    Text,
    Value,
)
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.llm.parameters import Guesser

Schema = ClassValue | External
"""A state's class: the project's, or the library's own."""


def state(guesser: Guesser, function: FunctionValue, argument: ast.arg, frame: Frame) -> Value | None:
    """The state that a node's parameter stands for; None where it is no state."""
    schema = _declared(guesser, argument, frame)
    if schema is None or not _messages(guesser, schema):
        schema = _of_graph(guesser, function) if _is_first(function, argument) else None
    return None if schema is None else made(guesser, schema, argument, frame, function)


def made(
    guesser: Guesser,
    schema: Schema,
    argument: ast.arg,
    frame: Frame,
    function: FunctionValue | None = None,
    reason: Reason = Reason.NO_CALLERS,
) -> Value | None:
    """A state of that class as a node gets it; None where nothing tells that it is one.

    `function`: the node, where known. `reason`: why the keys are not known that nobody is seen to write.
    """
    machine, names = guesser.machine, _messages(guesser, schema)
    fields = classes.data_fields(machine, schema) if isinstance(schema, ClassValue) else []
    data = isinstance(schema, ClassValue) and classes.is_data(machine, schema)
    written: dict[str, Value] = {}
    leading: dict[str, tuple[Item, ...]] = {}
    if function is not None and isinstance(schema, ClassValue):
        written = guesser.states.keys(function, schema, [name for name in fields if name not in names])
        leading = {name: guesser.states.leading(function, schema, name) for name in names}
    if not (names or data or written):
        return None
    given = [(name, _conversation(guesser, argument, name, frame, leading.get(name, ()))) for name in names]
    given += written.items()
    if isinstance(schema, ClassValue) and data:
        # What a field is by default it is before the first node wrote it.
        others = (name for name in fields if name not in names and name not in written)
        given += [(name, machine.unknown(reason, argument, frame, f"{argument.arg}.{name}")) for name in others]
        return classes.instantiate(machine, schema, Arguments((), tuple(given)), argument, frame)
    rest = machine.unknown(reason, argument, frame, argument.arg)
    return machine.new_dict((SpreadEntries(rest), *(Entry(Text.of(name), value) for name, value in given)))


def _conversation(guesser: Guesser, argument: ast.arg, name: str, frame: Frame, leading: tuple[Item, ...]) -> Value:
    """What stands ahead of all, the earlier turns, and what came last."""
    machine, expression = guesser.machine, f"{argument.arg}[{name!r}]"
    earlier = machine.hole(
        argument,
        frame,
        Lifetime.TURN,
        Cause.HISTORY,
        identity=("state", id(argument), name),
        expression=expression,
        evidence=Evidence.USAGE,
    )
    last = machine.hole(argument, frame, Lifetime.CALL, Cause.INPUT, expression=f"{expression}[-1]", evidence=Evidence.USAGE)
    return trimming.continued(machine, machine.new_list((*leading, Spread(earlier), last)))


def _is_first(function: FunctionValue, argument: ast.arg) -> bool:
    node = function.node
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    named = [one for one in parameters(node) if one.arg not in {"self", "cls"}]
    return bool(named) and named[0] is argument


# Which class


def _declared(guesser: Guesser, argument: ast.arg, frame: Frame) -> Schema | None:
    node: ast.expr | None = argument.annotation
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        node = ast.Name(node.value, ast.Load())
    value = guesser.machine.evaluate(node, frame) if isinstance(node, ast.Name | ast.Attribute) else None
    return schema_of(guesser.machine, value)


def schema_of(machine: Machine, value: Value | None) -> Schema | None:
    """A class of the project, or one of the library's own states."""
    return value if isinstance(value, ClassValue) or (isinstance(value, External) and _library_s(machine, value)) else None


def _library_s(machine: Machine, value: External) -> bool:
    tables = machine.library.graphs
    return value.name.split(".", 1)[0] in tables.packages and value.name.rsplit(".", 1)[-1] in tables.states


def _of_graph(guesser: Guesser, function: FunctionValue) -> Schema | None:
    """The state of the graph that the function is handed to as a node."""
    for call, scope, path in _handed(guesser, function):
        frame = guesser.frame(path)
        if frame is None or not isinstance(call.func, ast.Attribute):
            continue
        around = frame.module.functions.get(scope)
        inner = frame if around is None else Frame(frame.module, (guesser.machine.store.allocate(), *frame.scopes))
        if around is not None:
            slices.bind(guesser.machine, around, call, inner)
        graph = guesser.machine.evaluate(call.func.value, inner)
        if not isinstance(graph, ExternalObject) or graph.arguments is None:
            continue
        if graph.cls.rsplit(".", 1)[-1] in guesser.machine.library.graphs.makers:
            schema = schema_of(guesser.machine, graph.arguments.get(0, "state_schema"))
            if schema is not None:
                return schema
    return None


def _handed(guesser: Guesser, function: FunctionValue) -> Iterator[tuple[ast.Call, str, str]]:
    """Calls of `add_node` that hand the function over."""
    project, name = guesser.machine.project, graph_writes.called(function.name)
    tried = 0
    for path in project.mentioning("add_node("):
        module = project.module(path) if name.encode() in project.data(path) else None
        for call, scope in module.calls if module is not None else ():
            if last_name(call.func) != "add_node" or tried >= guesser.machine.limits.graph_nodes:
                continue
            assert module is not None
            if any(graph_writes.function_of(module, one) == name for one in call.args):
                tried += 1
                yield call, scope, path


def _messages(guesser: Guesser, cls: Schema) -> list[str]:
    """Keys of a state that hold messages which nodes add to."""
    if isinstance(cls, External):
        return ["messages"]
    machine = guesser.machine
    found = ["messages"] if classes.base_names(machine, cls) & machine.library.graphs.states else []
    for owner in classes.mro(machine, cls):
        for item in owner.node.body if isinstance(owner.node, ast.ClassDef) else ():
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and _adds(machine, item.annotation):
                found.append(item.target.id)
    return list(dict.fromkeys(found))


def _adds(machine: Machine, annotation: ast.expr) -> bool:
    """`Annotated[list[AnyMessage], add_messages]`: messages, and a function that puts a node's to those that are there."""
    match annotation:
        case ast.Subscript(value=outer, slice=ast.Tuple(elts=[held, *reducers])) if last_name(outer) == "Annotated":
            return bool(reducers) and (
                "Message" in machine.source(held) or any(last_name(one) in machine.library.graphs.reducers for one in reducers)
            )
        case _:
            return False
