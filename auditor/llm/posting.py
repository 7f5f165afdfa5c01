"""Which function means a posted request: the one that spells URL and body, or a helper's caller; and which calls may post.

Knows syntax and references by name. What a call really posts, and where to, is `http`'s business.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from auditor.discovery.scan import matters
from auditor.llm import callsites, senders
from auditor.project.contexts import is_test
from auditor.project.syntax import last_name

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine
    from auditor.knowledge.sdk import Sdk
    from auditor.project.project import Project

BODIES = ("json", "data", "content", "body")


def caller(machine: Machine, node: ast.AST, frame: Frame) -> tuple[ast.AST, str, str]:
    """The call that means the request, with its file and function: that of a helper where the post only hands on what it got."""
    name = frame.name
    path = frame.module.path
    depth = len(machine.stack) - 1
    inner: tuple[object, frozenset[str]] | None = None
    while depth >= 0 and isinstance(node, ast.Call):
        activation = machine.stack[depth]
        handed = _handed(_urls_of(node, inner), activation.function)
        if activation.call is None or not handed or not _general(machine, node, path, activation.function):
            break
        above = senders.calling(machine, depth)
        if above is None:
            break
        inner = (activation.function, handed)
        node, path, name = above
        depth -= 1
    return node, path, name


def sent(sdk: Sdk, function: ast.AST, call: ast.Call) -> ast.Call:
    """Where a function sends the request that a call only makes: `request = Request(url, data)`, then `urlopen(request)`."""
    sent_by = sdk.sent.get(last_name(call.func) or "")
    if sent_by is None:
        return call
    parts = list(ast.walk(function))
    names = {
        target.id
        for part in parts
        if isinstance(part, ast.Assign) and part.value is call
        for target in part.targets
        if isinstance(target, ast.Name)
    }
    sending = (part for part in parts if isinstance(part, ast.Call) and part.args and last_name(part.func) in sent_by)
    takes = (
        part
        for part in sending
        if part.args[0] is call or (isinstance(part.args[0], ast.Name) and part.args[0].id in names and part.lineno > call.lineno)
    )
    return min(takes, key=lambda part: (part.lineno, part.col_offset), default=call)


def _general(machine: Machine, node: ast.Call, path: str, function: object) -> bool:
    """Whether a function posts whatever it is given: any arguments, or to URLs that its callers spell differently."""
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    if any(isinstance(one, ast.Starred) for one in node.args) or any(keyword.arg is None for keyword in node.keywords):
        return True
    spec = function.args
    names = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
    if isinstance(node.func, ast.Name) and node.func.id in names:
        return True
    key = ("urls", id(function))
    found = machine.cache.get(key)
    if not isinstance(found, int):
        found = machine.cache[key] = len(_urls(machine, path, function))
    return found > 1


def _urls(machine: Machine, path: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """How the callers of a function spell what it is given first. What tests give to the application says nothing about it."""
    urls = set()
    for reference in callsites.calls(machine, function.name, tests=is_test(path)):
        assert isinstance(reference.node, ast.Call)
        given = [*reference.node.args, *(keyword.value for keyword in reference.node.keywords)]
        urls.add(machine.source(given[0]) if given else "")
    return urls


def hands_on(node: ast.Call, function: object) -> bool:
    """Whether a call's URL is nothing but a parameter of the function around it."""
    return bool(_handed(_urls_of(node, None), function))


def _urls_of(node: ast.Call, inner: tuple[object, frozenset[str]] | None) -> list[ast.expr]:
    """The arguments of a call that may be its URL: of a helper, those that it hands on as such (`inner`: it, and their names)."""
    starred = [one for one in node.args if isinstance(one, ast.Starred)]
    if inner is None:
        url = next((keyword.value for keyword in node.keywords if keyword.arg == "url"), None)
        return [url] if url is not None else [*node.args]
    function, names = inner
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    spec = function.args
    order = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
    order = order[1:] if order[:1] in (["self"], ["cls"]) and isinstance(node.func, ast.Attribute) else order
    by_name = [keyword.value for keyword in node.keywords if keyword.arg in names]
    plain = [] if starred else [value for name, value in zip(order, node.args, strict=False) if name in names]
    any_of = [*node.args[len(order) :]] if spec.vararg is not None and spec.vararg.arg in names else []
    return [*starred, *by_name, *plain, *any_of]


def _handed(urls: Iterable[ast.expr], function: object) -> frozenset[str]:
    """The parameters of a function that these expressions are."""
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return frozenset()
    spec = function.args
    names = {argument.arg for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
    rest = {argument.arg for argument in (spec.vararg, spec.kwarg) if argument is not None}
    plain = {one.id for one in urls if isinstance(one, ast.Name)} & names
    starred = {one.value.id for one in urls if isinstance(one, ast.Starred) and isinstance(one.value, ast.Name)} & rest
    return frozenset(plain | starred)


def helpers(project: Project, sdk: Sdk) -> frozenset[str]:
    """Names of the project's functions that hand a URL on to something that posts."""
    found: set[str] = set()
    for path in sorted({path for name in sdk.posters for path in project.mentioning(f".{name}(")}):
        module = project.module(path)
        if module is None:
            continue
        for call, scope in module.calls:
            if last_name(call.func) in sdk.posters and scope and hands_on(call, module.functions.get(scope)):
                found.add(scope.rsplit(".", 1)[-1])
    return frozenset(found)


class Posts:
    """Calls of a project that may post to an endpoint, in files that spell its URL or are next to one that does by an import."""

    def __init__(self, project: Project, sdk: Sdk) -> None:
        self._project = project
        self._sdk = sdk
        self._spelling: frozenset[str] | None = None
        self._read_by: frozenset[str] = frozenset()

    def near(self, path: str) -> bool:
        """Whether a URL may come to the file: its own, of a module that it imports, or of one that imports it."""
        data = self._project.data(path)
        if matters(data, self._sdk.post_needles):
            return True
        posts = matters(data, self._sdk.post_calls) and matters(data, self._sdk.post_libraries)
        return posts and self._beside(path)

    def _beside(self, path: str) -> bool:
        if self._spelling is None:
            needles = (needle.decode() for needle in self._sdk.post_needles)
            self._spelling = frozenset(found for needle in needles for found in self._project.mentioning(needle))
            self._read_by = frozenset(found for one in self._spelling for found in self._imports(one))
        return path in self._read_by or any(found in self._spelling for found in self._imports(path))

    def _imports(self, path: str) -> Iterable[str]:
        module = self._project.module(path)
        for node in module.imports if module is not None else ():
            yield from self._project.imported(path, node)

    def may_post(self, node: ast.Call) -> bool:
        """Whether a call of something that posts has a body, and a URL that can be an endpoint's."""
        position = self._sdk.posters.get(last_name(node.func) or "")
        if position is None:
            return False
        given = {keyword.arg for keyword in node.keywords}
        starred = any(isinstance(one, ast.Starred) for one in node.args)
        if not (starred or None in given or given & {*BODIES} or len(node.args) > position + 1):
            return False
        url = next((keyword.value for keyword in node.keywords if keyword.arg == "url"), None)
        if url is None and not starred and len(node.args) > position:
            url = node.args[position]
        return not (isinstance(url, ast.Constant) and isinstance(url.value, str)) or self._sdk.may_lead(url.value)
