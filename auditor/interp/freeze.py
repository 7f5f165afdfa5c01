"""Freezing: what a value holds at this moment, as a tree that later changes cannot reach."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from typing import TYPE_CHECKING

from auditor.interp import enums
from auditor.interp.marking import MARKERS
from auditor.limits import FROZEN_DEPTH, FROZEN_VALUES
from auditor.values.domain import (
    AltEntries,
    AltItems,
    BoundMethod,
    Choice,
    ClassValue,
    Const,
    DictRef,
    Entry,
    EntryItem,
    External,
    ExternalObject,
    Frozen,
    FrozenAlt,
    FrozenChoice,
    FrozenDict,
    FrozenEntry,
    FrozenEntryAlt,
    FrozenEntryItem,
    FrozenEntrySpread,
    FrozenItem,
    FrozenList,
    FrozenObject,
    FrozenSpread,
    FunctionValue,
    Hole,
    Instance,
    Item,
    ListRef,
    SetRef,
    Spread,
    SpreadEntries,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import decide
from auditor.values.lifetime import Cause, Lifetime, Reason

if TYPE_CHECKING:
    from auditor.interp.machine import Machine


def freeze(machine: Machine, value: Value) -> Frozen:
    """The value with everything that it refers to."""
    return Freezer(machine).value(value, 0)


def freeze_items(machine: Machine, items: tuple[Item, ...]) -> tuple[FrozenItem, ...]:
    """The items of a sequence with everything that they refer to: equal for items that hold the same."""
    return Freezer(machine).items(items)


class Freezer:
    """Freezes values of one moment. What is referred to twice is frozen once; what refers to itself ends in a limit."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._done: dict[int, Frozen] = {}
        self._runs: dict[int, tuple[object, tuple[FrozenItem, ...], int]] = {}
        self._sizes: dict[int, int] = {}
        self._size = 0
        self._open: set[int] = set()

    def value(self, value: Value, depth: int) -> Frozen:
        machine = self._machine
        value = decide(value, machine.assumptions)
        self._size += 1
        if depth > FROZEN_DEPTH or self._size > FROZEN_VALUES:
            return machine.limit("depth", None, None, "nested data")
        if isinstance(value, Text | Hole | Const | FunctionValue | ClassValue | External):
            return value  # as it is, at no cost: a tool's schema is words for the most part
        machine.step()
        match value:
            case TupleValue(_, order):
                return FrozenList(self._items(machine.items(value).items, depth), order)
            case ListRef(address) | SetRef(address) | DictRef(address) | Instance(address):
                return self._object(value, address, depth)
            case ExternalObject():
                return self._external(value, depth)
            case Choice(condition, then, otherwise):
                return FrozenChoice(condition, self.value(then, depth + 1), self.value(otherwise, depth + 1))
            case BoundMethod(function):
                return function
            case _:
                return Hole(("opaque", repr(type(value))), type(value).__name__, Lifetime.UNKNOWN, reason=Reason.UNSUPPORTED)

    def items(self, items: tuple[Item, ...]) -> tuple[FrozenItem, ...]:
        return self._items(items, 0)

    def _object(self, value: ListRef | SetRef | DictRef | Instance, address: int, depth: int) -> Frozen:
        if address in self._open:
            return self._machine.limit("depth", None, None, "data that contain themselves")
        if address not in self._done:
            before = self._size
            self._open.add(address)
            self._done[address] = self._content(value, address, depth)
            self._open.discard(address)
            self._sizes[address] = self._size - before
        elif self._size + self._sizes[address] > FROZEN_VALUES:
            return self._machine.limit("items", None, None, "data that share their parts")
        else:
            self._size += self._sizes[address]
        return self._done[address]

    def _content(self, value: ListRef | SetRef | DictRef | Instance, address: int, depth: int) -> Frozen:
        machine = self._machine
        place = machine.born.get(address)
        match value:
            case ListRef() | SetRef():
                content = machine.items(value)
                order = content.order
                if isinstance(value, SetRef) and len(content.items) > 1:
                    order = machine.hole(
                        None, None, Lifetime.PROCESS, Cause.SET_ORDER, identity=("set-order", address), expression="set"
                    )
                return FrozenList(self._items(content.items, depth), order, place)
            case DictRef():
                entries = machine.entries(value)
                return FrozenDict(self.entries(entries.entries, depth), entries.order, place)
            case Instance(_, cls):
                if enums.is_enum(machine, cls):
                    return self.value(enums.value_of(machine, value), depth + 1)
                pairs = [
                    FrozenEntry(Text.of(name), self.value(attribute, depth + 1))  # type: ignore[arg-type]
                    for name in machine.store.keys(address)
                    if (attribute := machine.store.get(address, name)) is not None
                ]
                for name, attribute in _declared(machine, cls, set(machine.store.keys(address))).items():
                    pairs.append(FrozenEntry(Text.of(name), self.value(attribute, depth + 1)))
                return FrozenObject(cls.name, FrozenDict(tuple(pairs)), place)

    def _external(self, value: ExternalObject, depth: int) -> Frozen:
        from auditor.interp.library import objects, paths, stores

        machine, arguments = self._machine, value.arguments
        answer = stores.doubted(machine, value)
        if answer is not None:
            return answer  # a row, whatever the connection was made with
        if paths.is_path(value) or arguments is None or value.path:
            text = paths.text(machine, value) if paths.is_path(value) else None
            if text is not None:
                return Text.of(text.removeprefix("\0"))
            name = ".".join((value.cls, *value.path))
            return Hole(
                ("object", name, value.identity),
                name,
                Lifetime.UNKNOWN,
                reason=Reason.UNMODELLED_CALL,
                place=value.place,
                type=value.cls,
            )
        pairs: list[FrozenEntryItem] = [
            FrozenEntry(Const(index, "int"), self.value(item, depth + 1))
            for index, item in enumerate(arguments.positional)
            if not isinstance(item, Spread | AltItems)
        ]
        keywords = dict(arguments.keywords) | objects.written(machine, value)
        pairs += [FrozenEntry(Text.of(name), self.value(item, depth + 1)) for name, item in keywords.items()]
        pairs += self.entries(arguments.unknown_keywords, depth)
        return FrozenObject(value.cls, FrozenDict(tuple(pairs), place=value.place), value.place)

    def _items(self, items: tuple[Item, ...], depth: int) -> tuple[FrozenItem, ...]:
        # Runs of items are shared between alternatives and stretches: each is frozen once
        # (kept alive, so that its id stays its own).
        known = self._runs.get(id(items))
        if known is None:
            before = self._size
            frozen = tuple(self._item(item, depth) for item in items)
            self._runs[id(items)] = (items, frozen, self._size - before)
            return frozen
        if self._size + known[2] > FROZEN_VALUES:
            return (self._machine.limit("items", None, None, "data that share their parts"),)
        self._size += known[2]
        return known[1]

    def _item(self, item: Item, depth: int) -> FrozenItem:
        match item:
            case Spread(hole, elements):
                return FrozenSpread(hole, self._items(elements, depth + 1), any(self._singled(one) for one in elements))
            case AltItems(condition, then, otherwise):
                return FrozenAlt(condition, self._items(then, depth + 1), self._items(otherwise, depth + 1))
            case _:
                return self.value(item, depth + 1)

    def _singled(self, item: Item) -> bool:
        if isinstance(item, AltItems):
            return any(map(self._singled, (*item.then, *item.otherwise)))
        return isinstance(item, DictRef | Instance | ListRef) and item.address in self._machine.singled

    def entries(self, entries: tuple[EntryItem, ...], depth: int = 0) -> tuple[FrozenEntryItem, ...]:
        return tuple(self._entry(entry, depth) for entry in entries)

    def _entry(self, entry: EntryItem, depth: int) -> FrozenEntryItem:
        match entry:
            case Entry(key, value):
                return FrozenEntry(self.value(key, depth + 1), self.value(value, depth + 1))
            case SpreadEntries(hole):
                return FrozenEntrySpread(hole)
            case AltEntries(condition, then, otherwise):
                return FrozenEntryAlt(condition, self.entries(then, depth + 1), self.entries(otherwise, depth + 1))


