"""CA305: one turn adds more positions than a breakpoint looks back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from auditor.api import (
    Block,
    Category,
    Confidence,
    Effort,
    Example,
    Finding,
    Kind,
    ReplayView,
    Request,
    Rule,
    RuleMeta,
    Section,
    Severity,
    follows,
)

BLOCKS = frozenset({Kind.TEXT, Kind.IMAGE, Kind.DOCUMENT})
"""What a run of unknown length may be made of so that each of it is a position of its own."""


class LookbackExceeded(Rule):
    """One turn of a conversation adds more positions than a breakpoint looks back.

    ## What it finds
    A conversation whose marker moves to the last message, where what is added between two requests takes more positions than the
    provider looks back from a breakpoint (20 at Anthropic, the marked block being the first), and no marker stands in between. A
    run of tool calls, and a run of their results, count as one position each. Turns of many steps that leave the breakpoint at
    the question count as well. Runs of unknown length, and steps without a limit, are told of with low confidence.

    ## Why it costs
    The next request does not find the entry that the last one wrote: the whole history is written again, at the write price,
    in every such turn. Nothing tells of it but the usage figures.

    ## How to mend it
    Put another marker in the middle of what is added, about every fifteen positions, or join the added blocks into fewer.

    ## When it stays quiet
    - Turns that add few positions.
    - Markers that stay where they were (the system prompt's) as far as they reach.
    - Conversations whose history changes anyway.

    ## Fix safety
    There is no automatic fix.

    ## Sources
    https://platform.claude.com/docs/en/build-with-claude/prompt-caching
    """

    meta = RuleMeta(
        code="CA305",
        name="lookback-exceeded",
        summary="one turn adds more positions than a breakpoint looks back",
        category=Category.BREAKPOINTS,
        severity=Severity.MEDIUM,
        effort=Effort.MEDIUM,
        providers=("anthropic",),
    )
    bad = (
        Example(
            "An interview that asks thirty prepared questions at once in every round",
            """import anthropic

client = anthropic.Anthropic()
CHECKS = [f"Check number {number}: is the statement consistent with the file?" for number in range(30)]


def review(statements: list[str]) -> None:
    messages: list[dict] = []
    for statement in statements:
        content = [{"type": "text", "text": f"{check} {statement}"} for check in CHECKS]
        messages.append({"role": "user", "content": content})
        response = client.messages.create(
            model="claude-sonnet-4-5", max_tokens=2000, cache_control={"type": "ephemeral"}, messages=messages
        )
        messages.append({"role": "assistant", "content": response.content[0].text})
""",
        ),
        Example(
            "Each round plays a fixed series of turns into the history",
            """import anthropic


class Drill:
    def __init__(self) -> None:
        self.client = anthropic.Anthropic()
        self.history: list[dict] = []

    def _add(self, role: str, text: str) -> None:
        self.history.append({"role": role, "content": [{"type": "text", "text": text}]})

    def round(self, subject: str) -> str:
        for number in range(12):
            self._add("user", f"Example {number} about {subject}?")
            self._add("assistant", f"Answer {number} about {subject}.")
        self._add("user", subject)
        last = self.history[-1]["content"][-1]
        last["cache_control"] = {"type": "ephemeral"}
        response = self.client.messages.create(model="claude-sonnet-4-5", max_tokens=500, messages=self.history)
        del last["cache_control"]
        self._add("assistant", response.content[0].text)
        return response.content[0].text
""",
        ),
        Example(
            "An agent whose tool answers with a picture of each of the screens",
            """import anthropic

client = anthropic.Anthropic()
SCREENS = tuple(f"screen-{number}" for number in range(24))
TOOLS = [{"name": "look", "description": "Shows all screens.", "input_schema": {"type": "object", "properties": {}}}]


def shots(call_id: str) -> list[dict]:
    blocks = [{"type": "tool_result", "tool_use_id": call_id, "content": "see below"}]
    for screen in SCREENS:
        blocks.append({"type": "text", "text": f"{screen}: {describe(screen)}"})
    return blocks


def work(task: str) -> str:
    messages = [{"role": "user", "content": task}]
    while True:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=2000,
            tools=TOOLS,
            messages=messages,
            cache_control={"type": "ephemeral"},
        )
        messages.append({"role": "assistant", "content": response.content})
        if response.stop_reason != "tool_use":
            return response.content[0].text
        messages.append({"role": "user", "content": shots(response.content[-1].id)})
""",
        ),
    )
    good = (
        Example(
            "Many tool results in one turn are one position",
            """import anthropic

client = anthropic.Anthropic()
TOOLS = [{"name": "read", "description": "Reads a file.", "input_schema": {"type": "object", "properties": {}}}]


def work(task: str) -> str:
    messages = [{"role": "user", "content": task}]
    while True:
        response = client.messages.create(
            model="claude-sonnet-4-5",
            max_tokens=2000,
            tools=TOOLS,
            messages=messages,
            cache_control={"type": "ephemeral"},
        )
        messages.append({"role": "assistant", "content": response.content})
        if response.stop_reason != "tool_use":
            return response.content[0].text
        results = []
        for block in response.content:
            if block.type == "tool_use":
                results.append({"type": "tool_result", "tool_use_id": block.id, "content": read(block.input)})
        messages.append({"role": "user", "content": results})
""",
        ),
        Example(
            "A marker in the middle of what is added",
            """import anthropic

client = anthropic.Anthropic()
CHECKS = [f"Check number {number}: is the statement consistent with the file?" for number in range(30)]
CACHE = {"type": "ephemeral"}


