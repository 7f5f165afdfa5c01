"""A tool that a library makes of a function: what of its definition the source fixes, word for word.

Every library sends the function's name, and its docstring as far as that describes the function; what it makes of parameters and
of sections such as `Args:` is its own. Of the latter, the names of parameters of plain types are certain, and how long the rest
can be. A decorator or an object that says name or description itself leaves all of it open.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator

from auditor.llm.request import Block, Kind, Section
from auditor.places import Place
from auditor.values.domain import FunctionValue
from auditor.values.lifetime import Lifetime
from auditor.values.text import Hole, Literal, Text

SECTION = re.compile(
    r"^[ \t]*(?:(?:args|arguments|parameters|params|other parameters|returns?|yields?|raises|examples?|notes?|warnings?"
    r"|references|see also|attributes|usage)\s*:?[ \t]*$|:\w+[^\n]*:|-{3,}|>>>)",
    re.IGNORECASE | re.MULTILINE,
)
"""Where a docstring begins to describe something else than the function: libraries read these parts, or leave them out."""
PLAIN = frozenset({"str", "int", "float", "bool", "list", "dict", "List", "Dict", "Optional", "Literal", "Any", "None", "Union"})
CONTEXT = re.compile(r"Context|Injected|ToolRuntime|RunnableConfig|InvocationState")
"""Parameters that the library fills in itself and tells the model nothing of."""
FORM = 60
"""Characters that the form of a definition has at most around what is spelled, and that of a parameter."""


def tool_of_function(given: FunctionValue | str, place: Place | None) -> Block:
    """The definition of a tool; of something of which only the name is known, a hole."""
    plain = (given if isinstance(given, str) else given.name).rsplit(".", 1)[-1]
    node = None if isinstance(given, str) else given.node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not _renamed(node):
        text = Text(tuple(_pieces(node, plain)))
    else:
        text = Text((Hole(("tool", plain), f"schema of {plain}", Lifetime.DEPLOY, characters=(40, None)),))
    return Block(Section.TOOLS, "tool", Kind.TOOL, text, place, f"tool {plain}", name=plain)


def _renamed(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a decorator is given anything that may be a name, a description or a schema."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call):
            given = [*decorator.args, *(one.value for one in decorator.keywords)]
            if any(not (isinstance(one, ast.Constant) and isinstance(one.value, bool | int)) for one in given):
                return True
    return False


def _pieces(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Iterator[Hole | Literal]:
    described = inspect.cleandoc(ast.get_docstring(node, clean=False) or "")
    found = SECTION.search(described)
    head = (described[: found.start()] if found else described).strip()
    most: int | None = 2 * FORM + 2 * (len(described) - len(head))
    for argument in _told(node):
        size = _size(argument)
        most = None if most is None or size is None else most + size
    if not head:
        yield from (_hole(name, "form", "...", FORM), Literal(name), _hole(name, "parameters", f"parameters of {name}", most))
        return
    # Which of name, description and parameters comes first is the library's own: LangChain and Gemini have others ahead.
    rest = None if most is None else most + len(name)
    yield _hole(name, "form", f"name of {name}", rest)
    yield Literal(json.dumps(head, ensure_ascii=False)[1:-1])
    yield _hole(name, "parameters", f"parameters of {name}", rest)


def _hole(name: str, what: str, expression: str, most: int | None) -> Hole:
    return Hole(("tool", name, what), expression, Lifetime.DEPLOY, characters=(2, most))


def _told(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.arg]:
    """The parameters that the model is told of."""
    for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        annotation = ast.unparse(argument.annotation) if argument.annotation is not None else ""
        if argument.arg not in {"self", "cls"} and not CONTEXT.search(annotation):
            yield argument


def _size(argument: ast.arg) -> int | None:
    """How long what is said of a parameter can be; None where its type may say anything."""
    if argument.annotation is None:
        return len(argument.arg) * 2 + FORM
    names = {one.id for one in ast.walk(argument.annotation) if isinstance(one, ast.Name)}
    if names - PLAIN or any(isinstance(one, ast.Attribute | ast.Call) for one in ast.walk(argument.annotation)):
        return None
    return len(argument.arg) * 2 + FORM + 4 * len(ast.unparse(argument.annotation))
