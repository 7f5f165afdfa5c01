"""Where evaluation starts: from the functions that send up to those that nobody in the project calls.

Knows references by name. Names that match by chance cost time, not truth: an entry from which no request is heard is dropped.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from auditor.discovery.scan import matters
from auditor.knowledge.objects import Mention
from auditor.knowledge.sdk import Sdk
from auditor.limits import Limits
from auditor.llm import posting
from auditor.llm.named import Named
from auditor.llm.tables import Tables
from auditor.project.contexts import is_test
from auditor.project.project import Project
from auditor.project.syntax import FunctionNode, Module, Reference, last_name


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """A function of the project by file and qualified name; "" is the module's top level."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call that may send, by its attribute path alone; or one by which another function sends: a sending method, or the URL to
    post to, is handed to it or was before (`ask = retry(client.messages.create)`)."""

    path: str
    scope: str
    node: ast.Call
    handed: bool = False


def candidates(project: Project, sdk: Sdk, paths: Iterable[str], mentions: Sequence[Mention]) -> Iterator[Candidate]:
    """Calls that an endpoint's method or its parameters suggest, in files that mention one; `mentions` are the project's."""
    names = sdk.last_names()
    owners = frozenset(endpoint.path[-2] for endpoint in sdk.endpoints if len(endpoint.path) > 1) | sdk.transparent
    alone = frozenset(endpoint.path[0] for endpoint in sdk.endpoints if len(endpoint.path) == 1)
    telling = frozenset(name for endpoint in sdk.endpoints for name in endpoint.telling)
    posts = posting.Posts(project, sdk)
    for path in paths:
        module = project.module(path)
        if module is None:
            continue
        methods = Methods(project, sdk, path, mentions)
        near = posts.near(path)
        helpers = posting.helpers(project, sdk) if near else frozenset[str]()
        posters = frozenset(sdk.posters) if near else frozenset[str]()

        def sends(node: ast.expr, methods: Methods = methods) -> bool:
            return (last_name(node) in names and _sends(node, owners)) or methods.send(node)

        kept = _kept(module, sends)
        for node, scope in module.calls:
            handed = last_name(node.func) in helpers | kept or any(
                _sends(argument, owners)
                or (isinstance(argument, ast.Attribute) and argument.attr in alone)
                or methods.send(argument)
                or last_name(argument) in posters | helpers
                for argument in _arguments(node)
            )
            if (
                handed
                or sends(node.func)
                or (last_name(node.func) in names and _tells(node, telling))
                or (near and posts.may_post(node))
            ):
                function = module.functions.get(scope, module.tree)
                yield Candidate(path, scope, posting.sent(sdk, function, node), handed)


class Methods:
    """Which attributes of one file may be sending methods of objects that the surfaces describe."""

    def __init__(self, project: Project, sdk: Sdk, path: str, mentions: Sequence[Mention]) -> None:
        self._project = project
        self._path = path
        self._owned = sdk.objects.owners()
        self._names: set[str] = set()
        for mention in mentions:
            self._names |= mention.loud
            if matters(project.data(path), mention.quiet_needles) and self._near(mention):
                self._names |= mention.quiet
        module = project.module(path)
        renamed = [alias for node in module.imports for alias in node.names] if module is not None else []
        self._names.update(alias.asname for alias in renamed if alias.asname and alias.name in self._names)

    def send(self, node: ast.expr) -> bool:
        match node:
            case ast.Attribute(value=owner, attr=name):
                return name in self._names or (last_name(owner), name) in self._owned
            case ast.Name(id=name):
                return name in self._names
            case _:
                return False

    def _near(self, mention: Mention) -> bool:
        """Whether the file mentions the library, or imports one that does."""
        module = self._project.module(self._path)
        paths = [self._path]
        for node in module.imports if module is not None else ():
            paths += self._project.imported(self._path, node)
        return any(mention.named_in(self._project.data(path)) for path in paths)


def _sends(node: ast.expr, owners: frozenset[str]) -> bool:
    """Whether an attribute is looked up on what an endpoint's method belongs to: `messages.create`."""
    return isinstance(node, ast.Attribute) and last_name(node.value) in owners


