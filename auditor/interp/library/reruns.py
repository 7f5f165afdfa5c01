"""Programs that a library runs from the top for each interaction (Streamlit), and what libraries keep for a session in between.

The mapping is empty before the first run or event, but for what another handler puts into it (`auditor/interp/sessions.py`); of
one that all handlers of a site share, it is open whether there is anything.
Keys that widgets fill are not followed.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.interp import mappings
from auditor.project.syntax import Module
from auditor.values.domain import DictRef, Method, Text, Value

if TYPE_CHECKING:
    from auditor.interp.frame import Frame
    from auditor.interp.machine import Machine

METHODS = frozenset({"get", "keys", "values", "items", "setdefault", "pop", "update", "clear", "set"})


def reruns(machine: Machine, module: Module) -> bool:
    """Whether a module is such a program: it imports the library at its top level."""
    return any(libraries(node) & machine.library.reruns for node in module.imports if node in module.tree.body)


def libraries(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The top-level packages that a statement imports from."""
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return {name.split(".", 1)[0] for name in names}


def session(machine: Machine, name: str) -> DictRef | None:
    """The session's mapping, where the dotted name means it."""
    if name not in machine.library.session_mappings:
        return None
    key = ("session mapping", name)
    found = machine.memo.get(key)
    if not isinstance(found, DictRef):
        found = machine.memo[key] = machine.new_dict()
    return found


def shared(machine: Machine, value: DictRef) -> bool:
    """Whether other requests of the session may have left something in it: a login, a page before, the same handler."""
    return any(machine.memo.get(("session mapping", name)) == value for name in machine.library.shared_sessions)


def is_session(machine: Machine, value: DictRef) -> bool:
    return any(machine.memo.get(("session mapping", name)) == value for name in machine.library.session_mappings)


def attribute(machine: Machine, value: DictRef, name: str, node: ast.AST | None, frame: Frame) -> Value:
    """`st.session_state.name`: a method of mappings, else an entry."""
    return Method(value, name) if name in METHODS else mappings.get_entry(machine, value, Text.of(name), node, frame, None)


def put(machine: Machine, value: DictRef, name: str, new: Value) -> None:
    mappings.set_entry(machine, value, Text.of(name), new)
