"""A stand-in for the providers on loopback that records what real SDK clients send.

Knows HTTP, the order of arrival and a bound on the number of requests. What it answers is `replies`' business.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.conformance.replies import Reply, reply

MAX_REQUESTS = 40
CALLER_HEADER = "x-conformance-caller"
ORDER_HEADER = "x-conformance-order"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One POST as the model sees it: a continued server-side thread and an explicit cache (under "cache") are written out.

    `callers` are the program's expressions that were being evaluated, innermost first: file name, first line, last line;
    `order` counts what the program sent (concurrent requests may arrive otherwise).
    """

    path: str
    body: dict[str, Any]
    callers: tuple[tuple[str, int, int], ...] = ()
    order: int = 0


@dataclass(slots=True)
class Recorder:
    """Requests in order of arrival; `latency` is how long each answer is held back, in seconds."""

    latency: float = 0.0
    requests: list[Recorded] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""
    threads: dict[str, dict[str, Any]] = field(default_factory=dict)
    caches: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, request: Recorded) -> int | None:
        """Keep the request and return its number, None when the bound is reached."""
        with self.lock:
            if len(self.requests) >= MAX_REQUESTS:
                return None
            self.requests.append(request)
            return len(self.requests) - 1

    def written_out(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with the history that a thread keeps on the server (the SDK's tool runner sends only what is new), or with
        the content of the cache that it names."""
        if body.get("cachedContent") in self.caches:
            return {**body, "cache": self.caches[body["cachedContent"]]}
        thread = body.get("thread")
        if not isinstance(thread, dict) or thread.get("type") != "continue":
            return body
        earlier = self.threads[thread["previous_message_id"]]
        return {**earlier, **body, "messages": [*earlier["messages"], *body["messages"]]}

    def remember(self, body: dict[str, Any], response: Reply) -> None:
        """Keep the conversation up to this answer, for a thread that goes on from it; keep the content of a cache by its name."""
        if "contents" in body and response.content_type == "application/json":
            name = json.loads(response.data).get("name", "")
            if name.startswith("cachedContents/"):
                self.caches[name] = body
        if body.get("thread") and response.content_type == "application/json":
            message = json.loads(response.data)
            answer = {"role": "assistant", "content": message.get("content")}
            self.threads[message["id"]] = {**body, "messages": [*body["messages"], answer]}


class Handler(BaseHTTPRequestHandler):
    """Answers POST with a plausible reply and GET with what batch polling asks for."""

    protocol_version = "HTTP/1.1"
    recorder: Recorder

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        body = self.recorder.written_out(json.loads(raw or b"{}"))
        order = int(self.headers.get(ORDER_HEADER) or 0)
        number = self.recorder.take(Recorded(path, body, callers_of(self.headers.get(CALLER_HEADER)), order))
        if number is None:
            self.answer(Reply.error(400, f"more than {MAX_REQUESTS} requests"))
            return
        if self.recorder.latency:
            time.sleep(self.recorder.latency)
        response = reply(path, body, number)
        self.recorder.remember(body, response)
        self.answer(response)

    def do_GET(self) -> None:
        self.answer(reply(self.path.partition("?")[0], None, 0))

    def answer(self, response: Reply) -> None:
        self.send_response(response.status)
        self.send_header("content-type", response.content_type)
        self.send_header("content-length", str(len(response.data)))
        self.send_header("request-id", "req_conformance")
        self.end_headers()
        self.wfile.write(response.data)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test output quiet."""


def callers_of(header: str | None) -> tuple[tuple[str, int, int], ...]:
    found = []
    for caller in (header or "").split():
        name, first, last = caller.rsplit(":", 2)
        found.append((name, int(first), int(last)))
    return tuple(found)


@contextmanager
def recording(latency: float = 0.0) -> Iterator[Recorder]:
    """A running server on a free loopback port and what it recorded."""
    recorder = Recorder(latency)
    handler = type("BoundHandler", (Handler,), {"recorder": recorder})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    recorder.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
