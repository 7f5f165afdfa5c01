"""What `cache-audit inspect` shows: a call site's requests and what the simulated cache does with them, as plain text."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from auditor.cache.outcome import Divergence, Simulation, TokenCount
from auditor.config.settings import Settings
from auditor.engine.audit import Inputs, inputs
from auditor.engine.result import SiteResult
from auditor.llm.request import Block, Marker, Repetition, Replay, Switch
from auditor.values.lifetime import Evidence
from auditor.values.text import Alternative, Hole, Literal, Text

_WIDTH = 100
_MOST = 5  # conditions and requests that are shown one by one
_SENT: Mapping[Repetition, str] = {
    Repetition.ONCE: "sent once a run",
    Repetition.LOOP: "sent in a loop",
    Repetition.CONVERSATION: "sent turn by turn of a conversation",
    Repetition.HANDLER: "sent with each call of the function",
    Repetition.UNKNOWN: "how often it is sent is not known",
}
_EVIDENCE: Mapping[Evidence, str] = {
    Evidence.FLOW: "followed through the code",
    Evidence.CALLERS: "from its callers",
    Evidence.USAGE: "from how it is used",
    Evidence.NAME: "from its name alone",
    Evidence.NONE: "without evidence",
}


def inputs_of(file: Path, settings: Settings) -> Inputs:
    """The call sites of a Python file as `check` knows them in the project that it is run in, or else in the file's."""
    from auditor.discovery.files import is_project, project_root
    from auditor.discovery.kinds import source_kind

    if source_kind(file.name) is None:
        return inputs([file], settings)
    name = Path(os.path.abspath(file))  # noqa: PTH100 (the name that discovery knows it by: links kept, no `..`)
    here = Path.cwd()
    around = project_root([here], here)  # of a repository with several projects, where they are audited together
    top = around if is_project(around) and name.is_relative_to(around) else project_root([name], here)
    return inputs([top, file], settings, name)


def sites_at(found: Inputs, file: Path, line: int) -> tuple[list[SiteResult], list[SiteResult]]:
    """The call sites on that line, and all of the file; a prompt file's prompts count as such."""
    target = file.resolve()
    mine = [
        site for site in (*found.sites, *found.documents) if (Path(found.root) / site.replays.site.place.path).resolve() == target
    ]
    here = []
    for site in mine:
        place = site.replays.site.place
        if place.line <= line <= max(place.end_line, place.line):
            here.append(site)
    return here, mine


def render(site: SiteResult, variants: int | None = None) -> str:
    """All variants of a call site, or the first `variants` of them."""
    call = site.replays.site
    kind = "" if call.context == "app" else f"  ({call.context})"
    lines = [f"{call.place}  {call.api}  in {call.function}{kind}"]
    lines += [f"  not known: `{what}`: {reason.value}" for what, reason in site.replays.unknown]
    lines += [
        f"  left out: {left.requests} more of {left.function} ({left.place}), which nothing in the program calls"
        for left in site.replays.left_out
    ]
    if not site.simulations:
        lines.append("  the call could not be resolved: no request is known")
    pairs = list(zip(site.replays.replays, site.simulations, strict=True))
    for number, (replay, simulation) in enumerate(pairs[:variants], 1):
        lines += ["", f"Variant {number} of {len(pairs)}{_way(replay)}"]
        lines += _variant(replay, simulation)
    for switch, simulation in zip(site.replays.switches, site.switches, strict=True):
        lines += ["", f"Where {_turning(switch)}", *_verdicts(switch.replay, simulation)]
    if variants is not None and len(pairs) > variants:
        lines += ["", f"{len(pairs) - variants} more variants: --all shows them"]
    return "\n".join(lines) + "\n"


def _turning(switch: Switch) -> str:
    """When the two outcomes of a condition follow one another."""
    condition = switch.condition
    often = "once for all of these requests" if switch.held else "anew for each request"
    tests = f", {switch.tests} tests of it" if switch.tests > 1 else ""
    return f"{condition.told} turns (tested {often}{tests}; lifetime {condition.lifetime.label})"


