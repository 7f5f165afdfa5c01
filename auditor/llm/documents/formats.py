"""Prompt files by format: which messages a file holds, each with its role and its text.

Knows Prompty, dotprompt, promptfoo, LangChain's saved prompts, lists of chat messages, mappings with telling keys, plain texts.
Sources: prompty.ai/docs, google.github.io/dotprompt/reference, promptfoo.dev/docs/configuration/prompts,
python.langchain.com (prompt serialization); checked 2026-11-21. Does not know what a placeholder stands for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from auditor.interp import known
from auditor.interp.library import serial
from auditor.interp.machine import Machine
from auditor.limits import REQUEST_DEPTH
from auditor.llm.documents.placeholders import JINJA_SUFFIXES, Syntax, syntax_of
from auditor.places import Place
from auditor.values.domain import DictRef, Entry, ListRef, Text, Value
from auditor.values.text import Literal

SYSTEM, USER, ASSISTANT = "system", "user", "assistant"
ROLES = {
    "system": SYSTEM,
    "developer": SYSTEM,
    "user": USER,
    "human": USER,
    "assistant": ASSISTANT,
    "ai": ASSISTANT,
    "model": ASSISTANT,
}
KEYS = {
    **dict.fromkeys(("system", "system_prompt", "system_message", "system_instruction", "instructions", "developer"), SYSTEM),
    **dict.fromkeys(("prompt", "template", "prompt_template", "text", "content"), SYSTEM),
    **dict.fromkeys(("user", "user_prompt", "user_message", "human", "user_template"), USER),
}
"""Keys whose text is a prompt or a message of one."""

PLAIN_KEYS = frozenset({"prompt", "template", "prompt_template", "text", "content"})
"""Keys that tell of a prompt only beside others that do, or in a file that is named as one."""

DOCUMENTATION = frozenset(
    {
        *("readme", "changelog", "contributing", "license", "licence", "authors", "code_of_conduct", "security", "index"),
        *("notes", "todo"),
    }
)
"""Names of Markdown and text files that people read."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a prompt."""

    role: str
    text: Text


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as a file holds it: its messages in order, the model it names, and how its placeholders are written."""

    kind: str
    parts: tuple[Part, ...]
    syntax: Syntax
    model: str | None = None
    line: int = 1


def prompts(machine: Machine, text: str, path: str) -> list[Prompt]:
    """The prompts of a file; none where it is documentation or data of another kind."""
    name = PurePosixPath(path)
    suffix = _suffix(name)
    if name.stem.lower().split(".")[0] in DOCUMENTATION and suffix in {".md", ".txt", ".markdown"}:
        return []
    whole = Text.of(Literal(text, Place(path, 1, 1)))
    front = FRONT.match(text)
    if suffix in {".prompty", ".prompt"} and front is not None:
        return _with_front_matter(machine, text, front, path, suffix)
    if suffix in {".yaml", ".yml", ".json"}:
        data = serial.parsed(machine, whole, suffix.lstrip("."))
        return list(_of_data(machine, data, path, text, 0)) if data is not None else []
    if suffix == ".jsonl":
        return []
    body = front.end() if front is not None else 0  # what stands between dashes at the top describes the file
    syntax = syntax_of(text[body:], str(name))
    role = USER if re.search(r"(?i)user|human|query|question", name.name) and "system" not in name.name.lower() else SYSTEM
    content = _piece(text, body, len(text), path)
    parts = _by_role(content, path) if suffix == ".prompt" else ()
    return [Prompt(syntax.value, parts or (Part(role, content),), syntax)] if content.literal.strip() else []


def _suffix(name: PurePosixPath) -> str:
    """The ending that tells the format: of `chat.prompty.j2` it is `.prompty`'s business what Jinja2 makes of it."""
    suffixes = [suffix.lower() for suffix in name.suffixes]
    if len(suffixes) > 1 and suffixes[-1] in JINJA_SUFFIXES and suffixes[-2] in {".yaml", ".yml", ".json"}:
        return ".txt"  # data only after it was rendered
    return suffixes[-1] if suffixes else ""


FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?\n", re.DOTALL | re.MULTILINE)
ROLE_LINE = re.compile(r"(?mi)^[ \t]*#?[ \t]*(system|developer|user|assistant)[ \t]*:[ \t]*(?:#.*)?$\n?")
ROLE_TAG = re.compile(r"\{\{\s*role\s+[\"'](\w+)[\"']\s*\}\}\n?")


def _piece(text: str, start: int, end: int, path: str) -> Text:
    """A part of the file with the place where it begins."""
    line = text.count("\n", 0, start) + 1
    return Text.of(Literal(text[start:end], Place(path, line, 1))) if end > start else Text()


def _with_front_matter(machine: Machine, text: str, front: re.Match[str], path: str, suffix: str) -> list[Prompt]:
    """Prompty and dotprompt: settings between dashes, then the messages."""
    settings = serial.parsed(machine, Text.of(front[1]), "yaml")
    body = text[front.end() :]
    pattern = ROLE_LINE if suffix == ".prompty" else ROLE_TAG
    parts: list[Part] = []
    position, role = 0, SYSTEM if suffix == ".prompty" else USER
    for match in [*pattern.finditer(body), None]:
        end = match.start() if match is not None else len(body)
        content = _piece(text, front.end() + position, front.end() + end, path)
        if content.literal.strip():
            parts.append(Part(role, content))
        if match is not None:
            position, role = match.end(), ROLES.get(match[1].lower(), USER)
    kind, syntax = ("prompty", Syntax.JINJA) if suffix == ".prompty" else ("dotprompt", Syntax.MUSTACHE)
    return [Prompt(kind, tuple(parts), syntax, _model(machine, settings))] if parts else []


def _by_role(content: Text, path: str) -> tuple[Part, ...]:
    """Messages of a text without settings, where lines name roles."""
    text, place = content.known or "", next((piece.place for piece in content.pieces if isinstance(piece, Literal)), None)
    found = list(ROLE_LINE.finditer(text))
    if not found or place is None:
        return ()
    out: list[Part] = []
    for match, following in zip(found, [*found[1:], None], strict=True):
        end = following.start() if following is not None else len(text)
        line = place.line + text.count("\n", 0, match.end())
        out.append(Part(ROLES[match[1].lower()], Text.of(Literal(text[match.end() : end], Place(path, line, 1)))))
    return tuple(out)


def _model(machine: Machine, settings: Value | None) -> str | None:
    """The model that the settings name: `model: name`, or under `configuration` or `api`."""
    if not isinstance(settings, DictRef):
        return None
    found = _get(machine, settings, "model")
    if isinstance(found, DictRef):
        inner = _get(machine, found, "configuration")
        source = inner if isinstance(inner, DictRef) else found
        found = next((value for key in ("model", "name", "azure_deployment") if (value := _get(machine, source, key))), None)
    text = known.text_of(found)
    return text.rpartition("/")[2] if text else None


# Data


def _get(machine: Machine, mapping: DictRef, key: str) -> Value | None:
    return known.lookup(machine.entries(mapping).entries, Text.of(key))[0]


def _of_data(machine: Machine, data: Value, path: str, text: str, depth: int) -> Iterator[Prompt]:
    """The prompts of a data file, nested ones one by one."""
    if depth > REQUEST_DEPTH:
        return
    if isinstance(data, ListRef):
        messages = _messages(machine, data)
        if messages:
            yield _prompt("chat", messages, path)
            return
        for item in machine.items(data).items:
            value = known.plain(item)
            if isinstance(value, DictRef | ListRef):
                yield from _of_data(machine, value, path, text, depth + 1)
        return
    if not isinstance(data, DictRef):
        return
    special = _langchain(machine, data, path) or _promptfoo(machine, data, path) if depth == 0 else None
    if special is not None:
        yield from special
        return
    found = _telling(machine, data, path)
    if found is not None:
        yield found
    for entry in machine.entries(data).entries:
        value = entry.value if isinstance(entry, Entry) else None
        is_messages = found is not None and isinstance(entry, Entry) and known.text_of(entry.key) == "messages"
        if isinstance(value, DictRef | ListRef) and not is_messages:
            yield from _of_data(machine, value, path, text, depth + 1)


