"""LangChain's prompt templates: from a template and its input to messages, as `format_messages` does it.

A template is an f-string with holes from the input; messages that are no templates stay as they are; a placeholder takes in a
list of messages. Templates in Jinja or Mustache become one hole of their variables.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.interp import formats, known, subscripts
from auditor.limits import TEMPLATE_DEPTH
from auditor.llm.configured import Call, kind_of
from auditor.values.domain import (
    AltItems,
    Arguments,
    Choice,
    DictRef,
    Entry,
    ExternalObject,
    Hole,
    Item,
    ListRef,
    Spread,
    Text,
    TupleValue,
    Value,
)
from auditor.values.join import holes_of
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.text import Alternative, Literal

CLASSES = {
    "system": "SystemMessage",
    "developer": "SystemMessage",
    "human": "HumanMessage",
    "user": "HumanMessage",
    "ai": "AIMessage",
    "assistant": "AIMessage",
}
TEMPLATE_ROLES = {"SystemMessagePromptTemplate": "system", "HumanMessagePromptTemplate": "human", "AIMessagePromptTemplate": "ai"}
FILLED = frozenset({"text", "url"})
"""Entries of a content block that are templates themselves."""


def message(call: Call, role: str, content: Value) -> ExternalObject:
    """A message object, as the program could have made it."""
    cls = CLASSES.get(role.lower(), "ChatMessage")
    arguments = Arguments((), (("content", content), ("role", Text.of(role))))
    place = call.machine.place(call.node, call.frame)
    return ExternalObject(f"langchain_core.messages.{cls}", (), arguments, call.machine.serial(), place)


@dataclass(frozen=True, slots=True)
class Variables:
    """The input of a template by name: a mapping, or the value itself where there is one variable only."""

    call: Call
    given: Value | None
    bound: Value | None  # `partial_variables`
    single: bool

    def get(self, name: str) -> Value | None:
        if isinstance(self.bound, DictRef):
            found, _ = known.lookup(self.call.machine.entries(self.bound).entries, Text.of(name))
            if found is not None:
                return found
        given = self.given
        if isinstance(given, DictRef):
            entries = self.call.machine.entries(given).entries
            found, sure = known.lookup(entries, Text.of(name))
            if found is not None or sure:
                return found
            return subscripts.get(self.call.machine, given, Text.of(name), self.call.node, self.call.frame)
        if given is None or self.single:
            return given
        if isinstance(given, Hole):
            return subscripts.get(self.call.machine, given, Text.of(name), self.call.node, self.call.frame)
        return None


def variables(call: Call, prompt: ExternalObject, given: Value | None) -> Variables:
    held = prompt.arguments or Arguments()
    bound = held.keyword("partial_variables")
    names = set(_names(call, held.keyword("template"), "human")) | set(_names(call, held.keyword("messages"), ""))
    if isinstance(bound, DictRef):
        names -= {known.text_of(entry.key) or "" for entry in call.machine.entries(bound).entries if isinstance(entry, Entry)}
    return Variables(call, given, bound, len(names) <= 1)


def messages(call: Call, prompt: ExternalObject, given: Value | None) -> tuple[Item, ...]:
    """The messages of a chat prompt for an input."""
    held = prompt.arguments or Arguments()
    inputs = variables(call, prompt, given)
    template, listed = held.keyword("template"), held.keyword("messages")
    if template is not None:
        return (message(call, "human", content(inputs, template, held)),)
    if listed is None:  # fetched from elsewhere
        holes = holes_of(given) if given is not None else []
        hole = call.machine.derived(holes, call.node, call.frame, expression="a fetched prompt", reason=Reason.EXTERNAL_DATA)
        return (Spread(hole),)
    return tuple(_items(inputs, call.machine.iterate(listed, call.node, call.frame).items, held))


def text(call: Call, prompt: ExternalObject, given: Value | None) -> Value:
    """The text of a string prompt for an input."""
    held = prompt.arguments or Arguments()
    return content(variables(call, prompt, given), held.keyword("template") or Text(), held)


def _items(inputs: Variables, items: Iterable[Item], held: Arguments) -> Iterator[Item]:
    for item in items:
        match item:
            case Spread():
                yield item
            case AltItems(condition, then, otherwise):
                yield AltItems(condition, tuple(_items(inputs, then, held)), tuple(_items(inputs, otherwise, held)))
            case _:
                yield from _of_one(inputs, item, held)


def _of_one(inputs: Variables, item: Value, held: Arguments) -> Iterable[Item]:
    call = inputs.call
    match item:
        case Text():
            return (message(call, "human", content(inputs, item, held)),)
        case TupleValue() | ListRef():
            parts = [known.plain(part) for part in call.machine.items(item).items]
            role, inner = (known.text_of(parts[0]), parts[1]) if len(parts) == 2 else (None, None)
            if role is None or inner is None:
                return (item,)
            if role == "placeholder":
                return _placed(inputs, (known.text_of(inner) or "").strip("{}"))
            return (message(call, role, content(inputs, inner, held)),)
        case ExternalObject(cls=cls):
            return _of_object(inputs, item, cls, held)
        case _:
            return (item,)


def _of_object(inputs: Variables, item: ExternalObject, cls: str, held: Arguments) -> Iterable[Item]:
    call = inputs.call
    found = kind_of(call.ear.sdk.objects, cls)
    own = item.arguments or Arguments()
    match found[0] if found is not None else "":
        case "lc-message-template":
            return (of_template(inputs, item),)
        case "lc-placeholder":
            name = known.text_of(own.keyword("variable_name"))
            return _placed(inputs, name) if name is not None else (item,)
        case "lc-prompt":
            return messages(call, item, inputs.given)
        case "lc-text-prompt":
            return (message(call, "human", content(inputs, own.keyword("template") or Text(), own)),)
        case _:
            return (item,)


def of_template(inputs: Variables, item: ExternalObject) -> ExternalObject:
    """The message of a `SystemMessagePromptTemplate` and its like."""
    own = item.arguments or Arguments()
    template = own.keyword("template") or Text()
    if isinstance(template, ExternalObject) and template.arguments is not None:  # a PromptTemplate
        own, template = template.arguments, template.arguments.keyword("template") or Text()
    name = next((role for cls, role in TEMPLATE_ROLES.items() if cls in item.cls.split(".")), "human")
    return message(inputs.call, name, content(inputs, template, own))


def _placed(inputs: Variables, name: str) -> Iterable[Item]:
    """What stands at a placeholder: a list of messages, or nothing."""
    call = inputs.call
    value = inputs.get(name)
    if value is None:
        return ()
    if isinstance(value, Text) or (isinstance(value, ExternalObject) and not value.path):
        return (value,)
    if isinstance(value, Hole) and value.lifetime is Lifetime.UNKNOWN and value.cause is Cause.VALUE:
        value = Hole(
            value.identity,
            value.expression,
            value.lifetime,
            Cause.HISTORY,
            value.evidence,
            value.reason,
            value.place,
            value.trace,
        )
    return call.machine.iterate(value, call.node, call.frame).items


# Filling in


def content(inputs: Variables, template: Value, held: Arguments) -> Value:
    """A template's text with the input filled in; of content blocks, their texts."""
    call = inputs.call
    machine = call.machine
    match template:
        case Text():
            style = known.text_of(held.keyword("template_format")) or "f-string"
            return _fill(inputs, template, style)
        case Choice():
            return machine.each(template, lambda side: content(inputs, side, held), call.node, call.frame)
        case ListRef():
            blocks: list[Item] = [
                content(inputs, item, held) if isinstance(item, DictRef | Text) else item
                for item in machine.items(template).items
            ]
            return machine.new_list(blocks)
        case DictRef():
            entries = [
                Entry(entry.key, content(inputs, entry.value, held))
                if isinstance(entry, Entry) and known.text_of(entry.key) in FILLED
                else entry
                for entry in machine.entries(template).entries
            ]
            made = machine.new_dict(entries)
            if template.address in machine.born:
                machine.born[made.address] = machine.born[template.address]
            return made
        case _:
            return template


