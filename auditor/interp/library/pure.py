"""Functions of the standard library that only compute: where arguments are known through and through, Python gives the answer.

Knows which functions are safe to call (no effects, bounded work) and how values go over and come back. Nothing of the audited
project is ever run: only these functions of Python's own library, on plain data.
"""

from __future__ import annotations

import ast
import html
import math
import string
import urllib.parse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from auditor.interp import known, textmethods
from auditor.interp.library import regular
from auditor.limits import PURE_CHARACTERS
from auditor.values.domain import Arguments, External, Partial, Text, TupleValue, Value, const

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

Overlay = Callable[["Machine", Arguments, ast.AST, "Frame"], Value | None]


def power(base: Any, exponent: Any, modulus: Any = None) -> Any:
    if abs(base) > 1 << 64 or abs(exponent) > 64:
        raise ValueError("too large")
    return pow(base, exponent, modulus)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "builtins.round": round,
    "builtins.divmod": divmod,
    "builtins.pow": power,
    "builtins.hex": hex,
    "builtins.oct": oct,
    "builtins.bin": bin,
    "builtins.chr": chr,
    "builtins.ord": ord,
    "builtins.ascii": ascii,
    "builtins.str.maketrans": str.maketrans,
    "string.capwords": string.capwords,
    "html.unescape": html.unescape,
    "urllib.parse.quote": urllib.parse.quote,
    "urllib.parse.quote_plus": urllib.parse.quote_plus,
    "urllib.parse.unquote": urllib.parse.unquote,
    "urllib.parse.urlencode": urllib.parse.urlencode,
    "urllib.parse.urljoin": urllib.parse.urljoin,
    "math.ceil": math.ceil,
    "math.floor": math.floor,
    "math.trunc": math.trunc,
    "math.sqrt": math.sqrt,
    "math.log": math.log,
    "math.log2": math.log2,
    "math.log10": math.log10,
}

CONSTANTS: dict[str, object] = {
    **{f"string.{name}": getattr(string, name) for name in ("ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits")},
    **{f"string.{name}": getattr(string, name) for name in ("hexdigits", "octdigits", "punctuation", "whitespace", "printable")},
    **regular.FLAGS,
    "math.pi": math.pi,
    "math.e": math.e,
    "math.inf": math.inf,
}


def _computed(function: Callable[..., Any]) -> Overlay:
    def computed(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        positional = [known.python(machine, item) for item in arguments.positional]
        keywords = {name: known.python(machine, value) for name, value in arguments.keywords}
        if arguments.unknown_keywords or not all(found for found, _ in (*positional, *keywords.values())):
            return None
        values = [raw for _, raw in positional]
        if any(isinstance(raw, str) and len(raw) > PURE_CHARACTERS for raw in values):
            return None
        try:
            result = function(*values, **{name: raw for name, (_, raw) in keywords.items()})
        except Exception:  # noqa: BLE001 - whatever the audited code would have raised
            return None
        origin = next((item for item in arguments.positional if isinstance(item, Text)), None)
        return textmethods.wrap(machine, result, origin if isinstance(result, str) else None)

    return computed


def constant(name: str) -> Value | None:
    """A constant of the standard library."""
    raw = CONSTANTS.get(name)
    return None if raw is None else Text.of(raw) if isinstance(raw, str) else const(raw)


# `operator`: functions that do what an operator does


def _operator(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame, op: ast.operator) -> Value | None:
    from auditor.interp import operators

    left, right = (known.plain(item) for item in arguments.positional[:2])
    return None if left is None or right is None else operators.binary(machine, op, left, right, node, frame)


def _binary(op: ast.operator) -> Overlay:
    return lambda machine, arguments, node, frame: (
        _operator(machine, arguments, node, frame, op) if len(arguments.positional) == 2 else None
    )


def _getter(kind: str) -> Overlay:
    """`itemgetter("a", "b")`: a function that waits for its object."""

    def getter(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        if any(known.plain(item) is None for item in arguments.positional):
            return None
        return Partial(External(f"auditor.{kind}"), Arguments((TupleValue(arguments.positional),), arguments.keywords))

    return getter


def _got(take: Callable[[Machine, Value, Value, ast.AST, Frame], Value]) -> Overlay:
    def got(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        if len(arguments.positional) != 2:
            return None
        names, receiver = (known.plain(item) for item in arguments.positional)
        if not isinstance(names, TupleValue) or receiver is None:
            return None
        parts = tuple(
            take(machine, receiver, name, node, frame) for item in names.items if (name := known.plain(item)) is not None
        )
        return parts[0] if len(parts) == 1 else TupleValue(parts)

    return got


def _item(machine: Machine, receiver: Value, key: Value, node: ast.AST, frame: Frame) -> Value:
    from auditor.interp import subscripts

    return subscripts.get(machine, receiver, key, node, frame)


def _attribute(machine: Machine, receiver: Value, name: Value, node: ast.AST, frame: Frame) -> Value:
    for part in (known.text_of(name) or "?").split("."):
        receiver = machine.attribute(receiver, part, node, frame)
    return receiver


def _method(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    if len(arguments.positional) != 2:
        return None
    given, receiver = (known.plain(item) for item in arguments.positional)
    if not isinstance(given, TupleValue) or receiver is None or not given.items:
        return None
    method = machine.attribute(receiver, known.text_of(given.items[0]) or "?", node, frame)
    return machine.call(method, Arguments(given.items[1:], arguments.keywords), node, frame)


def _fromkeys(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    from auditor.interp import mappings
    from auditor.values.domain import NONE, SpreadEntries

    first, value = arguments.get(0, "iterable"), arguments.get(1, "value") or NONE
    if first is None:
        return None
    content = machine.iterate(first, node, frame)
    made = machine.new_dict(order=content.order)
    for item in content.items:
        key = known.plain(item)
        hole = getattr(item, "hole", None)
        if key is not None:
            mappings.set_entry(machine, made, key, value)
        elif hole is not None:
            mappings.update(machine, made, [SpreadEntries(hole, value)])
        else:
            return None
    return made


def method_of_type(machine: Machine, name: str, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`str.upper(x)`: a method of a builtin type, called as a function."""
    parts = name.split(".")
    receiver = known.plain(arguments.positional[0]) if arguments.positional else None
    if (
        len(parts) != 3
        or parts[:1] != ["builtins"]
        or parts[1] not in {"str", "list", "dict", "set", "tuple"}
        or receiver is None
    ):
        return None
    rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.unknown_keywords)
    return machine.call(machine.attribute(receiver, parts[2], node, frame), rest, node, frame)


OVERLAYS: dict[str, Overlay] = {
    **{name: _computed(function) for name, function in FUNCTIONS.items()},
    "builtins.dict.fromkeys": _fromkeys,
    "operator.add": _binary(ast.Add()),
    "operator.concat": _binary(ast.Add()),
    "operator.sub": _binary(ast.Sub()),
    "operator.mul": _binary(ast.Mult()),
    "operator.or_": _binary(ast.BitOr()),
    "operator.itemgetter": _getter("itemgetter"),
    "operator.attrgetter": _getter("attrgetter"),
    "operator.methodcaller": _getter("methodcaller"),
    "auditor.itemgetter": _got(_item),
    "auditor.attrgetter": _got(_attribute),
    "auditor.methodcaller": _method,
}