def _way(replay: Replay) -> str:
    """From where, and under which conditions, the code gets here."""
    start = replay.variant.partition("; ")[0]
    tests = [
        condition.told if condition.holds(outcome) else f"not ({condition.told})" for condition, outcome in replay.conditions
    ]
    more = [f"and {len(tests) - _MOST} more"] if len(tests) > _MOST else []
    return "".join([f": {start}" if start else "", *(f"\n  where {test}" for test in [*tests[:_MOST], *more])])


def _variant(replay: Replay, simulation: Simulation) -> Iterator[str]:
    request = replay.first
    model = request.model.render() if request.model is not None else "not known"
    sent = _SENT[replay.repetition] + (" where others have failed or come to no end" if request.instead else "")
    yield f"  {request.provider} ({request.surface}), model {model}; {sent}, {len(replay.requests)} replayed"
    if request.opaque:
        yield "  the arguments could not be read"
    yield from (f"  not known: `{what}`: {reason.value}" for what, reason in request.unknown)
    if request.automatic is not None:
        yield f"  automatic caching{_ttl(request.automatic)}"
    yield from (f"  {name} = {abbreviated(text)}" for name, text in sorted(request.params.items()))
    yield from _blocks(request.blocks, simulation)
    if len(replay.requests) > 1:
        added = replay.requests[1].blocks[len(request.blocks) :]
        if added:
            yield "  request 2 adds"
            yield from (f"    {block_line(block, None)}" for block in added)
    yield from _verdicts(replay, simulation)


def _blocks(blocks: Sequence[Block], simulation: Simulation) -> Iterator[str]:
    verdicts = {bp.block: bp for bp in simulation.breakpoints}
    section, told = None, set[Hole]()
    for index, block in enumerate(blocks):
        if block.section is not section:
            section = block.section
            yield f"  {section.value}"
        tokens = simulation.prefix_tokens[index] if index < len(simulation.prefix_tokens) else None
        verdict = f": {verdicts[index].verdict.value}" if index in verdicts else ""
        yield f"    {block_line(block, tokens)}{verdict}"
        if block.text.pieces:
            yield f"      | {abbreviated(block.text)}"
        holes = [*block.text.holes(), *([block.order] if block.order is not None else [])]
        for hole in dict.fromkeys(holes):
            if hole in told:
                yield f"      {{{hole.expression}}}: as above"
            else:
                yield from (f"      {line}" for line in _hole(hole, hole is block.order))
            told.add(hole)


def block_line(block: Block, tokens: TokenCount | None) -> str:
    """One block in one line: label, role, kind, tokens, lifetime, marker."""
    parts = [block.label or block.kind.value]
    parts += [word for word in dict.fromkeys((block.role, block.kind.value)) if word != parts[0] and word not in parts[0].split()]
    if tokens is not None:
        parts.append(f"{interval(tokens)} tokens")
    parts.append("this request's own" if block.per_request else f"lifetime {block.lifetime.label}")
    if block.deferred:
        parts.append("deferred")
    if block.marker is not None:
        parts.append("BREAKPOINT" + ("?" if block.marker.unknown else "") + _ttl(block.marker))
    return "  ".join(parts)


def interval(tokens: TokenCount) -> str:
    """`120`, `~120 (110-140)`, `2 or more`."""
    if tokens.high == tokens.low:
        return f"{tokens.low:,}"
    if tokens.high is None:
        return f"{tokens.low:,} or more"
    return f"~{tokens.estimate:,} ({tokens.low:,}-{tokens.high:,})"


def _ttl(marker: Marker) -> str:
    return f" {marker.ttl}" if marker.ttl else ""


