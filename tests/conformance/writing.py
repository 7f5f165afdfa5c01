"""Writes small programs that call an SDK, the way people write them: what hypothesis draws from.

Knows how prompts, tool lists, conversations and callers are put together in Python, and which sentences of a program have to
reach the model as they stand. Does not run programs and knows nothing of the tool. A program is two modules, `main.py` and
`helpers.py`; every text that is made gets a name of its own, so that it can be used again anywhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[object]], object]

HELPERS = '''
"""What the program shares: texts, tools, and how requests are put together."""

import copy
import os

FLAG = True
LIMIT = 2
ITEMS = ["oak", "ash", "elm"]
PROMPTS = {"terse": "Sentence H1 keeps it terse.", "kind": "Sentence H2 keeps it kind."}
RULES = """Sentence H3 is a rule.
Sentence H4 is another one."""
TOOLS = [
    {"name": "lookup", "description": "Sentence H5 looks up.", "input_schema": {"type": "object", "properties": {}}},
    {"name": "fetch", "description": "Sentence H6 fetches.", "input_schema": {"type": "object", "properties": {}}},
    {"name": "alter", "description": "Sentence H7 alters.", "input_schema": {"type": "object", "properties": {}}},
]
MARK = {"type": "ephemeral"}


def section(title, body, *, level=2):
    return f"{'#' * level} {title}\\n{body}\\n"


def bullets(items, prefix="- "):
    lines = []
    for number, item in enumerate(items, start=1):
        lines.append(f"{prefix}{number}. {item}")
    return "\\n".join(lines)


def block(text, cached=False):
    made = {"type": "text", "text": text}
    if cached:
        made["cache_control"] = MARK
    return made


def marked(blocks):
    *rest, last = blocks
    return [*rest, {**last, "cache_control": {"type": "ephemeral"}}]


def unmark(messages):
    for message in messages:
        if isinstance(message["content"], list):
            for part in message["content"]:
                if isinstance(part, dict):
                    part.pop("cache_control", None)


def openai_tools(tools):
    return [
        {"type": "function", "function": {"name": t["name"], "description": t["description"], "parameters": t["input_schema"]}}
        for t in tools
    ]


def send(create, **params):
    return create(**params)


class Prompt:
    def __init__(self, *parts, separator="\\n\\n"):
        self.parts = list(parts)
        self.separator = separator

    def add(self, part):
        self.parts.append(part)
        return self

    @property
    def text(self):
        return self.separator.join(part for part in self.parts if part)

    def __str__(self):
        return self.text
'''.lstrip()

IMPORTS = """
import copy
import json
import os
import textwrap
import time
import uuid
from datetime import date, datetime
from string import Template

import anthropic
import openai

