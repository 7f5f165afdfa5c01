"""Conversations that the provider keeps: a request names the answer from which it goes on, and sends alone what is new.

What the cache sees is the whole: the earlier request's messages, its answer, and the new ones. Knows that an answer is named by
what was read from it. Does not know conversations that another call began, nor those that are named by something else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from auditor.llm.request import Block, Kind, Request, Section
from auditor.values.lifetime import Cause
from auditor.values.text import Hole, Text

NAMING = "previous_response_id"
"""OpenAI's Responses. Instructions and tools are not carried over: each request says its own."""


def whole(requests: Iterable[Request]) -> list[Request]:
    """Consecutive requests of one call, each with the messages that the provider puts ahead of its own."""
    found: list[Request] = []
    for request in requests:
        answer = _named(request, found[-1]) if found else None
        found.append(request if answer is None else _behind(found[-1], answer, request))
    return found


def _named(request: Request, before: Request) -> Hole | None:
    """What names the answer to the request before."""
    given = request.params.get(NAMING)
    holes = given.holes() if given is not None else ()
    return next((hole for hole in holes if hole.cause is Cause.RESPONSE and hole.place == before.site.place), None)


def _behind(before: Request, answer: Hole, request: Request) -> Request:
    said = tuple(replace(block, per_request=False) for block in before.blocks if block.section is Section.MESSAGES)
    number = max((block.message + 1 for block in said if block.message is not None), default=0)
    reply = Block(Section.MESSAGES, "assistant", Kind.STRETCH, Text((answer,)), answer.place, "answer", number)
    ahead = tuple(block for block in request.blocks if block.section is not Section.MESSAGES)
    own = (
        replace(block, message=block.message + number + 1) if block.message is not None else block
        for block in request.blocks
        if block.section is Section.MESSAGES
    )
    return replace(request, blocks=(*ahead, *said, reply, *own))