def _declared(machine: Machine, cls: ClassValue, own: set[str]) -> dict[str, Value]:
    """What a project's class below a library's (`class Search(BaseTool): name = "search"`) says of all of its objects, in words
    that the library reads."""
    from auditor.interp import classes

    found: dict[str, Value] = {}
    if classes.external_base(machine, cls) is not None:
        for owner in classes.mro(machine, cls):
            for name in machine.store.keys(owner.address):
                value = machine.store.get(owner.address, name)
                if isinstance(value, Text) and not name.startswith("_") and name not in own:
                    found.setdefault(name, value)
    return found


# Deciding conditions of frozen values


def settle(value: Frozen, decisions: dict[object, bool]) -> Frozen:
    """The value with every condition decided: by `decisions`, else as true. What holds no condition is given back itself."""
    match value:
        case FrozenChoice(condition, then, otherwise):
            return settle(then if decisions.get(condition.identity, True) else otherwise, decisions)
        case Text():
            from auditor.values.join import decide_text
            from auditor.values.text import Alternative

            text = decide_text(value, decisions)
            while any(isinstance(piece, Alternative) for piece in text.pieces):
                undecided = {piece.condition.identity: True for piece in text.pieces if isinstance(piece, Alternative)}
                text = decide_text(text, {**undecided, **decisions})
            return text
        case FrozenList(items, order, place):
            settled = _settle_items(items, decisions)
            return value if settled is items else FrozenList(settled, order, place)
        case FrozenDict(entries, order, place):
            decided = _settle_entries(entries, decisions)
            return value if decided is entries else FrozenDict(decided, order, place)
        case FrozenObject(cls, attributes, place):
            decided = _settle_entries(attributes.entries, decisions)
            plain = decided is attributes.entries and attributes.order is None and attributes.place is None
            return value if plain else FrozenObject(cls, FrozenDict(decided), place)
        case _:
            return value


