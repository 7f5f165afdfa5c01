"""Whether symbolic replays tell the truth about what a program really sent.

Some replay must cover the recorded sequence of each call site, and the simulator must come to the same verdict on both. Knows
sequences, call sites and verdicts; how one request is matched is `matching`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.cache.outcome import Divergence, Simulation
from auditor.llm.request import CallSite, Replay, Request, SiteReplays
from tests.conformance.matching import Alignment, Mismatch, match_request
from tests.conformance.recorded import requests_of
from tests.conformance.server import Recorded

Simulate = Callable[[Replay], Simulation]
MODELS = ("/messages", "/chat/completions", "/responses")
ENDPOINTS: Mapping[str, str | tuple[str, ...]] = {
    "anthropic.messages.count_tokens": "/messages/count_tokens",
    "anthropic.messages.batches.create": "/messages/batches",
    "anthropic.messages": "/messages",
    "openai.chat.completions": "/chat/completions",
    "openai.responses": "/responses",
    "langchain.invoke": MODELS,
    "pydantic_ai.agent": MODELS,
    "gemini.generate_content": "enerateContent",
    "gemini.caches.create": "/cachedContents",
    "bedrock.converse_stream": "/converse-stream",
    "bedrock.converse": "/converse",
    "bedrock.invoke_model": ("/invoke", "/invoke-with-response-stream"),
    "http.post": (*MODELS, "enerateContent"),
    "litellm": MODELS,
}


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive recorded requests that the first requests of one replay cover."""

    replay: Replay
    recorded: tuple[Request, ...]
    alignments: tuple[Alignment, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """How replays cover the recorded sequence of a call site. `beyond` counts requests after a replay's last one."""

    segments: tuple[Segment, ...]
    beyond: int
    problems: tuple[str, ...]


def compare(recorded: Sequence[Recorded], sites: Sequence[SiteReplays], simulate: Simulate) -> dict[str, Coverage]:
    """Coverage by call site id; requests that no call site explains stand under `""`."""
    by_id = {site.site.id: site for site in sites}
    sequences: dict[str, list[Request]] = {}
    strays: list[str] = []
    for request in recorded:
        site = sender(request, [entry.site for entry in sites])
        if site is None:
            strays.append(f"no call site found for {request.path} sent by {request.callers[:1]}")
        else:
            sequences.setdefault(site.id, []).extend(requests_of(request, site))
    result = {key: cover(sequence, by_id[key].replays, simulate) for key, sequence in sequences.items()}
    if strays:
        result[""] = Coverage((), 0, tuple(strays))
    return result


def sender(request: Recorded, sites: Sequence[CallSite]) -> CallSite | None:
    """The call site whose endpoint this is and that stands in the statement that sent it, or in one that led there, where that
    only hands on what it gets (or that alone has this endpoint)."""
    candidates = [site for site in sites if request.path.endswith(endpoint(site.api))]
    for name, first, last in request.callers:
        here = [
            site
            for site in candidates
            if site.place.path.endswith(name) and site.place.line <= last and max(site.place.line, site.place.end_line) >= first
        ]
        if here:
            return min(here, key=lambda site: site.place.end_line - site.place.line)
    return candidates[0] if len(candidates) == 1 else None


def endpoint(api: str) -> str | tuple[str, ...]:
    return next((path for prefix, path in ENDPOINTS.items() if api.startswith(prefix)), "\0")


def cover(recorded: Sequence[Request], replays: Sequence[Replay], simulate: Simulate) -> Coverage:
    """Cut the sequence into as few segments as the longest matches give.

    A replay is bounded: what a program sends after its last request is not judged, unless another replay covers it.
    """
    segments: list[Segment] = []
    position = 0
    while position < len(recorded):
        found, why = longest(recorded[position:], replays, simulate)
        if found is None:
            exhausted = segments and len(segments[-1].recorded) == len(segments[-1].replay.requests) > 1
            beyond = len(recorded) - position
            if exhausted:
                return Coverage(tuple(segments), beyond, problems_of(segments))
            uncovered = f"request {position} is covered by none of {len(replays)} replays:\n  {why}"
            return Coverage(tuple(segments), beyond, (*problems_of(segments), uncovered))
        segments.append(found)
        position += len(found.recorded)
    return Coverage(tuple(segments), 0, problems_of(segments))


def problems_of(segments: Sequence[Segment]) -> tuple[str, ...]:
    return tuple(problem for segment in segments for problem in segment.problems)


def longest(recorded: Sequence[Request], replays: Sequence[Replay], simulate: Simulate) -> tuple[Segment | None, str]:
    """The replay that covers most of the sequence's beginning, among equals the one with the truest verdict."""
    best: Segment | None = None
    reasons: list[str] = []
    for candidate in replays:
        alignments: list[Alignment] = []
        for symbolic, sent in zip(candidate.requests, recorded, strict=False):
            match match_request(symbolic, sent):
                case Alignment() as alignment:
                    alignments.append(alignment)
                case Mismatch(why):
                    reasons.append(f"[{candidate.variant or 'only variant'}, request {len(alignments)}] {why}")
                    break
        if not alignments or (best is not None and len(best.recorded) > len(alignments)):
            continue
        segment = Segment(candidate, tuple(recorded[: len(alignments)]), tuple(alignments))
        segment = replace(segment, problems=tuple(verdict_problems(segment, simulate)))
        if best is None or (len(best.recorded), -len(best.problems)) < (len(segment.recorded), -len(segment.problems)):
            best = segment
    return best, "\n  ".join(reasons) or "the call site has no replay"


def verdict_problems(segment: Segment, simulate: Simulate) -> list[str]:
    """Where the simulator says something else of the symbolic requests than of the recorded ones."""
    symbolic = simulate(replace(segment.replay, requests=segment.replay.requests[: len(segment.recorded)]))
    recorded = simulate(replace(segment.replay, requests=segment.recorded, conditions=()))
    problems = breakpoint_problems(symbolic, recorded, segment.alignments[0])
    expected, actual = by_request(symbolic.divergences), by_request(recorded.divergences)
    for number, alignment in enumerate(segment.alignments):
        claim, fact = expected.get(number), actual.get(number)
        if fact is not None and (claim is None or position_of(claim, alignment) > fact.block):
            said = "none" if claim is None else f"only at block {position_of(claim, alignment)}"
            problems.append(f"request {number} diverges at block {fact.block}, symbolic divergence: {said}")
        if claim is not None and claim.certain and fact is None:
            problems.append(f"request {number} certainly diverges at symbolic block {claim.block}, but really it does not")
    return problems


def breakpoint_problems(symbolic: Simulation, recorded: Simulation, alignment: Alignment) -> list[str]:
    if any(point.marker.unknown for point in symbolic.breakpoints):
        return []
    claimed = sorted(alignment.start(point.block) for point in symbolic.breakpoints)
    real = sorted(point.block for point in recorded.breakpoints)
    return [] if claimed == real else [f"breakpoints at {real}, symbolic at {claimed}"]


def by_request(divergences: Sequence[Divergence]) -> Mapping[int, Divergence]:
    """The first divergence of each request."""
    first: dict[int, Divergence] = {}
    for divergence in divergences:
        first.setdefault(divergence.request, divergence)
    return first


def position_of(divergence: Divergence, alignment: Alignment) -> int:
    return alignment.start(divergence.block)
