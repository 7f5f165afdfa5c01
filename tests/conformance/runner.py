"""Runs a sample program for real, in a process of its own, against the recording server.

Knows programs, their headers and how to point SDK clients at loopback by environment variables alone. Programs contain no
test code. Does not know what a request means.
"""

from __future__ import annotations

import functools
import importlib.util
import io
import multiprocessing
import os
import queue
import re
import runpy
import sys
import traceback
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from multiprocessing.queues import Queue
from pathlib import Path

from tests.conformance.clients import tap
from tests.conformance.server import Recorded, recording

PROGRAMS = Path(__file__).parent / "programs"
TIMEOUT_SECONDS = 60.0
CLIENTS = ("ANTHROPIC_", "AWS_", "AZURE_", "CLAUDE_", "GEMINI_", "GOOGLE_", "LANGCHAIN_", "LANGSMITH_", "LITELLM_", "OPENAI_")
RECORDER = "CONFORMANCE_RECORDER"
HEADER = re.compile(r"^# (requests|stdin|latency|segments|needs): (.*)$")


@dataclass(frozen=True, slots=True)
class Program:
    """A sample: its folder as an audit would be given it, the file that is run, and what its header promises.

    `latency` holds back every answer so that clocks printed in seconds really move on. `segments` is how many replays
    together cover the recorded sequence of a call site (more than one where several callers lead to it). `needs` names the
    modules of SDKs that not every installation has.
    """

    name: str
    root: Path
    entry: Path
    requests: int
    stdin: str = ""
    latency: float = 0.0
    segments: int = 1
    needs: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """The first needed module that is not installed, or nothing."""
        return next((name for name in self.needs if not installed(name)), "")


def programs() -> tuple[Program, ...]:
    """All samples: single files, and folders with a `main.py`."""
    entries = [*PROGRAMS.glob("*.py"), *PROGRAMS.glob("*/main.py")]
    return tuple(load(entry) for entry in sorted(entries))


def load(entry: Path) -> Program:
    """Read the header. Raises ValueError when the number of requests is not stated."""
    fields: dict[str, str] = {}
    for line in entry.read_text(encoding="utf-8").splitlines():
        if (match := HEADER.match(line)) is None:
            break
        fields[match[1]] = match[2]
    if "requests" not in fields:
        raise ValueError(f"{entry}: first line must be '# requests: N'")
    single = entry.parent == PROGRAMS
    return Program(
        name=entry.stem if single else entry.parent.name,
        root=entry if single else entry.parent,
        entry=entry,
        requests=int(fields["requests"]),
        stdin="".join(f"{line}\n" for line in fields.get("stdin", "").split("|")),
        latency=float(fields.get("latency", "0")),
        segments=int(fields.get("segments", "1")),
        needs=tuple(fields.get("needs", "").split()),
    )


@functools.cache
def installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def run(program: Program) -> tuple[Recorded, ...]:
    """Run it and return its requests in the order in which they were sent.

    Raises RuntimeError with its output when it fails or takes too long.
    """
    with recording(program.latency) as recorder:
        context = process_context()
        outcome: Queue[tuple[int, str]] = context.Queue()
        arguments = (str(program.entry), program.stdin, environment(recorder.url), outcome)
        process = context.Process(target=child, args=arguments)  # type: ignore[attr-defined]
        process.start()
        try:
            status, output = outcome.get(timeout=TIMEOUT_SECONDS)
        except queue.Empty as error:
            raise RuntimeError(f"{program.name} did not finish in {TIMEOUT_SECONDS:.0f} s") from error
        finally:
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
        if status != 0:
            raise RuntimeError(f"{program.name} failed:\n{output}")
        return tuple(sorted(recorder.requests, key=lambda request: request.order))


def environment(url: str) -> dict[str, str]:
    """What points the clients at the server; proxies must not get in between."""
    return {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": "dummy-anthropic-key",
        "OPENAI_BASE_URL": f"{url}/v1",
        "OPENAI_API_KEY": "dummy-openai-key",
        "AZURE_OPENAI_ENDPOINT": url,
        "AZURE_OPENAI_API_KEY": "dummy-azure-key",
        "OPENAI_API_VERSION": "2026-06-01",
        "GOOGLE_GEMINI_BASE_URL": url,
        "GEMINI_API_KEY": "dummy-gemini-key",
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "dummy-aws-key",
        "AWS_SECRET_ACCESS_KEY": "dummy-aws-secret",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "ANTHROPIC_API_BASE": url,  # LiteLLM's name for it
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # LiteLLM downloads it otherwise
        "NO_PROXY": "*",
        RECORDER: url,
    }


@functools.cache
def process_context() -> BaseContext:
    """A fork server that has imported the SDKs once (each import costs seconds); spawned processes where there is none."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.conformance.preload"])
    return context


def child(entry: str, stdin: str, variables: dict[str, str], outcome: Queue[tuple[int, str]]) -> None:
    """Runs in the new process: be the program, then tell status and output."""
    for name in [name for name in os.environ if name.startswith(CLIENTS)]:
        del os.environ[name]
    os.environ.update(variables)
    for name in [name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy")]:
        del os.environ[name]
    output = io.StringIO()
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(stdin), output, output
    folder = str(Path(entry).parent)
    sys.argv, sys.path[:0] = [entry], [folder]
    os.chdir(folder)
    sys.dont_write_bytecode = True
    tap(folder, variables[RECORDER])
    status = 0
    try:
        runpy.run_path(entry, run_name="__main__")
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001 - whatever ends the program is reported to the test
        traceback.print_exc(file=output)
        status = 1
    outcome.put((status, output.getvalue()))
