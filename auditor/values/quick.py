"""Frozen dataclasses that are made by the million: made and copied with other fields in a quarter of the time.

A frozen class sets each field by a call of `object.__setattr__`, which is most of what making a hole or a condition costs. Here
an object is of a class of the same shape that anybody may write to for as long as it is being made; from then on it is as frozen
as any. Knows nothing of what the classes are for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

_copiers: dict[type, Callable[[Any, dict[str, Any]], Any]] = {}

_SOURCE = """
def __init__(self, {parameters}):
    _become(self, "__class__", _writable)
    {made}
    self.__class__ = _cls

def copy(one, changes):
    made = _new(_writable)
    {copied}
    for name, value in changes.items():
        setattr(made, name, value)
    made.__class__ = _cls
    return made
"""


def quick(cls: type[T]) -> type[T]:
    """The frozen, slotted dataclass, whose objects are made quickly. It has no default factories, and no subclasses."""
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]
    names = [field.name for field in fields]
    writable = type(f"_Writable{cls.__name__}", (), {"__slots__": tuple(names)})
    known: dict[str, Any] = {"_become": object.__setattr__, "_new": object.__new__, "_writable": writable, "_cls": cls}
    parameters = []
    for field in fields:
        assert field.init
        assert field.default_factory is dataclasses.MISSING
        known[f"_default_{field.name}"] = field.default
        parameters.append(field.name if field.default is dataclasses.MISSING else f"{field.name}=_default_{field.name}")
    made = "\n    ".join(f"self.{name} = {name}" for name in names)
    copied = "\n    ".join(f"made.{name} = one.{name}" for name in names)
    # As dataclasses make their methods: of the fields' names alone.
    exec(_SOURCE.format(parameters=", ".join(parameters), made=made, copied=copied), known)  # noqa: S102
    _set(cls, "__init__", known["__init__"])
    _set(cls, "__init_subclass__", classmethod(_refused))
    _copiers[cls] = known["copy"]
    return cls


def _set(cls: type, name: str, method: object) -> None:
    setattr(cls, name, method)


def _refused(cls: type, /, **_: object) -> None:
    raise TypeError(f"{cls.__name__}: what is made quickly is of that very class")


if TYPE_CHECKING:
    from dataclasses import replace as replace
else:

    def replace(one, /, **changes):
        """As `dataclasses.replace`."""
        copier = _copiers.get(type(one))
        return dataclasses.replace(one, **changes) if copier is None else copier(one, changes)