def _kept(module: Module, sends: Callable[[ast.expr], bool]) -> frozenset[str]:
    """Names under which a file keeps a sending method, or what wraps one: `ask = client.messages.create`."""
    kept: set[str] = set()
    for node in ast.walk(module.tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                pass
            case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
                targets = [target]
            case _:
                continue
        if any(map(sends, _alternatives(value))):
            kept.update(name for target in targets if (name := last_name(target)) is not None)
    return frozenset(kept)


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    """What may be assigned by an expression as it is written: either side of a choice, and what a call wraps."""
    match node:
        case ast.IfExp(body=then, orelse=otherwise):
            yield from (then, otherwise)
        case ast.BoolOp(values=values):
            yield from values
        case ast.Call():
            yield from _arguments(node)
        case _:
            yield node


def _arguments(call: ast.Call) -> Iterator[ast.expr]:
    """What a call is given, by place or by name."""
    yield from call.args
    yield from (keyword.value for keyword in call.keywords)


def _tells(node: ast.Call, telling: frozenset[str]) -> bool:
    """Whether a call through a shorter name (`create(**request)`) has an endpoint's parameters."""
    return any(keyword.arg is None or keyword.arg in telling for keyword in node.keywords)


def attribute_path(node: ast.expr) -> tuple[str, ...]:
    """`("client", "messages", "create")` of `client.messages.create`; "?" for what is no name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "?")
    return tuple(reversed(names))


OF_THE_OBJECT = frozenset({"__init__", "__call__", "__enter__", "__aenter__", "__post_init__", "__aiter__", "__iter__"})
"""Methods that are called by what is written with the class's name, or soon after it."""


def _callee(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _may_mean(project: Project, reference: Reference, *, attribute: bool) -> bool:
    """Whether a method is looked up on an object, or a plain function on nothing that is no module (`message.answer()`)."""
    callee = _callee(reference.node)
    if attribute or not isinstance(callee, ast.Attribute):
        return isinstance(callee, ast.Attribute) or not attribute
    root = callee.value
    while isinstance(root, ast.Attribute):
        root = root.value
    module = project.module(reference.path)
    return module is None or not isinstance(root, ast.Name) or root.id in _imported(module)


def _fits(function: FunctionNode | None, call: ast.expr) -> bool:
    """Whether a call's arguments can be those of the function: another one of its name takes others."""
    if function is None or isinstance(function, ast.Lambda) or not isinstance(call, ast.Call):
        return True
    if any(last_name(one) not in PLAIN for one in function.decorator_list):
        return True
    if any(isinstance(one, ast.Starred) for one in call.args) or any(keyword.arg is None for keyword in call.keywords):
        return True
    return _binds(function.args, call, 0) or _binds(function.args, call, 1)  # on an object, which is passed by itself


def _binds(spec: ast.arguments, call: ast.Call, passed: int) -> bool:
    """Whether a call without unpacked arguments binds to the parameters behind those that are passed by themselves."""
    positional = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
    required = positional[passed : len(positional) - len(spec.defaults)]
    required += [one.arg for one, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if default is None]
    given = {keyword.arg for keyword in call.keywords}
    known = {*positional, *(one.arg for one in spec.kwonlyargs)}
    by_place = positional[passed : passed + len(call.args)]
    return (
        (spec.vararg is not None or len(call.args) <= max(len(positional) - passed, 0))
        and (spec.kwarg is not None or given <= known)
        and given.issuperset(set(required) - set(by_place))
    )


PLAIN = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "overload", "final"})
"""Decorators that leave a function's parameters as they are written."""


