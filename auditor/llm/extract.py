"""What all providers' requests have in common: reading blocks, markers and parameters out of frozen values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from auditor.limits import RENDERED_VALUES
from auditor.llm.request import Block, CachingOption, ExplicitCache, Kind, Marker, Section
from auditor.places import Place
from auditor.values.domain import (
    ClassValue,
    Const,
    External,
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
)
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.same import Same
from auditor.values.text import Hole, Literal, Piece, Text

if TYPE_CHECKING:
    from json import JSONEncoder


@dataclass(slots=True)
class Reading:
    """What is gathered while one request is read: blocks in order, and what could not be read."""

    blocks: list[Block] = field(default_factory=list)
    unknown: list[tuple[str, Reason]] = field(default_factory=list)
    listed: Place | None = None  # where the list of tools is made
    trimmed: Hole | None = None  # what tells where the front of the messages was dropped
    automatic: Marker | None = None  # the request's own `cache_control`
    provider: str = ""  # as the event has it; a reader changes it where the arguments say more: a model's prefix or id
    surface: str = ""
    model: Text | None = None
    params: dict[str, Frozen] = field(default_factory=dict)  # parameters that stand deeper in the arguments: in a `config`

    caching_options: list[CachingOption] = field(default_factory=list)
    cache: ExplicitCache | None = None

    def note(self, value: object) -> None:
        if isinstance(value, Hole) and value.reason is not None:
            self.unknown.append((value.expression, value.reason))


def place_of(value: object, fallback: Place | None) -> Place | None:
    match value:
        case FrozenDict(place=place) | FrozenList(place=place) | FrozenObject(place=place) if place is not None:
            return place
        case Text(pieces):
            for piece in pieces:
                found = getattr(piece, "place", None)
                if isinstance(found, Place):
                    return found
        case Hole(place=place) if place is not None:
            return place
        case _:
            pass
    return fallback


def mapping(value: object) -> FrozenDict | None:
    """A mapping, or an object of a library or the project read like one."""
    match value:
        case FrozenDict():
            return value
        case FrozenObject(attributes=attributes):
            return attributes
        case _:
            return None


def text_of(value: object) -> Text | None:
    """Text, or the text that a scalar or a hole stands for."""
    match value:
        case Text():
            return value
        case Hole():
            return Text((value,))
        case Const(None):
            return None
        case Const(bytes() as encoded):
            return Text.of(encoded.decode("utf-8", "replace"))
        case Const(raw):
            return Text.of(str(raw))
        case External(name) if not is_absent(value):  # something of a library that the tables do not describe
            return Text((Hole(("external", name), name, Lifetime.UNKNOWN, reason=Reason.UNMODELLED_CALL),))
        case _:
            return None


def text_in(value: Frozen | None) -> Text:
    """The text of a block: empty only where it is seen to be."""
    if value is None or is_absent(value):
        return Text()
    return text_of(value) or Text((Hole(("text",), "text", Lifetime.UNKNOWN, reason=Reason.UNSUPPORTED),))


def is_absent(value: object) -> bool:
    """No value: not given, None, or one of the SDKs' "not given" marks."""
    if value is None:
        return True
    match value:
        case Const(None):
            return True
        case External(name):
            return name.rsplit(".", 1)[-1] in {"NOT_GIVEN", "NotGiven", "omit", "Omit", "Missing"}
        case FrozenObject(cls=cls):
            return cls.rsplit(".", 1)[-1] in {"NotGiven", "Omit"}
        case _:
            return False


def known(value: object) -> str | None:
    return value.known if isinstance(value, Text) else None


def marker_of(value: Frozen | None, place: Place | None) -> Marker | None:
    """The marker that a `cache_control` value means."""
    if value is None or is_absent(value):
        return None
    found = mapping(value)
    if found is None:
        if isinstance(value, Hole):
            return Marker("?", None, place, unknown=True)
        return Marker("?", None, place_of(value, place))
    kind, ttl = found.get("type"), found.get("ttl")
    return Marker(
        None if kind is None else known(kind) or "?",
        None if ttl is None or is_absent(ttl) else known(ttl) or "?",
        found.place or place,
    )


