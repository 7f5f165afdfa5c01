"""Whether code fills what an object begins with unset: `job.transcript = found["text"]`, in another step than the one asking.

An instance that nobody is seen to make may be at any step. Knows which files name the class, and names of attributes; not whose
attribute it is that they set.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from auditor.project.contexts import is_test

if TYPE_CHECKING:
    from auditor.interp.machine import Machine
    from auditor.values.domain import ClassValue


def fills(machine: Machine, cls: ClassValue, name: str) -> bool:
    """Whether a file that names the class sets such an attribute of something that is no `self`."""
    own = cls.name.rsplit(".", 1)[-1]
    files = set(machine.project.naming(own)) & set(machine.project.naming(name, attribute=True))
    return any(name in _set_in(machine, path) for path in sorted(files) if not is_test(path))


def _set_in(machine: Machine, path: str) -> frozenset[str]:
    key = ("set attributes", path)
    found = machine.cache.get(key)
    if found is None:
        module = machine.project.module(path)
        statements = ast.walk(module.tree) if module is not None else ()
        found = machine.cache[key] = frozenset(
            target.attr
            for statement in statements
            if isinstance(statement, ast.Assign)
            and not (isinstance(value := statement.value, ast.Constant) and value.value is None)
            for target in statement.targets
            if isinstance(target, ast.Attribute)
            and not (isinstance(target.value, ast.Name) and target.value.id in {"self", "cls"})
        )
    return found  # type: ignore[return-value]
