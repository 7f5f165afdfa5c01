"""Widgets of a page (Streamlit): what the user has chosen stays until they choose again; what the page offers first is known.

Which functions are widgets is said by `knowledge/library.toml`; here stands what one of them offers for the case that nobody
touches it: the option at `index`, or the `value` that it begins with. Of layout it knows that a part of a page has what the page
has.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.values.domain import Arguments, External, ListRef, Text, TupleValue, Value
from auditor.values.lifetime import Cause, Lifetime

if TYPE_CHECKING:
    from collections.abc import Callable

    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine


def _chosen(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`st.selectbox("Model", MODELS, index=1)`: one of the options, at first the one that is preset."""
    options, index = arguments.get(1, "options"), arguments.get(2, "index")
    position = 0 if index is None else known.int_of(index)
    first = None
    if isinstance(options, ListRef | TupleValue) and position is not None:
        items = machine.items(options).items
        first = known.plain(items[position]) if 0 <= position < len(items) else None
    return _widget(machine, first, node, frame)


def _entered(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`st.text_area("System prompt", DEFAULT)`: a setting; a field that is empty at first is for what this request asks."""
    preset = arguments.get(1, "value")
    return _widget(machine, preset, node, frame) if isinstance(preset, Text) and preset.pieces else None


def _widget(machine: Machine, preset: Value | None, node: ast.AST, frame: Frame) -> Value:
    content = preset if isinstance(preset, Text) else None
    return machine.hole(node, frame, Lifetime.SESSION, Cause.ENVIRONMENT, identity=("widget", id(node)), content=content)


def _part(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value:
    """`st.container()`: a part of the page has the page's widgets."""
    return PAGE


def _parts(machine: Machine, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
    """`st.columns(2)`, `st.tabs(["Ask", "Read"])`: so many parts of the page."""
    given = known.plain(arguments.positional[0]) if arguments.positional else arguments.get(0, "spec")
    if isinstance(given, ListRef | TupleValue):
        items = machine.items(given).items
        count = len(items) if all(known.plain(item) is not None for item in items) else None
    else:
        count = None if given is None else known.int_of(given)
    return TupleValue((PAGE,) * count) if count is not None and 0 < count <= machine.limits.items else None


PAGE = External("streamlit")

PARTS = frozenset({"container", "expander", "form", "popover", "empty", "chat_message", "status"})
"""What makes a part of a page. Source: docs.streamlit.io/develop/api-reference/layout; checked 2026-11-22."""

OVERLAYS: dict[str, Callable[[Machine, Arguments, ast.AST, Frame], Value | None]] = {
    f"{page}.{name}": overlay
    for page in ("streamlit", "streamlit.sidebar")
    for name, overlay in {
        "selectbox": _chosen,
        "radio": _chosen,
        "segmented_control": _chosen,
        "pills": _chosen,
        "text_input": _entered,
        "text_area": _entered,
        "columns": _parts,
        "tabs": _parts,
        **dict.fromkeys(PARTS, _part),
    }.items()
}