import helpers
from helpers import ITEMS, RULES
""".lstrip()

VOLATILE = (
    "datetime.now().isoformat()",
    "uuid.uuid4().hex",
    "str(time.time_ns())",
    'datetime.now().strftime("%H:%M:%S.%f")',
    "str(uuid.uuid4())[:8]",
)
LASTING = (
    'os.environ.get("CITY", "Lisbon")',
    'os.getenv("TEAM") or "core"',
    "date.today().isoformat()",
    "helpers.RULES",
    "RULES",
    'helpers.PROMPTS["kind"]',
    'helpers.PROMPTS.get("terse", "none")',
    "ITEMS[-1]",
)
CONDITIONS = (
    "helpers.FLAG",
    "not helpers.FLAG",
    "len(ITEMS) > helpers.LIMIT",
    'os.environ.get("MODE") == "long"',
    '"ash" in ITEMS',
)


@dataclass(frozen=True, slots=True)
class Written:
    """A program by file name."""

    files: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return "\n" + next(text for name, text in self.files if name == "main.py")


@dataclass(slots=True)
class Writer:
    """Writes one program: numbers what it makes, and knows which names are in reach."""

    draw: Callable[..., object]
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def pick(self, options: tuple[str, ...]) -> str:
        return str(self.draw(st.sampled_from(options)))

    def chance(self) -> bool:
        return bool(self.draw(st.booleans()))

    def count(self, least: int, most: int) -> int:
        return int(str(self.draw(st.integers(least, most))))

    def sentence(self) -> str:
        """A literal of its own that can be looked for."""
        number = next(self.numbers)
        tail = self.pick(
            (" stands.", " holds, as ever.", ' has "quotes" and {braces}.', " costs 100% more.", " ends\\nearly.", " é – ü.")
        )
        return f"Sentence {number}{tail}"

    def name(self, stem: str) -> str:
        return f"{stem}{next(self.numbers)}"


def quoted(text: str) -> str:
    """A literal with the escapes that are written in it (`\\n`) kept as escapes."""
    return '"' + text.replace('"', '\\"') + '"'


@dataclass(slots=True)
class Body:
    """Statements of one function or module, and the texts that they can use by name."""

    writer: Writer
    names: list[str]
    lines: list[str] = field(default_factory=list)

    def let(self, expression: str, stem: str = "text") -> str:
        name = self.writer.name(stem)
        self.lines.append(f"{name} = {expression}")
        return name

    def atom(self) -> str:
        """A name, a literal, or an expression that is short enough to stand anywhere."""
        writer = self.writer
        kind = writer.pick(("literal", "name", "lasting", "literal"))
        if kind == "name" and self.names:
            return writer.pick(tuple(self.names))
        return quoted(writer.sentence()) if kind != "lasting" else writer.pick(LASTING)

    def text(self, depth: int = 2, *, volatile: bool = True) -> str:
        """The name of a text that is made in one of many ways."""
        writer = self.writer
        ways = SIMPLE if depth <= 0 else (*SIMPLE, *COMPOSED)
        if volatile and writer.count(0, 5) == 5:
            return self.let(writer.pick(VOLATILE), "fresh")
        way = WAYS[writer.pick(ways)]
        made = self.let(way(self, depth))
        self.names.append(made)
        return made


def _literal(body: Body, depth: int) -> str:
    return quoted(body.writer.sentence())


def _lasting(body: Body, depth: int) -> str:
    return body.writer.pick(LASTING)


def _f_string(body: Body, depth: int) -> str:
    inner = [body.text(depth - 1) for _ in range(body.writer.count(1, 2))]
    parts = []
    for name in inner:
        literal = body.writer.sentence().replace('"', "'").replace("{", "{{").replace("}", "}}")
        spec = body.writer.pick(("", "", "!s", ":>3", "!s:<4"))
        parts.append(f"{literal} {{{name}{spec}}}")
    return 'f"' + "".join(parts) + '"'


def _concatenation(body: Body, depth: int) -> str:
    parts = [body.text(depth - 1), body.atom(), body.text(depth - 1)]
    return " + ".join(part if " or " not in part else f"({part})" for part in parts)


def _join(body: Body, depth: int) -> str:
    parts = [body.text(depth - 1), body.atom(), body.atom()]
    separator = body.writer.pick(('"\\n"', '" "', '""', '", "'))
    shape = body.writer.pick(("list", "tuple", "optional"))
    if shape == "optional":
        condition = body.writer.pick(CONDITIONS)
        listed = ", ".join(parts[:-1])
        return f"{separator}.join([{listed}, *([{parts[-1]}] if {condition} else [])])"
    opening, closing = ("[", "]") if shape == "list" else ("(", ")")
    return f"{separator}.join({opening}{', '.join(parts)}{closing})"


def _format(body: Body, depth: int) -> str:
    first, second = body.text(depth - 1), body.atom()
    plain = body.writer.sentence().replace("{", "{{").replace("}", "}}")
    return body.writer.pick(
        (
            f"{quoted(plain + ' {} {}')}.format({first}, {second})",
            f"{quoted(plain + ' {one} {two}')}.format(one={first}, two={second})",
            f"{quoted('{1} ' + plain + ' {0}')}.format({first}, {second})",
            f"{quoted(plain + ' {one}')}.format_map({{'one': {first}}})",
        )
    )


def _percent(body: Body, depth: int) -> str:
    first, second = body.text(depth - 1), body.text(depth - 1)
    plain = body.writer.sentence().replace("%", "%%")
    return body.writer.pick(
        (
            f"{quoted(plain + ' %s %s')} % ({first}, {second})",
            f"{quoted(plain + ' %(one)s')} % {{'one': {first}}}",
            f"{quoted(plain + ' %s')} % {first}",
        )
    )


def _replaced(body: Body, depth: int) -> str:
    return f"{quoted(body.writer.sentence() + ' NAME and NAME')}.replace('NAME', {body.text(depth - 1)})"


def _template(body: Body, depth: int) -> str:
    plain = body.writer.sentence()
    return f"Template({quoted(plain + ' $one ${two}')}).substitute(one={body.text(depth - 1)}, two={body.text(depth - 1)})"


def _method(body: Body, depth: int) -> str:
    inner = body.text(depth - 1)
    return body.writer.pick(
        (
            f"{inner}.strip()",
            f"({quoted('  ' + body.writer.sentence() + ' ')} + {inner}).strip()",
            f"textwrap.indent({inner}, '  ')",
            f"textwrap.dedent({quoted('    ' + body.writer.sentence().replace(chr(92) + 'n', ' '))})",
            f"{quoted('prefix-' + body.writer.sentence())}.removeprefix('prefix-') + {inner}",
            f"'x'.join([{inner}])",
            f"str({inner})",
        )
    )


def _conditional(body: Body, depth: int) -> str:
    condition = body.writer.pick(CONDITIONS)
    return f"{body.text(depth - 1)} if {condition} else {body.text(depth - 1)}"


def _helper(body: Body, depth: int) -> str:
    inner = body.text(depth - 1)
    return body.writer.pick(
        (
            f"helpers.section({quoted(body.writer.sentence())}, {inner})",
            f"helpers.section(body={inner}, title='Rules', level=3)",
            "helpers.bullets(ITEMS)",
            f"helpers.bullets([{inner}, RULES], prefix='* ')",
            f"helpers.Prompt({inner}, RULES).text",
            f"str(helpers.Prompt({quoted(body.writer.sentence())}).add({inner}))",
            f"helpers.Prompt({inner}, '', separator=' ').add('end').text",
        )
    )


def _json(body: Body, depth: int) -> str:
    inner = body.text(depth - 1)
    return body.writer.pick(
        (
            f"json.dumps({{'note': {inner}, 'items': ITEMS}})",
            f"json.dumps([{inner}, 1, None], indent=2)",
            f"json.dumps({{'b': 1, 'a': {inner}}}, sort_keys=True)",
        )
    )


def _collected(body: Body, depth: int) -> str:
    """Parts that statements collect."""
    parts = body.let("[]", "parts")
    body.lines.append(f"{parts}.append({body.text(depth - 1)})")
    shape = body.writer.pick(("if", "for", "extend", "insert"))
    if shape == "if":
        body.lines.append(f"if {body.writer.pick(CONDITIONS)}:")
        body.lines.append(f"    {parts}.append({quoted(body.writer.sentence())})")
    elif shape == "for":
        body.lines.append("for number, tree in enumerate(ITEMS):")
        body.lines.append(f"    {parts}.append(f'{{number}}: {{tree}}')")
    elif shape == "extend":
        body.lines.append(f"{parts}.extend(f'<{{tree}}>' for tree in ITEMS if tree != 'ash')")
    else:
        body.lines.append(f"{parts}.insert(0, {quoted(body.writer.sentence())})")
    return f'"\\n".join({parts})'


def _grown(body: Body, depth: int) -> str:
    """A text that statements add to."""
    made = body.let(body.text(depth - 1), "grown")
    shape = body.writer.pick(("add", "loop", "if"))
    if shape == "add":
        body.lines.append(f"{made} += {quoted(body.writer.sentence())}")
    elif shape == "loop":
        body.lines.append("for tree in ITEMS[1:]:")
        body.lines.append(f"    {made} += f' {{tree.upper()}}'")
    else:
        body.lines.append(f"if {body.writer.pick(CONDITIONS)}:")
        body.lines.append(
            f"    {made} = {made} + {body.atom()}" if body.writer.chance() else f"    {made} = {quoted(body.writer.sentence())}"
        )
    return made


WAYS: dict[str, Callable[[Body, int], str]] = {
    "literal": _literal,
    "lasting": _lasting,
    "f-string": _f_string,
    "concatenation": _concatenation,
    "join": _join,
    "format": _format,
    "percent": _percent,
    "replaced": _replaced,
    "template": _template,
    "method": _method,
    "conditional": _conditional,
    "helper": _helper,
    "json": _json,
    "collected": _collected,
    "grown": _grown,
}
SIMPLE = ("literal", "literal", "lasting")
COMPOSED = tuple(name for name in WAYS if name not in SIMPLE)


# What a request is made of


def system_blocks(body: Body) -> str:
    """Anthropic's system prompt: a text, or blocks with or without a marker, set in one of several ways."""
    shape = body.writer.pick(("text", "one", "two", "helper", "assigned", "spread", "comprehension"))
    first = body.text()
    if shape == "text":
        return first
    if shape == "one":
        return f'[{{"type": "text", "text": {first}, "cache_control": {{"type": "ephemeral"}}}}]'
    if shape == "helper":
        return f"[helpers.block({first}, cached=True), helpers.block({body.text()})]"
    if shape == "comprehension":
        return f"[helpers.block(part, cached=index == 0) for index, part in enumerate([{first}, RULES])]"
    blocks = body.let(f'[{{"type": "text", "text": {first}}}, {{"type": "text", "text": {body.text()}}}]', "blocks")
    if shape == "assigned":
        body.lines.append(f'{blocks}[-1]["cache_control"] = {{"type": "ephemeral", "ttl": "1h"}}')
    return f"helpers.marked({blocks})" if shape == "spread" else blocks


