"""Plausible answers of the providers' APIs, so that agent loops run and end.

Knows the response shapes of Messages, count_tokens, batches, Chat Completions and Responses, plain and streamed; Bedrock's are
made of Anthropic's (`bedrock`). A request with tools is answered with two rounds of tool use and then an end of turn. Does not
record anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.conformance import bedrock

TOOL_ROUNDS = 2
ANSWER = "Thank you, that is settled."
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, ready to write."""

    status: int
    content_type: str
    data: bytes

    @staticmethod
    def json(value: object, status: int = 200) -> Reply:
        return Reply(status, "application/json", json.dumps(value).encode())

    @staticmethod
    def events(events: Iterable[tuple[str | None, object]]) -> Reply:
        """Server-sent events: (name or None, JSON value or ready text)."""
        parts = []
        for name, value in events:
            data = value if isinstance(value, str) else json.dumps(value)
            parts.append((f"event: {name}\n" if name else "") + f"data: {data}\n\n")
        return Reply(200, "text/event-stream", "".join(parts).encode())

    @staticmethod
    def error(status: int, message: str) -> Reply:
        return Reply.json({"type": "error", "error": {"type": "invalid_request_error", "message": message}}, status)


def reply(path: str, body: Body | None, number: int) -> Reply:
    """The answer to request `number`; `body` is None for GET."""
    if body is None:
        return batch_results(path) if path.endswith("/results") else Reply.json(batch("msgbatch_0", "ended"))
    if path.endswith("/messages/count_tokens"):
        return Reply.json({"input_tokens": max(1, len(json.dumps(body)) // 4)})
    if path.endswith("/messages/batches"):
        return Reply.json(batch(f"msgbatch_{number}", "ended"))
    if path.endswith("/messages"):
        return anthropic_reply(body, number)
    if path.endswith("/chat/completions"):
        return chat_completion(body, number)
    if path.endswith("/responses"):
        return openai_response(body, number)
    if path.endswith(("enerateContent", "/cachedContents")):
        return gemini(path, body, number)
    if path.endswith(bedrock.OPERATIONS):
        return bedrock_answer(path, body, number)
    return Reply.error(404, f"no such endpoint: {path}")


# --- what to say ---------------------------------------------------------------------------------------------------


def sample(schema: Body, root: Body | None = None) -> Any:
    """Some value that satisfies a JSON schema of the usual kind."""
    root = root or schema
    if "$ref" in schema:
        target: Any = root
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        return sample(target, root)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return sample(schema[union][0], root)
    match schema.get("type"):
        case "integer":
            return 3
        case "number":
            return 1.5
        case "boolean":
            return True
        case "array":
            return [sample(schema.get("items", {}), root)]
        case "object":
            properties = schema.get("properties", {})
            return {name: sample(value, root) for name, value in properties.items()}
        case _:
            return "Lisbon"


def wanted_tool(tools: Any, choice: Any) -> Body | None:
    """The client tool that the model would call: the forced one, or the first."""
    definitions = [tool.get("function", tool) for tool in tools or [] if isinstance(tool, Mapping)]
    callable_tools = [tool for tool in definitions if "input_schema" in tool or "parameters" in tool]
    if isinstance(choice, Mapping) and choice.get("type") in ("tool", "function"):
        name = choice.get("name") or choice.get("function", {}).get("name")
        return next((tool for tool in callable_tools if tool["name"] == name), None)
    if choice == "none" or (isinstance(choice, Mapping) and choice.get("type") == "none"):
        return None
    return callable_tools[0] if callable_tools else None


def tool_rounds(messages: Any) -> int:
    """How many tool results were sent since the last question."""
    rounds = 0
    for message in reversed(messages if isinstance(messages, list) else []):
        content = message.get("content")
        nested = isinstance(content, list) and any(
            isinstance(part, Mapping) and part.get("type") == "tool_result" for part in content
        )
        if nested or message.get("role") == "tool" or message.get("type") == "function_call_output":
            rounds += 1
        elif message.get("role") == "user":
            break
    return rounds


def schema_of(body: Body) -> Body | None:
    """The JSON schema of a structured output, wherever this API keeps it."""
    formats = (
        body.get("output_format"),
        (body.get("output_config") or {}).get("format"),
        (body.get("response_format") or {}).get("json_schema"),
        (body.get("text") or {}).get("format"),
    )
    return next((value["schema"] for value in formats if isinstance(value, Mapping) and "schema" in value), None)


def answer_text(body: Body) -> str:
    schema = schema_of(body)
    return json.dumps(sample(schema)) if schema is not None else ANSWER


# --- Anthropic -----------------------------------------------------------------------------------------------------


def anthropic_reply(body: Body, number: int) -> Reply:
    if not body.get("max_tokens") or not body.get("messages"):
        return Reply.error(400, "max_tokens and messages are required")
    message = anthropic_message(body, number)
    return Reply.events(anthropic_events(message)) if body.get("stream") else Reply.json(message)


def anthropic_message(body: Body, number: int) -> dict[str, Any]:
    tool = wanted_tool(body.get("tools"), body.get("tool_choice"))
    if tool is not None and tool_rounds(body["messages"]) < TOOL_ROUNDS:
        content: list[dict[str, Any]] = [
            {"type": "text", "text": "Let me look that up."},
            {"type": "tool_use", "id": f"toolu_{number}", "name": tool["name"], "input": sample(tool["input_schema"])},
        ]
        stop = "tool_use"
    else:
        content, stop = [{"type": "text", "text": answer_text(body)}], "end_turn"
    usage = {
        "input_tokens": 12,
        "output_tokens": 9,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }
    return {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": body.get("model"),
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    }


def anthropic_events(message: dict[str, Any]) -> Iterable[tuple[str, object]]:
    start = {**message, "content": [], "stop_reason": None}
    yield "message_start", {"type": "message_start", "message": start}
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            empty: dict[str, Any] = {"type": "text", "text": ""}
            delta: dict[str, Any] = {"type": "text_delta", "text": block["text"]}
        else:
            empty, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield "content_block_start", {"type": "content_block_start", "index": index, "content_block": empty}
        yield "content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta}
        yield "content_block_stop", {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield "message_delta", {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 9}}
    yield "message_stop", {"type": "message_stop"}


def batch(identifier: str, status: str) -> dict[str, Any]:
    return {
        "id": identifier,
        "type": "message_batch",
        "processing_status": status,
        "request_counts": {"processing": 0, "succeeded": 1, "errored": 0, "canceled": 0, "expired": 0},
        "created_at": "2026-11-20T09:00:00Z",
        "expires_at": "2026-11-21T09:00:00Z",
        "ended_at": "2026-11-20T09:05:00Z" if status == "ended" else None,
        "archived_at": None,
        "cancel_initiated_at": None,
        "results_url": f"/v1/messages/batches/{identifier}/results" if status == "ended" else None,
    }


def batch_results(path: str) -> Reply:
    message = anthropic_message({"messages": [{}], "model": "claude"}, 0)
    message["content"] = [{"type": "text", "text": "{}"}]
    line = {"custom_id": "item-0", "result": {"type": "succeeded", "message": message}}
    return Reply(200, "application/x-jsonl", json.dumps(line).encode() + b"\n")


# --- OpenAI --------------------------------------------------------------------------------------------------------


def chat_completion(body: Body, number: int) -> Reply:
    message: dict[str, Any] = {"role": "assistant", "content": answer_text(body), "refusal": None}
    tool = wanted_tool(body.get("tools"), body.get("tool_choice"))
    finish = "stop"
    if tool is not None and tool_rounds(body.get("messages")) < TOOL_ROUNDS:
        arguments = json.dumps(sample(tool["parameters"]))
        call = {"id": f"call_{number}", "type": "function", "function": {"name": tool["name"], "arguments": arguments}}
        message, finish = {"role": "assistant", "content": None, "refusal": None, "tool_calls": [call]}, "tool_calls"
    head = {"id": f"chatcmpl-{number}", "created": 1_790_000_000, "model": body.get("model") or "deployment"}
    if body.get("stream"):
        return Reply.events(chat_events(head, message, finish))
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    usage = {"prompt_tokens": 12, "completion_tokens": 9, "total_tokens": 21, "prompt_tokens_details": {"cached_tokens": 0}}
    return Reply.json({**head, "object": "chat.completion", "choices": [choice], "usage": usage})


def chat_events(head: Body, message: Body, finish: str) -> Iterable[tuple[None, object]]:
    delta = {key: value for key, value in message.items() if value is not None}
    if "tool_calls" in delta:
        delta["tool_calls"] = [{"index": index, **call} for index, call in enumerate(delta["tool_calls"])]
    for piece, reason in ((delta, None), ({}, finish)):
        choice = {"index": 0, "delta": piece, "finish_reason": reason}
        yield None, {**head, "object": "chat.completion.chunk", "choices": [choice]}
    yield None, "[DONE]"


def openai_response(body: Body, number: int) -> Reply:
    tool = wanted_tool(body.get("tools"), body.get("tool_choice"))
    if tool is not None and tool_rounds(body.get("input")) < TOOL_ROUNDS:
        item: dict[str, Any] = {
            "type": "function_call",
            "id": f"fc_{number}",
            "call_id": f"call_{number}",
            "name": tool["name"],
            "arguments": json.dumps(sample(tool["parameters"])),
            "status": "completed",
        }
    else:
        part = {"type": "output_text", "text": answer_text(body), "annotations": []}
        item = {"type": "message", "id": f"msg_{number}", "role": "assistant", "status": "completed", "content": [part]}
    response = {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": 1_790_000_000,
        "status": "completed",
        "model": body.get("model"),
        "output": [item],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "usage": {
            "input_tokens": 12,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 9,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 21,
        },
    }
    return Reply.events(response_events(response, item)) if body.get("stream") else Reply.json(response)


def response_events(response: dict[str, Any], item: Body) -> Iterable[tuple[str, object]]:
    started = {**response, "status": "in_progress", "output": [], "usage": None}
    steps: list[tuple[str, dict[str, Any]]] = [("response.created", {"response": started})]
    steps.append(("response.output_item.added", {"output_index": 0, "item": {**item, "content": []}}))
    if item["type"] == "message":
        text = item["content"][0]["text"]
        where = {"item_id": item["id"], "output_index": 0, "content_index": 0}
        part = {"type": "output_text", "text": "", "annotations": []}
        steps.append(("response.content_part.added", {**where, "part": part}))
        steps.append(("response.output_text.delta", {**where, "delta": text, "logprobs": []}))
        steps.append(("response.output_text.done", {**where, "text": text, "logprobs": []}))
    steps.append(("response.output_item.done", {"output_index": 0, "item": item}))
    steps.append(("response.completed", {"response": response}))
    for number, (name, fields) in enumerate(steps):
        yield name, {"type": name, "sequence_number": number, **fields}


# --- Bedrock -------------------------------------------------------------------------------------------------------


def bedrock_answer(path: str, body: Body, number: int) -> Reply:
    """Converse, or InvokeModel with a body of Anthropic's; streamed or not."""
    if "/invoke" in path:
        message = anthropic_message(body, number)
        events = bedrock.chunks(anthropic_events(message))
    else:
        message = bedrock.converse_answer(anthropic_message(bedrock.plainly(body), number))
        events = bedrock.converse_events(message)
    if path.endswith("-stream"):
        return Reply(200, "application/vnd.amazon.eventstream", bedrock.event_stream(events))
    return Reply.json(message)


# --- Gemini --------------------------------------------------------------------------------------------------------


def gemini(path: str, body: Body, number: int) -> Reply:
    """generateContent, streamed or not, and the creation of a cache. Tools are not called: the SDK would call them by itself."""
    if path.endswith("/cachedContents"):
        return Reply.json({"name": f"cachedContents/{number}", "model": body.get("model")})
    answer = {
        "candidates": [{"content": {"role": "model", "parts": [{"text": ANSWER}]}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 9, "totalTokenCount": 21},
    }
    return Reply.events([(None, answer)]) if path.endswith(":streamGenerateContent") else Reply.json(answer)
