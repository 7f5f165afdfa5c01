"""Requests and replays built by hand, for tests of the simulator."""

from __future__ import annotations

from itertools import count

from auditor.cache.outcome import Simulation
from auditor.cache.simulator import simulate
from auditor.cache.tokens import Counter
from auditor.knowledge.providers import load
from auditor.llm.request import Block, CallSite, Kind, Marker, Repetition, Replay, Request, Section
from auditor.places import Place
from auditor.values.lifetime import Cause, Lifetime, Reason
from auditor.values.text import Hole, Text

SITE = CallSite("anthropic.messages.create", Place("app.py", 10, 5), "ask")
MARK = Marker("ephemeral", None)
HOUR = Marker("ephemeral", "1h")
COUNTER = Counter()
_fresh = count()


def words(number: int, seed: str = "policy") -> str:
    """English text of about that many tokens in every vocabulary."""
    return " ".join(f"{seed} rule for the support team" for _ in range(number // 6 + 1))


def hole(name: str, lifetime: Lifetime = Lifetime.CALL, cause: Cause = Cause.VALUE, same: bool = False, **more: object) -> Hole:
    """A value: with a new identity on each call unless `same`."""
    identity = name if same else (name, next(_fresh))
    reason = Reason.NO_CALLERS if lifetime is Lifetime.UNKNOWN else None
    return Hole(identity, name, lifetime, cause, reason=reason, **more)  # type: ignore[arg-type]


def tool(text: str, marker: Marker | None = None, **more: object) -> Block:
    return Block(Section.TOOLS, "tool", Kind.TOOL, Text.of(text), marker=marker, **more)  # type: ignore[arg-type]


def system(*parts: str | Hole, marker: Marker | None = None, role: str = "system") -> Block:
    return Block(Section.SYSTEM, role, Kind.TEXT, Text.of(*parts), marker=marker)


def message(
    number: int, *parts: str | Hole, role: str = "user", marker: Marker | None = None, tail: bool = False, kind: Kind = Kind.TEXT
) -> Block:
    return Block(Section.MESSAGES, role, kind, Text.of(*parts), message=number, marker=marker, per_request=tail)


def question(number: int = 0, marker: Marker | None = None) -> Block:
    """A last user message that differs on every request."""
    return message(number, hole("question"), marker=marker, tail=True)


def request(
    *blocks: Block,
    model: str | None = "claude-sonnet-4-5",
    provider: str = "anthropic",
    surface: str = "api",
    automatic: Marker | None = None,
    **params: str | Hole,
) -> Request:
    texts = {name: Text.of(value) for name, value in params.items()}
    return Request(SITE, provider, surface, Text.of(model) if model else None, blocks, automatic, texts)


def run(*requests: Request, repetition: Repetition = Repetition.HANDLER) -> Simulation:
    return simulate(Replay(SITE, requests, repetition), load(), COUNTER)