def review(statements: list[str]) -> None:
    messages: list[dict] = []
    for statement in statements:
        for message in messages:
            if message["role"] == "user":
                message["content"][15].pop("cache_control", None)
                message["content"][29].pop("cache_control", None)
        content = [{"type": "text", "text": f"{check} {statement}"} for check in CHECKS]
        content[15]["cache_control"] = CACHE
        content[29]["cache_control"] = CACHE
        messages.append({"role": "user", "content": content})
        response = client.messages.create(model="claude-sonnet-4-5", max_tokens=2000, messages=messages)
        messages.append({"role": "assistant", "content": response.content[0].text})
""",
        ),
        Example(
            "One text for all of the questions",
            """import anthropic

client = anthropic.Anthropic()
CHECKS = [f"Check number {number}: is the statement consistent with the file?" for number in range(30)]


def review(statements: list[str]) -> None:
    messages: list[dict] = []
    for statement in statements:
        text = "\\n".join(f"{check} {statement}" for check in CHECKS)
        messages.append({"role": "user", "content": text})
        response = client.messages.create(
            model="claude-sonnet-4-5", max_tokens=2000, cache_control={"type": "ephemeral"}, messages=messages
        )
        messages.append({"role": "assistant", "content": response.content[0].text})
""",
        ),
    )

    def check_replay(self, view: ReplayView) -> Iterator[Finding]:
        facts = view.simulation.facts
        lookback = facts.caching.lookback if facts is not None else None
        if facts is None or lookback is None or not view.growing or view.site.context == "test":
            return
        for before, after in pairwise(view.replay.requests):
            added = _added(before, after, facts.caching.run_kinds)
            if added is not None and (added[0] >= lookback or added[1]):
                yield self._finding(view, *added, lookback)
                return
        steps = _steps(view, facts.caching.run_kinds)
        if steps is not None and (steps[1] is None or steps[0] * steps[1] >= lookback):
            yield self._of_steps(view, *steps, lookback)

    def _finding(self, view: ReplayView, count: int, certain: bool, lookback: int) -> Finding:
        sure = count >= lookback
        what = f"{count} positions" if sure else "a run of blocks of unknown length"
        return self.report(
            view,
            message=(
                f"One turn adds {what} between the breakpoint of one request and that of the next, which looks back {lookback}:"
                " what was cached is not found, and the whole history is written again."
            ),
            recommendation="Put another marker in the middle of what is added, or join the added blocks into fewer.",
            subject="lookback exceeded",
            confidence=Confidence.HIGH if sure else Confidence.LOW,
            saving=view.saving(view.breakpoints()[-1].tokens, written=True) if sure and view.breakpoints() else None,
        )

    def _of_steps(self, view: ReplayView, count: int, most: int | None, lookback: int) -> Finding:
        often = "as many steps as it takes" if most is None else f"up to {most} steps"
        return self.report(
            view,
            message=(
                f"A turn takes {often}, each of which adds {count} positions behind the breakpoint and leaves it where it is: the"
                f" next turn's breakpoint looks back {lookback}, so that after a long turn the whole history is written again."
            ),
            recommendation="Let a breakpoint move along with each step: mark the last message, or pass `cache_control`.",
            subject="lookback exceeded by steps",
            confidence=Confidence.LOW if most is None else Confidence.MEDIUM,
        )


def _steps(view: ReplayView, run_kinds: frozenset[str]) -> tuple[int, int | None] | None:
    """Positions that each step of a turn adds while its breakpoint stays, and how many steps a turn has at most.

    None where breakpoints move within the loop that makes the steps, or none moves from one turn to the next.
    """
    found: tuple[int, int | None] | None = None
    turns = 0
    for before, after in pairwise(view.replay.requests):
        last, loop = _marked(before), after.loop
        if last < 0 or before.blocks[last].section is not Section.MESSAGES or loop is None or not follows(before, after):
            continue
        stays = _marked(after) == last
        if before.loop != loop:
            turns += not stays
        elif not stays:
            return None
        elif loop.most != 0:
            found = (_positions(after.blocks[len(before.blocks) :], before.blocks[-1].kind, run_kinds), loop.most)
    return found if turns and found is not None and found[0] else None


def _added(before: Request, after: Request, run_kinds: frozenset[str]) -> tuple[int, bool] | None:
    """Positions from the last breakpoint of one request to the first one behind it of the next, and whether there may be more.

    None where the next request has no such breakpoint, or does not begin like the one before.
    """
    last = _marked(before)
    marks = [index for index in range(len(after.blocks)) if index > last and _is_marked(after, index)]
    if last < 0 or not marks or after.blocks[last].section is not Section.MESSAGES or _is_marked(after, last):
        return None
    if any(one.text != two.text for one, two in zip(before.blocks[: last + 1], after.blocks, strict=False)):
        return None
    new = after.blocks[last + 1 : marks[0] + 1]
    return _positions(new, after.blocks[last].kind, run_kinds), any(
        block.kind is Kind.STRETCH and (block.inner or block.kind) in BLOCKS for block in new
    )


def _positions(blocks: Sequence[Block], kind: Kind, run_kinds: frozenset[str]) -> int:
    """How many positions the blocks take behind one of that kind: a run of tool calls, or of results, takes one."""
    count = 0
    for block in blocks:
        own = (block.inner or block.kind) if block.kind is Kind.STRETCH else block.kind
        count += own not in run_kinds or own is not kind
        kind = own
    return count


def _is_marked(request: Request, index: int) -> bool:
    automatic = request.automatic is not None and index == len(request.blocks) - 1
    return automatic or request.blocks[index].marker is not None


def _marked(request: Request) -> int:
    """The request's last breakpoint."""
    return max((index for index in range(len(request.blocks)) if _is_marked(request, index)), default=-1)
