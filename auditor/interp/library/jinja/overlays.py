"""Jinja2 as programs call it: what each function, class and method of the library is to the evaluator."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.values.domain import Arguments, ExternalObject, Text, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

PREFIX = "jinja2."
HELPERS = frozenset({"attribute", "item", "loop", "namespace", "block", "super", "include", "import", "exported"})
ENVIRONMENTS = frozenset({"Environment", "SandboxedEnvironment", "ImmutableSandboxedEnvironment", "NativeEnvironment"})
TEMPLATES = frozenset({"Template", "NativeTemplate"})
RENDERING = frozenset({"render", "render_async", "async_render"})
RENDERERS = {
    "flask.render_template": True,
    "flask.render_template_string": False,
    "quart.render_template": True,
    "quart.render_template_string": False,
}
"""Functions that render with an environment of their framework: whether their first argument names the template."""


def call(machine: Machine, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A call of something of Jinja2 by dotted name; None where it is nothing that is known here."""
    if name in RENDERERS:
        return _framework(machine, RENDERERS[name], arguments, node, frame)
    if name in machine.library.jinja:
        from auditor.interp.library.jinja import environments

        return environments.ready_template(machine, machine.library.jinja[name], arguments, node, frame)
    if not name.startswith(PREFIX):
        return None
    from auditor.interp.library.jinja import environments, filters, testing

    first, _, last = name.removeprefix(PREFIX).rpartition(".")
    if first == "filters":
        return filters.apply(machine, last, arguments, node, frame)
    if first == "tests":
        return testing.apply(machine, last, arguments, node, frame)
    if first == "" and last in HELPERS:
        return _helper(last)(machine, arguments, node, frame)
    if last in ENVIRONMENTS:
        return environments.environment(machine, arguments, node, frame)
    if last in TEMPLATES:
        return environments.plain_template(machine, arguments, node, frame)
    if last == "select_autoescape":
        return environments.autoescape(machine, arguments, node, frame)
    return None


def _helper(name: str) -> Callable[[Machine, Arguments, ast.AST, Frame], Value | None]:
    from auditor.interp.library.jinja import access, rendering

    return {
        "attribute": access.attribute,
        "item": access.item,
        "loop": access.loop,
        "namespace": access.namespace,
        "block": rendering.block,
        "super": rendering.super_block,
        "include": rendering.include,
        "import": rendering.imported,
        "exported": rendering.exported,
    }[name]


def attribute(machine: Machine, value: ExternalObject, name: str, node: ast.AST | None, frame: Frame) -> Value | None:
    """An attribute of one of Jinja2's objects."""
    if not value.cls.startswith(PREFIX):
        return None
    from auditor.interp.library.jinja import access, environments

    return environments.attribute(value, name) or access.loop_attribute(machine, value, name, node, frame)


def method(machine: Machine, value: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """A method of an environment, a template or `loop`."""
    if not value.cls.startswith(PREFIX) or len(value.path) != 1:
        return None
    from auditor.interp.library.jinja import access, environments, rendering

    name = value.path[0]
    if value.cls == environments.TEMPLATE and name in RENDERING:
        return rendering.render(machine, value, arguments, node, frame)
    if value.cls != environments.ENVIRONMENT:
        return access.loop_call(machine, value, arguments, node, frame)
    owner = ExternalObject(value.cls, (), value.arguments, value.identity, value.place)
    match name:
        case "get_template" | "select_template" | "get_or_select_template":
            wanted = known.plain(arguments.positional[0]) if arguments.positional else arguments.keyword("name")
            return _named(machine, owner, wanted, node, frame) if wanted is not None else None
        case "from_string":
            source = arguments.get(0, "source")
            return environments.template(machine, source, owner, None, node, frame) if source is not None else None
        case "overlay":
            given = owner.arguments or Arguments()
            changed = Arguments((), tuple((dict(given.keywords) | dict(arguments.keywords)).items()))
            return ExternalObject(owner.cls, (), changed, machine.serial(), owner.place)
        case _:
            return None


def _named(machine: Machine, owner: ExternalObject, wanted: Value, node: ast.AST, frame: Frame) -> Value:
    from auditor.interp.library.jinja import environments
    from auditor.values.domain import ListRef, TupleValue

    if isinstance(wanted, ExternalObject) and wanted.cls == environments.TEMPLATE:
        return wanted
    if isinstance(wanted, ListRef | TupleValue):
        candidates = [value for item in machine.items(wanted).items if (value := known.plain(item)) is not None]
        names = [value for value in candidates if environments.load(machine, owner, known.text_of(value) or "", node, frame)]
        wanted = (names or candidates or [Text()])[0]

    def one(name: Value) -> Value:
        plain = known.text_of(name)
        text = environments.load(machine, owner, plain, node, frame) if plain is not None else None
        source = text if text is not None else environments.missing(machine, name, node, frame)
        return environments.template(machine, source, owner, plain, node, frame)

    return machine.each(wanted, one, node, frame)


def _framework(machine: Machine, named: bool, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp.library.jinja import environments, rendering

    first = known.plain(arguments.positional[0]) if arguments.positional else None
    if first is None:
        return None
    owner = environments.flask_environment(machine, node, frame)
    assert isinstance(owner, ExternalObject)
    made = (
        _named(machine, owner, first, node, frame) if named else environments.template(machine, first, owner, None, node, frame)
    )
    if not isinstance(made, ExternalObject):
        return None
    return rendering.render(machine, made, Arguments((), arguments.keywords, arguments.unknown_keywords), node, frame)