def render(value: FrozenItem, *, skip: frozenset[str] = frozenset()) -> Text:
    """JSON text of a frozen value, as `json.dumps(value, ensure_ascii=False)` writes it, holes in place. `skip`: keys left
    out of the value itself.
    """
    return _rendered(Same(value), skip)


@lru_cache(maxsize=RENDERED_VALUES)
def _rendered(value: Same[FrozenItem], skip: frozenset[str]) -> Text:
    out: list[str | Piece] = []
    _write(value.value, out, skip)
    return Text.of(*out)


def _write(value: FrozenItem, out: list[str | Piece], skip: frozenset[str] = frozenset()) -> None:
    match value:
        case Text(pieces):
            out.append('"')
            out += (Literal(_quoted(piece.text)[1:-1], piece.place) if isinstance(piece, Literal) else piece for piece in pieces)
            out.append('"')
        case Const(raw):
            try:
                out.append(_quoted(raw))
            except (TypeError, ValueError):
                out.append(type(raw).__name__)
        case Hole():
            out.append(value)
        case FrozenList(order=Hole() as order) | FrozenDict(order=Hole() as order):
            out.append(replace(order, content=render(replace(value, order=None), skip=skip)))
        case FrozenList(items):
            _write_between("[", items, "]", out, _write)
        case FrozenDict(entries):
            kept = [entry for entry in entries if not (isinstance(entry, FrozenEntry) and known(entry.key) in skip)]
            _write_between("{", kept, "}", out, _write_entry)
        case FrozenObject(_, attributes):
            _write(attributes, out, skip)
        case FrozenChoice(_, then, _):
            _write(then, out, skip)
        case FunctionValue(name=name) | ClassValue(name=name) | External(name=name):
            out.append(Hole(("definition", name), name, Lifetime.DEPLOY, characters=(len(name), None)))
        case FrozenSpread(hole, elements):
            content: list[str | Piece] = []
            _write_between("", elements, "", content, _write)
            out.append(replace(hole, content=Text.of(*content) if elements else None))
        case FrozenAlt(_, then, _):
            _write_between("", then, "", out, _write)


def _quoted(raw: object) -> str:
    """Python data as JSON. One encoder for all: making one costs more than most of what it writes."""
    return _encoder().encode(raw)


@lru_cache(maxsize=1)
def _encoder() -> JSONEncoder:
    from json import JSONEncoder

    return JSONEncoder(ensure_ascii=False)


Part = TypeVar("Part")


def _write_between(
    opening: str,
    parts: Iterable[Part],
    closing: str,
    out: list[str | Piece],
    write: Callable[[Part, list[str | Piece]], None],
) -> None:
    out.append(opening)
    for number, part in enumerate(parts):
        if number:
            out.append(", ")
        write(part, out)
    out.append(closing)


def _write_entry(entry: FrozenEntryItem, out: list[str | Piece]) -> None:
    match entry:
        case FrozenEntry(key, value):
            _write(key, out)
            out.append(": ")
            _write(value, out)
        case FrozenEntrySpread(hole):
            out.append(hole)
        case FrozenEntryAlt():
            pass  # decided before requests are built


def stretch(
    hole: Hole, section: Section, role: str, label: str, elements: tuple[FrozenItem, ...] = (), message: int | None = None
) -> Block:
    """Zero or more blocks that are not known one by one."""
    content = hole.content
    if content is None and elements:
        content = Text.of(*map(render, elements))
    named = hole
    if section is Section.MESSAGES and hole.cause is Cause.VALUE and hole.lifetime is Lifetime.UNKNOWN:
        named = replace(hole, cause=Cause.HISTORY)
    return Block(section, role, Kind.STRETCH, Text((replace(named, content=content),)), hole.place, label, message)


def mark_tail(blocks: list[Block]) -> list[Block]:
    """Marks the last user message: it is meant to differ from request to request."""
    last = next((block for block in reversed(blocks) if block.section is Section.MESSAGES), None)
    if last is None or last.role not in {"user", "tool", "?"} or last.kind is Kind.STRETCH:
        return blocks
    return [
        replace(block, per_request=True)
        if block.section is Section.MESSAGES and block.message == last.message and block.role == last.role
        else block
        for block in blocks
    ]
