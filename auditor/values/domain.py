"""The values that a variable of the audited program can hold.

Knows shapes and identities. Mutable objects are references (`ListRef`, `DictRef`, `SetRef`, `Instance`) whose content lives in
the
interpreter's store, so that aliasing and mutation mean what they mean in Python. Syntax appears here only as an opaque node
that a function or class was made from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from auditor.places import Place
from auditor.values.quick import quick
from auditor.values.text import Condition as Condition
from auditor.values.text import Hole as Hole
from auditor.values.text import Text as Text


@dataclass(frozen=True, slots=True)
class Const:
    """None, a bool, a number, bytes or Ellipsis. `kind` keeps True apart from 1."""

    value: object
    kind: str

    def __repr__(self) -> str:
        return f"Const({self.value!r})"


class Length(int):
    """The number of items of a list that grows from request to request, or what is left of it behind a fixed number of them."""

    __slots__ = ()

    def __add__(self, other: object) -> Any:
        return _shifted(int(self), other, 1)

    def __sub__(self, other: object) -> Any:
        return _shifted(int(self), other, -1)

    def __mod__(self, other: object) -> Any:
        return _phase(int(self), other)


def _shifted(count: int, other: object, sign: int) -> Any:
    """A length and a number that stays; two lengths make a plain number."""
    if isinstance(other, Length) or not isinstance(other, int):
        return count + sign * other if isinstance(other, int | float) else NotImplemented
    return Length(count + sign * other)


class Count(int):
    """A number that goes up from request to request, or one that is a fixed number apart from it, or what it leaves of one."""

    __slots__ = ()

    def __add__(self, other: object) -> Any:
        return Count(int(self) + other) if type(other) is int else int.__add__(self, other)  # type: ignore[operator]

    def __radd__(self, other: object) -> Any:
        return self + other

    def __sub__(self, other: object) -> Any:
        return Count(int(self) - other) if type(other) is int else int.__sub__(self, other)  # type: ignore[operator]

    def __rsub__(self, other: object) -> Any:  # how many are left
        return Count(other - int(self)) if type(other) is int else int.__rsub__(self, other)  # type: ignore[operator]

    def __mod__(self, other: object) -> Any:
        return _phase(int(self), other)


class Phase(int):
    """What is left of a number that goes up, by a fixed one: it goes round."""

    __slots__ = ()


def _phase(count: int, other: object) -> Any:
    left = int.__mod__(count, other)  # type: ignore[operator]
    return Phase(left) if type(other) is int and other > 1 else left


def const(value: object) -> Const:
    return Const(value, "int" if isinstance(value, Length | Count | Phase) else type(value).__name__)


NONE = const(None)
TRUE = const(True)
FALSE = const(False)


@dataclass(frozen=True, slots=True, eq=False)
class Member(Text):
    """A member of an enumeration of texts: equal to its text wherever it is compared, and more than it: it has a name."""

    cls: ClassValue | None = None
    name: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.pieces == other.pieces

    def __hash__(self) -> int:
        return hash((self.pieces,))


@dataclass(frozen=True, slots=True)
class TupleValue:
    """A tuple, or any other sequence that cannot change any more; items may be spreads and alternatives."""

    items: tuple[Item, ...]
    order: Hole | None = None


@dataclass(frozen=True, slots=True)
class ListRef:
    address: int
    maxlen: int | None = None  # of a deque


@dataclass(frozen=True, slots=True)
class SetRef:
    address: int


@dataclass(frozen=True, slots=True)
class DictRef:
    address: int
    default: Value | None = None  # factory of a defaultdict


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of the project; its attributes are cells of the store."""

    address: int
    cls: ClassValue


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function, lambda or coroutine function of the project with the scopes that it closes over, innermost first."""

    node: object  # ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    module: str
    name: str  # qualified within the module
    scopes: tuple[int, ...]
    defaults: tuple[tuple[str, Value], ...] = ()
    decorators: tuple[str, ...] = ()
    owner: int | None = None  # address of the class that defines it
    kind: str = "function"  # "function", "property", "static", "class"

    def __hash__(self) -> int:
        return hash((id(self.node), self.scopes))


@dataclass(frozen=True, slots=True)
class BoundMethod:
    function: FunctionValue
    receiver: Value


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class of the project. Class attributes are cells at `address`; `bases` are as evaluated."""

    node: object  # ast.ClassDef
    module: str
    name: str
    address: int
    bases: tuple[Value, ...]
    fields: tuple[str, ...] = ()  # annotated names in order (dataclasses, models, TypedDicts)
    decorators: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash((self.address, self.name))


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module of the project, by its path."""

    path: str
    address: int


@dataclass(frozen=True, slots=True)
class External:
    """Something of a library, a builtin or an unresolved import, by dotted name: `anthropic.Anthropic`, `builtins.len`."""

    name: str


@quick
@dataclass(frozen=True, slots=True)
class ExternalObject:
    """An object that a library's class or function `cls` made, and the attribute path taken from it since.

    `client.beta.messages` of an `anthropic.Anthropic` is `ExternalObject("anthropic.Anthropic", ("beta", "messages"))`.
    """

    cls: str
    path: tuple[str, ...] = ()
    arguments: Arguments | None = field(default=None, compare=False)
    identity: int = 0
    place: Place | None = field(default=None, compare=False)
    guessed: bool = field(default=False, compare=False)  # inferred from a name or the shape of the call, not from a construction


@dataclass(frozen=True, slots=True)
class Partial:
    """`functools.partial` and bound builtin methods: a callee with leading arguments."""

    callee: Value
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a builtin value, looked up but not called yet: `parts.append`, `", ".join`."""

    receiver: Value
    name: str