def tool_list(body: Body) -> str:
    shape = body.writer.pick(("whole", "sorted", "filtered", "marked", "extended", "reversed", "copied"))
    plain = {
        "whole": "helpers.TOOLS",
        "sorted": 'sorted(helpers.TOOLS, key=lambda tool: tool["name"])',
        "filtered": '[tool for tool in helpers.TOOLS if tool["name"] != "fetch"]',
        "marked": "helpers.marked(helpers.TOOLS)",
        "reversed": "list(reversed(helpers.TOOLS))",
    }
    if shape in plain:
        return plain[shape]
    if shape == "extended":
        extra = f'{{"name": "note", "description": {body.text(1, volatile=False)}, "input_schema": {{"type": "object"}}}}'
        return f"[*helpers.TOOLS[:1], {extra}]"
    tools = body.let("copy.deepcopy(helpers.TOOLS)", "tools")
    body.lines.append(f'{tools}[-1]["cache_control"] = dict(helpers.MARK)')
    return tools


@dataclass(frozen=True, slots=True)
class Provider:
    """How one API is called. `request` fills in what was made; `answer` is the expression that takes a response's text."""

    name: str
    client: str
    create: str
    answer: str


PROVIDERS = {
    "anthropic": Provider("anthropic", "anthropic.Anthropic()", "messages.create", "response.content[0].text"),
    "chat": Provider("chat", "openai.OpenAI()", "chat.completions.create", '(response.choices[0].message.content or "")'),
    "responses": Provider("responses", "openai.OpenAI()", "responses.create", "response.output_text"),
}


