"""What the nodes of graphs (LangGraph) write into the state that they share, and what is put in from outside, as it is spelled.

Knows `add_node`, the edges between nodes, dictionaries that nodes return and that graphs are invoked with. Knows names, no
values: which node a function is, is told by what it is called.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from auditor.limits import NODE_DELEGATIONS
from auditor.project.contexts import is_test
from auditor.project.project import Project
from auditor.project.syntax import FunctionNode, Module, last_name, parameters

INVOKING = frozenset({"invoke", "ainvoke", "stream", "astream", "astream_events", "astream_log"})
"""Methods of a graph that take the state to begin with."""

BUILDING = frozenset({"add_node", "add_edge", "add_conditional_edges"})


@dataclass(frozen=True, slots=True)
class Written:
    """A value that is put under a key of a state, in a function (file and name).

    `node`: the function that is the node, if one writes it. `target`: the one node that it is sent to.
    """

    path: str
    scope: str
    key: str
    value: ast.expr
    node: str = ""
    target: str = ""


@dataclass(slots=True)
class Shape:
    """A graph as one function builds it: nodes, the functions that they are, and which node may follow which.

    A node that is a graph itself has no function.
    """

    path: str
    functions: dict[str, str] = field(default_factory=dict)  # node -> function
    edges: set[tuple[str, str]] = field(default_factory=set)

    def named(self, function: str) -> frozenset[str]:
        """The nodes that a function is."""
        return frozenset(node for node, name in self.functions.items() if name == function)

    def around(self, node: str) -> frozenset[str]:
        """Nodes that come again and again together with this one: empty where it is not come back to."""
        behind, ahead = self._reached(node, 0, 1), self._reached(node, 1, 0)
        return behind & ahead

    def _reached(self, node: str, start: int, end: int) -> frozenset[str]:
        found: set[str] = set()
        pending = [node]
        while pending:
            one = pending.pop()
            for edge in self.edges:
                if edge[start] == one and edge[end] not in found:
                    found.add(edge[end])
                    pending.append(edge[end])
        return frozenset(found)


# Graphs


def shapes(project: Project) -> list[Shape]:
    """The graphs of a project, tests left out, one for each function that adds nodes."""
    found: list[Shape] = []
    for path in project.mentioning("add_node("):
        module = None if is_test(path) else project.module(path)
        if module is not None:
            found += _shapes(project, module)
    return found


def _shapes(project: Project, module: Module) -> Iterator[Shape]:
    built: dict[tuple[str, str], Shape] = {}
    for call, scope in module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in BUILDING:
            _add(built.setdefault((scope, _receiver(call.func)), Shape(module.path)), module, call)
    for shape in built.values():
        for node, name in shape.functions.items():
            for _, function in functions_named(project, module.path, name):
                shape.edges |= {(node, there) for there in _goes_to(function) if there in shape.functions}
        yield shape


def _receiver(func: ast.Attribute) -> str:
    """What a method is called on, the methods in between left out: `graph.add_node(...).add_edge(...)`."""
    inner = func.value
    while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in BUILDING:
        inner = inner.func.value
    return ast.unparse(inner)


def _add(shape: Shape, module: Module, call: ast.Call) -> None:
    given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in {"action", "path", "path_map"})]
    match last_name(call.func), given:
        case "add_node", [ast.Constant(value=str(node)), action, *_]:
            shape.functions[node] = function_of(module, action)
        case "add_node", [action, *_] if function_of(module, action):
            shape.functions[function_of(module, action)] = function_of(module, action)
        case "add_edge", [first, second]:
            shape.edges |= {(a, b) for a in _strings(first) for b in _strings(second)}
        case "add_conditional_edges", [first, router, *mapping]:
            targets = set(_strings(mapping[0], values=True)) if mapping else _routed(module, router)
            shape.edges |= {(a, b) for a in _strings(first) for b in targets}
        case _:
            pass


def function_of(module: Module, action: ast.expr) -> str:
    """What a node is called: the function that is handed over, bound to arguments or called by a lambda; an object's class."""
    match action:
        case ast.Call(args=[first, *_]) if last_name(action.func) == "partial":
            return last_name(first) or ""
        case ast.Call(func=ast.Name(id=name)):
            return name
        case ast.Lambda(body=ast.Call(func=called)) | ast.Lambda(body=ast.Await(value=ast.Call(func=called))):
            return last_name(called) or ""
        case _:
            name = last_name(action) or ""
            return _object(module, name) or name


