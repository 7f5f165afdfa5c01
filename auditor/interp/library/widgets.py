"""Widgets of a page (Streamlit): what the user has chosen stays until they choose again; what the page offers first is known.

Which functions are widgets is said by `knowledge/library.toml`; here stands what one of them offers for the case that nobody
touches it: the option at `index`, or the `value` that it begins with. Knows nothing of layout.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import known
from auditor.values.domain import Arguments, ListRef, Text, TupleValue, Value
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
    }.items()
}
