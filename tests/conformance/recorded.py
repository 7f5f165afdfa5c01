"""Recorded request bodies as the same blocks that symbolic requests are made of, all text literal.

Knows the JSON of Messages, Chat Completions, Responses and Gemini; Converse's is `bedrock`'s
business. The conventions are those of the extraction from source:

- order is tools, system, messages, whatever the order of the body's keys; leading system and developer messages of OpenAI
  stand in the system section, as does `instructions`; later ones are messages;
- string content is one text block;
- a tool is the JSON of its definition in the order of its keys, without its marker; so is any block that is not text;
- a tool call is the JSON of {name, input}; a tool result is its text contents, joined without separator.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from auditor.llm.request import Block, CallSite, Kind, Marker, Request, Section
from auditor.values.text import Text
from tests.conformance import bedrock
from tests.conformance.server import Recorded

KINDS = {
    "text": Kind.TEXT,
    "input_text": Kind.TEXT,
    "output_text": Kind.TEXT,
    "image": Kind.IMAGE,
    "image_url": Kind.IMAGE,
    "input_image": Kind.IMAGE,
    "document": Kind.DOCUMENT,
    "file": Kind.DOCUMENT,
    "input_file": Kind.DOCUMENT,
    "tool_use": Kind.TOOL_USE,
    "tool_result": Kind.TOOL_RESULT,
    "thinking": Kind.THINKING,
    "redacted_thinking": Kind.THINKING,
}
MARKERS = ("cache_control", "prompt_cache_breakpoint")
PARAMETERS = ("tool_choice", "thinking", "output_config", "prompt_cache_key", "reasoning", "response_format")
GEMINI = ("enerateContent", "/cachedContents")
Json = Mapping[str, Any]


def api_of(path: str) -> str:
    """`messages`, `batches`, `chat`, `responses`, `gemini`, `converse` or `invoke`, from the path of a request."""
    if path.endswith(GEMINI):
        return "gemini"
    if path.endswith(bedrock.OPERATIONS):
        return "invoke" if "/invoke" in path else "converse"
    for ending, api in (("/batches", "batches"), ("/completions", "chat"), ("/responses", "responses")):
        if path.endswith(ending):
            return api
    return "messages"


def requests_of(recorded: Recorded, site: CallSite) -> tuple[Request, ...]:
    """The literal requests of one POST: one, or one for each entry of a batch."""
    api = api_of(recorded.path)
    if api == "gemini":
        return (gemini_request(recorded.path, recorded.body, site),)
    if api == "converse":
        return (bedrock.converse_request(recorded.path, recorded.body, site),)
    if api == "invoke":
        body = {**recorded.body, "model": bedrock.model_of(recorded.path)}
        return (literal_request(body, "messages", site),)
    bodies = [entry["params"] for entry in recorded.body["requests"]] if api == "batches" else [recorded.body]
    return tuple(literal_request(body, "messages" if api == "batches" else api, site) for body in bodies)


def literal_request(body: Json, api: str, site: CallSite) -> Request:
    provider = "anthropic" if api == "messages" else "openai"
    params = {name: Text.of(json.dumps(body[name])) for name in PARAMETERS if body.get(name) is not None}
    model = Text.of(body["model"]) if isinstance(body.get("model"), str) else None
    automatic = marker_of({"cache_control": body.get("cache_control")}, written=False)
    return Request(site, provider, "api", model, blocks_of(body, api), automatic, params)


def blocks_of(body: Json, api: str) -> tuple[Block, ...]:
    """The body's blocks in the provider's order. `api` is `messages`, `chat` or `responses`."""
    messages: Sequence[Any] | str = body.get("input" if api == "responses" else "messages") or ()
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    blocks = [tool_block(tool) for tool in body.get("tools") or ()]
    blocks += contents(body.get("system") if api == "messages" else body.get("instructions"), Section.SYSTEM, "system")
    leading = api != "messages"
    for index, message in enumerate(messages):
        leading = leading and message.get("role") in ("system", "developer")
        blocks += message_blocks(message, Section.SYSTEM if leading else Section.MESSAGES, index)
    return tuple(blocks)


def gemini_request(path: str, body: Json, site: CallSite) -> Request:
    """generateContent and cachedContents: the model stands in the path or the body, roles and parts in the contents."""
    model = body.get("model") or path.rpartition("/models/")[2].partition(":")[0]
    if "cache" in body:  # what the cache holds stands in front
        cached = gemini_request(path, body["cache"], site).blocks
        own = gemini_request(path, {name: value for name, value in body.items() if name != "cache"}, site)
        said = 1 + max((block.message for block in cached if block.message is not None), default=-1)
        later = (replace(block, message=None if block.message is None else block.message + said) for block in own.blocks)
        return replace(own, blocks=(*cached, *later))
    declared = (one for tool in body.get("tools") or () for one in tool.get("functionDeclarations") or (tool,))
    blocks = [tool_block(declaration) for declaration in declared]
    blocks += gemini_parts(body.get("systemInstruction") or {}, Section.SYSTEM, "system", None)
    for index, content in enumerate(body.get("contents") or ()):
        role = {"model": "assistant"}.get(content.get("role", "user"), content.get("role", "user"))
        blocks += gemini_parts(content, Section.MESSAGES, role, index)
    return Request(site, "gemini", "api", Text.of(model.removeprefix("models/")), tuple(blocks))


def gemini_parts(content: Json, section: Section, role: str, message: int | None) -> Iterator[Block]:
    for part in content.get("parts") or ():
        kind, inner = Kind.TEXT, part.get("text")
        if inner is None:
            kind = Kind.TOOL_RESULT if "functionResponse" in part else Kind.TOOL_USE if "functionCall" in part else Kind.OTHER
            inner = canonical(part)
        yield Block(section, role, kind, Text.of(inner), message=message)


def message_blocks(message: Json, section: Section, index: int) -> Iterator[Block]:
    """A message of any of the APIs, or an item of a Responses input."""
    role = message.get("role", "")
    match message.get("type"):
        case "function_call":
            yield call_block(message["name"], message["arguments"], index)
            return
        case "function_call_output":
            yield Block(Section.MESSAGES, "tool", Kind.TOOL_RESULT, Text.of(text_of(message["output"])), message=index)
            return
        case "reasoning":
            yield Block(Section.MESSAGES, "assistant", Kind.THINKING, Text.of(canonical(message)), message=index)
            return
        case None | "message":
            pass
        case _:
            yield Block(Section.MESSAGES, role, Kind.OTHER, Text.of(canonical(message)), message=index)
            return
    if role == "tool":
        yield Block(section, role, Kind.TOOL_RESULT, Text.of(text_of(message.get("content"))), message=index)
        return
    yield from contents(message.get("content"), section, role, index)
    for call in message.get("tool_calls") or ():
        yield call_block(call["function"]["name"], call["function"]["arguments"], index)


def contents(content: Any, section: Section, role: str, message: int | None = None) -> list[Block]:
    if content is None:
        return []
    if isinstance(content, str):
        return [Block(section, role, Kind.TEXT, Text.of(content), message=message)]
    return [content_block(block, section, role, message) for block in content]


def content_block(block: Json | str, section: Section, role: str, message: int | None) -> Block:
    if isinstance(block, str):
        return Block(section, role, Kind.TEXT, Text.of(block), message=message)
    kind = KINDS.get(block.get("type", ""), Kind.OTHER)
    match kind:
        case Kind.TEXT:
            text = block["text"]
        case Kind.TOOL_USE:
            text = canonical({"name": block["name"], "input": block["input"]})
        case Kind.TOOL_RESULT:
            text = text_of(block.get("content"))
        case _:
            text = canonical(block)
    return Block(section, role, kind, Text.of(text), message=message, marker=marker_of(block) or nested_marker(block))


def call_block(name: str, arguments: Any, message: int) -> Block:
    text = canonical({"name": name, "input": arguments})
    return Block(Section.MESSAGES, "assistant", Kind.TOOL_USE, Text.of(text), message=message)


def tool_block(tool: Json) -> Block:
    name = tool.get("name") or tool.get("function", {}).get("name")
    deferred = bool(tool.get("defer_loading"))
    return Block(Section.TOOLS, "tool", Kind.TOOL, Text.of(canonical(tool)), marker=marker_of(tool), deferred=deferred, name=name)


def text_of(content: Any) -> str:
    """The text contents of a tool result; what is not text counts as JSON."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    return "".join(part["text"] if "text" in part else canonical(part) for part in content)


def canonical(value: Json) -> str:
    return json.dumps({key: item for key, item in value.items() if key not in MARKERS}, ensure_ascii=False)


def marker_of(block: Json, *, written: bool = True) -> Marker | None:
    if block.get("cache_control") is not None:
        control = block["cache_control"]
        return Marker(control.get("type"), control.get("ttl"), written=written)
    if block.get("prompt_cache_breakpoint") is not None:
        control = block["prompt_cache_breakpoint"]
        return Marker(control.get("mode"), control.get("ttl"), written=written)
    return None


def nested_marker(block: Json) -> Marker | None:
    """A marker on content inside of a tool result or a document's source."""
    inner = block.get("content") or (block.get("source") or {}).get("content")
    if not isinstance(inner, list):
        return None
    for index, part in enumerate(inner):
        if isinstance(part, Mapping) and part.get("cache_control") is not None:
            control = part["cache_control"]
            return Marker(control.get("type"), control.get("ttl"), nested=True, nested_last=index == len(inner) - 1)
    return None
