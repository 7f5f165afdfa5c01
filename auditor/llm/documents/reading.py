"""From the prompt and request files that discovery found to replays, as if a program sent them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from auditor.discovery.model import FileKind
from auditor.interp.frame import BudgetExceededError
from auditor.interp.machine import Machine
from auditor.knowledge import library
from auditor.knowledge.sdk import Endpoint
from auditor.llm.documents import formats, payloads
from auditor.llm.documents.placeholders import Filler
from auditor.llm.entries import Scope
from auditor.llm.evaluation import Evaluation
from auditor.llm.events import Event
from auditor.llm.replays import of_site
from auditor.llm.request import CallSite, SiteReplays
from auditor.places import Place
from auditor.problems import Problem
from auditor.project.contexts import context
from auditor.project.project import Project
from auditor.values.domain import Frozen, FrozenDict, FrozenEntry, FrozenList, Text
from auditor.values.text import Alternative, Literal

if TYPE_CHECKING:
    import ast

    from auditor.discovery.model import SourceFile
    from auditor.interp.frame import Frame
    from auditor.knowledge.sdk import Sdk
    from auditor.limits import Limits
    from auditor.values.domain import Arguments, External, ExternalObject, FunctionValue, Hole, Value

API = "prompt-file"
"""What stands for an API where a prompt is read without a call."""

EPOCHS = 2
"""Requests that a prompt is filled for, to see what differs between them."""


@dataclass(frozen=True, slots=True)
class Documents:
    """Prompts that stand alone, requests in files, and what could not be read."""

    prompts: tuple[SiteReplays, ...] = ()
    requests: tuple[SiteReplays, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Silent:
    """A listener for texts that call nothing."""

    heard = 0
    restless = False

    def forget(self, heard: int) -> None:
        return None

    def call(self, machine: Machine, target: ExternalObject, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        return None

    def decorated(
        self, machine: Machine, decorator: External | ExternalObject, function: FunctionValue, node: ast.expr, frame: Frame
    ) -> Value | None:
        return None

    def pipe(self, machine: Machine, left: Value, right: Value, node: ast.AST, frame: Frame) -> Value | None:
        return None

    def is_data(self, cls: str) -> bool:
        return False

    def sends(self, cls: str) -> bool:
        return False

    def unknown_call(self, machine: Machine, callee: Hole, arguments: Arguments, node: ast.AST, frame: Frame) -> Value | None:
        return None


def read(files: Iterable[SourceFile], root: Path, sites: Sequence[SiteReplays], sdk: Sdk, limits: Limits) -> Documents:
    """Reads the prompt and request files. A file whose text is part of a request of the code's `sites` is read there instead."""
    used, provider = reached(sites), _usual(sites)
    machine = Machine(Project({}, root, limits), library.load(), limits, _Silent())
    prompts: list[SiteReplays] = []
    requests: list[SiteReplays] = []
    problems: list[Problem] = []
    for file in files:
        if file.kind not in {FileKind.PROMPT, FileKind.REQUEST} or file.relative in used:
            continue
        text = _text(file, limits, problems)
        if text is None:
            continue
        try:
            with machine.entry():
                sent = list(_requests(machine, file, text, sdk, limits)) if file.path.suffix in REQUEST_SUFFIXES else []
        except BudgetExceededError:
            problems.append(Problem(file.relative, 1, "more data than is read"))
            continue
        requests.extend(sent)
        if not sent and file.kind is FileKind.PROMPT:
            prompts.extend(_prompts(machine, file, text, provider, sdk, limits))
    return Documents(tuple(prompts), tuple(requests), tuple(problems))


REQUEST_SUFFIXES = frozenset({".json", ".jsonl", ".ndjson"})


def _text(file: SourceFile, limits: Limits, problems: list[Problem]) -> str | None:
    try:
        size = file.path.stat().st_size
        if size <= limits.prompt_file_bytes:
            return file.path.read_text("utf-8")
        why = f"{size:,} bytes: more than the limit of {limits.prompt_file_bytes:,}, not read"
    except UnicodeDecodeError:
        why = "cannot be decoded: not UTF-8"
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    problems.append(Problem(file.relative, 0, why))
    return None


def reached(sites: Iterable[SiteReplays]) -> frozenset[str]:
    """Files whose text is part of a request."""
    out: set[str] = set()
    for site in sites:
        for replay in site.replays:
            for request in replay.requests:
                for block in request.blocks:
                    out.update(_paths(block.text))
    return frozenset(out)


