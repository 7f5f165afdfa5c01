"""Exceptions: what was raised, which handler takes it, and how it reads.

Knows Python's own exception classes and classes of the project below them. An exception does not leave the function that raises
it: the evaluator goes on behind the call, since the way without errors is the one whose requests count.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from auditor.interp import known, strings
from auditor.values.domain import ClassValue, External, ExternalObject, Instance, Text, TupleValue, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

ARGUMENTS = "args"


def builtin(name: str) -> type[BaseException] | None:
    """Python's own exception class of a dotted name."""
    found = getattr(builtins, name.removeprefix("builtins."), None) if name.startswith("builtins.") else None
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def catches(machine: Machine, handled: Value | None, raised: Value | None) -> bool | None:
    """Whether a handler for `handled` (None: for everything) takes the exception; None where that is not known."""
    from auditor.interp import classes

    if handled is None:
        return True
    if isinstance(handled, TupleValue):
        answers = [catches(machine, one, raised) for item in handled.items if (one := known.plain(item)) is not None]
        return True if True in answers else None if None in answers else False
    wanted = builtin(handled.name) if isinstance(handled, External) else None
    match raised:
        case ExternalObject(name) | External(name):
            actual = builtin(name)
            if isinstance(handled, ClassValue) and actual is not None:
                return False
            return issubclass(actual, wanted) if actual is not None and wanted is not None else None
        case Instance(cls=cls) | (ClassValue() as cls):
            if isinstance(handled, ClassValue):
                return handled in classes.mro(machine, cls)
            base = classes.external_base(machine, cls)
            actual = builtin(base) if base is not None else None
            return issubclass(actual, wanted) if actual is not None and wanted is not None else None
        case _:
            return None


def text(machine: Machine, name: str, given: TupleValue, node: ast.AST | None, frame: Frame) -> Text | None:
    """`str(error)` of one of Python's own exceptions made with these arguments."""
    cls = builtin(name)
    if cls is None or issubclass(cls, OSError | UnicodeError):
        return None
    if not given.items:
        return Text()
    first = known.plain(given.items[0])
    if len(given.items) == 1 and first is not None:
        write = strings.repr_text if issubclass(cls, KeyError) else strings.to_text
        return write(machine, first, node, frame)
    return strings.repr_text(machine, given, node, frame)
