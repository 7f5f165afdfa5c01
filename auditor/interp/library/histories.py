"""Library functions that keep the newest messages of a history alone: `trim_messages` of LangChain.

Knows that the front goes once the history is long; not how long that is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.interp import known, trimming
from auditor.values.domain import Arguments, Hole, ListRef, TupleValue, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def newest(machine: Machine, value: Value, options: Arguments, node: ast.AST | None, frame: Frame | None) -> Value:
    """What is left of the messages: all of them as yet, marked as what loses its front where it grows."""
    if known.text_of(options.keyword("strategy")) == "first":
        return value
    match value:
        case ListRef() | TupleValue():
            items = machine.items(value)
            grows = trimming.grows(machine, value)
            return machine.new_list(trimming.marked(machine, items.items, node, frame) if grows else items.items, items.order)
        case Hole():
            return replace(value, type=trimming.TRIMMED, place=machine.place(node, frame))
        case _:
            return value


def _trim(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """Without messages it is a step of a chain, which the listener knows."""
    messages = arguments.get(0, "messages")
    return None if messages is None else newest(machine, messages, arguments, node, frame)


OVERLAYS: dict[str, Callable[[Machine, Arguments, ast.AST, Frame], Value | None]] = {
    "langchain_core.messages.trim_messages": _trim,
    "langchain_core.messages.utils.trim_messages": _trim,
}
