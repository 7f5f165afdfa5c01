"""Small replays and simulations by hand, so that rules are tested without the interpreter.

Tokens are characters divided by four, exactly: a test says `words(5000)` and means 5,000 tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from auditor.cache.outcome import ZERO, Billing, Breakpoint, Divergence, Rejection, Simulation, TokenCount, Verdict
from auditor.engine.registry import load
from auditor.findings import Finding
from auditor.llm.request import Block, CallSite, Kind, Marker, Repetition, Replay, Request, Section, SiteReplays
from auditor.places import Place
from auditor.rulekit.project_views import ProjectView, SiteView
from auditor.values.lifetime import Cause, Evidence, Lifetime, Reason
from auditor.values.text import Hole, Literal, Text

SITE = CallSite("anthropic.messages.create", Place("app.py", 20, 16, 30, 6), "answer")
MARK = Marker("ephemeral", None, Place("app.py", 25))
MINIMUM = (1024, 1024)


def words(tokens: int) -> str:
    return "word" * tokens


def hole(
    expression: str = "now()",
    lifetime: Lifetime = Lifetime.CALL,
    cause: Cause = Cause.CLOCK,
    evidence: Evidence = Evidence.FLOW,
    reason: Reason | None = None,
    line: int = 11,
    fixed: bool = False,
) -> Hole:
    """`fixed` values keep their identity from request to request whatever their lifetime."""
    identity = ("fixed", expression) if fixed else (expression,)
    return Hole(identity, expression, lifetime, cause, evidence, reason, Place("app.py", line))


def block(
    *parts: str | Hole,
    section: Section = Section.SYSTEM,
    kind: Kind = Kind.TEXT,
    marker: Marker | None = None,
    label: str = "",
    name: str | None = None,
    order: Hole | None = None,
    per_request: bool = False,
    role: str = "",
) -> Block:
    text = Text(tuple(Literal(part) if isinstance(part, str) else part for part in parts))
    place = Place("app.py", 22, 9, 26, 10)
    return Block(
        section, role or section.value, kind, text, place, label, marker=marker, order=order, name=name, per_request=per_request
    )


def tool(name: str, *parts: str | Hole, **more: object) -> Block:
    return block(*(parts or (name,)), section=Section.TOOLS, kind=Kind.TOOL, name=name, **more)  # type: ignore[arg-type]


def question(*parts: str | Hole, **more: object) -> Block:
    content = parts or (hole("question", Lifetime.CALL, Cause.INPUT),)
    return block(*content, section=Section.MESSAGES, role="user", per_request=True, label="messages[0]", **more)  # type: ignore[arg-type]


def replay(
    *blocks: Block,
    repetition: Repetition = Repetition.HANDLER,
    provider: str = "anthropic",
    model: str = "claude-sonnet-4-5",
    automatic: Marker | None = None,
    site: CallSite = SITE,
    count: int = 2,
) -> Replay:
    """`count` requests; call-lived values that are not fixed get a new identity in each."""
    requests = tuple(
        Request(site, provider, "api", Text.of(model), tuple(_turn(each, number) for each in blocks), automatic)
        for number in range(count)
    )
    return Replay(site, requests, repetition)


def _turn(block: Block, number: int) -> Block:
    def fresh(piece: Hole) -> Hole:
        volatile = piece.lifetime is Lifetime.CALL and "fixed" not in (
            piece.identity if isinstance(piece.identity, tuple) else ()
        )
        return replace(piece, identity=(piece.identity, number)) if volatile else piece

    text = Text(tuple(fresh(piece) if isinstance(piece, Hole) else piece for piece in block.text.pieces))
    return replace(block, text=text, order=fresh(block.order) if block.order is not None else None)


def exact(tokens: int) -> TokenCount:
    return TokenCount(tokens, tokens, tokens, "exact")


def count(block: Block) -> TokenCount:
    literal = len(block.text.literal) // 4
    open_ended = any(True for _ in block.text.holes())
    return TokenCount(literal, literal, None if open_ended else literal, "exact")


def simulation(
    of: Replay,
    minimum: tuple[int, int] | None = MINIMUM,
    verdict: Verdict | None = None,
    rejections: Sequence[Rejection] = (),
    divergences: Sequence[Divergence] = (),
    implicit: bool = False,
) -> Simulation:
    """`verdict` is that of every written breakpoint."""
    counts = tuple(count(each) for each in of.first.blocks)
    breakpoints = []
    for index, each in enumerate(of.first.blocks):
        if each.marker is not None:
            prefix = TokenCount(sum(c.low for c in counts[: index + 1]), sum(c.low for c in counts[: index + 1]), None)
            prefix = exact(prefix.low) if all(c.high is not None for c in counts[: index + 1]) else prefix
            breakpoints.append(Breakpoint(index, each.marker, prefix, verdict or Verdict.EFFECTIVE))
    enabled = bool(breakpoints) or of.first.automatic is not None or implicit
    billing = tuple(Billing(ZERO, ZERO, ZERO) for _ in of.requests)
    return Simulation(
        of, minimum, counts, ZERO, tuple(breakpoints), tuple(divergences), billing, tuple(rejections), enabled, implicit
    )


def site_view(*pairs: Simulation) -> SiteView:
    first = pairs[0].replay
    return SiteView.of(SiteReplays(first.site, tuple(pair.replay for pair in pairs)), pairs)


def findings(code: str, *pairs: Simulation) -> list[Finding]:
    """What one rule says about one call site with these variants."""
    return list(load().by_code[code].check_project(ProjectView((site_view(*pairs),))))


def judged(code: str, *blocks: Block, **more: object) -> list[Finding]:
    """What one rule says about one variant with these blocks."""
    simulated: dict[str, object] = {
        key: more.pop(key) for key in ("minimum", "verdict", "rejections", "divergences", "implicit") if key in more
    }
    builder: Callable[..., Replay] = replay
    return findings(code, simulation(builder(*blocks, **more), **simulated))  # type: ignore[arg-type]