def _overrides(function: FunctionNode | None, call: ast.expr, *, bound: bool) -> bool:
    """Whether a call passes a parameter that the function has a default for. `bound`: the object is passed by itself."""
    if function is None or not isinstance(call, ast.Call):
        return False
    spec = function.args
    positional = [argument.arg for argument in (*spec.posonlyargs, *spec.args)][1 if bound else 0 :]
    first = len(positional) - len(spec.defaults)
    given = {keyword.arg for keyword in call.keywords}
    named = zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
    defaulted = {*positional[max(first, 0) :], *(argument.arg for argument, default in named if default is not None)}
    return len(call.args) > first or not defaulted.isdisjoint(given)


def _imported(module: Module) -> set[str]:
    """Names that a file imports something under, anywhere in it."""
    names = (alias for statement in module.imports for alias in statement.names)
    return {alias.asname or alias.name.split(".", 1)[0] for alias in names}


class Callers:
    """Who calls a function, level by level, bounded."""

    def __init__(self, project: Project, limits: Limits) -> None:
        self._project = project
        self._limits = limits
        self._known: dict[Scope, tuple[Scope, ...]] = {}
        self._overriding: set[Scope] = set()
        self._handing: dict[Scope, bool] = {}
        self._above: dict[Scope, frozenset[Scope]] = {}
        self._tables = Tables(project)
        self._named = Named(project)
        self.limits_reached: Counter[str] = Counter()

    def of(self, scope: Scope) -> tuple[Scope, ...]:
        """Scopes that call or hand over the function, nearest files first. Tests count only for tests."""
        if scope not in self._known:
            self._known[scope] = self._find(scope)
        return self._known[scope]

    def override(self, scope: Scope) -> bool:
        """Whether some caller passes what the function has a default for: the default is then not all that is sent."""
        return bool(self.of(scope)) and scope in self._overriding

    def hands_out(self, scope: Scope) -> bool:
        """Whether a function gives its callers a function that is defined in it."""
        if scope not in self._handing:
            self._handing[scope] = self._gives_a_function(scope)
        return self._handing[scope]

    def _gives_a_function(self, scope: Scope) -> bool:
        module = self._project.module(scope.path)
        function = module.functions.get(scope.name) if module is not None else None
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return False
        inner = [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node is not function
        ]
        names = {node.name for node in inner}
        given = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
        parts = [part for value in given for part in (value, *(value.args if isinstance(value, ast.Call) else ()))]
        return any(isinstance(part, ast.Lambda) or last_name(part) in names for part in parts)

    def _find(self, scope: Scope) -> tuple[Scope, ...]:
        module = self._project.module(scope.path)
        if module is None or not scope.name:
            return ()
        in_tests = is_test(scope.path)
        names, attribute = self._called_as(module, scope.name)
        function = module.functions.get(scope.name)
        near: dict[int, list[str]] = {}  # a name such as `get` stands in most files: those further away are read where needed
        for path in dict.fromkeys(path for name in names for path in self._project.naming(name, attribute=attribute)):
            if in_tests or not is_test(path):
                near.setdefault(_distance(scope.path, path), []).append(path)
        found: dict[Scope, None] = {}
        for _, paths in sorted(near.items()):
            there: set[Scope] = set()
            for path in paths:
                if self._can_see(scope, module, path):
                    for reference in (one for name in names for one in self._project.references_in(path, name)):
                        if _may_mean(self._project, reference, attribute=attribute) and _fits(function, reference.node):
                            there.add(Scope(path, reference.scope))
                            if _overrides(function, reference.node, bound=attribute):
                                self._overriding.add(scope)
                            there.update(Scope(*user) for user in self._tables.users(reference))
            found.update(dict.fromkeys(sorted(there - {scope})))
            if len(found) >= self._limits.callers:
                break
        if attribute and len(found) < self._limits.callers:  # `call("edit")`, for which nobody need write `service.edit()`
            by_name = {Scope(*one) for one in self._named.callers(names[0]) if in_tests or not is_test(one[0])}
            found.update(dict.fromkeys(sorted(by_name - {scope})))
        return tuple(found)[: self._limits.callers]

    def _called_as(self, module: Module, name: str) -> tuple[tuple[str, ...], bool]:
        """The names that a call of the function is written with, and whether they are looked up on an object."""
        last = name.rsplit(".", 1)[-1]
        owner = module.owner.get(name)
        if owner is not None and last in OF_THE_OBJECT:
            return (owner.rsplit(".", 1)[-1], *self._heirs(owner.rsplit(".", 1)[-1])), False
        return (last,), owner is not None

    def _heirs(self, name: str) -> tuple[str, ...]:
        """Names of the classes that are written with that base: who makes one of them calls the base's methods."""
        modules = (self._project.module(path) for path in self._project.naming(name))
        found = (
            own.rsplit(".", 1)[-1]
            for module in modules
            if module is not None
            for own, node in module.classes.items()
            if any(last_name(base) == name for base in node.bases)
        )
        return tuple(sorted({one for one in found if one != name})[: self._limits.callers])

    def _can_see(self, scope: Scope, module: Module, path: str) -> bool:
        """Whether a file can know the function: a nested one only its own, a plain one only where its module or package is named.

        Methods are reached through objects, whose file need not be named.
        """
        if path == scope.path:
            return True
        if scope.name in module.owner:
            return True
        if "." in scope.name:
            return False
        data = self._project.data(path)
        where = PurePosixPath(scope.path)
        # A package may hand on what its modules define; a folder that is none cannot.
        packages = (folder for folder in where.parents if self._project.has_file(f"{folder}/__init__.py"))
        names = [folder.name for folder in packages if folder.name not in {"src", "lib"}]
        if where.stem != "__init__":
            names.append(where.stem)
        return any(name.encode() in data for name in names)

    def above(self, scopes: Iterable[Scope]) -> set[Scope]:
        """The scopes and all from which they can be reached by calls, within the levels that are followed."""
        found = set(scopes)
        frontier = sorted(found)
        for _ in range(self._limits.caller_levels):
            if len(found) > self._limits.leading:
                self.limits_reached["leading"] += 1
                break
            frontier = sorted({caller for scope in frontier for caller in self.of(scope)} - found)
            found.update(frontier)
        return found

    def akin(self, scopes: Iterable[Scope], among: Iterable[Scope]) -> set[Scope]:
        """Those of some scopes that can be reached from where the first ones can, or from one of them."""
        known = self.above(scopes)
        return {one for one in among if not known.isdisjoint(self._above_one(one))}

    def ways(self, entry: Scope, scopes: Iterable[Scope]) -> set[Scope]:
        """The scopes on the shortest ways from an entry to each of those that can be reached from it."""
        return {one for scope in scopes if entry in self._above_one(scope) for one in self._way(entry, scope)}

    def _above_one(self, scope: Scope) -> frozenset[Scope]:
        if scope not in self._above:
            self._above[scope] = frozenset(self.above([scope]))
        return self._above[scope]

    def _way(self, entry: Scope, scope: Scope) -> set[Scope]:
        """The scopes on the shortest ways from an entry to one that can be reached from it."""
        levels, found = [{scope}], {scope}
        while entry not in levels[-1]:
            levels.append({caller for one in levels[-1] for caller in self.of(one)} - found)
            found |= levels[-1]
        ahead, way = {entry}, {entry}
        for level in reversed(levels[:-1]):
            ahead = {one for one in level if not ahead.isdisjoint(self.of(one))}
            way |= ahead
        return way


def _distance(one: str, other: str) -> int:
    a, b = PurePosixPath(one).parts, PurePosixPath(other).parts
    shared = 0
    while shared < min(len(a), len(b)) and a[shared] == b[shared]:
        shared += 1
    return len(a) + len(b) - 2 * shared