def _hole(hole: Hole, order: bool = False) -> Iterator[str]:
    if hole.reason is not None:
        known = f"not known: {hole.reason.value}"
    else:
        known = f"lifetime {hole.lifetime.label}, {hole.cause.value}, {_EVIDENCE[hole.evidence]}"
    where = f", {hole.place}" if hole.place is not None else ""
    yield f"{'order by ' if order else ''}{{{hole.expression}}}: {known}{where}"
    yield from (f"  then {step.place}: {step.message}" for step in hole.trace)


def abbreviated(text: Text, width: int = _WIDTH) -> str:
    """The text in one line: long literals shortened in their middle, holes always whole."""
    parts: list[str] = []
    literal = ""
    for piece in text.pieces:
        if isinstance(piece, Literal):
            literal += piece.text
            continue
        parts += [_short(literal, width), "{" + (piece.expression if isinstance(piece, Hole) else _sides(piece, width)) + "}"]
        literal = ""
    return "".join([*parts, _short(literal, width)])


def _sides(piece: Alternative, width: int) -> str:
    return f"{abbreviated(piece.then, width // 2)} | {abbreviated(piece.otherwise, width // 2)}"


def _short(value: str, width: int) -> str:
    line = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    if len(line) <= width:
        return line
    keep = width // 2 - 3
    return f"{line[:keep]} ... {line[-keep:]}"


def _verdicts(replay: Replay, simulation: Simulation) -> Iterator[str]:
    yield "  cache"
    if simulation.minimum is not None:
        low, high = simulation.minimum
        yield f"    minimum prefix of this model: {low:,}" + (f" to {high:,}" if high != low else "") + " tokens"
    if not simulation.enabled:
        yield "    switched on by the provider, without markers" if simulation.implicit else "    not switched on"
    yield f"    stable prefix: {interval(simulation.cacheable)} tokens"
    for bp in simulation.breakpoints:
        why = f": {bp.why}" if bp.why else ""
        label = replay.first.blocks[bp.block].label or f"block {bp.block}"
        yield f"    breakpoint on {label} behind {interval(bp.tokens)} tokens: {bp.verdict.value}{why}"
    for rejection in simulation.rejections:
        yield f"    request {rejection.request + 1} is rejected: {rejection.message}"
    told = [(divergence.request + 1, _divergence(replay, divergence)) for divergence in simulation.divergences]
    yield from (f"    {numbers}: {said}" for numbers, said in _together(told))
    bills = [
        (number, f"read {interval(bill.read)}, written {interval(bill.written)}, uncached {interval(bill.uncached)}")
        for number, bill in enumerate(simulation.billing, 1)
    ]
    shown = bills if len(bills) <= _MOST else bills[:_MOST]
    yield from (f"    {numbers}: {said}" for numbers, said in _together(shown))
    if len(bills) > len(shown):
        yield f"    ... up to request {len(bills)}"


def _together(told: Sequence[tuple[int, str]]) -> Iterator[tuple[str, str]]:
    """What is said of several requests in a row, once."""
    start = 0
    for index in range(1, len(told) + 1):
        if index == len(told) or told[index][1] != told[start][1]:
            first, last = told[start][0], told[index - 1][0]
            yield (f"request {first}" if first == last else f"requests {first} to {last}"), told[start][1]
            start = index


def _divergence(replay: Replay, divergence: Divergence) -> str:
    blocks = replay.requests[divergence.request].blocks
    label = blocks[divergence.block].label if divergence.block < len(blocks) else "its end"
    what = f"parameter {divergence.parameter}" if divergence.parameter else label or f"block {divergence.block}"
    hole = f" at {{{divergence.hole.expression}}}" if divergence.hole is not None else ""
    sure = "" if divergence.certain else "perhaps "
    return f"{sure}unlike the one before in {what}{hole}; {_at_least(divergence.lost)} tokens behind it cannot be read"


def _at_least(tokens: TokenCount) -> str:
    return f"{tokens.low:,}" if tokens.low == tokens.high else f"{tokens.low:,} or more"
