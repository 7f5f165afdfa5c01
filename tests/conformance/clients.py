"""What the HTTP clients of a sample program are made to do: go to the recorder, and tell which statement of it sent.

Knows httpx, requests, urllib, aiohttp and botocore, as far as they are installed. Runs in the program's process; bodies are not
touched. Clients of SDKs are pointed at the recorder by environment variables; a URL that a program spells itself is sent there
whatever its host is, so that no program ever leaves this machine.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import os
import sys
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.conformance.server import CALLER_HEADER, ORDER_HEADER


@dataclass(frozen=True, slots=True)
class Tap:
    """What is done to each request before it is sent."""

    folder: str
    recorder: str
    numbers: Iterator[int]

    def headers(self, frame: FrameType | None) -> dict[str, str]:
        found = {ORDER_HEADER: str(next(self.numbers))}
        if callers := [":".join(map(str, caller)) for caller in calling(frame, self.folder)]:
            found[CALLER_HEADER] = " ".join(callers)
        return found

    def name(self, headers: MutableMapping[str, str], frame: FrameType | None) -> None:
        headers.update(self.headers(frame))

    def turned(self, url: str) -> str:
        """The same path and query at the recorder."""
        return urlunsplit((*urlsplit(self.recorder)[:2], *urlsplit(url)[2:]))


def tap(folder: str, recorder: str) -> None:
    """Let every HTTP client of this process go to the recorder and tell, in headers, what made it send, and in which order."""
    one = Tap(folder, recorder, itertools.count())
    for name, taps in TAPS.items():
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        taps(module, one)


def tap_httpx(module: ModuleType, one: Tap) -> None:
    for cls in (module.Client, module.AsyncClient):
        cls.send = tapped_httpx(module, cls.send, one)


def tapped_httpx(module: ModuleType, send: Callable[..., Any], one: Tap) -> Callable[..., Any]:
    @functools.wraps(send)
    def wrapper(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        one.name(request.headers, sys._getframe(1))
        request.url = module.URL(one.turned(str(request.url)))
        return send(self, request, *args, **kwargs)

    return wrapper


def tap_requests(module: ModuleType, one: Tap) -> None:
    send = module.Session.send

    @functools.wraps(send)
    def wrapper(self: Any, request: Any, **kwargs: Any) -> Any:
        one.name(request.headers, sys._getframe(1))
        request.url = one.turned(request.url)
        return send(self, request, **kwargs)

    module.Session.send = wrapper


def tap_urllib(module: ModuleType, one: Tap) -> None:
    opening = module.OpenerDirector.open

    @functools.wraps(opening)
    def wrapper(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(request, str):
            request = module.Request(request)
        request.full_url = one.turned(request.full_url)
        for name, value in one.headers(sys._getframe(1)).items():
            request.add_header(name, value)
        return opening(self, request, *args, **kwargs)

    module.OpenerDirector.open = wrapper


def tap_aiohttp(module: ModuleType, one: Tap) -> None:
    """The URL is joined to the session's base by the session; what it joined is turned."""
    request, joined = module.ClientSession._request, module.ClientSession._build_url

    @functools.wraps(request)
    def wrapper(self: Any, *args: Any, headers: Any = None, **kwargs: Any) -> Any:
        return request(self, *args, headers={**(headers or {}), **one.headers(sys._getframe(1))}, **kwargs)

    @functools.wraps(joined)
    def turned(self: Any, url: Any) -> Any:
        found = joined(self, url)
        return type(found)(one.turned(str(found)))

    module.ClientSession._request, module.ClientSession._build_url = wrapper, turned


def tap_botocore(module: ModuleType, one: Tap) -> None:
    send = module.URLLib3Session.send

    @functools.wraps(send)
    def wrapper(self: Any, request: Any) -> Any:
        for name, value in one.headers(sys._getframe(1)).items():
            request.headers[name] = value
        return send(self, request)

    module.URLLib3Session.send = wrapper


TAPS: dict[str, Callable[[ModuleType, Tap], None]] = {
    "httpx": tap_httpx,
    "httpx2": tap_httpx,
    "requests": tap_requests,
    "urllib.request": tap_urllib,
    "aiohttp": tap_aiohttp,
    "botocore.httpsession": tap_botocore,
}


def calling(frame: FrameType | None, folder: str) -> Iterator[tuple[str, int, int]]:
    """File (relative to the program's folder) and lines of the program's expressions under evaluation, innermost first."""
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(folder + os.sep):
            positions = list(frame.f_code.co_positions())[frame.f_lasti // 2]
            first, last = positions[0] or frame.f_lineno, positions[1] or frame.f_lineno
            yield Path(path).relative_to(folder).as_posix(), first, last
        frame = frame.f_back