@dataclass(frozen=True, slots=True)
class Super:
    cls: ClassValue
    receiver: Value


@quick
@dataclass(frozen=True, slots=True)
class Choice:
    """One of two values, depending on a condition."""

    condition: Condition
    then: Value
    otherwise: Value


Value = (
    Const
    | Text
    | Hole
    | TupleValue
    | ListRef
    | SetRef
    | DictRef
    | Instance
    | FunctionValue
    | BoundMethod
    | ClassValue
    | ModuleValue
    | External
    | ExternalObject
    | Partial
    | Method
    | Super
    | Choice
)


@dataclass(frozen=True, slots=True)
class Spread:
    """Zero or more items. `hole` is the stretch as a whole (its identity, lifetime and cause); `elements` are items of it."""

    hole: Hole
    elements: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class AltItems:
    """One of two runs of items, depending on a condition."""

    condition: Condition
    then: tuple[Item, ...]
    otherwise: tuple[Item, ...]


Item = Value | Spread | AltItems


@dataclass(frozen=True, slots=True)
class Items:
    """Content of a list or set. `order` says why the order of the items is not fixed."""

    items: tuple[Item, ...] = ()
    order: Hole | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    key: Value
    value: Value


@dataclass(frozen=True, slots=True)
class SpreadEntries:
    """Zero or more entries; `value` is what one of them holds, where known."""

    hole: Hole
    value: Value | None = None


@dataclass(frozen=True, slots=True)
class AltEntries:
    condition: Condition
    then: tuple[EntryItem, ...]
    otherwise: tuple[EntryItem, ...]


EntryItem = Entry | SpreadEntries | AltEntries


@dataclass(frozen=True, slots=True)
class Entries:
    """Content of a mapping, in insertion order. `order` says why the order is not fixed."""

    entries: tuple[EntryItem, ...] = ()
    order: Hole | None = None


Content = Value | Items | Entries


@quick
@dataclass(frozen=True, slots=True)
class Arguments:
    """Evaluated arguments of a call: positional items, keywords in order, and `**` mappings whose keys are not all known."""

    positional: tuple[Item, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()
    unknown_keywords: tuple[EntryItem, ...] = ()  # what `**` brought besides plainly known keys

    def keyword(self, name: str) -> Value | None:
        for key, value in self.keywords:
            if key == name:
                return value
        return None

    def get(self, index: int, name: str | None = None) -> Value | None:
        """The argument at a position, or by its name if it has one. None where it is absent or behind a spread."""
        found = self.keyword(name) if name is not None else None
        if found is not None:
            return found
        for position, item in enumerate(self.positional):
            if isinstance(item, Spread | AltItems):
                return None
            if position == index:
                return item
        return None

    def all(self) -> Iterator[Item]:
        yield from self.positional
        for _, value in self.keywords:
            yield value
        for entry in self.unknown_keywords:
            if isinstance(entry, Entry):
                yield entry.value
            elif isinstance(entry, SpreadEntries):
                yield Spread(entry.hole)


# Frozen forms: what a value holds at one moment, independent of the store. Requests are read from these.


@dataclass(frozen=True, slots=True)
class FrozenList:
    items: tuple[FrozenItem, ...]
    order: Hole | None = None
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FrozenDict:
    entries: tuple[FrozenEntryItem, ...]
    order: Hole | None = None
    place: Place | None = field(default=None, compare=False)

    def get(self, key: str) -> Frozen | None:
        """The value of a string key; None where it is absent (or depends on a condition that is still open)."""
        for entry in reversed(self.entries):
            if isinstance(entry, FrozenEntry) and isinstance(entry.key, Text) and entry.key.known == key:
                return entry.value
        return None


@dataclass(frozen=True, slots=True)
class FrozenObject:
    """An instance with its attributes, or a library object with its constructor's arguments."""

    cls: str
    attributes: FrozenDict
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FrozenChoice:
    condition: Condition
    then: Frozen
    otherwise: Frozen


@dataclass(frozen=True, slots=True)
class FrozenSpread:
    """`singled`: one of the elements was taken out by its position or under a condition: what was done to it need not be true of
    the others."""

    hole: Hole
    elements: tuple[FrozenItem, ...] = ()
    singled: bool = False


@dataclass(frozen=True, slots=True)
class FrozenAlt:
    condition: Condition
    then: tuple[FrozenItem, ...]
    otherwise: tuple[FrozenItem, ...]


@dataclass(frozen=True, slots=True)
class FrozenEntry:
    key: Frozen
    value: Frozen


@dataclass(frozen=True, slots=True)
class FrozenEntrySpread:
    hole: Hole


@dataclass(frozen=True, slots=True)
class FrozenEntryAlt:
    condition: Condition
    then: tuple[FrozenEntryItem, ...]
    otherwise: tuple[FrozenEntryItem, ...]


Frozen = Const | Text | Hole | FrozenList | FrozenDict | FrozenObject | FrozenChoice | FunctionValue | ClassValue | External
FrozenItem = Frozen | FrozenSpread | FrozenAlt
FrozenEntryItem = FrozenEntry | FrozenEntrySpread | FrozenEntryAlt