def _paths(text: Text) -> Iterator[str]:
    for piece in text.pieces:
        match piece:
            case Literal(place=place) if place is not None:
                yield place.path
            case Alternative(_, then, otherwise):
                yield from _paths(then)
                yield from _paths(otherwise)
            case _:
                continue


# Requests


def _requests(machine: Machine, file: SourceFile, text: str, sdk: Sdk, limits: Limits) -> Iterator[SiteReplays]:
    """The requests of a file as one call site for each API that they are for."""
    by_api: dict[str, list[payloads.Payload]] = {}
    for payload in payloads.payloads(machine, text, file.relative, sdk):
        by_api.setdefault(payload.endpoint.api, []).append(payload)
    for api, listed in by_api.items():
        site = CallSite(api, Place(file.relative, listed[0].line, 1), "<request file>", context(file.relative))
        events = [
            Event(
                site,
                payload.endpoint,
                payload.provider,
                payload.surface,
                payload.arguments,
                (),
                {},
                (payload.line, number),
                0,
                False,
                Place(file.relative, payload.line, 1),
            )
            for number, payload in enumerate(listed)
        ]
        evaluation = Evaluation(Scope(file.relative, ""), site.place, tuple(events), len(events) == 1, False)
        yield of_site(site, [(evaluation, events)], sdk, limits)


# Prompts


def _prompts(machine: Machine, file: SourceFile, text: str, provider: str, sdk: Sdk, limits: Limits) -> Iterator[SiteReplays]:
    """Each prompt of a file as if it were sent twice."""
    filled: dict[int, list[Event]] = {}
    sites: dict[int, CallSite] = {}
    for epoch in range(EPOCHS):
        with machine.entry():
            filler = Filler(machine, file.relative, str(PurePosixPath(file.in_root).parent).removeprefix("."), epoch)
            for number, prompt in enumerate(formats.prompts(machine, text, file.relative)):
                if number not in sites:
                    place = Place(
                        file.relative, prompt.line, 1 + sum(other.place.line == prompt.line for other in sites.values())
                    )
                    sites[number] = CallSite(API, place, f"{prompt.kind} prompt", "prompt")
                filled.setdefault(number, []).append(_event(filler, prompt, provider, sites[number], epoch))
    for number, events in filled.items():
        evaluation = Evaluation(Scope(file.relative, "prompt"), sites[number].place, tuple(events), False, True)
        yield of_site(sites[number], [(evaluation, events)], sdk, limits)


def _event(filler: Filler, prompt: formats.Prompt, provider: str, site: CallSite, epoch: int) -> Event:
    parts = [formats.Part(part.role, filler.fill(part.text, prompt.syntax)) for part in prompt.parts]
    system = [_mapping(site.place, type=Text.of("text"), text=part.text) for part in parts if part.role == formats.SYSTEM]
    messages = [_mapping(site.place, role=Text.of(part.role), content=part.text) for part in parts if part.role != formats.SYSTEM]
    arguments: list[tuple[str, Frozen]] = []
    if prompt.model is not None:
        arguments.append(("model", Text.of(prompt.model)))
    if len(system) == 1:
        arguments.append(("system", next(part.text for part in parts if part.role == formats.SYSTEM)))
    elif system:
        arguments.append(("system", FrozenList(tuple(system), place=site.place)))
    if messages:
        arguments.append(("messages", FrozenList(tuple(messages), place=site.place)))
    endpoint = Endpoint(API, "anthropic", (API,), "anthropic", frozenset(), True, False)
    return Event(
        site, endpoint, _provider(prompt.model) or provider, "api", tuple(arguments), (), {}, (), epoch, False, site.place
    )


def _mapping(place: Place, **values: Frozen) -> FrozenDict:
    return FrozenDict(tuple(FrozenEntry(Text.of(name), value) for name, value in values.items()), place=None)


def _provider(model: str | None) -> str | None:
    """Whose model the file names."""
    name = (model or "").lower()
    signs = (("claude", "anthropic"), ("gpt", "openai"), ("gemini", "gemini"))
    return next((provider for sign, provider in signs if sign in name), None)


def _usual(sites: Sequence[SiteReplays]) -> str:
    """The provider that most of the project's requests go to, whose rules a prompt of no known model is judged by."""
    asked = Counter(replay.first.provider for site in sites for replay in site.replays)
    return min(asked, key=lambda name: (-asked[name], name)) if asked else "anthropic"