def arguments(body: Body, provider: Provider, messages: str, *, tools: bool) -> list[tuple[str, str]]:
    """Keyword arguments of one call; `messages` is the expression of the conversation."""
    if provider.name == "anthropic":
        given = [("model", '"claude-haiku-4-5"'), ("max_tokens", "64"), ("system", system_blocks(body)), ("messages", messages)]
        return [*given, ("tools", tool_list(body))] if tools else given
    prompt = body.text()
    listed = [("tools", f"helpers.openai_tools({tool_list(body)})")] if tools and provider.name == "chat" else []
    if provider.name == "chat":
        return [("model", '"gpt-5.1"'), ("messages", f'[{{"role": "system", "content": {prompt}}}, *{messages}]'), *listed]
    return [("model", '"gpt-5.1"'), ("instructions", prompt), ("input", messages)]


def call(body: Body, create: str, given: list[tuple[str, str]]) -> str:
    """The call as people write it: keywords, a mapping of them, or handed to a helper."""
    shape = body.writer.pick(("keywords", "mapping", "helper", "updated"))
    keywords = ", ".join(f"{name}={value}" for name, value in given)
    if shape == "keywords":
        return f"{create}({keywords})"
    if shape == "helper":
        return f"helpers.send({create}, {keywords})"
    params = body.let("{" + ", ".join(f'"{name}": {value}' for name, value in given[:-1]) + "}", "params")
    name, value = given[-1]
    if shape == "updated":
        body.lines.append(f"{params}.update({name}={value})")
        return f"{create}(**{params})"
    return f"{create}(**{params}, {name}={value})"


