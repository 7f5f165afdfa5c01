"""Chats of Google's SDKs: the object keeps the conversation, and each message sends all of it."""

from __future__ import annotations

from auditor.interp import mappings
from auditor.llm.configured import ActionCode, Call, with_keyword
from auditor.values.domain import Hole, ListRef, Text, Value


def chat(call: Call) -> Value:
    """A new chat: what its model or the call is configured with, and a history of its own."""
    arguments = call.all if call.maker is not None and call.maker.kind == "gemini-model" else call.own
    given = arguments.keyword("history")
    items = call.machine.iterate(given, call.node, call.frame).items if isinstance(given, ListRef | Hole) else ()
    history = call.machine.new_list(items)
    return call.make(with_keyword(arguments, call.action.keeps or "history", history), call.action.makes)


def send(call: Call) -> Value:
    """A message: the request holds the history and the message, both of which the chat keeps with the answer."""
    answer = call.send(provider=call.maker.provider if call.maker else "")
    history = call.held.keyword(call.action.keeps)
    message = call.own.keyword("message")
    if isinstance(history, ListRef) and message is not None:
        parts = message if isinstance(message, ListRef) else call.machine.new_list([message])
        said = call.machine.new_dict()
        mappings.set_entry(call.machine, said, Text.of("role"), Text.of("user"))
        mappings.set_entry(call.machine, said, Text.of("parts"), parts)
        call.machine.set_items(history, (*call.machine.items(history).items, said, answer))
    return answer


ACTIONS: dict[str, ActionCode] = {"gemini-chat": chat, "gemini-chat-send": send}