def _prompt(kind: str, parts: tuple[Part, ...], path: str, model: str | None = None, syntax: Syntax | None = None) -> Prompt:
    joined = "\n".join(part.text.literal for part in parts)
    first = next((piece.place for part in parts for piece in part.text.pieces if isinstance(piece, Literal)), None)
    return Prompt(kind, parts, syntax or syntax_of(joined, "data"), model, first.line if first is not None else 1)


def _messages(machine: Machine, data: Value | None) -> tuple[Part, ...]:
    """A list of mappings with a role and a text."""
    if not isinstance(data, ListRef):
        return ()
    out: list[Part] = []
    for item in machine.items(data).items:
        value = known.plain(item)
        role = known.text_of(_get(machine, value, "role") or _get(machine, value, "type")) if isinstance(value, DictRef) else None
        content = _get(machine, value, "content") or _get(machine, value, "template") if isinstance(value, DictRef) else None
        if role is None or role.lower() not in ROLES or not isinstance(content, Text):
            return ()
        out.append(Part(ROLES[role.lower()], content))
    return tuple(out)


def _telling(machine: Machine, data: DictRef, path: str) -> Prompt | None:
    """A mapping that spells a prompt under keys that say so."""
    messages = _messages(machine, _get(machine, data, "messages"))
    model = known.text_of(_get(machine, data, "model"))
    if messages:
        return _prompt("chat", messages, path, model)
    parts: list[Part] = []
    sure = False
    for entry in machine.entries(data).entries:
        key = (known.text_of(entry.key) or "").lower() if isinstance(entry, Entry) else ""
        if key in KEYS and isinstance(entry, Entry) and isinstance(entry.value, Text) and _is_prose(entry.value):
            parts.append(Part(KEYS[key], entry.value))
            sure = sure or key not in PLAIN_KEYS
    if not parts or not (sure or "prompt" in path.lower()):
        return None
    parts.sort(key=lambda part: part.role != SYSTEM)
    return _prompt("mapping", tuple(parts), path, model)


def _is_prose(text: Text) -> bool:
    """More than a name or a path."""
    return len(text.literal.split()) >= 4


def _langchain(machine: Machine, data: DictRef, path: str) -> list[Prompt] | None:
    """A prompt that LangChain saved: `_type: prompt`, `template: …`."""
    kind = known.text_of(_get(machine, data, "_type"))
    if kind not in {"prompt", "few_shot", "chat"}:
        return None
    form = known.text_of(_get(machine, data, "template_format"))
    syntax = Syntax.JINJA if form == "jinja2" else Syntax.MUSTACHE if form == "mustache" else Syntax.FORMAT
    template = _get(machine, data, "template")
    if kind == "prompt" and isinstance(template, Text):
        return [_prompt("langchain", (Part(SYSTEM, template),), path, None, syntax)]
    shots = [_get(machine, data, key) for key in ("prefix", "suffix")]
    parts = tuple(Part(SYSTEM, text) for text in shots if isinstance(text, Text))
    return [_prompt("langchain", parts, path, None, syntax)] if parts else []


def _promptfoo(machine: Machine, data: DictRef, path: str) -> list[Prompt] | None:
    """A configuration of promptfoo: `prompts` are texts or lists of messages as JSON; those in other files are read there."""
    listed = _get(machine, data, "prompts")
    if not isinstance(listed, ListRef) or _get(machine, data, "providers") is None:
        return None
    out: list[Prompt] = []
    for item in machine.items(listed).items:
        value = known.plain(item)
        if isinstance(value, DictRef):
            value = _get(machine, value, "raw")
        text = known.text_of(value)
        if text is None or not isinstance(value, Text) or text.startswith("file://") or not _is_prose(value):
            continue
        parts = _chat_of_json(machine, value, text)
        out.append(_prompt("promptfoo", parts or (Part(USER, value),), path, None, Syntax.JINJA))
    return out


def _chat_of_json(machine: Machine, value: Text, text: str) -> tuple[Part, ...]:
    if not text.lstrip().startswith("["):
        return ()
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return _messages(machine, serial.located(machine, data, value))
