"""Stretches of messages that only a conversation's past can be: some of them are the model's own.

A program that puts together messages of unknown number, whose role is the assistant's for some and is read from data or decided
for each, sends what was said before. However little is known of where they come from, the next request has them again, and more.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Set
from dataclasses import replace

from auditor.interp.trimming import LENGTH
from auditor.llm.request import Block, Kind, Section
from auditor.values.domain import (
    Frozen,
    FrozenAlt,
    FrozenChoice,
    FrozenDict,
    FrozenEntry,
    FrozenEntryItem,
    FrozenItem,
    FrozenList,
    FrozenObject,
    FrozenSpread,
)
from auditor.values.lifetime import Cause, Evidence, Lifetime
from auditor.values.text import Hole, Piece, Text

DIALOGUE = "dialogue"
"""What the identity of a stretch of a conversation's past begins with."""

BROUGHT = "brought"
"""What it ends with where each request brings all of it."""

ARGUMENTS = frozenset({"messages", "contents", "input", "message_history", "history"})
"""What a request's messages are called, in the words of one library or another."""
LISTS = frozenset({"messages", "message_history", "history"})
"""Those of them that are never a single text."""
MODEL_ROLES = frozenset({"assistant", "model", "ai"})
MODEL_MESSAGES = frozenset({"AIMessage", "ModelContent"})
OPEN = frozenset({Cause.VALUE, Cause.RETRIEVAL, Cause.INPUT, Cause.HISTORY})
"""Where messages may come from: a parameter, a store, a request that brings the whole chat."""


def told(name: str, value: Frozen) -> Frozen:
    """A list of messages in which stretches of earlier turns are known to be that. `name`: the argument's."""
    match value:
        case FrozenList(items):
            return replace(value, items=tuple(_item(item, name in LISTS) for item in items))
        case FrozenChoice(condition, then, otherwise):
            return FrozenChoice(condition, told(name, then), told(name, otherwise))
        case Hole() if name in LISTS and _brought(value):
            past = _past(value)
            return replace(past, identity=(*past.identity, BROUGHT))  # type: ignore[misc]
        case _:
            return value


def telling(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """The blocks, where those ahead of the messages tell how long the conversation is: that is another text each turn.

    Where who asks keeps the conversation, what else a request brings belongs to it, but for what is made of the messages.
    """
    found = {
        hole.identity: hole.roots[0]
        for block in blocks
        if block.section is Section.MESSAGES and block.kind is Kind.STRETCH
        for hole in block.text.holes()
        if isinstance(hole.identity, tuple) and hole.identity[:1] == (DIALOGUE,) and hole.roots
    }
    if not found:
        return tuple(blocks)
    past, brought = frozenset(found.values()), any(identity[-1] == BROUGHT for identity in found)
    return tuple(
        block if block.section is Section.MESSAGES else replace(block, text=_told_of(block.text, past, brought))
        for block in blocks
    )


def _told_of(text: Text, past: Set[Hashable], brought: bool) -> Text:
    return replace(text, pieces=tuple(_piece(piece, past, brought) for piece in text.pieces))


def _piece(piece: Piece, past: Set[Hashable], brought: bool) -> Piece:
    if _tells(piece, past):
        return _of_past(piece)
    if brought and isinstance(piece, Hole) and _brought(piece) and past.isdisjoint((piece.identity, *piece.roots)):
        return replace(piece, identity=(DIALOGUE, piece.place, piece.expression), lifetime=Lifetime.SESSION)
    return piece


def _tells(piece: Piece, past: Set[Hashable]) -> bool:
    return isinstance(piece, Hole) and piece.type == LENGTH and piece.reason is not None and not past.isdisjoint(piece.roots)


def _of_past(hole: Piece) -> Hole:
    assert isinstance(hole, Hole)
    return replace(hole, lifetime=Lifetime.TURN, cause=Cause.HISTORY, evidence=Evidence.USAGE, reason=None)


def _item(item: FrozenItem, messages: bool) -> FrozenItem:
    """An item of a list, which is one of `messages` or may just as well hold the parts of one."""
    match item:
        case FrozenSpread(hole, elements) if _open(hole) and any(_speaks(element) for element in elements):
            return replace(item, hole=_past(hole))
        case FrozenSpread(hole, elements) if messages and _kept(hole) and all(isinstance(one, Hole) for one in elements):
            return replace(item, hole=_past(hole))
        case FrozenAlt(condition, then, otherwise):
            sides = (tuple(_item(one, messages) for one in side) for side in (then, otherwise))
            return FrozenAlt(condition, *sides)
        case _:
            return item


def _past(hole: Hole) -> Hole:
    identity = (DIALOGUE, hole.place, hole.expression)
    past = replace(hole, identity=identity, lifetime=Lifetime.TURN, cause=Cause.HISTORY, evidence=Evidence.USAGE)
    # What it was is among its roots: a part of the past that is read once and kept is told from one read anew.
    return replace(past, reason=None, roots=(hole.identity, *hole.roots))


def _brought(hole: Hole) -> bool:
    """Whether a request brings all of the messages: who asks keeps the conversation, and sends it again with each turn."""
    return hole.cause is Cause.INPUT and hole.lifetime is Lifetime.CALL and hole.reason is None


def _kept(hole: Hole) -> bool:
    """Whether whole messages come from who asks or from a store: somebody said them before."""
    return _brought(hole) or (hole.cause in (Cause.RETRIEVAL, Cause.INPUT) and _open(hole))


def _open(hole: Hole) -> bool:
    """Whether messages may be a conversation's by where they come from; of files, those of a user or a session alone."""
    if hole.cause is Cause.FILE:
        return hole.lifetime in {Lifetime.USER, Lifetime.SESSION, Lifetime.CALL}
    return hole.cause in OPEN and hole.lifetime in {Lifetime.UNKNOWN, Lifetime.USER, Lifetime.SESSION, Lifetime.CALL}


def _speaks(element: FrozenItem) -> bool:
    """Whether an element may be a message of the model's."""
    match element:
        case FrozenAlt(_, then, otherwise):
            return any(map(_speaks, (*then, *otherwise)))
        case FrozenChoice(_, then, otherwise):
            return _speaks(then) or _speaks(otherwise)
        case FrozenObject(cls, attributes):
            return cls.rsplit(".", 1)[-1] in MODEL_MESSAGES or any(map(_role, attributes.entries))
        case FrozenDict(entries):
            return any(map(_role, entries))
        case FrozenSpread(_, elements):
            return any(map(_speaks, elements))
        case _:
            return False


def _role(entry: FrozenEntryItem) -> bool:
    """Whether an entry is a role that may be the model's: one that says so, or one that data say."""
    return isinstance(entry, FrozenEntry) and isinstance(entry.key, Text) and entry.key.known == "role" and _of_model(entry.value)


def _of_model(value: Frozen) -> bool:
    match value:
        case Text():
            return value.known is None or value.known in MODEL_ROLES
        case Hole():
            return True
        case FrozenChoice(_, then, otherwise):
            return _of_model(then) or _of_model(otherwise)
        case _:
            return False