def _fill(inputs: Variables, template: Text, style: str) -> Value:
    call = inputs.call
    if style != "f-string":
        holes = holes_of(inputs.given) if inputs.given is not None else []
        holes += list(template.holes())
        return Text((call.machine.derived(holes, call.node, call.frame, expression="a template", reason=Reason.UNSUPPORTED),))
    named: dict[str, Value] = {}
    for name in fields(template):
        value = inputs.get(name)
        named[name] = value if value is not None else known.missing("{" + name + "}", ("variable", name, id(call.node)))
    return formats.format_call(call.machine, template, Arguments((), tuple(named.items())), call.node, call.frame)


def fields(template: Text) -> Iterator[str]:
    """Names of an f-string template's variables."""
    for piece in template.pieces:
        match piece:
            case Literal(literal):
                try:
                    parsed = list(string.Formatter().parse(literal))
                except ValueError:
                    continue
                for _, name, _, _ in parsed:
                    if name:
                        yield name.partition(".")[0].partition("[")[0]
            case Alternative(_, then, otherwise):
                yield from fields(then)
                yield from fields(otherwise)
            case Hole():
                pass


def _names(call: Call, value: Value | None, role: str, depth: int = 0) -> Iterator[str]:
    """Variables of a template, of content blocks or of a list of messages; messages that are no templates have none."""
    machine = call.machine
    match value:
        case Text():
            yield from fields(value)
        case TupleValue() | ListRef() if depth < TEMPLATE_DEPTH:
            parts = machine.items(value).items
            first = known.text_of(parts[0]) if len(parts) == 2 else None
            if role == "" and depth > 0 and first is not None:  # (role, template)
                inner = known.plain(parts[1])
                yield from _names(call, inner, first, depth + 1)
                return
            for part in parts:
                yield from _names(call, known.plain(part), role, depth + 1)
        case DictRef() if role:
            for entry in machine.entries(value).entries:
                if isinstance(entry, Entry) and known.text_of(entry.key) in FILLED:
                    yield from _names(call, entry.value, role, depth + 1)
        case Choice(_, then, otherwise):
            yield from _names(call, then, role, depth + 1)
            yield from _names(call, otherwise, role, depth + 1)
        case ExternalObject(cls=cls, arguments=Arguments() as own):
            found = kind_of(call.ear.sdk.objects, cls)
            kind = found[0] if found is not None else ""
            if kind == "lc-placeholder":
                yield known.text_of(own.keyword("variable_name")) or "?"
            elif kind in {"lc-message-template", "lc-text-prompt", "lc-prompt"}:
                yield from _names(call, own.keyword("template"), "human", depth + 1)
                yield from _names(call, own.keyword("messages"), "", depth)
        case _:
            return
