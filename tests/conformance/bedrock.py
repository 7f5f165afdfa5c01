"""Bedrock's Converse and InvokeModel as the recorder plays them: what was asked, in blocks, and plausible answers.

A cache point is an element of its own and is read as the marker of the block before it. Streams are Amazon's event streams.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from auditor.llm.request import Block, CallSite, Kind, Marker, Request, Section
from auditor.values.text import Text

Json = Mapping[str, Any]
POINT = "cachePoint"
OPERATIONS = ("/converse", "/converse-stream", "/invoke", "/invoke-with-response-stream")


def model_of(path: str) -> str:
    """`/model/<id>/converse` names the model."""
    return unquote(path.split("/")[2])


# --- what was asked --------------------------------------------------------------------------------------------------


def converse_request(path: str, body: Json, site: CallSite) -> Request:
    tools = [spec(tool) for tool in (body.get("toolConfig") or {}).get("tools") or ()]
    blocks = list(marked(tools, Section.TOOLS, "tool", None))
    blocks += marked(body.get("system") or (), Section.SYSTEM, "system", None)
    for index, message in enumerate(body["messages"]):
        blocks += marked(message["content"], Section.MESSAGES, message["role"], index)
    return Request(site, "bedrock", "api", Text.of(model_of(path)), tuple(blocks))


def spec(tool: Json) -> Json:
    """A tool's definition as the model sees it: the schema without the `json` around it."""
    if "toolSpec" not in tool:
        return tool
    found = {("input_schema" if name == "inputSchema" else name): value for name, value in tool["toolSpec"].items()}
    return {"toolSpec": {**found, "input_schema": found["input_schema"]["json"]}}


def marked(contents: Sequence[Json], section: Section, role: str, message: int | None) -> Iterator[Block]:
    last: Block | None = None
    for content in contents:
        if (point := content.get(POINT)) is None:
            if last is not None:
                yield last
            last = block(content, section, role, message)
        elif last is not None:
            last = replace(last, marker=Marker(point["type"], point.get("ttl")))
    if last is not None:
        yield last


def block(content: Json, section: Section, role: str, message: int | None) -> Block:
    ((name, value),) = content.items()
    match name:
        case "text":
            return Block(section, role, Kind.TEXT, Text.of(value), message=message)
        case "toolSpec":
            return Block(section, role, Kind.TOOL, Text.of(dumped(value)), message=message, name=value["name"])
        case "toolUse":
            used = {"name": value["name"], "input": value["input"]}
            return Block(section, role, Kind.TOOL_USE, Text.of(dumped(used)), message=message)
        case "toolResult":
            parts = (part["text"] if "text" in part else dumped(part) for part in value["content"])
            return Block(section, role, Kind.TOOL_RESULT, Text.of("".join(parts)), message=message)
        case _:
            return Block(section, role, Kind.OTHER, Text.of(dumped(content)), message=message)


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def plainly(body: Json) -> dict[str, Any]:
    """Tools and messages of Converse in the words of Anthropic, which decide what is answered."""
    tools = [spec(tool)["toolSpec"] for tool in (body.get("toolConfig") or {}).get("tools") or () if "toolSpec" in tool]
    messages = [
        {
            "role": message["role"],
            "content": [{"type": "tool_result" if "toolResult" in part else "other"} for part in message["content"]],
        }
        for message in body["messages"]
    ]
    return {"max_tokens": 1, "model": "", "tools": tools, "messages": messages}


# --- what is answered ------------------------------------------------------------------------------------------------


def converse_answer(message: Json) -> dict[str, Any]:
    """Converse's answer from Anthropic's."""
    content = [
        {"text": part["text"]}
        if part["type"] == "text"
        else {"toolUse": {"toolUseId": part["id"], "name": part["name"], "input": part["input"]}}
        for part in message["content"]
    ]
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": message["stop_reason"],
        "usage": {"inputTokens": 12, "outputTokens": 9, "totalTokens": 21, "cacheReadInputTokens": 0, "cacheWriteInputTokens": 0},
        "metrics": {"latencyMs": 5},
    }


def converse_events(answer: Json) -> Iterator[tuple[str, object]]:
    yield "messageStart", {"role": "assistant"}
    for index, part in enumerate(answer["output"]["message"]["content"]):
        if "toolUse" in part:
            use = part["toolUse"]
            start = {"toolUse": {"toolUseId": use["toolUseId"], "name": use["name"]}}
            yield "contentBlockStart", {"start": start, "contentBlockIndex": index}
            delta: dict[str, Any] = {"toolUse": {"input": json.dumps(use["input"])}}
        else:
            delta = {"text": part["text"]}
        yield "contentBlockDelta", {"delta": delta, "contentBlockIndex": index}
        yield "contentBlockStop", {"contentBlockIndex": index}
    yield "messageStop", {"stopReason": answer["stopReason"]}
    yield "metadata", {"usage": answer["usage"], "metrics": answer["metrics"]}


def chunks(events: Iterable[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    """InvokeModel's stream: the provider's own events in base64."""
    for _, event in events:
        yield "chunk", {"bytes": base64.b64encode(json.dumps(event).encode()).decode()}


def event_stream(events: Iterable[tuple[str, object]]) -> bytes:
    """Amazon's framing: lengths, a checksum of them, headers, the event, a checksum of all."""
    return b"".join(frame(name, json.dumps(value).encode()) for name, value in events)


def frame(name: str, payload: bytes) -> bytes:
    named = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        struct.pack("!B", len(key)) + key.encode() + struct.pack("!BH", 7, len(value)) + value.encode()
        for key, value in named.items()
    )
    lengths = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    whole = lengths + struct.pack("!I", zlib.crc32(lengths)) + headers + payload
    return whole + struct.pack("!I", zlib.crc32(whole))