def _settle_items(items: tuple[FrozenItem, ...], decisions: dict[object, bool]) -> tuple[FrozenItem, ...]:
    out: list[FrozenItem] = []
    for item in items:
        match item:
            case FrozenAlt(condition, then, otherwise):
                out.extend(_settle_items(then if decisions.get(condition.identity, True) else otherwise, decisions))
            case FrozenSpread(hole, elements):
                settled, singled = _settle_items(elements, decisions), item.singled or any(map(_picks, elements))
                plain = settled is elements and singled is item.singled
                out.append(item if plain else FrozenSpread(hole, settled, singled))
            case _:
                out.append(settle(item, decisions))
    return items if _same(items, out) else tuple(out)


def _same(before: Sequence[object], after: Sequence[object]) -> bool:
    return len(before) == len(after) and all(map(is_, before, after))


def _picks(element: FrozenItem) -> bool:
    """Whether something was decided of each element of a stretch alone: what one went through need not be true of the others."""
    match element:
        case FrozenAlt(condition, then, otherwise):
            sorted_out = condition.named and not (then and otherwise)  # by its kind: all that are there went through the same
            return (condition.repeated and not sorted_out) or any(map(_picks, (*then, *otherwise)))
        case FrozenChoice(condition, then, otherwise):
            parts = isinstance(then, FrozenDict | FrozenList) or isinstance(otherwise, FrozenDict | FrozenList)
            return (condition.repeated and parts) or _picks(then) or _picks(otherwise)
        case FrozenDict(entries):
            return any(map(_picks_entry, entries))
        case FrozenList(items):
            return any(map(_picks, items))
        case _:
            return False


def _picks_entry(entry: FrozenEntryItem) -> bool:
    match entry:
        case FrozenEntryAlt(condition, then, otherwise):
            sides = (*then, *otherwise)
            return (condition.repeated and any(map(_marks, sides))) or any(map(_picks_entry, sides))
        case FrozenEntry(_, value):
            return _picks(value)
        case FrozenEntrySpread():
            return False


def _marks(entry: FrozenEntryItem) -> bool:
    return isinstance(entry, FrozenEntry) and isinstance(entry.key, Text) and entry.key.known in MARKERS


def _settle_entries(entries: tuple[FrozenEntryItem, ...], decisions: dict[object, bool]) -> tuple[FrozenEntryItem, ...]:
    out: list[FrozenEntryItem] = []
    for entry in entries:
        match entry:
            case FrozenEntryAlt(condition, then, otherwise):
                out.extend(_settle_entries(then if decisions.get(condition.identity, True) else otherwise, decisions))
            case FrozenEntry(key, value):
                decided_key, decided = settle(key, decisions), settle(value, decisions)
                out.append(entry if decided_key is key and decided is value else FrozenEntry(decided_key, decided))
            case FrozenEntrySpread():
                out.append(entry)
    return entries if _same(entries, out) else tuple(out)