def _object(module: Module, name: str) -> str:
    """The class that a variable or an attribute of a file is bound to an object of; empty for others."""
    if not name or any(scope.rsplit(".", 1)[-1] == name for scope in module.functions):
        return ""
    return _objects(module.tree).get(name, "")


@lru_cache(maxsize=8)
def _objects(tree: ast.Module) -> dict[str, str]:
    """Variables and attributes of a file that are bound to what a class makes, with the class's name."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[target], value=ast.Call(func=ast.Name(id=cls))) if cls[:1].isupper():
                found.setdefault(last_name(target) or "", cls)
            case _:
                pass
    return found


def called(function: str) -> str:
    """What a function is called as a node: an object's `__call__` by its class."""
    names = function.split(".")
    return names[-2] if names[-1] == "__call__" and len(names) > 1 else names[-1]


def _strings(node: ast.expr, *, values: bool = False) -> set[str]:
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.Dict() if values:
            return {text for value in node.values for text in _strings(value)}
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return {text for element in elements for text in _strings(element)}
        case _:
            return set()


def _routed(module: Module, router: ast.expr) -> set[str]:
    """Where a function without a mapping may lead to: the strings in it; the library's own leads to the tools."""
    name = last_name(router)
    if name == "tools_condition":
        return {"tools"}
    body: list[ast.AST] = [router] if isinstance(router, ast.Lambda) else []
    body += [node for scope, node in module.functions.items() if scope.rsplit(".", 1)[-1] == name]
    return {
        part.value for node in body for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def _goes_to(function: FunctionNode) -> set[str]:
    """Nodes that a node names as the next one: `Command(goto="plan")`, `-> Command[Literal["plan"]]`."""
    returns = None if isinstance(function, ast.Lambda) else function.returns
    named = [node for node in ast.walk(returns) if isinstance(node, ast.Constant)] if returns is not None else []
    if not named:
        gone = (
            keyword.value
            for call in ast.walk(function)
            if isinstance(call, ast.Call)
            for keyword in call.keywords
            if keyword.arg == "goto"
        )
        named = [node for value in gone for node in ast.walk(value) if isinstance(node, ast.Constant)]
    return {node.value for node in named if isinstance(node.value, str)}


def functions_named(project: Project, path: str, name: str) -> list[tuple[str, FunctionNode]]:
    """Functions of that name (the file's own, else the project's) by file; their place is asked of the module."""
    if not name:
        return []
    own = _defined(project, path, name)
    if own:
        return own
    found: list[tuple[str, FunctionNode]] = []
    for other in dict.fromkeys((*project.mentioning(f"def {name}("), *project.mentioning(f"class {name}"))):
        if not is_test(other):
            found += _defined(project, other, name)
    return found


def _defined(project: Project, path: str, name: str) -> list[tuple[str, FunctionNode]]:
    module = project.module(path)
    functions = module.functions.items() if module is not None else ()
    return [(path, node) for scope, node in functions if called(scope) == name]


# What is written


def of_node(project: Project, path: str, name: str, depth: int = NODE_DELEGATIONS, node: str = "") -> Iterator[Written]:
    """What a node puts into the state: in what it returns, or another function for it, or in the state that it got."""
    named = functions_named(project, path, name)
    for where, function in named if depth == NODE_DELEGATIONS or len(named) == 1 else ():
        module = project.module(where)
        assert module is not None
        scope = module.scope_of.get(id(function), "")
        state = next((one.arg for one in parameters(function) if one.arg not in {"self", "cls"}), "")
        parts = list(own(function))
        returned = {one for part in parts if isinstance(part, ast.Return) for one in _names(part.value)}
        for part in parts:
            for key, value, target in _writes(part, returned, state):
                yield Written(where, scope, key, value, node or name, target)
            if isinstance(part, ast.Return) and depth:
                yield from of_node(project, where, _asked(part.value), depth - 1, node or name)


def _asked(value: ast.expr | None) -> str:
    """The function whose result is given back as it is."""
    called = value.value if isinstance(value, ast.Await) else value
    name = last_name(called.func) if isinstance(called, ast.Call) else None
    return "" if name is None or name in {"Command", "dict"} else name


def _writes(node: ast.AST, returned: set[str], state: str) -> Iterator[tuple[str, ast.expr, str]]:
    match node:
        case ast.Return(value=ast.Dict() as made):
            yield from ((key, value, "") for key, value in entries(made))
        case ast.Call(func=func) if last_name(func) == "Command":
            update = next((one.value for one in node.keywords if one.arg == "update"), None)
            yield from ((key, value, "") for key, value in entries(update))
        case ast.Call(func=func, args=[ast.Constant(value=str(target)), made, *_]) if last_name(func) == "Send":
            yield from ((key, value, target) for key, value in entries(made))
        case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
            match target:
                case ast.Name(id=name) if name in returned and isinstance(value, ast.Dict):
                    yield from ((key, one, "") for key, one in entries(value))
                case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))) if name in {*returned, state}:
                    yield key, value, ""
                case ast.Attribute(value=ast.Name(id=name), attr=key) if name == state:
                    yield key, value, ""
                case _:
                    pass
        case _:
            pass


