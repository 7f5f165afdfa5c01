"""Request bodies in files: one JSON value, one a line, or the entries of a batch; literal requests, with nothing left open.

Knows the shapes by their keys: Anthropic's Messages API (also as Bedrock takes it), OpenAI's chat completions and responses, the
batch formats of both. Any other JSON is no request.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.interp import known
from auditor.interp.freeze import freeze
from auditor.interp.library import serial
from auditor.interp.machine import Machine
from auditor.knowledge.sdk import Endpoint, Sdk
from auditor.places import Place
from auditor.values.domain import DictRef, Entry, Frozen, ListRef, Text, Value
from auditor.values.text import Literal


@dataclass(frozen=True, slots=True)
class Payload:
    """A request body: which API it is for, its arguments, and the line on which it begins."""

    endpoint: Endpoint
    provider: str
    surface: str
    arguments: tuple[tuple[str, Frozen], ...]
    line: int


def payloads(machine: Machine, text: str, path: str, sdk: Sdk) -> list[Payload]:
    """The requests of a file in their order; none where it holds something else."""
    out: list[Payload] = []
    for value, line in _values(machine, text, path):
        for body in _bodies(machine, value):
            found = _payload(machine, body, line, sdk)
            if found is not None:
                out.append(found)
    return out


def _values(machine: Machine, text: str, path: str) -> Iterator[tuple[Value, int]]:
    """The JSON values of a file with their lines: the whole file is one, or each line is."""
    whole = _parsed(machine, text, Place(path, 1, 1))
    if whole is not None:
        yield whole, 1
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        value = _parsed(machine, line, Place(path, number, 1))
        if value is None:
            return  # no file of JSON lines
        yield value, number


def _parsed(machine: Machine, text: str, place: Place) -> Value | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return serial.located(machine, data, Text.of(Literal(text, place))) if isinstance(data, dict | list) else None


def _get(machine: Machine, mapping: Value | None, key: str) -> Value | None:
    return known.lookup(machine.entries(mapping).entries, Text.of(key))[0] if isinstance(mapping, DictRef) else None


def _bodies(machine: Machine, value: Value) -> Iterator[DictRef]:
    """Request bodies in a value: itself, the entries of a batch, the items of a list."""
    if isinstance(value, ListRef):
        for item in machine.items(value).items:
            inner = known.plain(item)
            if isinstance(inner, DictRef):
                yield from _bodies(machine, inner)
        return
    if not isinstance(value, DictRef):
        return
    entries = _get(machine, value, "requests")
    if isinstance(entries, ListRef):
        yield from _bodies(machine, entries)
        return
    for key in ("params", "body", "modelInput"):
        inner = _get(machine, value, key)
        named = any(_get(machine, value, name) is not None for name in ("custom_id", "recordId", "url"))
        if isinstance(inner, DictRef) and named:
            yield inner
            return
    yield value


def _payload(machine: Machine, body: DictRef, line: int, sdk: Sdk) -> Payload | None:
    shape = _shape(machine, body)
    endpoint = next((one for one in sdk.endpoints if shape is not None and one.api == shape[0]), None)
    if shape is None or endpoint is None:
        return None
    arguments = tuple(
        (name, freeze(machine, entry.value))
        for entry in machine.entries(body).entries
        if isinstance(entry, Entry) and (name := known.text_of(entry.key)) is not None
    )
    return Payload(endpoint, shape[1], shape[2], arguments, line)


def _shape(machine: Machine, body: DictRef) -> tuple[str, str, str] | None:
    """API, provider and surface of a request body."""
    keys = {known.text_of(entry.key) for entry in machine.entries(body).entries if isinstance(entry, Entry)}
    model = known.text_of(_get(machine, body, "model")) or ""
    if "anthropic_version" in keys and "messages" in keys:
        return "anthropic.messages.create", "anthropic", "bedrock" if "model" not in keys else "api"
    if not model:
        return None
    if isinstance(_get(machine, body, "messages"), ListRef):
        claude = "claude" in model.lower()
        if claude or ("max_tokens" in keys and "system" in keys):
            return "anthropic.messages.create", "anthropic", "api"
        provider = "openai" if model.lower().startswith(("gpt", "o1", "o3", "o4", "chatgpt")) else "compatible"
        return "openai.chat.completions.create", provider, "api" if provider == "openai" else "compatible"
    if "input" in keys and keys & {"instructions", "tools", "text", "reasoning", "max_output_tokens", "previous_response_id"}:
        return "openai.responses.create", "openai", "api"
    return None
