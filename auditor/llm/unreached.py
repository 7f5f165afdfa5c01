"""Calls that no evaluation came to, but whose spelling and parameters only an endpoint has: shown as not resolved.

Knows how a call is written and what its file imports; what is sent there stays unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cache, partial

from auditor.knowledge.endpoint import Endpoint
from auditor.knowledge.sdk import Sdk
from auditor.llm.entries import Candidate, attribute_path
from auditor.llm.request import CallSite, SiteReplays
from auditor.project.contexts import context
from auditor.project.project import Project
from auditor.project.syntax import Module
from auditor.values.lifetime import Reason

SURE = 2
"""Parameters of an endpoint, `model` among them, that nobody takes for another function's."""


def sites(candidates: Iterable[Candidate], project: Project, sdk: Sdk) -> Iterable[SiteReplays]:
    """The call sites among candidates that nothing reached."""

    @cache
    def near(path: str) -> bytes:
        module = project.module(path)
        return b"\n".join(project.data(one).lower() for one in _around(project, module)) if module is not None else b""

    for candidate in candidates:
        module = project.module(candidate.path)
        if module is None:
            continue
        node = candidate.node
        endpoint = _spelled(node, sdk, partial(near, candidate.path)) or _named(node, module, sdk) or _guessed(node, sdk)
        if endpoint is not None:
            place = module.place(node)
            site = CallSite(endpoint.api, place, candidate.scope or "<module>", context(candidate.path), endpoint.sends)
            yield SiteReplays(site, (), (("the call", Reason.UNREACHED),), None)


def _around(project: Project, module: Module) -> Iterable[str]:
    """A file and those of the project that it imports."""
    yield module.path
    for node in module.imports:
        yield from project.imported(module.path, node)


def _spelled(node: ast.Call, sdk: Sdk, near: Callable[[], bytes]) -> Endpoint | None:
    """The endpoint that a call's attribute path and parameters leave no doubt of, whatever its receiver is.

    `near` is the source around it: where that does not name the provider, parameters out of a mapping tell nothing.
    """
    path = tuple(name for name in attribute_path(node.func) if name not in sdk.transparent)
    given, spread = _given(node)
    for endpoint in sdk.endpoints:
        if path[-len(endpoint.path) :] != endpoint.path or len(path) <= len(endpoint.path):
            continue
        if len(endpoint.path) > 2 and not node.args:  # chat.completions.create: nothing else is called so
            return endpoint
        if len(given & endpoint.telling) + ("model" in given) >= SURE or (
            spread and ("model" in given or (not given and endpoint.provider.encode() in near()))
        ):
            return endpoint
    return None


def _named(node: ast.Call, module: Module, sdk: Sdk) -> Endpoint | None:
    """The endpoint of a library's function that is called by the name that the file imported it or the library under."""
    first, *others = attribute_path(node.func)
    given, spread = _given(node)
    for name in _imported(module, first):
        action = sdk.objects.function(".".join((name, *others)))
        if action is not None and action.endpoint is not None and (spread or given & (action.endpoint.telling | {"model"})):
            return action.endpoint
    return None


def _guessed(node: ast.Call, sdk: Sdk) -> Endpoint | None:
    """The endpoint of a method of an object that a library makes, by parameters that nothing else has."""
    given, _ = _given(node)
    for _, action in sdk.objects.guesses(attribute_path(node.func)):
        if action.endpoint is not None and len(given & (action.endpoint.telling | {"model"})) >= SURE:
            return action.endpoint
    return None


def _given(node: ast.Call) -> tuple[set[str], bool]:
    """The names of a call's keywords, and whether a mapping gives more of them."""
    return {keyword.arg for keyword in node.keywords if keyword.arg}, any(keyword.arg is None for keyword in node.keywords)


def _imported(module: Module, name: str) -> Iterable[str]:
    """What a name stands for by the file's imports. A library that a module of the project hands on keeps its name."""
    for statement in module.imports:
        for alias in statement.names:
            if (alias.asname or alias.name) != name:
                continue
            if isinstance(statement, ast.Import):
                yield alias.name
            else:
                yield f"{statement.module}.{alias.name}"
                yield alias.name