def _names(value: ast.expr | None) -> set[str]:
    """Variables that are given back: themselves, or as what a command updates."""
    match value:
        case ast.Name(id=name):
            return {name}
        case ast.Call(keywords=keywords) if last_name(value.func) == "Command":
            return {name for keyword in keywords if keyword.arg == "update" for name in _names(keyword.value)}
        case _:
            return set()


def entries(made: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    """What a dictionary, or a constructor's keywords, put under names."""
    match made:
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, value
        case ast.Call(keywords=keywords):
            yield from ((keyword.arg, keyword.value) for keyword in keywords if keyword.arg is not None)
        case _:
            pass


def own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, those of functions inside of it left out."""
    for node in ast.iter_child_nodes(function):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from own(node)


def given(project: Project, keys: frozenset[str], schema: str) -> Iterator[Written]:
    """What graphs are invoked with, where all of it is the state's: a dictionary or an instance of its class, perhaps named."""
    for path in sorted({*project.mentioning("stream("), *project.mentioning("invoke(")}):
        module = None if is_test(path) else project.module(path)
        for call, scope in module.calls if module is not None else ():
            if not isinstance(call.func, ast.Attribute) or call.func.attr not in INVOKING:
                continue
            first = call.args[0] if call.args else next((one.value for one in call.keywords if one.arg == "input"), None)
            assert module is not None
            around = module.functions.get(scope, module.tree)
            later = list(_put_into(around, first))
            for made in _made(around, first):
                found = [*entries(made), *later]
                named = isinstance(made, ast.Dict) or last_name(made.func) in {schema, "dict"}
                if found and named and keys.issuperset(key for key, _ in found):
                    yield from (Written(path, scope, key, value) for key, value in found)


def _made(around: ast.AST, first: ast.expr | None) -> Iterable[ast.Dict | ast.Call]:
    """The dictionaries or constructor calls that an argument is, or that the variable of its name is bound to."""
    match first:
        case ast.Dict() | ast.Call():
            return (first,)
        case ast.Name(id=name):
            bound = (
                (node.targets[0], node.value) if isinstance(node, ast.Assign) else (node.target, node.value)
                for node in own(around)
                if isinstance(node, ast.Assign | ast.AnnAssign)
            )
            return [
                value
                for target, value in bound
                if isinstance(target, ast.Name) and target.id == name and isinstance(value, ast.Dict | ast.Call)
            ]
        case _:
            return ()


def _put_into(around: ast.AST, first: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
    """What is put into the variable of an argument's name after it was made: `first["llm"] = model`."""
    for node in own(around) if isinstance(first, ast.Name) else ():
        match node:
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key)))], value=value):
                if isinstance(first, ast.Name) and name == first.id:
                    yield key, value
            case _:
                pass


# Where it is written


def around(function: ast.AST, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """The loops around an expression, outermost first: what each names its elements, and what it goes through."""
    found: list[tuple[ast.expr, ast.expr]] = []
    node: ast.AST | None = function
    while node is not None and node is not value:
        match node:
            case ast.For(target=target, iter=over) | ast.AsyncFor(target=target, iter=over):
                found.append((target, over))
            case ast.ListComp(generators=generators) | ast.GeneratorExp(generators=generators):
                found += ((one.target, one.iter) for one in generators)
            case _:
                pass
        node = next((child for child in ast.iter_child_nodes(node) if any(part is value for part in ast.walk(child))), None)
    return found