def message(body: Body, text: str) -> str:
    """One user message with this text."""
    return body.writer.pick((f'{{"role": "user", "content": {text}}}', f'dict(role="user", content={text})'))


# Programs: who calls, how often


def indented(lines: list[str], levels: int = 1) -> list[str]:
    return ["    " * levels + line for line in lines]


def once(body: Body, provider: Provider, tools: bool) -> list[str]:
    """A script's single call, or the same call in a loop over known items."""
    looped = body.writer.chance()
    inner = Body(body.writer, [*body.names, *(["item"] if looped else [])])
    question = inner.text(1)
    given = arguments(inner, provider, f"[{message(inner, question)}]", tools=tools)
    inner.lines.append(f"response = {call(inner, f'client.{provider.create}', given)}")
    made = ["for item in ITEMS:", *indented(inner.lines)] if looped else inner.lines
    return [f"client = {provider.client}", *body.lines, *made]


def function(body: Body, provider: Provider, tools: bool) -> list[str]:
    """A function that others call, with constants of the module around it."""
    name = body.writer.name("ask")
    inner = Body(body.writer, [*body.names, "question", "tone"])
    content = inner.text(1)
    given = arguments(inner, provider, f"[{message(inner, content)}]", tools=tools)
    inner.lines.append(f"response = {call(inner, f'client.{provider.create}', given)}")
    inner.lines.append(f"return {provider.answer}")
    questions = [quoted(body.writer.sentence()) for _ in range(body.writer.count(1, 2))]
    calls = body.writer.pick(
        (
            "\n".join(f"{name}({question})" for question in questions),
            f"for question in [{', '.join(questions)}]:\n    print({name}(question, tone='plain'))",
            f"answers = [{name}(question) for question in ({', '.join(questions)},)]",
        )
    )
    return [
        f"client = {provider.client}",
        *body.lines,
        f"def {name}(question, tone='warm'):",
        *indented(inner.lines),
        *calls.splitlines(),
    ]


def conversation(body: Body, provider: Provider, tools: bool) -> list[str]:
    """A class that keeps the history of a chat, with a marker that moves or without."""
    writer = body.writer
    name = writer.name("Chat")
    say = Body(writer, [*body.names, "said", "self.topic"])
    moving = provider.name == "anthropic" and writer.chance()
    content = say.text(1)
    if moving:
        say.lines.append("helpers.unmark(self.history)")
        content = f'[{{"type": "text", "text": {content}, "cache_control": {{"type": "ephemeral"}}}}]'
    say.lines.append(f'self.history.append({{"role": "user", "content": {content}}})')
    given = arguments(say, provider, "self.history", tools=tools)
    say.lines.append(f"response = {call(say, f'self.client.{provider.create}', given)}")
    say.lines.append(f'self.history.append({{"role": "assistant", "content": {provider.answer}}})')
    said = [quoted(writer.sentence()) for _ in range(writer.count(1, 3))]
    lines = [
        *body.lines,
        f"class {name}:",
        "    def __init__(self, topic):",
        f"        self.client = {provider.client}",
        "        self.topic = topic",
        "        self.history = []",
        "    def say(self, said):",
        *indented(say.lines, 2),
        f"chat = {name}({quoted(writer.sentence())})",
    ]
    if writer.chance():
        return [*lines, *(f"chat.say({one})" for one in said)]
    return [*lines, f"for said in [{', '.join(said)}]:", "    chat.say(said)"]


SHAPES = (once, function, conversation)


@st.composite
def written(draw: Callable[..., object]) -> Written:
    """A program with one call site in `main.py`, or in `helpers.send`."""
    writer = Writer(draw)
    provider = PROVIDERS[writer.pick(tuple(PROVIDERS))]
    shape = SHAPES[writer.count(0, len(SHAPES) - 1)]
    around = Body(writer, [])
    for _ in range(writer.count(0, 2)):
        around.names.append(around.let(WAYS[writer.pick((*SIMPLE, *COMPOSED))](around, 1), "CONSTANT"))
    lines = shape(around, provider, writer.chance())
    return Written((("main.py", "\n".join([IMPORTS, *lines]) + "\n"), ("helpers.py", HELPERS)))
