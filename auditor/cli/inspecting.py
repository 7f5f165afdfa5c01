"""What `cache-audit inspect` shows: a call site's requests and what the simulated cache does with them, as plain text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from auditor.cache.outcome import Divergence, Simulation, TokenCount
from auditor.engine.audit import Inputs
from auditor.engine.result import SiteResult
from auditor.llm.request import Block, Marker, Replay, Request
from auditor.values.text import Alternative, Hole, Literal, Text

_WIDTH = 100
_ROOTS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", "cache-audit.toml")


def project_root(file: Path) -> Path:
    """The directory whose code is read to resolve the file's callers and imports: the nearest project root, else its own."""
    directory = file.resolve().parent
    for candidate in (directory, *directory.parents):
        if any((candidate / name).exists() for name in _ROOTS):
            return candidate
    return directory


def sites_at(found: Inputs, file: Path, line: int) -> tuple[list[SiteResult], list[SiteResult]]:
    """The call sites on that line, and all of the file."""
    target = file.resolve()
    mine = [site for site in found.sites if (Path(found.root) / site.replays.site.place.path).resolve() == target]
    here = []
    for site in mine:
        place = site.replays.site.place
        if place.line <= line <= max(place.end_line, place.line):
            here.append(site)
    return here, mine


def render(site: SiteResult, variants: int | None = None) -> str:
    """All variants of a call site, or the first `variants` of them."""
    call = site.replays.site
    lines = [f"{call.place}  {call.api}  in {call.function}  ({call.context})"]
    lines += [f"  not known: {what}: {reason.value}" for what, reason in site.replays.unknown]
    if not site.simulations:
        lines.append("  the call could not be resolved: no request is known")
    pairs = list(zip(site.replays.replays, site.simulations, strict=True))
    for number, (replay, simulation) in enumerate(pairs[:variants], 1):
        lines += ["", f"variant {number} of {len(pairs)}{': ' + replay.variant if replay.variant else ''}"]
        lines += _variant(replay, simulation)
    if variants is not None and len(pairs) > variants:
        lines += ["", f"{len(pairs) - variants} more variants: --all shows them"]
    return "\n".join(lines) + "\n"


def _variant(replay: Replay, simulation: Simulation) -> Iterator[str]:
    request = replay.first
    model = request.model.render() if request.model is not None else "not known"
    sent = f"sent: {replay.repetition.value}, {len(replay.requests)} replayed"
    yield f"  {request.provider} ({request.surface}), model {model}, {sent}"
    if simulation.minimum is not None:
        low, high = simulation.minimum
        yield f"  minimum prefix: {low:,}" + (f" to {high:,}" if high != low else "") + " tokens"
    if request.opaque:
        yield "  the arguments could not be read"
    yield from (f"  not known: {what}: {reason.value}" for what, reason in request.unknown)
    if request.automatic is not None:
        yield f"  automatic caching{_ttl(request.automatic)}"
    yield from (f"  {name} = {abbreviated(text)}" for name, text in sorted(request.params.items()))
    yield from _blocks(request, simulation)
    yield from _verdicts(replay, simulation)


def _blocks(request: Request, simulation: Simulation) -> Iterator[str]:
    section = None
    for index, block in enumerate(request.blocks):
        if block.section is not section:
            section = block.section
            yield f"  {section.value}"
        tokens = simulation.prefix_tokens[index] if index < len(simulation.prefix_tokens) else None
        yield f"    {block_line(block, tokens)}"
        if block.text.pieces:
            yield f"      | {abbreviated(block.text)}"
        holes = [*block.text.holes(), *([block.order] if block.order is not None else [])]
        for hole in dict.fromkeys(holes):
            yield from (f"      {line}" for line in _hole(hole))


def block_line(block: Block, tokens: TokenCount | None) -> str:
    """One block in one line: label, role, kind, tokens, lifetime, marker."""
    parts = [block.label or block.kind.value, block.role, block.kind.value]
    if tokens is not None:
        parts.append(interval(tokens))
    parts.append(block.lifetime.label)
    if block.deferred:
        parts.append("deferred")
    if block.per_request:
        parts.append("this request's own")
    if block.marker is not None:
        parts.append("BREAKPOINT" + ("?" if block.marker.unknown else "") + _ttl(block.marker))
    return "  ".join(parts)


def interval(tokens: TokenCount) -> str:
    high = "?" if tokens.high is None else f"{tokens.high:,}"
    return f"{tokens.low:,} tokens" if tokens.high == tokens.low else f"{tokens.low:,}..{tokens.estimate:,}..{high} tokens"


def _ttl(marker: Marker) -> str:
    return f" {marker.ttl}" if marker.ttl else ""


def _hole(hole: Hole) -> Iterator[str]:
    known = f"not known: {hole.reason.value}" if hole.reason is not None else f"{hole.cause.value}, by {hole.evidence.value}"
    where = f" at {hole.place}" if hole.place is not None else ""
    yield f"{{{hole.expression}}}: {hole.lifetime.label} ({known}){where}"
    yield from (f"  {step.place}: {step.message}" for step in hole.trace)


def abbreviated(text: Text, width: int = _WIDTH) -> str:
    """The text in one line: long literals shortened in their middle, holes always whole."""
    parts = []
    for piece in text.pieces:
        match piece:
            case Literal(value):
                parts.append(_short(value, width))
            case Hole():
                parts.append("{" + piece.expression + "}")
            case Alternative():
                parts.append(piece.then.render() + " | " + piece.otherwise.render())
    return "".join(parts)


def _short(value: str, width: int) -> str:
    line = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    if len(line) <= width:
        return line
    keep = width // 2 - 3
    return f"{line[:keep]} ... {line[-keep:]}"


def _verdicts(replay: Replay, simulation: Simulation) -> Iterator[str]:
    yield "  cache"
    if not simulation.enabled:
        yield "    not switched on"
    yield f"    stable prefix: {interval(simulation.cacheable)}"
    for bp in simulation.breakpoints:
        why = f": {bp.why}" if bp.why else ""
        label = replay.first.blocks[bp.block].label or f"block {bp.block}"
        yield f"    breakpoint on {label}, {interval(bp.tokens)}: {bp.verdict.value}{why}"
    for rejection in simulation.rejections:
        yield f"    request {rejection.request + 1} is rejected: {rejection.message}"
    yield from (f"    {_divergence(replay, divergence)}" for divergence in simulation.divergences)
    for number, bill in enumerate(simulation.billing, 1):
        parts = f"read {interval(bill.read)}, written {interval(bill.written)}, uncached {interval(bill.uncached)}"
        yield f"    request {number}: {parts}"


def _divergence(replay: Replay, divergence: Divergence) -> str:
    blocks = replay.requests[divergence.request].blocks
    label = blocks[divergence.block].label if divergence.block < len(blocks) else "its end"
    what = f"parameter {divergence.parameter}" if divergence.parameter else label or f"block {divergence.block}"
    hole = f" at {{{divergence.hole.expression}}}" if divergence.hole is not None else ""
    certain = "" if divergence.certain else " perhaps"
    return f"request {divergence.request + 1} differs{certain} in {what}{hole}: {interval(divergence.lost)} behind it are lost"
